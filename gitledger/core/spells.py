"""Spells: for how long each task was in which status, and whose it was meanwhile."""

from __future__ import annotations

from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from gitledger.core.task import FINISHED

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


class Move(NamedTuple):
    """A change of what is measured of a task.

    Attributes:
        task: its id.
        at: when, seconds since the epoch.
        status: its status from then on; None where there is no such task any more.
        session: its owner from then on.
        type, labels: what they are from then on.
        took: the seconds from its start to its completion, as the task has them; None where it is
            not completed, or was never started.
    """

    task: str
    at: int
    status: str | None
    session: str | None
    type: str
    labels: tuple[str, ...]
    took: int | None


class Spell(NamedTuple):
    """For so long was a task in a status, and a session's; `until` is None while it lasts.

    Times are seconds since the epoch.
    """

    status: str
    session: str | None
    since: int
    until: int | None


class Past(NamedTuple):
    """What has become of one task.

    Attributes:
        task: its id.
        spells: one after the other, never none.
        type, labels, took: as the last move has them.
    """

    task: str
    spells: tuple[Spell, ...]
    type: str
    labels: tuple[str, ...]
    took: int | None

    @property
    def status(self) -> str | None:
        """The status that it has now; None where it is gone."""
        last = self.spells[-1]
        return last.status if last.until is None else None

    @property
    def session(self) -> str | None:
        """Whose it is, or was at last."""
        return self.spells[-1].session

    @property
    def completed(self) -> int | None:
        """When it was completed, seconds since the epoch.

        None where it is not completed, and where it came into the ledger finished, as from a plan
        with ticks: nobody completed it then.
        """
        if self.status != "completed" or self.spells[0].status in FINISHED:
            return None
        since = 0
        for spell in reversed(self.spells):
            if spell.status != "completed":
                break
            since = spell.since
        return since


def pasts(moves: Iterable[Move], now: int) -> Iterator[Past]:
    """Yield what has become of tasks.

    The order of the moves counts, not their times: what a clock has wrong takes no time. A
    finished task whose file is put away stays finished.

    Args:
        moves: those of each task together, oldest first.
        now: the time, seconds since the epoch; what is later took place now, and what is earlier
            than the epoch, at its beginning.
    """
    for task, of_task in groupby(moves, attrgetter("task")):
        past = _past(task, of_task, now)
        if past is not None:
            yield past


def _past(task: str, moves: Iterable[Move], now: int) -> Past | None:
    spells: list[Spell] = []
    known: Move | None = None
    status: str | None = None  # of the spell that lasts
    session: str | None = None
    since = at = 0
    for move in moves:
        at = min(max(at, move.at), now)
        if move.status is None:
            if status is not None and status not in FINISHED:
                spells.append(Spell(status, session, since, at))
                status = None
            continue
        known = move
        if status is not None:
            if status == move.status and session == move.session:
                continue
            spells.append(Spell(status, session, since, at))
        status, session, since = move.status, move.session, at
    if known is None:
        return None
    if status is not None:
        spells.append(Spell(status, session, since, None))
    return Past(task, tuple(spells), known.type, known.labels, known.took)
