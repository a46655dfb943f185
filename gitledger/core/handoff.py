"""Handoffs: a task passes to another session with a message (contract, sections 1 and 6)."""

from __future__ import annotations

from gitledger.core.audit import audited
from gitledger.core.claims import finished, freed, not_begun, owned, taken
from gitledger.core.dataclass import replace
from gitledger.core.draft import Draft
from gitledger.core.lifecycle import begun
from gitledger.core.message import EVERYBODY, role_of
from gitledger.core.parties import ENDED, last_handoff
from gitledger.core.recipients import require_recipient
from gitledger.core.task import Note, Task, check_text
from gitledger.errors import InvalidInput


def handoff(draft: Draft, name: str, to: str, text: str, *, force: bool = False) -> Task:
    """Pass a task that the acting session holds, or nobody, to another session or a role.

    The recipient owns it from now on, and has not begun; of a role nobody owns it, and the task
    is for that role. One that waits or is in review stays so. The note says who passed it to whom.

    Args:
        draft: where the change goes.
        name: the task's id or prefix.
        to: a session's name, or `role:ROLE`.
        text: what the recipient should know.
        force: pass it although another session holds it; a note records that.

    Raises:
        NotOwner: another session holds it.
        NoSuchSession: nobody has the recipient's name, or that session has ended.
        TaskFinished: it is completed or cancelled.
        InvalidInput: the recipient is the acting session, or has it already, or the text is blank.
    """
    task = draft.get(name)
    if task.finished:
        raise finished(draft, task)
    task = owned(draft, task, "handed off", force=force)
    to = _recipient(draft, to)
    if to in (draft.by, task.owner):
        raise InvalidInput(
            f"{draft.call(task)} cannot be handed off to its own session"
            if to == draft.by
            else f"{to} has {draft.call(task)} already",
            hint="to take a task: git ledger claim ID" if to == draft.by else None,
        )
    return draft.put(_passed(draft, task, to, check_text(text, "a handoff")))


def hand_all(draft: Draft, owner: str, to: str, text: str, tasks: list[Task]) -> list[Task]:
    """Pass tasks of a session that ends to another session or a role, and return them.

    Raises: as `handoff`.
    """
    to, text = _recipient(draft, to), check_text(text, "a handoff")
    if to == owner:
        raise InvalidInput(f"the session '{owner}' ends, and cannot take its own tasks")
    said = f"handed off from {owner}, {ENDED}"
    own = owner == draft.by
    return [
        draft.put(_passed(draft, task if own else audited(draft, task, said), to, text))
        for task in tasks
    ]


def accept(draft: Draft, name: str, text: str | None = None) -> Task:
    """Take note of a handoff: the task is in progress, unless it waits or is in review.

    Raises:
        InvalidInput: it was not handed to the acting session, or its role.
        AlreadyClaimed: another session has it by now.
        TooManyClaims: it was handed to a role, and the session holds as many as it may.
    """
    task = draft.get(name)
    note = _require_handed(draft, task)
    task = taken(draft, task)
    since = task.notes[task.notes.index(note) + 1 :]
    if text is not None:
        task = _noted(draft, task, check_text(text, "a text"))
    elif task.status in ("waiting", "in_review") and not any(n.by == draft.by for n in since):
        task = _noted(draft, task, "accepted")
    return draft.put(begun(draft, task) if task.status == "pending" else task)


def decline(draft: Draft, name: str, text: str) -> Task:
    """Pass a task back to the session that handed it off; to nobody where that has ended.

    Raises:
        InvalidInput: it was not handed to the acting session, or to a role.
        NotOwner: another session has it by now.
        TaskFinished: it is completed or cancelled.
    """
    task = draft.get(name)
    said = check_text(text, "a reason")
    note = _require_handed(draft, task)
    if task.finished:
        raise finished(draft, task)
    if note.to != draft.by:
        raise InvalidInput(
            f"{draft.call(task)} was handed to {note.to}, not to you alone",
            hint="leave it to another of that role",
        )
    task = owned(draft, task, "declined")
    sender = draft.session(note.by)
    passed = _passed(draft, task, note.by, said)
    return draft.put(freed(passed) if sender and sender.ended else passed)


def chain(task: Task) -> tuple[str, ...]:
    """Return through whose hands the task went by handoffs, from the first to the last."""
    found: list[str] = []
    for note in task.notes:
        if note.kind == "handoff" and note.to:
            found += [name for name in (note.by, note.to) if found[-1:] != [name]]
    return tuple(found)


def _recipient(draft: Draft, to: str) -> str:
    to = require_recipient(draft, to)
    if to == EVERYBODY:
        raise InvalidInput(
            "a task is handed to one session, or to a role",
            hint="give it back for everybody: git ledger release ID",
        )
    return to


def _passed(draft: Draft, task: Task, to: str, text: str) -> Task:
    note = draft.note("handoff", text, to=to, status=task.status)
    task = replace(task, status=not_begun(task), notes=(*task.notes, note))
    if role := role_of(to):
        return replace(task, owner=None, claimed_at=None, role=role)
    return replace(task, owner=to, claimed_at=draft.now)


def _require_handed(draft: Draft, task: Task) -> Note:
    """Return the task's last handoff; raise where it is not for the acting session."""
    note, me = last_handoff(task), draft.session(draft.by)
    if note and note.to:
        role = role_of(note.to)
        if note.to == draft.by or (role and me and me.role == role):
            return note
    raise InvalidInput(
        f"{draft.call(task)} was not handed to {draft.by}",
        hint=f"to take it: git ledger claim {draft.short(task.id)}",
    )


def _noted(draft: Draft, task: Task, text: str) -> Task:
    return replace(task, notes=(*task.notes, draft.note("note", text)))
