"""What a commit message of the project says about tasks (contract, section 8)."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core import ids
from gitledger.core.trailers import (
    WORDS,
    Mention,
    mentions,
    own_words,
    picked,
    reverted,
    to_be_melted,
    without_scissors,
)
from tests.strategies import task_ids

SHA = "0123456789abcdef0123456789abcdef01234567"
OTHER = "fedcba9876543210fedcba9876543210fedcba98"


def said(message: str, words: Any = WORDS) -> list[tuple[str, str]]:
    """Return the names in a message, each with what is asked for besides a link."""
    return [(found.name, asked(found)) for found in mentions(message, words)]


def asked(found: Mention) -> str:
    parts = [
        "starts" if found.starts else "",
        f"{found.percent}%" if found.percent is not None else "",
        "completes" if found.completes else "",
    ]
    return " ".join(part for part in parts if part) or "links"


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("Task: 7f3k2m9q0d", [("7f3k2m9q0d", "links")]),
        ("Tasks: 7f3k 8hqm", [("7f3k", "links"), ("8hqm", "links")]),
        ("Refs: 7f3k", [("7f3k", "links")]),
        ("Starts: 7f3k", [("7f3k", "starts")]),
        ("Completes: 7f3k", [("7f3k", "completes")]),
        ("Closes: 7f3k", [("7f3k", "completes")]),
        ("Fixes: 7f3k", [("7f3k", "completes")]),
        ("  fixes :7F3K  ", [("7f3k", "completes")]),
        ("TASK: 7f3", [("7f3", "links")]),
        ("Progress: 7f3k 60%", [("7f3k", "60%")]),
        ("progress: 7f3k: 60 %", [("7f3k", "60%")]),
        ("Progress: 7f3k 100, 8hqm 0%", [("7f3k", "100%"), ("8hqm", "0%")]),
        ("Progress: 7f3k", [("7f3k", "links")]),
        ("Progress: 7f3k 160%", [("7f3k", "links")]),
        ("Progress: 60%", []),
        (
            "Completes: 7f3k, 8hqm;9abc def",
            [(n, "completes") for n in ["7f3k", "8hqm", "9abc", "def"]],
        ),
        ("Completes: 7f3k and 8hqm", [("7f3k", "completes"), ("8hqm", "completes")]),
        ("Completes: 7f3k (finally)", [("7f3k", "completes")]),
        ("Completes: 7f3k (at (long) last)", [("7f3k", "completes")]),
        ("Fixes: #12, 7f3k", [("7f3k", "completes")]),
        ("Fixes: #12", []),
        ("Fixes: owner/repo#12", []),
        ("Fixes: https://example.com/7f3k", []),
        ("Fixes: 7f", []),
        ("Fixes: 7f3k2m9q0dx", []),
        ("Fixes: the login of the team", []),
        ('Fixes: 54a4f0239f2e ("KVM: make sure")', []),
        ('Fixes: 54a4f02 ("KVM: make sure")', []),
        ("Fixes:", []),
        ("Fixes: ,;", []),
        ("Fixes: (", []),
        ("Fixes 7f3k", []),
        ("It fixes: 7f3k", []),
        ("Refixes: 7f3k", []),
        ("> Fixes: 7f3k", []),
        ("# Fixes: 7f3k", []),
        ("[7f3k]", []),
    ],
)
def test_a_line_names_tasks_and_says_what_becomes_of_them(
    line: str, found: list[tuple[str, str]]
) -> None:
    assert said(f"Subject\n\nBody.\n\n{line}\n") == found


@pytest.mark.parametrize(
    ("subject", "found"),
    [
        ("[7f3k] Add the schema", ["7f3k"]),
        ("Add the schema [7F3K, 8hqm]", ["7f3k", "8hqm"]),
        ("[7f3k][8hqm] Add", ["7f3k", "8hqm"]),
        ('Revert "[7f3k] Add the schema"', ["7f3k"]),
        ("[wip] Add", []),
        ("[#12] Add", []),
        ("[7f3k Add", []),
        ("[PATCH v2] Add", []),
        ("[] Add", []),
    ],
)
def test_brackets_in_the_subject_link(subject: str, found: list[str]) -> None:
    assert said(f"\n{subject}\n\nBody with [9abc].\n") == [(name, "links") for name in found]


def test_every_line_of_a_message_counts_in_its_order() -> None:
    message = "Task: 8hqm\n\nprose\r\nCompletes: 7f3k\r\nSigned-off-by: Ada <a@b.c>\nTask: 9abc"
    assert said(message) == [("8hqm", "links"), ("7f3k", "completes"), ("9abc", "links")]


@pytest.mark.parametrize(
    "message", ["Task: 7f3k\nFixes: 7f3k", "Fixes: 7f3k\nTask: 7F3K", "[7f3k] X\n\nFixes: 7f3k"]
)
def test_a_task_that_is_named_in_several_ways_gets_all_of_them(message: str) -> None:
    assert said(message) == [("7f3k", "completes")]


def test_of_two_figures_the_later_one_counts() -> None:
    assert said("X\n\nProgress: 7f3k 20%\nProgress: 7f3k 40%\nStarts: 7f3k") == [
        ("7f3k", "starts 40%")
    ]


@pytest.mark.parametrize("message", ["", "\n\n", "Add login", "Merge branch 'x'"])
def test_a_message_that_names_no_task_is_answered_with_nothing(message: str) -> None:
    assert mentions(message) == ()


@pytest.mark.parametrize(
    ("line", "sure"),
    [
        ("Task: tests", True),
        ("Completes: 123", True),
        ("Task: 7f3k", True),
        ("Fixes: 7f3k", True),
        ("Fixes: tests", False),
        ("Closes: 1234", False),
        ("Refs: head", False),
        ("Completes: the team", False),
    ],
)
def test_only_what_can_hardly_be_anything_else_is_sure_to_be_an_id(line: str, sure: bool) -> None:
    assert {found.sure for found in mentions(f"X\n\n{line}")} == {sure}


def test_brackets_in_a_subject_are_never_sure_to_be_an_id() -> None:
    assert not mentions("[7f3k] X")[0].sure


@pytest.mark.parametrize("mark", ["fixup!", "squash!", "amend!"])
def test_what_will_be_melted_into_another_commit_says_nothing_for_itself(mark: str) -> None:
    message = f"{mark} [7f3k] Add\n\nCompletes: 8hqm\nThis reverts commit {SHA}."
    assert to_be_melted(message)
    assert mentions(message) == ()
    assert reverted(message) == ()


def test_a_squashed_message_carries_what_all_its_commits_say() -> None:
    """As `git merge --squash` writes it."""
    message = f"""Squashed commit of the following:

