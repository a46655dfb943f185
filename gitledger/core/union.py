"""Three-way union of the values that hold several: lines, sets, tables, notes.

Each function takes the base's, published's and my value of a field, and returns the united value
together with what clashed: published's and my value by the key below the field, where the key ""
is the field itself. In the united value published's stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable
from typing import Any, TypeVar

from gitledger.core.dataclass import replace
from gitledger.core.linemerge import merge_lines
from gitledger.core.task import DESCRIPTION_LIMIT, Note
from gitledger.core.view import note_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

Clashes = dict[str, tuple[Any, Any]]

_K = TypeVar("_K", bound=Hashable)
_V = TypeVar("_V")


def unite_sets(
    base: tuple[str, ...], published: tuple[str, ...], mine: tuple[str, ...]
) -> tuple[tuple[str, ...], Clashes]:
    """Return the items that both sides left or either side added, sorted; nothing clashes."""
    was, theirs, ours = set(base), set(published), set(mine)
    return tuple(sorted((was & theirs & ours) | (theirs - was) | (ours - was))), {}


def unite_description(
    base: str | None, published: str | None, mine: str | None
) -> tuple[str | None, Clashes]:
    """Return the text with both sides' changes, or published's where that would be too long."""
    text, clashed = merge_lines(base or "", published or "", mine or "")
    if len(text.encode()) > DESCRIPTION_LIMIT:
        text, clashed = published or "", True
    united = text if text.strip() else None
    return united, {"": (united, mine)} if clashed else {}


def unite_tables(
    base: Mapping[str, Any], published: Mapping[str, Any], mine: Mapping[str, Any]
) -> tuple[dict[str, Any], Clashes]:
    """Return the union by top-level key."""
    united, clashes = _unite(base, published, mine)
    return united, {key: (published[key], mine[key]) for key in clashes}


def unite_notes(
    base: tuple[Note, ...], published: tuple[Note, ...], mine: tuple[Note, ...]
) -> tuple[tuple[Note, ...], Clashes]:
    """Return the union by note id, in the order of the ref's history: published, then mine.

    Clocks do not matter to it, lest an answer comes to stand before its question. What clashed is
    the note's text, or the whole note as a table where more than the text differs.
    """
    theirs, ours = _by_id(published), _by_id(mine)
    united, clashes = _unite(_by_id(base), theirs, ours)
    return tuple(united.values()), {key[0]: _said(theirs[key], ours[key]) for key in clashes}


def _unite(
    base: Mapping[_K, _V], published: Mapping[_K, _V], mine: Mapping[_K, _V]
) -> tuple[dict[_K, _V], list[_K]]:
    """Return the union by key, and the keys that both sides changed differently.

    An edit wins over a removal. Published's keys come first, then what only mine has.
    """
    united, clashes = dict[_K, _V](), list[_K]()
    for key in {**published, **mine}:
        was, theirs, ours = base.get(key), published.get(key), mine.get(key)
        value = theirs
        if ours not in (was, theirs):
            if theirs is None or theirs == was:
                value = ours
            elif ours is not None:
                clashes.append(key)
        if value is not None:
            united[key] = value
    return united, clashes


def _by_id(notes: tuple[Note, ...]) -> dict[tuple[str, int], Note]:
    """Return the notes by id, and by number where a file made by hand has an id twice."""
    seen = Counter[str]()
    numbered = {}
    for note in notes:
        numbered[note.id, seen[note.id]] = note
        seen[note.id] += 1
    return numbered


def _said(theirs: Note, ours: Note) -> tuple[Any, Any]:
    if replace(theirs, text=ours.text) == ours:
        return theirs.text, ours.text
    return note_json(theirs), note_json(ours)
