"""A task as TOML text, both ways.

rtoml decides what is valid and reads it. It also writes files that no hand has touched; where
somebody's comments, order or unknown keys are in the text, tomlkit changes only what differs.
(rtoml reads a task in 12 microseconds, tomlkit in 900; most writes never need tomlkit.)
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any, Final, TypeVar

import rtoml

from gitledger.core import task as rules
from gitledger.core.task import FILE_LIMIT, NOTE_KEYS, TASK_KEYS, Note, Task
from gitledger.errors import InvalidInput, InvalidTask

_TIMES = ("created_at", "updated_at", "claimed_at", "started_at", "completed_at")
_SETS = ("labels", "blocked_by", "commits")
_TABLES = ("metadata", "source")
_ALWAYS = frozenset({"title", "status", "priority", "type"})
_DEFAULTS = {f.name: f.default for f in dataclasses.fields(Task)}


def decode(text: bytes, task_id: str) -> Task:
    """Return the task that a file's bytes describe.

    Args:
        text: the file, UTF-8 TOML, 64 KiB at most.
        task_id: the id, which is the file's name.

    Raises:
        InvalidTask: the text is too large, no TOML, or breaks a rule of the format.
    """
    data = _parse(text)
    try:
        return _task(data, task_id)
    except InvalidTask:
        raise
    except InvalidInput as wrong:
        raise InvalidTask(wrong.message, hint=wrong.hint) from None


def encode(task: Task, previous: bytes | None = None) -> bytes:
    """Return the file of a task.

    Args:
        task: what to write.
        previous: the file as it stands, whose comments and layout are kept.

    Raises:
        InvalidInput: the file would be larger than 64 KiB, or a value does not fit into TOML.
    """
    data = as_data(task)
    text = None
    if previous is not None:
        old = _parse(previous)
        if _dump(old).encode() != previous:
            text = _edited(previous.decode(), old, data)
    encoded = (_dump(data) if text is None else text).encode()
    if len(encoded) > FILE_LIMIT:
        raise InvalidInput(
            f"the task would take {len(encoded)} bytes; a task has at most {FILE_LIMIT}",
            hint="go on in a new task: git ledger add TITLE",
        )
    return encoded


def as_data(task: Task) -> dict[str, Any]:
    """Return the task's file as plain TOML values, in the order of the format."""
    data: dict[str, Any] = {}
    for key in TASK_KEYS:
        value = getattr(task, key)
        if key in _ALWAYS or (value != _DEFAULTS[key] and value not in ((), {})):
            data[key] = value
    for key in _SETS:
        if key in data:
            data[key] = list(data[key])
    if task.notes:
        data["notes"] = [_note_data(note) for note in task.notes]
    for key in _TABLES:
        if key in data:
            data[key] = dict(data[key])
    data.update(task.extra)
    return data


def decode_version(text: bytes) -> int:
    """Return the `version` of a `format.toml`; one that cannot be read counts as newest."""
    try:
        version = _parse(text).get("version")
    except InvalidTask:
        return sys.maxsize
    return version if isinstance(version, int) else sys.maxsize


def _parse(text: bytes) -> dict[str, Any]:
    if len(text) > FILE_LIMIT:
        raise InvalidTask(f"larger than {FILE_LIMIT} bytes")
    try:
        return rtoml.loads(text.decode())
    except UnicodeDecodeError as wrong:
        raise InvalidTask(f"not UTF-8 (byte {wrong.start + 1})") from None
    except (rtoml.TomlParsingError, RecursionError, ValueError) as wrong:
        raise InvalidTask(f"not valid TOML: {' '.join(str(wrong).split())}") from None


def _dump(data: Mapping[str, Any]) -> str:
    try:
        return rtoml.dumps(data, pretty=True)
    except (rtoml.TomlSerializationError, ValueError, TypeError, OverflowError) as wrong:
        raise InvalidInput(f"a value cannot be kept as TOML: {wrong}") from None


def _task(data: Mapping[str, Any], task_id: str) -> Task:
    if "title" not in data:
        raise InvalidTask("the key 'title' is missing")
    values = {key: _READERS[key](value, key) for key, value in data.items() if key in _READERS}
    extra = {key: value for key, value in data.items() if key not in _READERS}
    return Task(id=task_id, **values, extra=extra)


