"""The archive: which finished tasks are put away, and where one stands after a merge."""

from __future__ import annotations

from datetime import datetime

from gitledger.core.draft import Draft
from gitledger.core.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def archive(draft: Draft, before: datetime | None = None) -> tuple[Task, ...]:
    """Put finished tasks into the archive and return them, ordered by id.

    A task stays while one of its sub-tasks stays: what is worked on keeps what it is part of.

    Args:
        draft: where the change goes.
        before: only what was finished before that; what does not say when stays. None: all.
    """
    tasks = {task.id: task for task in draft.all()}
    staying = _with_parents((t for t in tasks.values() if not _ended(t, before)), tasks)
    leaving = (tasks[task_id] for task_id in sorted(tasks.keys() - staying))
    return tuple(map(draft.archive, leaving))


def _ended(task: Task, before: datetime | None) -> bool:
    if not task.finished or before is None:
        return task.finished
    end = task.completed_at or task.updated_at
    return end is not None and end < before


def _with_parents(some: Iterable[Task], tasks: dict[str, Task]) -> set[str]:
    """Return the ids of some tasks, of their parents, and of all parents of those."""
    found: set[str] = set()
    for task in some:
        here: Task | None = task
        while here is not None and here.id not in found:
            found.add(here.id)
            here = tasks.get(here.parent) if here.parent else None
    return found


def stays_archived(
    base: Task | None,
    published: Task | None,
    merged: Task,
    *,
    same: bool,
    was: bool,
    there: bool,
    mine: bool,
) -> bool:
    """Tell whether a task that an operation touches is archived where the operation is replayed.

    To archive a task changes nothing in it; so between that and a change, the change wins, and
    brings the task back (contract, section 5: removal against edit).

    Args:
        base: the task before the operation.
        published: the task on which it is replayed; None where it is not there.
        merged: the task that becomes of both.
        same: whether that is as the published one was.
        was: whether it was archived before the operation.
        there: whether the published one is.
        mine: whether it is after the operation.
    """
    if not merged.finished or (was and not mine):
        return False
    if published is None or there:
        return mine or same
    return mine and not was and published == base
