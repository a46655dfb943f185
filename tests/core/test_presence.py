"""What each session works on, and who needs attention."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from gitledger.core.dataclass import replace
from gitledger.core.presence import (
    Held,
    SessionView,
    group_sessions,
    lost_claims,
    session_json,
    session_views,
    sort_sessions,
)
from gitledger.core.session import Session, last_sign
from gitledger.core.task import Note, Task, age
from gitledger.errors import InvalidInput
from tests.core.fakes import NOON, later, task_id

HOUR = timedelta(hours=1)


def held(number: int = 1, owner: str = "ana", **values: Any) -> Task:
    task = Task(id=task_id(number), title="T", status="in_progress", owner=owner)
    return replace(task, **{"claimed_at": NOON, "started_at": NOON, **values})


def look(
    *tasks: Task,
    hours: float = 1,
    gone: tuple[str, ...] = (),
    typical: float = 0,
    **sessions: dict[str, Any],
) -> list[SessionView]:
    registered = {name: Session(name=name, id=name, **keys) for name, keys in sessions.items()}
    names = {*registered, *(task.owner for task in tasks)}
    unfinished = [task for task in tasks if not task.finished]
    return session_views(
        [
            Held(task.id, str(task.owner), task.status, task.priority, task.type)
            for task in sorted(unfinished, key=lambda task: (task.priority, age(task)))
        ],
        registered,
        tasks=lambda ids: [task for task in tasks if task.id in set(ids)],
        lost=lost_claims(unfinished),
        typical={"task": typical * 3600} if typical else {},
        seen={str(name): NOON for name in names},
        lease=2 * HOUR,
        now=later(hours),
        gone=gone,
    )


@pytest.mark.parametrize(
    ("status", "keys", "hours", "expected"),
    [
        ("in_progress", {}, 1, "working"),
        ("waiting", {}, 1, "waiting"),
        ("pending", {}, 1, "idle"),
        ("completed", {}, 1, "idle"),
        ("in_progress", {}, 3, "stale"),
        ("in_progress", {"lease": "4h"}, 3, "working"),
        ("in_progress", {"ended_at": NOON}, 3, "ended"),
    ],
)
def test_what_a_session_does(
    status: str, keys: dict[str, Any], hours: float, expected: str
) -> None:
    (view,) = look(held(status=status), hours=hours, ana=keys)
    assert view.status == expected


def test_the_last_sign_of_life_is_the_latest_of_all() -> None:
    assert last_sign(None, NOON, later(-1)) == NOON
    assert last_sign(None) is None


def test_an_owner_that_never_registered_is_listed_and_one_that_is_done_is_not() -> None:
    views = look(held(), held(2, "ben", status="completed"))
    assert [(view.name, view.session) for view in views] == [("ana", None)]


def test_the_task_at_work_is_the_most_urgent_in_progress_else_the_first() -> None:
    urgent = held(1, status="pending", priority="P0")
    (view,) = look(urgent, held(2, priority="P3"), held(3, priority="P1"))
    assert view.task is not None
    assert view.task.id == task_id(3)
    (view,) = look(held(2, status="waiting"), urgent)
    assert view.task == urgent


@pytest.mark.parametrize(
    ("values", "typical", "expected"),
    [
        ({"progress": 25}, 0, later(4)),
        ({"progress": 100}, 0, later(1)),
        ({"estimate": "4h"}, 0, later(4)),
        ({"estimate": "4h"}, 2, later(2)),
        ({"progress": 0}, 2, later(2)),
        ({"type": "bug"}, 2, None),
        ({"started_at": None, "estimate": "2h"}, 0, later(3)),
        ({}, 0, None),
    ],
)
def test_the_end_is_expected_by_progress_then_by_others_then_as_estimated(
    values: dict[str, Any], typical: float, expected: datetime | None
) -> None:
    (view,) = look(held(**values), typical=typical)
    assert view.expected_end == expected


def test_who_needs_attention_comes_first_then_by_priority() -> None:
    lost = Note(
        id="n", at=NOON, by="eve", kind="conflict", field="owner", kept="cat", dropped="dan"
    )
    views = look(
        held(1, "ana", priority="P1"),
        held(2, "ben", priority="P0"),
        held(3, "cat", priority="P3", status="waiting", notes=(lost,)),
        dan={},
        eve={},
        gone=("eve",),
    )
    assert [(view.name, view.attention) for view in views] == [
        ("cat", ("question",)),
        ("dan", ("claim lost",)),
        ("eve", ("gone",)),
        ("ben", ()),
        ("ana", ()),
    ]


def test_a_silent_session_needs_attention_only_where_it_holds_something() -> None:
    views = look(held(), hours=3, ben={})
    assert [(view.name, view.attention) for view in views] == [("ana", ("stale",)), ("ben", ())]


def test_sessions_sort_by_end_priority_and_time_at_work() -> None:
    views = look(
        held(1, "ana", priority="P2", progress=50, started_at=later(-3)),
        held(2, "ben", priority="P0"),
        held(3, "cat", priority="P1", progress=50),
        dan={},
    )
    for key, names in (
        ("eta", ["cat", "ana", "ben", "dan"]),
        ("priority", ["ben", "cat", "ana", "dan"]),
        ("elapsed", ["ana", "ben", "cat", "dan"]),
    ):
        assert [view.name for view in sort_sessions(views, key)] == names
    with pytest.raises(InvalidInput) as refused:
        sort_sessions(views, "prio")
    assert refused.value.hint == "did you mean 'priority'?"


def test_sessions_group_by_name_and_those_without_come_last() -> None:
    views = look(held(owner="zoe"), ana={"role": "tester"}, ben={"role": "builder"}, cat={})
    groups = group_sessions(views, "role")
    assert [(name, sorted(v.name for v in group)) for name, group in groups] == [
        ("builder", ["ben"]),
        ("tester", ["ana"]),
        (None, ["cat", "zoe"]),
    ]
    with pytest.raises(InvalidInput):
        group_sessions(views, "person")


def test_json_has_every_key_registered_or_not() -> None:
    one, other = look(held(progress=50), ben={"role": "builder"})
    assert session_json(one).keys() == session_json(other).keys()
    data = session_json(one)
    assert (data["elapsed"], data["expected_end"]) == (3600, "2026-03-02T14:00:00Z")
    assert (data["registered"], data["role"], data["tasks"]) == (False, None, [task_id(1)])
    assert session_json(other)["task"] is None
