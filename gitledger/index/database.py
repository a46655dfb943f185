"""The index's file: opened or made, thrown away where it is of no use, and done without.

The one module that imports sqlite3. What goes wrong with the file is nobody's business but its
own: the answer is the same, from a file that is made anew or from one in memory.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final, TypeVar

    T = TypeVar("T")

Connection = sqlite3.Connection

PATIENCE: Final = 2.0
"""Seconds to wait for another process that writes. Following an update takes milliseconds: who
takes longer builds a large index anew, or is stopped (Ctrl-Z)."""


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
    """

    __slots__ = ("_connection", "_guard", "_path", "_schema", "_spoilt", "_version", "in_memory")

    def __init__(self, path: str, *, version: int, schema: Sequence[str]) -> None:
        self._path = path
        self._version = version
        self._schema = schema
        self._connection: Connection | None = None
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
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._guard >= 0:
            os.close(self._guard)
            self._guard = -1

    def _attempt(
        self,
        work: Callable[[Connection], T],
        current: Callable[[Connection], bool],
        bring: Callable[[Connection], object],
        *,
        writes: bool,
    ) -> T:
        connection = self._connection or self._open()
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

    def _open(self) -> Connection:
        connection = self._in_memory() if self.in_memory else self._in_file()
        self._connection = connection
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version != self._version:
            self._found(connection)
        return connection

    def _in_file(self) -> Connection:
        try:
            self._guard = _guard(self._path)
        except OSError:
            raise _Unfit(spoilt=False) from None
        connection = sqlite3.connect(self._path, timeout=PATIENCE, isolation_level=None)
        # A power failure may undo the last transactions; it leaves no halves.
        connection.execute("PRAGMA synchronous = NORMAL")
        return connection

    def _in_memory(self) -> Connection:
        return sqlite3.connect(":memory:", isolation_level=None)

    def _found(self, connection: Connection) -> None:
        """Make the tables of a new file."""
        if not self.in_memory:
            (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
            if mode != "wal":
                raise _Unfit(spoilt=False)
            _share(self._path)
        connection.execute("BEGIN IMMEDIATE")
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if version != self._version:  # else another process was faster
            if version or tables:
                raise _Unfit(spoilt=True)
            for statement in self._schema:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {self._version:d}")
        connection.execute("COMMIT")

    def _replace(self, *, spoilt: bool) -> None:
        """Do without the file as it is: by a new one where it is spoilt, else in memory."""
        self.close()
        self._spoilt += 1
        self.in_memory = not (spoilt and self._spoilt == 1 and _remove(self._path))


def _spoilt(wrong: Exception) -> bool:
    """Tell whether a file is worth nothing; what is locked or read-only may be sound."""
    if isinstance(wrong, _Unfit):
        return wrong.spoilt
    return not isinstance(wrong, sqlite3.OperationalError)


def _guard(path: str) -> int:
    """Return a descriptor that keeps others from removing the file, until it is closed."""
    folder = os.path.dirname(path)
    try:
        descriptor = _lockable(path)
    except FileNotFoundError:
        os.makedirs(folder, exist_ok=True)
        for made in (os.path.dirname(folder), folder):
            _share(made)
        descriptor = _lockable(path)
        _share(f"{path}.lock")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    except OSError:  # a file system without locks, where nobody removes the file either
        return descriptor
    return descriptor


def _lockable(path: str) -> int:
    return os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)


def _share(path: str) -> None:
    """Let those use a file or folder who may use the common git directory."""
    folder = os.path.isdir(path)
    above = os.path.dirname(path)
    mode = os.stat(above).st_mode & 0o7777
    if os.stat(path).st_uid == os.geteuid():  # else another user made it
        os.chmod(path, mode if folder else mode & 0o666)


def _remove(path: str) -> bool:
    """Remove the file with its log, unless somebody has it open; tell whether it is gone.

    A log that outlives its file, or a file that is made anew beside the log of another process,
    would mix two indexes: hence the lock, which all who have the file open share.
    """
    try:
        descriptor = _lockable(path)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        for name in (f"{path}-wal", f"{path}-shm", path):
            if os.path.lexists(name):
                os.unlink(name)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
