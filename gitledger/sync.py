"""Sync as a plan and a report: what is to be done, what must not happen, what was done."""

from __future__ import annotations

from enum import Enum

from gitledger.core.conflict import Conflict
from gitledger.core.dataclass import dataclass, field
from gitledger.core.merge import LostClaim
from gitledger.core.task import Task
from gitledger.errors import ImprobableDeletions
from gitledger.replayed import Replayed
from gitledger.snapshot import Snapshot
from gitledger.store.base import Store
from gitledger.tree import path_any_task, path_task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container
    from typing import Final

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
        sessions_renamed: new names of sessions whose name another machine had registered first.
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
    sessions_renamed: dict[str, str] = field(default_factory=dict)
    restored: bool = False
    backup: str | None = None
    tip: str = ""

    def add(self, replayed: Replayed) -> None:
        """Take over what a replay came to; what an earlier one renamed may be renamed again."""
        self.conflicts += replayed.conflicts
        self.claims_lost += replayed.claims_lost
        self.renamed = _chained(self.renamed, replayed.renamed)
        self.sessions_renamed = _chained(self.sessions_renamed, replayed.sessions_renamed)


def _chained(first: dict[str, str], again: dict[str, str]) -> dict[str, str]:
    return {old: again.get(new, new) for old, new in first.items()} | again


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
    removed: set[str] = set()
    there: set[str] = set()
    for change in store.changes(before, after):
        if task_id := path_any_task(change.path):
            # What leaves one place for the other one, the archive or the way back, is not gone.
            (there if change.new else removed).add(task_id)
    gone = sorted(task for task in removed - there if task not in renamed)
    if len(gone) > _HANDFUL:
        # One that was imported from the same place goes on under another id.
        old, new = Snapshot(store, before), Snapshot(store, after)
        gone = [task for task in gone if not (new.find(task) or _goes_on(old.find(task), new))]
    if len(gone) > _HANDFUL:
        raise ImprobableDeletions(
            f"this sync would remove {len(gone)} tasks {where}: {', '.join(gone[:3])}, …",
            tasks=gone,
            hint="if that is meant: git ledger sync --yes",
        )


def _goes_on(task: Task | None, after: Snapshot) -> bool:
    source = tuple(sorted(task.source.items())) if task else ()
    return bool(source) and after.find_source(source) is not None


def claims_gone(store: Store, before: str, replayed: Replayed) -> list[LostClaim]:
    """Return the claims of one tip that a replay's has not, without those that it tells of."""
    old, new = Snapshot(store, before), Snapshot(store, replayed.tip)
    told = {lost.task for lost in replayed.claims_lost}
    found = []
    for change in store.changes(before, replayed.tip):
        task_id = path_task(change.path)
        task = old.find(task_id) if task_id else None
        if task is None or task.owner is None or task.finished:
            continue
        task_id = replayed.renamed.get(task.id, task.id)
        there = new.find(task_id)
        owner, at = (there.owner, there.claimed_at) if there else (None, None)
        if owner != task.owner and task_id not in told:
            found.append(LostClaim(task_id, task.owner, owner or "", at))
    return found
