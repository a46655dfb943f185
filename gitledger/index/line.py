"""One line of commits as two tables hold it: operations, and the tasks that each changed."""

from __future__ import annotations

from gitledger.core.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Final

    from gitledger.index.commits import Deed
    from gitledger.index.database import Connection
    from gitledger.store.base import Store

SCHEMA: Final = (
    # number: the order of the line, and nothing else; a table that is made anew may number anew.
    # at, committed: seconds since the epoch. tasks: those that the message names, one a line.
    """CREATE TABLE operations (
        number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, at INTEGER NOT NULL,
        committed INTEGER NOT NULL, author TEXT NOT NULL, name TEXT NOT NULL,
        session TEXT NOT NULL, agent TEXT, subject TEXT NOT NULL, tasks TEXT, recipient TEXT)""",
    # oid: the task's file after the operation; NULL where there is none.
    """CREATE TABLE changes (
        task TEXT NOT NULL, number INTEGER NOT NULL, oid BLOB, PRIMARY KEY (task, number))
        WITHOUT ROWID""",
    # below: the commit that comes next below the line, empty where it ends with the root.
    "CREATE TABLE bottom (one INTEGER PRIMARY KEY, below TEXT NOT NULL)",
    # What has changed of a task's state (see moves.py), up to the number that `moved` has.
    """CREATE TABLE moves (
        task TEXT NOT NULL, number INTEGER NOT NULL, at INTEGER NOT NULL, status TEXT, owner TEXT,
        type TEXT, labels TEXT, took INTEGER, PRIMARY KEY (task, number)) WITHOUT ROWID""",
    "CREATE TABLE moved (one INTEGER PRIMARY KEY, number INTEGER NOT NULL)",
    # Files up to there that could not be read.
    "CREATE TABLE lost (task TEXT, number INTEGER, PRIMARY KEY (task, number)) WITHOUT ROWID",
    # Commits below the line that last changed tasks which none in it has changed.
    "CREATE TABLE older (task TEXT PRIMARY KEY, id BLOB NOT NULL) WITHOUT ROWID",
    "CREATE INDEX operations_session ON operations (session)",
    "CREATE INDEX operations_agent ON operations (agent) WHERE agent IS NOT NULL",
    "CREATE INDEX operations_at ON operations (at)",
    "CREATE INDEX operations_name ON operations (name)",
    "CREATE INDEX changes_number ON changes (number)",
    "CREATE INDEX moves_number ON moves (number)",
)
"""The statements that make the tables."""

_COLUMNS: Final = "number, id, at, committed, author, name, session, agent, subject, tasks"
_EARLIEST: Final = -62_135_596_800
_LATEST: Final = 253_402_300_799
"""Seconds of the years 1 and 9999: what a commit says beyond is no time that can be shown."""


class OperationRow(Value):
    """One operation.

    Attributes:
        number: later operations have larger ones; good for comparing as long as nobody asks anew.
        commit: the commit's id.
        at: when the author made it, seconds since the epoch.
        committed: when it came into this line: a replay brings old operations in late.
        author: name and mail address of the person, as `Ada <ada@example.org>`.
        name: what was done, as `claim`.
        session: who did it, empty where nobody is named.
        agent: the program that acted for the session, None where none is named.
        subject: the first line of the message.
        tasks: the tasks that the message names.
        to: the session, or `role:ROLE`, that a task was handed to; None where none was.
        blob: the file that the task which was asked for had then; None where there was none, and
            where no task was asked for.
    """

    __slots__ = (
        "agent",
        "at",
        "author",
        "blob",
        "commit",
        "committed",
        "name",
        "number",
        "session",
        "subject",
        "tasks",
        "to",
    )

    def __init__(
        self,
        *,
        number: int,
        commit: str,
        at: int,
        committed: int,
        author: str,
        name: str,
        session: str,
        agent: str | None,
        subject: str,
        tasks: tuple[str, ...],
        to: str | None,
        blob: str | None,
    ) -> None:
        self.number = number
        self.commit = commit
        self.at = at
        self.committed = committed
        self.author = author
        self.name = name
        self.session = session
        self.agent = agent
        self.subject = subject
        self.tasks = tasks
        self.to = to
        self.blob = blob


class Page:
    """Some operations, newest first.

    Attributes:
        rows: the operations.
        full: whether there may be more in the table.
        ends: whether there can be no more, neither in the table nor below it.
        cursor: the commit below which to go on; None: where one began.
    """

    __slots__ = ("cursor", "ends", "full", "rows")

    def __init__(
        self, rows: Sequence[OperationRow], cursor: str | None, *, full: bool, ends: bool
    ) -> None:
        self.rows = rows
        self.cursor = cursor
        self.full = full
        self.ends = ends


