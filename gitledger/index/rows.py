"""A task as the index keeps it, and the questions that name tasks by their ids."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import Any, Final

    from gitledger.core.task import Task
    from gitledger.index import Index
    from gitledger.index.database import Connection

_ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_DIGITS: Final = str.maketrans(_ALPHABET, "0123456789abcdefghijklmnopqrstuv")
_LENGTH: Final = 10
_PAIRS: Final = [high + low for high in _ALPHABET for low in _ALPHABET]
_AT_ONCE: Final = 500
"""Values in one statement; SQLite takes 999 at least."""

_UNSET: Final[dict[str, Any]] = {
    **dict.fromkeys(("title", "status", "priority", "type", "description")),
    **dict.fromkeys(("labels", "blocked_by", "commits")),
    **dict.fromkeys(("parent", "owner", "role")),
    "review": False,
    **dict.fromkeys(("progress", "estimate", "due", "branch", "created_at", "created_by")),
    **dict.fromkeys(("updated_at", "updated_by", "claimed_at", "started_at", "completed_at")),
    **dict.fromkeys(("notes", "metadata", "source")),
}
"""The keys of a task in their order, those of `core.task.TASK_KEYS`, and what each is unset, save
for those of `_fresh`."""


WAITING: Final = (
    "edges LEFT JOIN tasks AS b ON b.n = blocker LEFT JOIN archived AS a ON a.n = blocker "
    "WHERE coalesce(b.finished, a.n IS NOT NULL) = 0"
)
"""The edges to what is not finished, or is no task; what is archived is finished."""


class Row:
    """A task, with what the rest of its list makes of it.

    Attributes:
        id, status, priority, owner, role: as the task has them.
        finished: whether it is completed or cancelled.
        waits: how many unfinished or missing tasks it waits for; 0 once it is finished.
        unblocks: how many wait for it, directly or through others; None where nobody asked yet.
        data: the JSON text of the task's file, or that file where it is finished; None where JSON
            cannot hold what is in it.
    """

    __slots__ = (
        "_index",
        "_keys",
        "data",
        "finished",
        "id",
        "owner",
        "priority",
        "role",
        "status",
        "unblocks",
        "waits",
    )

    def __init__(self, index: Index, values: Sequence[Any]) -> None:
        self._index = index
        self._keys: dict[str, Any] | None = None
        self.id: str
        self.status: str
        self.priority: str
        self.owner: str | None
        self.role: str | None
        self.waits: int
        self.data: str | None
        self.unblocks: int | None
        _, self.id, self.status, self.priority, self.owner, self.role, *rest = values
        finished, self.waits, self.unblocks, self.data = rest
        self.finished = bool(finished)

    @property
    def ready(self) -> bool:
        """Whether it is pending, nobody's, and waits for nothing."""
        return self.status == "pending" and self.owner is None and not self.waits

    @property
    def blocked(self) -> bool:
        """Whether it is unfinished and waits for an unfinished task."""
        return self.waits > 0

    def keys(self) -> dict[str, Any]:
        """Return the task's keys as JSON has them: all, unset ones null, [] or {}."""
        if self._keys is None:
            self._keys = self._read()
        return self._keys

    def _read(self) -> dict[str, Any]:
        if self.data is None:
            from gitledger.core.view import TaskView, task_json

            view = TaskView(task=self.task(), list="", ready=self.ready, blocked=self.blocked)
            data = task_json(view)
        elif self.finished:
            from gitledger.index import texts

            data = texts.keys(self.data)
        else:
            from gitledger.core import jsontext

            data = jsontext.read(self.data)
        found = _UNSET | _fresh() | data
        return found if len(found) == len(_UNSET) else {key: found[key] for key in _UNSET}

    def task(self) -> Task:
        """Return the task itself."""
        from gitledger.index import texts

        if self.data is None:
            return texts.read(self._index, self.id)
        return texts.decode(self.data, self.id)


def _fresh() -> dict[str, Any]:
    """Return what holds nothing and might be written to: each task has its own."""
    return {
        "labels": [],
        "blocked_by": [],
        "commits": [],
        "notes": [],
        "metadata": {},
        "source": {},
    }


# -- ids and their numbers ---------------------------------------------------------------------


def is_number(task_id: str) -> bool:
    """Tell whether a text is a whole id; `core.ids.is_id` without what that imports."""
    return len(task_id) == _LENGTH and not task_id.strip(_ALPHABET)


def number(task_id: str) -> int:
    """Return the number that an id is, by which tasks sort as they do by id."""
    return int(task_id.translate(_DIGITS), 32)


def reach(prefix: str) -> tuple[int, int]:
    """Return the first and last number of the ids that start with the prefix; (0, -1) of none."""
    if prefix.strip(_ALPHABET) or len(prefix) > _LENGTH:
        return 0, -1
    return number(f"{prefix:0<10}"), number(f"{prefix:z<10}")


def edge(blocker: str) -> int | str:
    """Return what stands for an id in `blocked_by`, which is free text in a file.

    What is no id gets a mark in front, lest SQLite takes its digits for a number.
    """
    return number(blocker) if is_number(blocker) else f"!{blocker}"


def name(blocker: int | str) -> str:
    """Return the text that `edge` stands for."""
    if isinstance(blocker, str):
        return blocker[1:]
    high, low = blocker >> 20, blocker & 0xFFFFF
    return (
        _PAIRS[high >> 20]
        + _PAIRS[high >> 10 & 1023]
        + _PAIRS[high & 1023]
        + _PAIRS[low >> 10]
        + _PAIRS[low & 1023]
    )


# -- questions ---------------------------------------------------------------------------------


