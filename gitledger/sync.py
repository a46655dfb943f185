"""Sync: fetch, replay what is unpublished, push, and again when another machine was faster."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from enum import Enum

from gitledger import lists
from gitledger.core.conflict import Conflict
from gitledger.core.merge import LostClaim
from gitledger.errors import RemoteFailed
from gitledger.remote import Remote
from gitledger.replay import replay
from gitledger.store.base import Signature, Store

_REFUSALS = 5
"""Refused pushes in a row, without anything new on the remote, that we take for a real no."""


class Step(Enum):
    """What has to be done to bring the local tip and the published one together."""

    NOTHING = "nothing"
    JOIN = "join"
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


def plan(store: Store, local: str | None, published: str | None) -> Step:
    """Return the step that brings the local tip up to the published one."""
    if published is None or local == published:
        return Step.NOTHING
    if local is None:
        return Step.JOIN
    base = store.merge_base(local, published)
    if base is None:
        return Step.UNRELATED
    if base == published:
        return Step.NOTHING
    return Step.FORWARD if base == local else Step.REPLAY


def synchronise(
    store: Store,
    remote: Remote,
    *,
    lock: Callable[[], AbstractContextManager[object]],
    committer: Callable[[], Signature],
) -> SyncReport:
    """Bring this repository's list and the remote's to the same tip.

    Args:
        store: this repository.
        remote: the list on the remote.
        lock: the lock that writers of the list hold.
        committer: who is recorded as committer of replayed operations.

    Raises:
        RemoteFailed: the remote cannot be reached or refuses. What was unpublished stays as it
            is and is published by a later sync.
    """
    report = SyncReport(remote=remote.name)
    ref, refused, seen = lists.ref(remote.list), 0, None
    while True:
        published = store.tip(remote.tracking) if remote.fetch() else None
        with lock():
            _integrate(store, ref, published, report, committer)
        tip = store.tip(ref)
        if tip is None or tip == published:
            break
        refused = refused + 1 if published == seen else 1
        if refused > _REFUSALS:
            raise RemoteFailed(
                f"remote '{remote.name}' refuses the ledger's ref",
                remote=remote.name,
                hint="your work is kept here; ask who runs the server",
            )
        seen = published
        if remote.push(tip):
            report.pushed += _count(store, tip, published)
            _track(store, remote.tracking, tip)
            break
    report.tip = tip or ""
    return report


def join(
    store: Store,
    remote: Remote,
    *,
    lock: Callable[[], AbstractContextManager[object]],
    committer: Callable[[], Signature],
) -> bool:
    """Bring in what the remote has of the list, without pushing anything.

    Returns:
        False when the remote has no such list.

    Raises:
        RemoteFailed: the remote cannot be reached or refuses.
    """
    if not remote.fetch():
        return False
    with lock():
        published = store.tip(remote.tracking)
        report = SyncReport(remote=remote.name)
        _integrate(store, lists.ref(remote.list), published, report, committer)
    return True


def _integrate(
    store: Store,
    ref: str,
    published: str | None,
    report: SyncReport,
    committer: Callable[[], Signature],
) -> None:
    """Move the local ref onto the published tip, with what is unpublished on top of it."""
    while True:
        local = store.tip(ref)
        step = plan(store, local, published)
        if step is Step.NOTHING or published is None:
            return
        if step is Step.UNRELATED:
            raise RemoteFailed(
                f"the ledger on remote '{report.remote}' shares no history with this one",
                remote=report.remote,
                hint=f"look at it: git log {published[:12]}",
            )
        if step is not Step.REPLAY or local is None:
            if store.move(ref, local, published, "sync"):
                report.pulled += _count(store, published, local)
                return
            continue
        result = replay(store, local=local, published=published, committer=committer())
        if store.move(ref, local, result.tip, "sync: replay"):
            report.pulled += _count(store, published, local)
            report.conflicts += result.conflicts
            report.claims_lost += result.claims_lost
            report.renamed.update(result.renamed)
            return


def _count(store: Store, tip: str, without: str | None) -> int:
    """Count the operations; the root that every ledger shares is none."""
    hidden = [without] if without else []
    return sum(1 for commit in store.history(tip, without=hidden) if commit.parent)


def _track(store: Store, ref: str, tip: str) -> None:
    """Note what the remote has now, unless another process has already seen it further on."""
    old = store.tip(ref)
    if old is None or (old != tip and store.merge_base(old, tip) == old):
        store.move(ref, old, tip, "sync: push")
