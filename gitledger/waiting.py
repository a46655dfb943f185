"""Waiting for a ref to move: by looking at its files, without reading the repository."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import Final, TypeVar

from gitledger.errors import NothingToTake

T = TypeVar("T")

_TICK: Final = 0.25
"""Seconds between two looks at the files."""
_YOUNG: Final = 2.0
"""Seconds for which a file may have changed once more without looking different: the times of
some file systems have whole or even seconds."""

_BEAT: Final = 60.0
"""Seconds between two signs of life of who waits."""

State = tuple[tuple[int, ...] | None, ...]
"""What tells the files from what they become when the ref moves; None is one that is not there."""


class RefWatch:
    """Watches one ref, as a loose file or among the packed ones.

    Begin it before the ref is read: what moves between the two is then noticed.

    Args:
        common_dir: the common git directory.
        ref: the ref's full name.
        pause: sleeps for some seconds.
        clock: returns the time in seconds.
    """

    def __init__(
        self,
        common_dir: Path,
        ref: str,
        *,
        pause: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._files = (common_dir / ref, common_dir / "packed-refs")
        self._pause = pause
        self._clock = clock
        self.begin()

    def now(self) -> float:
        """Return the time in seconds."""
        return self._clock()

    def begin(self) -> None:
        """Notice what moves from now on."""
        self._seen = self._state()
        # Somebody may write the file again before its time is another one: git's own index has
        # the same trouble ("racy git"). So a young file is worth one more look, later.
        age = self._clock() - max((state[0] / 1e9 for state in self._seen if state), default=-inf)
        self._look_again = self._clock() + _YOUNG if abs(age) < _YOUNG else inf

    def wait(self, until: float = inf) -> bool:
        """Sleep until the ref may have moved; False where the time has come before.

        Args:
            until: when to stop waiting, by the clock.
        """
        while self._state() == self._seen:
            now = self._clock()
            if now >= self._look_again:
                return True
            if now >= until:
                return False
            self._pause(max(0.0, min(_TICK, until - now)))
        return True

    def _state(self) -> State:
        return tuple(map(_stat, self._files))


def wait_for(
    look: Callable[[], T],
    watch: RefWatch,
    *,
    end: float = inf,
    alarm: Callable[[], float] = lambda: inf,
    beat: Callable[[], object] = lambda: None,
) -> T:
    """Return what a function returns, once it does not raise `NothingToTake` any more.

    Args:
        look: is called at once, whenever the ref may have moved, at the alarm and at the end.
        watch: of the ref that it reads.
        end: when to stop, by the clock of the watch.
        alarm: returns when something may be there although the ref has not moved.
        beat: is called now and then as long as it goes on.

    Raises:
        NothingToTake: nothing was there until the end.
    """
    while True:
        beat()
        watch.begin()
        try:
            return look()
        except NothingToTake:
            if watch.now() >= end:
                raise
        wake = min(end, alarm())
        while not watch.wait(min(wake, watch.now() + _BEAT)) and watch.now() < wake:
            beat()


def _stat(path: Path) -> tuple[int, ...] | None:
    try:
        found = os.stat(path)  # a few times a second, for hours
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size
