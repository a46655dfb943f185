"""Sessions and messages as the index keeps them."""

from __future__ import annotations

from datetime import datetime

from gitledger.core import jsontext
from gitledger.core.message import Message
from gitledger.core.session import Session
from gitledger.core.task import FILE_LIMIT
from gitledger.core.view import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TypeVar

    from gitledger.index import Index
    from gitledger.index.database import Connection
    from gitledger.store.base import Entry

    R = TypeVar("R", Session, Message)

_FOLDERS = {Session: "sessions", Message: "messages"}
_TIMES = ("started_at", "ended_at", "at")


def write(connection: Connection, record: Session | Message, name: str, entry: Entry) -> None:
    """Put a record into the tables."""
    connection.execute(
        "INSERT OR REPLACE INTO records (kind, name, data, oid) VALUES (?, ?, ?, ?)",
        (_FOLDERS[type(record)], name, _text(record), entry.oid),
    )


def read(index: Index, kind: type[R], name: str | None = None) -> list[R]:
    """Return the records of a kind, or the one of this name, ordered by name."""
    found = index.ask(
        lambda c: c.execute(
            "SELECT name, data, oid FROM records WHERE kind = ? AND name = coalesce(?, name) "
            "ORDER BY name",
            (_FOLDERS[kind], name),
        ).fetchall()
    )
    return [
        _record(kind, data) if data is not None else _from_file(index, kind, name, oid)
        for name, data, oid in found
    ]


def _from_file(index: Index, kind: type[R], name: str, oid: str) -> R:
    from gitledger.core import records

    return records.decode(kind, name, index.store().read(oid, FILE_LIMIT) or b"")


def _text(record: Session | Message) -> str | None:
    """Return the record as JSON; None where a newer version keeps in it what JSON cannot hold."""
    if plain(record.extra) != record.extra:
        return None
    import json

    values = {key: getattr(record, key) for key in record.__slots__}
    return json.dumps(
        {key: plain(value) for key, value in values.items() if value not in (None, (), {})}
    )


def _record(kind: type[R], text: str) -> R:
    data: dict[str, Any] = jsontext.read(text)
    for key in _TIMES:
        if key in data:
            data[key] = datetime.fromisoformat(data[key])
    if "read" in data:
        data["read"] = tuple(data["read"])
    return kind(**data)
