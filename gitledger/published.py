"""What a remote is known to have of a list: which claims it confirms (contract, section 4)."""

from __future__ import annotations

from gitledger import lists, remotes
from gitledger.core.view import Claim
from gitledger.errors import Damaged
from gitledger.tree import path_any_task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Literal

    from gitledger.repository import Repository
    from gitledger.snapshot import Snapshot


class Published:
    """What the remotes of a repository are known to have of a list.

    Args:
        repository: whose remotes.
        list: the list's name.
        remote: the remote that the list is shared with by default, None without one.
        tip: the list's newest commit here.
    """

    def __init__(
        self,
        repository: Repository,
        *,
        list: str,  # noqa: A002  # the contract's word
        remote: str | None,
        tip: str,
    ) -> None:
        self._snapshot: Snapshot | None = None
        self._differing: frozenset[str] | None = frozenset()
        names = remotes.names(repository.configuration)
        there = None
        # Of several remotes, none of them the default, the one that has the list counts. A tracking
        # ref that is damaged says nothing: every task can be read without it.
        for name in [remote] if remote else names:
            try:
                there = there or _tip(repository, lists.tracking_ref(name, list), tip)
            except Damaged:
                pass
        if there is not None and there != tip:
            from gitledger.snapshot import Snapshot

            self._snapshot = Snapshot(repository.store, there)
            changes = repository.store.changes(there, tip)
            self._differing = frozenset(
                task_id for change in changes if (task_id := path_any_task(change.path))
            )
        elif there is None and names:
            self._differing = None

    def claim(self, task_id: str, session: str, at: datetime | None) -> Claim:
        """Return the claim of a session that holds a task; it is confirmed once the remote has it.

        Without a remote there is nobody to confirm it: it is confirmed at once.

        Args:
            task_id: the task's id.
            session: who holds it here.
            at: since when.
        """
        state: Literal["tentative", "confirmed"] = "confirmed"
        if self._differing is None or task_id in self._differing:
            there = self._snapshot.find(task_id) if self._snapshot else None
            if there is None or (there.owner, there.claimed_at) != (session, at):
                state = "tentative"
        return Claim(session=session, at=at, state=state)


def _tip(repository: Repository, ref: str, known: str) -> str | None:
    """Return the commit that a ref names, None without one; one that is known is not looked at.

    Raises:
        Damaged: the ref is damaged, or names no commit that can be read.
    """
    # No store is needed as a rule, whose modules take a tenth of the time of a list.
    there = repository.target(ref)
    return there if there in (None, known) else repository.store.tip(ref)
