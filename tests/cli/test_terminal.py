"""The look of lines on a terminal: colour, width, signs, pager."""

from __future__ import annotations

import os
from io import StringIO
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest

from gitledger.cli import terminal
from gitledger.cli.style import Style, columns, pad
from tests.cli.program import Program
from tests.conftest import RunGit

RED = "\x1b[31m"
LONG = "Write down what everybody has to know before anything else can begin at all"
WIDE = "日本語のタイトルがとても長いときにどう見えるか確かめるための仕事です、さらに続く"


@pytest.fixture
def urgent(ledger: Program) -> Program:
    """Return the program, with a task whose priority is red."""
    ledger.add("Put out the fire", "-p", "P0")
    return ledger


# -- colour ------------------------------------------------------------------------------------


def test_a_terminal_has_colour_and_a_pipe_has_none(urgent: Program) -> None:
    assert RED in urgent.ok("list", terminal=True).stdout
    assert "\x1b" not in urgent.ok("list").stdout


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_the_environment_can_turn_colour_off(urgent: Program, environ: dict[str, str]) -> None:
    assert "\x1b" not in urgent.ok("list", terminal=True, **environ).stdout


def test_an_empty_no_color_means_nothing(urgent: Program) -> None:
    assert RED in urgent.ok("list", terminal=True, NO_COLOR="").stdout


@pytest.mark.parametrize(
    ("value", "on_a_terminal", "in_a_pipe"),
    [
        ("never", False, False),
        ("false", False, False),
        ("auto", True, False),
        ("always", True, True),
    ],
)
def test_gits_setting_for_colour_holds(
    urgent: Program, git: RunGit, value: str, on_a_terminal: bool, in_a_pipe: bool
) -> None:
    git(urgent.cwd, "config", "color.ui", value)
    assert (RED in urgent.ok("list", terminal=True).stdout) is on_a_terminal
    assert (RED in urgent.ok("list").stdout) is in_a_pipe


def test_the_option_is_stronger_than_all_that(urgent: Program, git: RunGit) -> None:
    git(urgent.cwd, "config", "color.ui", "never")
    assert RED in urgent.ok("list", "--color", "always", NO_COLOR="1").stdout
    git(urgent.cwd, "config", "color.ui", "always")
    assert "\x1b" not in urgent.ok("list", "--color=never", terminal=True).stdout


def test_in_gits_own_pager_there_is_colour(urgent: Program) -> None:
    assert RED in urgent.ok("list", GIT_PAGER_IN_USE="true").stdout


# -- width -------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [64, 80, 120])
@pytest.mark.parametrize("command", ["list", "status", "tree", "graph", "log", "blocked"])
def test_no_line_is_wider_than_the_terminal(ledger: Program, command: str, width: int) -> None:
    first = ledger.add(LONG, "-l", "api", "-d", "x")
    ledger.add(WIDE, "-b", first)
    ledger.add(WIDE[:15], "--parent", first)
    lines = ledger.ok(command, "--color=never", terminal=True, COLUMNS=str(width)).stdout
    assert max(map(columns, lines.splitlines())) <= width


def test_a_pipe_cuts_nothing(ledger: Program) -> None:
    task_id = ledger.add("x" * 500)
    for command in ("list", "tree", "graph", "log", "status"):
        assert "x" * 500 in ledger.ok(command, COLUMNS="40").stdout
    assert "x" * 500 in ledger.ok("show", task_id, terminal=True, COLUMNS="40").stdout


def test_a_title_is_cut_only_where_its_own_line_is_full(ledger: Program) -> None:
    ledger.add("Write the schema", "-l", "some", "-l", "labels", "-l", "more", "-l", "others")
    ledger.add("A title that has the whole of a line for itself, without a label")
    assert "…" not in ledger.ok("list", terminal=True, COLUMNS="80").stdout


def test_what_follows_the_titles_stands_in_one_column(ledger: Program) -> None:
    ledger.add("Short", "-l", "one")
    ledger.add("日本語", "-l", "two")
    ledger.add("Somewhat longer", "-l", "six")
    lines = ledger.ok("list").stdout.splitlines()
    assert {columns(line.partition("#")[0]) for line in lines} == {columns(lines[0]) - 4}


# -- signs -------------------------------------------------------------------------------------


def test_in_the_locale_c_all_signs_are_ascii(ledger: Program) -> None:
    first = ledger.add(LONG)
    ledger.add("Later", "-b", first, "--parent", first)
    for command in ("list", "tree", "graph", "status", "log"):
        for environ in ({"LC_ALL": "C"}, {"LC_ALL": "", "LANG": "POSIX"}):
            lines = ledger.ok(command, terminal=True, COLUMNS="60", **environ).stdout
            assert lines.isascii()


