"""What is undone in one clone and worked on in another: nobody's later work is lost, and no task
waits for one that is gone. Whoever syncs first, the tasks are the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gitledger.core.plan import parse_plan
from gitledger.core.task import Task
from gitledger.ledger import Ledger
from tests.ledgers import Team, team_fixture

team = team_fixture()

Naming = Callable[[Ledger, Task, Task], object]
NAMINGS: dict[str, Naming] = {
    "waits for it": lambda grace, new, other: grace.edit(other.id, add_blocked_by=[new.id]),
    "is part of it": lambda grace, new, other: grace.edit(other.id, parent=new.id),
    "is made to wait for it": lambda grace, new, other: grace.add("Form", blocked_by=[new.id]),
    "is made as a part of it": lambda grace, new, other: grace.add("Form", parent=new.id),
}
WORK: dict[str, Naming] = {
    "note": lambda grace, new, other: grace.note(new.id, "still needed"),
    "claim": lambda grace, new, other: grace.claim(new.id),
    "question": lambda grace, new, other: grace.ask(new.id, "which one?"),
    "edit": lambda grace, new, other: grace.edit(new.id, labels=["web"]),
    "done": lambda grace, new, other: grace.done(new.id),
}


def everything(ledger: Ledger) -> dict[str, Task]:
    snapshot = ledger.snapshot()
    return {task.id: task for task in (*snapshot.all(), *snapshot.archived())}


def meet(team: Team, first: str) -> None:
    """Sync, one of the two first; both come to the same, in which no name is one of nothing."""
    order = [team.ada, team.grace] if first == "ada" else [team.grace, team.ada]
    for ledger in (*order, *order):
        ledger.sync()
    assert team.ada.tip() == team.grace.tip() == team.published()
    tasks = everything(team.ada)
    for task in tasks.values():
        assert tasks.keys() >= {*task.blocked_by, *filter(None, [task.parent])}
    assert team.ada.graph().stuck() == ()


def added(team: Team, title: str = "Login") -> Task:
    """Return a task that ada has made and both know."""
    task = team.ada.add(title)
    team.ada.sync()
    team.grace.sync()
    return task


def set_aside(team: Team, task: Task) -> list[tuple[str | None, object, object]]:
    return [(n.field, n.kept, n.dropped) for n in team.now(task).notes if n.kind == "conflict"]


@pytest.mark.parametrize("first", ["ada", "grace"])
@pytest.mark.parametrize("naming", NAMINGS)
def test_a_task_whose_making_is_undone_stays_where_another_names_it(
    team: Team, naming: str, first: str
) -> None:
    new = added(team)
    team.ada.undo()
    NAMINGS[naming](team.grace, new, team.other)
    meet(team, first)
    assert set_aside(team, new) == [("task", new.id, None)]
    naming_it = [t for t in team.ada.tasks() if new.id in (*t.blocked_by, t.parent)]
    assert len(naming_it) == 1


@pytest.mark.parametrize("first", ["ada", "grace"])
@pytest.mark.parametrize("work", WORK)
def test_a_task_whose_making_is_undone_stays_where_somebody_worked_on_it(
    team: Team, work: str, first: str
) -> None:
    new = added(team)
    team.ada.undo()
    WORK[work](team.grace, new, team.other)
    there = team.grace.task(new.id)
    meet(team, first)
    assert set_aside(team, new) == [("task", new.id, None)]
    now = team.now(new)
    assert (now.status, now.owner, now.labels) == (there.status, there.owner, there.labels)
    assert {note.text for note in there.notes} <= {note.text for note in now.notes}


@pytest.mark.parametrize("first", ["ada", "grace"])
def test_it_stays_as_a_word_in_the_inbox_of_who_works_on_it(team: Team, first: str) -> None:
    new = added(team)
    team.ada.undo()
    team.grace.claim(new.id)
    meet(team, first)
    (reply,) = team.grace.inbox().replies
    assert reply.note.text == "task: kept, set aside its removal"
    team.grace.resolve(new.id)
    assert team.grace.inbox().replies == ()


@pytest.mark.parametrize("first", ["ada", "grace"])
@pytest.mark.parametrize("work", [*NAMINGS, *WORK])
def test_it_stays_as_a_word_in_the_inbox_of_who_removed_it(
    team: Team, work: str, first: str
) -> None:
    new = added(team)
    team.grace.tell("all", "Something that comes before")
    team.ada.as_session("linus").undo(team.ada.tip() or "")
    team.ada.note(team.other.id, "Something that comes after")
    {**NAMINGS, **WORK}[work](team.grace, new, team.other)
    meet(team, first)
    linus = team.ada.as_session("linus")
    (reply,) = linus.inbox().replies
    assert (reply.task.id, reply.note.text) == (new.id, "task: kept, set aside its removal")
    others = {ledger.session: ledger.inbox().replies for ledger in (team.ada, team.grace)}
    assert others == {"ada": (), "grace": (reply,) if team.now(new).owner == "grace" else ()}
    linus.resolve(new.id)
    assert linus.inbox().replies == ()


@pytest.mark.parametrize("first", ["ada", "grace"])
def test_what_it_waits_for_itself_stays_with_it(team: Team, first: str) -> None:
    root = added(team)
    middle = team.ada.add("Token", blocked_by=[root.id])
    leaf = team.ada.add("Key", parent=middle.id)
    lone = team.ada.add("Logo")
    team.ada.sync()
    team.grace.sync()
    team.ada.undo_last(4)
    assert len(team.ada.tasks()) == 2
    team.grace.edit(team.other.id, add_blocked_by=[leaf.id])
    meet(team, first)
    assert everything(team.ada).keys() >= {root.id, middle.id, leaf.id}
    assert lone.id not in everything(team.ada)


@pytest.mark.parametrize("first", ["ada", "grace"])
def test_it_stays_where_each_was_undone_by_itself(team: Team, first: str) -> None:
    root = added(team)
    leaf = team.ada.add("Token", blocked_by=[root.id])
    team.ada.sync()
    team.grace.sync()
    team.ada.undo()
    team.ada.undo()
    team.grace.edit(team.other.id, add_blocked_by=[leaf.id])
    meet(team, first)
    assert everything(team.ada).keys() >= {root.id, leaf.id}


def test_what_nobody_names_any_more_goes(team: Team) -> None:
    new = added(team)
    team.ada.undo()
    team.grace.edit(team.other.id, add_blocked_by=[new.id])
    team.grace.undo()
    team.grace.note(team.other.id, "other work")
    meet(team, "grace")
    assert new.id not in everything(team.ada)


@pytest.mark.parametrize("first", ["ada", "grace"])
def test_a_redo_after_it_stayed_changes_nothing_of_it(team: Team, first: str) -> None:
    new = added(team)
    team.ada.undo()
    team.grace.edit(team.other.id, add_blocked_by=[new.id])
    meet(team, first)
    team.ada.redo()
    team.grace.note(new.id, "mine")
    meet(team, first)
    assert [note.text for note in team.now(new).notes if note.kind == "note"] == ["mine"]


def test_a_task_that_was_imported_anew_is_named_in_its_place(team: Team) -> None:
    plan = parse_plan("- [ ] Login\n", name="plan.md")

    def imported(ledger: Ledger) -> Task:
        return ledger.import_plan(plan, name="plan.md", parse_due=lambda words: None).tasks[0]

    old = imported(team.ada)
    team.ada.sync()
    team.grace.sync()
    team.ada.undo()
    team.grace.edit(team.other.id, add_blocked_by=[old.id])
    new = imported(team.ada)
    meet(team, "ada")
    assert old.id not in everything(team.ada)
    assert team.now(team.other).blocked_by == (new.id,)
