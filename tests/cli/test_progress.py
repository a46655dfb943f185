"""How far a sync is: a bar on a terminal once it takes more than a moment, nothing in a pipe."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest

from gitledger.cli.progress import progress
from gitledger.errors import LedgerError


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
    with progress(screen, clock(0, 0.5, 0.9)) as tell:
        assert tell
        tell("replaying operations", 1, 10)
        tell("replaying operations", 2, 10)
    assert screen.getvalue() == ""


def test_what_takes_longer_shows_how_far_it_is() -> None:
    screen = Screen()
    with progress(screen, clock(0, 0.5, 1.1, 1.2)) as tell:
        assert tell
        for done in (1, 5, 10):
            tell("replaying operations", done, 10)
    (line,) = shown(screen)
    assert line.startswith("replaying operations")
    assert "100%" in line
    assert screen.getvalue().endswith("\n")


def test_each_deed_has_a_line_and_one_that_begins_again_has_another() -> None:
    screen = Screen()
    with progress(screen, clock(0, 2, 2, 2, 2)) as tell:
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
        with progress(screen, clock(0, 2)) as tell:
            assert tell
            tell("replaying operations", 1, 10)
            raise wrong

    with pytest.raises(type(wrong)):
        replay()
    assert screen.getvalue().endswith("\n")
    assert "\x1b[?25l" not in screen.getvalue().rpartition("\x1b[?25h")[2]


def test_in_a_pipe_nothing_is_told() -> None:
    pipe = io.StringIO()
    with progress(pipe, clock(0)) as tell:
        assert tell is None
    assert pipe.getvalue() == ""
