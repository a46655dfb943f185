"""A task as JSON text, both ways: it is read in less time than TOML, and is what `--json` shows.

To write it takes its time, too, so that a finished task stays TOML, as it is in its file.
"""

from __future__ import annotations

from datetime import date, datetime

from gitledger.core import jsontext
from gitledger.core.task import NOTE_KEYS, TASK_KEYS, Note, Task
from gitledger.core.view import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Set
    from typing import Any, Final

    from gitledger.index import Index

_TIMES: Final = ("created_at", "updated_at", "claimed_at", "started_at", "completed_at")
_TASK_KEYS: Final = frozenset(TASK_KEYS)
_NOTE_KEYS: Final = frozenset(NOTE_KEYS)
_SETS: Final = ("labels", "blocked_by", "commits")


def encode(data: Mapping[str, Any]) -> str:
    """Return the text that `decode` reads as the task of these values.

    Args:
        data: the values as `codec.as_data` and then JSON have them.
    """
    return jsontext.compact(data)


def has_text(task: Task) -> bool:
    """Tell whether JSON can hold the task.

    Where everybody may keep what they like, in metadata and keys that this version does not know,
    there may be values that only TOML has.
    """
    free = [task.metadata, task.extra]
    for note in task.notes:
        free += [note.kept, note.dropped, note.extra]
    return all(value is None or plain(value) == value for value in free)


def keys(text: str) -> dict[str, Any]:
    """Return what `encode` has put into its text, or a file says, as JSON has it."""
    found: dict[str, Any] = jsontext.read(text) if is_json(text) else plain(_toml(text))
    return found


def is_json(text: str) -> bool:
    """Tell whether a text is JSON: no file of a task begins like that."""
    return text.startswith("{")


def _toml(text: str) -> dict[str, Any]:
    from gitledger.core import codec

    return codec.parse(text.encode())


def decode(text: str, task_id: str) -> Task:
    """Return the task of this id that a text of `encode`, or its file, describes."""
    if not is_json(text):
        from gitledger.core import codec

        return codec.from_data(_toml(text), task_id)
    data: dict[str, Any] = jsontext.read(text)
    for key in _TIMES:
        if key in data:
            data[key] = datetime.fromisoformat(data[key])
    for key in _SETS:
        if key in data:
            data[key] = tuple(data[key])
    if "due" in data:
        data["due"] = _due(data["due"])
    if "notes" in data:
        data["notes"] = tuple(map(_note, data["notes"]))
    return Task(id=task_id, **_known(data, _TASK_KEYS))


def read(index: Index, task_id: str) -> Task:
    """Return a valid task from its file, where there is no text of it."""
    from gitledger.entries import decode_entry
    from gitledger.tree import task_path

    store = index.store()
    entry = store.entry(index.commit or "", task_path(task_id))
    if entry is None:
        raise KeyError(task_id)
    return decode_entry(store, entry, task_id)


def _note(data: dict[str, Any]) -> Note:
    data["at"] = datetime.fromisoformat(data["at"])
    return Note(**_known(data, _NOTE_KEYS))


def _known(data: dict[str, Any], keys: Set[str]) -> dict[str, Any]:
    """Return the values by the names of fields; what is no field is the field `extra`."""
    if data.keys() <= keys:
        return data
    known = {key: value for key, value in data.items() if key in keys}
    return known | {"extra": {key: data[key] for key in data if key not in keys}}


def _due(text: str) -> date | datetime:
    return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
