"""Sync: clones that share a list through a remote come to the same tip, and lose nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gitledger.core.plan import parse_plan
from gitledger.core.task import Task
from gitledger.errors import (
    AlreadyClaimed,
    InvalidInput,
    NewerFormat,
    NotFound,
    NotOwner,
    RemoteFailed,
)
from gitledger.ledger import Ledger
from gitledger.snapshot import task_path
from gitledger.sync import SyncReport
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import (
    MAIN,
    clone,
    commit_by_hand,
    interrupt,
    ledger_at,
    numbered,
    overtaken,
    place,
    subjects,
)

TRACKING = "refs/gitledger-remotes/origin/main"


class Team:
    """Clones of one remote: `ada` publishes first, so that her side wins."""

    def __init__(self, make_repo: MakeRepo, bare: Path, git: RunGit) -> None:
        self.bare = bare
        self.git = git
        self._make_repo = make_repo
        self.ada = clone(make_repo, bare, "ada")
        self.task = self.ada.add("Schema", description="one\ntwo\nthree\n")
        self.other = self.ada.add("Page")
        self.ada.sync()
        self.grace = self.join("grace")

    def join(self, name: str, **given: Any) -> Ledger:
        """Return a clone that has what is published."""
        ledger = clone(self._make_repo, self.bare, name, **given)
        ledger.sync()
        return ledger

    def meet(self) -> SyncReport:
        """Sync on both sides, and once more; return the first report of the side that lost."""
        self.ada.sync()
        report = self.grace.sync()
        for ledger in (self.ada, self.grace):
            ledger.sync()
        assert self.ada.tip() == self.grace.tip() == self.published()
        assert self.ada.tasks() == self.grace.tasks()
        assert self.git(place(self.grace), "fsck", "--strict", "--no-dangling") == ""
        return report

    def published(self) -> str:
        return self.git(self.bare, "rev-parse", MAIN)

    def now(self, task: Task | None = None) -> Task:
        """Return the task as everybody has it."""
        return self.ada.task((task or self.task).id)

    def kept(self, task: Task | None = None) -> list[object]:
        """Return the values that lost and are kept in notes."""
        return [note.dropped for note in self.now(task).notes if note.kind == "conflict"]


@pytest.fixture
def team(make_repo: MakeRepo, bare: Path, git: RunGit) -> Team:
    return Team(make_repo, bare, git)


# -- both sides changed something --------------------------------------------------------------


def test_different_fields_of_one_task_are_both_there(team: Team) -> None:
    team.ada.edit(team.task.id, priority="P0", due=None)
    team.grace.edit(team.task.id, title="The schema", estimate="2h")
    report = team.meet()

    task = team.now()
    assert (task.title, task.priority, task.estimate) == ("The schema", "P0", "2h")
    assert (report.pulled, report.pushed, report.conflicts) == (1, 1, [])


def test_of_the_same_field_the_published_value_stands_and_the_other_is_kept(team: Team) -> None:
    team.ada.edit(team.task.id, title="Published")
    team.grace.edit(team.task.id, title="Set aside")
    report = team.meet()

    assert team.now().title == "Published"
    assert team.kept() == ["Set aside"]
    (conflict,) = report.conflicts
    assert (conflict.field, conflict.kept, conflict.dropped) == ("title", "Published", "Set aside")


def test_notes_of_both_are_there(team: Team) -> None:
    team.ada.note(team.task.id, "from ada")
    team.grace.note(team.task.id, "from grace")
    team.meet()
    assert [note.text for note in team.now().notes] == ["from ada", "from grace"]


def test_labels_of_both_are_there_and_what_one_removed_is_gone(team: Team) -> None:
    team.ada.edit(team.task.id, labels=["old", "common"])
    team.meet()
    team.ada.edit(team.task.id, add_labels=["ada"], remove_labels=["old"])
    team.grace.edit(team.task.id, add_labels=["grace"])
    team.meet()
    assert team.now().labels == ("ada", "common", "grace")


@pytest.mark.parametrize("first", ["done", "cancel"])
def test_completed_here_and_cancelled_there_the_published_one_stands(
    team: Team, first: str
) -> None:
    second = {"done": "cancel", "cancel": "done"}[first]
    getattr(team.ada, first)(team.task.id)
    getattr(team.grace, second)(team.task.id)
    team.meet()

    statuses = {"done": "completed", "cancel": "cancelled"}
    assert team.now().status == statuses[first]
    assert statuses[second] in team.kept()


def test_a_finish_wins_over_work_in_progress_that_was_published(team: Team) -> None:
    team.ada.edit(team.task.id, labels=["x"])
    team.ada.ask(team.task.id, "Which one?")
    team.grace.done(team.task.id)
    team.meet()
    assert team.now().status == "completed"


def test_one_plan_imported_on_both_sides_is_there_once(team: Team) -> None:
    text = "- [ ] Form\n- [ ] Mail [blockedBy: 1]\n"
    for ledger in (team.ada, team.grace):
        plan = parse_plan(text, name="plan.md")
        ledger.import_plan(plan, name="plan.md", parse_due=lambda words: None)
    form = next(task for task in team.grace.tasks() if task.title == "Form")
    team.grace.start(form.id)
    report = team.meet()

    tasks = {task.title: task for task in team.ada.tasks()}
    assert sorted(tasks) == ["Form", "Mail", "Page", "Schema"]
    assert tasks["Mail"].blocked_by == (tasks["Form"].id,)
    assert tasks["Form"].owner == "grace"
    assert report.renamed[form.id] == tasks["Form"].id


def test_two_tasks_that_got_the_same_id_are_two_tasks(team: Team) -> None:
    theirs = ledger_at(place(team.ada), "ada", random_bytes=numbered(7)).add("Theirs")
    grace = ledger_at(place(team.grace), "grace", random_bytes=numbered(7))
    mine = grace.add("Mine")
    waiting = grace.add("Waiting", blocked_by=[mine.id])
    assert mine.id == theirs.id
    report = team.meet()

    new = report.renamed[mine.id]
    assert team.now(theirs).title == "Theirs"
    assert team.ada.task(new).title == "Mine"
    assert team.now(waiting).blocked_by == (new,)


def test_an_edit_wins_over_a_removal(team: Team) -> None:
    path = task_path(team.task.id)
    commit_by_hand(team.git, place(team.ada), f"0 -\t{path}")
    team.grace.note(team.task.id, "still needed")
    team.meet()
    assert [note.text for note in team.now().notes] == ["still needed"]


def test_dependencies_that_make_a_cycle_together_lose_the_unpublished_one(team: Team) -> None:
    team.ada.edit(team.task.id, add_blocked_by=[team.other.id])
    team.grace.edit(team.other.id, add_blocked_by=[team.task.id])
    report = team.meet()

    assert team.now().blocked_by == (team.other.id,)
    assert team.now(team.other).blocked_by == ()
    assert team.kept(team.other) == [[team.task.id]]
    assert [(c.task, c.field) for c in report.conflicts] == [(team.other.id, "blocked_by")]
    assert team.ada.graph().ready(team.other.id)


def test_transactions_of_both_sides_stay_whole(team: Team) -> None:
    for ledger in (team.ada, team.grace):
        with ledger.transaction("split") as transaction:
            part = transaction.add(f"Part of {ledger.session}", parent=team.task.id)
            transaction.edit(team.other.id, add_blocked_by=[part.id], add_labels=[ledger.session])
    team.meet()

    assert subjects(team.git, team.ada)[:2] == ["split 2 tasks", "split 2 tasks"]
    assert len(team.now(team.other).blocked_by) == 2
    assert team.now(team.other).labels == ("ada", "grace")


def test_what_a_batch_has_lost_in_part_is_still_one_operation(team: Team) -> None:
    team.ada.edit(team.task.id, labels=["same"])
    with team.grace.transaction("tidy") as transaction:
        transaction.edit(team.task.id, labels=["same"])
        transaction.edit(team.other.id, labels=["only"])
    team.meet()

    assert subjects(team.git, team.ada)[0] == "tidy 2 tasks"
    views = team.ada.views([team.now(), team.now(team.other)], revisions=True)
    assert [view.revision == team.published() for view in views] == [False, True]


# -- claims ------------------------------------------------------------------------------------


def state(ledger: Ledger, task: Task) -> tuple[str, str] | None:
    claim = ledger.view(task.id).claim
    return claim and (claim.session, claim.state)


def test_a_claim_is_tentative_until_it_is_published(team: Team) -> None:
    team.ada.claim(team.task.id)
    assert state(team.ada, team.task) == ("ada", "tentative")
    team.ada.sync()
    assert state(team.ada, team.task) == ("ada", "confirmed")
    team.grace.sync()
    assert state(team.grace, team.task) == ("ada", "confirmed")


def test_without_a_remote_a_claim_is_confirmed_at_once(repo: Path) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Schema", claim=True)
    assert state(ledger, task) == ("ada", "confirmed")


def test_with_a_remote_that_has_nothing_yet_it_is_not(make_repo: MakeRepo, bare: Path) -> None:
    ledger = clone(make_repo, bare, "ada")
    task = ledger.add("Schema", claim=True)
    assert state(ledger, task) == ("ada", "tentative")


def test_with_several_remotes_the_one_that_has_the_list_confirms(
    make_repo: MakeRepo, bare: Path, git: RunGit
) -> None:
    ledger = clone(make_repo, bare, "ada")
    git(place(ledger), "remote", "rename", "origin", "upstream")
    git(place(ledger), "remote", "add", "backup", "../nowhere")
    ledger = Ledger.open(place(ledger), session="ada")
    task = ledger.add("Schema", claim=True)
    assert state(ledger, task) == ("ada", "tentative")
    ledger.sync("upstream")
    assert state(ledger, task) == ("ada", "confirmed")


def test_of_two_claims_the_published_one_wins_and_the_loser_is_told(team: Team) -> None:
    team.ada.claim(team.task.id)
    team.grace.note(team.task.id, "about to begin")
    team.grace.start(team.task.id)
    assert state(team.grace, team.task) == ("grace", "tentative")
    report = team.meet()

    (lost,) = report.claims_lost
    assert (lost.task, lost.session, lost.owner) == (team.task.id, "grace", "ada")
    assert lost.at == team.now().claimed_at
    assert state(team.grace, team.task) == ("ada", "confirmed")
    assert "about to begin" in [note.text for note in team.now().notes]
    assert [reply.note.field for reply in team.grace.inbox().replies] == ["owner"]
    with pytest.raises(NotOwner):
        team.grace.done(team.task.id)


def test_whoever_fetches_first_loses_the_claim_at_once(team: Team) -> None:
    team.ada.claim(team.task.id)
    team.ada.sync()
    team.grace.sync()
    with pytest.raises(AlreadyClaimed):
        team.grace.claim(team.task.id)


def test_claims_of_different_tasks_are_all_kept(team: Team) -> None:
    team.ada.claim(team.task.id)
    team.grace.claim(team.other.id)
    assert team.meet().claims_lost == []
    assert (team.now().owner, team.now(team.other).owner) == ("ada", "grace")


# -- three clones ------------------------------------------------------------------------------


def test_three_clones_that_all_changed_the_same_come_to_one_tip(team: Team) -> None:
    linus = team.join("linus")
    everybody = (team.ada, team.grace, linus)
    for ledger in everybody:
        ledger.edit(team.task.id, title=f"By {ledger.session}", add_labels=[ledger.session])
        ledger.claim(team.task.id)
        ledger.note(team.task.id, f"by {ledger.session}")
    for _ in range(2):
        for ledger in everybody:
            ledger.sync()

    assert len({ledger.tip() for ledger in everybody} | {team.published()}) == 1
    task = team.now()
    assert (task.title, task.owner) == ("By ada", "ada")
    assert task.labels == ("ada", "grace", "linus")
    assert set(team.kept()) == {"By grace", "By linus", "grace", "linus"}
    assert {f"by {ledger.session}" for ledger in everybody} < {note.text for note in task.notes}


# -- history -----------------------------------------------------------------------------------


def test_history_is_linear_and_what_was_published_is_never_rewritten(team: Team) -> None:
    published = [team.published()]
    for number in range(3):
        for ledger in (team.ada, team.grace):
            ledger.note(team.task.id, f"{ledger.session} {number}")
            ledger.note(team.other.id, f"{ledger.session} {number}")
        for ledger in (team.ada, team.grace):
            ledger.sync()
            published.append(team.published())
    team.meet()

    line = team.git(team.bare, "rev-list", MAIN).splitlines()
    assert len(line) == len(team.git(team.bare, "rev-list", "--first-parent", MAIN).splitlines())
    assert [line.index(tip) for tip in published] == sorted(
        (line.index(tip) for tip in published), reverse=True
    )


def test_author_date_and_message_survive(team: Team) -> None:
    team.git(place(team.grace), "config", "user.name", "Grace")
    grace = Ledger.open(place(team.grace), session="grace")
    grace.note(team.task.id, "mine")
    form = "--format=%an %aI%n%B"
    before = team.git(place(grace), "log", "-1", form, MAIN)
    team.ada.note(team.task.id, "theirs")
    team.meet()
    assert team.git(place(team.ada), "log", "-1", form, MAIN) == before


def test_when_nothing_is_new_nothing_happens(team: Team) -> None:
    team.meet()
    tip = team.published()
    for ledger in (team.ada, team.grace):
        report = ledger.sync()
        assert (report.remote, report.pulled, report.pushed, report.tip) == ("origin", 0, 0, tip)


def test_operations_are_counted_without_the_root(make_repo: MakeRepo, bare: Path) -> None:
    ada = clone(make_repo, bare, "ada")
    ada.add("One")
    ada.add("Two")
    assert (ada.sync().pushed, ada.sync().pushed) == (2, 0)
    assert clone(make_repo, bare, "grace").sync().pulled == 2


def test_an_empty_list_is_published_too(make_repo: MakeRepo, bare: Path, git: RunGit) -> None:
    ada = clone(make_repo, bare, "ada")
    assert ada.sync().pushed == 0
    assert git(bare, "rev-parse", MAIN) == ada.tip()


def test_two_ledgers_begun_apart_are_one_after_a_sync(make_repo: MakeRepo, bare: Path) -> None:
    ada, grace = clone(make_repo, bare, "ada"), clone(make_repo, bare, "grace")
    ada.add("From Ada")
    grace.add("From Grace")
    for ledger in (ada, grace, ada):
        ledger.sync()
    assert ada.tip() == grace.tip()
    assert {task.title for task in ada.tasks()} == {"From Ada", "From Grace"}


def test_joining_brings_the_list_and_publishes_nothing(team: Team, make_repo: MakeRepo) -> None:
    linus = clone(make_repo, team.bare, "linus")
    linus.add("Unpublished")
    tip = team.published()
    assert linus.join() == "origin"
    assert {task.title for task in linus.tasks()} == {"Schema", "Page", "Unpublished"}
    assert team.published() == tip


def test_joining_a_remote_without_the_list_says_so(make_repo: MakeRepo, bare: Path) -> None:
    ledger = clone(make_repo, bare, "ada")
    tip = ledger.tip()
    assert ledger.join() is None
    assert ledger.tip() == tip


def test_a_host_that_takes_branches_only_is_served_by_a_namespace(
    make_repo: MakeRepo, bare: Path, git: RunGit
) -> None:
    hook(bare, "update", 'case "$1" in refs/heads/*) ;; *) exit 1 ;; esac')
    ada, grace = clone(make_repo, bare, "ada"), clone(make_repo, bare, "grace")
    ada.add("Schema")
    with pytest.raises(RemoteFailed):
        ada.sync()
    for ledger in (ada, grace):
        git(place(ledger), "config", "gitledger.origin.namespace", "refs/heads/gitledger")
    for ledger in (ada, grace):
        Ledger.open(place(ledger)).sync()
    assert grace.tip() == ada.tip() == git(bare, "rev-parse", "refs/heads/gitledger/main")


# -- others are faster -------------------------------------------------------------------------


def hook(repository: Path, name: str, script: str) -> None:
    path = repository / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def test_a_push_that_came_too_late_is_done_again_on_what_is_there(team: Team) -> None:
    def ada_publishes(number: int) -> Callable[[], object]:
        return lambda: (team.ada.note(team.task.id, f"ada {number}"), team.ada.sync())

    team.grace.note(team.task.id, "grace")
    with overtaken(team.grace, *map(ada_publishes, range(8))) as pushed:
        report = team.grace.sync()

    assert len(pushed) == 9
    assert (report.pulled, report.pushed) == (8, 1)
    assert [note.text for note in team.grace.task(team.task.id).notes] == [
        *(f"ada {number}" for number in range(8)),
        "grace",
    ]


def test_a_claim_can_be_lost_in_the_last_moment(
    team: Team,
) -> None:
    team.grace.claim(team.task.id)
    with overtaken(team.grace, lambda: (team.ada.claim(team.task.id), team.ada.sync())):
        report = team.grace.sync()

    assert [lost.owner for lost in report.claims_lost] == ["ada"]
    assert state(team.grace, team.task) == ("ada", "confirmed")


def test_an_id_that_is_taken_twice_is_reported_under_its_first_name(
    team: Team,
) -> None:
    source = {"system": "file", "list": "plan.md", "key": "1"}
    mine = team.grace.add("Mine", source=source)
    theirs: list[Task] = []

    def ada_publishes() -> None:
        theirs.append(team.ada.add("Mine", source=source))
        team.ada.sync()

    with overtaken(team.grace, ada_publishes):
        assert team.grace.sync().renamed == {mine.id: theirs[0].id}


def test_a_writer_in_the_same_repository_goes_on_during_a_sync(team: Team) -> None:
    other = Ledger.open(place(team.grace), session="grace-2")
    team.ada.note(team.task.id, "ada")
    team.ada.sync()
    team.grace.note(team.task.id, "grace")
    interrupt(team.grace, lambda: other.note(team.task.id, "meanwhile"))
    team.meet()
    assert [note.text for note in team.now().notes] == ["ada", "grace", "meanwhile"]


def test_what_is_written_between_replay_and_push_is_published_by_the_next_sync(
    team: Team,
) -> None:
    team.grace.note(team.task.id, "first")
    with overtaken(team.grace, lambda: team.grace.note(team.task.id, "second")):
        assert team.grace.sync().pushed == 1
    assert team.grace.sync().pushed == 1


def test_a_sync_from_a_linked_worktree_is_the_same(team: Team) -> None:
    team.git(place(team.grace), "worktree", "add", "-q", "../linked")
    linked = Ledger.open(place(team.grace).parent / "linked", session="grace")
    linked.note(team.task.id, "from the worktree")
    assert linked.sync().pushed == 1
    assert team.grace.tip() == team.published()


# -- remotes that fail -------------------------------------------------------------------------


def test_a_remote_out_of_reach_leaves_all_in_place_and_says_what_is_unpublished(
    team: Team,
) -> None:
    team.grace.note(team.task.id, "one")
    team.grace.note(team.task.id, "two")
    tip = team.grace.tip()
    team.git(place(team.grace), "config", "remote.origin.url", "../gone.git")

    with pytest.raises(RemoteFailed) as error:
        Ledger.open(place(team.grace)).sync()

    assert error.value.exit_code == 6
    assert error.value.message == (
        "remote 'origin': there is no git repository at its address; 2 operations unpublished"
    )
    assert team.grace.tip() == tip
    team.git(place(team.grace), "config", "remote.origin.url", str(team.bare))
    assert Ledger.open(place(team.grace)).sync().pushed == 2


def test_a_declined_push_keeps_what_was_pulled_and_tells_of_lost_claims(team: Team) -> None:
    team.ada.claim(team.task.id)
    team.ada.sync()
    team.grace.claim(team.task.id)
    hook(team.bare, "pre-receive", "echo closed >&2; exit 1")

    with pytest.raises(RemoteFailed) as error:
        team.grace.sync()

    assert error.value.message == (
        "remote 'origin': a hook on the server declined the push;"
        " 1 operation unpublished; a claim was lost: git ledger inbox"
    )
    assert "closed" in error.value.detail
    assert team.grace.task(team.task.id).owner == "ada"
    hook(team.bare, "pre-receive", "exit 0")
    team.meet()
    assert team.kept() == ["grace"]


def test_a_push_that_is_refused_for_ever_is_given_up(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("gitledger.sync.sleep", pauses.append)
    (team.bare / f"{MAIN}.lock").touch()
    team.grace.note(team.task.id, "mine")

    with pytest.raises(RemoteFailed) as error:
        team.grace.sync()

    assert "the server could not update the ref; 1 operation unpublished" in error.value.message
    assert pauses == sorted(pauses)
    assert 1 < sum(pauses) < 10
    (team.bare / f"{MAIN}.lock").unlink()
    assert team.grace.sync().pushed == 1


def test_a_fetch_that_takes_too_long_is_given_up(team: Team, tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    team.git(place(team.grace), "config", "remote.origin.uploadpack", str(slow))
    team.grace.note(team.task.id, "mine")

    with pytest.raises(RemoteFailed, match="in time; 1 operation unpublished"):
        team.grace.sync(timeout=0.2)


def test_a_list_that_the_remote_has_lost_is_published_again(team: Team) -> None:
    tip = team.ada.tip()
    team.git(team.bare, "update-ref", "-d", MAIN)
    team.grace.note(team.task.id, "mine")
    assert team.grace.sync().pushed == 3
    assert team.grace.tip() == team.published() != tip
    assert team.ada.sync().pulled == 1


def test_a_ledger_that_has_nothing_in_common_with_ours_is_refused(team: Team) -> None:
    tree = team.git(team.bare, "mktree")
    stranger = team.git(team.bare, "commit-tree", tree, "-m", "another ledger")
    team.git(team.bare, "update-ref", MAIN, stranger)
    tip = team.grace.tip()
    with pytest.raises(RemoteFailed, match="shares no history"):
        team.grace.sync()
    assert team.grace.tip() == tip


def test_unpublished_work_is_not_put_on_a_newer_format(team: Team) -> None:
    commit_by_hand(team.git, place(team.ada), "100644 version = 2\n\tformat.toml")
    team.ada.sync()
    linus = team.join("linus")  # has nothing unpublished: what can be read is read
    assert linus.task(team.task.id) == team.task

    team.grace.note(team.task.id, "mine")
    tip = team.grace.tip()
    with pytest.raises(NewerFormat):
        team.grace.sync()
    assert team.grace.tip() == tip


# -- the remote's name -------------------------------------------------------------------------


def test_a_repository_without_a_remote_says_how_to_add_one(repo: Path) -> None:
    with pytest.raises(NotFound) as error:
        ledger_at(repo).sync()
    assert error.value.hint == "add it: git remote add origin URL"


@pytest.mark.parametrize("name", ["orign", "https://example.com/x.git", "ext::sh -c 'touch x'"])
def test_a_remote_that_is_none_is_not_contacted(team: Team, name: str) -> None:
    with pytest.raises(NotFound):
        team.grace.sync(name)


def test_a_name_that_is_an_option_is_refused_even_if_it_is_configured(team: Team) -> None:
    name = "--upload-pack=touch pwned"
    team.git(place(team.grace), "config", f"remote.{name}.url", str(team.bare))
    with pytest.raises(InvalidInput):
        Ledger.open(place(team.grace)).sync(name)
    assert not (place(team.grace) / "pwned").exists()


def test_a_default_remote_that_is_misconfigured_is_in_nobodys_way_until_it_is_used(
    team: Team,
) -> None:
    team.git(place(team.grace), "config", "gitledger.remote", "-x")
    grace = Ledger.open(place(team.grace))
    assert len(grace.views()) == 2
    with pytest.raises(InvalidInput):
        grace.sync()


# -- the user's own ----------------------------------------------------------------------------


def test_nothing_of_the_users_is_touched(team: Team) -> None:
    path = place(team.grace)
    team.git(team.bare, "branch", "news", "main")
    team.git(team.bare, "tag", "v9", "main")
    team.git(path, "config", "fetch.prune", "true")
    (path / ".git/FETCH_HEAD").write_text("the user's\n")
    (path / "hello.txt").write_text("changed\n")
    grace = Ledger.open(path, session="grace")
    grace.note(team.task.id, "mine")
    team.ada.note(team.task.id, "theirs")
    team.ada.sync()
    before = users_files(path)

    grace.sync()

    assert users_files(path) == before


def users_files(path: Path) -> dict[str, bytes]:
    files = (file for file in path.rglob("*") if file.is_file())
    ours = ("gitledger", "objects/")
    return {str(f): f.read_bytes() for f in files if not any(own in str(f) for own in ours)}
