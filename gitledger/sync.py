"""Sync as a plan and a report: what is to be done, what must not happen, what was done."""

from __future__ import annotations

from collections.abc import Container
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from gitledger.core.conflict import Conflict
from gitledger.core.merge import LostClaim
from gitledger.errors import ImprobableDeletions
from gitledger.reapply import Replayed
from gitledger.snapshot import path_task
from gitledger.store.base import Store

_HANDFUL: Final = 5
"""Tasks that a sync may remove unasked. No verb removes any: it takes plain git, or an undo."""


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
        restored: the remote had lost the list, and has it again.
        backup: the ref that keeps what we had before a replaced remote was accepted.
        tip: the commit that both sides have now.
    """

    remote: str
    pulled: int = 0
    pushed: int = 0
    conflicts: list[Conflict] = field(default_factory=list)
    claims_lost: list[LostClaim] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)
    restored: bool = False
    backup: str | None = None
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


def check_deletions(
    store: Store, before: str, after: str, where: str, *, renamed: Container[str] = ()
) -> None:
    """Raise ImprobableDeletions when a tip has lost more than a handful of tasks of another one.

    Args:
        store: where the commits are.
        before: the tip that is to be replaced.
        after: the tip to replace it.
        where: whose tip that is, for the message.
        renamed: ids of tasks that have others now.
    """
    if before == after:
        return
    removed = (path_task(path) for path, _, new in store.changes(before, after) if new is None)
    gone = sorted(task for task in removed if task and task not in renamed)
    if len(gone) > _HANDFUL:
        raise ImprobableDeletions(
            f"this sync would remove {len(gone)} tasks {where}: {', '.join(gone[:3])}, …",
            tasks=gone,
            hint="if that is meant: git ledger sync --yes",
        )
