"""What of a task is in the columns of the index, where SQL can select and sort by it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from gitledger.core.parties import concerned
from gitledger.core.task import FINISHED, source_place
from gitledger.index.files import File
from gitledger.index.rows import edge, number, source_text
from gitledger.index.schema import NEVER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Final, TypeAlias

    from gitledger.index.database import Connection

    Rows: TypeAlias = tuple[list[tuple[Any, ...]], ...]
    """The rows of some tasks for each of `_TABLES`; nothing but what `marshal` takes is in them."""

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY: Final = date(1970, 1, 1).toordinal()
_DAY: Final = 86_400_000_000
_MICROSECOND: Final = timedelta(microseconds=1)
_REMEMBERED: Final = 1024
"""Moments: those of one operation are the same for many tasks."""
_TABLES: Final = (
    ("tasks", "n", 23),
    ("texts", "n", 2),
    ("edges", "waiter", 2),
    ("labels", "task", 2),
    ("concerns", "task", 2),
)
"""Where rows of a task are, the column that says whose they are, and how many columns there are."""
_YOUNGEST: Final = NEVER - 1
"""The age of a task without a beginning: see `core.task.age`."""


def rows(files: Iterable[File]) -> Rows:
    """Return the rows of tasks; what follows from other tasks, `waits`, is 0 for now.

    So is `unblocks`, as for a task that nobody waits for; a finished one has none.
    """
    found: Rows = ([], [], [], [], [])
    tasks, told, edges, labels, concerns = found
    for file in files:
        n, data = number(file.id), file.data
        tasks.append(_columns(n, file.id, data))
        told.append((n, file.text))
        edges += [(n, edge(other)) for other in data.get("blocked_by", ())]
        labels += [(n, label) for label in data.get("labels", ())]
        concerns += [(name, n) for name in concerned(data)]
    return found


def insert(connection: Connection, made: Rows) -> None:
    """Put rows of tasks into the tables."""
    for (table, _, width), values in zip(_TABLES, made, strict=True):
        connection.executemany(f"INSERT INTO {table} VALUES ({','.join('?' * width)})", values)


def remove(connection: Connection, numbers: Iterable[int]) -> None:
    """Take tasks out of the tables."""
    values = [(n,) for n in numbers]
    for table, column, _ in _TABLES:
        connection.executemany(f"DELETE FROM {table} WHERE {column} = ?", values)


def _columns(n: int, task_id: str, data: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values of the table `tasks`, in its order."""
    get = data.get
    status = get("status", "pending")
    finished = status in FINISHED
    created, updated, due, source = get("created_at"), get("updated_at"), get("due"), get("source")
    claimed, notes = get("claimed_at"), get("notes", ())
    born = None if created is None else _moment(created)
    return (
        n,
        task_id,
        status,
        finished,
        get("priority", "P2"),
        get("type", "task"),
        get("owner"),
        get("role"),
        get("parent"),
        get("review", False),
        any(not note.get("resolved") for note in notes if note.get("kind") == "conflict"),
        0,
        None if finished else 0,
        NEVER if due is None else _deadline(due),
        _YOUNGEST if born is None else born,
        _place(source_place(source)) if source else _NO_PLACE,
        born,
        None if updated is None else _moment(updated),
        data["title"].casefold(),
        source_text(source) if source else None,
        None if claimed is None else _moment(claimed),
        _took(data) if status == "completed" else None,
        "\n".join(sorted(_writers(data, notes))),
    )


def _took(data: Mapping[str, Any]) -> int | None:
    """Return how long it took to complete a task; clocks that disagree make it no time at all."""
    started, completed = data.get("started_at"), data.get("completed_at")
    if started is None or completed is None:
        return None
    return max(_moment(completed) - _moment(started), 0)


def _writers(data: Mapping[str, Any], notes: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return who wrote on a task, as `core.task.writers`."""
    found = {note["by"] for note in notes}
    found |= {data.get("owner"), data.get("created_by"), data.get("updated_by")}
    return {name for name in found if name and "\n" not in name}


def _place(place: tuple[int, ...]) -> str:
    """Return a text that sorts as the numbers do: before each, how many digits it has."""
    return "".join(f"{len(digits)}{digits}" for digits in map(str, place))


_NO_PLACE: Final = _place(source_place({}))


@lru_cache(_REMEMBERED)
def _moment(moment: str) -> int:
    """Return microseconds; they sort as moments do."""
    return (datetime.fromisoformat(moment) - _EPOCH) // _MICROSECOND


def _deadline(due: str) -> int:
    """Return the moment when a due date is over: the day's last one where it names no time."""
    if "T" in due:
        return _moment(due)
    return (date.fromisoformat(due).toordinal() + 1 - _EPOCH_DAY) * _DAY - 1
