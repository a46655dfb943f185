"""The exchange of a list with a remote: what a sync does, step by step."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from contextlib import AbstractContextManager
from time import sleep
from typing import Final

from gitledger import lists, shelf
from gitledger.errors import Damaged, NoLedger, RemoteFailed, RemoteReplaced
from gitledger.reapply import Replayed
from gitledger.remote import Behind, Fetched, Remote
from gitledger.replay import replay
from gitledger.snapshot import FORMAT_PATH
from gitledger.store.base import Signature, Store
from gitledger.sync import Step, SyncReport, check_deletions, plan

_REFUSALS: Final = 6
"""Refused pushes in a row, without anything new on the remote, that we take for a real no."""
_PAUSE: Final = 0.1
"""Seconds before the second of them; it doubles, while the server may be busy with another's."""


class Exchange:
    """One sync of this repository's list with a remote's.

    Args:
        store: this repository.
        remote: the list on the remote.
        lock: the lock that writers of the list hold.
        committer: who is recorded as committer of replayed operations.
        session: who syncs.
        elsewhere: returns what the other remotes are known to have of the list.
        accept_remote: take a remote's history that has lost or replaced what it had published.
        allow_deletions: remove as many tasks as it comes to.
    """

    def __init__(
        self,
        store: Store,
        remote: Remote,
        *,
        lock: Callable[[], AbstractContextManager[object]],
        committer: Callable[[], Signature],
        session: str = "",
        elsewhere: Callable[[], Iterable[str]] = lambda: (),
        accept_remote: bool = False,
        allow_deletions: bool = False,
    ) -> None:
        self.remote = remote
        self._store = store
        self._lock = lock
        self._committer = committer
        self._session = session
        self._elsewhere = elsewhere
        self._accept_remote = accept_remote
        self._allow_deletions = allow_deletions
        self._ref = lists.ref(remote.list)
        self._report = SyncReport(remote=remote.name)

    def run(self) -> SyncReport:
        """Bring both sides to the same tip.

        Raises:
            RemoteFailed: the remote cannot be reached or refuses. What was unpublished stays as
                it is and is published by a later sync.
            RemoteReplaced: it does not have any more what it had, and that is not accepted.
            ImprobableDeletions: many tasks would be removed, and that is not allowed.
            NewerFormat: the remote's ledger has a newer format, and there is unpublished work.
        """
        try:
            self._report.tip = self._exchanged()
        except RemoteFailed as failed:
            failed.message += self._state()
            raise
        return self._report

    def pull(self) -> bool:
        """Bring in what the remote has, without publishing anything.

        Returns:
            False when the remote has no such list.

        Raises: as `run`.
        """
        published = self._fetched()
        if published is None:
            return False
        self._integrated(published)
        return True

    def _exchanged(self) -> str:
        refused: list[str | None] = []
        while True:
            published = self._fetched()
            if (again := refused.count(published)) > 1:
                sleep(_PAUSE * 2 ** (again - 2))
            tip = self._integrated(published)
            if tip == published:
                return tip
            self._check_deletions(published, tip, f"on remote '{self.remote.name}'")
            try:
                self.remote.push(tip)
            except Behind:
                refused.append(published)
                if refused.count(published) == _REFUSALS:
                    raise
            else:
                self._report.pushed += self._count(tip, published)
                self._track(tip)
                return tip

    # -- what the remote has -------------------------------------------------------------------

    def _fetched(self) -> str | None:
        """Return the remote's tip, None when it does not have the list.

        Raises:
            RemoteReplaced: it lacks what it had, and that is not to be accepted.
        """
        store, tracking = self._store, self.remote.tracking
        while True:
            before = store.tip(tracking)
            fetched = self.remote.fetch()
            if fetched is Fetched.ABSENT:
                self._report.restored = before is not None
                return None
            if fetched is Fetched.DONE:
                return store.tip(tracking)
            # It has been asked after it was known to have `before`. Another process of ours may
            # have come between: then the tracking ref, or the remote, has moved on.
            there = self.remote.advertised()
            if before is not None and there is not None and store.tip(tracking) == before:
                base = self._base(before, there)
                if base != before:
                    return self._replaced(before, there, base)

    def _base(self, before: str, there: str) -> str | None:
        try:
            return self._store.merge_base(before, there)
        except Damaged as damaged:
            if damaged.subject == there:  # not fetched: the remote has moved again
                return before
            raise

    def _replaced(self, before: str, there: str, base: str | None) -> str:
        """Take what the remote has instead of what it had, where that is accepted."""
        if not self._accept_remote:
            raise self._refusal(before, there, base)
        with self._lock():
            self._accept(there, before)
            # Last: until then the remote counts as replaced, and another try begins anew.
            self._store.move(self.remote.tracking, before, there, "sync: accept remote")
        return there

    def _refusal(self, before: str, there: str, base: str | None) -> RemoteReplaced:
        gone = _operations(self._count(before, there))
        called = f"remote '{self.remote.name}'"
        if base is None:
            what = f"the ledger on {called} was replaced by one that shares no history with it"
        elif base == there:
            what = f"the ledger on {called} went back: {gone} that it had are gone there"
        else:
            what = f"the ledger on {called} was rewritten: {gone} that it had are gone there"
        return RemoteReplaced(
            what,
            remote=self.remote.name,
            published=before,
            hint="accept it, with a backup of yours: git ledger sync --accept-remote;"
            f" or put it back: git push --force {self.remote.name} {before[:12]}:{self.remote.ref}",
        )

    def _unrelated(self) -> RemoteReplaced:
        return RemoteReplaced(
            f"the ledger on remote '{self.remote.name}' shares no history with this one",
            remote=self.remote.name,
            published="",
            hint="put yours on top of it, with a backup: git ledger sync --accept-remote",
        )

    def _accept(self, there: str, dropped: str | None) -> None:
        """Put what is unpublished on top of the remote's tip, and keep a backup of ours."""
        store, report = self._store, self._report
        if store.entry(there, FORMAT_PATH) is None:
            raise RemoteFailed(
                f"what remote '{self.remote.name}' has at {self.remote.ref} is no ledger",
                remote=self.remote.name,
                hint=f"look at it: git log {there[:12]}",
            )
        while (local := store.tip(self._ref)) is not None:
            replayed = self._replay(local, there, dropped)
            self._check_deletions(local, replayed.tip, "here", replayed.renamed)
            backup = lists.backup_ref(self.remote.list, local)
            shelf.keep(store, backup, local)
            if store.move(self._ref, local, replayed.tip, "sync: accept remote"):
                report.pulled += self._count(there, local)
                report.backup = backup
                report.add(replayed)
                return

    # -- our side ------------------------------------------------------------------------------

    def _integrated(self, published: str | None) -> str:
        """Move the local ref onto the published tip, with what is unpublished on top of it."""
        store, report = self._store, self._report
        with self._lock():
            while True:
                local = store.tip(self._ref)
                step = plan(store, local, published)
                if step is Step.NOTHING or published is None:
                    return self._there(local)
                if step is Step.UNRELATED:
                    if not self._accept_remote:
                        raise self._unrelated()
                    self._accept(published, None)
                elif step is Step.FORWARD or local is None:
                    self._check_deletions(local, published, "here")
                    if store.move(self._ref, local, published, "sync"):
                        report.pulled += self._count(published, local)
                        return published
                else:
                    replayed = self._replay(local, published)
                    self._check_deletions(local, replayed.tip, "here", replayed.renamed)
                    if store.move(self._ref, local, replayed.tip, "sync: replay"):
                        report.pulled += self._count(published, local)
                        report.add(replayed)
                        return replayed.tip

    def _replay(self, local: str, published: str, dropped: str | None = None) -> Replayed:
        return replay(
            self._store,
            local=local,
            published=published,
            committer=self._committer(),
            session=self._session,
            dropped=dropped,
            elsewhere=self._elsewhere(),
            progress=self.remote.progress,
        )

    def _there(self, local: str | None) -> str:
        if local is None:
            raise NoLedger(
                f"the list '{self.remote.list}' is gone, here and on '{self.remote.name}'",
                hint="see: git ledger lists",
            )
        return local

    def _check_deletions(
        self, before: str | None, after: str, where: str, renamed: Container[str] = ()
    ) -> None:
        if before is not None and not self._allow_deletions:
            check_deletions(self._store, before, after, where, renamed=renamed)

    def _count(self, tip: str, without: str | None) -> int:
        """Count the operations; the root that every ledger shares is none."""
        hidden = [without] if without else []
        return sum(1 for commit in self._store.history(tip, without=hidden) if commit.parent)

    def _track(self, tip: str) -> None:
        """Note what the remote has now, unless another process has seen it further on already."""
        store, ref = self._store, self.remote.tracking
        old = store.tip(ref)
        if old is None or (old != tip and store.merge_base(old, tip) == old):
            store.move(ref, old, tip, "sync: push")

    def _state(self) -> str:
        """Return what a failed sync leaves behind, as the end of its message."""
        local, published = (self._store.tip(ref) for ref in (self._ref, self.remote.tracking))
        left = self._count(local, published) if local else 0
        told = [f"{_operations(left)} unpublished"] if left else []
        if self._report.claims_lost:
            told.append("a claim was lost: git ledger inbox")
        return "".join(f"; {part}" for part in told)


def _operations(count: int) -> str:
    return f"{count} operation{'' if count == 1 else 's'}"
