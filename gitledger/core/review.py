"""Review: a task in review is completed or sent back by another session than did the work."""

from __future__ import annotations

from gitledger.core.audit import Work, work
from gitledger.core.dataclass import replace
from gitledger.core.draft import Draft
from gitledger.core.lifecycle import begun, completed
from gitledger.core.task import Task, check_text
from gitledger.errors import InvalidInput, OwnWork


def approve(draft: Draft, name: str, text: str | None = None) -> Task:
    """Complete a task that is in review; only a session that did not work on it may.

    Raises:
        OwnWork: the acting session did the work, or some of it.
        InvalidInput: the task is not in review.
    """
    said = f"approved: {check_text(text, 'a review')}" if text else "approved"
    task = draft.get(name)
    _require_other(draft, task)
    return draft.put(completed(draft, _reviewed(draft, task, said)))


def reject(draft: Draft, name: str, text: str) -> Task:
    """Send a task in review back to the session that did the work, with the review's words.

    Where that session has ended, or nobody knows it, the task is pending and nobody's.

    Raises: as `approve`.
    """
    said = check_text(text, "a review")
    task = draft.get(name)
    author = _require_other(draft, task).author
    task = _reviewed(draft, task, said)
    if author is None or _ended(draft, author):
        return draft.put(replace(task, status="pending", owner=None, claimed_at=None))
    if author != task.owner:
        task = replace(task, owner=author, claimed_at=draft.now)
    return draft.put(begun(draft, task))


def _require_other(draft: Draft, task: Task) -> Work:
    """Return who did the work; raise where that is the acting session."""
    if task.status != "in_review":
        raise InvalidInput(f"{draft.call(task)} is not in review but {task.status}")
    done = work(task)
    if draft.by in done.workers:
        raise OwnWork(
            f"{draft.call(task)} is your own work", hint="another session has to review it"
        )
    return done


def _reviewed(draft: Draft, task: Task, text: str) -> Task:
    return replace(task, notes=(*task.notes, draft.note("review", text)))


def _ended(draft: Draft, name: str) -> bool:
    session = draft.session(name)
    return session is not None and session.ended
