"""The ledger: all that people, hooks, programs and sessions do with the tasks of one list."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from gitledger import history, lists, session, shelf
from gitledger import remote as remotes
from gitledger.core import codec, derive, inbox, lifecycle
from gitledger.core.draft import Draft
from gitledger.core.graph import Graph
from gitledger.core.inbox import Inbox
from gitledger.core.operation import Operation
from gitledger.core.query import Query
from gitledger.core.task import Task
from gitledger.core.view import TaskView
from gitledger.errors import NoLedger, NotFound
from gitledger.history import LogEntry
from gitledger.repository import Repository, repositories
from gitledger.snapshot import FORMAT_FILE, FORMAT_PATH, Quarantined, Snapshot, task_path
from gitledger.store.base import Signature
from gitledger.store.lock import lock
from gitledger.sync import SyncReport, join, synchronise
from gitledger.transaction import Tape, Transaction
from gitledger.verbs import Verbs

T = TypeVar("T")

ROOT = Signature("gitledger", "gitledger@localhost", 1767225600)
"""Who made the first commit of every ledger, and when (2026-01-01, UTC): always the same, so that
two ledgers begun apart share their root and can sync."""
ROOT_MESSAGE = "init\n\nLedger-Op: init\n"


class Ledger(Verbs):
    """One task list of a git repository, used by one session.

    Open it with `Ledger.open` or `Ledger.init`. Every verb is one operation, which is one commit;
    `transaction` makes one of many. Readers take no lock and see one snapshot. An object belongs
    to one thread; any number of processes may work on the same list.

    Attributes:
        list: the list's name.
        session: the session that acts.
        agent: the program that acts for the session, or None.
        repository: the repository that keeps the ledger.
        standing: the repository that we stand in, which may share another one's ledger.
    """

    def __init__(
        self,
        repository: Repository,
        *,
        list: str,  # noqa: A002  # the contract's word
        session: str,
        standing: Repository | None = None,
        agent: str | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.repository = repository
        self.standing = standing or repository
        self.list = list
        self.session = session
        self.agent = agent
        self._clock = clock
        self._random_bytes = random_bytes
        self._latest: Snapshot | None = None

    # -- opening -------------------------------------------------------------------------------

    @classmethod
    def open(
        cls,
        path: str | Path = ".",
        *,
        list: str | None = None,  # noqa: A002
        session: str | None = None,
        repo: str | None = None,
        environ: Mapping[str, str] | None = None,
        **given: Any,
    ) -> Ledger:
        """Open the ledger of the repository that the path is in.

        Args:
            path: a place in the repository, or in one of its worktrees.
            list: the task list; None takes `GITLEDGER_LIST`, `gitledger.list`, or `main`.
            session: the name to act under; None takes `GITLEDGER_SESSION` or a default made of
                the user's and the worktree's name.
            repo: another repository that keeps the ledger; None takes `GITLEDGER_REPO`,
                `gitledger.repo`, or the one that the path is in.
            environ: the environment that settings are read from; None is this process's.
            given: `clock` (returns the time, UTC) and `random_bytes`, for reproducible results.

        Raises:
            NoRepository: the path is in no git repository.
            NoLedger: the repository has no ledger yet.
            NoSuchList: it has one, but no list of this name.
        """
        ledger = cls._at(path, list, session, repo, environ, **given)
        if ledger.tip() is None:
            known = ledger.repository.lists()
            if known:
                raise lists.no_such_list(ledger.list, known)
            raise NoLedger("this repository has no ledger", hint="make one: git ledger init")
        return ledger

    @classmethod
    def init(
        cls,
        path: str | Path = ".",
        *,
        list: str | None = None,  # noqa: A002
        session: str | None = None,
        repo: str | None = None,
        environ: Mapping[str, str] | None = None,
        **given: Any,
    ) -> tuple[Ledger, bool]:
        """Make the list where it does not exist, and open it.

        Args: as `open`.

        Returns:
            The ledger, and whether the list was made just now.

        Raises:
            NoRepository: the path is in no git repository.
        """
        ledger = cls._at(path, list, session, repo, environ, **given)
        lists.check_name(ledger.list)
        return ledger, ledger._create()

    @classmethod
    def _at(
        cls,
        path: str | Path,
        list_: str | None,
        session_: str | None,
        repo: str | None,
        environ: Mapping[str, str] | None,
        **given: Any,
    ) -> Ledger:
        environ = os.environ if environ is None else environ
        standing, repository = repositories(Path(path), repo, environ)
        return cls(
            repository,
            list=lists.choose(
                list_,
                environ,
                repository.configuration.get("gitledger.list"),
                repository.lists,
            ),
            session=session.choose(
                session_, environ, user=repository.user, worktree=standing.worktree_name
            ),
            standing=standing,
            agent=session.agent(environ),
            **given,
        )

    def _create(self) -> bool:
        store, ref = self.repository.store, lists.ref(self.list)
        if store.tip(ref) is not None:
            return False
        store.enable_reflog(ref)
        root = store.write(None, {FORMAT_PATH: FORMAT_FILE}, ROOT_MESSAGE, ROOT, ROOT)
        return store.move(ref, None, root, "init")

    # -- reading -------------------------------------------------------------------------------

    def tip(self) -> str | None:
        """Return the list's newest commit, None when the list does not exist."""
        return self.repository.store.tip(lists.ref(self.list))

    def snapshot(self) -> Snapshot:
        """Return the tasks as they are now."""
        tip = self.tip()
        if tip is None:
            raise NoLedger(f"the list '{self.list}' is gone", hint="see: git ledger lists")
        if self._latest is None or self._latest.commit != tip:
            self._latest = Snapshot(self.repository.store, tip, self._latest)
        return self._latest

    def task(self, name: str) -> Task:
        """Return the task that an id or a unique prefix names.

        Raises:
            NoSuchTask: there is none.
            AmbiguousId: there are several.
        """
        return self._reading().get(name)

    def tasks(self) -> tuple[Task, ...]:
        """Return every task, ordered by id."""
        return self.snapshot().all()

    def graph(self) -> Graph:
        """Return the dependencies among all tasks."""
        return Graph(self.tasks())

    def view(self, name: str) -> TaskView:
        """Return a task together with what follows from the others; see `TaskView`."""
        return self.views([self.task(name)], revisions=True)[0]

    def views(
        self, tasks: Sequence[Task] | None = None, *, revisions: bool = False
    ) -> list[TaskView]:
        """Return views of some tasks, or of all.

        Args:
            tasks: which; None takes all.
            revisions: look up the commit that last changed each.
        """
        snapshot = self.snapshot()
        found = derive.views(
            snapshot.all() if tasks is None else tasks,
            Graph(snapshot.all()),
            list_name=self.list,
            published=self._published(),
            now=self.now(),
        )
        return self.with_revisions(found) if revisions else found

    def with_revisions(self, found: Sequence[TaskView]) -> list[TaskView]:
        """Return the views with the commit that last changed each task."""
        ids = [view.task.id for view in found]
        known = history.revisions(self.repository.store, self.snapshot().commit, ids)
        return [replace(view, revision=known.get(view.task.id)) for view in found]

    def select(self, query: Query) -> list[TaskView]:
        """Return the views that a query matches, ordered by id."""
        return [view for view in self.views() if query.matches(view)]

    def next(self, *, role: str | None = None) -> Task:
        """Return the task to do next, without taking it.

        Raises:
            NothingToTake: nothing is ready.
        """
        return lifecycle.next_task(self._reading(), role=role)

    def inbox(self) -> Inbox:
        """Return what waits for an answer, and what was answered for this session."""
        return inbox.collect(self.tasks(), self.session)

    def log(self, name: str | None = None) -> Iterator[LogEntry]:
        """Yield the operations, newest first; only those on one task where one is named."""
        task_id = self.task(name).id if name else None
        return history.entries(self.repository.store, self.snapshot().commit, task_id=task_id)

    def short(self, task_id: str) -> str:
        """Return the shortest unique prefix of a task's id, at least 4 characters."""
        return self.snapshot().short(task_id)

    def quarantined(self) -> tuple[Quarantined, ...]:
        """Return the entries of the tree that are no valid tasks."""
        return self.snapshot().quarantined()

    def lists(self) -> tuple[str, ...]:
        """Return the names of the repository's task lists."""
        return tuple(self.repository.lists())

    def archived_lists(self) -> tuple[str, ...]:
        """Return the names of the lists that were archived here."""
        return shelf.archived(self.repository)

    def archive_list(self, name: str) -> str:
        """Put a list away and return the ref that keeps it; raises `NoSuchList`."""
        return shelf.archive(self.repository, name)

    def delete_list(self, name: str) -> str:
        """Delete a list here and return the ref that keeps its history; raises `NoSuchList`."""
        return shelf.delete(self.repository, name)

    def now(self) -> datetime:
        """Return the time by the ledger's clock, UTC, whole seconds."""
        return self._clock().astimezone(UTC).replace(microsecond=0)

    # -- writing -------------------------------------------------------------------------------

    @contextmanager
    def transaction(self, name: str) -> Iterator[Transaction]:
        """Make one operation of many verbs; an exception inside writes nothing.

        Args:
            name: the operation's name in the history, as `split`.
        """
        transaction = Transaction(self, name, self._random_bytes)
        yield transaction
        transaction.commit()

    def _do(self, name: str, verb: Callable[[Draft], T]) -> T:
        return self.operate(name, [verb], Tape(self._random_bytes))[0]

    def draft(self, random_bytes: Callable[[int], bytes]) -> Draft:
        """Return an empty draft on the tasks as they are now."""
        return Draft(self.snapshot(), by=self.session, now=self.now(), random_bytes=random_bytes)

    def operate(self, name: str, verbs: Sequence[Callable[[Draft], T]], tape: Tape) -> list[T]:
        """Decide on the tip, write, move the ref; decide again when the ref moved meanwhile.

        Args:
            name: the operation's name.
            verbs: what to do, in order; they run again on each new tip.
            tape: the source of new ids, which stay the same when the verbs run again.

        Returns:
            The verbs' results.
        """
        with self._lock():
            while True:
                tape.rewind()
                snapshot = self.snapshot()
                draft = self.draft(tape.draw)
                results = [verb(draft) for verb in verbs]
                if not draft.changed or self._commit(name, snapshot, draft):
                    return results

    def _commit(self, name: str, snapshot: Snapshot, draft: Draft) -> bool:
        """Write the draft on the snapshot; False when the ref does not stand there any more."""
        snapshot.require_writable()
        store = self.repository.store
        files: dict[str, bytes | None] = {
            task_path(task.id): codec.encode(
                task, draft.layouts.get(task.id) or snapshot.file(task.id)
            )
            for task in draft.changed.values()
        }
        changed = list(draft.changed.values())
        operation = Operation(
            name=name,
            tasks=tuple(task.id for task in changed),
            title=changed[0].title,
            session=self.session,
            agent=self.agent,
        )
        author = self.repository.author(draft.now)
        commit = store.write(snapshot.commit, files, operation.message(), author, author)
        return store.move(lists.ref(self.list), snapshot.commit, commit, operation.subject())

    # -- sharing -------------------------------------------------------------------------------

    def sync(self, remote_name: str | None = None, *, timeout: float | None = None) -> SyncReport:
        """Exchange operations with a remote until both have the same tip.

        Args:
            remote_name: which; None takes `gitledger.remote`, `origin`, or the only one.
            timeout: seconds for each fetch and push; None waits.

        Raises:
            NotFound: there is no such remote, or none at all.
            RemoteFailed: it cannot be reached or refuses; local work is kept.
        """
        return synchronise(
            self.repository.store,
            self._on(remote_name, timeout),
            lock=self._lock,
            committer=self._committer,
        )

    def join(self, remote_name: str | None = None, *, timeout: float | None = None) -> str | None:
        """Bring in what a remote has of this list, without pushing anything.

        Args: as `sync`.

        Returns:
            The remote's name, None when it does not have the list.

        Raises: as `sync`.
        """
        there = self._on(remote_name, timeout)
        store = self.repository.store
        joined = join(store, there, lock=self._lock, committer=self._committer)
        return there.name if joined else None

    # -- inside --------------------------------------------------------------------------------

    def _lock(self) -> AbstractContextManager[None]:
        return lock(self.repository.location.common_dir / "gitledger" / f"{self.list}.lock")

    def _reading(self) -> Draft:
        return self.draft(self._random_bytes)

    def _committer(self) -> Signature:
        return self.repository.author(self.now())

    def _on(self, name: str | None, timeout: float | None) -> remotes.Remote:
        chosen = remotes.choose(name, self.repository.configuration)
        if chosen is None:
            raise NotFound(
                "no remote to share the ledger with", hint="add one: git remote add origin URL"
            )
        return remotes.Remote(chosen, self.list, self.repository.git, timeout=timeout)

    @cached_property
    def remote(self) -> str | None:
        """The name of the remote that the list is shared with by default, None without one."""
        try:
            return remotes.choose(None, self.repository.configuration)
        except NotFound:
            return None

    def _published(self) -> derive.Published | None:
        """Return what the remote is known to have of this list, None without a remote."""
        if self.remote is None:
            return None
        store = self.repository.store
        tip = store.tip(lists.tracking_ref(self.remote, self.list))
        return Snapshot(store, tip) if tip else derive.NothingPublished()
