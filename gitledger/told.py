"""What has been told of a list, and what is new: each operation once, whatever its id becomes."""

from __future__ import annotations

from gitledger.core.operation import parse_message

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from gitledger.store.base import Commit, Store


class Told:
    """A line of operations, told up to its tip.

    A sync gives unpublished operations other ids: it writes them anew on what was published
    meanwhile. They keep author, time and message (contract, section 5), by which they are known.
    A ref that was moved back, or deleted, and comes again brings nothing new either.

    Args:
        store: where the commits are.
        tip: the last commit that was told; None: none was.

    Attributes:
        tip: likewise.
    """

    def __init__(self, store: Store, tip: str | None) -> None:
        self._store = store
        self._aside: dict[str, Commit] = {}
        self.tip = tip

    def go_on(self, tip: str) -> list[Commit]:
        """Return the operations up to a tip that were not told yet, the oldest first.

        They count as told from now on.

        Raises:
            StoreFailed, Damaged: a commit cannot be read, be it one of those that were told.
        """
        before, store = self.tip, self._store
        line = list(store.history(tip, without=[before] if before else []))
        new = [commit for commit in reversed(line) if commit.parent]
        if before and not (line and line[-1].parent == before):
            gone = store.history(before, without=[tip])
            self._aside |= {commit.id: commit for commit in gone if commit.parent}
        self.tip = tip
        # Whoever is the very same is found before those who have got other ids and names.
        return self._without_aside(self._without_aside(new, _message), _deed)

    def _without_aside(
        self, new: list[Commit], identity: Callable[[Commit], Hashable]
    ) -> list[Commit]:
        """Return the commits that are none of those put aside, which are taken from there."""
        if not self._aside:
            return new
        known: dict[Hashable, list[str]] = {}
        for commit in reversed(self._aside.values()):  # within a second the order decides
            known.setdefault(identity(commit), []).append(commit.id)
        left = []
        for commit in new:
            if same := known.get(identity(commit)):
                del self._aside[same.pop(0)]
            else:
                left.append(commit)
        return left


def _message(commit: Commit) -> Hashable:
    return commit.author, commit.message


def _deed(commit: Commit) -> Hashable:
    """Return what a replay leaves as it is even where it gives tasks or sessions other names."""
    operation = parse_message(commit.message)
    return (
        commit.author,
        operation.name,
        operation.title,
        len(operation.tasks),
        operation.agent,
    )
