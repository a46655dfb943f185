"""Undo and redo on real repositories: which operations are meant, and what comes of them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger.core.dataclass import replace
from gitledger.core.operation import parse_message
from gitledger.core.plan import parse_plan
from gitledger.core.task import Task
from gitledger.errors import InvalidInput, NotFound, NotOwner
from gitledger.ledger import Ledger
from gitledger.tree import task_path
from tests.conftest import RunGit
from tests.ledgers import (
    NEW_YEAR,
    Team,
    commit_by_hand,
    interrupt,
    ledger_at,
    place,
    subjects,
    team_fixture,
)

team = team_fixture()


@pytest.fixture
def ledger(repo: Path) -> Ledger:
    return ledger_at(repo)


def tasks(ledger: Ledger) -> tuple[Task, ...]:
    """Return all tasks, archived ones too, but for who changed them last, and when."""
    snapshot = ledger.snapshot()
    found = (*snapshot.all(), *snapshot.archived())
    return tuple(replace(task, updated_at=None, updated_by=None) for task in found)


def commit(ledger: Ledger) -> str:
    found = ledger.tip()
    assert found is not None
    return found


def undoes(ledger: Ledger) -> tuple[str, ...]:
    """Return what the newest operation says that it takes back."""
    return parse_message(ledger.repository.store.commit(commit(ledger)).message).undoes


# -- which operations ----------------------------------------------------------------------------


def test_undo_takes_back_the_last_operation_of_this_session(ledger: Ledger) -> None:
    task = ledger.add("Schema")
    ledger.edit(task.id, title="Tables")
    mine = commit(ledger)
    ledger.as_session("grace").edit(task.id, priority="P0")

    undone = ledger.undo()
    assert [effect.commit for effect in undone.effects] == [mine]
    assert undoes(ledger) == (mine,)
    assert (ledger.task(task.id).title, ledger.task(task.id).priority) == ("Schema", "P0")


def test_undo_again_goes_further_back_and_redo_comes_forward(ledger: Ledger) -> None:
    task = ledger.add("0")
    for title in "123":
        ledger.edit(task.id, title=title)
    seen = []
    for does in "uuurrru":
        _ = ledger.undo() if does == "u" else ledger.redo()
        seen.append(ledger.task(task.id).title)
    assert seen == ["2", "1", "0", "1", "2", "3", "2"]


def test_redo_takes_back_nothing_but_undos_of_this_session(ledger: Ledger) -> None:
    grace = ledger.as_session("grace")
    ledger.add("Schema")
    ledger.undo()
    with pytest.raises(NotFound, match="grace has no undo left"):
        grace.redo()
    ledger.redo()
    with pytest.raises(NotFound, match="nothing to redo"):
        ledger.redo()


def test_an_undo_that_is_named_is_undone_and_redo_takes_that_back(ledger: Ledger) -> None:
    ledger.add("Schema")
    ledger.undo()
    ledger.undo(commit(ledger)[:8])
    assert [task.title for task in ledger.tasks()] == ["Schema"]
    ledger.redo()
    assert ledger.tasks() == ()


def test_several_are_one_operation_in_whatever_order_they_are_named(
    ledger: Ledger, git: RunGit
) -> None:
    task = ledger.add("0")
    named = []
    for title in "12":
        ledger.edit(task.id, title=title)
        named.append(commit(ledger))
    ledger.undo(*named)
    assert ledger.task(task.id).title == "0"
    assert subjects(git, ledger)[0] == f"undo {task.id}: 0"
    assert undoes(ledger) == tuple(reversed(named))
    ledger.undo_last(1)
    assert ledger.tasks() == ()


def test_a_batch_is_taken_back_as_one(ledger: Ledger, git: RunGit) -> None:
    plan = parse_plan("- [ ] Schema\n- [ ] Page [blockedBy: 1]\n", "plan.md")
    ledger.import_plan(plan, name="plan.md", parse_due=lambda _: None)
    made = tasks(ledger)
    ledger.undo()
    assert ledger.tasks() == ()
    assert subjects(git, ledger)[0] == "undo 2 tasks"
    ledger.redo()
    assert tasks(ledger) == made


def test_a_plan_that_was_imported_anew_is_not_doubled_by_a_redo(ledger: Ledger) -> None:
    plan = parse_plan("- [ ] Schema\n", "plan.md")
    ledger.import_plan(plan, name="plan.md", parse_due=lambda _: None)
    ledger.undo()
    ledger.import_plan(plan, name="plan.md", parse_due=lambda _: None)
    (there,) = ledger.tasks()
    undone = ledger.redo()
    assert ledger.tasks() == (there,)
    assert [(conflict.field, conflict.kept) for conflict in undone.left] == [("task", there.id)]


def test_what_another_session_did_since_a_moment_is_taken_back(ledger: Ledger) -> None:
    grace = ledger.as_session("grace")
    task = ledger.add("0")
    grace.edit(task.id, priority="P0")
    began = ledger.now()
    grace.edit(task.id, title="1")
    ledger.note(task.id, "stays")
    grace.edit(task.id, title="2")
    grace.undo()
    undone = ledger.undo_since(began, by="grace")
    assert len(undone.effects) == 1
    now = ledger.task(task.id)
    assert (now.title, now.priority, [note.text for note in now.notes]) == ("0", "P0", ["stays"])


def test_an_undo_of_what_was_before_the_moment_is_taken_back_with_the_rest(
    ledger: Ledger,
) -> None:
    task = ledger.add("0")
    ledger.edit(task.id, title="1")
    began = ledger.now()
    ledger.undo()
    ledger.edit(task.id, priority="P0")
    ledger.undo_since(began)
    assert (ledger.task(task.id).title, ledger.task(task.id).priority) == ("1", "P2")


def test_reading_ones_inbox_is_not_what_is_undone(ledger: Ledger) -> None:
    ledger.add("Schema")
    ledger.as_session("grace").tell("all", "Hello")
    ledger.read_inbox()
    ledger.undo()
    assert ledger.tasks() == ()
    assert len(ledger.inbox().messages) == 0


def test_what_is_no_operation_of_the_list_is_refused(ledger: Ledger, git: RunGit) -> None:
    other = Ledger.init(place(ledger), list="other", session="ada")[0]
    other.add("Elsewhere")
    ledger.add("Schema")
    for name in (commit(other), commit(other)[:8], "abc", "zzzz", "7f3k", ""):
        with pytest.raises(NotFound, match=f"no operation '{name}'"):
            ledger.undo(name)
    root = git(place(ledger), "rev-list", "--max-parents=0", "refs/gitledger/main").strip()
    with pytest.raises(InvalidInput, match="first operation"):
        ledger.undo(root)


def test_who_has_done_nothing_is_asked_after(ledger: Ledger) -> None:
    ledger.as_session("grace").add("Schema")
    with pytest.raises(NotFound) as refused:
        ledger.undo_last(by="grce")
    assert refused.value.hint == "did you mean 'grace'?"
    with pytest.raises(NotFound, match="ada has done nothing since then"):
        ledger.undo_since(NEW_YEAR)


# -- what comes of them --------------------------------------------------------------------------


def test_a_dry_run_says_the_same_and_writes_nothing(ledger: Ledger) -> None:
    task = ledger.add("Schema")
    ledger.start(task.id)
    tip = ledger.tip()
    shown = ledger.undo(dry_run=True)
    assert ledger.tip() == tip
    done = ledger.undo()
    assert [(old, new and new.status) for old, new in shown.tasks] == [
        (old, new and new.status) for old, new in done.tasks
    ]


def test_an_undo_that_changes_nothing_writes_nothing(ledger: Ledger) -> None:
    task = ledger.add("Schema")
    ledger.edit(task.id, title="Tables")
    edited = commit(ledger)
    ledger.edit(task.id, title="DB")
    tip = ledger.tip()
    undone = ledger.undo(edited)
    assert undone.empty
    assert [conflict.field for conflict in undone.left] == ["title"]
    assert ledger.tip() == tip


def test_a_file_comes_back_with_its_comments_and_unknown_keys(ledger: Ledger) -> None:
    task = ledger.add("Schema")
    layout = b'# mine\ntitle = "Schema"\nstatus = "pending"\nshoe = 43\n'
    there = ledger.task(task.id)
    ledger.rewrite(replace(there, extra={"shoe": 43}), layout)
    before = ledger.snapshot().file(task.id)
    assert before is not None
    assert b"# mine" in before
    ledger.edit(task.id, priority="P0")
    ledger.undo()
    ledger.undo(commit(ledger))
    ledger.undo(commit(ledger))
    after = ledger.snapshot().file(task.id)
    assert after is not None

    def kept(text: bytes) -> list[bytes]:
        return [line for line in text.splitlines() if not line.startswith(b"updated_")]

    assert kept(after) == kept(before)


def test_what_was_archived_comes_back_to_its_place(ledger: Ledger) -> None:
    task = ledger.add("Schema")
    ledger.done(task.id)
    ledger.archive()
    before = tasks(ledger)
    assert ledger.undo().moved == ((task.id, False),)
    assert not ledger.snapshot().is_archived(task.id)
    assert ledger.redo().moved == ((task.id, True),)
    assert ledger.snapshot().is_archived(task.id)
    assert tasks(ledger) == before


def test_sessions_come_and_go_but_not_while_they_hold_tasks(ledger: Ledger) -> None:
    ledger.start_session("builder", role="builder")
    started = commit(ledger)
    task = ledger.add("Schema")
    ledger.as_session("builder").claim(task.id)
    undone = ledger.undo(started)
    assert [(conflict.task, conflict.field) for conflict in undone.left] == [("builder", "session")]
    ledger.as_session("builder").release(task.id)
    ledger.undo(started)
    assert ledger.snapshot().session("builder") is None
    ledger.redo()
    found = ledger.snapshot().session("builder")
    assert found is not None
    assert found.role == "builder"


def test_a_rename_of_a_session_is_taken_back_with_its_claims(ledger: Ledger) -> None:
    ledger.start_session("builder")
    task = ledger.add("Schema")
    ledger.as_session("builder").claim(task.id)
    ledger.rename_session("builder", "mason")
    with pytest.raises(NotOwner):
        ledger.undo()
    ledger.as_session("mason").undo(commit(ledger))
    assert set(ledger.snapshot().sessions()) == {"builder"}
    assert ledger.task(task.id).owner == "builder"


def test_a_message_is_taken_back_until_somebody_has_read_it(ledger: Ledger) -> None:
    grace = ledger.as_session("grace")
    ledger.tell("all", "one")
    ledger.undo()
    assert not grace.inbox().messages
    ledger.tell("all", "two")
    told = commit(ledger)
    grace.read_inbox()
    undone = ledger.undo(told)
    assert [conflict.field for conflict in undone.left] == ["message"]
    ledger.undo(commit(ledger))
    assert [message.text for message in grace.inbox().messages] == ["two"]


def test_what_one_session_has_read_is_unread_for_that_one_alone(ledger: Ledger) -> None:
    grace, linus = ledger.as_session("grace"), ledger.as_session("linus")
    ledger.tell("all", "Hello")
    grace.read_inbox()
    read = commit(ledger)
    linus.read_inbox()
    ledger.undo(read)
    assert [len(each.inbox().messages) for each in (grace, linus)] == [1, 0]


def test_a_file_that_is_no_task_is_left_as_it_is(ledger: Ledger, git: RunGit) -> None:
    task = ledger.add("Schema")
    path = task_path(task.id)
    broken = commit_by_hand(git, place(ledger), f"100644 = no task\t{path}")
    mended = commit_by_hand(git, place(ledger), f'100644 title = "Mended"\t{path}')
    for operation in (mended, broken):
        undone = ledger.undo(operation)
        assert [(conflict.task, conflict.field) for conflict in undone.left] == [(path, "file")]
    assert ledger.tip() == mended


def test_who_wrote_in_between_is_not_overwritten(ledger: Ledger) -> None:
    task = ledger.add("Schema")
    ledger.edit(task.id, title="Tables", priority="P0")
    grace = ledger_at(place(ledger), "grace")
    interrupt(ledger, lambda: grace.edit(task.id, title="DB"))
    undone = ledger.undo()
    assert (ledger.task(task.id).title, ledger.task(task.id).priority) == ("DB", "P2")
    assert [conflict.field for conflict in undone.left] == ["title"]


def test_a_task_that_is_named_in_between_is_not_removed(ledger: Ledger) -> None:
    first, second = ledger.add("Schema"), ledger.add("Page")
    grace = ledger_at(place(ledger), "grace")
    interrupt(ledger, lambda: grace.edit(first.id, add_blocked_by=[second.id]))
    assert [conflict.task for conflict in ledger.undo().left] == [second.id]
    assert len(ledger.tasks()) == 2


# -- shared --------------------------------------------------------------------------------------


def test_what_is_published_is_undone_by_a_new_operation(team: Team) -> None:
    team.ada.edit(team.task.id, title="Tables")
    team.ada.sync()
    published = team.published()
    team.grace.sync()
    team.grace.undo(published[:8])
    team.meet()
    assert team.now().title == "Schema"
    assert undoes(team.grace) == (published,)


def test_what_is_undone_is_known_by_its_new_commit_after_a_replay(team: Team) -> None:
    team.grace.edit(team.task.id, title="Tables")
    first = commit(team.grace)
    team.grace.undo()
    assert undoes(team.grace) == (first,)
    team.ada.edit(team.task.id, priority="P0")
    team.meet()
    replayed = [entry for entry in team.grace.log() if entry.operation.name == "edit"]
    edited = next(entry for entry in replayed if entry.operation.session == "grace")
    assert edited.commit != first
    assert undoes(team.grace) == (edited.commit,)
    team.grace.redo()
    team.meet()
    assert (team.now().title, team.now().priority) == ("Tables", "P0")


def test_a_claim_that_is_undone_and_published_is_nobodys(team: Team) -> None:
    team.grace.claim(team.task.id)
    team.grace.sync()
    team.grace.undo()
    team.meet()
    assert team.now().owner is None


def test_a_join_of_two_histories_is_refused(ledger: Ledger) -> None:
    with ledger.transaction("merge") as joined:
        joined.add("Schema")
    with pytest.raises(InvalidInput, match="joined what two remotes had"):
        ledger.undo(commit(ledger))
    with pytest.raises(NotFound):
        ledger.undo()
