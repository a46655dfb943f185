"""What differs between two versions of a task, field by field: as data, and in words."""

from __future__ import annotations

from gitledger.core.text import escape, escape_lines
from gitledger.core.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Any, Final

    from gitledger.core.task import Note, Task

SETS: Final = ("labels", "blocked_by", "commits")
"""Fields that hold several values: some are added, some are taken away."""
TABLES: Final = ("metadata", "source", "extra")
"""Fields that hold values by keys: each key is a field of its own, `metadata.url`."""
STAMPS: Final = frozenset(
    {
        "created_at",
        "created_by",
        "updated_at",
        "updated_by",
        "claimed_at",
        "started_at",
        "completed_at",
    }
)
"""Fields that follow from others and from the operation itself: people are not told of them."""

_SHOWN_COMMIT: Final = 12
"""Characters of a commit's id that people are shown."""


class Change(Value):
    """One field that differs.

    Attributes:
        field: a key of the task, or `metadata.KEY`, `source.KEY`; a key that this version does
            not know stands by itself. Each note that differs is a change of the field `notes`.
        old: its value before; None where it was not set, or the task did not exist; of a set ().
        new: its value after, likewise.
    """

    __slots__ = ("field", "new", "old")

    def __init__(self, field: str, old: Any, new: Any) -> None:
        self.field = field
        self.old = old
        self.new = new

    @property
    def added(self) -> tuple[str, ...]:
        """What a set has and did not have; nothing for other fields."""
        return _without(self.new, self.old) if self.field in SETS else ()

    @property
    def removed(self) -> tuple[str, ...]:
        """What a set had and has not; nothing for other fields."""
        return _without(self.old, self.new) if self.field in SETS else ()


class LineChange(Value):
    """Lines of a text that gave way to others.

    Attributes:
        start: the number of lines of the old text that stand above them.
        old: the lines that went, without their ends.
        new: the lines that came.
    """

    __slots__ = ("new", "old", "start")

    def __init__(self, start: int, old: tuple[str, ...], new: tuple[str, ...]) -> None:
        self.start = start
        self.old = old
        self.new = new


def changes(old: Task | None, new: Task | None) -> tuple[Change, ...]:
    """Return what differs between two versions of a task, in the order of the task's keys.

    Args:
        old: the one before; None where it did not exist: then what is not as in every new task.
        new: the one after; None where it is gone.
    """
    from gitledger.core.task import TASK_KEYS, Task

    nothing = Task(id="", title="")
    before, after = old or nothing, new or nothing
    found: list[Change] = []
    for key in (*TASK_KEYS, "extra"):
        pair = getattr(before, key), getattr(after, key)
        if pair[0] == pair[1] and _alike(*pair):
            continue
        if key == "notes":
            found += _notes(*pair)
        elif key in TABLES:
            found += _table("" if key == "extra" else f"{key}.", *pair)
        elif key in SETS:
            found.append(Change(key, *pair))
        else:
            found.append(Change(key, old and pair[0], new and pair[1]))
    return tuple(found)


def changed_lines(old: str | None, new: str | None) -> tuple[LineChange, ...]:
    """Return which lines differ between two texts, from top to bottom; None has no lines."""
    from gitledger.core.linemerge import line_hunks, text_lines

    before, after = text_lines(old or ""), text_lines(new or "")
    return tuple(
        LineChange(hunk.start, tuple(before[hunk.start : hunk.stop]), tuple(hunk.lines))
        for hunk in line_hunks(before, after)
    )


def change_json(change: Change) -> dict[str, Any]:
    """Return a change as JSON has it: `field`, `old`, `new`, of a set also `added`, `removed`."""
    old, new = value_json(change.old), value_json(change.new)
    found = {"field": change.field, "old": old, "new": new}
    if change.field in SETS:
        found |= {"added": list(change.added), "removed": list(change.removed)}
    return found


def value_json(value: Any) -> Any:
    """Return a field's value as JSON has it."""
    from gitledger.core.task import Note
    from gitledger.core.view import note_json, plain

    return note_json(value) if isinstance(value, Note) else plain(_dict(value))


def value_words(field: str, value: Any, *, short: Callable[[str], str] = str) -> list[str]:
    """Return a field and its value, one item of it where it is a set, as `change_words` does."""
    if field == "notes":
        return _note_words(None, value)
    name, show = _name(field), _shown_in(field, short)
    return [f"{name}: {'none' if _unset(field, value) else _word(value, show)}"]


