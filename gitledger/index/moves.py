"""Moves: when tasks changed their status, their owner, or what else is measured of them.

They are told by the tasks' files after each operation, not by messages. The table holds them from
the root up to one number of the line, and is led on from there when somebody asks.
"""

from __future__ import annotations

from gitledger.core.spells import Move
from gitledger.core.task import FILE_LIMIT
from gitledger.errors import Damaged, GitFailed, StoreFailed
from gitledger.index.states import GONE, state

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from concurrent.futures import Executor, Future
    from typing import Final, TypeAlias

    from gitledger.git import Git
    from gitledger.index.database import Connection
    from gitledger.index.states import State
    from gitledger.store.base import Store

    Changes: TypeAlias = Sequence[tuple[str, int, int, bytes | None]]

AT_ONCE: Final = 8192
"""Files that are read and put at once, at least: those of one operation stay together."""

_MANY: Final = 64
"""Files from which on it is quicker to ask one git for all of them."""
_BYTES: Final = 8 << 20
"""Bytes of files that are held at once, twice: one git for each so many."""


def last(connection: Connection) -> int | None:
    """Return up to which number of the line the moves are known; None: from nowhere on."""
    found = connection.execute("SELECT number FROM moved").fetchone()
    return found[0] if found else None


class Batch:
    """The changes that come next, those of one operation all, or not at all.

    Args:
        connection: the tables.
        above: the number that they are above; None: from the lowest on.
        size: so many, or a few more; None: `AT_ONCE`.

    Attributes:
        above: the same.
        changes: task, number, time and file of each, oldest first.
        highest: the number of the last; `above` where there is none.
    """

    def __init__(self, connection: Connection, above: int | None, size: int | None = None) -> None:
        low = -(2**62) if above is None else above
        rest = connection.execute(
            "SELECT number FROM changes WHERE number > ? ORDER BY number LIMIT 1 OFFSET ?",
            (low, AT_ONCE if size is None else size),
        ).fetchone()
        self.changes: Changes = connection.execute(
            "SELECT task, number, at, oid FROM changes JOIN operations USING (number) "
            "WHERE number > ? AND number <= ? ORDER BY number, task",
            (low, rest[0] if rest else 2**62),
        ).fetchall()
        self.highest = self.changes[-1][1] if self.changes else above
        self.above = above
        self._commit = _commit(connection, self.highest)

    def left(self, connection: Connection) -> Changes | None:
        """Return which of them come next; None where those are others.

        Who leads the moves on at the same time may have put some of them.
        """
        known, highest = last(connection), self.highest
        if _commit(connection, highest) != self._commit:
            return None
        if known == self.above:
            return self.changes
        if known is None or highest is None or known > highest:
            return None
        if self.above is not None and known < self.above:
            return None
        return [change for change in self.changes if change[1] > known]


def _commit(connection: Connection, number: int | None) -> bytes | None:
    found = connection.execute("SELECT id FROM operations WHERE number = ?", (number,)).fetchone()
    return found[0] if found else None


def put(connection: Connection, changes: Changes, states: Mapping[bytes, State | None]) -> None:
    """Write down what has moved by some changes, oldest first, that come next above the known.

    Args:
        connection: the tables.
        changes: as `unread` has them.
        states: by files; None of one that cannot be read. It moves nothing, and is noted down.
    """
    known: dict[str, State] = {}
    new, lost = [], []
    for task, number, at, oid in changes:
        if task not in known:
            known[task] = _state_of(connection, task)
        state = GONE if oid is None else states[oid]
        if state is None:
            lost.append((task, number))
        elif state != known[task]:
            known[task] = state
            new.append((task, number, at, *state))
    connection.executemany("INSERT INTO moves VALUES (?, ?, ?, ?, ?, ?, ?, ?)", new)
    connection.executemany("INSERT INTO lost VALUES (?, ?)", lost)
    connection.execute("INSERT OR REPLACE INTO moved VALUES (1, ?)", (changes[-1][1],))


def lost(connection: Connection, top: int) -> list[tuple[str, int, bytes]]:
    """Return the files up to a number that could not be read: task, number, id; oldest first."""
    # The word CROSS has SQLite look up the few in the many.
    return connection.execute(
        "SELECT task, number, oid FROM lost CROSS JOIN changes USING (task, number) "
        "WHERE number <= ? ORDER BY number, task",
        (top,),
    ).fetchall()


