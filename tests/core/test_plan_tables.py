"""Plans in TOML and JSON: keys, nesting, references, exports, and each way to be wrong."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core.plan import PlanItem, parse_plan
from gitledger.core.task import STATUSES, Task
from gitledger.core.view import TaskView, task_json
from gitledger.errors import Cycle, InvalidInput

RELEASE = """\
# The release
[[tasks]]
title = "  Design the schema "
key = "schema"
description = "Tables:\\n- payments"
priority = "p1"
type = "feature"
role = "builder"
review = true
estimate = "4H"
due = 2026-12-24
labels = ["db", "api", "db"]
metadata = { jira = "PAY-1", points = 3 }
blocked_by = ["k3xm", "2.1"]

[[tasks]]
title = "Build"
completed = false
due = "next friday"
tasks = [{ title = "Client" }]
subtasks = [{ title = "Server", status = "completed", priority = 0 }]

[[tasks]]
title = "Deploy"
status = "in-progress"
due = 2026-12-31T12:00:00Z
blocked_by = [2, "schema", "build"]
"""


def items(plan: object) -> tuple[PlanItem, ...]:
    text = plan if isinstance(plan, str) else json.dumps(plan)
    return parse_plan(text, "plan.toml" if isinstance(plan, str) else "plan.json").items


def refusal(plan: object) -> tuple[str, str | None]:
    with pytest.raises(InvalidInput) as refused:
        items(plan)
    return refused.value.message, refused.value.hint


def test_a_plan_in_toml() -> None:
    assert items(RELEASE) == (
        PlanItem(
            place="1",
            line=0,
            title="Design the schema",
            description="Tables:\n- payments",
            priority="P1",
            type="feature",
            role="builder",
            review=True,
            estimate="4h",
            due="2026-12-24",
            labels=("api", "db"),
            metadata={"jira": "PAY-1", "points": 3},
            blocked_by=(2,),
            blocked_by_ids=("k3xm",),
        ),
        PlanItem(place="2", line=0, title="Build", status="pending", due="next friday"),
        PlanItem(place="2.1", line=0, title="Client", parent=1),
        PlanItem(place="2.2", line=0, title="Server", parent=1, status="completed", priority="P0"),
        PlanItem(
            place="3",
            line=0,
            title="Deploy",
            status="in_progress",
            due="2026-12-31T12:00:00+00:00",
            blocked_by=(0, 1),
        ),
    )


def test_json_has_the_same_shape() -> None:
    tasks = [
        {"title": "A", "key": "a", "priority": 1, "description": None},
        {"title": "B", "blocked_by": ["a", 1], "tasks": [{"title": "C", "completed": True}]},
    ]
    expected = (
        PlanItem(place="1", line=0, title="A", priority="P1"),
        PlanItem(place="2", line=0, title="B", blocked_by=(0,)),
        PlanItem(place="2.1", line=0, title="C", parent=1, status="completed"),
    )
    assert items(tasks) == items({"tasks": tasks}) == expected


def test_a_key_goes_before_a_place() -> None:
    found = items(
        [{"title": "A", "id": 2}, {"title": "B", "id": 1}, {"title": "C", "blocked_by": [1]}]
    )
    assert found[2].blocked_by == (1,)


def test_a_parent_that_is_named_makes_a_sub_task() -> None:
    found = items(
        [
            {"title": "A1", "parent": "a"},
            {"title": "B"},
            {"title": "A", "key": "a", "tasks": [{"title": "A2", "parent": "a", "key": "a2"}]},
            {"title": "A2x", "parent": "a2"},
        ]
    )
    assert [(item.place, item.title, item.parent) for item in found] == [
        ("1", "B", None),
        ("2", "A", None),
        ("2.1", "A1", 1),
        ("2.2", "A2", 1),
        ("2.2.1", "A2x", 3),
    ]


# -- exports ------------------------------------------------------------------------------------


def _export(*tasks: Task) -> dict[str, Any]:
    views = [TaskView(task=task, list="main", ready=True, blocked=False) for task in tasks]
    return {"schema_version": 1, "kind": "task-list", "tasks": [task_json(view) for view in views]}


def test_the_json_that_a_list_prints_is_a_plan() -> None:
    parent, child = "000000000a", "000000000b"
    export = _export(
        Task(id=child, title="B", parent=parent, blocked_by=("00000000zz", "1234567890")),
        Task(
            id=parent,
            title="A",
            status="waiting",
            blocked_by=(child,),
            labels=("db",),
            due=date(2026, 1, 31),
            owner="ana",
            created_at=datetime(2026, 1, 1, tzinfo=UTC),
            source={"system": "file", "list": "x", "key": "1"},
        ),
    )
    expected = (
        PlanItem(
            place="1",
            line=0,
            title="A",
            status="waiting",
            priority="P2",
            type="task",
            review=False,
            labels=("db",),
            due="2026-01-31",
            blocked_by=(1,),
            metadata={},
        ),
        PlanItem(
            place="1.1",
            line=0,
            title="B",
            parent=0,
            status="pending",
            priority="P2",
            type="task",
            review=False,
            labels=(),
            blocked_by_ids=("00000000zz", "1234567890"),
            metadata={},
        ),
    )
    assert items(export) == expected
    assert items(export["tasks"]) == expected


_ids = [f"00000000{letter}0" for letter in "abcdef"]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 5), st.sampled_from(STATUSES)), min_size=1, max_size=6))
def test_any_tree_survives_export_and_import(shape: list[tuple[int, str]]) -> None:
    tasks = [
        Task(
            id=_ids[number],
            title=f"Task {number}",
            status=status,
            parent=_ids[above] if above < number else None,
        )
        for number, (above, status) in enumerate(shape)
    ]
    found = items(_export(*reversed(tasks)))
    by_title = {task.title: task for task in tasks}
    assert len(found) == len(tasks)
    for item in found:
        task = by_title[item.title]
        parent = None if item.parent is None else by_title[found[item.parent].title].id
        assert (item.status, parent) == (task.status, task.parent)


# -- errors -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[[tasks]]\ntitle = = 1\n",
            "plan.toml:2: not valid TOML: extra `=`, expected nothing (column 9)",
        ),
        (
            "[[tasks]]\ntitle = 'a'\ntitle = 'b'",
            "plan.toml:3: not valid TOML: duplicate key (column 1)",
        ),
        ("a" + ".a" * 9000 + " = 1", "plan.toml: not valid TOML: recursion limit"),
    ],
)
def test_text_that_is_no_toml_is_refused_with_its_line(text: str, message: str) -> None:
    assert refusal(text) == (message, None)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n  "tasks": [,]}', "plan.json:2: not valid JSON: Expecting value (column 13)"),
        ("", "plan.json:1: not valid JSON: Expecting value (column 1)"),
    ],
)
def test_text_that_is_no_json_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        parse_plan(text, "plan.json")
    assert refused.value.message == message


@pytest.mark.parametrize("text", ["[" * 100_000, '{"tasks": ' + "1" * 5000 + "}"])
def test_json_that_python_cannot_hold_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match=r"^plan\.json: not valid JSON: "):
        parse_plan(text, "plan.json")


NO_TOML = "'metadata' holds a value that cannot be kept as TOML, such as null"
NO_REFERENCES = "'blocked_by' is not an array of keys, places and ids"
KEYS_HINT = (
    "one of: title, description, status, completed, priority, type, role, review, estimate, due, "
    "labels, blocked_by, metadata, key, id, parent, tasks, subtasks"
)
NUMBER_HINT = (
    "a number is a place in the plan, counted from its top: 2, or 2.1 for a sub-task of it; "
    "else give a title in quotes or a task's id"
)


@pytest.mark.parametrize(
    ("plan", "message", "hint"),
    [
        (7, "plan.json: a plan is an object or an array", '{"tasks": […]}'),
        ({"task": []}, "plan.json: unknown key 'task'", "did you mean 'tasks'?"),
        ({"tasks": {}}, "plan.json: 'tasks' is not an array of tasks", None),
        (["A"], "plan.json: number 1 in 'tasks' is no task", '{ title = "…" }'),
        (
            [{"title": "A", "subtasks": [{"title": "B"}, 3]}],
            "plan.json: task 1: number 2 in 'subtasks' is no task",
            '{ title = "…" }',
        ),
    ],
)
def test_a_plan_of_another_shape_is_refused(plan: object, message: str, hint: str | None) -> None:
    assert refusal(plan) == (message, hint)


@pytest.mark.parametrize(
    ("keys", "message", "hint"),
    [
        ({"title": ""}, "a title cannot be empty", None),
        (
            {"title": "a\nb"},
            "a title is one line, without control characters",
            "put the rest into the description",
        ),
        ({"title": 3}, "'title' is not a string", None),
        ({"lables": []}, "unknown key 'lables'", "did you mean 'labels'?"),
        ({"owner": "ana", "id": "x"}, "unknown key 'owner'", KEYS_HINT),
        ({"status": "complete"}, "unknown status 'complete'", "did you mean 'completed'?"),
        (
            {"status": "pending", "completed": False},
            "'status' and 'completed' say the same thing: give one of them",
            None,
        ),
        ({"completed": 1}, "'completed' is not true or false", None),
        ({"priority": 5}, "unknown priority '5'", "one of: P0, P1, P2, P3, P4"),
        ({"priority": True}, "'priority' is not a priority, as \"P1\"", None),
        (
            {"estimate": "2 hours"},
            "'2 hours' is no estimate",
            "write a number and m, h, d or w: 30m, 4h, 2d",
        ),
        ({"due": ""}, "a due date cannot be empty", None),
        ({"due": 3}, "'due' is not a date", None),
        ({"labels": "db"}, "'labels' is not an array of strings", None),
        ({"labels": ["db", 3]}, "'labels' is not an array of strings", None),
        ({"description": "\ud800"}, "a description holds characters that are not text", None),
        ({"metadata": {"a": None}}, NO_TOML, None),
        ({"metadata": {"a": "\ud800"}}, NO_TOML, None),
        ({"blocked_by": "1"}, NO_REFERENCES, None),
        ({"blocked_by": [1.2]}, NO_REFERENCES, 'a place below the top stands in quotes: "1.2"'),
        ({"blocked_by": [3]}, "'3' names no task of the plan", NUMBER_HINT),
        ({"blocked_by": ["the rest"]}, "'the rest' names no task", NUMBER_HINT),
        ({"key": " "}, "'key' is empty", None),
        ({"key": 1.5}, "'key' is not a string", None),
        ({"key": "first"}, "'first' is the key of task 1 too", None),
        (
            {"parent": "none"},
            "the parent 'none' is no task of the plan",
            "a parent is named by its key; 'list --all --json' leaves none out",
        ),
    ],
)
def test_a_wrong_value_is_refused_with_its_place(
    keys: dict[str, Any], message: str, hint: str | None
) -> None:
    plan = [{"title": "First", "key": "first"}, {"title": "A"} | keys]
    assert refusal(plan) == (f"plan.json: task 2: {message}", hint)


def test_a_task_needs_a_title() -> None:
    assert refusal([{"key": "a"}]) == ("plan.json: task 1: the key 'title' is missing", None)


def test_a_time_of_day_is_no_due_date() -> None:
    assert (
        refusal("[[tasks]]\ntitle = 'A'\ndue = 09:30:00")[0]
        == "plan.toml: task 1: 'due' is not a date"
    )


def test_an_error_in_a_sub_task_names_its_place() -> None:
    plan = [{"title": "A"}, {"title": "B", "tasks": [{"title": "C"}, {"title": "D", "role": "?"}]}]
    assert refusal(plan)[0].startswith("plan.json: task 2.2: '?' is no role: ")


def test_a_sub_task_has_one_parent() -> None:
    plan = [{"title": "A", "key": "a"}, {"title": "B", "tasks": [{"title": "C", "parent": "a"}]}]
    assert refusal(plan)[0] == "plan.json: task 2.1: it stands in another task than its parent 'a'"


@pytest.mark.parametrize(
    ("parents", "message", "path"),
    [
        ([None, 2], "plan.json: tasks 2 → 2 are sub-tasks of each other", ("2", "2")),
        (
            [3, 1, 2, 3],
            "plan.json: tasks 1 → 3 → 2 → 1 are sub-tasks of each other",
            ("1", "3", "2", "1"),
        ),
    ],
)
def test_tasks_that_are_their_own_sub_tasks_are_refused(
    parents: list[int | None], message: str, path: tuple[str, ...]
) -> None:
    plan = [
        {"title": "A", "id": number, "parent": above} for number, above in enumerate(parents, 1)
    ]
    with pytest.raises(Cycle) as refused:
        items(plan)
    assert (refused.value.message, refused.value.path) == (message, path)


def test_tables_that_wait_for_each_other_are_refused() -> None:
    text = "tasks = [{title = 'A', key = 'a', blocked_by = [2]}, {title = 'B', blocked_by = ['a']}]"
    with pytest.raises(Cycle) as refused:
        items(text)
    assert refused.value.message == "plan.toml: task 1: tasks 1 → 2 → 1 wait for each other"


KEYS = (
    *("tasks", "subtasks", "title", "key", "id", "parent", "blocked_by", "labels", "due"),
    *("priority", "status", "completed", "metadata", "revision", "estimate", "review"),
)
_atoms = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=5),
    st.sampled_from(("1", "a", "P1", "x", "2h", "bug")),
)
_values = st.recursive(
    _atoms,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5)
    ),
    max_leaves=12,
)
_tables = st.dictionaries(st.sampled_from(KEYS), _values, max_size=4)


@settings(max_examples=150, deadline=None)
@given(_values | st.lists(_tables, max_size=3))
def test_any_json_is_a_valid_plan_or_is_refused_with_the_name_of_the_file(plan: object) -> None:
    try:
        parse_plan(json.dumps(plan), "plan.json")
    except InvalidInput as refused:
        message = refused.message
    else:
        return
    assert message.startswith("plan.json:")