def change_words(
    change: Change, *, short: Callable[[str], str] = str, arrow: str = "→"
) -> list[str]:
    """Return a change as people read it, escaped: one line, and of a text more, indented.

    `status: pending → in_progress`, `labels: +api -ui`, `note by ada: …`.

    Args:
        change: one that `changes` found.
        short: returns the short form of a task's id.
        arrow: stands between the value before and the one after.
    """
    if change.field == "notes":
        return _note_words(change.old, change.new)
    if change.field == "description":
        return ["description:", *_line_words(change)]
    name, show = _name(change.field), _shown_in(change.field, short)
    if change.field in SETS:
        items = [f"+{escape(show(item))}" for item in change.added]
        items += [f"-{escape(show(item))}" for item in change.removed]
        return [f"{name}: {' '.join(items)}"]
    now = "none" if _unset(change.field, change.new) else _word(change.new, show)
    if _unset(change.field, change.old):
        return [f"{name}: {now}"]
    return [f"{name}: {_word(change.old, show)} {arrow} {now}"]


def told(found: Sequence[Change]) -> list[Change]:
    """Return the changes that people are told of: all but those of times and names of sessions."""
    return [change for change in found if change.field not in STAMPS]


# -- finding -----------------------------------------------------------------------------------


def _notes(old: Sequence[Note], new: Sequence[Note]) -> Iterator[Change]:
    """Yield the notes that went, changed and came; a file may hold two of one id."""
    before, after = _by_place(old), _by_place(new)
    for key in dict.fromkeys((*before, *after)):
        was, now = before.get(key), after.get(key)
        if was != now:
            yield Change("notes", was, now)


def _by_place(notes: Sequence[Note]) -> dict[tuple[str, int], Note]:
    found: dict[tuple[str, int], Note] = {}
    for note in notes:
        place = 0
        while (note.id, place) in found:
            place += 1
        found[note.id, place] = note
    return found


def _table(above: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for key in dict.fromkeys((*old, *new)):
        was, now = old.get(key), new.get(key)
        if was != now or not _alike(was, now):
            yield Change(f"{above}{key}", was, now)


def _alike(one: object, other: object) -> bool:
    """Tell whether two equal values are of one kind: TOML tells `1` from `true` and `1.0`."""
    if isinstance(one, dict) and isinstance(other, dict):
        return all(_alike(value, other[key]) for key, value in one.items())
    if isinstance(one, list) and isinstance(other, list):
        return all(map(_alike, one, other))
    return type(one) is type(other) or not isinstance(one, bool | int | float)


def _without(some: Sequence[str], others: Sequence[str]) -> tuple[str, ...]:
    return tuple(item for item in some if item not in others)


# -- words -------------------------------------------------------------------------------------


def _note_words(old: Note | None, new: Note | None) -> list[str]:
    note = new or old
    if note is None:
        return []
    head = f"{escape(note.kind)} by {escape(note.by)}"
    head += f" to {escape(note.to)}" if note.to else ""
    if new is None:
        return [f"{head}: removed"]
    if old is not None and new.resolved and not old.resolved:
        return [f"{head}: resolved"]
    first, *others = escape_lines(new.text.rstrip())
    return [f"{head}: {first}".rstrip(), *(f"  {line}".rstrip() for line in others)]


def _line_words(change: Change) -> Iterator[str]:
    for lines in changed_lines(change.old, change.new):
        for sign, side in (("-", lines.old), ("+", lines.new)):
            yield from (f"  {sign}{escape(line.expandtabs(4))}" for line in side)


def _name(field: str) -> str:
    return "blocked by" if field == "blocked_by" else escape(field)


def _shown_in(field: str, short: Callable[[str], str]) -> Callable[[str], str]:
    """Return how a text of this field is shown: ids of tasks and commits in short."""
    if field in ("blocked_by", "parent"):
        return short
    return (lambda item: item[:_SHOWN_COMMIT]) if field == "commits" else str


def _word(value: Any, short: Callable[[str], str]) -> str:
    if value is True:
        return "yes"
    if value is False:
        return "no"
    if isinstance(value, str):
        return escape(short(value))
    import json

    from gitledger.core.view import plain

    found = plain(_dict(value))
    return escape(found if isinstance(found, str) else json.dumps(found, ensure_ascii=False))


def _unset(field: str, value: Any) -> bool:
    """Tell whether a field is not set; in a table even `false` says something."""
    return value is None or (field == "review" and not value)


def _dict(value: Any) -> Any:
    from collections.abc import Mapping

    return dict(value) if isinstance(value, Mapping) else value
