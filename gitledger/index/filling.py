"""How the table of operations is filled: with one line of commits, as far down as anybody asks.

The table holds the commits of one line, from some tip down: the first look at a long history reads
its newest part alone. Everything above a commit may be there as well, as other processes have seen
more. A tip that is not in the line is brought in: what the two have in common stays, the rest of
the old line is thrown away.

Commits are read before the table is locked for writing, and put there if it is still as it was.
"""

from __future__ import annotations

from gitledger.errors import GitFailed, StoreFailed
from gitledger.index import line

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Final, TypeVar

    from gitledger.git import Git
    from gitledger.index.commits import Deed
    from gitledger.index.database import Connection, Database
    from gitledger.store.base import Store

    T = TypeVar("T")

CHUNK: Final = 8192
"""Commits that are read and put at once: about half a second's."""
LONG: Final = 2
"""Chunks that are put at once where all that is left is read: writing the tables' pages less often
is worth more than being told of it more often."""

_CACHE: Final = 64 << 10
"""KiB of the tables that are held in memory while all is read: what a task's changes are put
between is anywhere in them."""


class Filling:
    """A table of operations that follows a tip, and is filled as far as it is read.

    Args:
        database: the tables, those of `gitledger.index.line.SCHEMA` among them.
    """

    __slots__ = ("_database", "_git", "_progress", "_store", "_tip", "_total")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._tip = ""
        self._total = 0
        self._store: Callable[[], Store] | None = None
        self._git: Callable[[], Git] | None = None
        self._progress: Callable[[int, int], object] | None = None

    def follow(
        self,
        tip: str,
        store: Callable[[], Store],
        git: Callable[[], Git] | None = None,
        progress: Callable[[int, int], object] | None = None,
    ) -> None:
        """Answer as of this commit from now on. Nothing is read before something is asked.

        Args:
            tip: its id.
            store: returns where commits are read.
            git: returns the git program on the same repository, which reads many at once.
            progress: told how many commits of how many are read, where they are many.
        """
        self._tip, self._store, self._git, self._progress = tip, store, git, progress

    def _ask(self, work: Callable[[Connection, int], T]) -> T:
        """Return what `work` reads, given the number of the tip; the table has it."""
        found: list[T] = []

        def attempt(connection: Connection) -> bool:
            found.clear()
            top = line.number(connection, self._tip)
            if top is not None:
                found.append(work(connection, top))
            return top is not None

        while not self._read(attempt):
            self._reach()
        return found[0]

    def _look_for(self, commit: str) -> bool:
        """Tell whether the line has a commit, and have the table reach down to it."""

        def has(connection: Connection, top: int) -> bool:
            number = line.number(connection, commit)
            return number is not None and number <= top

        while not self._ask(has):
            if not self._deepen():
                return False
        return True

    def _has(self, commit: str) -> bool:
        """Tell whether the table has a commit, at or below the tip or above it."""
        return self._read(lambda c: line.number(c, commit)) is not None

    def _reach(self) -> None:
        """Bring the tip into the table."""
        from gitledger.index.commits import MANY, Deed, changed

        new: list[Deed] = []
        try:
            store = self._objects()
            for commit in store.history(self._tip):
                if self._has(commit.id):
                    self._put(new, join=commit.id)
                    return
                if len(new) == MANY:
                    break
                new.append(Deed(commit, changed(store, commit)))
            else:
                self._put(new)
                return
        except StoreFailed:
            if not new:
                raise
        # What is below is read when somebody asks for it, and is an error then, if it is one.
        if len(new) < MANY or not self._bridge():
            self._put(new)

    def _bridge(self) -> bool:
        """Lead the table's line on to a tip that is many commits ahead; False where none leads."""
        from gitledger.index import commits

        newest = self._read(line.newest)
        if newest is None or self._git is None:
            return False
        try:
            missing = commits.line(self._git(), self._tip, without=newest)
            while missing:
                found = commits.read(self._git(), missing[-CHUNK:])
                below = found[-1].commit.parent
                if below is None or not self._has(below):
                    return False
                self._put(found, join=below)
                del missing[-CHUNK:]
        except (GitFailed, StoreFailed):
            return False
        return self._has(self._tip)

    def _deepen(self) -> bool:
        """Read on where the table ends; False where it ends with the root."""
        below, count = self._read(lambda c: (line.below(c), line.count(c)))
        if not below:
            return False
        self._tell(count, below)
        self._put_below(self._older(below), below)
        return True

    def _read_all(self) -> None:
        """Have the table reach down to the root."""
        while below := self._ask(lambda c, _: line.below(c)):
            self._read_down(below)
            if not self._deepen():
                return

    def _read_down(self, below: str) -> None:
        """Read on where the table ends, down to the root, or to what git cannot read."""
        from concurrent.futures import ThreadPoolExecutor

        from gitledger.index import commits

        if self._git is None:
            return
        git, size = self._git(), LONG * CHUNK
        try:
            rest = commits.line(git, below)
        except GitFailed:
            return
        parts = [rest[place : place + size] for place in range(0, len(rest), size)]
        if len(parts) < 2:
            return
        self._grow_cache()
        with ThreadPoolExecutor(1) as pool:
            # While some commits are put, the next are read.
            coming = pool.submit(commits.read, git, parts[0])
            for number, part in enumerate(parts):
                self._tell(self._read(line.count), below)
                try:
                    found = self._records(coming.result())
                except (GitFailed, StoreFailed):
                    return
                if number + 1 < len(parts):
                    coming = pool.submit(commits.read, git, parts[number + 1])
                self._put_below(found, part[0])

    def _grow_cache(self) -> None:
        self._read(lambda c: c.execute(f"PRAGMA cache_size = -{_CACHE:d}"))

    def _put_below(self, found: Sequence[line.Record], below: str) -> None:
        """Put commits, newest first, where the table ends, if that is above one of them.

        Args:
            found: the commits.
            below: the first of them, above which the table ended when they were asked for.
        """

        def bring(connection: Connection) -> None:
            ends = line.below(connection)
            left = found if ends == below else _from(found, ends)  # others may have put some
            if left:
                line.insert(connection, left, line.lowest_of(connection)[0] - 1)
                line.end(connection, left)

        self._write(bring)

    def _older(self, below: str) -> list[line.Record]:
        from itertools import islice

        from gitledger.index import commits
        from gitledger.index.commits import Deed

        if self._git is not None:
            try:
                below_it = commits.line(self._git(), below, limit=CHUNK)
                return self._records(commits.read(self._git(), below_it))
            except (GitFailed, StoreFailed):
                pass  # the store knows how far it can be read, and what is wrong there
        found: list[Deed] = []
        store = self._objects()
        try:
            for commit in islice(store.history(below), commits.MANY):
                found.append(Deed(commit, commits.changed(store, commit)))
        except StoreFailed:
            if not found:
                raise
        return self._records(found)

    def _tell(self, count: int, below: str) -> None:
        """Tell how many commits are read, once they are many."""
        from gitledger.index import commits

        if self._progress is None or self._git is None or count < CHUNK:
            return
        if self._total < count:
            try:
                self._total = count + commits.count(self._git(), below)
            except GitFailed:
                self._total = count
        self._progress(count, max(count, self._total))

    def _put(self, new: Sequence[Deed], *, join: str | None = None) -> None:
        """Put commits into the table, newest first: above one that it has, or as a new line."""
        if not new:
            return
        records = self._records(new)

        def bring(connection: Connection) -> None:
            at = line.number(connection, join)
            if line.number(connection, new[0].commit.id) is not None:
                return  # somebody was faster
            if join is None:
                line.begin(connection, records)
            elif at is not None:  # else somebody has begun a new line meanwhile
                line.cut(connection, at)
                line.insert(connection, records, at + len(records))

        self._write(bring)

    def _records(self, found: Iterable[Deed]) -> list[line.Record]:
        return [line.Record(self._objects, deed) for deed in found]

    def _objects(self) -> Store:
        if self._store is None:
            raise ValueError("the operations follow no commit yet")
        return self._store()

    def _read(self, work: Callable[[Connection], T]) -> T:
        return self._database.run(work, current=lambda _: True, bring=lambda _: None)

    def _write(self, work: Callable[[Connection], object]) -> None:
        self._database.run(work, current=lambda _: True, bring=lambda _: None, writes=True)


def _from(found: Sequence[line.Record], commit: str) -> Sequence[line.Record]:
    """Return what there is from a commit on; nothing where that is not among them."""
    places = (place for place, each in enumerate(found) if each.deed.commit.id == commit)
    return found[next(places, len(found)) :]
