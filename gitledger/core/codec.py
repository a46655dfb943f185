"""A task as TOML text, both ways.

rtoml decides what is valid and reads it. It also writes files that no hand has touched, for which
`plainfile` stands in wherever all in them is plain; where somebody's comments or order are in the
text, `layout` changes only what differs.
"""

from __future__ import annotations

import sys
from datetime import UTC, date, datetime
from functools import lru_cache
from math import isnan

from gitledger.core import plainfile
from gitledger.core import task as rules
from gitledger.core.dataclass import fields
from gitledger.core.task import FILE_LIMIT, NOTE_KEYS, TASK_KEYS, Note, Task
from gitledger.errors import InvalidInput, InvalidTask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Final, TypeAlias, TypeVar

    _T = TypeVar("_T")
    _Readers: TypeAlias = Mapping[str, Callable[[object, str], Any]]

_TIMES = ("created_at", "updated_at", "claimed_at", "started_at", "completed_at")
_SETS = ("labels", "blocked_by", "commits")
_TABLES = ("metadata", "source")
_ALWAYS = frozenset({"title", "status", "priority", "type"})
_DEFAULTS = {f.name: f.default for f in fields(Task)}


# Who changes a task has just read it, and the file is read again for its layout.
@lru_cache(maxsize=2)
def decode(text: bytes, task_id: str) -> Task:
    """Return the task that a file's bytes describe.

    Args:
        text: the file, UTF-8 TOML, 64 KiB at most.
        task_id: the id, which is the file's name.

    Raises:
        InvalidTask: the text is too large, no TOML, or breaks a rule of the format.
    """
    return from_data(parse(text), task_id)


def from_data(data: Mapping[str, Any], task_id: str) -> Task:
    """Return the task that the TOML values of a file describe.

    Raises:
        InvalidTask: they break a rule of the format.
    """
    try:
        return _task(data, task_id)
    except InvalidTask:
        raise
    except InvalidInput as wrong:
        raise InvalidTask(wrong.message, hint=wrong.hint) from None


def encode(task: Task, previous: bytes | None = None, before: Task | None = None) -> bytes:
    """Return the file of a task, which `decode` reads as the very same task.

    Args:
        task: what to write.
        previous: the file as it stands, whose comments and layout are kept.
        before: the task that this file describes, where that is known.

    Raises:
        InvalidInput: the file would be larger than 64 KiB, or a value does not fit into TOML.
        InvalidTask: the previous file is none that `decode` reads.
    """
    text = None if previous is None else _laid_out(task, previous, before)
    if text is None:
        data = as_data(task)
        text = _plain(data)
        if text is None:
            text = _dump(data)
            data = _loaded(text)
        if key := _misread(data, task):
            raise InvalidInput(f"'{key}' holds a value that cannot be kept as TOML")
    encoded = text.encode()
    if len(encoded) > FILE_LIMIT:
        raise InvalidInput(
            f"the task would take {len(encoded)} bytes; a task has at most {FILE_LIMIT}",
            hint="go on in a new task: git ledger add TITLE",
        )
    return encoded


def as_data(task: Task) -> dict[str, Any]:
    """Return the task's file as plain TOML values, in the order of `TASK_KEYS`."""
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


def decode_version(text: bytes) -> int | None:
    """Return the `version` of a `format.toml`, None where it cannot be read."""
    try:
        version = parse(text).get("version")
    except InvalidTask:
        return None
    return version if type(version) is int else None


def parse(text: bytes) -> dict[str, Any]:
    """Return the TOML values of a file, 64 KiB at most.

    Raises:
        InvalidTask: the text is too large, or no TOML.
    """
    if len(text) > FILE_LIMIT:
        raise InvalidTask(f"larger than {FILE_LIMIT} bytes")
    try:
        decoded = text.decode()
        if not _has_rtoml() and (data := plainfile.read(decoded)) is not None:
            return data
        import rtoml

        return rtoml.loads(decoded)
    except UnicodeDecodeError as wrong:
        raise InvalidTask(f"not UTF-8 (byte {wrong.start + 1})") from None
    except (ValueError, RecursionError) as wrong:
        raise InvalidTask(f"not valid TOML: {' '.join(str(wrong).split())}") from None


def dump(task: Task) -> str:
    """Return the file of a task in the form that a file has which no hand has touched.

    Raises:
        InvalidInput: a value does not fit into TOML.
    """
    data = as_data(task)
    return _plain(data) or _dump(data)


def _plain(data: Mapping[str, Any]) -> str | None:
    return None if _has_rtoml() else plainfile.written(data)


def expect_many() -> None:
    """Be ready for more files than a command reads and writes, which rtoml does in less time."""
    __import__("rtoml")


def _has_rtoml() -> bool:
    """Tell whether rtoml is there by now; a few files do not make up for importing it."""
    return "rtoml" in sys.modules


def _dump(data: Mapping[str, Any]) -> str:
    import rtoml

    try:
        return rtoml.dumps(data, pretty=True)
    except (ValueError, TypeError, OverflowError) as wrong:
        raise InvalidInput(f"a value cannot be kept as TOML: {wrong}") from None


