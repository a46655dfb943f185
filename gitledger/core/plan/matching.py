"""Which tasks a second import of a plan updates, so that it never doubles any."""

from __future__ import annotations

from collections import Counter, defaultdict

from gitledger.core.plan.item import Plan, PlanItem
from gitledger.core.task import Task, plan_place

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence


def match_plan(plan: Plan, existing: Sequence[Task], *, list: str) -> list[str | None]:  # noqa: A002 - the contract's word
    """Return for each item of a plan the id of the task that it updates, None for a new one.

    A title that both the plan and the tasks have once matches wherever it stands. Then, below
    each parent, equal titles match in order; then what is left with the same number below it: a
    task that was renamed. A finished task is not renamed into an unticked one, so that a file
    which is used again for other work makes new tasks.

    Args:
        plan: as it is read now.
        existing: tasks, in any order. Those count that an import of the list made: their
            `source` has the system `file`, the list, and the item's place then as key.
        list: the name under which the plan is imported.
    """
    tasks = sorted(
        (
            task
            for task in existing
            if task.source.get("system") == "file" and task.source.get("list") == list
        ),
        key=lambda task: (plan_place(task), task.id),
    )
    matching = _Matching(plan.items, tasks)
    matching.match_single_titles()
    matching.match_levels()
    return matching.found


class _Matching:
    """Pairs items and tasks step by step; what a step has paired, the next ones leave."""

    def __init__(self, items: Sequence[PlanItem], tasks: Sequence[Task]) -> None:
        self.found: list[str | None] = [None] * len(items)
        self._items = items
        self._tasks = tasks
        self._taken: set[str] = set()

    def match_single_titles(self) -> None:
        in_plan = Counter(item.title for item in self._items)
        there = Counter(task.title for task in self._tasks)
        single = {title for title, count in in_plan.items() if count == there[title] == 1}
        self._pair(
            [number for number, item in enumerate(self._items) if item.title in single],
            [task for task in self._tasks if task.title in single],
            lambda item: item.title,
            lambda task: task.title,
        )

    def match_levels(self) -> None:
        ids = {task.id for task in self._tasks}
        below: dict[str | None, list[Task]] = defaultdict(list)
        for task in self._tasks:
            # What people have put below a task of their own is still at the plan's top.
            below[task.parent if task.parent in ids else None].append(task)
        levels: dict[int | None, list[int]] = defaultdict(list)
        for number, item in enumerate(self._items):
            levels[item.parent].append(number)
        # A parent stands before its sub-tasks, so the level that it is in has been matched.
        for parent, members in levels.items():
            above = None if parent is None else self.found[parent]
            if parent is None or above:
                self._match_level(members, below[above])

    def _match_level(self, members: Sequence[int], tasks: Sequence[Task]) -> None:
        self._pair(members, tasks, lambda item: item.title, lambda task: task.title)
        for done in (True, False):
            self._pair(
                [number for number in members if bool(self._items[number].completed) is done],
                [task for task in tasks if done or not task.finished],
                lambda item: int(item.place.rpartition(".")[2]),
                lambda task: plan_place(task)[-1],
            )

    def _pair(
        self,
        members: Iterable[int],
        tasks: Iterable[Task],
        item_key: Callable[[PlanItem], Hashable],
        task_key: Callable[[Task], Hashable],
    ) -> None:
        waiting: dict[Hashable, list[Task]] = defaultdict(list)
        for task in reversed([task for task in tasks if task.id not in self._taken]):
            waiting[task_key(task)].append(task)
        for number in members:
            same = waiting.get(item_key(self._items[number]))
            if same and self.found[number] is None:
                task = same.pop()
                self.found[number] = task.id
                self._taken.add(task.id)
