"""The operations of a list as the index keeps them: newest first, and found by what they are.

The table holds the commits of one line, from some tip down as far as anybody has asked: the first
look at a long history reads its newest part alone. Everything above a commit may be there as well,
as other processes have seen more; what is asked is answered as of the tip that is followed. A tip
that is not in the line is brought in: what the two have in common stays, the rest of the old line
is thrown away.

Commits are read before the table is locked for writing, and put there if it is still as it was.
"""

from __future__ import annotations

from gitledger.errors import GitFailed, StoreFailed
from gitledger.index import line
from gitledger.index.line import Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from typing import Final, Literal, TypeVar

    from gitledger.core.spells import Move
    from gitledger.git import Git
    from gitledger.index.commits import Deed
    from gitledger.index.database import Connection, Database
    from gitledger.index.line import OperationRow
    from gitledger.store.base import Store

    T = TypeVar("T")

_CHUNK: Final = 8192
"""Commits that are read and put at once: about half a second's."""
_PAGES: Final = (64, 2048)
"""Rows that are read at once: at first, and then."""


def in_memory(store: Store, tip: str) -> Operations:
    """Return the operations up to a tip for who has no index: read as far as they are asked for."""
    from gitledger.index.database import Database
    from gitledger.index.schema import VERSION

    database = Database("", version=VERSION, schema=line.SCHEMA)
    database.in_memory = True
    operations = Operations(database)
    operations.follow(tip, lambda: store)
    return operations