@pytest.mark.parametrize(
    ("text", "width"),
    [("abc", 3), ("日本", 4), ("e\u0301", 1), ("👍", 2), ("a\u200db", 2), ("ﬁ", 1), ("\uff21", 2)],
)
def test_columns_are_those_of_a_terminal(text: str, width: int) -> None:
    assert columns(text) == width
    assert columns(pad(text, 10)) == 10


@pytest.mark.parametrize("width", range(1, 12))
@pytest.mark.parametrize("unicode", [True, False])
def test_what_is_cut_fits(width: int, unicode: bool) -> None:
    fitted = Style(width=80, unicode=unicode).fit("日本語 and more", width)
    assert columns(fitted) <= max(width, 3)
    assert fitted.endswith("…" if unicode else "...")


# -- pager -------------------------------------------------------------------------------------


@pytest.fixture
def many(ledger: Program) -> Program:
    """Return the program, with more tasks than a screen has lines."""
    plan = "".join(f"- [ ] Task {number}\n" for number in range(30))
    ledger.ok("add", "--file", "-", stdin=plan)
    return ledger


PAGER = "sh -c 'cat >paged; echo LESS=$LESS >>paged'"


def paged(program: Program) -> str:
    path = program.cwd / "paged"
    return path.read_text(encoding="utf-8") if path.exists() else ""


def test_long_output_goes_through_the_pager(many: Program) -> None:
    result = many.ok("list", terminal=True, GIT_PAGER=PAGER, LINES="24")
    assert result.stdout == ""
    assert paged(many).count("Task ") == 30
    assert "LESS=FRX" in paged(many)


def test_the_pagers_own_settings_are_the_users(many: Program) -> None:
    many.ok("list", terminal=True, GIT_PAGER=PAGER, LINES="24", LESS="S")
    assert "LESS=S" in paged(many)


@pytest.mark.parametrize(
    "words", [("list", "-n", "5"), ("list", "--json"), ("done", "--help"), ("status",)]
)
def test_short_output_and_data_do_not(many: Program, words: tuple[str, ...]) -> None:
    result = many.ok(*words, terminal=True, GIT_PAGER=PAGER, LINES="24")
    assert result.stdout
    assert paged(many) == ""


def test_a_pipe_has_no_pager(many: Program) -> None:
    assert many.ok("list", GIT_PAGER=PAGER, LINES="24").stdout.count("Task ") == 30
    assert paged(many) == ""


@pytest.mark.parametrize("pager", ["cat", ""])
def test_the_pager_can_be_none(many: Program, pager: str) -> None:
    assert many.ok("list", terminal=True, GIT_PAGER=pager, LINES="24").stdout.count("Task ") == 30


def test_the_pager_is_chosen_as_git_chooses_it(many: Program, git: RunGit) -> None:
    result = many.ok("list", terminal=True, PAGER=PAGER, LINES="24")
    assert (result.stdout, paged(many).count("Task ")) == ("", 30)
    (many.cwd / "paged").unlink()
    git(many.cwd, "config", "core.pager", "cat")
    assert many.ok("list", terminal=True, PAGER=PAGER, LINES="24").stdout
    assert many.ok("list", terminal=True, GIT_PAGER=PAGER, LINES="24").stdout == ""


def test_a_pager_that_does_not_read_is_no_error(many: Program) -> None:
    assert many("list", terminal=True, GIT_PAGER="true", LINES="24").code == 0


def test_who_closes_the_pager_ends_what_has_no_end(tmp_path: Path) -> None:
    stream = StringIO()
    stream.isatty = lambda: True  # type: ignore[method-assign]
    environ = {**os.environ, "GIT_PAGER": "head -n 3 >paged", "LINES": "24"}
    context = SimpleNamespace(
        stdout=stream, environ=environ, place=str(tmp_path), setting=lambda _: None
    )
    terminal.page(map(str, count()), context, paged=True)  # type: ignore[arg-type]
    assert (tmp_path / "paged").read_text() == "0\n1\n2\n"


# -- questions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("typed", "deleted"), [("y\n", True), ("n\n", False), ("", False)])
def test_a_deletion_is_asked_for_on_a_terminal(ledger: Program, typed: str, deleted: bool) -> None:
    ledger.add("Write the schema")
    result = ledger.ok("lists", "delete", "main", stdin=typed, terminal=True)
    assert "Delete the list 'main' with 1 unfinished task? [y/N] " in result.stderr
    assert (ledger("list").code == 5) is deleted


def test_without_input_nothing_is_asked(ledger: Program) -> None:
    ledger.add("Write the schema")
    result = ledger("lists", "delete", "main", "--no-input", stdin="y\n", terminal=True)
    assert (result.code, result.stdout) == (2, "")
