"""Settling what a merge has left open: the conflict notes of a task."""

from __future__ import annotations

from gitledger.core import editing
from gitledger.core.dataclass import replace
from gitledger.core.draft import Draft
from gitledger.core.task import Note, Task, open_conflicts
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable

_OWN_WAYS = {
    "owner": "claim it: git ledger claim ID",
    "status": "use its command: git ledger done, cancel or reopen ID",
    "task": "the other one is a task of its own now: git ledger show ID",
    "file": "look into the history: git log refs/gitledger/…",
}
"""Fields whose dropped value is not simply put back, and what to do instead."""


def resolve(draft: Draft, name: str, take: int | None = None) -> Task:
    """Settle the conflicts of a task; open to every session.

    Args:
        draft: where the change goes.
        name: the task's id or prefix.
        take: the number of a conflict, as `open_conflicts` has it: the value that was set aside
            replaces the one that was kept, and this conflict is settled. None keeps all values
            as they are and settles every conflict.

    Raises:
        InvalidInput: there is no such conflict, or its value cannot be taken this way.
    """
    task = draft.get(name)
    conflicts = open_conflicts(task)
    if take is None:
        return draft.put(_settled(task, conflicts.values()))
    if take not in conflicts:
        known = f"it has {', '.join(map(str, conflicts))}" if conflicts else "it has none"
        raise InvalidInput(f"{draft.call(task)} has no open conflict {take}: {known}")
    note = conflicts[take]
    return draft.put(_settled(_taken(draft, task, note), [note]))


def _settled(task: Task, conflicts: Iterable[Note]) -> Task:
    settled = {note.id for note in conflicts}
    return replace(
        task,
        notes=tuple(
            replace(note, resolved=True) if note.id in settled else note for note in task.notes
        ),
    )


def _taken(draft: Draft, task: Task, note: Note) -> Task:
    field, _, key = (note.field or "").partition(".")
    if field in _OWN_WAYS:
        removal = field == "task" and note.dropped is None
        hint = "cancel it: git ledger cancel ID" if removal else _OWN_WAYS[field]
        raise InvalidInput(f"'{field}' cannot be taken", hint=hint)
    if field == "progress":
        return replace(task, progress=note.dropped)
    if field == "notes":
        return replace(task, notes=tuple(_rewritten(each, key, note) for each in task.notes))
    if field in ("metadata", "source"):
        return editing.edit(draft, task.id, **{field: {**getattr(task, field), key: note.dropped}})
    if field == "blocked_by":
        return editing.edit(draft, task.id, add_blocked_by=note.dropped or ())
    if field in editing.EDITABLE:
        return editing.edit(draft, task.id, **{field: note.dropped})
    return replace(task, extra={**task.extra, field: note.dropped})


def _rewritten(each: Note, note_id: str, conflict: Note) -> Note:
    if each.id != note_id:
        return each
    text = conflict.dropped.get("text") if isinstance(conflict.dropped, dict) else conflict.dropped
    return replace(each, text=str(text))
