"""The operations of a list as the index keeps them: newest first, and found by what they are."""

from __future__ import annotations

from gitledger.errors import GitFailed, StoreFailed
from gitledger.index import line
from gitledger.index.filling import CHUNK, Filling
from gitledger.index.line import Query

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
    from typing import Final, Literal, TypeVar

    from gitledger.core.spells import Move
    from gitledger.index.database import Connection, Database
    from gitledger.index.line import OperationRow, Record
    from gitledger.index.moving import Moving
    from gitledger.store.base import Store

    T = TypeVar("T")

_PAGES: Final = (64, 2048)
"""Rows that are read at once: at first, and then."""
_FEW: Final = 4
"""Tasks that are looked for one by one before all commits are read for them."""


def in_memory(store: Store, tip: str) -> Operations:
    """Return the operations up to a tip for who has no index: read as far as they are asked for."""
    operations = Operations(_memory())
    operations.follow(tip, lambda: store)
    return operations


def _memory() -> Database:
    from gitledger.index.database import Database
    from gitledger.index.schema import VERSION

    database = Database("", version=VERSION, schema=line.SCHEMA)
    database.in_memory = True
    return database


def _page(
    query: Query, found: tuple[Sequence[Record], int], limit: int | None
) -> Sequence[OperationRow]:
    """Return which of some commits, newest first, somebody wants to see, as the tables tell it."""
    records, highest = found

    def page(connection: Connection) -> Sequence[OperationRow]:
        line.insert(connection, records, highest)
        size = len(records) if limit is None else min(limit, len(records))
        return query.page(connection, highest, before=None, after=None, size=size).rows

    return _memory().run(page, current=lambda _: True, bring=lambda _: None, writes=True)


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
            if found.ends:
                return
            if not found.full and task is not None and (rest := self._older_of(task)) is not None:
                yield from _page(query, rest, left)
                return
            if not found.full and not self._deepen():
                return

    def _older_of(self, task: str, *, limit: int | None = None) -> tuple[list[Record], int] | None:
        """Return the commits below the table that changed a task, where those below are many.

        None where the table is to be led on. What is looked for in this way is not kept: it is not
        all there was. The number is that of the first.
        """
        from gitledger.index import commits

        below, count, (lowest, _) = self._read(
            lambda c: (line.below(c), line.count(c), line.lowest_of(c))
        )
        if self._git is None or not below or count < CHUNK:
            return None
        try:
            found = commits.of_task(self._git(), below, task, limit=limit)
            return self._records(found), lowest - 1
        except (GitFailed, StoreFailed):
            return None  # the store knows how far it can be read

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
            if 0 < len(wanted) <= _FEW:
                older = self._last_below(sorted(wanted))
                found |= {task: commit for task, commit in older.items() if commit}
                wanted -= older.keys()
            if wanted and not self._deepen():
                break
        return found

    def _last_below(self, tasks: Sequence[str]) -> dict[str, str]:
        """Return the commits below the table that last changed tasks, "" for none.

        Without those for which the table is to be led on.
        """
        from gitledger.index import finding

        below = self._read(line.below)
        found = self._read(lambda c: finding.older(c, tasks))
        new = {}
        for task in tasks:
            if task not in found:
                older = self._older_of(task, limit=1)
                if older is None:
                    break
                new[task] = older[0][0].deed.commit.id if older[0] else ""
        if new:
            self._write(lambda c: finding.remember(c, below, new))
        return found | new

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

    def take_down(self) -> None:
        """Put the tip into the table if the commit below it is there; else leave it to readers.

        Who has just made it has at hand what they would have to look up.

        Raises:
            StoreFailed, Damaged: the tip cannot be read.
        """
        from gitledger.index.commits import Deed, changed

        store = self._objects()
        tip = store.commit(self._tip)
        if tip.parent is not None and self._has(tip.parent) and not self._has(tip.id):
            self._put([Deed(tip, changed(store, tip))], join=tip.parent)

    def has(self, commit: str) -> bool:
        """Tell whether a commit is in the line, at or below the tip."""
        return self._look_for(commit)

    def reach_the_root(self) -> bool:
        """Tell whether the table has all operations up to the tip, without reading any."""
        return self._has(self._tip) and not self._read(line.below)

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

    def moves(self) -> list[Move]:
        """Return all changes of what is measured of tasks; see `Moving.moves`."""
        return self._moving().moves()

    def lost(self) -> list[str]:
        """Return the tasks with files that could not be read for `moves`, one for each file."""
        return self._moving().lost()

    def is_complete(self) -> bool:
        """Tell whether the tables hold all operations, and what they moved; no commit is read."""
        from gitledger.index import slices

        return self._read(lambda c: slices.is_complete(c, self._tip))

    def complete(self, rest: Callable[[float], object]) -> bool:
        """Complete the tables by one slice; False where nothing is left. See `Slices.step`.

        Args:
            rest: called after each transaction with the seconds that it took.

        Raises:
            StoreFailed, Damaged: a commit cannot be read.
        """
        from gitledger.index.slices import Slices

        slices = Slices(self._database, rest)
        slices.follow(self._tip, self._objects, self._git)
        return slices.step()

    def _moving(self) -> Moving:
        from gitledger.index.moving import Moving

        moving = Moving(self._database)
        moving.follow(self._tip, self._objects, self._git, self._progress)
        return moving
