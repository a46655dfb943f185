"""Audit notes: what was done to a task over its owner's head, and what they tell about its work."""

from __future__ import annotations

from datetime import timedelta

from gitledger.core.dataclass import dataclass, replace
from gitledger.core.message import role_of
from gitledger.core.parties import former_owner
from gitledger.core.task import Task, age

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from gitledger.core.draft import Draft

OUT_OF_REVIEW: Final = "taken out of review"
"""Says that a session which got the task in review goes on with the work itself."""
_UNITS: Final = ((86_400, "d"), (3600, "h"), (60, "m"), (1, "s"))


@dataclass(frozen=True, slots=True)
class Work:
    """Who did the work on a task, as far as it tells.

    Attributes:
        workers: the sessions that held it while it was worked on.
        author: the last of them; a rejected task goes back to it. None where nobody is known.
        reviewing: the owner, or nobody, holds it for its review alone.
    """

    workers: frozenset[str]
    author: str | None
    reviewing: bool


def audited(draft: Draft, task: Task, text: str) -> Task:
    """Return the task with an audit note."""
    return replace(task, notes=(*task.notes, draft.note("note", text)))


def silence(span: timedelta) -> str:
    """Return for how long a session has been silent, in the largest whole unit: `3h`."""
    seconds = max(int(span.total_seconds()), 1)
    size, unit = next((size, unit) for size, unit in _UNITS if seconds >= size)
    return f"{seconds // size}{unit}"


def work(task: Task) -> Work:
    """Return who did the work on a task, from its owner, its handoffs and its audit notes.

    Whoever handed the task off has worked on it, unless it was pending then; so has whoever an
    audit note names as a former owner. The owner has, unless it got the task in review and has
    left it there. The order of the notes decides, not their times. A session that gave the task
    back by `release` leaves no trace on it and is not known.
    """
    workers: set[str] = set()
    author: str | None = None
    reviewer: str | None = None
    for note in task.notes:
        if note.kind == "handoff":
            again = note.status == "in_review" and _is(note.by, reviewer)
            if note.status != "pending" and not again:
                workers.add(note.by)
                author = note.by
            reviewer = note.to if note.status == "in_review" else None
        elif former := former_owner(note.text) if note.kind == "note" else None:
            workers.add(former)
            reviewer = None
        elif note.kind in ("review", "question") or note.text == OUT_OF_REVIEW:
            reviewer = None
    reviewing = task.status == "in_review" and reviewer is not None
    if task.owner and not (reviewing and _is(task.owner, reviewer)):
        workers.add(task.owner)
        author, reviewing = task.owner, False
    return Work(frozenset(workers), author, reviewing)


def reviewable(tasks: Iterable[Task], session: str) -> list[Task]:
    """Return the tasks in review that a session may approve or reject, by priority and age."""
    found = (t for t in tasks if t.status == "in_review" and session not in work(t).workers)
    return sorted(found, key=lambda task: (task.priority, age(task)))


def _is(session: str, reviewer: str | None) -> bool:
    """Tell whether a session is the one that got the task for review, or one of the role."""
    return reviewer is not None and (session == reviewer or role_of(reviewer) is not None)
