"""The parties to a task: for whom it may be in the inbox."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core import codec
from gitledger.core.dataclass import replace
from gitledger.core.inbox import collect, whose
from gitledger.core.parties import concerned
from gitledger.core.session import Session
from gitledger.core.task import Note, Task
from tests.core.fakes import NOON, later, task_id
from tests.strategies import argued

TESTER = Session(name="cat", id="c", role="tester")


def names(task: Task) -> set[str]:
    return concerned(codec.as_data(task))


def said(kind: str, by: str = "ben", **keys: Any) -> Note:
    return Note(id="n", at=later(1), by=by, kind=kind, **{"text": kind, **keys})


@settings(max_examples=400, deadline=None)
@given(st.lists(argued(), max_size=2), st.sampled_from(("ana", "ben", "cat")))
def test_an_inbox_needs_only_the_tasks_that_concern_its_session(
    found: list[Task], session: str
) -> None:
    tasks = [replace(task, id=task_id(number)) for number, task in enumerate(found)]
    registered = TESTER if session == "cat" else None
    mine = {*whose(session, registered)}
    chosen = [task for task in tasks if names(task) & mine]
    everything = collect(tasks, session, registered=registered)
    assert collect(chosen, session, registered=registered) == everything


HELD = Task(id=task_id(1), title="T", status="in_progress", owner="ana", updated_by="ben")


@pytest.mark.parametrize(
    ("task", "expected"),
    [
        (HELD, set()),
        (replace(HELD, notes=(said("note"), said("question"))), set()),
        (replace(HELD, notes=(said("answer"),)), {"ana"}),
        (replace(HELD, notes=(said("answer"),), updated_by="ana"), set()),
        (replace(HELD, notes=(said("review", "ana"),)), set()),
        (replace(HELD, notes=(said("conflict"),), updated_by="ana"), {"ana"}),
        (replace(HELD, notes=(said("conflict", resolved=True),)), set()),
        (replace(HELD, notes=(said("conflict", field="owner", dropped="eve"),)), {"ana", "eve"}),
        (replace(HELD, notes=(said("note", text="taken over from eve with --force"),)), {"eve"}),
        (replace(HELD, notes=(said("question"),), status="waiting"), {"all"}),
        (replace(HELD, notes=(said("handoff", to="ana"),)), set()),
        (replace(HELD, notes=(said("handoff", to="ana"),), status="pending"), {"ana"}),
        (replace(HELD, notes=(said("handoff", to="role:x"),), owner=None), {"role:x"}),
        (replace(HELD, notes=(said("handoff", to="ana"),), status="completed"), set()),
    ],
)
def test_a_task_concerns_those_who_may_have_to_see_it_and_few_others(
    task: Task, expected: set[str]
) -> None:
    assert names(task) == expected


def test_the_names_of_a_session_are_its_own_its_role_and_everybody() -> None:
    assert whose("ana") == ("ana", "all")
    assert whose("cat", TESTER) == ("cat", "all", "role:tester")


def test_a_note_without_a_kind_is_a_note_as_it_is_in_a_task() -> None:
    text = "released from eve, silent for 3h"
    values = {"notes": [{"id": "n", "at": NOON, "by": "ben", "text": text}]}
    assert concerned(values) == {"eve"}
