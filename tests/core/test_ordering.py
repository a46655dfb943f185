"""In which order a list shows its tasks."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core.ordering import SORT_KEYS, sort_views
from gitledger.core.task import PRIORITIES, STATUSES, Task
from gitledger.core.view import TaskView
from gitledger.errors import InvalidInput


def view(letter: str, **keys: Any) -> TaskView:
    task = Task(**{"id": letter * 10, "title": "x", **keys})
    return TaskView(task=task, list="main", ready=False, blocked=False)


def order(views: list[TaskView], key: str = "priority") -> str:
    return "".join(view.task.id[0] for view in sort_views(views, key))


def moment(day: int) -> datetime:
    return datetime(2026, 11, day, tzinfo=UTC)


tasks = st.builds(
    Task,
    id=st.sampled_from("abcdefgh").map(lambda letter: letter * 10),
    title=st.sampled_from("abc"),
    status=st.sampled_from(STATUSES),
    priority=st.sampled_from(PRIORITIES),
    owner=st.sampled_from([None, "anna", "bert"]),
    due=st.sampled_from([None, date(2026, 11, 2), moment(2), moment(3)]),
    created_at=st.sampled_from([None, moment(1), moment(2)]),
)
views = st.lists(
    tasks.map(lambda task: TaskView(task=task, list="main", ready=False, blocked=False)),
    max_size=6,
    unique_by=lambda view: view.task.id,
)


def test_by_default_the_most_urgent_comes_first_then_the_due_then_the_oldest() -> None:
    mixed = [
        view("a", created_at=moment(2)),
        view("b", created_at=moment(1)),
        view("c", due=date(2026, 11, 9), created_at=moment(3)),
        view("d", priority="P3", due=date(2026, 11, 1)),
        view("e", priority="P0"),
        view("f", due=date(2026, 11, 8), created_at=moment(4)),
    ]
    assert order(mixed) == "efcbad"
    assert order(mixed, "-priority") == "dfcbae"


@pytest.mark.parametrize(
    ("key", "field", "values"),
    [
        ("created", "created_at", [moment(1), moment(2)]),
        ("updated", "updated_at", [moment(1), moment(2)]),
        ("due", "due", [date(2026, 11, 1), moment(2)]),
        ("owner", "owner", ["anna", "bert"]),
    ],
)
def test_what_is_unset_comes_last_in_both_directions(
    key: str, field: str, values: list[Any]
) -> None:
    mixed = [view("a"), view("b", **{field: values[1]}), view("c", **{field: values[0]})]
    assert order(mixed, key) == "cba"
    assert order(mixed, f"-{key}") == "bca"


def test_a_title_sorts_without_regard_to_case() -> None:
    assert order([view("a", title="b"), view("b", title="A"), view("c", title="C")], "title") == (
        "bac"
    )


def test_a_status_sorts_along_the_life_of_a_task() -> None:
    letters = dict(zip("abcdef", reversed(STATUSES), strict=True))
    mixed = [view(letter, status=status) for letter, status in letters.items()]
    assert order(mixed, "status") == "fedcba"


def test_a_day_is_due_after_every_moment_in_it() -> None:
    at_noon = datetime(2026, 11, 2, 12, tzinfo=UTC)
    mixed = [view("a", due=date(2026, 11, 2)), view("b", due=at_noon), view("c", due=moment(3))]
    assert order(mixed, "due") == "bac"


@pytest.mark.parametrize("key", sorted({*SORT_KEYS} - {"created", "id"}))
def test_between_equals_the_older_comes_first_then_the_smaller_id(key: str) -> None:
    same = [view("c", created_at=moment(2)), view("b", created_at=moment(2)), view("a")]
    same.append(view("d", created_at=moment(1)))
    assert order(same, key) == "dbca"
    assert order(same, f"-{key}") == "dbca"


@given(st.data(), views, st.sampled_from(SORT_KEYS), st.sampled_from(["", "-"]))
@settings(max_examples=60, deadline=None)
def test_the_order_depends_on_the_tasks_alone(
    data: st.DataObject, mixed: list[TaskView], key: str, sign: str
) -> None:
    shown = order(mixed, sign + key)
    assert sorted(shown) == sorted(view.task.id[0] for view in mixed)
    assert order(data.draw(st.permutations(mixed)), sign + key) == shown


@pytest.mark.parametrize(
    ("key", "hint"), [("prio", "did you mean 'priority'?"), ("-xyzzy", "one of: priority, ")]
)
def test_an_unknown_key_is_refused_with_the_nearest_known_one(key: str, hint: str) -> None:
    with pytest.raises(InvalidInput, match=f"unknown sort key '{key}'") as caught:
        sort_views([], key)
    assert hint in (caught.value.hint or "")
