"""What is no task, carried over to another tip: sessions, messages, any other file."""

from __future__ import annotations

from gitledger.core import records
from gitledger.core.conflict import Conflict
from gitledger.core.dataclass import replace
from gitledger.core.message import Message
from gitledger.core.recordmerge import free_name, merge_messages, merge_sessions, name_taken
from gitledger.core.session import Session
from gitledger.entries import decode_record
from gitledger.errors import InvalidRecord
from gitledger.snapshot import Snapshot
from gitledger.store.base import FOLDER, Change, Commit, Entry, Store
from gitledger.tree import path_message, path_session, session_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from gitledger.replayed import Files, Replayed
    from gitledger.snapshot import R


_ANY_SIZE: Final = 1 << 40
"""Bytes: files that are no tasks are carried over as they are."""
_GITLINK: Final = 0o160000


class Carried:
    """What an operation did to what is no task, brought onto another tip.

    Args:
        store, commit, onto, result: as of `Reapplied`.
    """

    def __init__(self, store: Store, commit: Commit, onto: Snapshot, result: Replayed) -> None:
        self._store = store
        self._commit = commit
        self._onto = onto
        self._result = result
        self._names = result.sessions_renamed

    def session(self, change: Change) -> Files | None:
        """Return the change as one of a session, None when a side of it is no valid one."""
        first = path_session(change.path)
        if first is None:
            return None
        name = self._names.get(first, first)
        try:
            base, mine = (self._record(Session, name, it) for it in (change.old, change.new))
            published = self._record(Session, name, self._entry(session_path(name)))
        except InvalidRecord:
            return None
        if mine and name_taken(base, published, mine):
            name = self._names[first] = free_name(first, self._has_session)
            published, mine = None, replace(mine, name=name)
        merged = merge_sessions(base, published, mine)
        return {session_path(name): records.encode(merged) if merged else None}

    def message(self, change: Change) -> Files | None:
        """Return the change as one of a message, None when a side of it is no valid one."""
        message_id = path_message(change.path)
        if message_id is None:
            return None
        entries = (change.old, self._entry(change.path), change.new)
        try:
            base, published, mine = (self._record(Message, message_id, it) for it in entries)
        except InvalidRecord:
            return None
        names = self._names
        if mine and names:
            by, to = (names.get(name, name) for name in (mine.by, mine.to))
            read = tuple(sorted(names.get(name, name) for name in mine.read))
            mine = replace(mine, by=by, to=to, read=read)
        merged = merge_messages(base, published, mine)
        return {change.path: records.encode(merged) if merged else None}

    def whole_file(self, change: Change) -> Files:
        """Merge what is no task as a whole; an edit wins over a removal.

        Where both sides changed it, ours comes to stand beside the published one, under a name
        that makes it no task.
        """
        there, ours = self._entry(change.path), change.new
        if ours is None:
            return {change.path: None} if there == change.old else {}
        if there == ours:
            return {}
        if ours.mode in (_GITLINK, FOLDER):  # it has no content that could be kept
            self._result.conflicts.append(
                Conflict(change.path, "file", kept=there and there.oid, dropped=ours.oid)
            )
            return {}
        text = self._store.read(ours.oid, _ANY_SIZE)
        is_folder, was_folder = (
            commit is not None and any(self._store.entries(commit, change.path, depth=0))
            for commit in (self._onto.commit, self._commit.parent)
        )
        if there in (None, change.old) and (was_folder or not is_folder):
            return {change.path: text}
        beside = f"{change.path}.{ours.oid[:12]}"
        self._result.conflicts.append(Conflict(change.path, "file", change.path, beside))
        return {beside: text}

    def there(self, path: str) -> bytes | None:
        """Return what stands at a path of the tip, None where there is no file."""
        entry = self._entry(path)
        if entry is None or entry.mode == _GITLINK:
            return None
        return self._store.read(entry.oid, _ANY_SIZE)

    def _record(self, kind: type[R], name: str, entry: Entry | None) -> R | None:
        return decode_record(self._store, kind, name, entry) if entry else None

    def _has_session(self, name: str) -> bool:
        return self._entry(session_path(name)) is not None

    def _entry(self, path: str) -> Entry | None:
        return self._store.entry(self._onto.commit, path)
