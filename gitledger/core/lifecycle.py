"""The life of a task: who may move it from one status to the next (contract, section 4).

Each verb takes a draft and the name of a task (id or prefix), puts the changed task into the
draft and returns it. A task that is already as asked for is returned unchanged.
"""

from __future__ import annotations

from dataclasses import replace

from gitledger.core.draft import Draft
from gitledger.core.graph import Graph, next_order
from gitledger.core.task import Task, check_progress, check_text
from gitledger.errors import (
    AlreadyClaimed,
    InvalidInput,
    NothingToTake,
    NotOwner,
    OwnWork,
    TaskBlocked,
    TaskFinished,
)


def claim(draft: Draft, name: str, *, force: bool = False) -> Task:
    """Make the acting session the owner of a task that nobody owns.

    Args:
        draft: where the change goes.
        name: the task's id or prefix.
        force: claim it although it is blocked; a note records that.

    Raises:
        AlreadyClaimed: another session owns it.
        TaskBlocked: it waits for unfinished tasks.
        TaskFinished: it is completed or cancelled.
    """
    return draft.put(_claimed(draft, draft.get(name), force=force))


def start(draft: Draft, name: str, *, force: bool = False) -> Task:
    """Claim the task and begin to work on it; `force` also takes it from another owner."""
    task = draft.get(name)
    if task.owner not in (None, draft.by) and force:
        task = _audited(draft, task, f"taken over from {task.owner} with --force")
        task = replace(task, owner=draft.by, claimed_at=draft.now)
    return draft.put(_started(draft, _claimed(draft, task, force=force)))


def next_task(draft: Draft, *, role: str | None = None) -> Task:
    """Return the task that the acting session should do next, without taking it.

    First what is handed to it, then by priority, due date, how much it unblocks, and age.

    Args:
        draft: where to look.
        role: the session's role; tasks for another role are passed over.

    Raises:
        NothingToTake: nothing is ready.
    """
    graph = Graph(draft.all())
    candidates = [
        task
        for task in graph.tasks.values()
        if (graph.ready(task.id) or _handed(graph, task, draft.by))
        and (role is None or task.role in (None, role))
    ]
    if not candidates:
        raise NothingToTake("nothing is ready", hint="see what waits, and why: git ledger blocked")
    return min(candidates, key=next_order(graph, draft.by))


def release(draft: Draft, name: str, *, force: bool = False) -> Task:
    """Give the task back: nobody owns it any more, and it is pending unless it waits.

    Raises:
        NotOwner: another session owns it.
        InvalidInput: it is in review, which needs to know whose work it is.
    """
    task = draft.get(name)
    if task.owner is None or task.finished:
        return task
    task = _own(draft, task, "released", force=force)
    if task.status == "in_review":
        raise InvalidInput(
            f"{draft.call(task)} is in review",
            hint="to give it back unfinished, take it out of review first: git ledger start ID",
        )
    status = "pending" if task.status == "in_progress" else task.status
    return draft.put(replace(task, owner=None, claimed_at=None, status=status))


def progress(draft: Draft, name: str, percent: int, *, force: bool = False) -> Task:
    """Record how far the work is, 0 to 100; takes and starts a task that nobody owns."""
    check_progress(percent)
    task = _held(draft, draft.get(name), "progress set", force=force)
    if task.status == "pending":
        task = _started(draft, task)
    return draft.put(replace(task, progress=percent))


def done(draft: Draft, name: str, *, force: bool = False, review: bool = False) -> Task:
    """Complete the task, or bring it to review where it asks for that.

    Args:
        draft: where the change goes.
        name: the task's id or prefix.
        force: complete it although another session owns it, or nobody and it is blocked.
        review: every task of this ledger is reviewed.

    Raises:
        NotOwner: another session owns it.
        TaskBlocked: nobody owns it and it waits for unfinished tasks.
        TaskFinished: it is cancelled.
    """
    task = draft.get(name)
    if task.status == "completed" and task.owner in (None, draft.by):
        return task
    task = _held(draft, task, "completed", force=force)
    if task.review or review:
        return draft.put(replace(task, status="in_review"))
    return draft.put(_completed(draft, task))


def cancel(draft: Draft, name: str, *, force: bool = False) -> Task:
    """Say that the task will not be done; open to everyone while nobody owns it."""
    task = draft.get(name)
    if task.status == "cancelled":
        return task
    if task.finished:
        raise _finished(draft, task)
    task = _own(draft, task, "cancelled", force=force)
    return draft.put(replace(task, status="cancelled", completed_at=draft.now))


def reopen(draft: Draft, name: str, *, force: bool = False) -> Task:
    """Make a finished task pending again, without owner and progress."""
    task = draft.get(name)
    if not task.finished:
        return task
    task = _own(draft, task, "reopened", force=force)
    return draft.put(
        replace(
            task,
            status="pending",
            owner=None,
            claimed_at=None,
            started_at=None,
            completed_at=None,
            progress=None,
        )
    )