commit {SHA}
Author: Ada <ada@example.com>
Date:   Thu Jan 1 00:00:00 2026 +0000

    [9abc] Add the page

    Completes: 7f3k

commit {OTHER}
Author: Ada <ada@example.com>
Date:   Thu Jan 1 00:00:00 2026 +0000

    Add the schema

    Not [4444].

    Progress: 8hqm 60%
    This reverts commit {SHA}.
"""
    assert said(message) == [("9abc", "links"), ("7f3k", "completes"), ("8hqm", "60%")]
    assert reverted(message) == ()


def test_a_teams_own_words_are_read_beside_those_that_there_are() -> None:
    words = own_words("see", "Begins:", "resolves, löst task")
    assert said("X\n\nSee: 7f3k\nBegins: 8hqm\nLöst: 9abc\nTask: 7777", words) == [
        ("7f3k", "links"),
        ("8hqm", "starts"),
        ("9abc", "completes"),
        ("7777", "links"),
    ]
    assert own_words("", "", "") == WORDS


@pytest.mark.parametrize(
    ("message", "found"),
    [
        (f'Revert "X"\n\nThis reverts commit {SHA}.\n', [(SHA, None)]),
        (f"This reverts commit\n{SHA}, because\nit broke.", [(SHA, None)]),
        (
            f"This reverts commit {SHA}, reversing\nchanges made to {OTHER}.\n",
            [(SHA, OTHER)],
        ),
        (
            f"Both\n\nThis reverts commit {SHA[:8]}.\nThis reverts commit {OTHER}.",
            [(SHA[:8], None), (OTHER, None)],
        ),
        ("This reverts commit message style", []),
        ("This reverts commit abc", []),
    ],
)
def test_a_revert_names_the_commits_that_it_reverts(
    message: str, found: list[tuple[str, str | None]]
) -> None:
    assert list(reverted(message)) == found


def test_a_pick_names_the_commits_that_it_comes_from() -> None:
    message = f"X\n\n(cherry picked from commit {SHA})\n(cherry picked from commit {OTHER})\n"
    assert picked(message) == (SHA, OTHER)
    assert picked("X\n\n(cherry picked from commit ???)") == ()


@pytest.mark.parametrize("sign", ["#", ";", "//"])
def test_below_the_scissors_nothing_is_said(sign: str) -> None:
    text = f"X\n\nTask: 7f3k\n{sign} {'-' * 24} >8 {'-' * 24}\n Fixes: 8hqm\n"
    assert said(without_scissors(text)) == [("7f3k", "links")]


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60), task_ids)
def test_whatever_else_a_message_says_its_trailer_is_found(prose: str, task: str) -> None:
    found = mentions(f"Add {prose}\nTask: {task}\n")
    assert task in [mention.name for mention in found]
    assert all(ids.is_prefix(mention.name) for mention in found)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["Task", "fixes", "STARTS", "Refs"]), task_ids), max_size=6),
    st.sampled_from(["\n", "\r\n", "\n\n"]),
)
def test_a_task_is_named_once_and_gets_all_that_any_line_asks_for(
    lines: list[tuple[str, str]], end: str
) -> None:
    message = "Add" + "".join(f"{end}{word}: {task}" for word, task in lines)
    found = {mention.name: mention for mention in mentions(message)}
    assert list(found) == list(dict.fromkeys(task for _, task in lines))
    for word, task in lines:
        assert found[task].completes or word.lower() != "fixes"
        assert found[task].starts or word.lower() != "starts"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="[]():;,#%! \n\r\tTask7f3kFixes60", max_size=80))
def test_no_message_is_too_strange_to_be_read(message: str) -> None:
    assert all(ids.is_prefix(found.name) for found in mentions(message))
    assert all(found.percent is None or found.percent <= 100 for found in mentions(message))
    assert reverted(message) == ()
    assert picked(message) == ()
