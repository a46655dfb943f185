"""What a task says, slot by slot: the values that a session can set, and so may lose."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any, Final

from gitledger.core.task import Note, Task

SCALARS: Final = (
    "title", "status", "priority", "type", "parent", "owner", "role", "review", "progress",
    "estimate", "due", "branch",
)  # fmt: skip
"""Fields that hold one value; to unset one is to set it to None."""
SETS: Final = ("labels", "blocked_by", "commits")
NAMES: Final = ("parent", "blocked_by")
"""Fields whose values are ids of other tasks."""

Values = frozenset[Hashable]


def values(task: Task) -> dict[str, Values]:
    """Return what stands in each slot of a task.

    A slot is a field, or `metadata.KEY`. That of `description` holds the text's lines, which are
    merged one by one, `notes` the texts of those that people wrote, and `resolved` the ids of the
    conflict notes that somebody has settled.
    """
    slots = {name: frozenset({getattr(task, name)}) for name in SCALARS}
    slots |= {name: frozenset(getattr(task, name)) for name in SETS}
    slots |= {f"metadata.{key}": frozenset({value}) for key, value in task.metadata.items()}
    slots["description"] = frozenset((task.description or "").splitlines())
    slots["notes"] = frozenset(note.text for note in task.notes if note.kind != "conflict")
    slots["resolved"] = frozenset(note.id for note in task.notes if note.resolved)
    return slots


def kept(task: Task, slot: str) -> Values:
    """Return the values of a slot that lost in a merge and are kept in conflict notes."""
    notes = (note for note in task.notes if note.kind == "conflict" and note.field == slot)
    return frozenset().union(*map(kept_values, notes))


def kept_values(note: Note) -> Values:
    """Return the values that a conflict note keeps."""
    return frozenset(_dropped(note.field or "", note.dropped))


def _dropped(slot: str, dropped: Any) -> Iterator[Hashable]:
    if slot == "description":
        yield from (dropped or "").splitlines()
    elif isinstance(dropped, list):
        yield from dropped
    else:
        yield dropped


def difference(before: Task | None, after: Task) -> Mapping[str, tuple[Values, Values]]:
    """Return what a change of a task added and removed, by slot.

    A task that is made adds what it says beyond an empty one, and removes nothing: nobody saw
    a value that was not there.
    """
    was, now = values(before or Task(id=after.id, title="")), values(after)
    slots = {}
    for slot in sorted({*was, *now}):
        old, new = was.get(slot, frozenset()), now.get(slot, frozenset())
        if old != new:
            slots[slot] = new - old, old - new if before else frozenset()
    return slots
