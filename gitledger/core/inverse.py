"""The inverse of what an operation did to one task, brought onto the task as it is now.

Three versions meet, as in a merge: the task after the operation is the base, the task before it is
mine, and the task as it is now is the published one. Unlike in a merge, whatever has changed since
stays: it is somebody's later work. Mine is in the history, so no note has to keep what loses.
"""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple, TypeVar

from gitledger.core.changes import SETS, TABLES, changes
from gitledger.core.conflict import Conflict
from gitledger.core.dataclass import replace
from gitledger.core.task import Note, Task
from gitledger.core.union import unite_description, unite_sets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final

STAMPS: Final = frozenset({"updated_at", "updated_by"})
"""What says who changed a task last: an undo is a change, too."""
LIFE: Final = ("status", "owner", "claimed_at", "started_at", "completed_at")
"""Who has a task and where it stands: one thing, of which no part is taken back alone."""
_TOLD: Final = ("status", "owner")
_ALONE: Final = (
    *("title", "priority", "type", "parent", "role", "review", "progress", "estimate", "due"),
    *("branch", "created_at", "created_by"),
)

K = TypeVar("K")
V = TypeVar("V")


class Inverse(NamedTuple):
    """A task without what an operation did to it.

    Attributes:
        task: what it is then.
        left: what has changed since the operation and so stays: dropped is what it was before.
    """

    task: Task
    left: tuple[Conflict, ...] = ()


class _Versions(NamedTuple):
    after: Any
    now: Any
    before: Any

    def of(self, field: str) -> _Versions:
        return _Versions(*(getattr(version, field) for version in self))

    @property
    def undone(self) -> Any:
        """The value before the operation, unless it has changed since."""
        return self.before if self.now == self.after else self.now

    @property
    def clashes(self) -> bool:
        """Whether the operation changed it, and somebody has changed it otherwise since."""
        return self.before != self.after and self.now not in (self.after, self.before)


def same(one: Task | None, other: Task | None) -> bool:
    """Tell whether two versions of a task say the same, but for who changed it last, and when."""
    if one is None or other is None:
        return one is other
    return all(change.field in STAMPS for change in changes(one, other))


def invert(before: Task, after: Task, now: Task) -> Inverse:
    """Take back what an operation did to a task.

    Args:
        before: the task before the operation.
        after: the task after it.
        now: the task as it is.
    """
    if same(now, after):
        return Inverse(before)
    inverting = _Inverting(_Versions(after, now, before))
    stays = inverting.life()
    inverting.fields()
    inverting.notes(explaining=stays)
    left = (Conflict(now.id, field, *pair) for field, pair in inverting.left.items())
    return Inverse(replace(now, **inverting.values), tuple(left))


class _Inverting:
    """One inverse, on its way.

    Attributes:
        values: what fields will hold.
        left: by field what stays, and what would be in its place.
    """

    def __init__(self, versions: _Versions) -> None:
        self.values: dict[str, Any] = {}
        self.left: dict[str, tuple[Any, Any]] = {}
        self._versions = versions

    def life(self) -> bool:
        """Take back who has the task and where it stands; tell whether that has to stay."""
        life = {name: self._versions.of(name) for name in LIFE}
        if all(field.before == field.after for field in life.values()):
            return False
        stays = any(field.now != field.after for field in life.values())
        for name, field in life.items():
            if not stays:
                self.values[name] = field.before
            elif name in _TOLD and field.before not in (field.after, field.now):
                self.left[name] = field.now, field.before
        return stays

    def fields(self) -> None:
        """Take back what the task says, but for its notes."""
        for name in _ALONE:
            field = self._versions.of(name)
            self.values[name] = field.undone
            if field.clashes:
                self.left[name] = field.now, field.before
        for name in SETS:
            self.values[name] = unite_sets(*self._versions.of(name))[0]
        text, lost = unite_description(*self._versions.of("description"))
        self.values["description"] = text
        if lost:
            self.left["description"] = lost[""]
        for name in TABLES:
            self.values[name], kept = _items(*self._versions.of(name))
            above = "" if name == "extra" else f"{name}."
            self.left |= {f"{above}{key}": pair for key, pair in kept.items()}

    def notes(self, *, explaining: bool) -> None:
        """Take back what was said on the task.

        Args:
            explaining: owner and status stay, and with them what was said when they changed.
        """
        after, now, before = (_by_id(version) for version in self._versions.of("notes"))
        found, left = _items(after, now, before)
        if explaining:
            said = {key: note for key, note in now.items() if key in after and key not in before}
            left |= {key: (note, None) for key, note in said.items()}
            found |= said
        order = _in_place(now, before)
        self.values["notes"] = tuple(found[key] for key in order if key in found)
        for key, pair in left.items():
            self.left[f"notes.{key[0]}"] = _text(pair[0]), _text(pair[1])


def _items(
    after: Mapping[K, V], now: Mapping[K, V], before: Mapping[K, V]
) -> tuple[dict[K, V], dict[K, tuple[V | None, V | None]]]:
    """Return what there is then by key, and what stays though the operation had changed it."""
    found, left = dict[K, V](), dict[K, tuple[V | None, V | None]]()
    for key in {**now, **before}:
        item = _Versions(after.get(key), now.get(key), before.get(key))
        if item.undone is not None:
            found[key] = item.undone
        if item.clashes:
            left[key] = item.now, item.before
    return found, left


def _text(note: Note | None) -> str | None:
    return note.text if note else None


def _in_place(now: Mapping[K, V], before: Mapping[K, V]) -> list[K]:
    """Return the keys of both: those of now, and each of the others behind whom it followed."""
    order, place = list(now), 0
    for key in before:
        if key in now:
            place = order.index(key) + 1
        else:
            order.insert(place, key)
            place += 1
    return order


def _by_id(notes: tuple[Note, ...]) -> dict[tuple[str, int], Note]:
    """Return the notes by id, and by number where a file made by hand has an id twice."""
    seen, found = Counter[str](), {}
    for note in notes:
        found[note.id, seen[note.id]] = note
        seen[note.id] += 1
    return found
