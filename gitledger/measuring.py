"""Measuring: the figures of a list, from its history and from what is in progress."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from datetime import UTC, datetime
from random import Random

from gitledger.core.criteria import Among
from gitledger.core.forecast import RUNS
from gitledger.core.presence import expected_end
from gitledger.core.spells import pasts
from gitledger.core.stats import Running, Stats

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Final

    from gitledger.core.query import Query
    from gitledger.reader import Reader

_NEVER: Final = datetime.max.replace(tzinfo=UTC)
_RUNNING: Final = Among("status", ("in_progress",))


def measure(reader: Reader, query: Query | None, since: datetime | None) -> Stats:
    """Return the figures of some tasks of a list, as of now.

    Args:
        reader: reads the list.
        query: which tasks, None for all.
        since: what was earlier is left out.
    """
    now, index = reader.now(), reader.index()
    wanted = None if query is None else {view.id for view in reader.select(query)}
    operations = reader.operations()
    with _no_collection():
        found = tuple(
            past
            for past in pasts(operations.moves(), int(now.timestamp()))
            if wanted is None or past.task in wanted
        )
    seed = index.commit or ""

    def chances() -> Iterator[Random]:
        # The same state gives the same forecast.
        return (Random(f"{seed} {run}") for run in range(RUNS))

    return Stats(
        found,
        now=now,
        since=since,
        local=datetime.fromtimestamp,
        running=_running(reader, wanted, now),
        titles=lambda ids: {row.id: row.keys()["title"] for row in index.rows(ids)},
        short=reader.short,
        chances=chances,
        lost=sum(wanted is None or task in wanted for task in operations.lost()),
    )


@contextmanager
def _no_collection() -> Iterator[None]:
    """Let no garbage be looked for: what is made are tuples, half a million of them at times."""
    collected = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collected:
            gc.enable()


def _running(reader: Reader, wanted: set[str] | None, now: datetime) -> list[Running]:
    """Return the tasks in progress, those first that should end first."""
    index = reader.index()
    tasks = [row.task() for row in index.select(_RUNNING) if wanted is None or row.id in wanted]
    typical = index.typical({task.type for task in tasks})
    found = []
    for task in tasks:
        elapsed = now - task.started_at if task.started_at else None
        end = expected_end(task, elapsed, typical, now)
        found.append(
            Running(
                task=task.id,
                session=task.owner,
                progress=task.progress,
                elapsed=elapsed,
                expected_end=end,
            )
        )
    return sorted(found, key=lambda each: (each.expected_end or _NEVER, each.task))
