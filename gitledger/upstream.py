"""What a remote has of a list, fetched and looked at before anything is made of it."""

from __future__ import annotations

from typing import NamedTuple

from gitledger.errors import Damaged, RemoteFailed
from gitledger.remote import Fetched, Remote
from gitledger.store.base import Store
from gitledger.tree import FORMAT_PATH

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_NO_LEDGER: Final = ("blob", "tag", "tree")
"""Kinds of objects that a ref may name, and a ledger's does not."""


class Found(NamedTuple):
    """What a remote was found to have.

    Attributes:
        tip: the commit that its ref names, None where it does not have the list.
        before: what it was known to have.
        lost: it does not have any more what it had.
        base: what it still has of that, None where the two share nothing.
    """

    tip: str | None
    before: str | None
    lost: bool = False
    base: str | None = None


class Upstream:
    """A list on a remote, as our repository knows it.

    Args:
        store: our repository.
        remote: the list on the remote.
    """

    def __init__(self, store: Store, remote: Remote) -> None:
        self._store = store
        self._remote = remote

    def known(self) -> str | None:
        """Return the commit that the tracking ref names, None where it names something else.

        git moves it to a blob or a tag without a word, and we may die before we put it back.
        """
        try:
            return self._store.tip(self._remote.tracking)
        except Damaged:
            if self._remote.kind(self._remote.tracking) in _NO_LEDGER:
                return None
            raise

    def fetch(self) -> Found:
        """Fetch into the tracking ref, which stays where it is when the remote has lost something.

        Raises:
            RemoteFailed: what it has is no ledger; or as `Remote.fetch`.
        """
        while True:
            before = self.known()
            fetched = self._remote.fetch()
            if fetched is Fetched.ABSENT:
                return Found(None, before)
            if fetched is Fetched.DONE:
                return Found(self._checked(before), before)
            if before is not None and (lost := self._lost(before)):
                return lost

    def note(self, tip: str) -> None:
        """Note what the remote has now, unless another process has seen it further on already."""
        store, ref = self._store, self._remote.tracking
        old = store.tip(ref)
        if old is None or (old != tip and store.merge_base(old, tip) == old):
            store.move(ref, old, tip, "sync: push")

    def accept(self, found: Found) -> None:
        """Note what the remote has instead of what it had."""
        if found.tip is not None:
            self._store.move(self._remote.tracking, found.before, found.tip, "sync: accept remote")

    def _lost(self, before: str) -> Found | None:
        """Return what the remote has instead of what it had; None: it has to be fetched again.

        It has been asked after it was known to have `before`. Another process of ours may have
        come between: then the tracking ref, or the remote, has moved on.
        """
        there = self._remote.advertised()
        if there is None or self.known() != before:
            return None
        kind = self._remote.kind(there)
        if kind is None:  # not fetched: the remote has moved again
            return None
        if kind != "commit":
            raise self._no_ledger(there)
        base = self._store.merge_base(before, there)
        if base == before:
            return None
        if not self._is_ledger(there):
            raise self._no_ledger(there)
        return Found(there, before, lost=True, base=base)

    def _checked(self, before: str | None) -> str:
        """Return what was fetched; where that is no ledger, put the tracking ref back."""
        there = self.known()
        if there is not None and (before is not None or self._is_ledger(there)):
            return there
        tracking, wrong = self._remote.tracking, self._remote.tracked()
        if before is None:
            self._store.remove(tracking, wrong)
        else:
            self._store.move(tracking, wrong, before, "sync: no ledger")
        raise self._no_ledger(wrong)

    def _is_ledger(self, commit: str) -> bool:
        return self._store.entry(commit, FORMAT_PATH) is not None

    def _no_ledger(self, there: str) -> RemoteFailed:
        return RemoteFailed(
            f"what remote '{self._remote.name}' has at {self._remote.ref} is no ledger",
            remote=self._remote.name,
            hint=f"look at it: git show {there[:12]}",
        )
