"""Our side of an exchange: a list, brought onto what a remote has of it."""

from __future__ import annotations

from contextlib import AbstractContextManager

from gitledger import lists, shelf
from gitledger.errors import NoLedger, RemoteReplaced
from gitledger.remote import Remote
from gitledger.replay import replay
from gitledger.replayed import Replayed
from gitledger.store.base import Signature, Store
from gitledger.sync import Step, SyncReport, check_deletions, claims_gone, plan

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


class Downstream:
    """A list of this repository, with what is unpublished on top of what is published.

    Args:
        store: this repository.
        remote: the list on the remote.
        report: is told what was done.
        lock: the lock that writers of the list hold.
        committer: who is recorded as committer of replayed operations.
        session: who syncs.
        elsewhere: returns what the other remotes are known to have of the list.
        accept_remote: go onto a tip that shares no history with ours.
        allow_deletions: remove as many tasks as it comes to.
    """

    def __init__(
        self,
        store: Store,
        remote: Remote,
        report: SyncReport,
        *,
        lock: Callable[[], AbstractContextManager[object]],
        committer: Callable[[], Signature],
        session: str,
        elsewhere: Callable[[], Iterable[str]],
        accept_remote: bool,
        allow_deletions: bool,
    ) -> None:
        self._store = store
        self._remote = remote
        self._report = report
        self._lock = lock
        self._committer = committer
        self._session = session
        self._elsewhere = elsewhere
        self._accept_remote = accept_remote
        self._allow_deletions = allow_deletions
        self._ref = lists.ref(remote.list)

    def tip(self) -> str | None:
        """Return the list's tip, None where there is no list."""
        return self._store.tip(self._ref)

    def count(self, tip: str, without: str | None) -> int:
        """Count the operations of a tip; the root that every ledger shares is none."""
        hidden = [without] if without else []
        return sum(1 for commit in self._store.history(tip, without=hidden) if commit.parent)

    def integrate(self, published: str | None) -> str:
        """Move the list onto the published tip, with what is unpublished on top, and return it.

        Raises:
            NoLedger: there is no such list, neither here nor there.
            RemoteReplaced: the tips share no history, and that is not accepted.
            ImprobableDeletions: many tasks would be removed, and that is not allowed.
            NewerFormat: one side is of a format that this program cannot write.
        """
        store, report = self._store, self._report
        with self._lock():
            while True:
                local = self.tip()
                step = plan(store, local, published)
                if step is Step.NOTHING or published is None:
                    tip = self._there(local)
                    self._check_deletions(None, published, Replayed(tip))
                    return tip
                if step is Step.UNRELATED:
                    if not self._accept_remote:
                        raise self._unrelated()
                    self._accept(published, None)
                    continue
                replayed = Replayed(published)
                if step is Step.REPLAY and local:
                    replayed = self._replay(local, published)
                self._check_deletions(local, published, replayed)
                if store.move(self._ref, local, replayed.tip, f"sync: {step.value}"):
                    report.pulled += self.count(published, local)
                    report.add(replayed)
                    return replayed.tip

    def accept(self, there: str, dropped: str | None) -> None:
        """Put what is unpublished on top of the remote's tip, and keep a backup of ours.

        Args:
            there: the remote's tip.
            dropped: what it had before.

        Raises: as `integrate`.
        """
        with self._lock():
            self._accept(there, dropped)

    def _accept(self, there: str, dropped: str | None) -> None:
        store, report = self._store, self._report
        while (local := self.tip()) is not None:
            if store.merge_base(local, there) == there and not self._holds(local, there, dropped):
                # So it is when we died in an earlier try, before the tracking ref was moved.
                report.backup = report.backup or self._backup(there, dropped)
                return
            replayed = self._replay(local, there, dropped)
            self._check_deletions(local, there, replayed)
            backup = lists.backup_ref(self._remote.list, local)
            shelf.keep(store, backup, local)
            if store.move(self._ref, local, replayed.tip, "sync: accept remote"):
                report.pulled += self.count(there, local)
                report.backup = backup
                report.add(replayed)
                report.claims_lost += claims_gone(store, local, replayed)
                return

    def _holds(self, tip: str, there: str, dropped: str | None) -> bool:
        """Tell whether a tip holds anything of what the remote had and has not any more."""
        shared = self._store.merge_base(tip, dropped) if dropped else None
        return shared is not None and self._store.merge_base(shared, there) != shared

    def _backup(self, there: str, dropped: str | None) -> str | None:
        """Return the ref that keeps what was dropped, None where there is none."""
        refs = self._store.refs(lists.backup_ref(self._remote.list, ""))
        return next((ref for ref, tip in refs.items() if self._holds(tip, there, dropped)), None)

    def _replay(self, local: str, published: str, dropped: str | None = None) -> Replayed:
        # What one remote has dropped is not joined to it because another one still has it: it
        # would count as merged there, and the other would lose it, too.
        elsewhere = self._elsewhere() if dropped is None else ()
        return replay(
            self._store,
            local=local,
            published=published,
            committer=self._committer(),
            session=self._session,
            dropped=dropped,
            elsewhere=elsewhere,
            progress=self._remote.progress,
        )

    def _there(self, local: str | None) -> str:
        if local is None:
            raise NoLedger(
                f"the list '{self._remote.list}' is gone, here and on '{self._remote.name}'",
                hint="see: git ledger lists",
            )
        return local

    def _check_deletions(
        self, local: str | None, published: str | None, replayed: Replayed
    ) -> None:
        """Raise ImprobableDeletions, before anything is moved, for either side's tasks."""
        if self._allow_deletions:
            return
        for tip, where in (local, "here"), (published, f"on remote '{self._remote.name}'"):
            if tip is not None:
                check_deletions(self._store, tip, replayed.tip, where, renamed=replayed.renamed)

    def _unrelated(self) -> RemoteReplaced:
        return RemoteReplaced(
            f"the ledger on remote '{self._remote.name}' shares no history with this one",
            remote=self._remote.name,
            published="",
            hint="put yours on top of it, with a backup: git ledger sync --accept-remote",
        )
