"""The index of a list: what its tip says, in a form that is asked in milliseconds.

A disposable SQLite file in the common git directory, a pure function of the list's tip. It is
brought up to date by the difference between two trees, and made anew where it is missing, of
another version or damaged; where no file can be, it is made in memory. So it is never wrong, and
nothing about it is an error to anybody.
"""

from __future__ import annotations

from gitledger.index.database import Database
from gitledger.index.schema import SCHEMA, VERSION

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from typing import Final, TypeVar

    from gitledger.core.criteria import Criterion
    from gitledger.core.message import Message
    from gitledger.core.session import Session
    from gitledger.entries import Quarantined
    from gitledger.index.database import Connection
    from gitledger.index.operations import Operations
    from gitledger.index.rows import Row
    from gitledger.store.base import Store

    T = TypeVar("T")
    Progress = Callable[[int, int], object]

_PART: Final = 2048
"""Tasks that are asked for at once, of many."""


def open_index(common_dir: str, list_name: str) -> Index:
    """Return the index of a list; what is wrong with its file is found and mended when it is used.

    Args:
        common_dir: the common git directory.
        list_name: the list's name.
    """
    path = f"{common_dir}/gitledger/index/{list_name}.sqlite"
    return Index(Database(path, version=VERSION, schema=SCHEMA))


