"""Replay: unpublished operations, one by one, on what was published meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitledger.core.task import FILE_LIMIT, Task
from gitledger.errors import NewerFormat
from gitledger.replay import replay
from gitledger.replayed import Replayed
from gitledger.snapshot import Snapshot
from gitledger.store import trees
from gitledger.store.base import Signature
from gitledger.tree import task_path
from tests.conftest import RunGit
from tests.ledgers import MAIN, commit_by_hand, ledger_at, numbered

GRACE = Signature("Grace", "grace@example.com", 1_800_000_000)
MINE = "refs/gitledger/mine"
FIRST = "0000000001"
PATH = task_path(FIRST)


class Fork:
    """Two lists of one repository that begin alike: what is published, and what is mine."""

    def __init__(self, repo: Path, git: RunGit) -> None:
        self.repo = repo
        self._git = git
        self.theirs = ledger_at(repo, "ada", random_bytes=numbered())
        self.task = self.theirs.add("Schema", description="one\ntwo\nthree\n")
        self.begin()

    def begin(self) -> None:
        """Let mine begin where theirs is."""
        self._git(self.repo, "update-ref", MINE, self.theirs.tip() or "")
        self.mine = ledger_at(self.repo, "grace", list="mine", random_bytes=numbered(1000))

    def replay(self) -> Replayed:
        """Replay mine on theirs."""
        local, published = self.mine.tip() or "", self.theirs.tip() or ""
        store = self.theirs.repository.store
        return replay(store, local=local, published=published, committer=GRACE)

    def result(self) -> tuple[Replayed, Snapshot]:
        """Replay mine on theirs, and return the snapshot that it comes to, too."""
        replayed = self.replay()
        return replayed, Snapshot(self.theirs.repository.store, replayed.tip)

    def subjects(self, replayed: Replayed) -> list[str]:
        """Return the operations that the replay wrote, the first of them first."""
        new = f"{self.theirs.tip()}..{replayed.tip}"
        return self._git(self.repo, "log", "--reverse", "--format=%s", new).splitlines()


@pytest.fixture
def fork(repo: Path, git: RunGit) -> Fork:
    return Fork(repo, git)


def the_task(snapshot: Snapshot, task_id: str = FIRST) -> Task:
    task = snapshot.find(task_id)
    assert task is not None
    return task


# -- operations --------------------------------------------------------------------------------


def test_each_operation_keeps_author_date_and_message(fork: Fork, repo: Path, git: RunGit) -> None:
    form = "--format=%an <%ae> %aD%n%B"
    git(repo, "config", "user.name", "Somebody Else")
    mine = ledger_at(repo, "grace", list="mine", clock=lambda: datetime(2026, 5, 4, 3, tzinfo=UTC))
    mine.note(FIRST, "one")
    mine.start(FIRST)
    fork.theirs.edit(FIRST, labels=["x"])

    replayed = fork.replay()

    assert git(repo, "log", "-2", form, replayed.tip) == git(repo, "log", "-2", form, MINE)
    assert git(repo, "log", "-2", "--format=%cn %cI", replayed.tip).splitlines() == [
        "Grace 2027-01-15T08:00:00+00:00",
        "Grace 2027-01-15T08:00:00+00:00",
    ]
    assert git(repo, "rev-parse", f"{replayed.tip}~2") == fork.theirs.tip()


def test_nothing_is_moved_or_rewritten(fork: Fork) -> None:
    fork.mine.note(FIRST, "mine")
    fork.theirs.note(FIRST, "theirs")
    tips = fork.mine.tip(), fork.theirs.tip()
    fork.replay()
    assert (fork.mine.tip(), fork.theirs.tip()) == tips


def test_the_same_replay_gives_the_same_commit(fork: Fork) -> None:
    fork.mine.edit(FIRST, title="Mine")
    fork.theirs.edit(FIRST, title="Theirs")
    assert fork.replay().tip == fork.replay().tip


def test_an_operation_that_both_sides_made_is_left_out(fork: Fork) -> None:
    for ledger in (fork.theirs, fork.mine):
        ledger.edit(FIRST, labels=["x"])
        ledger.edit(FIRST, priority="P0")
    fork.mine.note(FIRST, "only here")

    replayed = fork.replay()
    assert fork.subjects(replayed) == [f"note {FIRST}: Schema"]
    assert replayed.conflicts == []


def test_a_plan_that_both_sides_imported_is_there_once(fork: Fork) -> None:
    source = {"system": "file", "list": "plan.md", "key": "1"}
    theirs = fork.theirs.add("Page", source=source)
    mine = fork.mine.add("Page", source=source)
    fork.mine.note(mine.id, "about the page")

    replayed, snapshot = fork.result()

    assert replayed.renamed == {mine.id: theirs.id}
    assert [task.title for task in snapshot.all()] == ["Schema", "Page"]
    assert [note.text for note in the_task(snapshot, theirs.id).notes] == ["about the page"]
    assert fork.subjects(replayed) == [f"note {theirs.id}: Page"]


def test_an_operation_on_many_tasks_stays_one(fork: Fork) -> None:
    with fork.mine.transaction("split") as transaction:
        page = transaction.add("Page", blocked_by=[FIRST])
        transaction.note(FIRST, "split off")
        transaction.start(page.id, force=True)
    fork.theirs.note(FIRST, "theirs")

    replayed, snapshot = fork.result()

    assert fork.subjects(replayed) == ["split 2 tasks"]
    assert the_task(snapshot, page.id).owner == "grace"
    assert [note.text for note in the_task(snapshot).notes] == ["theirs", "split off"]


def test_lines_of_a_text_that_do_not_clash_are_put_together(fork: Fork) -> None:
    fork.mine.edit(FIRST, description="ONE\ntwo\nthree\n")
    fork.theirs.edit(FIRST, description="one\ntwo\nTHREE\n")

    replayed, snapshot = fork.result()
    assert the_task(snapshot).description == "ONE\ntwo\nTHREE\n"
    assert replayed.conflicts == []


def test_the_value_that_loses_is_kept_in_a_note(fork: Fork) -> None:
    fork.mine.edit(FIRST, title="Mine", priority="P0")
    fork.theirs.edit(FIRST, title="Theirs", priority="P1")

    replayed, snapshot = fork.result()

    task = the_task(snapshot)
    assert (task.title, task.priority) == ("Theirs", "P1")
    assert {(note.field, note.dropped) for note in task.notes} == {
        ("title", "Mine"),
        ("priority", "P0"),
    }
    assert {conflict.field for conflict in replayed.conflicts} == {"title", "priority"}


def test_a_claim_that_came_too_late_is_lost_and_its_notes_are_kept(fork: Fork) -> None:
    fork.mine.start(FIRST)
    fork.mine.note(FIRST, "half done")
    claimed = fork.theirs.claim(FIRST)

    replayed, snapshot = fork.result()

    (lost,) = replayed.claims_lost
    assert (lost.task, lost.session, lost.owner) == (FIRST, "grace", "ada")
    assert lost.at == claimed.claimed_at
    task = the_task(snapshot)
    assert (task.owner, task.status) == ("ada", "pending")
    assert "half done" in [note.text for note in task.notes]


# -- ids ---------------------------------------------------------------------------------------


def test_a_different_task_of_the_same_id_gets_a_new_one_everywhere(
    fork: Fork, repo: Path, git: RunGit
) -> None:
    ledger_at(repo, "ada", random_bytes=numbered(7)).add("Theirs")
    mine = ledger_at(repo, "grace", list="mine", random_bytes=numbered(7))
    taken = mine.add("Mine")
    mine.note(taken.id, "about mine")
    waiting = mine.add("Waiting", blocked_by=[taken.id], parent=taken.id)

    replayed, snapshot = fork.result()

    new = replayed.renamed[taken.id]
    assert the_task(snapshot, taken.id).title == "Theirs"
    assert the_task(snapshot, new).title == "Mine"
    assert [note.text for note in the_task(snapshot, new).notes] == ["about mine"]
    assert the_task(snapshot, waiting.id).blocked_by == (new,)
    assert the_task(snapshot, waiting.id).parent == new
    assert fork.subjects(replayed)[:2] == [f"add {new}: Mine", f"note {new}: Mine"]
    assert f"Ledger-Task: {new}" in git(repo, "log", "--format=%B", replayed.tip)


# -- what cannot be put together ---------------------------------------------------------------


def test_what_together_outgrows_a_task_becomes_a_task_of_its_own(fork: Fork) -> None:
    fork.theirs.note(FIRST, "theirs " * 5_000)
    fork.mine.note(FIRST, "mine " * 7_000)
    fork.mine.note(FIRST, "and more")
    fork.mine.edit(FIRST, priority="P0")

    replayed, snapshot = fork.result()

    copy = replayed.renamed[FIRST]
    assert [note.text[:6] for note in the_task(snapshot).notes] == ["theirs"]
    aside = the_task(snapshot, copy)
    assert aside.priority == "P0"
    assert {"and more"} < {note.text for note in aside.notes}
    assert [(note.field, note.kept, note.dropped) for note in aside.notes if note.field] == [
        ("task", FIRST, copy)
    ]
    assert [(c.task, c.field, c.dropped) for c in replayed.conflicts] == [(FIRST, "task", copy)]
    assert len(snapshot.all()) == 2
    assert len(fork.subjects(replayed)) == 3


def test_a_full_task_is_set_aside_as_it_is(fork: Fork) -> None:
    fork.theirs.note(FIRST, "theirs " * 1_000)
    room = FILE_LIMIT - len(fork.mine.snapshot().file(FIRST) or b"")
    fork.mine.note(FIRST, "x" * (room - 150))
    replayed, snapshot = fork.result()
    (note,) = the_task(snapshot, replayed.renamed[FIRST]).notes
    assert set(note.text) == {"x"}
    assert replayed.conflicts


def test_work_on_a_task_that_was_published_broken_becomes_a_task_of_its_own(
    fork: Fork, repo: Path, git: RunGit
) -> None:
    fork.mine.note(FIRST, "mine")
    fork.mine.start(FIRST)
    broken = "title = <<<<<<<"
    commit_by_hand(git, repo, f"100644 {broken}\t{PATH}")

    replayed, snapshot = fork.result()

    assert git(repo, "show", f"{replayed.tip}:{PATH}") == broken
    aside = the_task(snapshot, replayed.renamed[FIRST])
    assert aside.owner == "grace"
    assert "mine" in [note.text for note in aside.notes]


def test_a_removal_gives_way_to_an_edit_on_either_side(fork: Fork, repo: Path, git: RunGit) -> None:
    commit_by_hand(git, repo, f"0 -\t{PATH}")
    fork.mine.note(FIRST, "still needed")
    kept = [note.text for note in the_task(fork.result()[1]).notes]
    assert kept == ["still needed", "task: kept, set aside its removal"]

    git(repo, "update-ref", MAIN, f"{fork.theirs.tip()}~1")
    fork.theirs.note(FIRST, "needed here")
    commit_by_hand(git, repo, f"0 -\t{PATH}", ref=MINE)
    kept = [note.text for note in the_task(fork.result()[1]).notes]
    assert kept == ["needed here", "still needed", "task: kept, set aside its removal"]


# -- files that are no tasks -------------------------------------------------------------------


@pytest.mark.parametrize("path", ["sessions/ada.toml", PATH, "tasks/stray", "README"])
def test_a_file_that_only_we_changed_is_carried_over_as_it_is(
    fork: Fork, repo: Path, git: RunGit, path: str
) -> None:
    fork.theirs.add("Something else")
    commit_by_hand(git, repo, f"100644 = no TOML\t{path}", ref=MINE)
    replayed = fork.replay()
    assert git(repo, "show", f"{replayed.tip}:{path}") == "= no TOML"
    assert replayed.conflicts == []


@pytest.mark.parametrize("path", ["sessions/ada.toml", PATH, "tasks/stray"])
def test_a_file_that_both_changed_comes_to_stand_beside_the_published_one(
    fork: Fork, repo: Path, git: RunGit, path: str
) -> None:
    commit_by_hand(git, repo, f"100644 = theirs\t{path}")
    commit_by_hand(git, repo, f"100644 = mine\t{path}", ref=MINE)

    replayed, snapshot = fork.result()

    assert git(repo, "show", f"{replayed.tip}:{path}") == "= theirs"
    (conflict,) = replayed.conflicts
    assert (conflict.task, conflict.field, conflict.kept) == (path, "file", path)
    assert git(repo, "show", f"{replayed.tip}:{conflict.dropped}") == "= mine"
    assert {task.title for task in snapshot.all()} <= {"Schema"}


def test_a_file_that_both_changed_alike_is_no_conflict(fork: Fork, repo: Path, git: RunGit) -> None:
    for ref in (MAIN, MINE):
        commit_by_hand(git, repo, "100644 same\tsessions/ada.toml", ref=ref)
    replayed = fork.replay()
    assert replayed.tip == fork.theirs.tip()
    assert replayed.conflicts == []


def test_of_a_file_too_an_edit_wins_over_a_removal(fork: Fork, repo: Path, git: RunGit) -> None:
    commit_by_hand(git, repo, "100644 old\tsessions/ada.toml")
    fork.begin()
    removed = commit_by_hand(git, repo, "0 -\tsessions/ada.toml")
    edited = commit_by_hand(git, repo, "100644 new\tsessions/ada.toml", ref=MINE)
    for mine, theirs in ((edited, removed), (removed, edited)):
        git(repo, "update-ref", MINE, mine)
        git(repo, "update-ref", MAIN, theirs)
        assert git(repo, "show", f"{fork.replay().tip}:sessions/ada.toml") == "new"


def test_what_has_no_content_is_left_out_and_told(fork: Fork, repo: Path, git: RunGit) -> None:
    elsewhere = "a1" * 20  # a commit of another repository, which is not here
    fork.theirs.note(FIRST, "theirs")
    commit_by_hand(git, repo, f"160000 {elsewhere}\ttasks/0/0/0000000002.toml", ref=MINE)
    replayed = fork.replay()
    assert replayed.tip == fork.theirs.tip()
    assert [conflict.dropped for conflict in replayed.conflicts] == [elsewhere]


def test_what_is_published_without_content_is_in_nobodys_way(
    fork: Fork, repo: Path, git: RunGit
) -> None:
    commit_by_hand(git, repo, f"160000 {'a1' * 20}\t{PATH}", "120000 /etc/passwd\tsessions/x.toml")
    fork.mine.note(FIRST, "mine")
    commit_by_hand(git, repo, "100644 x\tsessions/x.toml", ref=MINE)
    replayed, snapshot = fork.result()
    assert the_task(snapshot, replayed.renamed[FIRST]).notes[0].text == "mine"
    assert git(repo, "show", f"{replayed.tip}:sessions/x.toml") == "/etc/passwd"


# -- by hand -----------------------------------------------------------------------------------


def bomb(git: RunGit, repo: Path, ref: str, folder: str) -> str:
    """Commit a folder of few objects that stand for many paths, and return its tree."""
    blob = git(repo, "hash-object", "-w", "--stdin", stdin="boom")
    tree = git(repo, "mktree", stdin="".join(f"100644 blob {blob}\t{n}\n" for n in range(8)))
    for _ in range(3):
        tree = git(repo, "mktree", stdin="".join(f"040000 tree {tree}\t{n}\n" for n in range(8)))
    others = git(repo, "ls-tree", ref)
    root = git(repo, "mktree", stdin=f"{others}\n040000 tree {tree}\t{folder}\n")
    commit = git(repo, "commit-tree", "-p", ref, "-m", "by hand", root)
    git(repo, "update-ref", ref, commit)
    return tree


def test_a_folder_without_an_end_is_kept_where_it_is_published(
    fork: Fork, repo: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trees, "REPEATED", 10)
    published = bomb(git, repo, MAIN, "bomb")
    commit_by_hand(git, repo, "100644 mine\tbomb", ref=MINE)
    fork.mine.note(FIRST, "mine")
    replayed, after = fork.result()

    assert git(repo, "rev-parse", f"{replayed.tip}:bomb") == published
    (conflict,) = replayed.conflicts
    assert (conflict.task, conflict.kept) == ("bomb", "bomb")
    assert git(repo, "show", f"{replayed.tip}:{conflict.dropped}") == "mine"
    assert [note.text for note in after.all()[0].notes] == ["mine"]


def test_of_our_folder_without_an_end_is_left_out_and_told_what_is_not_entered(
    fork: Fork, repo: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trees, "REPEATED", 10)
    bomb(git, repo, MINE, "bomb")
    fork.mine.note(FIRST, "mine")
    fork.theirs.note(FIRST, "theirs")
    replayed, after = fork.result()

    left_out = {conflict.task for conflict in replayed.conflicts}
    assert left_out
    assert all(path.startswith("bomb/") and path.endswith("/") for path in left_out)
    assert git(repo, "show", f"{replayed.tip}:bomb/0/0/0/0") == "boom"
    assert {note.text for note in after.all()[0].notes} == {"mine", "theirs"}


def test_a_folder_without_an_end_that_we_removed_or_changed_stays_as_it_is_published(
    fork: Fork, repo: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trees, "REPEATED", 10)
    bomb(git, repo, MAIN, "bomb")
    fork.begin()
    mine = git(repo, "rev-parse", MINE)
    root = git(repo, "mktree", stdin=git(repo, "ls-tree", f"{mine}~1") + "\n")
    git(repo, "update-ref", MINE, git(repo, "commit-tree", "-p", mine, "-m", "by hand", root))
    fork.theirs.note(FIRST, "theirs")
    replayed, after = fork.result()

    kept = git(repo, "ls-tree", "-r", "--name-only", replayed.tip, "--", "bomb").splitlines()
    assert 0 < len(kept) < 8**4
    assert after.all()[0].notes[0].text == "theirs"


def test_comments_and_unknown_keys_of_either_side_survive(
    fork: Fork, repo: Path, git: RunGit
) -> None:
    text = git(repo, "show", f"{MAIN}:{PATH}")
    commit_by_hand(git, repo, f"100644 # theirs\n{text}\nsprint = 7\n\t{PATH}")
    fork.mine.edit(FIRST, labels=["x"])
    replayed = fork.replay()
    merged = git(repo, "show", f"{replayed.tip}:{PATH}")
    assert merged.startswith("# theirs\n")
    assert "sprint = 7" in merged
    assert '"x"' in merged


def test_a_merge_made_by_hand_is_replayed_as_what_it_brought(
    fork: Fork, repo: Path, git: RunGit
) -> None:
    base = git(repo, "rev-parse", MINE)
    fork.mine.note(FIRST, "mine")
    mine = git(repo, "rev-parse", MINE)
    git(repo, "update-ref", MINE, base)
    commit_by_hand(git, repo, f'100644 title = "By hand"\t{task_path("00000000zz")}', ref=MINE)
    tree = git(repo, "merge-tree", "--write-tree", MINE, mine)
    merge = git(repo, "commit-tree", tree, "-p", MINE, "-p", mine, "-m", "merge by hand")
    git(repo, "update-ref", MINE, merge)
    fork.theirs.note(FIRST, "theirs")

    replayed, snapshot = fork.result()

    assert [note.text for note in the_task(snapshot).notes] == ["theirs", "mine"]
    assert the_task(snapshot, "00000000zz").title == "By hand"
    assert fork.subjects(replayed) == ["by hand", "merge by hand"]


# -- format ------------------------------------------------------------------------------------


@pytest.mark.parametrize("ref", [MAIN, MINE])
def test_nothing_is_replayed_on_or_from_a_newer_format(
    fork: Fork, repo: Path, git: RunGit, ref: str
) -> None:
    fork.mine.note(FIRST, "mine")
    fork.theirs.note(FIRST, "theirs")
    commit_by_hand(git, repo, "100644 version = 2\n\tformat.toml", ref=ref)
    with pytest.raises(NewerFormat):
        fork.replay()
