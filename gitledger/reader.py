"""What is read of a task list: always one snapshot, never with a lock."""

from __future__ import annotations

import os
from functools import cached_property

from gitledger import binding, lists, session
from gitledger.errors import Damaged, LedgerError, NoLedger
from gitledger.repository import repositories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path
    from typing import Self

    from gitledger.core.criteria import Criterion
    from gitledger.core.draft import Draft
    from gitledger.core.graph import Graph
    from gitledger.core.inbox import Inbox
    from gitledger.core.policy import Policy
    from gitledger.core.query import Query
    from gitledger.core.task import Task
    from gitledger.core.view import TaskView
    from gitledger.heartbeat import Heartbeats
    from gitledger.history import LogEntry
    from gitledger.index import Index
    from gitledger.index.operations import Operations
    from gitledger.published import Published
    from gitledger.repository import Repository
    from gitledger.signs import Signs
    from gitledger.snapshot import Quarantined, Snapshot
    from gitledger.store.base import Store
    from gitledger.views import Views

_PLAIN_SORTS = ("priority", "id")
"""Keys that need no check, which takes longer than the answer."""


def utc_now() -> datetime:
    """Return the time."""
    from datetime import UTC, datetime

    return datetime.now(UTC)


class Reader:
    """One task list, as a session sees it.

    Attributes:
        repository: the repository that keeps the ledger.
        list: the list's name.
        session: the session that looks or acts.
        standing: the repository that we stand in, which may share another one's ledger.
        agent: the program that acts for the session, or None.
        building: told, where the index is made anew, how many files of how many are read.
    """

    def __init__(
        self,
        repository: Repository,
        *,
        list: str,  # noqa: A002  # the contract's word
        session: str,
        standing: Repository | None = None,
        agent: str | None = None,
        clock: Callable[[], datetime] = utc_now,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.repository = repository
        self.list = list
        self.session = session
        self.standing = standing or repository
        self.agent = agent
        self._clock = clock
        self._random_bytes = random_bytes
        self.building: Callable[[int, int], object] | None = None
        self._latest: Snapshot | None = None
        self._newest: str | None = None

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
        clock: Callable[[], datetime] = utc_now,
        random_bytes: Callable[[int], bytes] = os.urandom,
        brief: bool = False,
    ) -> Self:
        """Open the ledger of the repository that the path is in.

        Args:
            path: a place in the repository, or in one of its worktrees.
            list: the task list; None takes `GITLEDGER_LIST`, `gitledger.list`, or `main`.
            session: the name to act under; None takes `GITLEDGER_SESSION` or a default made of
                the user's and the worktree's name.
            repo: another repository that keeps the ledger; None takes `GITLEDGER_REPO`,
                `gitledger.repo`, or the one that the path is in.
            environ: the environment that settings are read from; None is this process's.
            clock: returns the time, aware; for reproducible results.
            random_bytes: returns that many random bytes; for reproducible results.
            brief: this process does one thing and ends; see `gitledger.store.open_store`.

        Raises:
            NoRepository: the path is in no git repository.
            NoLedger: the repository has no ledger yet.
            NoSuchList: it has one, but no list of this name.
            Damaged: the list's ref is lost, though nobody has deleted it.
        """
        ledger = cls._at(
            path,
            list_=list,
            session_=session,
            repo=repo,
            environ=os.environ if environ is None else environ,
            clock=clock,
            random_bytes=random_bytes,
            brief=brief,
        )
        if ledger.tip() is None:
            ledger.repository.require_not_lost(ledger.list)
            known = ledger.repository.lists()
            if known:
                raise lists.no_such_list(ledger.list, known)
            raise NoLedger("this repository has no ledger", hint="make one: git ledger init")
        return ledger

    @classmethod
    def _at(
        cls,
        path: str | Path,
        *,
        list_: str | None,
        session_: str | None,
        repo: str | None,
        environ: Mapping[str, str],
        clock: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        brief: bool,
    ) -> Self:
        standing, repository = repositories(path, repo, environ, brief=brief)
        configured = repository.configuration.get("gitledger.list")
        return cls(
            repository,
            list=lists.choose(list_, environ, configured, repository.lists),
            session=session.choose(
                session_,
                environ,
                user=repository.user,
                worktree=standing.worktree_name,
                bound=binding.bound(standing.location.git_dir_name),
            ),
            standing=standing,
            agent=session.agent(environ),
            clock=clock,
            random_bytes=random_bytes,
        )

    # -- the list ------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Return the time by the ledger's clock, UTC, whole seconds."""
        from datetime import UTC

        return self._clock().astimezone(UTC).replace(microsecond=0)

    def tip(self) -> str | None:
        """Return the list's newest commit, None when the list does not exist."""
        return self.repository.store.tip(lists.ref(self.list))

    def snapshot(self) -> Snapshot:
        """Return the tasks as they are now.

        Raises:
            NoLedger: the list was deleted meanwhile.
            Damaged: its ref names a commit, but none of a ledger: a branch's, perhaps.
        """
        tip = self._newest = self.tip()
        if tip is None:
            raise self._gone()
        if self._latest is None or self._latest.commit != tip:
            from gitledger.index.snapshot import IndexedSnapshot

            snapshot = IndexedSnapshot(
                self.repository.store, tip, index=self._follow, here=self._following
            )
            if self._index.commit != tip:
                self._require_ledgers(snapshot)
            self._latest = snapshot
        return self._latest

    def index(self) -> Index:
        """Return the index of the list, as of now.

        Raises: as `snapshot`.
        """
        tip = self._newest = self.repository.store.target(lists.ref(self.list))
        if tip is None:
            raise self._gone()
        return self._follow(tip) or self._index

    def short(self, task_id: str) -> str:
        """Return the shortest unique prefix of a task's id, at least 4 characters."""
        from gitledger.core import ids

        if not ids.is_id(task_id):
            return task_id
        return ids.shortest_prefix(task_id, self.index().neighbours(task_id))

    def quarantined(self) -> tuple[Quarantined, ...]:
        """Return the entries of the tree that are no valid tasks."""
        return self.index().quarantined()

    @cached_property
    def _index(self) -> Index:
        from gitledger.index import open_index

        return open_index(self.repository.location.common_dir_name, self.list)

    def _following(self, commit: str) -> Index | None:
        """Return the index if it is as of a commit, None otherwise."""
        return self._index if self._index.commit == commit else None

    def _follow(self, commit: str) -> Index | None:
        """Return the index as of the newest commit; None for another one, which is past."""
        if commit != self._newest:
            return None
        if self._index.commit != commit:
            self._index.follow(commit, lambda: self._readable(commit), self.building)
        return self._index

    def _readable(self, commit: str) -> Store:
        """Return the store where a commit of the list can be read."""
        from gitledger.snapshot import Snapshot

        self._require_ledgers(Snapshot(self.repository.store, commit))
        return self.repository.store

    def _require_ledgers(self, snapshot: Snapshot) -> None:
        """Raise Damaged where the list's ref names no commit of a ledger."""
        if not snapshot.is_ledgers():
            ref = lists.ref(self.list)
            raise Damaged(f"{ref} names no commit of a ledger", subject=ref)

    def _gone(self) -> NoLedger:
        return NoLedger(f"the list '{self.list}' is gone", hint="see: git ledger lists")

    # -- tasks ---------------------------------------------------------------------------------

    def task(self, name: str) -> Task:
        """Return the task that an id or a unique prefix names.

        Raises:
            NoSuchTask: there is none.
            AmbiguousId: there are several.
        """
        return self._looking().get(name)

    def task_id(self, name: str) -> str:
        """Return the whole id of the task that an id or a unique prefix names.

        Raises: as `task`.
        """
        found = self.index().starting_with(name.strip().lower()) if len(name) > 3 else ()
        return found[0] if len(found) == 1 else self.task(name).id

    def tasks(self) -> tuple[Task, ...]:
        """Return every task, ordered by id."""
        return self.snapshot().all()

    def graph(self) -> Graph:
        """Return the dependencies among all tasks."""
        from gitledger.core.graph import Graph

        return Graph(self.tasks())

    def next(self, *, role: str | None = None, take_over: bool = False) -> Task:
        """Return the task to do next, without taking it.

        Args:
            role: tasks for another role are passed over; None takes that of the session.
            take_over: what stale sessions own counts, too.

        Raises:
            NothingToTake: nothing is ready.
        """
        from gitledger.core import lifecycle

        silent = self.silent() if take_over else {}
        return lifecycle.next_task(self._looking(), role=role, silent=silent)

    def explain_next(
        self, *, role: str | None = None, take_over: bool = False
    ) -> tuple[Task, tuple[str, ...]]:
        """Return the task to do next, and sentences that say why it is this one.

        Args, Raises: as `next`.
        """
        from gitledger.core import lifecycle
        from gitledger.core.explain import explain_next

        draft, silent = self._looking(), self.silent() if take_over else {}
        task = lifecycle.next_task(draft, role=role, silent=silent)
        return task, explain_next(draft, task, role=role, silent=silent)

    def reviewable(self) -> list[Task]:
        """Return the tasks in review that this session may approve or reject, by priority."""
        from gitledger.core.criteria import Among
        from gitledger.core.review import reviewable

        rows = self.index().select(Among("status", ("in_review",)))
        return reviewable((row.task() for row in rows), self.session)

    def inbox(self) -> Inbox:
        """Return what waits for this session: questions, replies, handoffs, messages."""
        from gitledger.core import inbox

        snapshot = self.snapshot()
        return inbox.collect(
            snapshot.all(),
            self.session,
            registered=snapshot.session(self.session),
            messages=snapshot.messages().values(),
        )

    # -- views ---------------------------------------------------------------------------------

    def view(self, name: str) -> TaskView:
        """Return a task together with what follows from the others, its revision included."""
        return self.views([self.task_id(name)], revisions=True)[0]

    def views(
        self, ids: Iterable[str] | None = None, *, revisions: bool = False
    ) -> list[TaskView]:
        """Return views of some tasks in their order, or of all, ordered by id.

        Args:
            ids: whole ids; what names no task is left out. None takes all.
            revisions: look up the commit that last changed each.
        """
        if ids is None:
            found = self.search(sort="id")[0]
        else:
            rows = self.index().rows(ids)
            found = self._views().of(rows)
        return self.with_revisions(found) if revisions else found

    def select(self, query: Query) -> list[TaskView]:
        """Return the views that a query matches, ordered by id."""
        return self.search(query, sort="id")[0]

    def search(
        self,
        query: Query | None = None,
        *,
        criterion: Criterion | None = None,
        sort: str = "priority",
        limit: int | None = None,
    ) -> tuple[list[TaskView], int]:
        """Return views of the tasks that are meant, in order, and how many tasks are meant.

        Args:
            query: which tasks; None, and no criterion either, means all.
            criterion: the same as data, an exact one.
            sort: one of `gitledger.core.ordering.SORT_KEYS`, with a `-` in front for the reverse.
            limit: at most so many views; None takes all.

        Raises:
            InvalidInput: there is no such key to sort by.
        """
        from gitledger.core.criteria import EVERYTHING

        if sort not in _PLAIN_SORTS:
            from gitledger.core.ordering import check_key

            check_key(sort)
        index = self.index()
        wanted = query.criterion if query else criterion or EVERYTHING
        if query is None or wanted.exact:
            found = self._views().of(index.select(wanted, order=sort, limit=limit))
            return found, len(found) if limit is None else index.count(wanted)
        found, total = [], 0
        for view in self._views().matching(query, sort):
            total += 1
            if limit is None or total <= limit:
                found.append(view)
        return found, total

    def ready(self, limit: int | None = None) -> list[TaskView]:
        """Return views of what can be done now, the most urgent first; at most so many."""
        from gitledger.core.criteria import READY

        return self.search(criterion=READY, limit=limit)[0]

    def count(self, criterion: Criterion) -> int:
        """Return how many tasks an exact criterion means."""
        return self.index().count(criterion)

    def with_revisions(self, found: Sequence[TaskView]) -> list[TaskView]:
        """Return the views with the commit that last changed each task."""
        known = self.operations().revisions(view.id for view in found)
        return [view.of_revision(known.get(view.id)) for view in found]

    def _views(self) -> Views:
        from gitledger.views import Views

        return Views(
            self._index,
            list=self.list,
            now=lambda: self.now().astimezone(),
            silent=self._silent_among,
            published=self._published,
        )

    def log(self, name: str | None = None) -> Iterator[LogEntry]:
        """Yield the operations, newest first; only those on one task where one is named."""
        from gitledger import history

        task_id = self.task_id(name) if name else None
        return history.log(self.operations(), task_id=task_id)

    def operations(self) -> Operations:
        """Return the operations of the list, up to its tip as of now."""
        tip = self._newest = self.tip()
        if tip is None:
            raise self._gone()
        operations = self._index.operations
        repository = self.repository
        operations.follow(
            tip, lambda: repository.store, lambda: repository.git, progress=self.building
        )
        return operations

    # -- the remote's side ---------------------------------------------------------------------

    @cached_property
    def remote(self) -> str | None:
        """The name of the remote that the list is shared with by default, None without one."""
        from gitledger.remotes import choose

        try:
            return choose(None, self.repository.configuration)
        except LedgerError:
            return None

    def _published(self) -> Published:
        from gitledger.published import Published

        return Published(
            self.repository, list=self.list, remote=self.remote, tip=self._index.commit or ""
        )

    def _draft(
        self, random_bytes: Callable[[int], bytes], policy: Policy | None = None
    ) -> tuple[Snapshot, Draft]:
        """Return the tasks as they are now, and an empty draft on them."""
        from gitledger.core.draft import Draft

        snapshot = self.snapshot()
        return snapshot, Draft(
            snapshot,
            by=self.session,
            now=self.now(),
            random_bytes=random_bytes,
            policy=policy or self.policy,
            repository=self._origin(),
        )

    def _origin(self) -> str | None:
        """Return the code repository that we stand in, None where it keeps the ledger itself."""
        here, there = self.standing.location, self.repository.location
        return None if here.common_dir_name == there.common_dir_name else self.standing.name

    @cached_property
    def policy(self) -> Policy:
        """What the repository's settings say about the rules."""
        from gitledger import settings

        return settings.policy(self.repository.configuration)

    @cached_property
    def lease(self) -> timedelta:
        """For how long a session may be silent that has no lease of its own."""
        from gitledger import settings

        return settings.lease(self.repository.configuration)

    @cached_property
    def heartbeats(self) -> Heartbeats:
        """The sessions' signs of life on this machine."""
        from gitledger.heartbeat import Heartbeats

        return Heartbeats(self.repository.location.common_dir_name)

    def silent(self, *, exact: bool = True, everybody: bool = False) -> Mapping[str, timedelta]:
        """Return for how long each session is silent that holds tasks beyond its lease.

        The session that looks is not among them: looking is a sign of life.

        Args:
            exact: look up how long; without, the time may be less, and which ones they are is
                known sooner.
            everybody: also sessions that are registered and hold nothing.
        """
        names = (self.workers() if everybody else self._owners()) - {self.session}
        return self.signs().silences(names, exact=exact) if names else {}

    def _silent_among(self, names: Collection[str]) -> Collection[str]:
        """Return which of these sessions are silent beyond their lease."""
        others = set(names) - {self.session}
        return self.signs().silences(others, exact=False) if others else ()

    def workers(self) -> set[str]:
        """Return the names of all sessions that are registered or hold an unfinished task."""
        return self._owners() | self.snapshot().sessions().keys()

    def signs(self) -> Signs:
        """Return where signs of life are looked for, as of now."""
        from gitledger.signs import Signs

        return Signs(
            self.repository.store,
            self.snapshot(),
            self.heartbeats,
            self.now(),
            self.lease,
            operations=self.operations(),
        )

    def next_silence(self) -> datetime | None:
        """Return when the next session that holds a task will be silent beyond its lease.

        It may be later, if the session gives a sign of life until then. None: no session will be.
        """
        from gitledger.core.session import lease_of

        snapshot, lease, now = self.snapshot(), self.lease, self.now()
        seen = self.signs().seen(self._owners() - {self.session}, exact=False)
        ends = (at + lease_of(snapshot.session(name), lease) for name, at in seen.items())
        return min((end for end in ends if end >= now), default=None)

    def _owners(self) -> set[str]:
        return set(self.index().owners())

    def _looking(self) -> Draft:
        """Return a draft for the rules to read; nothing is put into it."""
        from gitledger.core.policy import Policy

        # What limits writing hides no task, were it set to something that it cannot be.
        return self._draft(self._random_bytes, Policy(lease=self.lease))[1]
