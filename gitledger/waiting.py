"""Waiting for a ref to move: by looking at its files, without reading the repository."""

from __future__ import annotations

import os
import time
from math import inf

from gitledger.errors import NothingToTake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from typing import Final, TypeVar

    T = TypeVar("T")
    Look = tuple[int, ...] | None
    State = tuple[bytes | None, tuple[Look, ...]]

_TICK: Final = 0.08
"""Seconds between two looks at the files. What moves is noticed after half of it in the middle;
more looks cost more of a core while nothing happens (`benchmarks/watch.py`)."""
_YOUNG: Final = 2.0
"""Seconds for which a file may have changed once more without looking different: the times of
some file systems have whole or even seconds."""
_BEAT: Final = 60.0
"""Seconds between two signs of life of who waits."""
_SHARED: Final = ("packed-refs", "reftable/tables.list")
"""Where a ref stands that has no file of its own. Not each repository has both."""
_LONGEST: Final = 256
"""Bytes of a ref's file that are looked at; an id takes 41, or 65."""


def never() -> bool:
    """Return False: nobody stops it."""
    return False


class RefWatch:
    """Watches one ref: in its own file, among the packed ones, or in a reftable.

    Begin it before the ref is read: what moves between the two is then noticed.

    Args:
        common_dir: the common git directory.
        ref: the ref's full name.
        pause: sleeps for some seconds.
        clock: returns the time in seconds.
    """

    def __init__(
        self,
        common_dir: str | os.PathLike[str],
        ref: str,
        *,
        pause: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._file = os.path.join(common_dir, ref)
        self._files = (self._file, *(os.path.join(common_dir, name) for name in _SHARED))
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
        age = self._clock() - max((look[0] / 1e9 for look in self._seen[1] if look), default=-inf)
        self._look_again = self._clock() + _YOUNG if abs(age) < _YOUNG else inf

    def moved(self) -> bool:
        """Tell whether the ref may have moved."""
        return self._state() != self._seen or self._clock() >= self._look_again

    def wait(self, until: float = inf, stop: Callable[[], bool] = never) -> bool:
        """Sleep until the ref may have moved; False where the time has come before.

        Args:
            until: when to stop waiting, by the clock.
            stop: tells whether to stop at once; asked some times a second.
        """
        while not self.moved():
            now = self._clock()
            if now >= until or stop():
                return False
            self._pause(max(0.0, min(_TICK, until - now, self._look_again - now)))
        return True

    def _state(self) -> State:
        """Return what tells the files from what they become when the ref moves."""
        # Of the ref's own file the content, too: many moves have the same time.
        return _content(self._file), tuple(map(_stat, self._files))


def looks(
    watch: RefWatch,
    *,
    end: float = inf,
    alarm: Callable[[], float] = lambda: inf,
    beat: Callable[[], object] = lambda: None,
    stop: Callable[[], bool] = never,
) -> Iterator[None]:
    """Yield when there may be something: at once, after each move, at the alarm and at the end.

    Args:
        watch: of the ref that is looked at.
        end: when to stop, by the clock of the watch.
        alarm: returns when something may be there although the ref has not moved.
        beat: is called now and then as long as it goes on.
        stop: tells whether to stop at once, without a last look.
    """
    while not stop():
        beat()
        watch.begin()
        yield
        if watch.now() >= end:
            return
        wake = min(end, alarm())
        while not watch.wait(min(wake, watch.now() + _BEAT), stop):
            if stop() or watch.now() >= wake:
                break
            beat()


async def looks_async(
    watch: RefWatch, *, end: float = inf, beat: Callable[[], object] = lambda: None
) -> AsyncIterator[None]:
    """Yield as `looks` does, while other tasks of the event loop go on; no thread is needed.

    Args:
        watch, end, beat: as for `looks`.
    """
    from asyncio import sleep

    while True:
        beat()
        watch.begin()
        yield
        next_beat = watch.now() + _BEAT
        while not watch.moved():
            now = watch.now()
            if now >= end:
                return
            if now >= next_beat:
                beat()
                next_beat = now + _BEAT
            await sleep(max(0.0, min(_TICK, end - now)))


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
        watch, end, alarm, beat: as for `looks`.

    Raises:
        NothingToTake: nothing was there until the end.
    """
    nothing = NothingToTake("nobody has looked")
    for _ in looks(watch, end=end, alarm=alarm, beat=beat):
        try:
            return look()
        except NothingToTake as found:
            nothing = found
    raise nothing


def _stat(path: str) -> Look:
    try:
        found = os.stat(path)  # some times a second, for hours
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_ino, found.st_size


def _content(path: str) -> bytes | None:
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return None
    try:
        return os.read(file, _LONGEST)
    except OSError:
        return None
    finally:
        os.close(file)