def _note(table: object) -> Note:
    data = _table(table, "notes")
    for key in ("id", "at", "by"):
        if key not in data:
            raise InvalidTask(f"a note has no '{key}'")
    values = {
        key: _NOTE_READERS[key](value, f"notes.{key}")
        for key, value in data.items()
        if key in _NOTE_READERS
    }
    extra = {key: value for key, value in data.items() if key not in _NOTE_READERS}
    return Note(**values, extra=extra)


def _note_data(note: Note) -> dict[str, Any]:
    data = {key: getattr(note, key) for key in NOTE_KEYS}
    return {key: value for key, value in data.items() if value is not None} | dict(note.extra)


_T = TypeVar("_T")


def _typed(value: object, kind: type[_T], key: str, form: str) -> _T:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise InvalidTask(f"'{key}' is not {form}")
    return value


def _string(value: object, key: str) -> str:
    return _typed(value, str, key, "a string")


def _strings(value: object, key: str) -> tuple[str, ...]:
    items = _typed(value, list, key, "an array")
    return tuple(sorted({_typed(item, str, key, "an array of strings") for item in items}))


def _table(value: object, key: str) -> dict[str, Any]:
    return dict(_typed(value, dict, key, "a table"))


def _time(value: object, key: str) -> datetime:
    moment = _typed(value, datetime, key, "a date-time")
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise InvalidTask(f"'{key}' is out of range") from None


def _due(value: object, key: str) -> date:
    if isinstance(value, datetime):
        return _time(value, key)
    return _typed(value, date, key, "a date or date-time")


def _notes(value: object, key: str) -> tuple[Note, ...]:
    return tuple(_note(table) for table in _typed(value, list, key, "an array of tables"))


def _checked(check: Callable[[Any], Any], kind: type, form: str) -> Callable[[object, str], Any]:
    return lambda value, key: check(_typed(value, kind, key, form))


_READERS: Final[Mapping[str, Callable[[object, str], Any]]] = {
    "title": _checked(rules.check_title, str, "a string"),
    "status": _checked(rules.check_status, str, "a string"),
    "priority": _checked(rules.check_priority, str, "a string"),
    "description": _checked(rules.check_description, str, "a string"),
    "progress": _checked(rules.check_progress, int, "a whole number"),
    "review": lambda value, key: _typed(value, bool, key, "true or false"),
    "due": _due,
    "notes": _notes,
    **dict.fromkeys(
        ("type", "parent", "owner", "role", "estimate", "branch", "created_by", "updated_by"),
        _string,
    ),
    **dict.fromkeys(_TIMES, _time),
    **dict.fromkeys(_SETS, _strings),
    **dict.fromkeys(_TABLES, _table),
}

_NOTE_READERS: Final[Mapping[str, Callable[[object, str], Any]]] = {
    **dict.fromkeys(("id", "by", "kind", "text", "to", "field"), _string),
    "at": _time,
    "kept": lambda value, key: value,
    "dropped": lambda value, key: value,
}


def _edited(text: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    """Return the text with only the differing keys changed; None where that cannot be done."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(text)
        _change(document, old, new)
        edited = document.as_string()
        return edited if rtoml.loads(edited) == rtoml.loads(_dump(new)) else None
    except (TOMLKitError, rtoml.TomlParsingError, ValueError, TypeError, RecursionError):
        return None


def _change(table: Any, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    for key in old.keys() - new.keys():
        del table[key]
    for key, value in new.items():
        before = old.get(key)
        if before == value:
            continue
        if isinstance(before, dict) and isinstance(value, dict):
            _change(table[key], before, value)
        elif key == "notes" and before and value[: len(before)] == before:
            for note in value[len(before) :]:
                table[key].append(note)
        else:
            table[key] = _readable(value)


def _readable(value: Any) -> Any:
    """Return the value such that tomlkit writes one line of text, one item of an array, a line."""
    import tomlkit

    if isinstance(value, str) and "\n" in value:
        return tomlkit.string(value, multiline=True)
    if isinstance(value, list) and len(value) > 1 and not isinstance(value[0], dict):
        array = tomlkit.array()
        array.extend(value)
        return array.multiline(multiline=True)
    return value
