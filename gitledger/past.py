"""A task list as it was: read like the list itself, and never written.

The index follows the tip, and stays there: one task is read from its file, a whole list is put
into an index in memory.
"""

from __future__ import annotations

from functools import cached_property

from gitledger import lists, remotes
from gitledger.core.derive import overdue
from gitledger.core.task import age
from gitledger.core.view import Claim, TaskView
from gitledger.errors import NoSuchTask
from gitledger.published import Published
from gitledger.reader import Reader
from gitledger.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Final, Literal

    from gitledger.core.task import Task
    from gitledger.index import Index
    from gitledger.index.operations import Operations
    from gitledger.index.shortening import Shortening
    from gitledger.moment import Moment
    from gitledger.views import Views

_FEW: Final = 2000
"""Files that are looked through for what names a task; of more an index is made."""
_IN_TREES: Final = 500
"""Files that are found in their trees where the table of operations, which tells them at once, does
not reach down to the list's beginning yet. For more it is led on to there."""


class Past(Reader):
    """One task list as of a moment.

    Whose claims are stale is not known of the past, and nobody is shown so; a claim counts as
    confirmed once the remote has the moment's commit. What is overdue was so then.

    Attributes:
        moment: as of when.
    """

    moment: Moment

    @classmethod
    def of(cls, reader: Reader, moment: Moment) -> Past:
        """Return a list as of a moment that `gitledger.moment.find` found in it."""
        past = cls(
            reader.repository,
            list=moment.list,
            session=reader.session,
            standing=reader.standing,
            agent=reader.agent,
            clock=reader._clock,
            random_bytes=reader._random_bytes,
        )
        past.moment = moment
        past.building = reader.building
        return past

    # -- what Opening has of the tip -----------------------------------------------------------

    def tip(self) -> str:
        """Return the moment's commit."""
        return self.moment.commit

    def close(self) -> None:
        """Let go of the files of the indexes; they are opened again when they are asked."""
        for name in ("_own_index", "_table", "_live"):
            if name in self.__dict__:
                self.__dict__[name].close()

    def snapshot(self) -> Snapshot:
        """Return the tasks as they were."""
        return self._snapshot

    @cached_property
    def _snapshot(self) -> Snapshot:
        return Snapshot(self.repository.store, self.moment.commit)

    def index(self) -> Index:
        """Return an index of the list as it was, made at the first call."""
        live = self._live.index()
        if live.commit == self.tip():
            self._own_index = live
        elif self._index.commit is None:
            repository = self.repository
            self._index.follow(self.tip(), lambda: repository.store, self.building)
        return self._index

    @cached_property
    def _own_index(self) -> Index:
        from gitledger.index.past import index_of_past

        return index_of_past(self._live.index())

    @property
    def _index(self) -> Index:
        return self._own_index

    def operations(self) -> Operations:
        """Return the operations up to the moment."""
        return self._operations

    @cached_property
    def _operations(self) -> Operations:
        from gitledger.index.operations import in_memory

        repository = self.repository
        if not self._live.operations().has(self.tip()):
            return in_memory(repository.store, self.tip())
        operations = self._table.operations
        operations.follow(
            self.tip(), lambda: repository.store, lambda: repository.git, progress=self.building
        )
        return operations

    @cached_property
    def _table(self) -> Index:
        """The index of the list itself, whose operations may reach further up."""
        from gitledger.index import open_index

        return open_index(self.repository.location.common_dir_name, self.list)

    @cached_property
    def _live(self) -> Reader:
        """The list as it is now."""
        return Reader(
            self.repository,
            list=self.list,
            session=self.session,
            standing=self.standing,
            clock=self._clock,
        )

    def shortening(self, many: int = 0) -> Shortening:
        """Return what makes the shortest prefix, at least 4 characters, that is unique now."""
        return self._live.shortening(many)

    # -- tasks ---------------------------------------------------------------------------------

    def task_id(self, name: str) -> str:
        """Return the whole id of the task that an id or a unique prefix named.

        Raises:
            NoSuchTask: there was none.
            AmbiguousId: there were several.
        """
        try:
            return self._snapshot.resolve(name.strip())
        except NoSuchTask:
            from shlex import quote

            word = self.moment.word
            raise NoSuchTask(
                f"no task '{name}' as of '{word}'",
                hint=f"list them all: git ledger list --all --at {quote(word)}",
            ) from None

    def task(self, name: str) -> Task:
        """Return the task that an id or a unique prefix named.

        Raises: as `task_id`.
        """
        found = self._snapshot.find(self.task_id(name))
        if found is None:
            raise NoSuchTask(f"no task '{name}' as of '{self.moment.word}'")
        return found

    def views(self, ids: Iterable[str] | None = None, *, revisions: bool = False) -> list[TaskView]:
        """Return views of some tasks in their order, or of all, ordered by id."""
        if ids is None or not self._one_by_one:
            self.index()
            return super().views(ids, revisions=revisions)
        found = [task for task in map(self._snapshot.find, ids) if task]
        naming = self._naming({task.id for task in found})
        views = [self._view(task, naming) for task in found]
        return self.with_revisions(views) if revisions else views

    def children(self, task_id: str) -> list[str]:
        """Return the ids of a task's sub-tasks, by priority and age."""
        if not self._one_by_one:
            self.index()
            return super().children(task_id)
        found = (task for task in self._naming({task_id}) if task.parent == task_id)
        return [task.id for task in sorted(found, key=lambda each: (each.priority, age(each)))]

    @property
    def _one_by_one(self) -> bool:
        """Whether tasks are read from their files: no index is there, and little has changed."""
        return self._index.commit is None and self._rewritten is not None

    @cached_property
    def _rewritten(self) -> dict[str, bytes] | None:
        """The files of tasks that have changed since, as they were; None where they are many.

        What was changed and was not there yet has none.
        """
        from gitledger.core.task import FILE_LIMIT

        changed = self._live.operations().changed_since(self.tip())
        if changed is None:
            return None
        if len(changed) <= _IN_TREES and not self._live.operations().reach_the_root():
            found = ((name, self._snapshot.file(name)) for name in changed)
            return {name: text for name, text in found if text is not None}
        files = self.operations().files(changed)
        if len(files) > _FEW:
            return None
        store = self.repository.store
        return {name: store.read(oid, FILE_LIMIT) or b"" for name, oid in files.items()}

    def _naming(self, ids: set[str]) -> list[Task]:
        """Return the tasks that named one of these as what they wait for, or as their parent.

        What names one now did so then, or was changed since; and what named one then does so now,
        or was changed since.
        """
        from gitledger.core.criteria import Among

        now = self._live.index()
        needles = [task_id.encode() for task_id in ids]
        names = {
            name
            for name, text in (self._rewritten or {}).items()
            if any(needle in text for needle in needles)
        }
        names.update(other for others in now.blocks(ids).values() for other in others)
        names.update(row.id for row in now.select(Among("parent", tuple(ids))))
        there = (self._was(name) for name in sorted(names))
        return [task for task in there if task and ids & {task.parent, *task.blocked_by}]

    def _was(self, task_id: str) -> Task | None:
        """Return a task that was not archived."""
        snapshot = self._snapshot
        return None if snapshot.is_archived(task_id) else snapshot.find(task_id)

    def _view(self, task: Task, naming: Iterable[Task]) -> TaskView:
        blockers = () if task.finished else tuple(filter(self._unfinished, task.blocked_by))
        claim = None
        if task.owner and not task.finished:
            claim = self._published().claim(task.id, task.owner, task.claimed_at)
        return TaskView(
            task=task,
            list=self.list,
            ready=task.status == "pending" and task.owner is None and not blockers,
            blocked=bool(blockers),
            blockers=blockers,
            blocks=tuple(other.id for other in naming if task.id in other.blocked_by),
            overdue=overdue(task, self._then()),
            claim=claim,
            archived=self._snapshot.is_archived(task.id),
        )

    def _unfinished(self, task_id: str) -> bool:
        task = self._snapshot.find(task_id)
        return task is None or not task.finished

    # -- what is known of the past -------------------------------------------------------------

    def _views(self, index: Index | None = None) -> Views:
        from gitledger.views import Views

        return Views(
            index or self._index,
            list=self.list,
            now=self._then,
            silent=lambda names: (),
            published=self._published,
        )

    def _then(self) -> datetime:
        return (self.moment.time or self.moment.entry.at).astimezone()

    @cached_property
    def _published_then(self) -> _PublishedThen:
        known = remotes.names(self.repository.configuration)
        store = self.repository.store
        for name in [self.remote] if self.remote else known:
            there = store.tip(lists.tracking_ref(name, self.list))
            if there and store.merge_base(there, self.tip()) == self.tip():
                return _PublishedThen("confirmed")
        return _PublishedThen("tentative" if known else "confirmed")

    def _published(self) -> Published:
        return self._published_then


class _PublishedThen(Published):
    """What a remote has of a commit: all of it, or not."""

    def __init__(self, state: Literal["tentative", "confirmed"]) -> None:
        self._state = state

    def claim(self, task_id: str, session: str, at: datetime | None) -> Claim:
        """Return the claim of a session that held a task."""
        return Claim(session=session, at=at, state=self._state)
