"""Plans as a whole: which format a file has, a plan as people write it, what waits for what."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core.plan import Plan, PlanItem, parse_plan
from gitledger.errors import Cycle, InvalidInput

PAYMENTS = """\
---
title: Payments
---
# Payments service

Goal: take money. See [the design](docs/design.md).

## Phase 1: foundations

1. [x] **Set up the repository** [P1] #infra
   - Python 3.12
   - CI on every push

2. [ ] **Design the schema** (P0) #db #infra [estimate: 4h]
   Tables: `payments`, `refunds`.

   ```sql
   - [ ] not a task
   CREATE TABLE payments (id INT);
   ```
   1. [ ] Write migrations [blockedBy: 1]
   2. [ ] Read them with the team [role: reviewer] [review]

<!-- - [ ] dropped -->

## Phase 2: the service

3. [ ] Implement `POST /payments [P1]` [blocked by: 2] [type: feature]
     - [ ] Validation
     - [ ] Idempotency keys (blocked by: 3.1) [due: next friday]
4. [ ] Fix issue #12 in the C# client (depends on: "Design the schema", 3)
5. [ ] Deploy — [P2] #ops [blockedBy: 4, abc123x]

Done means that all of it is green.
"""


def items(text: str, name: str = "plan.md") -> tuple[PlanItem, ...]:
    return parse_plan(text, name).items


def waiting(text: str) -> dict[str, list[str]]:
    """Return the places that each task with dependencies waits for, by its own place."""
    found = items(text)
    return {
        item.place: [found[other].place for other in item.blocked_by]
        for item in found
        if item.blocked_by
    }


def refusal(text: str, name: str = "plan.md") -> tuple[str, str | None]:
    with pytest.raises(InvalidInput) as refused:
        parse_plan(text, name)
    return refused.value.message, refused.value.hint


# -- a whole plan -------------------------------------------------------------------------------


def test_a_plan_as_a_session_writes_it() -> None:
    assert items(PAYMENTS) == (
        PlanItem(
            place="1",
            line=10,
            title="Set up the repository",
            status="completed",
            priority="P1",
            labels=("infra",),
            description="- Python 3.12\n- CI on every push",
        ),
        PlanItem(
            place="2",
            line=14,
            title="Design the schema",
            status="pending",
            priority="P0",
            estimate="4h",
            labels=("db", "infra"),
            description=(
                "Tables: `payments`, `refunds`.\n\n"
                "```sql\n- [ ] not a task\nCREATE TABLE payments (id INT);\n```"
            ),
        ),
        PlanItem(
            place="2.1",
            line=21,
            title="Write migrations",
            parent=1,
            blocked_by=(0,),
            status="pending",
        ),
        PlanItem(
            place="2.2",
            line=22,
            title="Read them with the team",
            parent=1,
            status="pending",
            role="reviewer",
            review=True,
        ),
        PlanItem(
            place="3",
            line=28,
            title="Implement `POST /payments [P1]`",
            blocked_by=(1,),
            status="pending",
            type="feature",
        ),
        PlanItem(place="3.1", line=29, title="Validation", parent=4, status="pending"),
        PlanItem(
            place="3.2",
            line=30,
            title="Idempotency keys",
            parent=4,
            blocked_by=(5,),
            status="pending",
            due="next friday",
        ),
        PlanItem(
            place="4",
            line=31,
            title="Fix issue #12 in the C# client",
            blocked_by=(1, 4),
            status="pending",
        ),
        PlanItem(
            place="5",
            line=32,
            title="Deploy",
            blocked_by=(7,),
            blocked_by_ids=("abc123x",),
            status="pending",
            priority="P2",
            labels=("ops",),
        ),
    )


def test_what_the_plan_does_not_say_is_none() -> None:
    (item,) = items("- Title")
    assert item == PlanItem(place="1", line=1, title="Title")
    assert item.completed is None


def test_the_end_of_lines_and_a_byte_order_mark_change_nothing() -> None:
    assert items("\ufeff" + PAYMENTS.replace("\n", "\r\n")) == items(PAYMENTS)
    assert items(PAYMENTS.replace("\n", "\r")) == items(PAYMENTS)


# -- the format ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("plan.md", "- [ ] A"),
        ("docs/PLAN.Markdown", "- [ ] A"),
        ("todo.txt", "- [ ] A"),
        ("plan.toml", 'tasks = [{title = "A"}]'),
        ("plan.json", '[{"title": "A"}]'),
        ("-", "# Plan\n\n- [ ] A"),
        ("-", '# A comment\n\n[[tasks]]\ntitle = "A"'),
        ("-", 'tasks = [{title = "A"}]'),
        ("-", ' \n{"tasks": [{"title": "A"}]}'),
        ("plan.yaml", '[\n  {"title": "A"}\n]'),
        ("-", "[Design](design.md)\n\n1. A"),
    ],
)
def test_the_suffix_tells_the_format_or_else_the_text(name: str, text: str) -> None:
    assert [item.title for item in items(text, name)] == ["A"]


def test_toml_within_markdown_is_an_example() -> None:
    text = "Import it:\n\n```toml\n[[tasks]]\ntitle = 'A'\n```\n\n- [ ] B"
    assert [item.title for item in items(text, "-")] == ["B"]


@pytest.mark.parametrize(
    ("name", "text", "hint"),
    [
        (
            "plan.md",
            "# Nothing\n\nto do",
            "a task is a line such as: - [ ] Title [P1] #label [blockedBy: 1]",
        ),
        ("plan.toml", "", "a task is a table [[tasks]] with a title"),
        (
            "plan.json",
            '{"schema_version": 1, "kind": "task-list", "tasks": []}',
            'a task is an object with a title: {"tasks": [{"title": "…"}]}',
        ),
        ("-", "", "a task is a line such as: - [ ] Title [P1] #label [blockedBy: 1]"),
    ],
)
def test_a_plan_without_tasks_is_refused(name: str, text: str, hint: str) -> None:
    assert refusal(text, name) == (f"{name}: no tasks found", hint)


# -- references ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1. A\n2. B [blockedBy: 1]", {"2": ["1"]}),
        ("- A\n- B [blockedBy: #1]\n- C [blockedBy: 2, 01.]", {"2": ["1"], "3": ["1", "2"]}),
        # From the top of the plan, also within a nested list.
        (
            "- A\n- B\n  - C\n  - D [blockedBy: 1]\n  - E [blockedBy: 2.1]",
            {"2.2": ["1"], "2.3": ["2.1"]},
        ),
        ("- A [blockedBy: 1.1]\n  - B", {"1": ["1.1"]}),
        # Titles, in any case, quoted where a comma would cut them.
        ('- Red, green\n- B [blockedBy: "red, green"]', {"2": ["1"]}),
        ("- Red (dark)\n- B [blockedBy: “Red (dark)”]", {"2": ["1"]}),
        ("- Set up CI\n- B [blockedBy: set  up CI]", {"2": ["1"]}),
        ('- 1\n- 2\n- C [blockedBy: "2"]', {"3": ["2"]}),
        ("- add\n- B [blockedBy: add]", {"2": ["1"]}),
        # A sub-task may wait for its parent if it says so in words.
        ("- A\n  - B [blockedBy: A]", {"1.1": ["1"]}),
        ("- A\n- B [blockedBy: 1] (depends on: 1)", {"2": ["1"]}),
    ],
)
def test_a_reference_names_a_place_or_a_title(text: str, expected: dict[str, list[str]]) -> None:
    assert waiting(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Markdown counts by itself where every number is the same.
        ("1. A\n1. B\n1. C [blockedBy: 1, 2]", {"3": ["1", "2"]}),
        # A list that goes on behind a paragraph.
        ("1. A\n\nText.\n\n2. B\n\n## More\n\n3. C [blockedBy: 2]", {"3": ["2"]}),
        # Numbers that only one task can be meant by.
        ("5. A\n6. B [blockedBy: 5]", {"2": ["1"]}),
        ("5. A\n   1. B\n   2. C [blockedBy: 5.1]", {"1.2": ["1.1"]}),
        ("## 1. X\n- [ ] 1.1 A\n- [ ] 1.2 B [blockedBy: 1.1]", {"2": ["1"]}),
        ("- [ ] 1. A\n- [ ] 2. B\n  - [ ] 2.1 C\n  - [ ] 2.2 D [blockedBy: 2.1]", {"2.2": ["2.1"]}),
        ("1. A\n2. B\n\n## Then\n\n1. C\n2. D [blockedBy: 3]", {"4": ["3"]}),
    ],
)
def test_numbers_in_the_text_count_where_they_are_clear(
    text: str, expected: dict[str, list[str]]
) -> None:
    assert waiting(text) == expected


def test_an_existing_task_is_named_by_its_id() -> None:
    (item,) = items("- A [blockedBy: K3XM, 0123456789, abc]")
    assert item.blocked_by_ids == ("0123456789", "abc", "k3xm")


UNKNOWN_HINT = (
    "a number is a place in the plan, counted from its top: 2, or 2.1 for a sub-task of it; "
    "else give a title in quotes or a task's id"
)
NUMBERS_HINT = "numbers and places in the plan differ: name it by its title in quotes"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("- A\n- B [blockedBy: 3]", "plan.md:2: '3' names no task of the plan", UNKNOWN_HINT),
        ("- A\n- B [blockedBy: 0]", "plan.md:2: '0' names no task of the plan", UNKNOWN_HINT),
        ("- A [blockedBy: 1.1]", "plan.md:1: '1.1' names no task of the plan", UNKNOWN_HINT),
        ("- A [blockedBy: the rest]", "plan.md:1: 'the rest' names no task", UNKNOWN_HINT),
        ('- A [blockedBy: "abc"]', "plan.md:1: 'abc' names no task", UNKNOWN_HINT),
        ("- A [blockedBy: 1-3]", "plan.md:1: '1-3' names no task", UNKNOWN_HINT),
        (
            "- A\n- A\n- B [blockedBy: A]",
            "plan.md:3: 'A' may mean plan.md:1 or plan.md:2",
            "name it by its place in the plan, as: 1.2",
        ),
        (
            "1. A\n2. B\n\n## Then\n\n1. C\n2. D [blockedBy: 1]",
            "plan.md:7: '1' may mean plan.md:1 or plan.md:6",
            NUMBERS_HINT,
        ),
        (
            "1. A\n\n## Then\n\n1. B\n2. C [blockedBy: 1]",
            "plan.md:6: '1' may mean plan.md:1 or plan.md:5",
            NUMBERS_HINT,
        ),
        (
            "1. A\n2. B\n4. C\n5. D [blockedBy: 4]",
            "plan.md:4: '4' may mean plan.md:3 or plan.md:4",
            NUMBERS_HINT,
        ),
        (
            "- A\n  - B\n  - C [blockedBy: 1]",
            "plan.md:3: '1' is the task that this one is a sub-task of",
            "numbers count from the top of the plan: 1.1 is its first sub-task",
        ),
        (
            "- A [blockedBy: ]",
            "plan.md:1: a task is said to wait, but not for what",
            "[blockedBy: 1, 3]",
        ),
    ],
)
def test_a_reference_that_is_unclear_is_refused(text: str, message: str, hint: str) -> None:
    assert refusal(text) == (message, hint)


@pytest.mark.parametrize(
    ("text", "message", "path"),
    [
        ("- A\n- B [blockedBy: 2]", "plan.md:2: task 2 waits for itself", ("2", "2")),
        (
            "# X\n\n- A\n- B [blockedBy: 3]\n- C [blockedBy: 2]",
            "plan.md:4: tasks 2 → 3 → 2 wait for each other",
            ("2", "3", "2"),
        ),
        (
            # The first one is only behind the cycle, which begins at its first task.
            "- A [blockedBy: 4]\n- B [blockedBy: 3]\n- C\n  - D [blockedBy: 4]\n"
            "- E [blockedBy: 3.1, 2]\n- F [blockedBy: 2]",
            "plan.md:4: tasks 3.1 → 4 → 3.1 wait for each other",
            ("3.1", "4", "3.1"),
        ),
    ],
)
def test_tasks_that_wait_for_each_other_are_refused(
    text: str, message: str, path: tuple[str, ...]
) -> None:
    with pytest.raises(Cycle) as refused:
        parse_plan(text, "plan.md")
    assert (refused.value.message, refused.value.path) == (message, path)


# -- laws ---------------------------------------------------------------------------------------

_edges = st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=9)


@settings(max_examples=150, deadline=None)
@given(_edges)
def test_a_plan_is_refused_exactly_if_its_tasks_cannot_be_put_in_an_order(
    edges: list[tuple[int, int]],
) -> None:
    waits: dict[int, set[int]] = {place: set() for place in range(1, 7)}
    for place, other in edges:
        waits[place].add(other)
    text = "".join(
        f"- Task [blockedBy: {', '.join(map(str, others)) or 'none'}]\n"
        for others in waits.values()
    )
    done: set[int] = set()
    while ready := {place for place, others in waits.items() if others <= done} - done:
        done |= ready
    if len(done) == len(waits):
        assert [set(item.blocked_by) for item in items(text)] == [
            {other - 1 for other in others} for others in waits.values()
        ]
        return
    with pytest.raises(Cycle) as refused:
        items(text)
    path = [int(place) for place in refused.value.path]
    assert path[0] == path[-1] == min(path)
    assert all(other in waits[place] for place, other in pairwise(path))


_pieces = st.sampled_from(
    (
        *("\n", "\n\n", "  ", "\t", "\r\n", "\u00a0", "- ", "* ", "1. ", "12) ", "- [ ] ", "[x] "),
        *(
            "[-] ",
            "```",
            "~~~\n",
            "<!--",
            "-->",
            "# ",
            "---\n",
            "> ",
            "`",
            "**",
            "\\",
            "[P1]",
            "(P9)",
        ),
        *("#label", "#", "[blockedBy: 1]", "(blocked by: 2.1, ", "[type: ", "]", ")", '"', "title"),
        *(
            "[[tasks]]\n",
            "title = 'a'\n",
            "blocked_by = [1]\n",
            '{"tasks": [',
            '{"title": "a"}',
            "]}",
        ),
    )
)
_texts = st.lists(_pieces, max_size=25).map("".join) | st.text(st.characters(), max_size=60)


@settings(max_examples=400, deadline=None)
@given(_texts, st.sampled_from(("plan.md", "plan.toml", "plan.json", "-")))
def test_any_text_is_a_valid_plan_or_is_refused_in_one_line_that_names_the_file(
    text: str, name: str
) -> None:
    result = _result(text, name)
    if isinstance(result, Plan):
        _check(result)
    else:
        assert result.message.startswith(f"{name}:")
        assert "\n" not in result.message


def _result(text: str, name: str) -> Plan | InvalidInput:
    try:
        return parse_plan(text, name)
    except InvalidInput as refused:
        return refused


def _check(plan: Plan) -> None:
    assert plan.items
    for number, item in enumerate(plan.items):
        above = "" if item.parent is None else f"{plan.items[item.parent].place}."
        before = sum(other.parent == item.parent for other in plan.items[:number])
        assert item.place == f"{above}{before + 1}"
        assert item.parent is None or item.parent < number
        assert number not in item.blocked_by
