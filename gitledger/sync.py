"""Sync: fetch, replay what is unpublished, push, and again when another machine was faster."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum
from time import sleep
from typing import Final

from gitledger import lists
from gitledger.core.conflict import Conflict
from gitledger.core.merge import LostClaim
from gitledger.errors import NoLedger, RemoteFailed
from gitledger.remote import Behind, Remote
from gitledger.replay import Replayed, replay
from gitledger.store.base import Signature, Store

_REFUSALS: Final = 6
"""Refused pushes in a row, without anything new on the remote, that we take for a real no."""
_PAUSE: Final = 0.1
"""Seconds before the second of them; it doubles, while the server may be busy with another's."""


class Step(Enum):
    """What has to be done to bring the local tip and the published one together."""

    NOTHING = "nothing"
    FORWARD = "forward"
    REPLAY = "replay"
    UNRELATED = "unrelated"


@dataclass(slots=True)
class SyncReport:
    """What a sync did.

    Attributes:
        remote: the remote's name.
        pulled: operations that came from the remote.
        pushed: operations that went there.
        conflicts: each value that lost in a merge; a note on its task keeps it.
        claims_lost: each claim that another machine had published first.
        renamed: new ids of tasks whose id was taken, by the old id.
        tip: the commit that both sides have now.
    """

    remote: str
    pulled: int = 0
    pushed: int = 0
    conflicts: list[Conflict] = field(default_factory=list)
    claims_lost: list[LostClaim] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    tip: str = ""

    def add(self, replayed: Replayed) -> None:
        """Take over what a replay came to; what an earlier one renamed may be renamed again."""
        self.conflicts += replayed.conflicts
        self.claims_lost += replayed.claims_lost
        again = replayed.renamed
        self.renamed = {old: again.get(new, new) for old, new in self.renamed.items()} | again


def plan(store: Store, local: str | None, published: str | None) -> Step:
    """Return the step that brings the local tip up to the published one."""
    if published is None or local == published:
        return Step.NOTHING
    if local is None:
        return Step.FORWARD
    base = store.merge_base(local, published)
    if base is None:
        return Step.UNRELATED
    if base == published:
        return Step.NOTHING
    return Step.FORWARD if base == local else Step.REPLAY


class Exchange:
    """One sync of this repository's list with a remote's.

    Args:
        store: this repository.
        remote: the list on the remote.
        lock: the lock that writers of the list hold.
        committer: who is recorded as committer of replayed operations.
    """

    def __init__(
        self,
        store: Store,
        remote: Remote,
        *,
        lock: Callable[[], AbstractContextManager[object]],
        committer: Callable[[], Signature],
    ) -> None:
        self.remote = remote
        self._store = store
        self._lock = lock
        self._committer = committer
        self._ref = lists.ref(remote.list)
        self._report = SyncReport(remote=remote.name)

    def run(self) -> SyncReport:
        """Bring both sides to the same tip.

        Raises:
            RemoteFailed: the remote cannot be reached or refuses. What was unpublished stays as
                it is and is published by a later sync.
            NewerFormat: the remote's ledger has a newer format, and there is unpublished work.
        """
        try:
            self._report.tip = self._exchanged()
        except RemoteFailed as failed:
            raise RemoteFailed(
                failed.message + self._state(),
                remote=failed.remote,
                detail=failed.detail,
                hint=failed.hint,
            ) from failed
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

    def _fetched(self) -> str | None:
        """Return the remote's tip, None when it does not have the list."""
        return self._store.tip(self.remote.tracking) if self.remote.fetch() else None

    def _integrated(self, published: str | None) -> str:
        """Move the local ref onto the published tip, with what is unpublished on top of it."""
        store, report = self._store, self._report
        with self._lock():
            while True:
                local = store.tip(self._ref)
                step = plan(store, local, published)
                if step is Step.UNRELATED:
                    raise self._unrelated(published or "")
                if step is Step.NOTHING or published is None:
                    return self._there(local)
                if step is Step.FORWARD or local is None:
                    if store.move(self._ref, local, published, "sync"):
                        report.pulled += self._count(published, local)
                        return published
                    continue
                replayed = replay(
                    store, local=local, published=published, committer=self._committer()
                )
                if store.move(self._ref, local, replayed.tip, "sync: replay"):
                    report.pulled += self._count(published, local)
                    report.add(replayed)
                    return replayed.tip

    def _there(self, local: str | None) -> str:
        if local is None:
            raise NoLedger(
                f"the list '{self.remote.list}' is gone, here and on '{self.remote.name}'",
                hint="see: git ledger lists",
            )
        return local

    def _unrelated(self, published: str) -> RemoteFailed:
        return RemoteFailed(
            f"the ledger on remote '{self.remote.name}' shares no history with this one",
            remote=self.remote.name,
            hint=f"look at it: git log {published[:12]}",
        )

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
        told = [f"{left} operation{'' if left == 1 else 's'} unpublished"] if left else []
        if self._report.claims_lost:
            told.append("a claim was lost: git ledger inbox")
        return "".join(f"; {part}" for part in told)
