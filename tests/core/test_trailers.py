"""Tasks that a commit message of the project names (contract, section 8)."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core import ids
from gitledger.core.trailers import Mention, mentions
from tests.strategies import task_ids


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Task: 7f3k2m9q0d", [("7f3k2m9q0d", False)]),
        ("Completes: 7f3k", [("7f3k", True)]),
        ("Closes: 7f3k", [("7f3k", True)]),
        ("Fixes: 7f3k", [("7f3k", True)]),
        ("  fixes :7F3K  ", [("7f3k", True)]),
        ("TASK: 7f3", [("7f3", False)]),
        (
            "Completes: 7f3k, 8hqm;9abc def",
            [(name, True) for name in ("7f3k", "8hqm", "9abc", "def")],
        ),
        ("Completes: 7f3k (finally)", [("7f3k", True)]),
        ("Fixes: #12, 7f3k", [("7f3k", True)]),
        ("Fixes: #12", []),
        ("Fixes: 7f", []),
        ("Fixes: 7f3k2m9q0dx", []),
        ("Fixes: the login of the team", []),
        ('Fixes: 54a4f0239f2e ("KVM: make sure")', []),
        ("Fixes:", []),
        ("Fixes: ,;", []),
        ("Fixes 7f3k", []),
        ("It fixes: 7f3k", []),
        ("Refixes: 7f3k", []),
        ("> Fixes: 7f3k", []),
    ],
)
def test_a_line_names_tasks_and_says_what_becomes_of_them(
    line: str, found: list[tuple[str, bool]]
) -> None:
    assert mentions(f"Subject\n\nBody.\n\n{line}\n") == tuple(Mention(*each) for each in found)


def test_every_line_of_a_message_counts_in_its_order() -> None:
    message = "Task: 8hqm\n\nprose\r\nCompletes: 7f3k\r\nSigned-off-by: Ada <a@b.c>\nTask: 9abc"
    assert mentions(message) == (
        Mention("8hqm", completes=False),
        Mention("7f3k", completes=True),
        Mention("9abc", completes=False),
    )


@pytest.mark.parametrize("message", ["Task: 7f3k\nFixes: 7f3k", "Fixes: 7f3k\nTask: 7F3K"])
def test_a_task_that_is_named_in_both_ways_is_completed(message: str) -> None:
    assert mentions(message) == (Mention("7f3k", completes=True),)


@pytest.mark.parametrize("message", ["", "Add login", "Merge branch 'x'"])
def test_a_message_that_names_no_task_is_answered_with_nothing(message: str) -> None:
    assert mentions(message) == ()


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60), task_ids)
def test_whatever_else_a_message_says_its_trailer_is_found(prose: str, task: str) -> None:
    found = mentions(f"{prose}\nTask: {task}\n")
    assert task in [mention.name for mention in found]
    assert all(ids.is_prefix(mention.name) for mention in found)