class Index:
    """What one list's commit says; every answer is as of `commit`, wherever others take the file.

    Every method but `follow` and `close` needs a commit that is followed, and raises what the
    store raises when the file has to be made anew just then.

    Attributes:
        commit: the commit that it follows, None before the first.
    """

    __slots__ = ("_database", "_operations", "_progress", "_sessions", "_store", "commit")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._store: Callable[[], Store] | None = None
        self._progress: Progress | None = None
        self._operations: Operations | None = None
        self._sessions: tuple[str | None, dict[str, Session]] | None = None
        self.commit: str | None = None

    @property
    def path(self) -> str | None:
        """The file; None where there is none, and all is held in memory."""
        return None if self._database.in_memory else self._database.path

    @property
    def operations(self) -> Operations:
        """The operations of the list's history, which follow a tip of their own."""
        if self._operations is None:
            from gitledger.index.operations import Operations

            self._operations = Operations(self._database)
        return self._operations

    def follow(
        self, commit: str, store: Callable[[], Store], progress: Progress | None = None
    ) -> None:
        """Answer as of this commit from now on; cheap where the file is there already.

        Args:
            commit: its id.
            store: returns where it can be read; asked only where something has to be read.
            progress: told, while the index is made anew, how many files of how many are read.

        Raises:
            StoreFailed, Damaged: the commit cannot be read.
        """
        before = self.commit, self._store, self._progress
        self.commit, self._store, self._progress = commit, store, progress
        try:
            self.ask(lambda _: None)
        except BaseException:
            self.commit, self._store, self._progress = before
            raise

    def staying(self) -> Index:
        """Return the same index, which stays as of this commit wherever this one goes."""
        index = Index(self._database)
        index.commit, index._store, index._progress = self.commit, self._store, self._progress
        return index

    def ask(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` reads from the tables, all as of the commit."""
        return self._database.run(work, current=self._current, bring=self._bring)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Return what `work` makes of the tables, which it may write to; as of the commit."""
        return self._database.run(work, current=self._current, bring=self._bring, writes=True)

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _current(self, connection: Connection) -> bool:
        from gitledger.index import rows

        return rows.tip(connection) == self.commit

    def _bring(self, connection: Connection) -> None:
        from gitledger.index import building

        building.bring(connection, self.store(), self.commit or "", self._progress)

    def store(self) -> Store:
        """Return where the commit can be read."""
        if self._store is None:
            raise ValueError("the index follows no commit yet")
        return self._store()

    # -- tasks ---------------------------------------------------------------------------------

    def find(self, task_id: str) -> Row | None:
        """Return the task with this whole id; None when there is none, or no valid one."""
        return next(iter(self.rows([task_id])), None)

    def rows(self, ids: Iterable[str]) -> list[Row]:
        """Return the tasks with these ids, in this order; what names no valid task is left out."""
        from gitledger.index import rows

        wanted = [task_id for task_id in ids if rows.is_number(task_id)]
        return self.ask(lambda c: rows.by_number(c, self, map(rows.number, wanted)))

    def numbers(
        self, criterion: Criterion, *, order: str = "priority", limit: int | None = None
    ) -> list[int]:
        """Return the numbers of the tasks that an exact criterion means; otherwise as `select`."""
        from gitledger.index import conditions

        return self.ask(lambda c: conditions.numbers(c, criterion, order, limit))

    def numbered(self, numbers: Iterable[int]) -> list[Row]:
        """Return the tasks of these numbers, in this order."""
        from gitledger.index import rows

        return self.ask(lambda c: rows.by_number(c, self, numbers))

    def titles(self, numbers: Sequence[int]) -> Iterator[tuple[int, str]]:
        """Yield these numbers, some at a time and each with its task's title, without its case."""
        from gitledger.index import rows

        for begin in range(0, len(numbers), _PART):
            part = numbers[begin : begin + _PART]
            yield from self.ask(lambda c, part=part: rows.titles(c, part))  # type: ignore[misc]  # mypy knows no defaults of lambdas

    def is_archived(self, task_id: str) -> bool:
        """Tell whether an id is that of an archived task; whether that is valid is not known."""
        from gitledger.index import rows

        if not rows.is_number(task_id):
            return False
        return self.ask(lambda c: rows.is_archived(c, rows.number(task_id)))

    def archived_twice(self) -> set[str]:
        """Return the tasks that stand in the archive and are not archived all the same."""
        found = self.ask(
            lambda c: c.execute("SELECT id FROM tasks JOIN archived USING (n)").fetchall()
        )
        return {task_id for (task_id,) in found}

    def starting_with(self, prefix: str) -> list[str]:
        """Return the ids that start with the prefix (lower case), sorted: of the valid tasks, and
        of those that are archived."""
        from gitledger.index import rows

        return self.ask(lambda c: rows.starting_with(c, prefix))

    def beside(self, task_id: str) -> list[str]:
        """Return the ids of tasks that share the most with this whole id: those next to it."""
        from gitledger.index import rows

        return self.ask(lambda c: rows.beside(c, task_id))

    def all_numbers(self) -> array[int]:
        """Return the numbers of all tasks, of archived ones too, sorted."""
        from gitledger.index import rows

        return self.ask(rows.all_numbers)

    def neighbours(self, start: str) -> list[str]:
        """Return the ids of all tasks that share the first two characters, sorted."""
        return self.starting_with(start[:2])

    def select(
        self, criterion: Criterion, *, order: str = "priority", limit: int | None = None
    ) -> list[Row]:
        """Return the tasks that an exact criterion means, in order.

        Args:
            criterion: which; `criterion.widest()` of one that is not exact.
            order: one of `core.ordering.SORT_KEYS`, with a `-` in front for the reverse.
            limit: at most so many; None takes all.
        """
        from gitledger.index import conditions, rows

        return self.ask(
            lambda c: rows.by_number(c, self, conditions.numbers(c, criterion, order, limit))
        )

    def ids(self, criterion: Criterion) -> list[str]:
        """Return the ids of the tasks that an exact criterion means, sorted."""
        from gitledger.index import conditions, rows

        found = self.ask(lambda c: conditions.numbers(c, criterion, "id", None))
        return [rows.name(n) for n in found]

    def each(self, criterion: Criterion, *, order: str = "priority") -> Iterator[Row]:
        """Yield the same one by one; what is not taken is not read."""
        from gitledger.index import conditions, rows

        found = self.ask(lambda c: conditions.numbers(c, criterion, order, None))
        size = 64
        begin = 0
        while begin < len(found):
            part = found[begin : begin + size]
            yield from self.ask(lambda c, part=part: rows.by_number(c, self, part))  # type: ignore[misc]  # mypy knows no defaults of lambdas
            begin, size = begin + size, _PART

    def count(self, criterion: Criterion) -> int:
        """Return how many tasks an exact criterion means."""
        from gitledger.index import conditions

        return self.ask(lambda c: conditions.count(c, criterion))

    def blocks(self, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return for each id the tasks that name it in `blocked_by`, finished or not, sorted."""
        from gitledger.index import rows

        wanted = list(ids)
        return self.ask(lambda c: rows.blocks(c, wanted))

    def blockers(self, ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return for each task what it still waits for, sorted: nothing, once it is finished."""
        from gitledger.index import rows

        wanted = list(ids)
        return self.ask(lambda c: rows.blockers(c, wanted))

    def candidates(
        self,
        me: str,
        role: str | None = None,
        *,
        silent: Container[str] = (),
        limit: int | None = None,
    ) -> list[Row]:
        """Return what a session can do next, the first to do first: `core.lifecycle.candidates`.

        Args:
            me: the session's name.
            role: tasks for other roles are passed over; None passes over none.
            silent: what these sessions hold is there to be taken over, too.
            limit: at most so many; None takes all.
        """
        from gitledger.index import candidates

        return candidates.candidates(self, me, role, silent, limit)

    # -- what tasks have to do with sessions ---------------------------------------------------

    def owners(self) -> dict[str, int]:
        """Return the sessions that hold unfinished tasks, sorted, and how many each holds."""
        from gitledger.index import sessions

        return self.ask(sessions.owners)

    def held(self) -> list[tuple[str, str, str, str, str]]:
        """Return id, owner, status, priority and type of what is held, by priority and age."""
        from gitledger.index import sessions

        return self.ask(sessions.held)

    def last_claims(self, names: Iterable[str]) -> dict[str, datetime]:
        """Return when each session's latest unfinished task became its own, where there is one."""
        from gitledger.index import sessions

        wanted = list(names)
        return self.ask(lambda c: sessions.last_claims(c, wanted))

    def concerning(self, names: Iterable[str]) -> list[Row]:
        """Return the tasks that may be in the inbox of one of these, ordered by id.

        Args:
            names: as `core.parties.concerned` has them.
        """
        from gitledger.index import sessions

        wanted = list(names)
        return self.ask(lambda c: sessions.concerning(c, self, wanted))

    def writers(self) -> set[str]:
        """Return the sessions that own a task, finished or not, or wrote anything on one."""
        from gitledger.index import sessions

        return self.ask(sessions.writers)

    def typical(self, types: Iterable[str]) -> dict[str, float]:
        """Return the median of the seconds that completed tasks took, by their type.

        Args:
            types: which; those of which none was begun and completed are left out.
        """
        from gitledger.index import sessions

        wanted = list(types)
        return self.ask(lambda c: sessions.typical(c, wanted))

    # -- what tasks name -----------------------------------------------------------------------

    def roles(self) -> list[str]:
        """Return the roles that tasks name, sorted."""
        from gitledger.index import rows

        return self.ask(lambda c: rows.distinct(c, "role"))

    def find_source(self, source: Mapping[str, str]) -> Row | None:
        """Return the task that was imported from this source, of several that of the last id."""
        from gitledger.index import rows

        return self.ask(lambda c: rows.of_source(c, self, source))

    def imported(self, system: str, name: str) -> list[Row]:
        """Return the tasks that were imported from this list of a system, ordered by id."""
        from gitledger.index import rows

        return self.ask(lambda c: rows.of_list(c, self, system, name))

    # -- sessions, messages, and what is none --------------------------------------------------

    def session(self, name: str) -> Session | None:
        """Return the registered session of this name, None when there is none, or no valid one."""
        if self._sessions is not None and self._sessions[0] == self.commit:
            return self._sessions[1].get(name)
        from gitledger.core.session import Session
        from gitledger.index import records

        return next(iter(records.read(self, Session, name)), None)

    def sessions(self) -> dict[str, Session]:
        """Return every registered session by its name, ordered by name."""
        if self._sessions is None or self._sessions[0] != self.commit:
            from gitledger.core.session import Session
            from gitledger.index import records

            found = {session.name: session for session in records.read(self, Session)}
            self._sessions = self.commit, found
        return dict(self._sessions[1])

    def messages(self) -> dict[str, Message]:
        """Return every message by its id, ordered by id."""
        from gitledger.core.message import Message
        from gitledger.index import records

        return {message.id: message for message in records.read(self, Message)}

    def quarantined(self) -> tuple[Quarantined, ...]:
        """Return the entries that are no valid tasks, sessions or messages, ordered by path."""
        found = self.ask(lambda c: c.execute("SELECT path, reason FROM quarantined").fetchall())
        if not found:
            return ()
        from gitledger.entries import Quarantined

        bad = (Quarantined(path.decode(errors="surrogateescape"), why) for path, why in found)
        return tuple(sorted(bad, key=lambda each: each.path))

    def any_quarantined(self) -> int:
        """Return how many entries are no valid tasks, sessions or messages."""
        return int(self.ask(lambda c: c.execute("SELECT count(*) FROM quarantined").fetchone())[0])
