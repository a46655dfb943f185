"""What tasks have to do with sessions: who holds them, who wrote on them, whom they concern."""

from __future__ import annotations

from gitledger.index import rows

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from gitledger.index import Index
    from gitledger.index.database import Connection
    from gitledger.index.rows import Row

_HELD = "tasks INDEXED BY tasks_held WHERE owner IS NOT NULL AND finished = 0"
"""Left to itself, SQLite goes through all tasks for the few that are held."""


def owners(connection: Connection) -> dict[str, int]:
    """Return the sessions that hold unfinished tasks, sorted, and how many each holds."""
    found = connection.execute(f"SELECT owner, count(*) FROM {_HELD} GROUP BY owner ORDER BY owner")
    return dict(found.fetchall())


def held(connection: Connection) -> list[tuple[str, str, str, str, str]]:
    """Return id, owner, status, priority and type of the tasks that somebody holds and works on.

    They come by priority and age.
    """
    found = connection.execute(
        f"SELECT n, owner, status, priority, type FROM {_HELD} ORDER BY priority, born, place, n"
    )
    return [(rows.name(n), *values) for n, *values in found]


def last_claims(connection: Connection, names: Sequence[str]) -> dict[str, datetime]:
    """Return when each session's latest unfinished task became its own."""
    from datetime import UTC, datetime, timedelta

    found = rows.gathered(
        connection,
        f"SELECT owner, max(claimed) FROM {_HELD} "
        "AND claimed IS NOT NULL AND owner IN ({}) GROUP BY owner",
        names,
    )
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return {owner: epoch + timedelta(microseconds=claimed) for owner, claimed in found}


def concerning(connection: Connection, index: Index, names: Sequence[str]) -> list[Row]:
    """Return the tasks that `core.parties.concerned` names one of these for, ordered by id."""
    found = rows.gathered(connection, "SELECT task FROM concerns WHERE name IN ({})", names)
    return rows.by_number(connection, index, sorted({n for (n,) in found}))


def writers(connection: Connection) -> set[str]:
    """Return the sessions that own a task, or wrote anything on one."""
    found = connection.execute("SELECT DISTINCT writers FROM tasks")
    return {name for (names,) in found for name in names.split("\n") if name}


def typical(connection: Connection, types: Sequence[str]) -> dict[str, float]:
    """Return the median of the seconds that completed tasks took, by their type."""
    found = {}
    for kind in types:
        both = connection.execute(_MIDDLE, {"type": kind}).fetchall()
        if both:
            found[kind] = sum(microseconds / 1_000_000 for (microseconds,) in both) / len(both)
    return found


_OF_TYPE = "FROM tasks WHERE took IS NOT NULL AND type = :type"
_MIDDLE = (
    f"SELECT took {_OF_TYPE} ORDER BY took LIMIT 2 - (SELECT count(*) {_OF_TYPE}) % 2 "
    f"OFFSET ((SELECT count(*) {_OF_TYPE}) - 1) / 2"
)
"""The value in the middle, or the two around it."""
