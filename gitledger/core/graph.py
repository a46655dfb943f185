"""What waits for what, and what is part of what: derived from the tasks, never stored.

Trees are written by hand too. So cycles, tasks that wait for themselves and ids that name no
task are expected here; nothing recurses, and nothing goes round in circles.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from functools import cached_property
from operator import attrgetter

from gitledger.core.task import Age, Task, age
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping
    from typing import Final

_UNSET: Final = datetime.max.replace(tzinfo=UTC)
"""Stands for a moment that is not set, where moments are ordered: after all others."""
_ROUND: Final = 4096
"""Tasks that one round of counting tells apart; bounds its memory to 512 bytes a task."""

_Order = tuple[bool, str, tuple[bool, datetime], int, Age]


def find_cycle(
    start: str, blocked_by: Iterable[str], edges: Callable[[str], Iterable[str]]
) -> tuple[str, ...] | None:
    """Return the cycle that would close if a task waited for others, None when none would.

    Args:
        start: the id of the task that is to wait.
        blocked_by: the ids that it is to wait for.
        edges: returns the ids that a task waits for; asked once at most for each task that can be
            reached, and never for `start`.

    Returns:
        The ids along a shortest cycle, each waiting for the next, from `start` to `start`.
    """
    came_from: dict[str, str] = {}
    reached = [start]
    for here in reached:
        for other in sorted(blocked_by if here == start else edges(here)):
            if other == start:
                return (start, *_path(start, here, came_from), start)
            if other not in came_from:
                came_from[other] = here
                reached.append(other)
    return None


def _path(start: str, end: str, came_from: Mapping[str, str]) -> list[str]:
    path = []
    while end != start:
        path.append(end)
        end = came_from[end]
    return path[::-1]


class Graph:
    """The tasks of one list as nodes, with `blocked_by` and `parent` as edges.

    An archived task is finished. An id in `blocked_by` that names no task of the list counts as
    unfinished: the file may be one that cannot be read, and that must not make other tasks look
    free.

    Args:
        tasks: every task that is not archived.
        is_archived: tells whether an id that is not among them is an archived task's.

    Attributes:
        tasks: the tasks by their ids, ordered by id.
    """

    def __init__(
        self, tasks: Iterable[Task], is_archived: Callable[[str], bool] = lambda _: False
    ) -> None:
        by_id = {task.id: task for task in sorted(tasks, key=attrgetter("id"))}
        self.tasks: Mapping[str, Task] = by_id
        elsewhere = {
            other for task in by_id.values() for other in task.blocked_by if other not in by_id
        }
        finished = (task.id for task in by_id.values() if task.finished)
        self._finished = frozenset((*finished, *filter(is_archived, elsewhere)))
        self._blocks: dict[str, list[str]] = {}
        self._children: dict[str, list[str]] = {}
        for task in by_id.values():
            for other in task.blocked_by:
                self._blocks.setdefault(other, []).append(task.id)
            if task.parent is not None:
                self._children.setdefault(task.parent, []).append(task.id)

    # -- one task ------------------------------------------------------------------------------

    def blocks(self, task_id: str) -> tuple[str, ...]:
        """Return the tasks that name this id in `blocked_by`, finished or not, sorted."""
        return tuple(self._blocks.get(task_id, ()))

    def blockers(self, task_id: str) -> tuple[str, ...]:
        """Return what the task still waits for, sorted: nothing, once it is finished itself."""
        if task_id in self._finished:
            return ()
        blocked_by = self.tasks[task_id].blocked_by
        return tuple(other for other in blocked_by if other not in self._finished)

    def blocked(self, task_id: str) -> bool:
        """Tell whether the task is unfinished and waits for an unfinished one."""
        return bool(self.blockers(task_id))

    def ready(self, task_id: str) -> bool:
        """Tell whether the task is pending, nobody's, and not blocked."""
        task = self.tasks[task_id]
        return task.status == "pending" and task.owner is None and not self.blocked(task_id)

    def unblocks(self, task_id: str) -> int:
        """Return how many unfinished tasks wait for this one, directly or through others.

        Stuck tasks are not counted: finishing this one brings them no nearer.
        """
        return self._waiting.get(task_id, 0)

    # -- parents and children ------------------------------------------------------------------

    def children(self, task_id: str) -> tuple[str, ...]:
        """Return the tasks that name this one as their parent: by priority, age, id."""
        return tuple(sorted(self._children.get(task_id, ()), key=self._rank))

    def roots(self) -> tuple[str, ...]:
        """Return the tasks whose parent is unset or not in the list: by priority, age, id."""
        roots = (task.id for task in self.tasks.values() if task.parent not in self.tasks)
        return tuple(sorted(roots, key=self._rank))

    # -- all of them ---------------------------------------------------------------------------

    def waves(self) -> tuple[tuple[str, ...], ...]:
        """Return the unfinished tasks in waves, each wave's tasks by priority, age, id.

        The first wave waits for nothing: it can start now or is at work. Each further wave waits
        for tasks of earlier waves alone, at least one of them in the wave just before. A task that
        was started although it is blocked stands where its blockers put it. Stuck tasks are in no
        wave.
        """
        return self._waves

    def stuck(self) -> tuple[str, ...]:
        """Return the unfinished tasks that can never start as things stand, sorted.

        They wait, directly or through others, for a cycle or for an id that names no task.
        """
        return tuple(sorted(self.tasks.keys() - self._finished - {*self._in_order()}))

    def critical_path(self, hours: Callable[[str], float]) -> tuple[str, ...]:
        """Return the longest chain of unfinished tasks, each waiting for the one before.

        Of chains that are equally long, the one whose tasks come first by priority, age and id,
        from its beginning on. Stuck tasks have no length and are left out.

        Args:
            hours: returns the hours of an estimate, above 0, or raises InvalidInput; a task
                without an estimate, or with one that is none, counts as 1.
        """
        length: dict[str, float] = {}
        following: dict[str, str | None] = {}

        def longest(tasks: Iterable[str]) -> str | None:
            return min(tasks, key=lambda other: (-length[other], self._rank(other)), default=None)

        for task_id in reversed(self._in_order()):
            after = longest(other for other in self._blocks.get(task_id, ()) if other in length)
            own = _hours(self.tasks[task_id].estimate, hours)
            length[task_id] = own + (length[after] if after else 0)
            following[task_id] = after
        path = []
        here = longest(length)
        while here:
            path.append(here)
            here = following[here]
        return tuple(path)

    @cached_property
    def _waves(self) -> tuple[tuple[str, ...], ...]:
        unfinished = self.tasks.keys() - self._finished
        waits = {task_id: len(self.blockers(task_id)) for task_id in unfinished}
        waves = []
        wave = [task_id for task_id, count in waits.items() if not count]
        while wave:
            waves.append(tuple(sorted(wave, key=self._rank)))
            wave = []
            for task_id in waves[-1]:
                for other in self._blocks.get(task_id, ()):
                    if other in waits:
                        waits[other] -= 1
                        if not waits[other]:
                            wave.append(other)
        return tuple(waves)

    @cached_property
    def _waiting(self) -> Mapping[str, int]:
        """For each task of the waves, how many of them wait for it.

        What waits for a task is a set of bits, united from the last wave to the first; the bits of
        all tasks at once would take quadratic memory, hence the rounds.
        """
        order = self._in_order()
        counts = dict.fromkeys(order, 0)
        for begin in range(0, len(order), _ROUND):
            end = begin + _ROUND
            bits = {task_id: 1 << place for place, task_id in enumerate(order[begin:end])}
            chains: dict[str, int] = {}
            for task_id in reversed(order[:end]):
                waiting = 0
                for other in self._blocks.get(task_id, ()):
                    waiting |= chains.get(other, 0)
                counts[task_id] += waiting.bit_count()
                chains[task_id] = waiting | bits.get(task_id, 0)
        return counts

    def _in_order(self) -> list[str]:
        """Return the tasks of all waves, those that others wait for before them."""
        return [task_id for wave in self._waves for task_id in wave]

    def _rank(self, task_id: str) -> tuple[str, Age]:
        task = self.tasks[task_id]
        return task.priority, age(task)


