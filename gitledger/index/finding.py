"""Looking things up in the line of commits: by the time they came, by the beginning of a name."""

from __future__ import annotations

from gitledger.index import line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Literal

    from gitledger.index.database import Connection


def came_by(connection: Connection, top: int, moment: int) -> str | None:
    """Return the highest commit that came into the line at a moment or before it, None for none.

    The line decides which is the last, as clocks may go wrong.

    Args:
        connection: the tables.
        top: the number of the tip.
        moment: in seconds since the epoch.
    """
    found = connection.execute(
        "SELECT id FROM operations WHERE number <= ? AND committed <= ? "
        "ORDER BY number DESC LIMIT 1",
        (top, moment),
    ).fetchone()
    return found[0].hex() if found else None


def commits(connection: Connection, top: int, prefix: str) -> list[str]:
    """Return the commits whose ids start with hexadecimal digits, sorted."""
    even = prefix[: len(prefix) // 2 * 2]
    first = bytes.fromhex(even)
    # Every id that starts with these bytes is smaller than they with an endless tail.
    found = connection.execute(
        "SELECT id FROM operations WHERE id >= ? AND id <= ? AND number <= ? ORDER BY id",
        (first, first + b"\xff" * 32, top),
    )
    matches = (oid.hex() for (oid,) in found)
    return [oid for oid in matches if oid.startswith(prefix)]


def tasks(connection: Connection, top: int, prefix: str) -> list[str]:
    """Return the ids of the tasks that there ever were and that start with a prefix, sorted."""
    found = connection.execute(
        "SELECT DISTINCT task FROM changes WHERE task >= ? AND task <= ? AND number <= ? "
        "ORDER BY task",
        (prefix, f"{prefix}~", top),
    )
    return [task_id for (task_id,) in found]


def files(connection: Connection, top: int, ids: Iterable[str]) -> dict[str, str]:
    """Return the ids of the files that tasks had up to a number; without those that had none."""
    found = {}
    for task_id in ids:
        row = connection.execute(
            "SELECT oid FROM changes WHERE task = ? AND number <= ? ORDER BY number DESC LIMIT 1",
            (task_id, top),
        ).fetchone()
        if row and row[0] is not None:
            found[task_id] = row[0].hex()
    return found


def names(connection: Connection, what: Literal["name", "session", "agent"]) -> list[str]:
    """Return the different names of operations, sessions or agents, sorted."""
    statement = f"SELECT DISTINCT {what} FROM operations WHERE {what} != '' ORDER BY {what}"
    found = connection.execute(statement)  # our own words
    return [name for (name,) in found]


def older(connection: Connection, tasks: Iterable[str]) -> dict[str, str]:
    """Return what `remember` was told of these tasks."""
    query = "SELECT id FROM older WHERE task = ?"
    rows = {task: connection.execute(query, (task,)).fetchone() for task in tasks}
    return {task: row[0].hex() for task, row in rows.items() if row}


def remember(connection: Connection, below: str, found: Mapping[str, str]) -> None:
    """Take down the commits that last changed tasks, from `below` down, if the line ends there."""
    if line.below(connection) != below:
        return
    connection.executemany(
        "INSERT OR REPLACE INTO older VALUES (?, ?)",
        ((task, bytes.fromhex(commit)) for task, commit in found.items()),
    )
