"""What an operation did: read from its commit and the one before it."""

from __future__ import annotations

from gitledger.core.effect import Edit, Effect
from gitledger.core.message import Message
from gitledger.core.operation import parse_message
from gitledger.core.session import Session
from gitledger.entries import decode_record
from gitledger.errors import InvalidInput, InvalidRecord
from gitledger.snapshot import Snapshot
from gitledger.store.base import Change, Commit, Entry, Store
from gitledger.tree import path_any_task, path_message, path_session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    R = TypeVar("R", Session, Message)


def read_effect(store: Store, commit: Commit) -> Effect:
    """Return what an operation did.

    Raises:
        InvalidInput: it is the first one of its list, or joined what two remotes had.
        StoreFailed, Damaged: it cannot be read.
    """
    operation = parse_message(commit.message)
    if commit.parent is None:
        raise InvalidInput(
            "the first operation of a list cannot be undone",
            hint="to put a list away: git ledger lists archive",
        )
    if operation.name == "merge":
        raise InvalidInput(
            f"{commit.id[:8]} joined what two remotes had; it cannot be undone as a whole",
            hint="undo single operations: git ledger log",
        )
    reading = _Reading(store, commit.id, commit.parent)
    for change in store.changes(commit.parent, commit.id):
        reading.take(change)
    return Effect(
        commit.id,
        operation,
        commit.message.partition("\n")[0],
        edits=tuple(edit for edit in reading.edits.values() if edit),
        sessions=tuple(reading.sessions),
        messages=tuple(reading.messages),
        others=tuple(reading.others),
    )


class _Reading:
    """The files that a commit changed, and what they hold.

    Attributes:
        edits: what was done to tasks, by their ids; None where nothing was, for what counts is
            another file.
        sessions, messages, others: as `Effect` has them.
    """

    def __init__(self, store: Store, commit: str, parent: str) -> None:
        self.edits: dict[str, Edit | None] = {}
        self.sessions: list[tuple[str, Session | None, Session | None]] = []
        self.messages: list[tuple[str, Message | None, Message | None]] = []
        self.others: list[str] = []
        self._store = store
        self._before = Snapshot(store, parent)
        self._after = Snapshot(store, commit)

    def take(self, change: Change) -> None:
        """Look at one file."""
        path = change.path
        if task_id := path_any_task(path):
            if task_id not in self.edits:
                self.edits[task_id] = self._edit(task_id, path)
            return
        try:
            if name := path_session(path):
                self.sessions.append((name, *self._records(Session, name, change)))
            elif message_id := path_message(path):
                self.messages.append((message_id, *self._records(Message, message_id, change)))
            else:
                self.others.append(path)
        except InvalidRecord:
            self.others.append(path)

    def _edit(self, task_id: str, path: str) -> Edit | None:
        before, after = self._before, self._after
        if before.occupied(task_id) or after.occupied(task_id):
            self.others.append(path)
            return None
        edit = Edit(
            before.find(task_id),
            after.find(task_id),
            was_archived=before.is_archived(task_id),
            is_archived=after.is_archived(task_id),
            layout=before.file(task_id),
        )
        return edit if edit.before or edit.after else None

    def _records(self, kind: type[R], name: str, change: Change) -> tuple[R | None, R | None]:
        return self._record(kind, name, change.old), self._record(kind, name, change.new)

    def _record(self, kind: type[R], name: str, entry: Entry | None) -> R | None:
        return decode_record(self._store, kind, name, entry) if entry else None
