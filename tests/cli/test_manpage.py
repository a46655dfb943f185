"""The manual that `git ledger --help` shows."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from gitledger.cli import manpage, registry
from gitledger.cli.spec import COMMON

PAGE = Path(__file__).parents[2] / "docs" / "git-ledger.1"


def test_the_committed_page_is_what_the_commands_say() -> None:
    """`python -m gitledger.cli.manpage >docs/git-ledger.1` makes it anew."""
    assert PAGE.read_text(encoding="utf-8") == manpage.manual()


def test_the_module_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    manpage.main()
    assert capsys.readouterr().out == manpage.manual()


@pytest.fixture(scope="module")
def shown() -> str:
    """Return the page as `man` shows it."""
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    words = ["groff", "-man", "-Tutf8", "-ww", "-P-cbou", "-rLL=200n"]
    done = subprocess.run(words, input=manpage.manual().encode(), capture_output=True, check=True)
    assert done.stderr == b""
    return done.stdout.decode()


def test_every_command_and_option_is_shown(shown: str) -> None:
    for command in registry.commands():
        assert f"git ledger {command.verb} " in f"{shown} ".replace("\n", " ")
        assert command.summary.rstrip(".") in shown
    for option in (*COMMON, *(each for command in registry.commands() for each in command.own)):
        assert ", ".join(sorted(option.flags, key=len)) in shown


def test_each_heading_stands_there_once(shown: str) -> None:
    headings = [line for line in shown.splitlines() if line.isupper() and line[0] != " "]
    assert len(headings) == len(set(headings))
    assert headings[0] == "NAME"


@pytest.mark.parametrize("text", [".SH evil", "'br", "a\\fBb", "-- -x", "±… ü", "\\(co"])
def test_text_is_never_taken_for_a_request(text: str) -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    page = f'.TH X 1 "" "" ""\n.SH Y\n{manpage.escaped(text)}\n'
    done = subprocess.run(
        ["groff", "-man", "-Tutf8", "-P-cbou"], input=page.encode(), capture_output=True, check=True
    )
    assert f"\n       {text}\n" in done.stdout.decode()
