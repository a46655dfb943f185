"""A worker that is killed, at a moment that chance decides."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Final

from tests.proof.deeds import Worker, start
from tests.proof.promises import Log

LONGEST_LIFE: Final = 0.15
"""Seconds: a sync and some dozen writes."""


class Life:
    """The life of one worker, from its birth to its end by SIGKILL.

    Args:
        place: where it works.
        enlist: makes the worker; called in its own process.
        log: where it logs.
        random: decides how long it lives, whether git dies with it, and what it does.
    """

    def __init__(
        self, place: str, enlist: Callable[[str, Random], Worker], log: Path, random: Random
    ) -> None:
        self.place = place
        self.span = random.uniform(0, LONGEST_LIFE)
        self.whole = random.random() < 0.5
        self._random = random
        self._enlist = enlist
        self._log = log
        self._process = 0
        self.killed = False

    def begin(self) -> None:
        """Start the worker, and return when it is about to do its first deed."""
        ready, tell = os.pipe()

        def live() -> None:
            worker = self._enlist(self.place, self._random)
            os.close(tell)
            worker.work()

        self._process = start(live, Log(self._log))
        os.close(tell)
        os.read(ready, 1)  # returns when the worker has closed its end
        os.close(ready)

    def end(self) -> None:
        """Kill it, and every git that it has started where all of them are to die."""
        with suppress(ProcessLookupError):
            os.kill(self._process, signal.SIGSTOP)
        children = _children(self._process) if self.whole else []
        os.kill(self._process, signal.SIGKILL)
        for child in children:
            for kill in (os.killpg, os.kill):  # its own group, once it has come to make one
                with suppress(ProcessLookupError):
                    kill(child, signal.SIGKILL)
        self.killed = os.waitstatus_to_exitcode(os.waitpid(self._process, 0)[1]) == -signal.SIGKILL


def _children(process: int) -> list[int]:
    """Return the processes that a process has started; none where the system has no `/proc`."""
    try:
        return [
            int(it) for it in Path(f"/proc/{process}/task/{process}/children").read_text().split()
        ]
    except OSError:
        return []
