"""Bounds in time: a hook must not hold up the user's git command for ever."""

from __future__ import annotations

import os
import signal
from contextlib import contextmanager

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Final

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


@contextmanager
def bounded(seconds: float) -> Iterator[None]:
    """Interrupt what is done, and end the process where it hangs in a library.

    Raises:
        TookTooLong: it took too long.
    """
    import faulthandler

    before = signal.signal(signal.SIGALRM, _interrupt)
    with open(os.devnull, "wb") as nothing:
        # Python's own handler waits for the library; a thread of this one's kind does not.
        faulthandler.dump_traceback_later(seconds, exit=True, file=nothing)
        signal.setitimer(signal.ITIMER_REAL, seconds * _SOFT)
        try:
            yield
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            faulthandler.cancel_dump_traceback_later()


def _interrupt(number: int, frame: object) -> None:
    raise TookTooLong
