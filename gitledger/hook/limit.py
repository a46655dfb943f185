"""Bounds in time: a hook must not hold up the user's git command for ever."""

from __future__ import annotations

import os
import signal

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import BinaryIO, Final

LIMIT: Final = 10.0
"""Seconds that a hook may take in all."""
VARIABLE: Final = "GITLEDGER_HOOK_TIMEOUT"
_SOFT: Final = 0.8
"""At which part of them it is interrupted; the rest is for ending what it has started."""


class TookTooLong(BaseException):
    """The hook has had its time. No rule may take it for an ordinary failure and go on."""


def limit(environ: Mapping[str, str]) -> float:
    """Return the seconds that a hook may take: `GITLEDGER_HOOK_TIMEOUT`, or ten."""
    try:
        asked = float(environ.get(VARIABLE, LIMIT))
    except ValueError:
        return LIMIT
    return asked if 0 < asked < float("inf") else LIMIT


class Bounded:
    """A context in which what is done is interrupted, and the process ends where it hangs.

    Args:
        seconds: for the whole of it.

    Raises:
        TookTooLong: it took too long.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._nothing: BinaryIO | None = None

    def __enter__(self) -> None:
        import faulthandler

        self._before = signal.signal(signal.SIGALRM, _interrupt)
        self._nothing = open(os.devnull, "wb")  # until the context ends
        # Python's own handler waits for the library; a thread of this one's kind does not.
        faulthandler.dump_traceback_later(self._seconds, exit=True, file=self._nothing)
        signal.setitimer(signal.ITIMER_REAL, self._seconds * _SOFT)

    def __exit__(self, *_: object) -> None:
        import faulthandler

        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, self._before)
        faulthandler.cancel_dump_traceback_later()
        if self._nothing:
            self._nothing.close()


def _interrupt(number: int, frame: object) -> None:
    raise TookTooLong
