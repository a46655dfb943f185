"""`doctor`: what it asks, what it says, and what it exits with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.conftest import RunGit

MAIN = ".git/refs/gitledger/main"


@pytest.fixture
def broken(ledger: Program) -> Program:
    """Return the program in a repository whose list has a task and an empty ref file."""
    ledger.add("Write the docs")
    (ledger.cwd / MAIN).write_bytes(b"")
    return ledger


def test_an_ordinary_command_fails_with_one_line_that_names_the_ref(broken: Program) -> None:
    result = broken("list")
    assert result.code == 1
    assert "refs/gitledger/main" in result.stderr.splitlines()[0]


def test_nothing_is_changed_without_fix(broken: Program) -> None:
    result = broken("doctor")
    assert result.code == 1
    assert result.stdout.startswith("error refs/gitledger/main: its file is empty\n")
    assert (broken.cwd / MAIN).read_bytes() == b""


def test_it_asks_before_it_mends(broken: Program) -> None:
    result = broken("doctor", "--fix", stdin="y\n", terminal=True)
    assert result.code == 0
    problem, question = result.stderr.split("\n", 1)
    assert problem == "refs/gitledger/main: its file is empty"
    assert question.startswith("Put refs/gitledger/main back to ")
    assert "nothing wrong (1 task, 1 operation)" in result.stdout
    assert "Write the docs" in broken.ok("list").stdout


def test_a_mend_that_is_declined_leaves_everything_and_is_not_asked_again(broken: Program) -> None:
    result = broken("doctor", "--fix", stdin="n\n", terminal=True)
    assert result.code == 1
    assert result.stderr.count("[y/N]") == 1
    assert (broken.cwd / MAIN).read_bytes() == b""
    assert not (broken.cwd / ".git/gitledger/damaged").exists()


@pytest.mark.parametrize("words", [(), ("--no-input",)])
def test_where_nobody_can_be_asked_nothing_is_done(broken: Program, words: tuple[str, ...]) -> None:
    lock = broken.cwd / f"{MAIN}.lock"
    result = broken("doctor", "--fix", *words, terminal=bool(words))
    assert result.code == 2
    assert result.stdout == ""
    assert result.stderr.endswith("hint: say yes to it: --yes\n")
    assert (broken.cwd / MAIN).read_bytes() == b""
    assert not lock.exists()


def test_without_anything_to_mend_nobody_is_asked(ledger: Program) -> None:
    result = ledger.ok("doctor", "--fix", "--no-input")
    assert result.stdout == "list 'main': nothing wrong (no tasks, no operations)\n"


def test_a_program_is_told_each_finding_and_what_was_done(broken: Program) -> None:
    (finding,) = broken("doctor", "--json").json["findings"]
    assert finding["code"] == "broken-ref"
    assert finding["subject"] == "refs/gitledger/main"
    assert (finding["severity"], finding["mendable"]) == ("error", True)
    assert finding["mended"] is None

    result = broken("doctor", "--fix", "--yes", "--json")
    assert (result.code, result.stderr) == (0, "")
    assert result.json["kind"] == "doctor"
    (finding,) = result.json["findings"]
    assert finding["mended"].startswith("refs/gitledger/main is ")


def test_warnings_alone_are_no_failure(ledger: Program) -> None:
    (ledger.cwd / ".git/logs/refs/gitledger/main").unlink()
    assert ledger("doctor").stdout.startswith("warning refs/gitledger/main: it has no reflog")
    assert ledger("doctor").code == 0


def test_a_mend_that_fails_says_why_and_the_next_one_is_done(
    broken: Program, bare: Path, git: RunGit
) -> None:
    git(broken.cwd, "config", "gitledger.list", "main")
    lock = broken.cwd / f"{MAIN}.lock"
    lock.touch()  # of a writer at work
    (broken.cwd / ".git/refs/gitledger/other").write_bytes(b"")
    result = broken("doctor", "--fix", "--yes")
    assert result.code == 1
    assert "  not mended: somebody is writing: " in result.stdout


def test_a_damaged_pack_and_what_it_lacks_are_mended_one_after_the_other(
    ledger: Program, git: RunGit
) -> None:
    ledger.add("Write the docs")
    git(ledger.cwd, "repack", "-adq")
    ledger.add("Ship it")
    (index,) = (ledger.cwd / ".git/objects/pack").glob("*.idx")
    pack = index.with_suffix(".pack")
    listed = git(ledger.cwd, "verify-pack", "-v", str(index)).splitlines()
    tip = git(ledger.cwd, "rev-parse", "refs/gitledger/main~1")
    content = bytearray(pack.read_bytes())
    content[next(int(line.split()[4]) for line in listed if line.startswith(tip)) + 20] ^= 0xFF
    pack.chmod(0o644)
    pack.write_bytes(content)

    result = ledger("doctor", "--fix", "--yes")
    assert (result.code, result.stderr) == (0, "")
    assert [line.split()[0] for line in result.stdout.splitlines() if line[0] != " "] == [
        "mended",
        "mended",
        "list",
    ]


def test_a_list_that_is_not_there_is_named_with_the_nearest(ledger: Program) -> None:
    result = ledger("doctor", "--list", "mian")
    assert result.code == 3
    assert result.stderr == "error: no list 'mian'\nhint: did you mean 'main'?\n"


def test_without_a_ledger_there_is_nothing_to_examine(cli: Program) -> None:
    result = cli("doctor")
    assert result.code == 5
    assert (
        result.stderr == "error: this repository has no ledger\nhint: make one: git ledger init\n"
    )


def test_what_a_file_says_is_shown_escaped(ledger: Program) -> None:
    (ledger.cwd / MAIN).write_bytes(b"\x1b[31mred\xe2\x80\xae")
    result = ledger("doctor", "--color", "never")
    assert "its file says '\\x1b[31mred\\u202e'" in result.stdout
    assert "\x1b" not in result.stdout
