"""Replay of unpublished operations on a published tip, one by one (contract, section 5)."""

from __future__ import annotations

import re

from gitledger.core.operation import UNDOES, Operation
from gitledger.reapply import Reapplied
from gitledger.remote import untold
from gitledger.replayed import Files, Replayed
from gitledger.snapshot import Snapshot
from gitledger.store.base import Commit, Signature, Store
from gitledger.tree import path_any_task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Final

    from gitledger.remote import Progress

_WORD: Final = re.compile(r"\w+")
_UNDOES: Final = re.compile(rf"^({UNDOES}: )([0-9a-f]+)$", re.MULTILINE)
_SESSION: Final = re.compile(r"^(Ledger-Session: )(.+)$", re.MULTILINE)


def replay(
    store: Store,
    *,
    local: str,
    published: str,
    committer: Signature,
    session: str = "",
    dropped: str | None = None,
    elsewhere: Iterable[str] = (),
    progress: Progress = untold,
) -> Replayed:
    """Write the operations that only `local` has anew, on top of `published`.

    Author, author date and message survive; an operation that changes nothing there is left out.
    What other remotes have is published as well, and is never written anew: one commit joins it
    to `published`, which is its first parent. No ref is moved.

    Args:
        store: where the commits are.
        local: our tip.
        published: the remote's tip.
        committer: who is recorded as committer.
        session: who is recorded to have joined two published histories.
        dropped: a commit that is left out with all its ancestors: what the remote had before.
        elsewhere: what other remotes are known to have.
        progress: is told how many operations are done.

    Raises:
        NewerFormat: one side is of a format that this program cannot write.
    """
    Snapshot(store, local).require_writable()
    without = [published, *([dropped] if dropped else [])]
    commits = list(reversed(list(store.history(local, without=without))))
    heads = _published_heads(store, local, published, elsewhere)
    done = _first_with(store, commits, heads)
    series = _Series(store, published, committer)
    with store.bulk():
        if done:
            base = store.merge_base(commits[done - 1].id, published)
            series.join(commits[done - 1].replace(parent=base), heads, session)
        for number, commit in enumerate(commits[done:], done):
            progress("replaying operations", number, len(commits))
            series.add(commit)
    return series.result


def _published_heads(
    store: Store, local: str, published: str, elsewhere: Iterable[str]
) -> list[str]:
    """Return the newest commits of ours that other remotes have, and `published` does not."""
    ours = {base for tip in elsewhere if (base := store.merge_base(local, tip))}
    new = sorted(oid for oid in ours if not _contains(store, published, oid))
    return [
        oid
        for oid in new
        if not any(oid != other and _contains(store, other, oid) for other in new)
    ]


def _first_with(store: Store, commits: Sequence[Commit], heads: Iterable[str]) -> int:
    """Return how many commits there are up to the first that contains all heads."""
    places = {commit.id: place for place, commit in enumerate(commits, 1)}
    found = [0]
    for head in heads:
        place = places.get(head)
        if place is None:  # it is a further parent of one of them
            having = (n for n, it in enumerate(commits, 1) if _contains(store, it.id, head))
            place = next(having, 0)
        found.append(place)
    return max(found)


def _contains(store: Store, commit: str, ancestor: str) -> bool:
    return store.merge_base(commit, ancestor) == ancestor


class _Series:
    """The operations that are written on a tip, one on the other.

    Attributes:
        result: what they come to.
    """

    def __init__(self, store: Store, published: str, committer: Signature) -> None:
        self.result = Replayed(tip=published)
        self._store = store
        self._committer = committer
        self._onto = Snapshot(store, published)
        self._onto.require_writable()
        self._commits: dict[str, str] = {}

    def add(self, commit: Commit) -> None:
        """Write an operation, if it changes anything."""
        files = Reapplied(self._store, commit, self._onto, self.result).files()
        if not files:
            return
        message = _renamed(commit.message, self.result, self._commits)
        self._write(self.result.tip, files, message, commit.author)
        self._commits[commit.id] = self.result.tip

    def join(self, theirs: Commit, heads: Sequence[str], session: str) -> None:
        """Merge a whole line of published history at once, with the heads as further parents.

        Args:
            theirs: its last commit, whose parent is where the lines part.
            heads: the commits of it that other remotes have.
            session: who joins.
        """
        files = Reapplied(self._store, theirs, self._onto, self.result).files()
        tasks = tuple(sorted({task_id for path in files if (task_id := path_any_task(path))}))
        first = self._onto.find(tasks[0]) if tasks else None
        joined = Operation(
            name="merge", tasks=tasks, title=first.title if first else "", session=session
        )
        self._write(self.result.tip, files, joined.message(), self._committer, heads)

    def _write(
        self,
        parent: str,
        files: Files,
        message: str,
        author: Signature,
        merged: Sequence[str] = (),
    ) -> None:
        result, store = self.result, self._store
        result.tip = store.write(parent, files, message, author, self._committer, merged=merged)
        self._onto = Snapshot(store, result.tip, self._onto)


def _renamed(message: str, result: Replayed, commits: Mapping[str, str]) -> str:
    """Return a commit's message with the new ids of tasks and commits, and names of sessions."""
    if ids := result.renamed:
        message = _WORD.sub(lambda word: ids.get(word[0], word[0]), message)
    if names := result.sessions_renamed:
        message = _SESSION.sub(lambda line: f"{line[1]}{names.get(line[2], line[2])}", message)
    if commits and UNDOES in message:
        message = _UNDOES.sub(lambda line: f"{line[1]}{commits.get(line[2], line[2])}", message)
    return message
