"""The operations of a list: its ref's commits, newest first."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

from gitledger.core.operation import Operation, parse_message
from gitledger.snapshot import path_task
from gitledger.store.base import Commit, Store


@dataclasses.dataclass(frozen=True, slots=True)
class LogEntry:
    """One operation as it stands in the history.

    Attributes:
        commit: the commit's id.
        at: when it was made, UTC.
        author: name and mail address of the person, as `Ada <ada@example.org>`.
        operation: what was done.
        subject: the first line of the commit's message.
    """

    commit: str
    at: datetime
    author: str
    operation: Operation
    subject: str


def entries(store: Store, tip: str, *, task_id: str | None = None) -> Iterator[LogEntry]:
    """Yield the operations up to the tip, newest first; only those on one task where one is named.

    A commit that gitledger did not make has no trailers: its tree tells which tasks it changed.
    """
    for commit in store.history(tip):
        operation = parse_message(commit.message)
        if task_id is None or task_id in _changed(store, commit, operation):
            yield _entry(commit, operation)


def revisions(store: Store, tip: str, task_ids: Iterable[str]) -> dict[str, str]:
    """Return for each task the commit that last changed it."""
    wanted = set(task_ids)
    found: dict[str, str] = {}
    for commit in store.history(tip):
        if not wanted:
            break
        for task_id in _changed(store, commit, parse_message(commit.message)):
            if task_id in wanted:
                found[task_id] = commit.id
                wanted.discard(task_id)
    return found


def _changed(store: Store, commit: Commit, operation: Operation) -> Iterable[str]:
    if operation.tasks:
        return operation.tasks
    changes = store.changes(commit.parent, commit.id)
    return {task_id for change in changes if (task_id := path_task(change.path))}


def _entry(commit: Commit, operation: Operation) -> LogEntry:
    author = commit.author
    return LogEntry(
        commit=commit.id,
        at=datetime.fromtimestamp(author.time, UTC),
        author=f"{author.name} <{author.email}>",
        operation=operation,
        subject=commit.message.partition("\n")[0],
    )
