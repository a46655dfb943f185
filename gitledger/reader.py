"""What is read of a task list: always one snapshot, never with a lock."""

from __future__ import annotations

import os
from functools import cached_property

from gitledger import binding, lists, session
from gitledger.errors import Damaged, LedgerError, NoLedger
from gitledger.repository import repositories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path
    from typing import Self

    from gitledger.core.derive import Published
    from gitledger.core.draft import Draft
    from gitledger.core.graph import Graph
    from gitledger.core.inbox import Inbox
    from gitledger.core.policy import Policy
    from gitledger.core.query import Query
    from gitledger.core.task import Task
    from gitledger.core.view import TaskView
    from gitledger.heartbeat import Heartbeats
    from gitledger.history import LogEntry
    from gitledger.repository import Repository
    from gitledger.signs import Signs
    from gitledger.snapshot import Quarantined, Snapshot


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
        tip = self.tip()
        if tip is None:
            raise NoLedger(f"the list '{self.list}' is gone", hint="see: git ledger lists")
        if self._latest is None or self._latest.commit != tip:
            from gitledger.snapshot import Snapshot

            snapshot = Snapshot(self.repository.store, tip, self._latest)
            if not snapshot.is_ledgers():
                ref = lists.ref(self.list)
                raise Damaged(f"{ref} names no commit of a ledger", subject=ref)
            self._latest = snapshot
        return self._latest

    def short(self, task_id: str) -> str:
        """Return the shortest unique prefix of a task's id, at least 4 characters."""
        return self.snapshot().short(task_id)

    def quarantined(self) -> tuple[Quarantined, ...]:
        """Return the entries of the tree that are no valid tasks."""
        return self.snapshot().quarantined()

    # -- tasks ---------------------------------------------------------------------------------

    def task(self, name: str) -> Task:
        """Return the task that an id or a unique prefix names.

        Raises:
            NoSuchTask: there is none.
            AmbiguousId: there are several.
        """
        return self._looking().get(name)

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
        return self.views([self.task(name)], revisions=True)[0]

    def views(
        self, tasks: Sequence[Task] | None = None, *, revisions: bool = False
    ) -> list[TaskView]:
        """Return views of some tasks, or of all.

        Args:
            tasks: which; None takes all.
            revisions: look up the commit that last changed each.
        """
        from gitledger.core import derive
        from gitledger.core.graph import Graph

        snapshot = self.snapshot()
        found = derive.views(
            snapshot.all() if tasks is None else tasks,
            Graph(snapshot.all()),
            list_name=self.list,
            published=self._published(),
            now=self.now().astimezone(),
            stale=self.silent(exact=False),
        )
        return self.with_revisions(found) if revisions else found

    def with_revisions(self, found: Sequence[TaskView]) -> list[TaskView]:
        """Return the views with the commit that last changed each task."""
        from gitledger import history

        ids = [view.task.id for view in found]
        known = history.revisions(self.repository.store, self.snapshot().commit, ids)
        return [view.of_revision(known.get(view.task.id)) for view in found]

    def select(self, query: Query) -> list[TaskView]:
        """Return the views that a query matches, ordered by id."""
        return [view for view in self.views() if query.matches(view)]

    def log(self, name: str | None = None) -> Iterator[LogEntry]:
        """Yield the operations, newest first; only those on one task where one is named."""
        from gitledger import history

        task_id = self.task(name).id if name else None
        return history.entries(self.repository.store, self.snapshot().commit, task_id=task_id)

    # -- the remote's side ---------------------------------------------------------------------

    @cached_property
    def remote(self) -> str | None:
        """The name of the remote that the list is shared with by default, None without one."""
        from gitledger.remotes import choose

        try:
            return choose(None, self.repository.configuration)
        except LedgerError:
            return None

    def _published(self) -> Published | None:
        """Return what the remote is known to have of this list, None without a remote.

        A tracking ref that is damaged says nothing: every task can be read without it.
        """
        from contextlib import suppress

        from gitledger import remotes
        from gitledger.core.derive import NothingPublished
        from gitledger.snapshot import Snapshot

        names = remotes.names(self.repository.configuration)
        if not names:
            return None
        store = self.repository.store
        # Of several remotes, none of them the default, the one that has the list counts.
        for name in [self.remote] if self.remote else names:
            with suppress(Damaged):
                if tip := store.tip(lists.tracking_ref(name, self.list)):
                    return Snapshot(store, tip)
        return NothingPublished()

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
        return {task.owner for task in self.tasks() if task.owner and not task.finished}

    def _looking(self) -> Draft:
        """Return a draft for the rules to read; nothing is put into it."""
        from gitledger.core.policy import Policy

        # What limits writing hides no task, were it set to something that it cannot be.
        return self._draft(self._random_bytes, Policy(lease=self.lease))[1]