class Record:
    """A commit as the tables keep it."""

    __slots__ = ("deed", "values")

    def __init__(self, store: Callable[[], Store], deed: Deed) -> None:
        from gitledger.core.operation import parse_message
        from gitledger.index.commits import recipient

        commit = deed.commit
        operation = parse_message(commit.message)
        self.deed = deed
        self.values = (
            bytes.fromhex(commit.id),
            in_calendar(commit.author.time),
            in_calendar(commit.committer.time),
            f"{commit.author.name} <{commit.author.email}>",
            operation.name,
            operation.session,
            operation.agent,
            commit.message.partition("\n")[0],
            "\n".join(operation.tasks) if operation.tasks else None,
            recipient(store, commit, operation, deed.changes),
        )


class Query:
    """Which operations somebody wants to see; see `Operations.newest`."""

    __slots__ = ("_parts", "_since", "_task", "_until", "_values")

    def __init__(
        self,
        *,
        task: str | None,
        session: str | None,
        agent: str | None,
        name: str | None,
        since: int | None,
        until: int | None,
    ) -> None:
        self._task = task
        self._since = since
        self._until = until
        given = {
            "task = ?": task,
            # The unary plus: a task has few operations, a session may have most of them.
            f"{'+' * bool(task)}session = ?": session,
            # A program, or that program with a word behind it, as the id of an AI's session; these
            # are many names at times, and are not brought into one order by their index.
            "+agent >= ?": agent,
            "+agent < ? || '!'": agent,
            f"{'+' * bool(task or session or agent)}name = ?": name,
            # Likewise; `_bounds` has found out between which numbers they are.
            "+at >= ?": since,
            "+at <= ?": until,
        }
        self._parts = [part for part, value in given.items() if value is not None]
        self._values = [value for value in given.values() if value is not None]

    def page(
        self, connection: Connection, top: int, *, before: str | None, after: str | None, size: int
    ) -> Page:
        """Return the operations that come next.

        Args:
            connection: the tables.
            top: the number of the tip.
            before: a commit that they are below; None: none.
            after: a commit that they are above; one that is not there stands for none.
            size: at most so many.
        """
        start = top + 1 if before is None else number(connection, before)
        if start is None:  # the table was made anew meanwhile, and does not reach down there yet
            return Page((), None, full=False, ends=False)
        floor = number(connection, after) if after else None
        lowest, came = lowest_of(connection)
        low, high = self._bounds(connection)
        above = max(lowest - 1 if floor is None else floor, low - 1)
        rows = self._rows(connection, min(start, high + 1), above, size)
        full = len(rows) == size
        return Page(
            rows,
            rows[-1].commit if full and rows else _commit(connection, lowest),
            full=full,
            ends=not full
            and (floor is not None or (self._since is not None and came < self._since)),
        )

    def _bounds(self, connection: Connection) -> tuple[int, int]:
        """Return the lowest and the highest number that operations of this time have."""
        low, high = -(2**62), 2**62
        for sign, moment in (("min", self._since), ("max", self._until)):
            if moment is not None:
                (found,) = connection.execute(
                    f"SELECT {sign}(number) FROM operations INDEXED BY operations_at "
                    f"WHERE at {'>=' if sign == 'min' else '<='} ?",
                    (moment,),
                ).fetchone()
                if found is None:
                    return high, low
                low, high = (found, high) if sign == "min" else (low, found)
        return low, high

    def _rows(
        self, connection: Connection, start: int, floor: int, size: int
    ) -> list[OperationRow]:
        source, blob = "operations", "NULL"
        if self._task is not None:
            source, blob = "changes CROSS JOIN operations USING (number)", "oid"
        found = connection.execute(
            f"SELECT {_COLUMNS}, recipient, {blob} FROM {source} "  # our own words
            f"WHERE {' AND '.join([*self._parts, 'number < ?', 'number > ?'])} "
            "ORDER BY number DESC LIMIT ?",
            (*self._values, start, floor, size),
        )
        return [_row(values) for values in found]


def number(connection: Connection, commit: str | None) -> int | None:
    """Return the number of a commit, None where the line does not have it."""
    try:
        oid = bytes.fromhex(commit or "")
    except ValueError:
        return None
    found = connection.execute("SELECT number FROM operations WHERE id = ?", (oid,)).fetchone()
    return found[0] if found else None


def newest(connection: Connection) -> str | None:
    """Return the highest commit of the line, None of an empty one."""
    (highest,) = connection.execute("SELECT max(number) FROM operations").fetchone()
    return None if highest is None else _commit(connection, highest)