def ask(draft: Draft, name: str, text: str) -> Task:
    """Put a question on the task, which waits until somebody answers; open to everyone."""
    task = draft.get(name)
    if task.finished:
        raise _finished(draft, task)
    question = draft.note("question", check_text(text, "a question"))
    return draft.put(replace(task, status="waiting", notes=(*task.notes, question)))


def answer(draft: Draft, name: str, text: str) -> Task:
    """Answer the task's question; it goes back to its owner, or to the pending tasks."""
    task = draft.get(name)
    if not any(note.kind == "question" for note in task.notes):
        raise InvalidInput(
            f"{draft.call(task)} has no question", hint="for a remark: git ledger note ID TEXT"
        )
    status = task.status
    if status == "waiting":
        status = "in_progress" if task.owner and task.started_at else "pending"
    reply = draft.note("answer", check_text(text, "an answer"))
    return draft.put(replace(task, status=status, notes=(*task.notes, reply)))


def approve(draft: Draft, name: str, text: str | None = None) -> Task:
    """Complete a task that is in review; only another session than its owner may.

    Raises:
        OwnWork: the acting session did the work itself.
        InvalidInput: the task is not in review.
    """
    said = f"approved: {check_text(text, 'a review')}" if text else "approved"
    task = _reviewed(draft, name, said)
    return draft.put(_completed(draft, task))


def reject(draft: Draft, name: str, text: str) -> Task:
    """Send a task in review back to its owner with the review's words."""
    task = _reviewed(draft, name, check_text(text, "a review"))
    return draft.put(_started(draft, task) if task.owner else replace(task, status="pending"))


def _claimed(draft: Draft, task: Task, *, force: bool) -> Task:
    if task.finished:
        raise _finished(draft, task)
    if task.owner == draft.by:
        return task
    if task.owner is not None:
        raise AlreadyClaimed(
            f"{draft.call(task)} is claimed by {task.owner}",
            task=task.id,
            owner=task.owner,
            hint="take another: git ledger next --claim",
        )
    blockers = [other for other in task.blocked_by if _unfinished(draft, other)]
    if blockers and not force:
        waits = ", ".join(_call_id(draft, other) for other in blockers)
        raise TaskBlocked(
            f"{draft.call(task)} waits for {waits}",
            task=task.id,
            blockers=blockers,
            hint="--force takes it all the same and leaves a note",
        )
    if blockers:
        task = _audited(draft, task, "claimed with --force while blocked")
    return replace(task, owner=draft.by, claimed_at=draft.now)


def _held(draft: Draft, task: Task, did: str, *, force: bool) -> Task:
    """Return the task with somebody to act for: its owner, or by claim the acting session."""
    if task.owner in (None, draft.by) or force:
        if task.finished:
            raise _finished(draft, task)
        if task.owner is None:
            return _claimed(draft, task, force=force)
    return _own(draft, task, did, force=force)


def _own(draft: Draft, task: Task, did: str, *, force: bool) -> Task:
    if task.owner in (None, draft.by):
        return task
    if force:
        return _audited(draft, task, f"{did} with --force while owned by {task.owner}")
    raise NotOwner(
        f"{draft.call(task)} belongs to {task.owner}",
        task=task.id,
        owner=task.owner or "",
        hint="--force does it all the same and leaves a note",
    )


def _reviewed(draft: Draft, name: str, text: str) -> Task:
    task = draft.get(name)
    if task.status != "in_review":
        raise InvalidInput(f"{draft.call(task)} is not in review but {task.status}")
    if task.owner == draft.by:
        raise OwnWork(
            f"{draft.call(task)} is your own work", hint="another session has to review it"
        )
    return replace(task, notes=(*task.notes, draft.note("review", text)))


def _started(draft: Draft, task: Task) -> Task:
    return replace(task, status="in_progress", started_at=task.started_at or draft.now)


def _completed(draft: Draft, task: Task) -> Task:
    return replace(task, status="completed", completed_at=draft.now)


def _audited(draft: Draft, task: Task, text: str) -> Task:
    return replace(task, notes=(*task.notes, draft.note("note", text)))


def _finished(draft: Draft, task: Task) -> TaskFinished:
    return TaskFinished(
        f"{draft.call(task)} is {task.status}",
        task=task.id,
        status=task.status,
        hint=f"to go on with it: git ledger reopen {draft.short(task.id)}",
    )


def _handed(graph: Graph, task: Task, session: str) -> bool:
    return task.owner == session and task.status == "pending" and not graph.blocked(task.id)


def _unfinished(draft: Draft, task_id: str) -> bool:
    task = draft.find(task_id)
    return task is None or not task.finished


def _call_id(draft: Draft, task_id: str) -> str:
    task = draft.find(task_id)
    return draft.call(task) if task else f"{task_id} (missing)"
