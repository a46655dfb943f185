"""Sessions and messages as TOML text, both ways: files that programs write, and people read."""

from __future__ import annotations

from datetime import UTC, datetime

from gitledger.core.message import Message
from gitledger.core.session import Session, check_lease
from gitledger.core.task import FILE_LIMIT
from gitledger.errors import InvalidInput, InvalidRecord

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Final, TypeVar

    R = TypeVar("R", Session, Message)

_KINDS: Final[Mapping[type, Mapping[str, type]]] = {
    Session: {
        **dict.fromkeys(
            ("id", "role", "host", "repository", "worktree", "branch", "lease", "agent"), str
        ),
        **dict.fromkeys(("origin", "started_by"), str),
        **dict.fromkeys(("started_at", "ended_at"), datetime),
    },
    Message: {**dict.fromkeys(("by", "to", "text"), str), "at": datetime, "read": list},
}
"""The keys of each kind of file, in their order, with the type of their values."""
_REQUIRED: Final[Mapping[type, tuple[str, ...]]] = {
    Session: ("id",),
    Message: ("by", "to", "text", "at"),
}
_NAMED_BY: Final[Mapping[type, str]] = {Session: "name", Message: "id"}


def decode(kind: type[R], name: str, text: bytes) -> R:
    """Return the session or message that a file's bytes describe.

    Args:
        kind: `Session` or `Message`.
        name: the file's name without `.toml`: the session's name, the message's id.
        text: the file, UTF-8 TOML, 64 KiB at most.

    Raises:
        InvalidRecord: the text is no TOML, or a value is missing or of another type.
    """
    data = _parsed(text)
    for key in _REQUIRED[kind]:
        if key not in data:
            raise InvalidRecord(f"the key '{key}' is missing")
    known = _KINDS[kind]
    values: dict[str, Any] = {_NAMED_BY[kind]: name}
    values |= {key: _read(value, known[key], key) for key, value in data.items() if key in known}
    values["extra"] = {key: value for key, value in data.items() if key not in known}
    if lease := values.get("lease"):
        _check(check_lease, lease)
    return kind(**values)


def encode(record: Session | Message) -> bytes:
    """Return the file of a session or message, which `decode` reads as the very same.

    Raises:
        InvalidInput: the file would be larger than 64 KiB.
    """
    import rtoml

    data: dict[str, Any] = {}
    for key in _KINDS[type(record)]:
        value = getattr(record, key)
        if value not in (None, ()):
            data[key] = list(value) if isinstance(value, tuple) else value
    encoded = rtoml.dumps(data | dict(record.extra), pretty=True).encode()
    if len(encoded) > FILE_LIMIT:
        raise InvalidInput(
            f"a message of {len(encoded)} bytes is too long; a file has at most {FILE_LIMIT}",
            hint="put the text into a task: git ledger add TITLE -d TEXT",
        )
    return encoded


def keys(kind: type) -> tuple[str, ...]:
    """Return the keys of a kind of file, in their order."""
    return tuple(_KINDS[kind])


def _parsed(text: bytes) -> dict[str, Any]:
    import rtoml

    try:
        return rtoml.loads(text.decode())
    except UnicodeDecodeError as wrong:
        raise InvalidRecord(f"not UTF-8 (byte {wrong.start + 1})") from None
    except (ValueError, RecursionError) as wrong:
        raise InvalidRecord(f"not valid TOML: {' '.join(str(wrong).split())}") from None


def _check(check: Callable[[str], str], value: str) -> None:
    try:
        check(value)
    except InvalidInput as wrong:
        raise InvalidRecord(wrong.message) from None


def _read(value: object, kind: type, key: str) -> Any:
    if not isinstance(value, kind):
        raise InvalidRecord(f"'{key}' is not {_FORMS[kind]}")
    if isinstance(value, datetime):
        return _utc(value, key)
    if isinstance(value, list):
        if not all(isinstance(item, str) for item in value):
            raise InvalidRecord(f"'{key}' is not an array of strings")
        return tuple(sorted(set(value)))
    return value


_FORMS: Final[Mapping[type, str]] = {str: "a string", datetime: "a date-time", list: "an array"}


def _utc(moment: datetime, key: str) -> datetime:
    try:
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except OverflowError:
        raise InvalidRecord(f"'{key}' is out of range") from None
