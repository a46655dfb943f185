"""Objects, read with a look at each before anything is made of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from gitledger.configuration import Configuration
from gitledger.errors import Damaged
from gitledger.store import damage, trees
from gitledger.store.base import FOLDER
from gitledger.store.commits import RawCommit, parse_commit
from gitledger.store.failures import explain
from gitledger.store.libgit2 import Libgit2, Unreadable
from gitledger.store.loose import LooseObject, read_loose

_COMMITS: Final = 4_096
"""Commits that are remembered: a sync walks over those that are new several times."""

_TREES: Final = 1_024
"""Trees that are remembered: every update goes through the same few again."""


class Objects:
    """The objects of a repository.

    Args:
        libgit2: the repository.
        common_dir: of the repository.
        folders: the directories where its objects are, its own first.
        configuration: returns git's configuration.
    """

    def __init__(
        self,
        libgit2: Libgit2,
        common_dir: Path,
        folders: Sequence[str],
        configuration: Callable[[], Configuration],
    ) -> None:
        self._libgit2 = libgit2
        self._common_dir = common_dir
        self._folders = folders
        self._configuration = configuration
        self._commits: dict[str, RawCommit] = {}
        self._trees: dict[str, Mapping[bytes, trees.Item]] = {}

    def get(self, oid: str, limit: int | None = None) -> LooseObject:
        """Return an object: from its own file without libgit2, else from a pack with it.

        A damaged file does not matter where a pack has the object, too.

        Args:
            oid: its id.
            limit: bytes; the content of a larger object is not read.

        Raises:
            Damaged: it is missing or damaged.
            ERRORS: the repository cannot be read.
        """
        spoilt: Damaged | None = None
        for folder in self._folders:
            try:
                if loose := read_loose(folder, oid, limit):
                    return loose
            except Damaged as error:
                spoilt = error
        try:
            return self._libgit2.packed(oid, limit)
        except KeyError:
            raise spoilt or self._missing(oid) from None
        except Unreadable as error:
            raise damage.damaged(oid, explain(error)) from error

    def commit(self, oid: str) -> RawCommit:
        """Return a commit; errors are those of `get`."""
        found = self._commits.get(oid)
        if found is None:
            found = parse_commit(oid, self._content(oid, "commit"))
            if len(self._commits) >= _COMMITS:
                self._commits.clear()
            self._commits[oid] = found
        return found

    def parents(self, oid: str) -> tuple[str, ...]:
        """Return the parents of a commit; errors are those of `get`."""
        return self.commit(oid).parents

    def raw_tree(self, oid: str) -> bytes:
        """Return a tree as it is stored; errors are those of `get`."""
        return self._content(oid, "tree")

    def tree(self, oid: str) -> Mapping[bytes, trees.Item]:
        """Return the items of a tree by their names; errors are those of `get`."""
        found = self._trees.get(oid)
        if found is None:
            found = trees.items(self.raw_tree, oid)
            self.remember(oid, found)
        return found

    def remember(self, tree: str, items: Mapping[bytes, trees.Item]) -> None:
        """Take down what is in a tree that was just written."""
        if len(self._trees) >= _TREES:
            self._trees.clear()
        self._trees[tree] = items

    def folder(self, commit: str, path: str) -> str | None:
        """Return the tree of a folder in a commit's tree, None when there is none.

        Errors are those of `get`.
        """
        tree = self.commit(commit).tree
        for name in path.split("/") if path else ():
            item = self.tree(tree).get(trees.raw_name(name))
            if item is None or item.mode != FOLDER:
                return None
            tree = item.oid
        return tree

    def _missing(self, oid: str) -> Damaged:
        return damage.missing(oid, self._common_dir, self._configuration, self.parents)

    def _content(self, oid: str, kind: str) -> bytes:
        found = self.get(oid)
        if found.kind != kind:
            raise damage.not_a(kind, oid)
        return found.content or b""
