"""What follows from tasks together: the views of a list."""

from __future__ import annotations

from datetime import datetime

from gitledger.core.graph import Graph
from gitledger.core.task import ROLES, Task
from gitledger.core.view import Claim, TaskView

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container, Iterable
    from typing import Protocol
else:
    Protocol = object  # at run time they only have to have the method


class Published(Protocol):
    """The tasks that the remote is known to have."""

    def find(self, task_id: str) -> Task | None:
        """Return the task with this whole id, or None."""


def views(
    tasks: Iterable[Task],
    graph: Graph,
    *,
    list_name: str,
    published: Published | None,
    now: datetime,
    stale: Container[str] = (),
) -> list[TaskView]:
    """Return the tasks with what follows from all others.

    Args:
        tasks: which to view.
        graph: all tasks of the list.
        list_name: the list's name.
        published: the tasks that the remote has, or None where there is no remote.
        now: the time, aware; a due date is past when its day is over in this zone.
        stale: the sessions that are silent for longer than their lease.
    """
    return [
        TaskView(
            task=task,
            list=list_name,
            ready=graph.ready(task.id),
            blocked=graph.blocked(task.id),
            blockers=graph.blockers(task.id),
            blocks=graph.blocks(task.id),
            stale=not task.finished and task.owner is not None and task.owner in stale,
            overdue=overdue(task, now),
            claim=_claim(task, published),
        )
        for task in tasks
    ]


def roles(tasks: Iterable[Task]) -> tuple[str, ...]:
    """Return the roles that a list knows, sorted: everybody's, and those that its tasks name."""
    return tuple(sorted({*ROLES, *(task.role for task in tasks if task.role)}))


def overdue(task: Task, now: datetime) -> bool:
    """Tell whether an unfinished task is past its due date, whose day is one of the zone of now."""
    if task.due is None or task.finished:
        return False
    return task.due < now if isinstance(task.due, datetime) else task.due < now.date()


def _claim(task: Task, published: Published | None) -> Claim | None:
    """Return who holds the task; the claim is confirmed once the remote has the very same one."""
    if task.owner is None or task.finished:
        return None
    confirmed = True
    if published is not None:
        there = published.find(task.id)
        confirmed = there is not None and _hold(there) == _hold(task)
    return Claim(
        session=task.owner,
        at=task.claimed_at,
        state="confirmed" if confirmed else "tentative",
    )


def _hold(task: Task) -> tuple[str | None, datetime | None]:
    return task.owner, task.claimed_at
