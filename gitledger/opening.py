"""A task list, opened: its tip, the snapshot and the index of that, the operations up to it."""

from __future__ import annotations

import os

from gitledger import binding, lists, session
from gitledger.errors import NoLedger
from gitledger.following import Following, require_readable
from gitledger.repository import repositories

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path
    from typing import Self

    from gitledger.entries import Quarantined
    from gitledger.index import Index
    from gitledger.index.operations import Operations
    from gitledger.index.shortening import Shortening
    from gitledger.repository import Repository
    from gitledger.snapshot import Snapshot


def utc_now() -> datetime:
    """Return the time."""
    from datetime import UTC, datetime

    return datetime.now(UTC)


class Opening:
    """One task list, as a session sees it.

    Attributes:
        repository: the repository that keeps the ledger.
        list: the list's name.
        session: the session that looks or acts.
        standing: the repository that we stand in, which may share another one's ledger.
        agent: the program that acts for the session, or None.
        wrote: whether anything was written by now.
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
        self.wrote = False
        self._following = Following(repository, list)
        self._latest: Snapshot | None = None

    # -- opening -------------------------------------------------------------------------------

    @classmethod
    def open(
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
    ) -> Self:
        """Open the ledger of the repository that the path is in.

        Args:
            path: a place in the repository, or in one of its worktrees.
            list: the task list; None takes `GITLEDGER_LIST`, `gitledger.list`, or `main`.
            session: the name to act under; None takes `GITLEDGER_SESSION` or a default made of
                the user's and the worktree's name.
            agent: the program that acts, for the history; None takes `GITLEDGER_AGENT`, or the AI
                session that the environment announces.
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
            Damaged: the list's ref is lost, though nobody has deleted it, or names something else
                than a ledger; in a brief process that is found when it is read.
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
        if ledger._following.target() is None:
            ledger.repository.require_not_lost(ledger.list)
            known = ledger.repository.lists()
            if known:
                raise lists.no_such_list(ledger.list, known)
            raise NoLedger("this repository has no ledger", hint="make one: git ledger init")
        if not brief:
            from gitledger.core import codec

            codec.expect_many()
            ledger.snapshot()
        return ledger

    @classmethod
    def _at(
        cls,
        path: str | Path,
        *,
        list_: str | None,
        session_: str | None,
        agent_: str | None,
        repo: str | None,
        environ: Mapping[str, str],
        clock: Callable[[], datetime],
        random_bytes: Callable[[int], bytes],
        brief: bool,
    ) -> Self:
        standing, repository = repositories(path, repo, environ, brief=brief, meanwhile=_index)
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
            agent=session.agent(agent_, environ),
            clock=clock,
            random_bytes=random_bytes,
        )

    def close(self) -> None:
        """Let go of the index's file; it is opened again when it is asked."""
        self._following.close()

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
        tip = self._target()
        if self._latest is None or self._latest.commit != tip:
            from gitledger.index.snapshot import IndexedSnapshot

            if self._index.commit != tip:
                require_readable(self.repository, lists.ref(self.list), tip)
            self._latest = IndexedSnapshot(self.repository.store, tip, self._following)
        return self._latest

    def index(self) -> Index:
        """Return the index of the list, as of now.

        Raises: as `snapshot`.
        """
        return self._following.at(self._target()) or self._index

    def has_large_index(self) -> bool:
        """Tell whether the list's index is large, now that it has been used."""
        return self._following.is_large()

    def operations(self) -> Operations:
        """Return the operations of the list, up to its tip as of now.

        Raises: as `snapshot`.
        """
        return self._following.operations(self._target())

    def short(self, task_id: str) -> str:
        """Return the shortest unique prefix of a task's id, at least 4 characters."""
        return self.shortening()(task_id)

    def shortening(self, many: int = 0) -> Shortening:
        """Return what makes the same of about so many ids, all as of now."""
        from gitledger.index.shortening import Shortening

        return Shortening(self.index().staying(), many)

    def quarantined(self) -> tuple[Quarantined, ...]:
        """Return the entries of the tree that are no valid tasks."""
        return self.index().quarantined()

    @property
    def building(self) -> Callable[[int, int], object] | None:
        """Told, where the index is made anew, how many files of how many are read."""
        return self._following.building

    @building.setter
    def building(self, told: Callable[[int, int], object] | None) -> None:
        self._following.building = told

    @property
    def _index(self) -> Index:
        return self._following.index

    def _target(self) -> str:
        """Return the id that the list's ref names; whether it can be read is not looked at.

        Raises:
            NoLedger: the list was deleted meanwhile.
        """
        tip = self._following.target()
        if tip is None:
            raise NoLedger(f"the list '{self.list}' is gone", hint="see: git ledger lists")
        return tip

    def _origin(self) -> str | None:
        """Return the code repository that we stand in, None where it keeps the ledger itself."""
        here, there = self.standing.location, self.repository.location
        return None if here.common_dir_name == there.common_dir_name else self.standing.name


def _index() -> object:
    """Return the module of the index: it is needed next, and importing it takes its time."""
    from gitledger import index

    return index
