"""The parties to a task: who had it before, and for whom it may hold something."""

from __future__ import annotations

from gitledger.core.message import EVERYBODY, role_of
from gitledger.core.task import FINISHED, Note, Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any, Final, TypeAlias

    _Notes: TypeAlias = Sequence[Mapping[str, Any]]

ENDED: Final = "which has ended"

_NAME = r"(?P<name>[^\W_][\w.+-]{0,63})"
_TAKEN: Final = (
    rf"(?:taken over|released|handed off) from {_NAME}"
    rf"(?: with --force|, silent for [0-9]+[smhd]|, {ENDED})"
)
_FORCED: Final = rf"[a-z ]+ with --force while owned by {_NAME}"

_REPLIES: Final = frozenset({"conflict", "answer", "review"})
"""Kinds of the notes that say something to somebody even when the task is finished."""


def former_owner(text: str) -> str | None:
    """Return the session that an audit note names as a former owner, None where it is none."""
    if " from " not in text and " owned by " not in text:  # nearly every note
        return None
    # Compiled when they are needed: few who import this look at such a note.
    import re

    found = re.fullmatch(_TAKEN, text) or re.fullmatch(_FORCED, text)
    return found["name"] if found else None


def taken_from(note: Note, session: str) -> bool:
    """Tell whether a note says that a task was taken from a session, which may not know."""
    return note.kind == "note" and note.by != session and former_owner(note.text) == session


def lost_claim(note: Note, session: str) -> bool:
    """Tell whether a note says that a session lost its claim in a sync, and nobody settled it."""
    return (
        note.kind == "conflict"
        and note.field == "owner"
        and isinstance(note.dropped, str)
        and note.dropped == session
        and not note.resolved
    )


def lost_removal(note: Note, session: str) -> bool:
    """Tell whether a note says that a task stays which a session removed, and nobody settled it."""
    return (
        note.kind == "conflict"
        and note.field == "task"
        and note.dropped is None
        and (note.to or note.by) == session
        and not note.resolved
    )


def last_handoff(task: Task) -> Note | None:
    """Return the note of the task's last handoff, None where it was never handed off."""
    return next((note for note in reversed(task.notes) if note.kind == "handoff"), None)


def concerned(values: Mapping[str, Any]) -> set[str]:
    """Return for whom the task may be in the inbox: it is in nobody else's.

    Who is named may find nothing all the same: `core.inbox.collect` looks closer.

    Args:
        values: what the task's file holds (`core.codec.as_data`): whoever has to ask this of every
            file of a list need not make tasks of them.

    Returns:
        Sessions, `role:ROLE`, and `all` where a question is open.
    """
    notes = values.get("notes")
    if not notes:
        return set()
    status = values.get("status", "pending")
    kinds = {note.get("kind", "note") for note in notes}
    # Most tasks of a list, and the fewest of them are in an inbox.
    if status in FINISHED and kinds.isdisjoint(_REPLIES):
        return set()
    found = set() if status in FINISHED else set(_taken(values, notes))
    if len(kinds) == 1 and "note" in kinds:
        return found
    owner = values.get("owner")
    found.update(note["dropped"] for note in notes if _is_lost_claim(note))
    found.update(note.get("to") or note["by"] for note in notes if _is_lost_removal(note))
    if owner and _has_reply(values, notes, owner):
        found.add(owner)
    if status in FINISHED:
        return found
    if status == "waiting" and "question" in kinds:
        found.add(EVERYBODY)
    found.update(_handed(notes, owner, begun=status == "in_progress"))
    return found


def _is_open(note: Mapping[str, Any]) -> bool:
    """Tell whether a note is a conflict that nobody has settled."""
    return note.get("kind") == "conflict" and not note.get("resolved")


def _is_lost_claim(note: Mapping[str, Any]) -> bool:
    return _is_open(note) and note.get("field") == "owner" and isinstance(note.get("dropped"), str)


def _is_lost_removal(note: Mapping[str, Any]) -> bool:
    return _is_open(note) and note.get("field") == "task" and note.get("dropped") is None


def _has_reply(values: Mapping[str, Any], notes: _Notes, owner: str) -> bool:
    if any(map(_is_open, notes)):
        return True
    return values.get("updated_by") != owner and any(
        note.get("kind") in ("answer", "review") and note["by"] != owner for note in notes
    )


def _handed(notes: _Notes, owner: str | None, *, begun: bool) -> Iterator[str]:
    """Yield whom the last handoff waits for."""
    last = next((note for note in reversed(notes) if note.get("kind") == "handoff"), None)
    to = last.get("to") if last else None
    if to and (to == owner and not begun if owner else role_of(to)):
        yield to


def _taken(values: Mapping[str, Any], notes: _Notes) -> Iterator[str]:
    """Yield from whom the task was taken, and who has not changed it last."""
    for note in notes:
        if note.get("kind", "note") != "note":
            continue
        former = former_owner(note.get("text", ""))
        if former and former not in (note["by"], values.get("updated_by")):
            yield former
