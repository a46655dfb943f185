"""What loses in a merge, and the note that keeps it: nothing is dropped silently (section 5)."""

from __future__ import annotations

from datetime import datetime

from gitledger.core import ids
from gitledger.core.dataclass import dataclass, replace
from gitledger.core.task import Note, Task
from gitledger.core.view import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any, Final

_SHOWN: Final = 60
"""Characters of a value in a note's sentence."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """A value that lost, and the one that is kept in its place; None is an unset field.

    The field is a key of the task, or `notes.<id>`, `metadata.<key>` or `source.<key>`.
    """

    task: str
    field: str
    kept: Any
    dropped: Any

    @property
    def removal(self) -> bool:
        """Whether what lost is that the task was removed."""
        return self.field == "task" and self.dropped is None


def with_conflicts(
    task: Task, conflicts: Iterable[Conflict], *, at: datetime, by: str, seed: str
) -> Task:
    """Return the task with a note for each conflict that it has no note of yet.

    Args:
        task: where the notes go.
        conflicts: what lost on it, each of another field.
        at: when the operation that the losing values came with was made.
        by: the session that made it.
        seed: its commit; the same merge gives its notes the same ids.
    """
    there = {note.id for note in task.notes}
    notes = (conflict_note(conflict, at=at, by=by, seed=seed) for conflict in conflicts)
    return replace(task, notes=(*task.notes, *(note for note in notes if note.id not in there)))


def to_who_removed(task: Task, session: str, *, seed: str) -> Task:
    """Return the task with a word to the session whose removal of it lost.

    Args:
        task: it has the note of that conflict.
        session: who removed it; nothing is added where that is the one that made the note.
        seed: as `with_conflicts`.
    """
    note_id = ids.derived_id(seed, task.id, "task")
    notes = (
        replace(note, to=session) if note.id == note_id and note.by != session else note
        for note in task.notes
    )
    return replace(task, notes=tuple(notes))


def conflict_note(conflict: Conflict, *, at: datetime, by: str, seed: str) -> Note:
    """Return the note that keeps what lost; the arguments are those of `with_conflicts`."""
    kept, dropped = conflict.kept, conflict.dropped
    text = f"{conflict.field}: kept {_shown(kept)}, set aside {_shown(dropped)}"
    return Note(
        id=ids.derived_id(seed, conflict.task, conflict.field),
        at=at,
        by=by,
        kind="conflict",
        text="task: kept, set aside its removal" if conflict.removal else text,
        field=conflict.field,
        # The description that is kept stands in the task, whose file it may fill nearly up.
        kept=None if conflict.field == "description" else _toml(kept),
        dropped=_toml(dropped),
    )


def _toml(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _shown(value: Any) -> str:
    """Return a value as a sentence names it: on one line and not too long."""
    from json import dumps

    if value is None:
        return "none"
    value = plain(value)
    text = value if isinstance(value, str) else dumps(value, ensure_ascii=False)
    text = " ".join(text.split())
    text = text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return f'"{text}"' if isinstance(value, str) else text