def _loaded(text: str) -> dict[str, Any]:
    import rtoml

    try:
        return rtoml.loads(text)
    except ValueError as wrong:
        raise InvalidInput(f"a value cannot be kept as TOML: {wrong}") from None


def _misread(data: Mapping[str, Any], task: Task) -> str | None:
    """Return the first field that would be read otherwise from a file's values, or None.

    rtoml writes something else for a value that TOML does not have: for None, the word "null".
    """
    read = _task(data, task.id)
    names = (field.name for field in fields(task))
    return next((name for name in names if getattr(read, name) != getattr(task, name)), None)


def _laid_out(task: Task, previous: bytes, before: Task | None) -> str | None:
    """Return the previous file with only the differing keys changed.

    None where no hand has touched that file, or where its layout cannot be kept.
    """
    before = before or decode(previous, task.id)
    if before == task:
        return previous.decode()
    if dump(before).encode() == previous:
        return None
    from gitledger.core.layout import with_changes

    text = with_changes(previous.decode("utf-8-sig"), as_data(before), as_data(task))
    try:
        return None if text is None or _misread(_loaded(text), task) else text
    except InvalidInput:
        return None


def _task(data: Mapping[str, Any], task_id: str) -> Task:
    if "title" not in data:
        raise InvalidTask("the key 'title' is missing")
    values, extra = _read(data, _READERS)
    return Task(id=task_id, **values, extra=extra)


def _note(table: object) -> Note:
    data = _table(table, "notes")
    for key in ("id", "at", "by"):
        if key not in data:
            raise InvalidTask(f"a note has no '{key}'")
    values, extra = _read(data, _NOTE_READERS, "notes.")
    return Note(**values, extra=extra)


def _read(
    data: Mapping[str, Any], readers: _Readers, where: str = ""
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the values of the keys that are known, and those of the others."""
    values, extra = {}, {}
    for key, value in data.items():
        if reader := readers.get(key):
            values[key] = reader(value, where + key)
        else:
            extra[key] = _any(value, where + key)
    return values, extra


def _note_data(note: Note) -> dict[str, Any]:
    data = {key: getattr(note, key) for key in NOTE_KEYS}
    return {key: value for key, value in data.items() if value is not None} | dict(note.extra)


def _typed(value: object, kind: type[_T], key: str, form: str) -> _T:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise InvalidTask(f"'{key}' is not {form}")
    return value


def _string(value: object, key: str) -> str:
    if type(value) is str:  # nearly always; a call less
        return value
    return _typed(value, str, key, "a string")


def _strings(value: object, key: str) -> tuple[str, ...]:
    items = _typed(value, list, key, "an array")
    return tuple(sorted({_typed(item, str, key, "an array of strings") for item in items}))


def _table(value: object, key: str) -> dict[str, Any]:
    return dict(_typed(value, dict, key, "a table"))


def _metadata(value: object, key: str) -> dict[str, Any]:
    return {name: _any(item, f"{key}.{name}") for name, item in _table(value, key).items()}


def _source(value: object, key: str) -> dict[str, str]:
    return {name: _string(item, f"{key}.{name}") for name, item in _table(value, key).items()}


def _any(value: object, key: str) -> object:
    """Return a value of any type, if it can be merged and shown as JSON, whoever reads it."""
    if isinstance(value, dict):
        for name, item in value.items():
            _any(item, f"{key}.{name}")
    elif isinstance(value, list):
        for item in value:
            _any(item, key)
    elif isinstance(value, datetime):
        _time(value, key)
    elif isinstance(value, float) and isnan(value):
        raise InvalidTask(f"'{key}' is not a number, and equals nothing")
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        raise InvalidTask(f"'{key}' takes more than 64 bits")
    return value


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


def _bool(value: object, key: str) -> bool:
    return _typed(value, bool, key, "true or false")


def _notes(value: object, key: str) -> tuple[Note, ...]:
    return tuple(_note(table) for table in _typed(value, list, key, "an array of tables"))


def _checked(check: Callable[[Any], Any], kind: type, form: str) -> Callable[[object, str], Any]:
    return lambda value, key: check(_typed(value, kind, key, form))


_READERS: Final[_Readers] = {
    "title": _checked(rules.check_title, str, "a string"),
    "status": _checked(rules.check_status, str, "a string"),
    "priority": _checked(rules.check_priority, str, "a string"),
    "description": _checked(rules.check_description, str, "a string"),
    "progress": _checked(rules.check_progress, int, "a whole number"),
    "review": _bool,
    "due": _due,
    "notes": _notes,
    **dict.fromkeys(
        ("type", "parent", "owner", "role", "estimate", "branch", "created_by", "updated_by"),
        _string,
    ),
    **dict.fromkeys(_TIMES, _time),
    **dict.fromkeys(_SETS, _strings),
    "metadata": _metadata,
    "source": _source,
}

_NOTE_READERS: Final[_Readers] = {
    **dict.fromkeys(("id", "by", "kind", "text", "to", "status", "field"), _string),
    "at": _time,
    **dict.fromkeys(("kept", "dropped"), _any),
    "resolved": _bool,
}
