"""Why a task is the one to do next."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from gitledger.core import handoff, lifecycle
from gitledger.core.dataclass import replace
from gitledger.core.explain import explain_next
from gitledger.core.task import Task
from tests.core.fakes import FakeTasks, later, task_id

ONE, TWO, THREE = (task_id(number) for number in (1, 2, 3))


def explained(tasks: FakeTasks, **asked: Any) -> tuple[str, ...]:
    draft = tasks.draft()
    return explain_next(draft, lifecycle.next_task(draft, **asked), **asked)


@pytest.mark.parametrize(
    ("first", "second", "why"),
    [
        (
            {"priority": "P0"},
            {},
            "Its priority is P0, that of 0002 'T' is P2.",
        ),
        ({"due": date(2026, 3, 5)}, {}, "It is due 2026-03-05, 0002 'T' at no time."),
        ({}, {}, "It is older than 0002 'T'."),
        ({"owner": "ana"}, {"priority": "P0"}, "What is yours comes before 0002 'T'."),
    ],
)
def test_it_says_in_what_the_task_comes_before_the_next(
    first: dict[str, Any], second: dict[str, Any], why: str
) -> None:
    one = Task(id=ONE, title="T", created_at=later(0))
    two = replace(one, id=TWO, created_at=later(1))
    assert explained(FakeTasks(replace(one, **first), replace(two, **second)))[-1] == why


def test_it_says_how_many_tasks_it_unblocks() -> None:
    tasks = FakeTasks(
        Task(id=ONE, title="T"),
        Task(id=TWO, title="T"),
        Task(id=THREE, title="T", blocked_by=(TWO,)),
    )
    assert explained(tasks) == (
        "It is ready, and nobody has it.",
        "1 wait for it, 0 for 0001 'T'.",
    )


def test_it_says_how_the_task_came_to_the_session() -> None:
    tasks = FakeTasks(Task(id=ONE, title="T", created_by="ana"))
    tasks.do_as("ben", handoff.handoff, ONE, "ana", "x")
    assert explained(tasks) == ("ben handed it to you.", "Nothing else can be done now.")


def test_it_says_for_how_long_the_owner_is_silent() -> None:
    tasks = FakeTasks(Task(id=ONE, title="T", owner="ben", role="tester"))
    assert explained(tasks, silent={"ben": timedelta(days=3)})[:2] == (
        "ben, who holds it, is silent for 3d.",
        "It is for the role tester.",
    )
