"""How far a sync or the index is: a bar on a terminal after a moment, nothing in a pipe."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

import gitledger
from gitledger.cli.progress import Deed, progress
from gitledger.errors import LedgerError
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import Team, ledger_at, place


class Screen(io.StringIO):
    """A terminal's screen."""

    def isatty(self) -> bool:
        return True


def shown(screen: Screen) -> list[str]:
    """Return what a person sees: the last state of each line, without escapes."""
    text = re.sub(r"\x1b\[[?\d]*[a-zA-Z]", "", screen.getvalue())
    return [line.rpartition("\r")[2].strip() for line in text.split("\n")[:-1]]


def clock(*times: float) -> Callable[[], float]:
    """Return a clock that shows these times, one after the other."""
    left = iter(times)
    return lambda: next(left)


def test_what_takes_a_moment_shows_nothing() -> None:
    screen = Screen()
    with progress(screen, {}, clock(0, 0.5, 0.9)) as tell:
        assert tell
        tell("replaying operations", 1, 10)
        tell("replaying operations", 2, 10)
    assert screen.getvalue() == ""


def test_what_takes_longer_shows_how_far_it_is() -> None:
    screen = Screen()
    with progress(screen, {}, clock(0, 0.5, 1.1, 1.2)) as tell:
        assert tell
        for done in (1, 5, 10):
            tell("replaying operations", done, 10)
    (line,) = shown(screen)
    assert line.startswith("replaying operations")
    assert "100%" in line
    assert screen.getvalue().endswith("\n")


def test_each_deed_has_a_line_and_one_that_begins_again_has_another() -> None:
    screen = Screen()
    with progress(screen, {}, clock(0, 2, 2, 2, 2)) as tell:
        assert tell
        tell("receiving objects", 3, 10)
        tell("replaying operations", 2, 4)
        tell("replaying operations", 1, 4)
        tell("replaying operations", 1, 8)
    lines = shown(screen)
    assert [line.split("  ")[0] for line in lines] == [
        "receiving objects",
        *["replaying operations"] * 3,
    ]
    assert [re.findall(r"\d+%", line) for line in lines] == [["30%"], ["50%"], ["25%"], ["12%"]]


@pytest.mark.parametrize("wrong", [LedgerError("no"), KeyboardInterrupt()])
def test_the_line_is_ended_when_something_goes_wrong(wrong: BaseException) -> None:
    screen = Screen()

    def replay() -> None:
        with progress(screen, {}, clock(0, 2)) as tell:
            assert tell
            tell("replaying operations", 1, 10)
            raise wrong

    with pytest.raises(type(wrong)):
        replay()
    assert screen.getvalue().endswith("\n")
    assert "\x1b[?25l" not in screen.getvalue().rpartition("\x1b[?25h")[2]


def test_in_a_pipe_nothing_is_told() -> None:
    pipe = io.StringIO()
    with progress(pipe, {}, clock(0)) as tell:
        assert tell is None
    assert pipe.getvalue() == ""


def test_a_terminal_that_only_goes_on_writing_is_told_nothing() -> None:
    screen = Screen()
    with progress(screen, {"TERM": "dumb"}, clock(0)) as tell:
        assert tell is None
    assert screen.getvalue() == ""


def test_a_deed_ends_its_line_when_it_is_done_and_has_another_when_it_begins_again() -> None:
    screen = Screen()
    tell = Deed("building the index", screen, {}, clock(0, 2, 2, 10, 12))
    tell(0, 10)
    tell(10, 10)
    assert screen.getvalue().endswith("\n")
    tell(5, 10)
    tell.close()
    tell.close()
    lines = shown(screen)
    assert [re.findall(r"\d+%", line) for line in lines] == [["100%"], ["50%"]]
    assert {line.split("  ")[0] for line in lines} == {"building the index"}


# -- the program on a terminal -----------------------------------------------------------------

_HURRIED = "import sys; from gitledger.cli import main, progress; progress._PATIENCE = 0.0"
_PROGRAM = f"{_HURRIED}; sys.exit(main.main())"


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_the_replay_of_a_sync_is_shown_on_a_terminal_that_can(
    make_repo: MakeRepo, bare: Path, git: RunGit, term: str
) -> None:
    team = Team(make_repo, bare, git)
    team.ada.note(team.task.id, "theirs")
    team.ada.sync()
    for number in range(5):
        team.grace.note(team.task.id, f"mine {number}")

    shown = on_a_terminal(place(team.grace), "sync", TERM=term)

    assert shown.splitlines()[-1] == "origin: 1 pulled, 5 pushed"
    told = re.findall(r"replaying operations[^\r\n]* (\d+%)", shown)
    if term == "dumb":
        assert told == []
        assert "\x1b" not in shown
    else:
        assert list(dict.fromkeys(told)) == ["0%", "20%", "40%", "60%", "80%"]


@pytest.mark.parametrize(
    ("words", "is_shown"),
    [(["list"], True), (["note", "grep", "said"], True), (["statusline"], False)],
)
def test_the_building_of_the_index_is_shown_to_whoever_waits(
    repo: Path, words: list[str], is_shown: bool
) -> None:
    ledger = ledger_at(repo)
    words = [ledger.add("wait").id if word == "grep" else word for word in words]
    shutil.rmtree(repo / ".git/gitledger/index", ignore_errors=True)

    first, second = (on_a_terminal(repo, *words) for _ in range(2))

    assert ("building the index" in first) is is_shown
    assert "building the index" not in second


def on_a_terminal(cwd: Path, *words: str, **environ: str) -> str:
    """Return what the program shows on a terminal, where it has no patience."""
    screen, end = os.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *words],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(Path(gitledger.__file__).parents[1]), **environ},
        stdin=end,
        stdout=end,
        stderr=end,
        start_new_session=True,
    )
    os.close(end)
    shown = b""
    # Linux says EIO at the end, others return nothing.
    with suppress(OSError):
        while more := os.read(screen, 4096):
            shown += more
    os.close(screen)
    assert process.wait(20) == 0, shown
    return shown.decode().replace("\r\n", "\n")
