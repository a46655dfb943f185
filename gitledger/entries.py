"""Entries of a list's tree as tasks, sessions and messages, and what of them is none."""

from __future__ import annotations

from gitledger.archive import MISPLACED, PLAIN_FILES
from gitledger.core import codec
from gitledger.core.dataclass import dataclass
from gitledger.core.task import FILE_LIMIT, Task
from gitledger.errors import InvalidRecord, InvalidTask
from gitledger.store.base import FOLDER, Entry, Store
from gitledger.tree import path_task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import TypeVar

    from gitledger.core.message import Message
    from gitledger.core.session import Session

    R = TypeVar("R", "Session", "Message")
    D = TypeVar("D")


@dataclass(frozen=True, slots=True)
class Quarantined:
    """An entry of the tree that is no valid task; it is left as it is (contract, section 9)."""

    path: str
    reason: str


def read_entry(store: Store, entry: Entry) -> bytes | None:
    """Return the bytes of a plain file; None of anything else, and of one over 64 KiB."""
    return store.read(entry.oid, FILE_LIMIT) if entry.mode in PLAIN_FILES else None


def decode_entry(store: Store, entry: Entry, task_id: str) -> Task:
    """Return the task that an entry holds.

    Raises:
        InvalidTask: it holds none.
    """
    return codec.decode(_content(store, entry), task_id)


def _content(store: Store, entry: Entry) -> bytes:
    return _small(read_entry(store, entry), entry)


def _small(text: bytes | None, entry: Entry) -> bytes:
    if text is None:
        large = entry.mode in PLAIN_FILES
        raise InvalidTask(f"larger than {FILE_LIMIT} bytes" if large else "not a plain file")
    return text


def valid_task(store: Store, entry: Entry, decode: Callable[[bytes, str], D]) -> D:
    """Return the task that an entry holds, if it stands in that task's place.

    Args:
        store: where its content is.
        entry: what stands somewhere below `tasks`.
        decode: makes a task of a file and an id, as `codec.decode` does.

    Raises:
        InvalidTask: it holds none, or stands elsewhere.
    """
    if entry.mode == FOLDER:
        raise InvalidTask("a folder where none belongs")
    task_id = path_task(entry.path)
    if task_id is None:
        raise InvalidTask(MISPLACED)
    return decode(_content(store, entry), task_id)


def valid_tasks(
    store: Store, entries: Iterable[Entry], decode: Callable[[bytes, str], D]
) -> Iterator[tuple[Entry, D | InvalidTask]]:
    """Yield entries, each with the task that it holds or why it holds none: see `valid_task`.

    Their files are read together, in less time than one by one.
    """
    placed = [
        (entry, path_task(entry.path) if entry.mode in PLAIN_FILES else None) for entry in entries
    ]
    files = store.read_many([entry.oid for entry, task_id in placed if task_id], FILE_LIMIT)
    for entry, task_id in placed:
        found: D | InvalidTask
        try:
            if task_id:
                found = decode(_small(next(files), entry), task_id)
            else:
                found = valid_task(store, entry, decode)
        except InvalidTask as wrong:
            found = wrong
        yield entry, found


def valid_record(
    store: Store, kind: type[R], entry: Entry, named: Callable[[str], str | None]
) -> R:
    """Return the session or message that an entry holds, if it stands in that one's place.

    Args:
        store, kind, entry: as for `decode_record`.
        named: returns the name of the record whose file stands at a path, None for no place.

    Raises:
        InvalidRecord: it holds none, or does not.
    """
    name = named(entry.path)
    if name is None:
        raise InvalidRecord("its name or place is not that of such a file")
    return decode_record(store, kind, name, entry)


def decode_record(store: Store, kind: type[R], name: str, entry: Entry) -> R:
    """Return the session or message that an entry holds.

    Raises:
        InvalidRecord: it holds none.
    """
    text = read_entry(store, entry)
    if text is None:
        raise InvalidRecord(f"not a plain file of {FILE_LIMIT} bytes at most")
    from gitledger.core import records

    return records.decode(kind, name, text)
