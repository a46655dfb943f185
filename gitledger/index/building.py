"""Tables made of a commit's tree, or brought from one commit to another by what differs."""

from __future__ import annotations

import gc
from collections.abc import Callable
from contextlib import contextmanager

from gitledger.archive import archived_id
from gitledger.core.message import Message
from gitledger.core.session import Session
from gitledger.entries import valid_record, valid_tasks
from gitledger.errors import InvalidRecord, InvalidTask, StoreFailed
from gitledger.index import chains, columns, making, records
from gitledger.index.database import Connection
from gitledger.index.rows import number, tip
from gitledger.index.schema import DROPPED, SET_INDEXES, TABLES, TASK_INDEXES
from gitledger.store.base import Change, Entry, Store
from gitledger.tree import (
    ARCHIVE,
    DEPTH,
    MESSAGES,
    SESSIONS,
    TASKS,
    path_archived,
    path_message,
    path_session,
    path_task,
    task_path,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, Final

_RECORDS: Final[tuple[tuple[str, type[Any], Callable[[str], str | None]], ...]] = (
    (SESSIONS, Session, path_session),
    (MESSAGES, Message, path_message),
)
_AT_ONCE: Final = 125
"""Tasks that are held in memory before they are written."""

Progress = Callable[[int, int], object]


def bring(connection: Connection, store: Store, commit: str, progress: Progress | None) -> None:
    """Make the tables those of a commit, whatever they are of.

    Raises:
        StoreFailed, Damaged: the commit cannot be read.
    """
    changes = _changes(store, tip(connection), commit)
    known = {path for (path,) in connection.execute("SELECT path FROM quarantined")}
    if changes is None or any(map(_unknown, [*(c.path for c in changes), *map(_path, known)])):
        _build(connection, store, commit, progress)
    else:
        _follow(connection, store, changes)
    _end(connection, commit)


def _end(connection: Connection, commit: str) -> None:
    connection.execute("INSERT OR REPLACE INTO state VALUES ('tip', ?)", (commit,))


def _changes(store: Store, old: str | None, new: str) -> list[Change] | None:
    """Return what differs between two commits; None where the old one cannot be read any more."""
    if old is None:
        return None
    try:
        changes = list(store.changes(old, new, depth=1 + DEPTH))
    except StoreFailed:
        return None
    folders = tuple(f"{folder}/" for folder in (TASKS, ARCHIVE, SESSIONS, MESSAGES))
    return [change for change in changes if change.path.startswith(folders)]


def _unknown(path: str) -> bool:
    """Tell whether a path is a folder that may be entered another time: see `Store.entries`.

    What is too deep is never entered.
    """
    return path.endswith("/") and path.count("/") <= 1 + DEPTH


# -- anew --------------------------------------------------------------------------------------


def _build(connection: Connection, store: Store, commit: str, progress: Progress | None) -> None:
    for statement in (*DROPPED, *TABLES):
        connection.execute(statement)
    with _no_collection():
        _fill(connection, store, commit, progress)
    for statement in SET_INDEXES:
        connection.execute(statement)
    chains.count_all(connection)
    # Made of rows that are there, indexes cost less than kept right with each of them.
    for statement in TASK_INDEXES:
        connection.execute(statement)


@contextmanager
def _no_collection() -> Iterator[None]:
    """Look for no circles of objects meanwhile: what is made here is in none, and there is much."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _fill(connection: Connection, store: Store, commit: str, progress: Progress | None) -> None:
    entries = list(store.entries(commit, TASKS, depth=DEPTH))
    _put_tasks(connection, store, entries, progress)
    _put_archived(connection, store.entries(commit, ARCHIVE, depth=DEPTH))
    for folder, _, _ in _RECORDS:
        for entry in store.entries(commit, folder, depth=DEPTH):
            _put_record(connection, store, entry)
    if progress:
        progress(len(entries), len(entries))


def _put_tasks(
    connection: Connection,
    store: Store,
    entries: Sequence[Entry],
    progress: Progress | None = None,
) -> None:
    """Put down the tasks of entries; what is none is quarantined."""

    def parts() -> Iterator[list[making.Raw]]:
        for begin in range(0, len(entries), _AT_ONCE):
            if progress:
                progress(begin, len(entries))
            yield list(_raw(connection, store, entries[begin : begin + _AT_ONCE]))

    for rows, bad in making.made(parts(), len(entries)):
        columns.insert(connection, rows)
        for task_id, reason in bad:
            _quarantine(connection, task_path(task_id), reason)


def _raw(connection: Connection, store: Store, entries: Iterable[Entry]) -> Iterator[making.Raw]:
    """Yield what is in the files of entries; what can be no task's is quarantined."""
    for entry, found in valid_tasks(store, entries, lambda content, task_id: (content, task_id)):
        if isinstance(found, InvalidTask):
            _quarantine(connection, entry.path, found.message)
        else:
            yield found


def _put_archived(connection: Connection, entries: Iterable[Entry]) -> None:
    """Take down which tasks are archived; what of entries can be none is quarantined.

    Their files are not read: a year's archive would take longer than all that is worked on.
    """
    found = []
    for entry in entries:
        try:
            found.append((number(archived_id(entry)),))
        except InvalidTask as wrong:
            _quarantine(connection, entry.path, wrong.message)
    connection.executemany("INSERT INTO archived VALUES (?)", found)


def _put_record(connection: Connection, store: Store, entry: Entry) -> None:
    for folder, kind, named in _RECORDS:
        if entry.path.startswith(f"{folder}/"):
            try:
                record = valid_record(store, kind, entry, named)
            except InvalidRecord as wrong:
                _quarantine(connection, entry.path, wrong.message)
            else:
                records.write(connection, record, named(entry.path) or "", entry)


def _quarantine(connection: Connection, path: str, reason: str) -> None:
    values = (path.encode(errors="surrogateescape"), reason)
    connection.execute("INSERT OR REPLACE INTO quarantined VALUES (?, ?)", values)


def _path(raw: bytes) -> str:
    return raw.decode(errors="surrogateescape")


# -- by what differs ---------------------------------------------------------------------------


def _follow(connection: Connection, store: Store, changes: Iterable[Change]) -> None:
    touched: set[int] = set()
    archived: set[int] = set()
    new: list[Entry] = []
    put_away: list[Entry] = []
    for change in changes:
        raw = (change.path.encode(errors="surrogateescape"),)
        connection.execute("DELETE FROM quarantined WHERE path = ?", raw)
        folder = change.path.partition("/")[0]
        if folder == TASKS:
            _note(path_task(change.path), change, touched, new)
        elif folder == ARCHIVE:
            _note(path_archived(change.path), change, archived, put_away)
        else:
            _remove_record(connection, change.path)
            if change.new:
                _put_record(connection, store, change.new)
    before = chains.seen(connection, touched | archived)
    columns.remove(connection, touched)
    connection.executemany("DELETE FROM archived WHERE n = ?", [(n,) for n in archived])
    _put_tasks(connection, store, new)
    _put_archived(connection, put_away)
    chains.follow(connection, before)


def _note(task_id: str | None, change: Change, touched: set[int], new: list[Entry]) -> None:
    """Note which task changed, and what stands there now."""
    if task_id:
        touched.add(number(task_id))
    if change.new:
        new.append(change.new)


def _remove_record(connection: Connection, path: str) -> None:
    for folder, _, named in _RECORDS:
        values = (folder, named(path))
        connection.execute("DELETE FROM records WHERE kind = ? AND name = ?", values)
