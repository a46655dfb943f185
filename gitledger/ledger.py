"""The ledger: all that people, hooks, programs and sessions do with the tasks of one list."""

from __future__ import annotations

import os
from contextlib import contextmanager
from functools import cached_property, partial

from gitledger import begun, lists, shelf
from gitledger.core import codec
from gitledger.core.claims import freed
from gitledger.core.draft import Draft
from gitledger.core.names import check_word
from gitledger.core.operation import Operation
from gitledger.hindsight import Hindsight
from gitledger.opening import utc_now
from gitledger.reader import Reader
from gitledger.snapshot import Snapshot
from gitledger.store.base import Signature
from gitledger.transaction import Transaction
from gitledger.tree import (
    FORMAT_FILE,
    FORMAT_PATH,
    archive_path,
    message_path,
    session_path,
    task_path,
)
from gitledger.undoing import Undoing
from gitledger.watching import Watching

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime, timedelta
    from pathlib import Path
    from typing import Final, TypeVar

    from gitledger.core.task import Task
    from gitledger.sessions import Sessions

    T = TypeVar("T")

ROOT: Final = Signature("gitledger", "gitledger@localhost", 1767225600)
"""Who made the first commit of every ledger, and when (2026-01-01, UTC): always the same, so that
two ledgers begun apart share their root and can sync."""
ROOT_MESSAGE: Final = "init\n\nLedger-Op: init\n"


