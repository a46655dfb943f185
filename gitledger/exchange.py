"""The exchange of a list with a remote: what a sync does, step by step."""

from __future__ import annotations

from contextlib import AbstractContextManager
from time import sleep

from gitledger.diagnosis import Behind
from gitledger.downstream import Downstream
from gitledger.errors import ImprobableDeletions, RemoteFailed, RemoteReplaced
from gitledger.remote import Remote
from gitledger.store.base import Signature, Store
from gitledger.sync import SyncReport
from gitledger.upstream import Upstream

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Final

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
        self._accept_remote = accept_remote
        self._report = SyncReport(remote=remote.name)
        self._theirs = Upstream(store, remote)
        self._ours = Downstream(
            store,
            remote,
            self._report,
            lock=lock,
            committer=committer,
            session=session,
            elsewhere=elsewhere,
            accept_remote=accept_remote,
            allow_deletions=allow_deletions,
        )

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
        self._ours.integrate(published)
        return True

    def _exchanged(self) -> str:
        refused: list[str | None] = []
        while True:
            published = self._fetched()
            if (again := refused.count(published)) > 1:
                sleep(_PAUSE * 2 ** (again - 2))
            tip = self._ours.integrate(published)
            if tip == published:
                return tip
            try:
                self.remote.push(tip)
            except Behind:
                refused.append(published)
                if refused.count(published) == _REFUSALS:
                    raise
            else:
                self._report.pushed += self._ours.count(tip, published)
                self._theirs.note(tip)
                return tip

    def _fetched(self) -> str | None:
        """Return the remote's tip, None when it does not have the list.

        Raises:
            RemoteReplaced: it lacks what it had, and that is not to be accepted.
            RemoteFailed: as `Upstream.fetch`.
        """
        found = self._theirs.fetch()
        if found.tip is None:
            self._report.restored = found.before is not None
        elif found.lost and found.before is not None:
            if not self._accept_remote:
                raise self._refusal(found.tip, found.before, found.base)
            self._ours.accept(found.tip, found.before)
            # Last: until then the remote counts as replaced, and another try begins anew.
            self._theirs.accept(found)
        return found.tip

    def _refusal(self, there: str, before: str, base: str | None) -> RemoteReplaced:
        count = self._ours.count(before, there)
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

    def _state(self) -> str:
        """Return what a failed sync leaves behind, as the end of its message."""
        local, published = self._ours.tip(), self._theirs.known()
        left = self._ours.count(local, published) if local else 0
        told = [f"{_operations(left)} unpublished"] if left else []
        if self._report.claims_lost:
            told.append("a claim was lost: git ledger inbox")
        return "".join(f"; {part}" for part in told)


def _operations(count: int) -> str:
    return f"{count} operation{'' if count == 1 else 's'}"