class Operations:
    """The operations up to a tip.

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

    # -- what is asked -------------------------------------------------------------------------

    def newest(
        self,
        *,
        task: str | None = None,
        session: str | None = None,
        agent: str | None = None,
        name: str | None = None,
        since: int | None = None,
        until: int | None = None,
        after: str | None = None,
        limit: int | None = None,
    ) -> Iterator[OperationRow]:
        """Yield operations, newest first; what is not taken is not read.

        Args:
            task: those that really changed this task, whatever their messages name.
            session, agent, name: those of it.
            since, until: made then or later, then or earlier: the author's time, in seconds.
            after: later in the line than this commit; all, where the line does not have it.
            limit: at most so many.

        Raises:
            StoreFailed, Damaged: a commit cannot be read. It comes after those that can.
        """
        if after is not None:
            self._look_for(after)
        query = Query(task=task, session=session, agent=agent, name=name, since=since, until=until)
        cursor: str | None = None
        left, size = limit, _PAGES[0]
        while left is None or left > 0:
            page = size if left is None else min(size, left)
            floor, last = after, cursor
            found = self._ask(
                lambda c, top, page=page, floor=floor, last=last: query.page(  # type: ignore[misc]  # mypy knows no defaults of lambdas
                    c, top, before=last, after=floor, size=page
                )
            )
            yield from found.rows
            left = None if left is None else left - len(found.rows)
            size = _PAGES[1]
            cursor = found.cursor or cursor
            if found.ends or (not found.full and not self._deepen()):
                return

    def revisions(self, ids: Iterable[str]) -> dict[str, str]:
        """Return for each task the commit that last changed it; without those that none did.

        Raises:
            StoreFailed, Damaged: a commit that has to be looked at cannot be read.
        """
        wanted, found = set(ids), dict[str, str]()
        while wanted:
            missing = tuple(wanted)
            found |= self._ask(lambda c, top, missing=missing: line.revisions(c, top, missing))  # type: ignore[misc]  # mypy knows no defaults of lambdas
            wanted -= found.keys()
            if wanted and not self._deepen():
                break
        return found

    def last_operations(
        self, sessions: Collection[str], *, since: int | None = None
    ) -> dict[str, int]:
        """Return when each session's last operation was made: the author's time, in seconds.

        Args:
            sessions: their names; what has none is left out.
            since: operations that came into the line before this moment may be left out: then
                the history below is not read for them.

        Raises:
            StoreFailed, Damaged: a commit that has to be looked at cannot be read.
        """
        wanted, found = set(sessions), dict[str, int]()
        while wanted:
            names = tuple(wanted)
            last, lowest = self._ask(
                lambda c, top, names=names: (line.last_of(c, top, names), line.lowest_of(c))  # type: ignore[misc]  # mypy knows no defaults of lambdas
            )
            found |= last
            wanted -= last.keys()
            if not wanted or (since is not None and lowest[1] < since) or not self._deepen():
                break
        return found

    def changed_since(self, commit: str) -> frozenset[str] | None:
        """Return the tasks that operations after this commit changed.

        None where the commit is not in the line: the trees have to be compared then.
        """
        if not self._look_for(commit):
            return None
        return self._ask(lambda c, top: line.changed(c, commit, top))

    def touched(self, commit: str) -> dict[str, str | None]:
        """Return the tasks that a commit of the line really changed, with the files they have now.

        None stands for a task whose file is gone; a commit that is not in the line has none.
        """
        if not self._look_for(commit):
            return {}
        return self._ask(lambda c, _: line.touched(c, commit))

    def has(self, commit: str) -> bool:
        """Tell whether a commit is in the line, at or below the tip."""
        return self._look_for(commit)

    def came_by(self, moment: int) -> str | None:
        """Return the last commit of the line that came into it at a moment or before.

        Args:
            moment: in seconds since the epoch.

        Raises:
            StoreFailed, Damaged: a commit that has to be looked at cannot be read.
        """
        from gitledger.index import finding

        while True:
            found = self._ask(lambda c, top: finding.came_by(c, top, moment))
            if found is not None or not self._deepen():
                return found

    def commits(self, prefix: str) -> list[str]:
        """Return the commits of the line whose ids start with hexadecimal digits, sorted."""
        from gitledger.index import finding

        self._read_all()
        return self._ask(lambda c, top: finding.commits(c, top, prefix))

    def tasks(self, prefix: str) -> list[str]:
        """Return the ids of all tasks there ever were that start with a prefix, sorted."""
        from gitledger.index import finding

        self._read_all()
        return self._ask(lambda c, top: finding.tasks(c, top, prefix))

    def files(self, ids: Iterable[str]) -> dict[str, str]:
        """Return the ids of the files that tasks have as of the tip; without those without one."""
        from gitledger.index import finding

        wanted = tuple(ids)
        self._read_all()
        return self._ask(lambda c, top: finding.files(c, top, wanted))

    def names(self, what: Literal["name", "session", "agent"]) -> list[str]:
        """Return the different names of operations, sessions or agents, sorted."""
        from gitledger.index import finding

        self._read_all()
        return self._ask(lambda c, _: finding.names(c, what))

    def _read_all(self) -> None:
        """Have the table reach down to the root."""
        while self._ask(lambda c, _: bool(line.below(c))) and self._deepen():
            pass

    def moves(self) -> list[Move]:
        """Return all changes of what is measured of tasks, those of a task together, oldest first.

        Raises:
            StoreFailed, Damaged: a commit or a task's file cannot be read.
        """
        from gitledger.index import moves

        self._ask(lambda c, top: None)
        while self._deepen():
            pass
        while not self._moved():
            pass
        return self._ask(lambda c, top: list(moves.up_to(c, top)))

    # -- the table -----------------------------------------------------------------------------

    def _moved(self) -> bool:
        """Lead the moves on towards the tip; True where they are there."""
        from gitledger.index import moves

        changes = self._read(lambda c: moves.unread(c, moves.last(c)))
        if not changes:
            return True
        count = self._read(line.count)
        if self._progress is not None and count >= _CHUNK:
            lowest = self._read(line.lowest_of)[0]
            self._progress(changes[0][1] - lowest, count)
        oids = (oid for *_, oid in changes if oid is not None)
        states = moves.read(self._objects(), self._git, oids)

        def bring(connection: Connection) -> None:
            if moves.unread(connection, moves.last(connection))[: len(changes)] == changes:
                moves.put(connection, changes, states)

        self._write(bring)
        return False

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
                found = commits.read(self._git(), missing[-_CHUNK:])
                below = found[-1].commit.parent
                if below is None or not self._has(below):
                    return False
                self._put(found, join=below)
                del missing[-_CHUNK:]
        except (GitFailed, StoreFailed):
            return False
        return self._has(self._tip)

    def _deepen(self) -> bool:
        """Read on where the table ends; False where it ends with the root."""
        below, count = self._read(lambda c: (line.below(c), line.count(c)))
        if not below:
            return False
        self._tell(count, below)
        found = self._older(below)

        def bring(connection: Connection) -> None:
            if line.below(connection) == below:
                line.insert(connection, found, line.lowest_of(connection)[0] - 1)
                line.end(connection, found)

        self._write(bring)
        return True

    def _older(self, below: str) -> list[line.Record]:
        from itertools import islice

        from gitledger.index import commits
        from gitledger.index.commits import Deed

        if self._git is not None:
            try:
                below_it = commits.line(self._git(), below, limit=_CHUNK)
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

        if self._progress is None or self._git is None or count < _CHUNK:
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
