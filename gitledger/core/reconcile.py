"""One operation's changes brought onto tasks that have moved on meanwhile.

Sync replays unpublished operations with it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from gitledger.core import ids
from gitledger.core.conflict import Conflict, with_conflicts
from gitledger.core.dataclass import dataclass, field, replace
from gitledger.core.graph import find_cycle
from gitledger.core.merge import LostClaim, merge_tasks, removal_of
from gitledger.core.needed import Find, missing, still_needed
from gitledger.core.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Published(Protocol):
    """The tasks that an operation is brought onto."""

    def find(self, task_id: str) -> Task | None:
        """Return the task with this whole id, or None."""

    def find_source(self, source: tuple[tuple[str, str], ...]) -> Task | None:
        """Return the task that was imported from this source (its sorted items), or None."""


@dataclass(frozen=True, slots=True)
class Sides:
    """A task before and after the operation; None where it did not exist."""

    base: Task | None
    mine: Task | None


@dataclass(slots=True)
class Reconciled:
    """What an operation comes to on the published tasks.

    Attributes:
        tasks: the tasks as they are then, by id; None for one that is removed.
        conflicts: each value that lost; a note on the task keeps it.
        claims_lost: each claim that another session had published first.
        renamed: new ids of tasks whose id was taken, by the old id.
    """

    tasks: dict[str, Task | None] = field(default_factory=dict)
    conflicts: list[Conflict] = field(default_factory=list)
    claims_lost: list[LostClaim] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)


def reconcile(
    changes: Iterable[Sides],
    published: Published,
    *,
    at: datetime,
    by: str,
    seed: str,
    left: Find,
    moved: Callable[[], Iterable[Task]],
    renamed: dict[str, str] | None = None,
) -> Reconciled:
    """Merge an operation's changes into the published tasks, by the table of section 5.

    A task that another one names afterwards is there afterwards, whoever removed it.

    Args:
        changes: the tasks that the operation changed.
        published: the tasks that it is brought onto.
        at: when the operation was made, for the conflict notes.
        by: the session that made it.
        seed: the operation's commit, so that the same replay gives the same ids.
        left: finds any task as the operation left it.
        moved: returns the published tasks that are not as the operation found them; it is asked
            where the operation removes a task.
        renamed: new ids that earlier operations of the same replay gave.
    """
    result = Reconciled(renamed=dict(renamed or {}))
    # In whatever order they come: where edges close a cycle together, the same one is left out.
    changes = sorted(changes, key=_task_id)
    for sides in changes:
        _rename_if_taken(sides, published, result.renamed, seed)
    for sides in changes:
        base, mine = (_renamed(task, result.renamed) for task in (sides.base, sides.mine))
        task_id = _task_id(Sides(base, mine))
        # Two tasks that were imported from one source may have become one just above.
        theirs = result.tasks.get(task_id) or published.find(task_id)
        merged = merge_tasks(base, theirs, mine, at=at, by=by, seed=seed)
        result.tasks[task_id] = merged.task
        result.conflicts += merged.conflicts
        if merged.lost_claim:
            result.claims_lost.append(merged.lost_claim)
    graph = _Graph(result, published, at, by, seed)
    graph.keep_what_is_named(left, moved)
    graph.leave_out_cycles()
    # A parent that is put back may have been removed.
    while graph.keep_what_is_named(left, moved):
        graph.leave_out_cycles()
    return result


def _task_id(sides: Sides) -> str:
    task = sides.mine or sides.base
    assert task is not None, "a change has a task before or after it"
    return task.id


def _rename_if_taken(
    sides: Sides, published: Published, renamed: dict[str, str], seed: str
) -> None:
    """Give a task that is new on our side another id where the published tasks demand it.

    One that was imported from the same source as a published task becomes that task. One whose
    id a different task has gets a new id.
    """
    mine = sides.mine
    if sides.base is not None or mine is None or mine.id in renamed:
        return
    if mine.source and not _same(mine, published.find(mine.id)):
        twin = published.find_source(tuple(sorted(mine.source.items())))
        if twin is not None:
            renamed[mine.id] = twin.id
            return
    new, turn = mine.id, 0
    while (there := published.find(new)) is not None and not _same(mine, there):
        new, turn = ids.derived_id(seed, mine.id, str(turn)), turn + 1
    if new != mine.id:
        renamed[mine.id] = new


def _same(mine: Task, there: Task | None) -> bool:
    """Tell by its birth whether a published task is mine, which was published before."""
    birth = (mine.created_at, mine.created_by)
    return there is not None and (there.created_at, there.created_by) == birth


def _renamed(task: Task | None, renamed: dict[str, str]) -> Task | None:
    if task is None or not renamed:
        return task
    return replace(
        task,
        id=renamed.get(task.id, task.id),
        parent=task.parent and renamed.get(task.parent, task.parent),
        blocked_by=tuple(sorted({renamed.get(other, other) for other in task.blocked_by})),
    )


class _Graph:
    """What the operation does to the graph of the published tasks: it stays whole and acyclic."""

    def __init__(
        self, result: Reconciled, published: Published, at: datetime, by: str, seed: str
    ) -> None:
        self._result = result
        self._published = published
        self._at, self._by, self._seed = at, by, seed

    def leave_out_cycles(self) -> None:
        """Leave out what the operation adds to the graph where it would close a cycle."""
        tasks = self._result.tasks
        for task in list(tasks.values()):
            if task is not None:
                tasks[task.id] = self._without_circular_dependencies(task)
        # A parent that is put back may close a cycle with one that was fine before.
        while task := next(filter(self._has_circular_parent, tasks.values()), None):
            theirs = self._published.find(task.id)
            parent = theirs.parent if theirs else None
            moved_back = replace(task, parent=parent)
            tasks[task.id] = self._keeping(moved_back, "parent", parent, task.parent)

    def keep_what_is_named(self, left: Find, moved: Callable[[], Iterable[Task]]) -> bool:
        """Keep what the operation removes and others name, and bring back what it names itself.

        Tell whether there was any such task. The arguments are those of `reconcile`.
        """
        tasks, published = self._result.tasks, self._published
        removed = [task_id for task_id, task in tasks.items() if task is None]
        staying = [task for task in tasks.values() if task]
        if removed:
            staying += (task for task in moved() if task.id not in tasks)
        kept = still_needed(removed, published.find, staying)
        for task in kept:
            tasks[task.id] = self._noting(task, removal_of(task))
        there = filter(None, list(tasks.values()))
        found = list(missing(there, published.find, self._find))
        back = [self._bring_back(task_id, name, left) for task_id, name in found]
        return bool(kept) or any(back)

    def _bring_back(self, task_id: str, name: str, left: Find) -> bool:
        """Let a task that another one names be there again; False where nobody has it."""
        tasks, renamed = self._result.tasks, self._result.renamed
        task = _renamed(left(name), renamed)
        if task is None or self._find(name):
            return False
        twin = task.source and self._published.find_source(tuple(sorted(task.source.items())))
        if not twin:
            tasks[name] = self._noting(task, removal_of(task))
        else:  # it was imported anew meanwhile
            renamed[name] = twin.id
            tasks[task_id] = _renamed(tasks[task_id], {name: twin.id})
        return True

    def _without_circular_dependencies(self, task: Task) -> Task:
        theirs = self._published.find(task.id)
        there = set(theirs.blocked_by) if theirs else set()
        kept, left_out = set(task.blocked_by) & there, []
        for other in task.blocked_by:
            if other in there:
                continue
            if find_cycle(task.id, [other], self._blocked_by):
                left_out.append(other)
            else:
                kept.add(other)
        if not left_out:
            return task
        blocked_by = tuple(sorted(kept))
        return self._keeping(
            replace(task, blocked_by=blocked_by), "blocked_by", blocked_by, tuple(left_out)
        )

    def _has_circular_parent(self, task: Task | None) -> bool:
        if task is None or task.parent is None:
            return False
        theirs = self._published.find(task.id)
        if theirs is not None and theirs.parent == task.parent:
            return False
        return find_cycle(task.id, [task.parent], self._parent) is not None

    def _keeping(self, task: Task, name: str, kept: object, dropped: object) -> Task:
        return self._noting(task, Conflict(task.id, name, kept, dropped))

    def _noting(self, task: Task, conflict: Conflict) -> Task:
        self._result.conflicts.append(conflict)
        return with_conflicts(task, [conflict], at=self._at, by=self._by, seed=self._seed)

    def _find(self, task_id: str) -> Task | None:
        if task_id in self._result.tasks:
            return self._result.tasks[task_id]
        return self._published.find(task_id)

    def _blocked_by(self, task_id: str) -> tuple[str, ...]:
        task = self._find(task_id)
        return task.blocked_by if task else ()

    def _parent(self, task_id: str) -> tuple[str, ...]:
        task = self._find(task_id)
        return (task.parent,) if task and task.parent else ()
