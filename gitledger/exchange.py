"""The exchange of a list with a remote: what a sync does, step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from time import sleep
from typing import Final

from gitledger import lists, shelf
from gitledger.errors import (
    Damaged,
    ImprobableDeletions,
    NoLedger,
    RemoteFailed,
    RemoteReplaced,
)
from gitledger.reapply import Replayed
from gitledger.remote import Behind, Fetched, Remote
from gitledger.replay import replay
from gitledger.snapshot import FORMAT_PATH
from gitledger.store.base import Signature, Store
from gitledger.sync import Step, SyncReport, check_deletions, claims_gone, plan

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
        except (RemoteFailed, ImprobableDeletions) as failed:
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
            RemoteFailed: what it has is no ledger; or as `Remote.fetch`.
        """
        remote = self.remote
        while True:
            before = self._known()
            fetched = remote.fetch()
            if fetched is Fetched.ABSENT:
                self._report.restored = before is not None
                return None
            if fetched is Fetched.DONE:
                return self._checked(before)
            # It has been asked after it was known to have `before`. Another process of ours may
            # have come between: then the tracking ref, or the remote, has moved on.
            there = remote.advertised()
            if before is None or there is None or self._known() != before:
                continue
            kind = remote.kind(there)
            if kind is None:  # not fetched: the remote has moved again
                continue
            if kind != "commit":
                raise self._no_ledger(there)
            base = self._store.merge_base(before, there)
            if base != before:
                return self._replaced(before, there, base)

    def _known(self) -> str | None:
        """Return the commit that the tracking ref names, None where it names something else.

        git moves it to a blob or a tag without a word, and we may die before we put it back.
        """
        try:
            return self._store.tip(self.remote.tracking)
        except Damaged:
            if self.remote.kind(self.remote.tracking) in ("blob", "tag", "tree"):
                return None
            raise

    def _checked(self, before: str | None) -> str:
        """Return what was fetched; where that is no ledger, put the tracking ref back."""
        there = self._known()
        if there is not None and (before is not None or self._is_ledger(there)):
            return there
        tracking, wrong = self.remote.tracking, self.remote.tracked()
        if before is None:
            self._store.remove(tracking, wrong)
        else:
            self._store.move(tracking, wrong, before, "sync: no ledger")
        raise self._no_ledger(wrong)

    def _is_ledger(self, commit: str) -> bool:
        return self._store.entry(commit, FORMAT_PATH) is not None

    def _no_ledger(self, there: str) -> RemoteFailed:
        return RemoteFailed(
            f"what remote '{self.remote.name}' has at {self.remote.ref} is no ledger",
            remote=self.remote.name,
            hint=f"look at it: git show {there[:12]}",
        )

    def _replaced(self, before: str, there: str, base: str | None) -> str:
        """Take what the remote has instead of what it had, where that is accepted."""
        if not self._is_ledger(there):
            raise self._no_ledger(there)
        if not self._accept_remote:
            raise self._refusal(before, there, base)
        with self._lock():
            self._accept(there, before)
            # Last: until then the remote counts as replaced, and another try begins anew.
            self._store.move(self.remote.tracking, before, there, "sync: accept remote")
        return there

    def _refusal(self, before: str, there: str, base: str | None) -> RemoteReplaced:
        count = self._count(before, there)
        gone = f"{_operations(count)} that it had {'is' if count == 1 else 'are'} gone there"
        called = f"remote '{self.remote.name}'"
        if base is None:
            what = f"the ledger on {called} was replaced by one that shares no history with it"
        elif base == there:
            what = f"the ledger on {called} went back: {gone}"
        else:
            what = f"the ledger on {called} was rewritten: {gone}"
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
        """Put what is unpublished on top of the remote's tip, and keep a backup of ours.

        Args:
            there: the remote's tip.
            dropped: what it had before.
        """
        store, report = self._store, self._report
        while (local := store.tip(self._ref)) is not None:
            if self._stands_on(local, there, dropped):
                return
            replayed = self._replay(local, there, dropped)
            self._check_deletions(local, there, replayed)
            backup = lists.backup_ref(self.remote.list, local)
            shelf.keep(store, backup, local)
            if store.move(self._ref, local, replayed.tip, "sync: accept remote"):
                report.pulled += self._count(there, local)
                report.backup = backup
                report.add(replayed)
                report.claims_lost += claims_gone(store, local, replayed)
                return

    def _stands_on(self, local: str, there: str, dropped: str | None) -> bool:
        """Tell whether ours holds all that is there and nothing of what was dropped.

        So it is when we died in an earlier try, before the tracking ref was moved.
        """
        store = self._store
        if store.merge_base(local, there) != there:
            return False
        shared = store.merge_base(local, dropped) if dropped else None
        return shared is None or store.merge_base(shared, there) == shared

    # -- our side ------------------------------------------------------------------------------

    def _integrated(self, published: str | None) -> str:
        """Move the local ref onto the published tip, with what is unpublished on top of it."""
        store, report = self._store, self._report
        with self._lock():
            while True:
                local = store.tip(self._ref)
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
                    report.pulled += self._count(published, local)
                    report.add(replayed)
                    return replayed.tip

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
        self, local: str | None, published: str | None, replayed: Replayed
    ) -> None:
        """Raise ImprobableDeletions, before anything is moved, for either side's tasks."""
        if self._allow_deletions:
            return
        for tip, where in (local, "here"), (published, f"on remote '{self.remote.name}'"):
            if tip is not None:
                check_deletions(self._store, tip, replayed.tip, where, renamed=replayed.renamed)

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
        local, published = self._store.tip(self._ref), self._known()
        left = self._count(local, published) if local else 0
        told = [f"{_operations(left)} unpublished"] if left else []
        if self._report.claims_lost:
            told.append("a claim was lost: git ledger inbox")
        return "".join(f"; {part}" for part in told)


def _operations(count: int) -> str:
    return f"{count} operation{'' if count == 1 else 's'}"
