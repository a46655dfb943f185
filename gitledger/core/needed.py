"""Tasks that others name, as what they wait for or are part of: an operation leaves none missing.

To name a task is to work on it; so between that and its removal, the naming wins, as an edit does
(contract, section 5), in whichever order the two are published.
"""

from __future__ import annotations

from collections.abc import Callable

from gitledger.core.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

Find = Callable[[str], Task | None]
"""Returns the task with this whole id, or None."""


def named(tasks: Iterable[Task]) -> set[str]:
    """Return the ids of what tasks wait for or are part of."""
    return {name for task in tasks for name in (*task.blocked_by, task.parent) if name}


def still_needed(removed: Iterable[str], published: Find, staying: Iterable[Task]) -> list[Task]:
    """Return the tasks that an operation removes and that have to stay, as they are published.

    Args:
        removed: their ids.
        published: finds a task on which the operation is brought.
        staying: the tasks that may name them.
    """
    gone = {task_id: task for task_id in removed if (task := published(task_id))}
    kept: list[Task] = []
    found = named(staying) & gone.keys()
    while found:
        more = [gone.pop(task_id) for task_id in sorted(found)]
        kept += more
        found = named(more) & gone.keys()
    return kept


def missing(tasks: Iterable[Task], published: Find, there: Find) -> Iterator[tuple[str, str]]:
    """Yield what an operation lets tasks name although it is not there: the task, and its name.

    What a published task names is not looked at: it was there, or its file cannot be read.

    Args:
        tasks: the tasks that the operation leaves.
        published: finds a task on which the operation is brought.
        there: finds a task as it is after the operation.
    """
    for task in tasks:
        theirs = published(task.id)
        for name in sorted(named([task]) - named([theirs] if theirs else [])):
            if there(name) is None:
                yield task.id, name
