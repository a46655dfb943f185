"""A snapshot whose tasks are looked up in the index, where that is quicker than in the files."""

from __future__ import annotations

from gitledger.core import ids
from gitledger.core.task import is_of_list
from gitledger.entries import Quarantined
from gitledger.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping
    from datetime import datetime

    from gitledger.core.message import Message
    from gitledger.core.session import Session
    from gitledger.core.task import Task
    from gitledger.following import Following
    from gitledger.store.base import Store


class IndexedSnapshot(Snapshot):
    """The tasks of one commit, by the index as long as that is as of this very commit.

    Args:
        store: where the commit is.
        commit: its id.
        following: the list's newest commit and its index, whichever of them it is as of.
    """

    def __init__(
        self,
        store: Store,
        commit: str,
        following: Following,
    ) -> None:
        super().__init__(store, commit)
        self._following = following

    def _hot(self, task_id: str) -> Task | None:
        known = self._tasks is not None or task_id in self._found
        index = None if known else self._following.here(self.commit)
        if index is None or not ids.is_id(task_id):
            return super()._hot(task_id)
        row = index.find(task_id)
        self._found[task_id] = row.task() if row else None
        return self._found[task_id]

    def by_id(self) -> Mapping[str, Task]:
        """Return every valid task by its id, ordered by id."""
        if self._tasks is None and (index := self._following.at(self.commit)):
            from gitledger.core import criteria

            rows = index.select(criteria.EVERYTHING, order="id")
            self._tasks = {row.id: row.task() for row in rows}
        return super().by_id()

    def short(self, task_id: str) -> str:
        """Return the shortest unique prefix, at least 4 characters; what is no id stays whole."""
        index = self._following.at(self.commit) if ids.is_id(task_id) else None
        if index is None:
            return super().short(task_id)
        return ids.shortest_prefix(task_id, index.beside(task_id))

    def owned_by(self, name: str) -> list[Task]:
        """Return the unfinished tasks that a session owns, ordered by id."""
        index = self._following.at(self.commit)
        if index is None:
            return super().owned_by(name)
        from gitledger.core import criteria

        return [row.task() for row in index.select(criteria.work_of(name), order="id")]

    def last_claims(self, names: Iterable[str]) -> dict[str, datetime]:
        """Return when each session's latest task became its own, of those that it still works on.

        Who has none is left out.
        """
        index = self._following.at(self.commit)
        return index.last_claims(names) if index else super().last_claims(names)

    def first(self, by: str, role: str | None, silent: Container[str]) -> Task | None:
        """Return the task that a session should do next, None when nothing is ready."""
        index = self._following.at(self.commit)
        if index is None:
            return super().first(by, role, silent)
        row = next(iter(index.candidates(by, role, silent=silent, limit=1)), None)
        return row.task() if row else None

    def roles(self) -> set[str]:
        """Return the roles that tasks name."""
        index = self._following.at(self.commit)
        return set(index.roles()) if index else super().roles()

    def writers(self) -> set[str]:
        """Return the sessions that own a task, or wrote anything on one."""
        index = self._following.at(self.commit)
        return index.writers() if index else super().writers()

    def imported(self, system: str, name: str) -> list[Task]:
        """Return the tasks that were imported from this list of a system, ordered by id."""
        index = self._following.at(self.commit)
        if index is None:
            return super().imported(system, name)
        tasks = (row.task() for row in index.imported(system, name))
        return [task for task in tasks if is_of_list(task, system, name)]

    def find_source(self, source: tuple[tuple[str, str], ...]) -> Task | None:
        """Return the task that was imported from this source (its sorted items), or None."""
        index = self._following.at(self.commit)
        if index is None:
            return super().find_source(source)
        row = index.find_source(dict(source))
        return row.task() if row else self.archive.find_source(source)

    def session(self, name: str) -> Session | None:
        """Return the registered session of this name, None when there is none, or no valid one."""
        index = None if self._sessions is not None else self._following.here(self.commit)
        return index.session(name) if index else super().session(name)

    def sessions(self) -> Mapping[str, Session]:
        """Return every registered session by its name, ordered by name."""
        if self._sessions is None and (index := self._following.at(self.commit)):
            self._sessions = index.sessions()
        return super().sessions()

    def messages(self) -> Mapping[str, Message]:
        """Return every message by its id, ordered by id."""
        if self._messages is None and (index := self._following.at(self.commit)):
            self._messages = index.messages()
        return super().messages()

    def quarantined(self) -> tuple[Quarantined, ...]:
        """Return the entries that are no valid tasks, sessions or messages, ordered by path."""
        index = self._following.at(self.commit)
        return index.quarantined() if index else super().quarantined()

    def _twice(self) -> Container[str]:
        index = self._following.at(self.commit)
        return index.archived_twice() if index else super()._twice()

    def _puts_away(self, task_id: str) -> bool:
        index = self._following.here(self.commit)
        return index.is_archived(task_id) if index else super()._puts_away(task_id)

    def _known_bad(self) -> Iterable[Quarantined]:
        return self.quarantined()

    def _neighbours(self, start: str) -> Iterator[str]:
        index = self._following.at(self.commit)
        return iter(index.neighbours(start)) if index else super()._neighbours(start)
