"""The operations of a list as the index keeps them: newest first, and found by what they are."""

from __future__ import annotations

from gitledger.index import line
from gitledger.index.filling import CHUNK, Filling
from gitledger.index.line import Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import Final, Literal, TypeVar

    from gitledger.core.spells import Move
    from gitledger.index.database import Connection
    from gitledger.index.line import OperationRow
    from gitledger.store.base import Store

    T = TypeVar("T")

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


class Operations(Filling):
    """The operations up to a tip.

    Args:
        database: the tables, those of `gitledger.index.line.SCHEMA` among them.
    """

    __slots__ = ()

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

    def _moved(self) -> bool:
        """Lead the moves on towards the tip; True where they are there."""
        from gitledger.index import moves

        changes = self._read(lambda c: moves.unread(c, moves.last(c)))
        if not changes:
            return True
        count = self._read(line.count)
        if self._progress is not None and count >= CHUNK:
            lowest = self._read(line.lowest_of)[0]
            self._progress(changes[0][1] - lowest, count)
        oids = (oid for *_, oid in changes if oid is not None)
        states = moves.read(self._objects(), self._git, oids)

        def bring(connection: Connection) -> None:
            if moves.unread(connection, moves.last(connection))[: len(changes)] == changes:
                moves.put(connection, changes, states)

        self._write(bring)
        return False
