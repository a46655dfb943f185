"""Why a task is the one to do next, in short plain sentences."""

from __future__ import annotations

from datetime import date, datetime

from gitledger.core.audit import silence
from gitledger.core.claims import NOBODY, Silent
from gitledger.core.draft import Draft
from gitledger.core.graph import Graph, candidates, next_order
from gitledger.core.lifecycle import own_role
from gitledger.core.parties import last_handoff
from gitledger.core.task import Task
from gitledger.core.view import rfc3339


def explain_next(
    draft: Draft, task: Task, *, role: str | None = None, silent: Silent = NOBODY
) -> tuple[str, ...]:
    """Return why `next_task` named this task.

    Args:
        draft: where it looked.
        task: what it returned.
        role, silent: what it was asked with.
    """
    graph = draft.graph()
    found = candidates(graph, draft.by, role or own_role(draft), silent)
    said = [_how_it_came(draft, task, silent)]
    if task.role is not None:
        said.append(f"It is for the role {task.role}.")
    others = [other for other in found if other.id != task.id]
    if not others:
        return (*said, "Nothing else can be done now.")
    return (*said, _what_decided(draft, graph, task, others[0]))


def _how_it_came(draft: Draft, task: Task, silent: Silent) -> str:
    if task.owner == draft.by:
        note = last_handoff(task)
        if note and note.to == draft.by:
            return f"{note.by} handed it to you."
        return "You hold it and have not begun."
    if task.owner is not None:
        return f"{task.owner}, who holds it, is silent for {silence(silent[task.owner])}."
    if task.blocked_by:
        return "All that it waited for is finished."
    return "It is ready, and nobody has it."


def _what_decided(draft: Draft, graph: Graph, task: Task, other: Task) -> str:
    """Say in what the task comes before another, by the first part of the order that differs."""
    called = draft.call(other)
    order = next_order(graph, draft.by)
    ours, theirs = order(task), order(other)
    parts = [mine == its for mine, its in zip(ours, theirs, strict=True)]
    sentences = (
        f"What is yours comes before {called}.",
        f"Its priority is {task.priority}, that of {called} is {other.priority}.",
        f"It is due {_due(task.due)}, {called} {_due(other.due)}.",
        f"{-ours[3]} wait for it, {-theirs[3]} for {called}.",
        f"It is older than {called}.",
    )
    return sentences[parts.index(False)]


def _due(due: date | datetime | None) -> str:
    return rfc3339(due) if due else "at no time"
