"""Replay of unpublished operations on a published tip, one by one (contract, section 5)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from gitledger.core.operation import Operation
from gitledger.reapply import ANY_SIZE, Files, Reapplied, Replayed
from gitledger.remote import Progress, untold
from gitledger.snapshot import Snapshot, path_task
from gitledger.store.base import Commit, Signature, Store

_WORD: Final = re.compile(r"\w+")


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
    joined = _first_with(store, commits, heads)
    series = _Series(store, published, committer)
    for done, commit in enumerate(commits):
        progress("replay", done, len(commits))
        series.add(commit)
        if done == joined:
            series.join(heads, published, session)
    return series.result


def _published_heads(
    store: Store, local: str, published: str, elsewhere: Iterable[str]
) -> list[str]:
    """Return the newest commits of ours that other remotes have, and `published` does not."""
    ours = {base for tip in elsewhere if (base := store.merge_base(local, tip))}
    new = sorted(oid for oid in ours if store.merge_base(published, oid) != oid)
    return [
        oid
        for oid in new
        if not any(oid != other and store.merge_base(oid, other) == oid for other in new)
    ]


def _first_with(store: Store, commits: Sequence[Commit], heads: Sequence[str]) -> int | None:
    """Return the place of the first commit that contains all heads, None without heads."""
    if not heads:
        return None
    places = {commit.id: place for place, commit in enumerate(commits)}
    found = []
    for head in heads:
        place = places.get(head)
        if place is None:  # it is a further parent of one of them
            having = (n for n, it in enumerate(commits) if store.merge_base(it.id, head) == head)
            place = next(having, 0)
        found.append(place)
    return max(found)


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

    def add(self, commit: Commit) -> None:
        """Write an operation, if it changes anything."""
        files = Reapplied(self._store, commit, self._onto, self.result).files()
        if not files:
            return
        message = _renamed(commit.message, self.result.renamed)
        self._write(self.result.tip, files, message, commit.author)

    def join(self, heads: Sequence[str], published: str, session: str) -> None:
        """Put one commit, whose further parents are the heads, in the place of all before."""
        files: Files = {}
        for path, _, new in self._store.changes(published, self.result.tip):
            files[path] = self._store.read(new.oid, ANY_SIZE) if new else None
        tasks = tuple(task_id for path in sorted(files) if (task_id := path_task(path)))
        first = self._onto.find(tasks[0]) if tasks else None
        joined = Operation(
            name="merge", tasks=tasks, title=first.title if first else "", session=session
        )
        self._write(published, files, joined.message(), self._committer, heads)

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


def _renamed(message: str, new_ids: Mapping[str, str]) -> str:
    """Return a commit's message with the new ids of the tasks that it names."""
    if not new_ids:
        return message
    return _WORD.sub(lambda word: new_ids.get(word[0], word[0]), message)