def forget(connection: Connection, number: int) -> None:
    """Let the moves be known to below a number alone."""
    for table in ("moves", "lost"):
        connection.execute(f"DELETE FROM {table} WHERE number >= ?", (number,))  # our own words
    connection.execute("UPDATE moved SET number = min(number, ?)", (number - 1,))


def up_to(connection: Connection, top: int) -> Iterator[Move]:
    """Return the moves up to a number, those of a task together, oldest first."""
    found = connection.execute(
        "SELECT task, at, status, owner, type, labels, took FROM moves WHERE number <= ? "
        "ORDER BY task, number",
        (top,),
    )
    sets: dict[str | None, tuple[str, ...]] = {None: ()}
    for task, at, status, owner, kind, labels, took in found:
        if labels not in sets:
            sets[labels] = tuple(labels.split("\n"))
        yield Move(task, at, status, owner, kind or "", sets[labels], took)


def _state_of(connection: Connection, task: str) -> State:
    found = connection.execute(
        "SELECT status, owner, type, labels, took FROM moves WHERE task = ? "
        "ORDER BY number DESC LIMIT 1",
        (task,),
    ).fetchone()
    return found or GONE


# -- files -----------------------------------------------------------------------------------


class Reading:
    """Reads the states of tasks by their files, and of many at a time the next ones ahead.

    Args:
        store: returns where the files are.
        git: returns the git program on the same repository, which reads many at once.
    """

    def __init__(self, store: Callable[[], Store], git: Callable[[], Git] | None) -> None:
        self._store = store
        self._git = git

    def begin(self, pool: Executor, changes: Changes) -> Future[dict[bytes, State | None]] | None:
        """Begin to read the files of changes; None where that is done at the end."""
        wanted = _files(changes)
        if self._git is None or len(wanted) < _MANY:
            return None
        return pool.submit(_read_many, self._git(), wanted, FILE_LIMIT)

    def end(
        self, begun: Future[dict[bytes, State | None]] | None, changes: Changes
    ) -> dict[bytes, State | None]:
        """Return the states by the files of changes; None of a file that cannot be read.

        Raises:
            StoreFailed: the repository cannot be read.
        """
        if begun is not None:
            try:
                return begun.result()
            except (GitFailed, StoreFailed):
                pass  # the store knows what is wrong, and whether it matters
        return {oid: self.state(oid) for oid in _files(changes)}

    def state(self, oid: bytes) -> State | None:
        """Return the state by a file; None where that cannot be read.

        Raises:
            StoreFailed: the repository cannot be read.
        """
        try:
            return state(self._store().read(oid.hex(), FILE_LIMIT))
        except Damaged:
            return None


def _files(changes: Changes) -> list[bytes]:
    return list(dict.fromkeys(oid for *_, oid in changes if oid is not None))


def _read_many(git: Git, oids: Sequence[bytes], limit: int) -> dict[bytes, State | None]:
    """Return the states by files that one git reads, none of which is larger than the limit."""
    from concurrent.futures import ThreadPoolExecutor

    from gitledger.index.commits import contents, sizes

    found: dict[bytes, State | None] = dict.fromkeys(oids, GONE)
    known = sizes(git, [oid.hex() for oid in oids])
    parts = list(_parts({oid: size for oid, size in known.items() if size <= limit}))
    with ThreadPoolExecutor(1) as pool:
        # While git reads one part, we look at the one before.
        ahead = [pool.submit(contents, git, part, "blob") for part in parts[:1]]
        for number, part in enumerate(parts):
            came = ahead.pop().result()
            ahead += [
                pool.submit(contents, git, next_, "blob") for next_ in parts[number + 1 :][:1]
            ]
            for oid, content in zip(part, came, strict=True):
                found[bytes.fromhex(oid)] = state(content)
    return found


def _parts(sizes: Mapping[str, int]) -> Iterator[list[str]]:
    """Yield files in parts that may be held in memory at once."""
    part: list[str] = []
    held = 0
    for oid, size in sizes.items():
        if part and held + size > _BYTES:
            yield part
            part, held = [], 0
        part.append(oid)
        held += size
    if part:
        yield part