class Ledger(Hindsight, Undoing, Watching):
    """One task list of a git repository, used by one session.

    Open it with `Ledger.open` or `Ledger.init`. Every verb is one operation, which is one commit;
    `transaction` makes one of many. Readers take no lock and see one snapshot. An object belongs
    to one thread; any number of processes may work on the same list.

    """

    # -- opening -------------------------------------------------------------------------------

    @classmethod
    def of(cls, reader: Reader) -> Ledger:
        """Return what a reader reads, to be written, too."""
        return cls(
            reader.repository,
            list=reader.list,
            session=reader.session,
            standing=reader.standing,
            agent=reader.agent,
            clock=reader._clock,
            random_bytes=reader._random_bytes,
        )

    @classmethod
    def init(
        cls,
        path: str | Path = ".",
        *,
        list: str | None = None,  # noqa: A002
        session: str | None = None,
        agent: str | None = None,
        repo: str | None = None,
        environ: Mapping[str, str] | None = None,
        clock: Callable[[], datetime] = utc_now,
        random_bytes: Callable[[int], bytes] = os.urandom,
        brief: bool = False,
    ) -> tuple[Ledger, bool]:
        """Make the list where it does not exist, and open it.

        Args: as `open`.

        Returns:
            The ledger, and whether the list was made just now.

        Raises:
            NoRepository: the path is in no git repository.
            Damaged: as `open`.
        """
        ledger = cls._at(
            path,
            list_=list,
            session_=session,
            agent_=agent,
            repo=repo,
            environ=os.environ if environ is None else environ,
            clock=clock,
            random_bytes=random_bytes,
            brief=brief,
        )
        return ledger, ledger._create()

    def _create(self) -> bool:
        store, ref = self.repository.store, lists.ref(self.list)
        if store.tip(ref) is not None:
            self.snapshot()
            return False
        self.repository.require_not_lost(self.list)
        store.enable_reflog(ref)
        root = store.write(None, {FORMAT_PATH: FORMAT_FILE}, ROOT_MESSAGE, ROOT, ROOT)
        return store.move(ref, None, root, "init")

    # -- writing -------------------------------------------------------------------------------

    @contextmanager
    def transaction(self, name: str) -> Iterator[Transaction]:
        """Make one operation of many verbs; an exception inside writes nothing.

        Args:
            name: the operation's name in the history, as `split`; one word.
        """
        transaction = self._begin(check_word(name, "name of an operation"))
        try:
            yield transaction
        finally:
            transaction.end()
        with self._lock():
            transaction.commit()

    def _do(self, name: str, verb: Callable[[Draft], T]) -> T:
        # Decided under the lock, where nobody else writes, it is as a rule decided once.
        with self._lock():
            transaction = self._begin(name)
            transaction.decide(verb)
            result: T = transaction.commit()[0]
            return result

    def _begin(self, name: str) -> Transaction:
        write = partial(self._write, name)
        return Transaction(self._draft, write, self._random_bytes, self._silent)

    def _silent(self) -> Mapping[str, timedelta]:
        return self.silent()

    def _write(self, name: str, snapshot: Snapshot, draft: Draft) -> bool:
        """Write one operation on the snapshot; False when the list has moved on from there."""
        if self.tip() != snapshot.commit:
            return False
        snapshot.require_writable()
        operation = self._operation(name, draft)
        files = self._files(snapshot, draft)
        store, repository = self.repository.store, self.repository
        author, committer = repository.author(draft.now), repository.committer(draft.now)
        commit = store.write(snapshot.commit, files, operation.message(), author, committer)
        if not store.move(lists.ref(self.list), snapshot.commit, commit, operation.subject()):
            return False
        begun.follow(self, [*draft.changed.values(), *map(freed, draft.removed.values())])
        self.wrote = True
        return True

    def _operation(self, name: str, draft: Draft) -> Operation:
        changed = list((draft.changed | draft.archived | draft.removed).values())
        told = (message.to for message in draft.messages.values() if message)
        return Operation(
            name=name,
            tasks=tuple(task.id for task in changed),
            title=changed[0].title if changed else "",
            about=next(iter([*draft.sessions, *told]), ""),
            session=self.session,
            agent=self.agent,
            undoes=draft.undoes,
        )

    def _files(self, snapshot: Snapshot, draft: Draft) -> dict[str, bytes | None]:
        files: dict[str, bytes | None] = {}
        for task in draft.changed.values():
            files[task_path(task.id)] = _file(snapshot, draft, task)
            if snapshot.is_archived(task.id):  # what changes is archived no more
                snapshot.require_free(task.id)
                files[archive_path(task.id)] = None
        for task_id in draft.archived:
            here = task_path(task_id)
            files[archive_path(task_id)] = files.get(here) or snapshot.file(task_id)
            files[here] = None
        for task_id in draft.removed:
            files |= {task_path(task_id): None, archive_path(task_id): None}
        if not (draft.sessions or draft.messages):
            return files
        from gitledger.core import records

        for name, registered in draft.sessions.items():
            files[session_path(name)] = records.encode(registered) if registered else None
        for message_id, message in draft.messages.items():
            files[message_path(message_id)] = records.encode(message) if message else None
        return files

    # -- sessions ------------------------------------------------------------------------------

    @cached_property
    def sessions(self) -> Sessions:
        """The sessions that are registered in this list, and their worktrees."""
        from gitledger.sessions import Sessions

        return Sessions(self)

    def as_session(self, name: str) -> Ledger:
        """Return the same list as another session uses it."""
        other = Ledger.of(self)
        other.session = name
        return other

    # -- lists ---------------------------------------------------------------------------------

    def lists(self) -> tuple[str, ...]:
        """Return the names of the repository's task lists."""
        return tuple(self.repository.lists())

    def archived_lists(self) -> tuple[str, ...]:
        """Return the names of the lists that were archived here."""
        return shelf.archived(self.repository)

    def archive_list(self, name: str) -> str:
        """Put a list away and return the ref that keeps it.

        Raises:
            NoSuchList: there is none of this name.
            InvalidInput: one of this name is archived already.
        """
        return shelf.archive(self.repository, name)

    def delete_list(self, name: str) -> str:
        """Delete a list here and return the ref that keeps its history.

        Raises:
            NoSuchList: there is none of this name.
        """
        return shelf.delete(self.repository, name)


def _file(snapshot: Snapshot, draft: Draft, task: Task) -> bytes:
    layout = draft.layouts.get(task.id)
    if layout is not None:
        return codec.encode(task, layout)
    return codec.encode(task, snapshot.file(task.id), snapshot.find(task.id))
