"""Claims: who may take a task, who holds what, and how a task is freed (contract, section 4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from gitledger.core.audit import audited, silence
from gitledger.core.dataclass import replace
from gitledger.core.draft import Draft
from gitledger.core.parties import lost_claim, taken_from
from gitledger.core.task import Task, age
from gitledger.errors import AlreadyClaimed, NotOwner, TaskBlocked, TaskFinished, TooManyClaims

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

Silent = Mapping[str, timedelta]
"""The sessions that are silent for longer than their lease, and for how long."""
NOBODY: Final[Silent] = MappingProxyType({})


def taken(
    draft: Draft,
    task: Task,
    *,
    force: bool = False,
    take_over: bool = False,
    silent: Silent = NOBODY,
) -> Task:
    """Return the task with the acting session as its owner.

    Args:
        draft: where the other tasks are.
        task: what is to be taken.
        force: although it is blocked; a note records that.
        take_over: although another session holds it that is silent; a note records that.
        silent: the sessions that are.

    Raises:
        AlreadyClaimed: another session holds it.
        TaskBlocked: it waits for unfinished tasks.
        TaskFinished: it is completed or cancelled.
        TooManyClaims: the session holds as many as it may.
    """
    if task.finished:
        raise finished(draft, task)
    if task.owner == draft.by:
        return task
    if task.owner is not None and not (take_over and task.owner in silent):
        raise _already_claimed(draft, task, task.owner, take_over=take_over)
    blockers = [other for other in task.blocked_by if _unfinished(draft, other)]
    if blockers and not force:
        waits = ", ".join(_call_id(draft, other) for other in blockers)
        raise TaskBlocked(
            f"{draft.call(task)} waits for {waits}",
            task=task.id,
            blockers=blockers,
            hint="--force takes it all the same and leaves a note",
        )
    require_room(draft)
    if task.owner is not None:
        said = f"taken over from {task.owner}, silent for {silence(silent[task.owner])}"
        task = replace(audited(draft, task, said), status=not_begun(task))
    if blockers:
        task = audited(draft, task, "claimed with --force while blocked")
    return replace(task, owner=draft.by, claimed_at=draft.now)


def owned(draft: Draft, task: Task, did: str, *, force: bool = False) -> Task:
    """Return a task that the acting session may act on: its own, or nobody's.

    Args:
        draft: who acts.
        task: what on.
        did: what is done to it, as `released`, for the note.
        force: another session's, too; a note records that.

    Raises:
        NotOwner: another session holds it.
    """
    if task.owner in (None, draft.by):
        return task
    if force:
        return audited(draft, task, f"{did} with --force while owned by {task.owner}")
    hint = "--force does it all the same and leaves a note"
    if any(taken_from(note, draft.by) or lost_claim(note, draft.by) for note in task.notes):
        hint = "it is not yours any more; do another: git ledger next --claim"
    raise NotOwner(
        f"{draft.call(task)} belongs to {task.owner}",
        task=task.id,
        owner=task.owner or "",
        hint=hint,
    )


def freed(task: Task) -> Task:
    """Return the task without an owner: pending, unless it waits or is in review."""
    return replace(task, owner=None, claimed_at=None, status=not_begun(task))


def not_begun(task: Task) -> str:
    """Return the status of a task whose owner changes: the new one has not begun it."""
    return "pending" if task.status == "in_progress" else task.status


def release_stale(draft: Draft, silent: Silent) -> tuple[Task, ...]:
    """Free all that silent sessions hold, each with an audit note, and return it."""
    return tuple(
        release_from(draft, task, f"silent for {silence(span)}")
        for name, span in sorted(silent.items())
        for task in held(draft, name)
    )


def release_from(draft: Draft, task: Task, why: str) -> Task:
    """Free a task that its owner does not give back itself.

    Args:
        draft: where the change goes.
        task: what is freed.
        why: what is said of the owner: `silent for 3h`, `which has ended`.
    """
    return draft.put(freed(audited(draft, task, f"released from {task.owner}, {why}")))


def held(draft: Draft, name: str) -> list[Task]:
    """Return the unfinished tasks that a session holds, by priority and age."""
    return sorted(draft.owned_by(name), key=lambda task: (task.priority, age(task)))


def require_room(draft: Draft) -> None:
    """Raise TooManyClaims where the acting session holds as many tasks as it may.

    What is in review counts no more: there is nothing to do on it.
    """
    limit = draft.policy.max_claims
    if limit is None:
        return
    there = [task for task in held(draft, draft.by) if task.status != "in_review"]
    if len(there) >= limit:
        called = ", ".join(map(draft.call, there))
        raise TooManyClaims(
            f"{draft.by} may hold {limit} task{'s' if limit > 1 else ''} and holds {called}",
            held=sorted(task.id for task in there),
            hint="finish one, or give it back: git ledger release ID",
        )


def finished(draft: Draft, task: Task) -> TaskFinished:
    """Return the error that says how to go on with a finished task."""
    return TaskFinished(
        f"{draft.call(task)} is {task.status}",
        task=task.id,
        status=task.status,
        hint=f"to go on with it: git ledger reopen {draft.short(task.id)}",
    )


def _already_claimed(draft: Draft, task: Task, owner: str, *, take_over: bool) -> AlreadyClaimed:
    seen, said = _last_deed(task, owner), ""
    hint = "take another: git ledger next --claim"
    quiet = seen is not None and draft.now - seen > draft.policy.lease
    if seen and (take_over or quiet):
        said = f", who last touched it {silence(draft.now - seen)} ago"
    if take_over:
        hint = f"{owner} is not stale; ask for it: git ledger tell {owner} TEXT"
    elif quiet:
        hint = f"if {owner} is stale: git ledger claim --take-over {draft.short(task.id)}"
    return AlreadyClaimed(
        f"{draft.call(task)} is claimed by {owner}{said}", task=task.id, owner=owner, hint=hint
    )


def _last_deed(task: Task, owner: str) -> datetime | None:
    """Return when the owner last did something to the task, as far as the task tells."""
    deeds = [note.at for note in task.notes if note.by == owner]
    if task.updated_by == owner and task.updated_at:
        deeds.append(task.updated_at)
    if task.claimed_at:
        deeds.append(task.claimed_at)
    return max(deeds, default=None)


def _unfinished(draft: Draft, task_id: str) -> bool:
    task = draft.find(task_id)
    return not draft.is_archived(task_id) if task is None else not task.finished


def _call_id(draft: Draft, task_id: str) -> str:
    task = draft.find(task_id)
    return draft.call(task) if task else f"{task_id} (missing)"
