"""Sync: clones that share a list through a remote come to the same tip, and lose nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger.core.plan import parse_plan
from gitledger.errors import (
    RemoteFailed,
)
from gitledger.ledger import Ledger
from gitledger.tree import task_path
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import (
    MAIN,
    Team,
    clone,
    commit_by_hand,
    install_hook,
    ledger_at,
    numbered,
    place,
    subjects,
    team_fixture,
)

team = team_fixture()


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
    kept = [note.text for note in team.now().notes]
    assert kept == ["still needed", "task: kept, set aside its removal"]


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
    views = team.ada.views([team.now().id, team.now(team.other).id], revisions=True)
    assert [view.revision == team.published() for view in views] == [False, True]


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
    install_hook(bare, "update", 'case "$1" in refs/heads/*) ;; *) exit 1 ;; esac')
    ada, grace = clone(make_repo, bare, "ada"), clone(make_repo, bare, "grace")
    ada.add("Schema")
    with pytest.raises(RemoteFailed):
        ada.sync()
    for ledger in (ada, grace):
        git(place(ledger), "config", "gitledger.origin.namespace", "refs/heads/gitledger")
    for ledger in (ada, grace):
        Ledger.open(place(ledger)).sync()
    assert grace.tip() == ada.tip() == git(bare, "rev-parse", "refs/heads/gitledger/main")
