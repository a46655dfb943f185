"""Syncing in the background: a list, exchanged with a remote every now and then."""

from __future__ import annotations

import queue
import threading

from gitledger.errors import LedgerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from gitledger.sharing import Sharing
    from gitledger.sync import SyncReport

_PATIENCE: Final = 60.0
"""Seconds that a fetch or push may take at least, however often there is a sync."""


class Rounds:
    """Syncs a list with its remote, in a thread of its own, until it is ended.

    A failure is no end: the next round tries again. It is told once, and so is that it is over.

    Args:
        opened: returns the list as the thread uses it: a `Ledger` belongs to one thread.
        every: seconds from the end of a sync to the next.

    Attributes:
        session: the session that syncs; it may have got another name. None before the first sync.
    """

    def __init__(self, opened: Callable[[], Sharing], every: float) -> None:
        self._opened = opened
        self._every = every
        self.session: str | None = None
        self._ended = threading.Event()
        self._said: queue.SimpleQueue[str | BaseException] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="gitledger-sync", daemon=True)

    def start(self) -> None:
        """Begin, with a sync at once."""
        self._thread.start()

    def end(self) -> None:
        """Begin no other sync; one that is under way goes on to its end."""
        self._ended.set()

    def said(self) -> Iterator[str]:
        """Yield what there is to be told since the last call, each in a line.

        Raises:
            Exception: the rounds have ended with it, which is no failure of a remote.
        """
        while not self._said.empty():
            said = self._said.get()
            if isinstance(said, BaseException):
                raise said
            yield said

    def _run(self) -> None:
        try:
            self._go_round(self._opened())
        except BaseException as wrong:  # raised where somebody sees it
            self._said.put(wrong)

    def _go_round(self, ledger: Sharing) -> None:
        failure = ""
        while not self._ended.is_set():
            try:
                report = ledger.sync(timeout=max(self._every, _PATIENCE))
            except LedgerError as failed:
                if failed.code != failure:
                    failure = failed.code
                    self._said.put(f"the sync failed, and goes on trying: {failed.message}")
            else:
                if failure:
                    failure = ""
                    self._said.put(f"the sync with '{report.remote}' works again")
                for line in _told(report, ledger):
                    self._said.put(line)
            self.session = ledger.session
            self._ended.wait(self._every)


def _told(report: SyncReport, ledger: Sharing) -> Iterator[str]:
    """Yield what a sync did that no operation tells of."""
    for lost in report.claims_lost:
        task = ledger.snapshot().find(lost.task)
        called = f"{ledger.short(task.id)} {task.title}" if task else lost.task
        holder = f"{lost.owner} has it" if lost.owner else "nobody has it any more"
        yield f"claim lost: {called}: {holder}, not {lost.session}"
    for old, new in report.sessions_renamed.items():
        yield f"session {old} is now {new}: another machine has that name"
    if count := len(report.conflicts):
        values = "value that lost is" if count == 1 else "values that lost are"
        yield f"{count} {values} kept in notes: git ledger list is:conflicted"