def tip(connection: Connection) -> str | None:
    """Return the commit that the tables are as of."""
    found = connection.execute("SELECT value FROM state WHERE key = 'tip'").fetchone()
    return found[0] if found else None


def by_number(connection: Connection, index: Index, numbers: Iterable[int]) -> list[Row]:
    """Return the tasks of these numbers, in this order; where there is none it is left out."""
    wanted = list(numbers)
    found = {
        values[0]: Row(index, values)
        for values in gathered(
            connection,
            "SELECT n, id, status, priority, owner, role, finished, waits, unblocks, "
            "(SELECT data FROM texts WHERE texts.n = tasks.n) FROM tasks WHERE n IN ({})",
            wanted,
        )
    }
    return [found[n] for n in wanted if n in found]


def gathered(connection: Connection, sql: str, values: Sequence[Any]) -> Iterator[Any]:
    """Yield the rows of a statement that takes any number of values at its `{}`."""
    for begin in range(0, len(values), _AT_ONCE):
        part = values[begin : begin + _AT_ONCE]
        yield from connection.execute(sql.format(",".join("?" * len(part))), part)


def titles(connection: Connection, numbers: Sequence[int]) -> list[tuple[int, str]]:
    """Return the tasks of these numbers with their titles, without their case."""
    return list(gathered(connection, "SELECT n, title FROM tasks WHERE n IN ({})", numbers))


def starting_with(connection: Connection, prefix: str) -> list[str]:
    """Return the ids, of archived tasks too, that start with the prefix, sorted."""
    first, last = reach(prefix)
    found = connection.execute(
        "SELECT n FROM tasks WHERE n BETWEEN :first AND :last "
        "UNION SELECT n FROM archived WHERE n BETWEEN :first AND :last ORDER BY n",
        {"first": first, "last": last},
    )
    return [name(n) for (n,) in found]


def beside(connection: Connection, task_id: str) -> list[str]:
    """Return the ids just before and after one, archived ones too: nearest to it in writing."""
    found = connection.execute(
        "SELECT max(n) FROM tasks WHERE n < :n UNION SELECT min(n) FROM tasks WHERE n > :n UNION "
        "SELECT max(n) FROM archived WHERE n < :n UNION SELECT min(n) FROM archived WHERE n > :n",
        {"n": number(task_id)},
    )
    return [name(n) for (n,) in found if n is not None]


def all_numbers(connection: Connection) -> array[int]:
    """Return the numbers of all tasks, of archived ones too, sorted."""
    from array import array

    found = connection.execute("SELECT n FROM tasks UNION SELECT n FROM archived ORDER BY n")
    return array("q", (n for (n,) in found))


def is_archived(connection: Connection, n: int) -> bool:
    """Tell whether a task is archived."""
    found = connection.execute(
        "SELECT 1 FROM archived WHERE n = ? AND n NOT IN (SELECT n FROM tasks)", (n,)
    )
    return bool(found.fetchall())


def blocks(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return for each id the tasks that name it in `blocked_by`, sorted."""
    found: dict[str, list[int]] = {task_id: [] for task_id in ids}
    for blocker, waiter in gathered(
        connection,
        "SELECT blocker, waiter FROM edges WHERE blocker IN ({})",
        list(map(edge, ids)),
    ):
        found[name(blocker)].append(waiter)
    return {task_id: tuple(map(name, sorted(waiters))) for task_id, waiters in found.items()}


def blockers(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Return for each task what it still waits for, sorted."""
    found: dict[str, list[str]] = {task_id: [] for task_id in ids}
    for waiter, blocker in gathered(
        connection,
        f"SELECT waiter, blocker FROM {WAITING} AND waiter IN ({{}}) "
        "AND (SELECT finished FROM tasks WHERE n = waiter) = 0",
        [number(task_id) for task_id in ids if is_number(task_id)],
    ):
        found[name(waiter)].append(name(blocker))
    return {task_id: tuple(sorted(others)) for task_id, others in found.items()}


def distinct(connection: Connection, column: str) -> list[str]:
    """Return the values of a column, sorted; each is found by one step in the column's index."""
    found = connection.execute(
        f"WITH RECURSIVE each(value) AS (SELECT min({column}) FROM tasks "
        f"WHERE {column} IS NOT NULL UNION ALL "
        f"SELECT (SELECT min({column}) FROM tasks WHERE {column} > value) "
        "FROM each WHERE value IS NOT NULL) SELECT value FROM each WHERE value IS NOT NULL"
    )
    return [value for (value,) in found]


def of_source(connection: Connection, index: Index, source: Mapping[str, str]) -> Row | None:
    """Return the task that was imported from this source, of several that of the last id."""
    found = connection.execute(
        "SELECT max(n) FROM tasks WHERE source = ?", (source_text(source),)
    ).fetchone()
    return next(iter(by_number(connection, index, found)), None) if found[0] is not None else None


def of_list(connection: Connection, index: Index, system: str, name: str) -> list[Row]:
    """Return the tasks that were imported from this list of a system, ordered by id."""
    found = connection.execute(
        "SELECT n FROM tasks INDEXED BY tasks_source "
        "WHERE source IS NOT NULL AND instr(source, ?) AND instr(source, ?) ORDER BY n",
        (_item("system", system), _item("list", name)),
    ).fetchall()
    return by_number(connection, index, [n for (n,) in found])


def _item(key: str, value: str) -> str:
    """Return the text of one item of a source; what is no Unicode is in none."""
    import json

    return json.dumps([key, value], ensure_ascii=False).encode(errors="replace").decode()


def source_text(source: Mapping[str, str]) -> str:
    """Return the text that stands for a source."""
    import json

    return json.dumps(sorted(source.items()), ensure_ascii=False)
