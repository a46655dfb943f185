"""What follows from tasks together."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from gitledger.core.dataclass import replace
from gitledger.core.derive import Published, views
from gitledger.core.graph import Graph
from gitledger.core.task import Task
from gitledger.core.view import Claim, TaskView
from tests.core.fakes import NOON, FakeTasks, later, task_id

ONE, TWO, THREE = (task_id(number) for number in (1, 2, 3))
EAST = timezone(timedelta(hours=14))


def view_all(
    *tasks: Task, published: Published | None = None, now: datetime = NOON
) -> list[TaskView]:
    return views(tasks, Graph(tasks), list_name="main", published=published, now=now)


def claim_of(task: Task, published: Published | None) -> Claim | None:
    (view,) = view_all(task, published=published)
    return view.claim


def held(**values: Any) -> Task:
    task = Task(id=ONE, title="T", status="in_progress", owner="ana", claimed_at=NOON)
    return replace(task, **values)


def test_views_come_in_the_order_of_the_tasks_and_know_their_list() -> None:
    tasks = [Task(id=each, title="T") for each in (TWO, ONE)]
    found = view_all(*tasks)
    assert [view.task for view in found] == tasks
    assert {view.list for view in found} == {"main"}


def test_only_the_tasks_that_are_asked_for_are_viewed_but_all_count() -> None:
    tasks = [Task(id=ONE, title="T", blocked_by=(TWO,)), Task(id=TWO, title="T")]
    (view,) = views(tasks[:1], Graph(tasks), list_name="x", published=None, now=NOON)
    assert (view.blockers, view.list) == ((TWO,), "x")


def test_a_task_waits_for_unfinished_ones_and_they_block_it() -> None:
    waiting = Task(id=ONE, title="T", blocked_by=(TWO, THREE))
    done = Task(id=THREE, title="T", status="completed", completed_at=NOON)
    first, second, third = view_all(waiting, Task(id=TWO, title="T"), done)
    assert (first.ready, first.blocked, first.blockers) == (False, True, (TWO,))
    assert (second.ready, second.blocked, second.blocks) == (True, False, (ONE,))
    assert (third.ready, third.blocked, third.blocks) == (False, False, (ONE,))


@pytest.mark.parametrize(
    ("due", "overdue"),
    [
        (None, False),
        (date(2026, 3, 1), True),
        (date(2026, 3, 2), False),
        (date(2026, 3, 3), False),
        (later(-1), True),
        (NOON, False),
        (later(1), False),
    ],
)
def test_a_task_is_overdue_once_its_day_or_its_time_is_past(due: Any, overdue: bool) -> None:
    (view,) = view_all(Task(id=ONE, title="T", due=due))
    assert view.overdue is overdue


def test_a_day_is_over_where_the_user_is() -> None:
    task = Task(id=ONE, title="T", due=date(2026, 3, 2))
    (view,) = view_all(task, now=NOON.astimezone(EAST))
    assert view.overdue
    (view,) = view_all(replace(task, due=NOON), now=NOON.astimezone(EAST))
    assert not view.overdue


@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_a_finished_task_is_neither_overdue_nor_held(status: str) -> None:
    task = held(status=status, completed_at=NOON, due=date(2026, 1, 1))
    (view,) = view_all(task, published=FakeTasks(task))
    assert (view.overdue, view.claim) == (False, None)


def test_a_task_that_nobody_owns_has_no_claim() -> None:
    assert claim_of(Task(id=ONE, title="T"), FakeTasks()) is None


def test_without_a_remote_a_claim_is_confirmed() -> None:
    assert claim_of(held(), None) == Claim(session="ana", at=NOON, state="confirmed")


@pytest.mark.parametrize(
    ("published", "state"),
    [
        (FakeTasks(), "tentative"),
        (FakeTasks(Task(id=ONE, title="T")), "tentative"),
        (FakeTasks(held(owner="ben")), "tentative"),
        (FakeTasks(held(claimed_at=later(-1))), "tentative"),
        (FakeTasks(held()), "confirmed"),
        (
            FakeTasks(held(title="Other", claimed_at=datetime(2026, 3, 2, 12, tzinfo=UTC))),
            "confirmed",
        ),
    ],
)
def test_a_claim_is_confirmed_once_the_remote_has_the_very_same(
    published: Published, state: str
) -> None:
    claim = claim_of(held(), published)
    assert claim is not None
    assert claim.state == state


def test_a_task_is_stale_while_its_silent_owner_has_not_finished_it() -> None:
    tasks = [held(), held(id=TWO, owner="ben"), held(id=THREE, status="completed")]
    found = views(tasks, Graph(tasks), list_name="main", published=None, now=NOON, stale={"ana": 1})
    assert [view.stale for view in found] == [True, False, False]
