"""The operations of a list: its ref's commits, newest first."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

from gitledger.core.operation import Operation, parse_message
from gitledger.snapshot import Snapshot, path_task, task_path
from gitledger.store.base import Commit, Store

_HANDING: Final = frozenset({"handoff", "decline", "session-end"})
"""Operations that may pass a task on."""


@dataclasses.dataclass(frozen=True, slots=True)
class LogEntry:
    """One operation as it stands in the history.

    Attributes:
        commit: the commit's id.
        at: when it was made, UTC.
        author: name and mail address of the person, as `Ada <ada@example.org>`.
        operation: what was done.
        subject: the first line of the commit's message.
        to: the session, or `role:ROLE`, that a task was handed to; None where none was.
    """

    commit: str
    at: datetime
    author: str
    operation: Operation
    subject: str
    to: str | None = None


def entries(store: Store, tip: str, *, task_id: str | None = None) -> Iterator[LogEntry]:
    """Yield the operations up to the tip, newest first; only those on one task where one is named.

    Args:
        store: where the commits are.
        tip: where to begin.
        task_id: the whole id of a task.
    """
    for commit in store.history(tip):
        operation = parse_message(commit.message)
        if task_id is None or _changed(store, commit, operation, {task_id}):
            yield _entry(store, commit, operation)


def revisions(store: Store, tip: str, task_ids: Iterable[str]) -> dict[str, str]:
    """Return for each task the commit that last changed it; without those that none did.

    Args:
        store: where the commits are.
        tip: where to begin.
        task_ids: whole ids.
    """
    wanted = set(task_ids)
    found: dict[str, str] = {}
    for commit in store.history(tip):
        if not wanted:
            break
        for task_id in _changed(store, commit, parse_message(commit.message), wanted):
            found[task_id] = commit.id
            wanted.discard(task_id)
    return found


def _changed(
    store: Store, commit: Commit, operation: Operation, wanted: Collection[str]
) -> set[str]:
    """Return which of the tasks the commit changed.

    Its trailers name them, so that trees need not be compared. They may name too many: a replay
    leaves out what changes nothing and keeps the message. A commit made by hand has none.
    """
    if operation.tasks:
        named = (task_id for task_id in operation.tasks if task_id in wanted)
        return {task_id for task_id in named if _differs(store, commit, task_path(task_id))}
    touched = (path_task(change.path) for change in store.changes(commit.parent, commit.id))
    return {task_id for task_id in touched if task_id and task_id in wanted}


def _differs(store: Store, commit: Commit, path: str) -> bool:
    before = store.entry(commit.parent, path) if commit.parent else None
    return store.entry(commit.id, path) != before


def _recipient(store: Store, commit: Commit, operation: Operation) -> str | None:
    """Return whom an operation hands a task to: its note says so, at the moment of the commit."""
    if operation.name not in _HANDING or not operation.tasks:
        return None
    from gitledger.core.handoff import last_handoff

    task = Snapshot(store, commit.id).find(operation.tasks[0])
    note = last_handoff(task) if task else None
    made_now = note is not None and int(note.at.timestamp()) == commit.author.time
    return note.to if note and made_now else None


def _entry(store: Store, commit: Commit, operation: Operation) -> LogEntry:
    author = commit.author
    return LogEntry(
        commit=commit.id,
        at=datetime.fromtimestamp(author.time, UTC),
        author=f"{author.name} <{author.email}>",
        operation=operation,
        subject=commit.message.partition("\n")[0],
        to=_recipient(store, commit, operation),
    )
