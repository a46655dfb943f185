"""Updates: operations with what each changed, in the order in which they came into a list."""

from __future__ import annotations

from gitledger import differences, history
from gitledger.core.graph import Graph
from gitledger.core.parties import last_handoff
from gitledger.core.value import Value
from gitledger.snapshot import Snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from gitledger.core.operation import Operation
    from gitledger.core.query import Query
    from gitledger.core.task import Task
    from gitledger.core.view import TaskView
    from gitledger.differences import TaskDifference
    from gitledger.history import LogEntry
    from gitledger.store.base import Commit, Store

    Dependents = Callable[[Iterable[str]], Mapping[str, Iterable[str]]]


class Update(Value):
    """One operation, as those who watch are told of it.

    Attributes:
        entry: the operation as it stands in the history: commit, time, who, what.
        tasks: what it did to tasks, ordered by id; of damaged files nothing is told.
        ready: the ids of the tasks that are ready since then, sorted.
    """

    __slots__ = ("entry", "ready", "tasks")

    def __init__(
        self, entry: LogEntry, tasks: tuple[TaskDifference, ...], ready: tuple[str, ...]
    ) -> None:
        self.entry = entry
        self.tasks = tasks
        self.ready = ready

    @property
    def commit(self) -> str:
        """The commit's id, from which a later `watch` can go on."""
        return self.entry.commit

    @property
    def at(self) -> datetime:
        """When the operation was made, UTC."""
        return self.entry.at

    @property
    def operation(self) -> Operation:
        """What was done, and which session and agent did it."""
        return self.entry.operation

    @property
    def unblocked(self) -> tuple[str, ...]:
        """The ids of the tasks that are ready because of it, and were not touched themselves."""
        own = {task.id for task in self.tasks}
        return tuple(task_id for task_id in self.ready if task_id not in own)


class Updates:
    """Reads what some operations of a list did.

    Args:
        store: where the commits are.
        list: the list's name.
        dependents: returns for some ids the tasks that name each in `blocked_by`, as of the
            newest of the commits or later.
    """

    def __init__(
        self,
        store: Store,
        *,
        list: str,  # noqa: A002  # the contract's word
        dependents: Dependents,
    ) -> None:
        self._store = store
        self._list = list
        self._dependents = dependents
        self._snapshots: dict[str, Snapshot] = {}

    def of(self, commits: Sequence[Commit]) -> Iterator[Update]:
        """Yield what each of some commits in a row did, in their order.

        Raises:
            StoreFailed, Damaged: a commit cannot be read.
        """
        # What is known now of who waits for whom is led back, commit by commit, before any is told.
        before: dict[str, set[str]] = {}
        ready = {
            commit.id: self._made_ready(commit, self._tasks(commit), before)
            for commit in reversed(commits)
        }
        for commit in commits:
            tasks = self._tasks(commit)
            entry = history.entry_of(commit).replace(to=_handed_to(tasks))
            yield Update(entry, tasks, ready[commit.id])

    def concerns(
        self, update: Update, query: Query, *, now: datetime, stale: Container[str]
    ) -> bool:
        """Tell whether a query means a task that an operation changed or made ready.

        Args:
            update: what it did.
            query: is asked for each task as it was before and after.
            now: the time, aware; a due date is past when its day is over in this zone.
            stale: the sessions that are silent for longer than their lease.
        """
        after = self._snapshot(update.commit)
        parent = self._store.commit(update.commit).parent
        meant = [(each.new, after) for each in update.tasks]
        meant += [(after.find(task_id), after) for task_id in update.unblocked]
        if parent:
            meant += [(each.old, self._snapshot(parent)) for each in update.tasks]
        return any(
            query.matches(self._view(task, snapshot, now, stale))
            for task, snapshot in meant
            if task is not None
        )

    def _tasks(self, commit: Commit) -> tuple[TaskDifference, ...]:
        return tuple(differences.between(self._store, commit.parent, commit.id))

    def _made_ready(
        self, commit: Commit, tasks: Sequence[TaskDifference], before: dict[str, set[str]]
    ) -> tuple[str, ...]:
        """Return the tasks that are ready since a commit.

        Args:
            commit: the commit.
            tasks: what it changed.
            before: for each id, tasks that waited for it before a later commit, and do not now;
                those that do not since this commit are added.
        """
        for each in tasks:
            kept = each.new.blocked_by if each.new else ()
            for other in each.old.blocked_by if each.old else ():
                if other not in kept:
                    before.setdefault(other, set()).add(each.id)
        if commit.parent is None:
            return ()
        ended = [each.id for each in tasks if _finished(each.new) and not _finished(each.old)]
        found = {each.id for each in tasks}
        known = self._dependents(ended) if ended else {}
        for task_id in ended:
            found |= {*known.get(task_id, ()), *before.get(task_id, ())}
        was, now = self._snapshot(commit.parent), self._snapshot(commit.id)
        return tuple(
            each for each in sorted(found) if self._ready(each, now) and not self._ready(each, was)
        )

    def _ready(self, task_id: str, snapshot: Snapshot) -> bool:
        task = snapshot.find(task_id)
        return task is not None and _graph(task, snapshot).ready(task_id)

    def _view(
        self, task: Task, snapshot: Snapshot, now: datetime, stale: Container[str]
    ) -> TaskView:
        from gitledger.core.derive import views

        waiting = map(snapshot.find, self._dependents([task.id]).get(task.id, ()))
        graph = _graph(task, snapshot, [each for each in waiting if each])
        return views([task], graph, list_name=self._list, published=None, now=now, stale=stale)[0]

    def _snapshot(self, commit: str) -> Snapshot:
        """Return the tasks of a commit; of the last few those that were read are kept."""
        found = self._snapshots.pop(commit, None) or Snapshot(self._store, commit)
        self._snapshots[commit] = found
        while len(self._snapshots) > 2:
            self._snapshots.pop(next(iter(self._snapshots)))
        return found


def _graph(task: Task, snapshot: Snapshot, others: Sequence[Task] = ()) -> Graph:
    """Return as much of the graph as has to do with one task."""
    blockers = [each for each in map(snapshot.find, task.blocked_by) if each]
    return Graph([task, *blockers, *others], snapshot.is_archived)


def _finished(task: Task | None) -> bool:
    return task is not None and task.finished


def _handed_to(tasks: Iterable[TaskDifference]) -> str | None:
    """Return to whom an operation handed a task on, None where it did not."""
    for each in tasks:
        note = last_handoff(each.new) if each.new else None
        before = last_handoff(each.old) if each.old else None
        if note and (before is None or before.id != note.id):
            return note.to
    return None
