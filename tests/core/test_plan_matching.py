"""A second import: which tasks the items of a plan are."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core.dataclass import replace
from gitledger.core.plan import Plan, PlanItem, match_plan, parse_plan
from gitledger.core.task import Task


def plan(text: str) -> Plan:
    return parse_plan(text, "plan.md")


def imported(read: Plan, *, name: str = "plan.md", first: int = 0) -> list[Task]:
    """Return the tasks that an import of the plan makes."""
    ids = [f"{number:010d}" for number in range(first, first + len(read.items))]
    return [
        Task(
            id=ids[number],
            title=item.title,
            status=item.status or "pending",
            parent=None if item.parent is None else ids[item.parent],
            source={"system": "file", "list": name, "key": item.place},
        )
        for number, item in enumerate(read.items)
    ]


def matched(before: str | Sequence[Task], now: str) -> list[str | None]:
    """Return by item of the plan now what the task that it updates was called."""
    tasks = imported(plan(before)) if isinstance(before, str) else before
    called = {task.id: task.title for task in tasks}
    found = match_plan(plan(now), tasks, list="plan.md")
    return [task_id and called[task_id] for task_id in found]


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        ("- A\n- B", "- B\n- A", ["B", "A"]),
        ("- A\n- B", "- A\n- New\n- B", ["A", None, "B"]),
        ("- A\n- B\n- C", "- C", ["C"]),
        # A renamed one stands where it stood.
        ("- A\n- B\n- C", "- A\n- Be\n- C", ["A", "B", "C"]),
        ("- A\n  - B\n- C", "- C\n- A\n  - Be", ["C", "A", "B"]),
        # A sub-task of a renamed parent.
        ("- A\n  - X\n- B\n  - X", "- A\n  - X\n- Be\n  - X", ["A", "X", "B", "X"]),
        # Moved below another task, or out of one.
        ("- A\n  - B\n- C\n  - D", "- A\n- C\n  - B\n  - D", ["A", "C", "B", "D"]),
        ("- A\n  - B", "- B\n- A", ["B", "A"]),
        # The same title below another parent is another task if it is not the only one.
        (
            "- A\n  - Test\n- B\n  - Test",
            "- A\n- B\n  - Test\n- C\n  - Test",
            ["A", "B", "Test", None, None],
        ),
        # A finished task is not renamed, unless the plan says that it is completed too.
        ("- [x] A\n- [ ] B", "- [ ] C\n- [ ] B", [None, "B"]),
        ("- [x] A\n- [ ] B", "- [x] C\n- [ ] B", ["A", "B"]),
        ("- [ ] A", "- [x] B", ["A"]),
    ],
)
def test_titles_match_and_then_places(before: str, now: str, expected: list[str | None]) -> None:
    assert matched(before, now) == expected


def test_equal_titles_below_one_parent_match_in_the_order_of_the_plan() -> None:
    tasks = imported(plan("- A\n- A\n- A"))
    found = match_plan(plan("- A\n- New\n- A\n- A"), tasks[::-1], list="plan.md")
    assert found == [tasks[0].id, None, tasks[1].id, tasks[2].id]


def test_a_title_that_was_edited_in_the_ledger_still_matches_by_place() -> None:
    tasks = imported(plan("- A\n- B"))
    edited = [tasks[0], replace(tasks[1], title="Changed")]
    assert matched(edited, "- A\n- B") == ["A", "Changed"]


def test_tasks_put_below_another_task_by_hand_still_match() -> None:
    tasks = [replace(task, parent="00000epic0") for task in imported(plan("- A\n- A"))]
    assert matched(tasks, "- A\n- A") == ["A", "A"]


@pytest.mark.parametrize(
    "source",
    [
        {},
        {"system": "file", "list": "other.md", "key": "1"},
        {"system": "jira", "list": "plan.md", "key": "1"},
    ],
)
def test_tasks_from_elsewhere_do_not_match(source: dict[str, str]) -> None:
    tasks = [replace(task, source=source) for task in imported(plan("- A"))]
    assert matched(tasks, "- A") == [None]


@pytest.mark.parametrize("key", ["", "first", "1.", "9" * 20, "²"])
def test_a_key_that_is_no_place_matches_by_title_alone(key: str) -> None:
    source = {"system": "file", "list": "plan.md", "key": key}
    tasks = [replace(task, source=source) for task in imported(plan("- A\n- B"))]
    assert matched(tasks, "- B\n- C") == ["B", None]


# -- laws ---------------------------------------------------------------------------------------


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Trees whose titles and statuses come from small pools, so that equal ones meet."""
    depths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=10))
    lines = []
    limit = 0
    for wanted in depths:
        depth = min(wanted, limit)
        box = draw(st.sampled_from(("[ ]", "[x]")))
        lines.append(f"{'  ' * depth}- {box} {draw(st.sampled_from('ABCDE'))}")
        limit = depth + 1
    return plan("\n".join(lines))


@settings(max_examples=120, deadline=None)
@given(plans(), st.data())
def test_a_plan_matches_the_tasks_made_of_it_one_by_one(read: Plan, data: st.DataObject) -> None:
    tasks = imported(read)
    mixed = data.draw(st.permutations(tasks))
    assert match_plan(read, mixed, list="plan.md") == [task.id for task in tasks]


@settings(max_examples=80, deadline=None)
@given(st.lists(st.text("abc", min_size=1, max_size=3), min_size=1, max_size=8), st.data())
def test_tasks_in_another_order_match_by_their_titles(
    titles: list[str], data: st.DataObject
) -> None:
    before = imported(plan("\n".join(f"- {title}" for title in titles)))
    shuffled = data.draw(st.permutations(titles))
    called = {task.id: task.title for task in before}
    found = match_plan(plan("\n".join(f"- {title}" for title in shuffled)), before, list="plan.md")
    assert [called[task_id] for task_id in found if task_id] == shuffled


@settings(max_examples=120, deadline=None)
@given(plans(), plans())
def test_no_task_is_matched_twice_and_no_possible_title_is_missed(before: Plan, now: Plan) -> None:
    tasks = imported(before)
    found = match_plan(now, tasks, list="plan.md")
    taken = [task_id for task_id in found if task_id]
    assert len(taken) == len(set(taken))
    left = {task.title for task in tasks if task.id not in taken and task.parent is None}
    new = {_title(item) for item, task_id in zip(now.items, found, strict=True) if not task_id}
    assert not left & new


def _title(item: PlanItem) -> str | None:
    return item.title if item.parent is None else None