def lowest_of(connection: Connection) -> tuple[int, int]:
    """Return the number of the line's lowest commit, and when that came into it."""
    found = connection.execute(
        "SELECT number, committed FROM operations ORDER BY number LIMIT 1"
    ).fetchone()
    return found or (0, 0)


def below(connection: Connection) -> str:
    """Return the commit that comes next below the line; empty where it ends with the root."""
    found = connection.execute("SELECT below FROM bottom").fetchone()
    return found[0] if found else ""


def count(connection: Connection) -> int:
    """Return how many commits are there."""
    # Not both in one SELECT, for which SQLite looks at every row.
    (low,) = connection.execute("SELECT min(number) FROM operations").fetchone()
    (high,) = connection.execute("SELECT max(number) FROM operations").fetchone()
    return 0 if low is None else high - low + 1


def revisions(connection: Connection, top: int, ids: Sequence[str]) -> dict[str, str]:
    """Return the commits that last changed tasks, as far as they are there."""
    found = {}
    for task_id in ids:
        row = connection.execute(
            "SELECT id FROM changes JOIN operations USING (number) "
            "WHERE task = ? AND number <= ? ORDER BY number DESC LIMIT 1",
            (task_id, top),
        ).fetchone()
        if row:
            found[task_id] = row[0].hex()
    return found


def last_of(connection: Connection, top: int, sessions: Sequence[str]) -> dict[str, int]:
    """Return when the last operation of sessions was made, as far as they are there."""
    found = {}
    for name in sessions:
        row = connection.execute(
            "SELECT at FROM operations WHERE session = ? AND number <= ? "
            "ORDER BY number DESC LIMIT 1",
            (name, top),
        ).fetchone()
        if row:
            found[name] = row[0]
    return found


def changed(connection: Connection, commit: str, top: int) -> frozenset[str]:
    """Return the tasks that the operations above a commit, and up to a number, changed."""
    found = connection.execute(
        "SELECT DISTINCT task FROM changes WHERE number > ? AND number <= ?",
        (number(connection, commit), top),
    )
    return frozenset(task_id for (task_id,) in found)


def touched(connection: Connection, commit: str) -> dict[str, str | None]:
    """Return the tasks that a commit changed, sorted, with the files that they have since."""
    found = connection.execute(
        "SELECT task, oid FROM changes WHERE number = ? ORDER BY task",
        (number(connection, commit),),
    )
    return {task_id: oid and oid.hex() for task_id, oid in found}


def begin(connection: Connection, records: Sequence[Record]) -> None:
    """Let the line be these commits, newest first."""
    cut(connection, None)
    insert(connection, records, len(records))
    end(connection, records)


def cut(connection: Connection, highest: int | None) -> None:
    """Take out what is above a number; all where that is None."""
    where, values = ("", ()) if highest is None else (" WHERE number > ?", (highest,))
    for table in ("operations", "changes", "moves", "lost"):
        connection.execute(f"DELETE FROM {table}{where}", values)  # our own words
    if highest is None:
        connection.execute("DELETE FROM moved")
        connection.execute("DELETE FROM older")
    else:
        connection.execute("UPDATE moved SET number = min(number, ?)", values)


def insert(connection: Connection, records: Sequence[Record], highest: int) -> None:
    """Put commits into the line, newest first; the newest gets the number."""
    connection.executemany(
        "INSERT INTO operations VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        ((highest - place, *record.values) for place, record in enumerate(records)),
    )
    connection.executemany(
        "INSERT INTO changes VALUES (?, ?, ?)",
        (
            (task_id, highest - place, oid and bytes.fromhex(oid))
            for place, record in enumerate(records)
            for task_id, oid in record.deed.changes.items()
        ),
    )


def end(connection: Connection, records: Sequence[Record]) -> None:
    """Take down that the last of these commits is the lowest of the line."""
    parent = records[-1].deed.commit.parent
    connection.execute("INSERT OR REPLACE INTO bottom VALUES (1, ?)", (parent or "",))


def _commit(connection: Connection, number: int) -> str | None:
    found = connection.execute("SELECT id FROM operations WHERE number = ?", (number,)).fetchone()
    return found[0].hex() if found else None


def _row(values: Sequence[Any]) -> OperationRow:
    number, oid, at, committed, author, name, session, agent, subject, tasks, to, blob = values
    return OperationRow(
        number=number,
        commit=oid.hex(),
        at=at,
        committed=committed,
        author=author,
        name=name,
        session=session,
        agent=agent,
        subject=subject,
        tasks=() if tasks is None else tuple(tasks.split("\n")),
        to=to,
        blob=blob and blob.hex(),
    )


def in_calendar(seconds: int) -> int:
    """Return a moment in seconds since the epoch, or the nearest that can be shown."""
    return min(max(seconds, _EARLIEST), _LATEST)