def _hours(estimate: str | None, hours: Callable[[str], float]) -> float:
    try:
        return hours(estimate) if estimate else 1
    except InvalidInput:  # somebody wrote it by hand; that must not hide the path
        return 1


def candidates(graph: Graph, by: str, role: str | None, silent: Container[str]) -> list[Task]:
    """Return what a session can do next, the first to do first.

    Args:
        graph: every task.
        by: the session.
        role: tasks for another role are passed over, unless they are the session's own; None
            passes over none.
        silent: what these sessions hold is there to be taken over, too.
    """

    def fits(task: Task) -> bool:
        if task.owner == by:
            return task.status == "pending" and not graph.blocked(task.id)
        if role is not None and task.role not in (None, role):
            return False
        if task.owner in silent:
            return task.status in ("pending", "in_progress") and not graph.blocked(task.id)
        return graph.ready(task.id)

    return sorted(filter(fits, graph.tasks.values()), key=next_order(graph, by))


def next_order(graph: Graph, me: str | None) -> Callable[[Task], _Order]:
    """Return the sort key that puts first what a session should do next.

    First what is handed to the session (pending and its own), then by priority, due date, how
    many tasks it unblocks, age and id. A due date without a time is over at the end of that day,
    UTC; a task without one comes after those with one.

    Args:
        graph: where the tasks are.
        me: the session's name; None when nothing is handed to anybody.
    """

    def key(task: Task) -> _Order:
        handed = me is not None and task.owner == me and task.status == "pending"
        unblocks = graph.unblocks(task.id)
        return not handed, task.priority, _deadline(task.due), -unblocks, age(task)

    return key


def _deadline(due: date | datetime | None) -> tuple[bool, datetime]:
    """Return what sorts due dates; there may be one in the calendar's last microsecond."""
    if due is None:
        return True, _UNSET
    return False, due if isinstance(due, datetime) else datetime.combine(due, time.max, UTC)
