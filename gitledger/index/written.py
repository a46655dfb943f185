"""Tasks' files as gitledger writes them, taken apart in a third of the time that TOML takes.

There is one form in which `codec` writes a file that no hand has touched, and expressions know it.
What looks otherwise in any way is left to others: a line more, an escape, another order, a time
that is no whole second. So whatever is read here `codec` reads as the very same.

To make the expressions takes the time of a hundred files: this is for reading many.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from gitledger.core.task import DESCRIPTION_LIMIT, PRIORITIES, STATUSES, TITLE_LIMIT

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Final

_LINE: Final = r'[^"\\\x00-\x1f\x7f]*'
_LINES: Final = r'[^"\\\x00-\x09\x0b-\x1f\x7f]*'
_LITERAL: Final = r"[^'\x00-\x1f\x7f]*"
_LITERALS: Final = r"[^'\x00-\x09\x0b-\x1f\x7f]*"
"""What may stand between quotes of either kind, on one line and on several."""
_STRING: Final = f'"({_LINE})"'
_ANY_STRING: Final = (
    f'("{_LINE}"|"""\n{_LINES}(?:"(?!""){_LINES})*"""|'
    f"'{_LITERAL}'|'''\n{_LITERALS}(?:'(?!''){_LITERALS})*''')"
)
_SET: Final = rf'\[("{_LINE}"|\n(?:    "{_LINE}",\n)+)\]'
_TIME: Final = "([0-9]{4}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z)"
_TABLE: Final = rf'((?:[A-Za-z0-9_-]+ = "{_LINE}"\n)+)'

_TIMES: Final = ("created_at", "updated_at", "claimed_at", "started_at", "completed_at")
_SETS: Final = ("labels", "blocked_by", "commits")
_TABLES: Final = ("metadata", "source")
_VALUES: Final = {
    "title": _ANY_STRING,
    "status": f'"({"|".join(STATUSES)})"',
    "priority": f'"({"|".join(PRIORITIES)})"',
    "type": _STRING,
    "description": _ANY_STRING,
    **dict.fromkeys(("parent", "owner", "role"), _STRING),
    "review": "(true|false)",
    "progress": "(100|[1-9]?[0-9])",
    "estimate": _STRING,
    "due": "([0-9]{4}-[0-9]{2}-[0-9]{2})",
    "branch": _STRING,
    "created_at": _TIME,
    "created_by": _STRING,
    "updated_at": _TIME,
    "updated_by": _STRING,
    **dict.fromkeys(("claimed_at", "started_at", "completed_at"), _TIME),
    **dict.fromkeys(_SETS, _SET),
}
_MORE: Final = ("to", "status", "field")
_NOTE_VALUES: Final = {
    "id": _STRING,
    "at": _TIME,
    "by": _STRING,
    "kind": _STRING,
    "text": _ANY_STRING,
    **dict.fromkeys(_MORE, _STRING),
}
"""The keys in the order in which they are written, and what their values look like."""


def _expression(values: Mapping[str, str], needed: int) -> str:
    """Return what finds lines of keys, of which so many have to be there."""
    lines = [f"{key} = {value}\n" for key, value in values.items()]
    return "".join(lines[:needed]) + "".join(f"(?:{line})?" for line in lines[needed:])


_head = re.compile(_expression(_VALUES, 1)).match
_note = re.compile(r"\n\[\[notes\]\]\n" + _expression(_NOTE_VALUES, 3)).match
_pairs = re.compile(rf'(.*) = "({_LINE})"').findall
_tables = re.compile("".join(rf"(?:\n\[{key}\]\n{_TABLE})?" for key in _TABLES)).match


def taken_apart(content: bytes) -> dict[str, Any] | None:
    """Return the values of a file, as JSON has them, in their order; None where it looks otherwise.

    Args:
        content: a file.
    """
    if len(content) > DESCRIPTION_LIMIT:
        return None
    try:
        return _values(content.decode())
    except ValueError:  # no UTF-8, or a day that is in no calendar
        return None


def _values(text: str) -> dict[str, Any] | None:
    head = _head(text)
    if head is None:
        return None
    data = _present(_VALUES, head.groups())
    notes, end = _notes(text, head.end())
    if notes:
        data["notes"] = notes
    if end < len(text):
        tables = _tables(text, end)
        if tables is None or tables.end() < len(text):
            return None
        data.update(_present(_TABLES, tables.groups()))
    return data if _convert(data) else None


def _present(keys: Iterable[str], values: Iterable[Any]) -> dict[str, Any]:
    return {key: value for key, value in zip(keys, values, strict=True) if value is not None}


def _notes(text: str, end: int) -> tuple[list[dict[str, Any]], int]:
    """Return the notes from a place on, and where they end.

    Raises:
        ValueError: a day is in no calendar.
    """
    notes = []
    while found := _note(text, end):
        note_id, at, by, kind, said, to, status, field = found.groups()
        datetime.fromisoformat(at)
        # By hand what nearly every note has: there are several in a file.
        note = {"id": note_id, "at": at, "by": by}
        if kind is not None:
            note["kind"] = kind
        if said is not None:
            note["text"] = _string(said)
        if to is not None or status is not None or field is not None:
            note |= _present(_MORE, (to, status, field))
        notes.append(note)
        end = found.end()
    return notes, end


def _convert(data: dict[str, Any]) -> bool:
    """Make values of what was found; tell whether they are such as need no other look.

    Raises:
        ValueError: a day is in no calendar.
    """
    for key in _TIMES:
        if key in data:
            datetime.fromisoformat(data[key])
    if "due" in data:
        date.fromisoformat(data["due"])
    if "review" in data:
        data["review"] = data["review"] == "true"
    if "progress" in data:
        data["progress"] = int(data["progress"])
    return _convert_texts(data) and _convert_several(data)


def _convert_texts(data: dict[str, Any]) -> bool:
    title = data["title"] = _string(data["title"])
    # What cannot be printed may be allowed all the same; `codec` knows.
    if not title.isprintable() or title != title.strip() or not 0 < len(title) <= TITLE_LIMIT:
        return False
    if "description" in data:
        description = data["description"] = _string(data["description"])
        return bool(description) and not description.isspace()
    return True


def _convert_several(data: dict[str, Any]) -> bool:
    for key in _SETS:
        if key in data:
            items = data[key] = data[key].split('"')[1::2]
            if len(items) > 1 and items != sorted(set(items)):
                return False
    for key in _TABLES:
        if key in data:
            pairs = _pairs(data[key])
            data[key] = dict(pairs)
            if len(data[key]) < len(pairs):
                return False
    return True


def _string(token: str) -> str:
    """Return the string that stands between quotes, one or three."""
    return token[4:-3] if token.startswith(('"""\n', "'''\n")) else token[1:-1]
