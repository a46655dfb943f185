"""The life of a task: who may move it from one status to the next (contract, section 4).

Each verb takes a draft and the name of a task (id or prefix), puts the changed task into the
draft and returns it. A task that is already as asked for is returned unchanged.
"""

from __future__ import annotations

from gitledger.core import claims
from gitledger.core.audit import OUT_OF_REVIEW, audited, work
from gitledger.core.claims import NOBODY, Silent, owned, taken
from gitledger.core.dataclass import replace
from gitledger.core.draft import Draft
from gitledger.core.task import Task, check_progress, check_text
from gitledger.errors import InvalidInput, NothingToTake


def claim(
    draft: Draft,
    name: str,
    *,
    force: bool = False,
    take_over: bool = False,
    silent: Silent = NOBODY,
) -> Task:
    """Make the acting session the owner of a task that nobody owns.

    Args:
        draft: where the change goes.
        name: the task's id or prefix.
        force: claim it although it is blocked; a note records that.
        take_over: claim it although a silent session holds it; a note records that, and the task
            is pending until the new owner begins.
        silent: the sessions that are silent for longer than their lease, and for how long.

    Raises:
        AlreadyClaimed: another session owns it.
        TaskBlocked: it waits for unfinished tasks.
        TaskFinished: it is completed or cancelled.
        TooManyClaims: the session holds as many tasks as it may.
    """
    task = draft.get(name)
    return draft.put(taken(draft, task, force=force, take_over=take_over, silent=silent))


def start(draft: Draft, name: str, *, force: bool = False) -> Task:
    """Claim the task and begin to work on it; `force` also takes it from another owner.

    Raises: as `claim`.
    """
    task = draft.get(name)
    if task.owner not in (None, draft.by) and force and not task.finished:
        claims.require_room(draft)
        task = audited(draft, task, f"taken over from {task.owner} with --force")
        task = replace(task, owner=draft.by, claimed_at=draft.now)
    elif task.status == "in_review" and work(task).reviewing:
        # From here on it is this session's work, too, which another has to review.
        task = audited(draft, taken(draft, task, force=force), OUT_OF_REVIEW)
    return draft.put(begun(draft, taken(draft, task, force=force)))


def next_task(draft: Draft, *, role: str | None = None, silent: Silent = NOBODY) -> Task:
    """Return the task that the acting session should do next, without taking it.

    First what is handed to it, then by priority, due date, how much it unblocks, and age.

    Args:
        draft: where to look.
        role: tasks for another role are passed over, unless they are the session's own; None
            takes the role that the session is registered with. A task without a role is for all.
        silent: what these sessions hold is there to be taken over, too.

    Raises:
        NothingToTake: nothing is ready.
    """
    found = draft.first(role or own_role(draft), silent)
    if found is None:
        raise NothingToTake("nothing is ready", hint="see what waits, and why: git ledger blocked")
    return found


def own_role(draft: Draft) -> str | None:
    """Return the role that the acting session is registered with."""
    me = draft.session(draft.by)
    return me.role if me else None


def release(draft: Draft, name: str, *, force: bool = False) -> Task:
    """Give the task back: nobody owns it any more, and it is pending unless it waits.

    Raises:
        NotOwner: another session owns it.
        InvalidInput: it is in review, which needs to know whose work it is.
    """
    task = draft.get(name)
    if task.owner is None or task.finished:
        return task
    task = owned(draft, task, "released", force=force)
    if task.status == "in_review":
        raise InvalidInput(
            f"{draft.call(task)} is in review",
            hint="to give it back unfinished, take it out of review first: git ledger start ID",
        )
    return draft.put(claims.freed(task))


def progress(draft: Draft, name: str, percent: int, *, force: bool = False) -> Task:
    """Record how far the work is, 0 to 100; takes and starts a task that nobody owns."""
    check_progress(percent)
    task = _held(draft, draft.get(name), "progress set", force=force)
    if task.status == "pending":
        task = begun(draft, task)
    return draft.put(replace(task, progress=percent))


def done(draft: Draft, name: str, *, force: bool = False) -> Task:
    """Complete the task, or bring it to review where it or the ledger asks for that.

    Args:
        draft: where the change goes.
        name: the task's id or prefix.
        force: complete it although another session owns it, or nobody and it is blocked.

    Raises:
        NotOwner: another session owns it.
        TaskBlocked: nobody owns it and it waits for unfinished tasks.
        TaskFinished: it is cancelled.
    """
    task = draft.get(name)
    if task.status == "completed" and task.owner in (None, draft.by):
        return task
    task = _held(draft, task, "completed", force=force)
    if task.review or draft.policy.review:
        return draft.put(replace(task, status="in_review"))
    return draft.put(completed(draft, task))


def cancel(draft: Draft, name: str, *, force: bool = False) -> Task:
    """Say that the task will not be done; open to everyone while nobody owns it."""
    task = draft.get(name)
    if task.status == "cancelled":
        return task
    if task.finished:
        raise claims.finished(draft, task)
    task = owned(draft, task, "cancelled", force=force)
    return draft.put(replace(task, status="cancelled", completed_at=draft.now))


def reopen(draft: Draft, name: str, *, force: bool = False) -> Task:
    """Make a finished task pending again, without owner and progress."""
    task = draft.get(name)
    if not task.finished:
        return task
    task = owned(draft, task, "reopened", force=force)
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
        raise claims.finished(draft, task)
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


def _held(draft: Draft, task: Task, did: str, *, force: bool) -> Task:
    """Return the task with somebody to act for: its owner, or by claim the acting session."""
    if task.owner in (None, draft.by) or force:
        if task.finished:
            raise claims.finished(draft, task)
        if task.owner is None:
            return taken(draft, task, force=force)
    return owned(draft, task, did, force=force)


def begun(draft: Draft, task: Task) -> Task:
    """Return the task in progress; the time of its first start is kept."""
    return replace(task, status="in_progress", started_at=task.started_at or draft.now)


def completed(draft: Draft, task: Task) -> Task:
    """Return the task completed."""
    return replace(task, status="completed", completed_at=draft.now)
