"""The index of a commit that is past: the list's own, and over it what has changed since.

What tasks say is the bulk of an index, and nearly all of it is as it was: it is read in the file of
the list itself, which stays as it is. All else is copied, and brought to the commit by what
differs. So it takes the same for a moment long ago as for yesterday, as long as little has changed.
"""

from __future__ import annotations

import sqlite3

from gitledger.index import Index, rows
from gitledger.index.database import Connection, Database
from gitledger.index.schema import DROPPED, SCHEMA, SET_INDEXES, TABLES, TASK_INDEXES, VERSION
from gitledger.tree import DEPTH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_COPIED: Final = (
    *("state", "tasks", "edges", "labels", "concerns", "records", "quarantined"),
    *("archived", "stuck"),
)
_FEW: Final = 256
"""Files that may differ of however small a list; see `_PART`."""
_PART: Final = 4
"""Where more than one file in so many differs, all are read anew, which is quicker then."""
_TEXTS: Final = (
    "CREATE TEMP VIEW texts AS "
    "SELECT n, CASE WHEN changed.n IS NULL THEN same.data ELSE changed.data END AS data "
    "FROM main.tasks LEFT JOIN main.texts AS changed USING (n) "
    "LEFT JOIN live.texts AS same USING (n)"
)


def index_of_past(live: Index) -> Index:
    """Return an index for a commit that is past, without a file: the file follows the tip.

    Args:
        live: the index of the list as it is now, which is kept in its file meanwhile.
    """
    return _PastIndex(_Over(live.path), live)


class _Over(Database):
    """Tables of our own, beside those of a file; on a disk where they take much room.

    Args:
        live: the file, None where there is none.
    """

    __slots__ = ("_live",)

    def __init__(self, live: str | None) -> None:
        super().__init__("", version=VERSION, schema=SCHEMA)
        self._live = live
        self.in_memory = live is None

    def _in_file(self, bring: object) -> Connection:
        path = self._live or ""
        for sign in "%?#":
            path = path.replace(sign, f"%{ord(sign):02x}")
        self._connection = sqlite3.connect("", isolation_level=None, uri=True)
        # To be read only: else what we write would keep others from writing there.
        self._connection.execute("ATTACH ? AS live", (f"file:{path}?mode=ro",))
        for statement in SCHEMA:
            self._connection.execute(statement)
        self._connection.execute(f"PRAGMA user_version = {VERSION:d}")
        return self._connection

    def _replace(self, *, spoilt: bool) -> None:
        """Do without the file of the list."""
        self.close()
        self.in_memory = True


class _PastIndex(Index):
    """An index of a past commit.

    Args:
        database: the tables.
        live: the index of the list as it is now; while it is there, its file is.
    """

    __slots__ = ("_base", "_live")

    def __init__(self, database: Database, live: Index) -> None:
        super().__init__(database)
        self._live = live
        self._base: str | None = None

    def staying(self) -> Index:
        """Return this index, which goes nowhere."""
        return self

    def _current(self, connection: Connection) -> bool:
        """Tell whether the tables are as of the commit, and the texts are those that they need."""
        if rows.tip(connection) != self.commit:
            return False
        return self._base is None or self._base == _tip(connection)

    def _bring(self, connection: Connection) -> None:
        connection.execute("DROP VIEW IF EXISTS temp.texts")
        self._base = None
        base = None if self._database.in_memory else _tip(connection)
        if base is not None and self._is_near(connection, base):
            self._base = base
            _copy(connection)
        super()._bring(connection)
        if self._base is not None:
            connection.execute(_TEXTS)

    def _is_near(self, connection: Connection, base: str) -> bool:
        """Tell whether to follow what differs takes less time than to read everything."""
        from itertools import islice

        (count,) = connection.execute("SELECT count(*) FROM live.tasks").fetchone()
        most = max(int(count) // _PART, _FEW)
        differences = self.store().changes(base, self.commit or "", depth=1 + DEPTH)
        return sum(1 for _ in islice(differences, most + 1)) <= most


def _tip(connection: Connection) -> str | None:
    """Return the commit that the list's own tables are as of, which may be of another version."""
    (version,) = connection.execute("PRAGMA live.user_version").fetchone()
    if version != VERSION:
        return None
    found = connection.execute("SELECT value FROM live.state WHERE key = 'tip'").fetchone()
    return found[0] if found else None


def _copy(connection: Connection) -> None:
    for statement in (*DROPPED, *TABLES):
        connection.execute(statement)
    for table in _COPIED:
        connection.execute(f"INSERT INTO main.{table} SELECT * FROM live.{table}")  # our own words
    for statement in (*SET_INDEXES, *TASK_INDEXES):
        connection.execute(statement)
