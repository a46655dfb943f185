"""The quick parser and typer read every command line alike."""

from __future__ import annotations

import contextlib
import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.cli import registry
from gitledger.cli.app import explain
from gitledger.cli.parse import parse, query_words
from gitledger.cli.spec import Command
from gitledger.errors import InvalidInput
from tests.cli.lines import words_of

COMMANDS = tuple(registry.commands())


def read_by_typer(command: Command, words: list[str]) -> dict[str, Any] | InvalidInput | None:
    """Return the values; the error, where typer explains one; or None, where it gives help."""
    with contextlib.redirect_stdout(io.StringIO()):
        try:
            return explain(command, words)
        except InvalidInput as wrong:
            return wrong


@settings(deadline=None, max_examples=300)
@given(st.data())
def test_what_the_quick_parser_reads_typer_reads_alike(data: st.DataObject) -> None:
    command = data.draw(st.sampled_from(COMMANDS), label="command")
    words = data.draw(words_of(command), label="words")
    quick, slow = parse(command, words), read_by_typer(command, words)
    if quick is not None:
        assert slow == quick
    elif isinstance(slow, InvalidInput):
        assert slow.message
    elif slow is None:
        assert any(word.startswith("-") and ("h" in word) for word in words)
    else:
        # The rare line that the quick parser leaves alone and that is right: nothing is missing.
        names = {argument.name for argument in command.arguments}
        assert set(slow) == names | {option.name for option in command.options}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("7f3k --force", {"names": ["7f3k"], "force": True}),
        ("--force 7f3k 8g4m", {"names": ["7f3k", "8g4m"], "force": True}),
        ("-vy 7f3k", {"names": ["7f3k"], "verbose": True, "yes": True}),
        ("7f3k --list=a --list b", {"list": "b"}),
        ("-- --force", {"names": ["--force"], "force": False}),
        ("7f3k -- -v", {"names": ["7f3k", "-v"], "verbose": False}),
    ],
)
def test_options_and_ids_stand_in_any_order(line: str, expected: dict[str, Any]) -> None:
    found = parse(registry.find("done"), line.split())
    assert found is not None
    assert expected.items() <= found.items()


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("-label:api", "!label:api"),
        ("-blocked-by:7f3k", "!blocked-by:7f3k"),
        ("-due<=eow", "!due<=eow"),
        ("-n3", "-n3"),
        ("-a", "-a"),
        ("-l", "-l"),
        ("--label=a:b", "--label=a:b"),
        ("label:api", "label:api"),
    ],
)
def test_a_term_with_a_minus_is_no_option(word: str, expected: str) -> None:
    assert query_words(registry.find("list"), [word]) == [expected]


def test_a_minus_stays_where_no_query_is_taken() -> None:
    assert query_words(registry.find("note"), ["7f3k", "-label:api"]) == ["7f3k", "-label:api"]


@pytest.mark.parametrize("line", ["x --title --review", "x -d --claim", "--due --title y"])
def test_an_option_is_never_taken_for_the_value_of_another(line: str) -> None:
    command = registry.find("edit") if "--title" in line else registry.find("add")
    with pytest.raises(InvalidInput, match="needs a value, not --"):
        explain(command, line.split())
    assert parse(command, line.split()) is None


def test_an_option_can_be_given_as_a_value_with_an_equals_sign() -> None:
    found = parse(registry.find("edit"), ["x", "--title=--review"])
    assert found is not None
    assert (found["title"], found["review"]) == ("--review", False)


@pytest.mark.parametrize(
    "line",
    [
        "api --worktree",
        "api --worktree ../x --role builder",
        "api --worktree=../x",
        "api --worktree=",
        "api --worktree --role builder",
        "api --worktree -y",
        "api --worktree -",
        "--worktree -- api",
    ],
)
def test_a_value_that_may_be_left_out_is_read_alike(line: str) -> None:
    command = registry.find("session start")
    quick = parse(command, line.split())
    assert quick == read_by_typer(command, line.split())
