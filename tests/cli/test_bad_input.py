"""What goes wrong is one clear line and a way out, and writes nothing.

Most of it is in the transcripts (`*_wrong.txt`), which are checked for the same; here is what a
transcript cannot show.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitledger.cli import registry
from gitledger.cli.commands import status
from gitledger.cli.context import Context
from tests.cli.lines import words_of
from tests.cli.program import Program, Result
from tests.conftest import RunGit


def said(result: Result) -> list[str]:
    """Return the lines on standard error, where nothing stands on standard output."""
    assert result.stdout == ""
    return result.stderr.splitlines()


@pytest.fixture
def unwritten(ledger: Program, git: RunGit) -> Iterator[Program]:
    """Return the program; see afterwards that its ledger has not changed."""
    before = git(ledger.cwd, "for-each-ref")
    yield ledger
    assert git(ledger.cwd, "for-each-ref") == before


@pytest.mark.parametrize("length", [501, 100_000])
def test_a_title_that_is_too_long(unwritten: Program, length: int) -> None:
    result = unwritten("add", "x" * length)
    assert (result.code, said(result)) == (
        2,
        [
            f"error: a title has at most 500 characters, this one has {length}",
            "hint: put the rest into the description: -d TEXT",
        ],
    )


def test_a_title_of_500_characters_is_not_too_long(ledger: Program) -> None:
    task_id = ledger.add("x" * 500)
    assert ledger("edit", task_id, "--title", "y" * 501).code == 2


def test_a_plan_with_a_title_that_is_too_long(unwritten: Program) -> None:
    result = unwritten("add", "--file", "-", stdin=f"- [ ] One\n- [ ] {'x' * 501}\n")
    assert result.code == 2
    assert said(result)[0].startswith("error: standard input:2: a title has at most 500")


@pytest.mark.parametrize("title", ["a\x1bb", "a\tb", "a\r\nb", "\x00", "a\u2028b", "a\udcffb"])
def test_a_title_with_characters_that_are_no_text(unwritten: Program, title: str) -> None:
    result = unwritten("add", title)
    assert result.code == 2
    assert said(result)[0] == "error: a title is one line, without control characters"


@pytest.mark.parametrize("words", [("-d", "\udcff"), ("--branch", "a\nb"), ("-l", "\x1b[31m")])
def test_other_values_that_are_no_text(unwritten: Program, words: tuple[str, str]) -> None:
    assert unwritten("add", "x", *words).code == 2


def test_a_description_that_is_too_long(unwritten: Program) -> None:
    result = unwritten("add", "x", "-d", "-", stdin="x" * 61441)
    assert (result.code, said(result)) == (
        2,
        ["error: a description has at most 61440 bytes, not 61441"],
    )


@pytest.mark.parametrize("what", ["note", "ask"])
def test_standard_input_that_is_not_utf_8(ledger: Program, what: str, git: RunGit) -> None:
    task_id = ledger.add("x")
    before = git(ledger.cwd, "for-each-ref")
    result = ledger(what, task_id, "-", stdin=b"one\ntw\xffo\n")
    assert (result.code, said(result)[0]) == (2, "error: standard input:2: not UTF-8")
    assert git(ledger.cwd, "for-each-ref") == before


# -- whatever is typed -------------------------------------------------------------------------

PLAYED = [command for command in registry.commands() if command.verb != "demo"]
CODES = {0, 1, 2, 3, 4, 5, 6}


@settings(
    deadline=None, max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_command_line_ends_in_a_fault(cli: Program, data: st.DataObject) -> None:
    command = data.draw(st.sampled_from(PLAYED), label="command")
    words = data.draw(words_of(command), label="words")
    cli.ok("init")
    result = cli(*command.verb.split(), *words, stdin="- [ ] x\n")
    assert result.code in CODES
    assert "unexpected" not in result.stderr
    assert result.code == 0 or "error" in result.stderr or "claim lost" in result.stdout


# -- a repository that cannot be written -------------------------------------------------------


@pytest.fixture
def readonly(ledger: Program) -> Iterator[tuple[Program, str]]:
    """Return the program in a repository that it cannot write to, and the id of a task there."""
    task_id = ledger.add("Write the schema")
    git_dir = ledger.cwd / ".git"
    if os.geteuid() == 0:
        # Nothing is forbidden to root: something stands in the way of the lock.
        shutil.rmtree(git_dir / "gitledger")
        (git_dir / "gitledger").write_bytes(b"")
        yield ledger, task_id
    else:
        folders = [git_dir, *(path for path in git_dir.rglob("*") if path.is_dir())]
        for folder in folders:
            folder.chmod(0o555)
        yield ledger, task_id
        for folder in folders:
            folder.chmod(0o755)


@pytest.mark.parametrize("line", ["add Title", "done {id}", "note {id} Text", "claim {id}"])
def test_a_read_only_repository_is_not_written(readonly: Any, line: str) -> None:
    program, task_id = readonly
    result = program(*line.format(id=task_id).split())
    assert result.code == 1
    assert said(result)[0].startswith("error: cannot write ")


def test_a_read_only_repository_is_read(readonly: Any) -> None:
    program, _ = readonly
    assert "Write the schema" in program.ok("list").stdout


# -- what must not happen ----------------------------------------------------------------------


@pytest.fixture
def broken(ledger: Program, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Return the program, of which `status` has a fault."""

    def fail(context: Context) -> None:
        raise RuntimeError(f"in \x1b[31m{context.cwd}")

    monkeypatch.setattr(status.COMMANDS[0], "run", fail)
    return ledger


def test_a_fault_is_one_line_too(broken: Program) -> None:
    result = broken()
    assert (result.code, said(result)) == (
        1,
        [
            rf"error: unexpected RuntimeError: in \x1b[31m{broken.cwd}",
            "hint: this is a fault of gitledger; GITLEDGER_DEBUG=1 shows where",
        ],
    )


def test_a_fault_can_be_looked_into(broken: Program) -> None:
    with pytest.raises(RuntimeError):
        broken(GITLEDGER_DEBUG="1")


@pytest.mark.parametrize("words", [[], ["--json"]])
def test_an_interruption_is_130(
    ledger: Program, monkeypatch: pytest.MonkeyPatch, words: list[str]
) -> None:
    def interrupt(context: Context) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(status.COMMANDS[0], "run", interrupt)
    result = ledger(*words)
    assert result.code == 130
    if words:
        assert result.error == {"code": "interrupted", "message": "interrupted", "hint": None}
    else:
        assert said(result) == ["error: interrupted"]


def test_a_file_that_may_not_be_read_is_named(unwritten: Program, tmp_path: Path) -> None:
    folder = tmp_path / "plan.md"
    folder.mkdir()
    result = unwritten("add", "--file", str(folder))
    assert (result.code, said(result)) == (2, [f"error: {folder}: is a directory"])
