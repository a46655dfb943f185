"""Markdown plans: which lines are tasks, how they nest, what belongs to a task."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core.plan import parse_plan
from gitledger.errors import InvalidInput


def outline(text: str) -> list[tuple[str, str]]:
    return [(item.place, item.title) for item in parse_plan(text, "plan.md").items]


def titles(text: str) -> list[str]:
    return [title for _, title in outline(text)]


def description(text: str) -> str | None:
    return parse_plan(dedent(text), "plan.md").items[0].description


def refusal(text: str) -> tuple[str, str | None]:
    with pytest.raises(InvalidInput) as refused:
        parse_plan(text, "plan.md")
    return refused.value.message, refused.value.hint


# -- which items are tasks ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [ ] A\n* [x] B\n+ [X] C\n1. [ ] D\n2) [ ] E", ["A", "B", "C", "D", "E"]),
        ("- [ ] A\n- B\n1. C", ["A"]),
        ("- B\n1. A\n2) C\n   - D", ["A", "C"]),
        ("- A\n* B\n+ C", ["A", "B", "C"]),
        ("-[ ] A\n1.[x] B", ["A", "B"]),
        ("- [x]A\n-\u00a0[\u00a0]\u00a0B", ["A", "B"]),
        ("- [ ] A\n- [x](x.md) text\n- [x][ref]\n- [x]: note\n- [wip] C\n- [1] D", ["A"]),
        ("# - [ ] no\n> - [ ] no\n\n- [ ] A\n\n***\n- - -\n* * *\n", ["A"]),
        ("- [design](a.md) first\n- second", ["[design](a.md) first", "second"]),
        ("1. A\n\nThen:\n2. B\n3. C", ["A", "B", "C"]),
        ("    - [ ] A\n    - [ ] B", ["A", "B"]),
    ],
)
def test_items_with_a_check_box_or_numbered_ones_or_all_are_tasks(
    text: str, expected: list[str]
) -> None:
    assert titles(text) == expected


def test_a_check_box_says_whether_the_task_is_completed() -> None:
    plan = parse_plan("- [ ] A\n- [x] B\n- [X] C", "plan.md")
    assert [item.completed for item in plan.items] == [False, True, True]


@pytest.mark.parametrize("box", ["[]", "[-]", "[~]", "[y]", "[/]", "[✓]", "[ x]", "[  ]"])
def test_what_is_nearly_a_check_box_is_refused(box: str) -> None:
    assert refusal(f"- [ ] A\n- {box} B") == (
        f"plan.md:2: '{box}' is no check box",
        "write [ ] or [x]; commands say more about a task, as: git ledger cancel ID",
    )


@pytest.mark.parametrize(
    "hidden",
    [
        "```\n- [ ] no\n```",
        "~~~~md\n- [ ] no\n~~~\n- [ ] no\n~~~~",
        "```\n- [ ] no\n    ```",
        "```\n``` no end\n- [ ] no\n```",
        "<!-- - [ ] no -->",
        "<!--\n- [ ] no\n-->",
        "<!--\n```\n-->",
        "```\n<!--\n```",
    ],
)
def test_blocks_of_code_and_comments_hold_no_tasks(hidden: str) -> None:
    assert titles(f"- [ ] A\n\n{hidden}\n\n- [ ] B") == ["A", "B"]


def test_front_matter_holds_no_tasks_but_a_rule_hides_none() -> None:
    assert titles("---\ntodo:\n- [ ] no\n---\n- [ ] A") == ["A"]
    assert titles("---\n\n- [ ] A\n\n---\n\n- [ ] B") == ["A", "B"]


def test_what_is_never_closed_is_refused() -> None:
    assert refusal("- [ ] A\n```sh\n- [ ] B") == (
        "plan.md:2: the block of code is never closed",
        "close it by a line ```",
    )
    assert refusal("- [ ] A\n\n<!-- later\n- [ ] B") == (
        "plan.md:3: the comment is never closed",
        "close it by -->",
    )


def test_a_task_without_a_title_is_refused() -> None:
    assert refusal("- [ ] A\n- [ ] #label") == ("plan.md:2: a title cannot be empty", None)
    assert refusal(f"- [ ] {'x' * 501}") == (
        "plan.md:1: a title has at most 500 characters, this one has 501",
        "put the rest into the description",
    )


# -- nesting ------------------------------------------------------------------------------------

NESTED = [("1", "A"), ("1.1", "B"), ("1.1.1", "C"), ("1.2", "D"), ("2", "E")]


@pytest.mark.parametrize("step", ["  ", "   ", "    ", "\t", "\u00a0\u00a0", " \t"])
@pytest.mark.parametrize("marker", ["- [ ]", "1. [ ]", "10. [x]"])
def test_deeper_indentation_makes_sub_tasks(step: str, marker: str) -> None:
    text = f"* A\n{step}* B\n{step * 2}* C\n{step}* D\n* E"
    assert outline(text.replace("*", marker)) == NESTED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # One blank is a slip of the hand.
        ("- A\n - B", [("1", "A"), ("2", "B")]),
        # Back to a depth between two others.
        ("- A\n    - B\n  - C", [("1", "A"), ("1.1", "B"), ("1.2", "C")]),
        # Levels that are left out.
        ("- A\n        - B\n- C", [("1", "A"), ("1.1", "B"), ("2", "C")]),
        # What is no task does not count as a level.
        ("- Phase\n  - [ ] A\n    - see:\n      - [ ] B", [("1", "A"), ("1.1", "B")]),
        ("1. Phase\n   - [ ] A\n2. Phase\n   - [ ] B", [("1", "A"), ("2", "B")]),
        # A heading ends what is above it, a blank line does not.
        ("- [ ] A\n\n\n  - [ ] B\n# X\n  - [ ] C", [("1", "A"), ("1.1", "B"), ("2", "C")]),
    ],
)
def test_nesting_where_the_indentation_is_irregular(
    text: str, expected: list[tuple[str, str]]
) -> None:
    assert outline(text) == expected


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 6), min_size=1, max_size=12), st.sampled_from(("  ", "   ", "\t")))
def test_any_tree_is_read_as_it_is_indented(depths: list[int], step: str) -> None:
    counts: list[int] = []
    expected = []
    lines = []
    for number, wanted in enumerate(depths):
        depth = min(wanted, len(counts))
        counts = [*counts[:depth], counts[depth] + 1 if depth < len(counts) else 1]
        expected.append((".".join(map(str, counts)), f"T{number}"))
        lines.append(f"{step * depth}- [ ] T{number}")
    assert outline("\n".join(lines)) == expected


# -- descriptions -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("- [ ] A\n", None),
        ("- [ ] A\n\n- [ ] B\n", None),
        ("- [ ] A\n  text\n", "text"),
        ("- [ ] A\n\n  one\n  two\n\n  three\n\n", "one\ntwo\n\nthree"),
        ("- [ ] A\n  one  \n  two\n", "one  \ntwo"),
        ("- [ ] A\n  - bullet\n    deeper\n  - other\n", "- bullet\n  deeper\n- other"),
        ("- [ ] A\n  1. one\n  2. two\n", "1. one\n2. two"),
        # What a paragraph goes on with belongs to it, as Markdown shows it.
        ("- [ ] A\ngoes on\n  and on\n\nother\n", "goes on\nand on"),
        ("- [ ] A\n  text\n# Heading\n", "text"),
        ("- [ ] A\n  # Heading\n  > quote\n", "# Heading\n> quote"),
        ("- [ ] A\n  # Heading\noutside\n", "# Heading"),
        ("- [ ] A\n  - one\n\n  two\n", "- one\n\ntwo"),
        ("- [ ] A\n  <!-- kept -->\n", "<!-- kept -->"),
        # Code stays as it is, blank lines and less indentation included.
        ("- [ ] A\n  ```py\n  if x:\n\n\n      y\n  ```\n", "```py\nif x:\n\n\n    y\n```"),
        ("- [ ] A\n  ```\n- [ ] no\n  ```\ntext\n", "```\n- [ ] no\n```"),
        ("- [ ] A\n\tmake:\n\t\tcc\n", "make:\n\tcc"),
        ("- [ ] A\n    - x\n\ty\n", "- x\ny"),
        # What stands behind a sub-task is a paragraph of its own.
        ("- [ ] A\n  one\n  - [ ] B\n\n  two\n", "one\n\ntwo"),
        ("- [ ] A\n  - [ ] B\n    of B\n  - of A\n", "- of A"),
        ("1. A\n   - one\n   two\n2. B\n", "- one\ntwo"),
    ],
)
def test_what_is_indented_below_a_task_is_its_description(text: str, expected: str | None) -> None:
    assert description(text) == expected


def test_text_outside_of_tasks_belongs_to_none() -> None:
    plan = parse_plan("Intro\n\n- [ ] A\n\nBetween\n\n- plain\n  - more\n- [ ] B\n\nEnd", "plan.md")
    assert [(item.title, item.description) for item in plan.items] == [("A", None), ("B", None)]


def test_a_description_that_is_too_long_is_refused() -> None:
    message, _ = refusal("- [ ] A\n\n- [ ] B\n  " + "x" * 70_000)
    assert message == "plan.md:3: a description has at most 61440 bytes, not 70000"
