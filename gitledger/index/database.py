"""The index's file: opened or made, thrown away where it is of no use, and done without.

The one module that imports sqlite3. What goes wrong with the file is nobody's business but its
own: the answer is the same, from a file that is made anew or from one in memory.
"""

from __future__ import annotations

import os

from gitledger.index import place

TYPE_CHECKING = False
if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Sequence
    from typing import Final, TypeVar

    T = TypeVar("T")
else:
    try:
        # What `sqlite3` adds to it are conversions of dates, for which it imports `datetime`.
        import _sqlite3 as sqlite3
    except ImportError:
        import sqlite3

Connection = sqlite3.Connection

PATIENCE: Final = 2.0
"""Seconds to wait for another process that writes. Following an update takes milliseconds: who
takes longer is stopped (Ctrl-Z), or builds a large index anew, and in its place."""
_THEIRS: Final[list[sqlite3.Connection]] = []
"""Connections of the process that this one was forked from: who drops one closes it."""


class _Unfit(Exception):
    """The file cannot be used as it is. `spoilt`: another one in its place could."""

    def __init__(self, *, spoilt: bool) -> None:
        super().__init__()
        self.spoilt = spoilt


class Database:
    """One SQLite file, or one in memory where that cannot be.

    Args:
        path: the file, in a folder of its own; both are made on demand.
        version: a file of another version is thrown away.
        schema: the statements that make its tables.

    Attributes:
        path: the file.
        in_memory: whether there is none.
    """

    __slots__ = (
        *("_connection", "_guard", "_owner", "_schema", "_spoilt", "_version"),
        *("in_memory", "path"),
    )

    def __init__(self, path: str, *, version: int, schema: Sequence[str]) -> None:
        self.path = path
        self._version = version
        self._schema = schema
        self._connection: Connection | None = None
        self._owner = os.getpid()
        self._guard = -1
        self._spoilt = 0
        self.in_memory = False

    def run(
        self,
        work: Callable[[Connection], T],
        *,
        current: Callable[[Connection], bool],
        bring: Callable[[Connection], object],
        writes: bool = False,
    ) -> T:
        """Return what `work` makes of the tables, which are current: all in one transaction.

        Where they are not current they are brought there first, and nobody else writes meanwhile.
        What `bring` raises of its own leaves them as they were. Each of the three may be called
        again, on other tables.

        Args:
            work: reads.
            current: tells whether the tables are as they should be.
            bring: makes them so.
            writes: `work` writes, too.
        """
        while True:
            try:
                return self._attempt(work, current, bring, writes=writes)
            except (sqlite3.DatabaseError, _Unfit) as wrong:
                if self.in_memory:
                    raise
                self._replace(spoilt=_spoilt(wrong))

    def close(self) -> None:
        """Let go of the file; it is opened again when it is asked."""
        connection, guard = self._begun(), self._guard
        self._connection, self._guard = None, -1
        try:
            if connection is not None:
                connection.close()
        finally:
            if guard >= 0:
                os.close(guard)

    def __del__(self) -> None:
        # A connection holds itself by its cache of statements: it would stay open until somebody
        # collects garbage, and nobody but us closes the guard.
        try:
            self.close()
        except sqlite3.ProgrammingError:
            pass  # it is another thread's, and closes when it is collected

    def _attempt(
        self,
        work: Callable[[Connection], T],
        current: Callable[[Connection], bool],
        bring: Callable[[Connection], object],
        *,
        writes: bool,
    ) -> T:
        connection = self._begun() or self._open(bring)
        try:
            connection.execute("BEGIN IMMEDIATE" if writes else "BEGIN")
            if not current(connection):
                if not writes:
                    connection.execute("ROLLBACK")
                    connection.execute("BEGIN IMMEDIATE")
                if writes or not current(connection):
                    bring(connection)
            found = work(connection)
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.rollback()
            raise
        self._spoilt = 0
        return found

    def _begun(self) -> Connection | None:
        """Return the connection that this process has opened, None without one.

        A child that was forked has none of its parent's locks, and neither uses nor closes what
        the parent has opened (https://www.sqlite.org/howtocorrupt.html, 2.6).
        """
        if self._owner != os.getpid():
            if self._connection is not None:
                _THEIRS.append(self._connection)
            if self._guard >= 0:
                os.close(self._guard)  # the parent's lock stays with the parent
            self._connection, self._guard, self._owner = None, -1, os.getpid()
            self.in_memory = False
        return self._connection

    def _open(self, bring: Callable[[Connection], object]) -> Connection:
        try:
            connection = self._in_memory() if self.in_memory else self._in_file(bring)
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version != self._version:
                self._found(connection)
        except BaseException:
            self.close()
            raise
        return connection

    def _in_file(self, bring: Callable[[Connection], object]) -> Connection:
        self._guard = _fit(place.guard, self.path)
        if not os.path.exists(self.path):
            self._make(bring)
        self._connection = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        # A power failure may undo the last transactions; it leaves no halves.
        self._connection.execute("PRAGMA synchronous = NORMAL")
        return self._connection

    def _make(self, bring: Callable[[Connection], object]) -> None:
        """Make the file, full already: apart, where it needs no log, and others see it whole."""
        lock = _fit(place.maker, self.path, PATIENCE)
        if lock < 0:
            return
        try:
            if not os.path.exists(self.path):  # else another process was faster
                made = place.unfinished(self.path)
                _fit(place.clear, made)  # of a process that was killed
                try:
                    self._fill(made, bring)
                    _fit(place.finish, self.path)
                finally:
                    _fit(place.clear, made)
        finally:
            os.close(lock)

    def _fill(self, path: str, bring: Callable[[Connection], object]) -> None:
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode = OFF")
            connection.execute("PRAGMA synchronous = OFF")
            connection.execute("BEGIN")
            self._lay(connection)
            bring(connection)
            connection.execute("COMMIT")
            _keep_log(connection)
        finally:
            connection.close()

    def _in_memory(self) -> Connection:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)
        return self._connection

    def _found(self, connection: Connection) -> None:
        """Make the tables of a new file."""
        if not self.in_memory:
            from gitledger.store.shared import share

            _keep_log(connection)
            share(self.path)
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if version != self._version:  # else another process was faster
            if version or tables:
                raise _Unfit(spoilt=True)
            self._lay(connection)
        connection.execute("COMMIT")

    def _lay(self, connection: Connection) -> None:
        for statement in self._schema:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {self._version:d}")

    def _replace(self, *, spoilt: bool) -> None:
        """Do without the file as it is: by a new one where it is spoilt, else in memory."""
        self.close()
        self._spoilt += 1
        self.in_memory = not (spoilt and self._spoilt == 1 and place.remove(self.path))


def _fit(do: Callable[..., T], *values: object) -> T:
    """Return what something does to files; what goes wrong with them is no error to anybody."""
    try:
        return do(*values)
    except OSError:
        raise _Unfit(spoilt=False) from None


def _keep_log(connection: Connection) -> None:
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise _Unfit(spoilt=False)


def _spoilt(wrong: Exception) -> bool:
    """Tell whether a file is worth nothing; what is locked or read-only may be sound."""
    if isinstance(wrong, _Unfit):
        return wrong.spoilt
    return not isinstance(wrong, sqlite3.OperationalError)
