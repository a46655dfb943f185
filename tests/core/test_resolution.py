"""Settling the conflicts that a merge leaves."""

from __future__ import annotations

from typing import Any

import pytest

from gitledger.core.conflict import Conflict, with_conflicts
from gitledger.core.resolution import resolve
from gitledger.core.task import Note, Task, open_conflicts
from gitledger.errors import InvalidInput
from tests.core.fakes import NOON, FakeTasks, task_id

ONE, TWO = task_id(1), task_id(2)


def conflicted(*conflicts: tuple[str, Any, Any], **fields: Any) -> FakeTasks:
    """Return a list with a task on which these fields kept one value and set aside another."""
    task = Task(id=ONE, title="kept", **fields)
    found = [Conflict(ONE, field, kept, dropped) for field, kept, dropped in conflicts]
    return FakeTasks(
        with_conflicts(task, found, at=NOON, by="ana", seed="1" * 40), Task(id=TWO, title="two")
    )


def test_without_a_choice_the_kept_values_stay_and_all_is_settled() -> None:
    tasks = conflicted(("title", "kept", "mine"), ("priority", "P2", "P0"))
    task = tasks.do(resolve, ONE)
    assert (task.title, task.priority, open_conflicts(task)) == ("kept", "P2", {})


@pytest.mark.parametrize(
    ("field", "dropped", "expected"),
    [
        ("title", "mine", {"title": "mine"}),
        ("description", "my words", {"description": "my words"}),
        ("priority", "P0", {"priority": "P0"}),
        ("due", None, {"due": None}),
        ("progress", 30, {"progress": 30}),
        ("metadata.team", "web", {"metadata": {"team": "web", "other": 1}}),
        ("blocked_by", [TWO], {"blocked_by": (TWO,)}),
        ("colour", "red", {"extra": {"colour": "red"}}),
    ],
)
def test_a_value_that_was_set_aside_is_put_back(
    field: str, dropped: Any, expected: dict[str, Any]
) -> None:
    tasks = conflicted((field, "kept", dropped), metadata={"team": "app", "other": 1})
    task = tasks.do(resolve, ONE, 1)
    assert {key: getattr(task, key) for key in expected} == expected
    assert open_conflicts(task) == {}


def test_who_wants_a_task_gone_after_all_is_told_to_cancel_it() -> None:
    with pytest.raises(InvalidInput) as refused:
        conflicted(("task", ONE, None)).do(resolve, ONE, 1)
    assert refused.value.hint == "cancel it: git ledger cancel ID"


def test_a_conflict_keeps_its_number_when_others_are_settled() -> None:
    tasks = conflicted(("title", "kept", "mine"), ("priority", "P2", "P0"), ("role", "a", "b"))
    tasks.do(resolve, ONE, 2)
    assert open_conflicts(tasks[ONE]).keys() == {1, 3}
    with pytest.raises(InvalidInput, match="has no open conflict 2: it has 1, 3"):
        tasks.do(resolve, ONE, 2)
    assert tasks.do(resolve, ONE, 3).role == "b"


def test_taking_one_value_leaves_the_other_conflicts_open() -> None:
    tasks = conflicted(("title", "kept", "mine"), ("priority", "P2", "P0"))
    task = tasks.do(resolve, ONE, 2)
    assert (task.title, task.priority) == ("kept", "P0")
    assert {n: note.field for n, note in open_conflicts(task).items()} == {1: "title"}


def test_the_text_of_a_note_is_put_back() -> None:
    note = Note(id="n1", at=NOON, by="ana", text="theirs")
    tasks = conflicted(("notes.n1", "theirs", "mine"), notes=(note,))
    assert tasks.do(resolve, ONE, 1).notes[0].text == "mine"


@pytest.mark.parametrize("field", ["owner", "status", "task", "file"])
def test_what_has_a_command_of_its_own_is_not_taken(field: str) -> None:
    tasks = conflicted((field, "kept", "mine"))
    with pytest.raises(InvalidInput, match=f"'{field}' cannot be taken") as refused:
        tasks.do(resolve, ONE, 1)
    assert refused.value.hint
    assert open_conflicts(tasks[ONE])


@pytest.mark.parametrize("number", [0, 2, -1])
def test_a_conflict_that_is_not_there_cannot_be_taken(number: int) -> None:
    with pytest.raises(InvalidInput, match=f"no open conflict {number}: it has 1"):
        conflicted(("title", "kept", "mine")).do(resolve, ONE, number)


def test_resolving_a_task_without_conflicts_changes_nothing() -> None:
    tasks = FakeTasks(Task(id=ONE, title="one"))
    draft = tasks.draft()
    resolve(draft, ONE)
    assert draft.changed == {}


def test_a_conflict_is_settled_once() -> None:
    tasks = conflicted(("title", "kept", "mine"))
    tasks.do(resolve, ONE)
    with pytest.raises(InvalidInput, match="it has none"):
        tasks.do(resolve, ONE, 1)
