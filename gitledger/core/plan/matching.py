"""Which tasks a second import of a plan updates, so that it never doubles any."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence

from gitledger.core.plan.item import Plan, PlanItem
from gitledger.core.task import Task


def match_plan(plan: Plan, existing: Sequence[Task], *, list: str) -> list[str | None]:  # noqa: A002
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
        key=lambda task: (_numbers(task.source.get("key", "")), task.id),
    )
    matching = _Matching(plan.items, tasks)
    matching.by_single_title()
    matching.by_level()
    return matching.found
