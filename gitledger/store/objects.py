"""Objects, read with a look at each before anything is made of it."""

from __future__ import annotations

import os
from itertools import islice

from gitledger.errors import Damaged
from gitledger.store import damage, trees
from gitledger.store.commits import parse_commit
from gitledger.store.failures import Unreadable, explain
from gitledger.store.loose import LooseObject, loose_path, object_folders, read_loose

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Final, Protocol

    from gitledger.configuration import Configuration
    from gitledger.store.commits import RawCommit

    class Packs(Protocol):
        """What reads the objects that have no file of their own."""

        def packed(self, oid: str, limit: int | None, spoilt: Sequence[str]) -> LooseObject:
            """Return an object, without its content when that is over the limit.

            Args:
                oid: its id.
                limit: bytes; the content of a larger object is not read.
                spoilt: files of this object that are damaged: they do not count.

            Raises:
                KeyError: there is none.
                Unreadable: it is damaged.
            """

        def packed_many(self, oids: Sequence[str], limit: int) -> Mapping[str, LooseObject]:
            """Return those of many objects that can be read, by their ids; else like `packed`."""


_AT_ONCE: Final = 512
"""Objects that are asked for together; so many are held in memory."""

_COMMITS: Final = 4_096
"""Commits that are remembered: a sync walks over those that are new several times."""

_TREES: Final = 1_024
"""Trees that are remembered: every update goes through the same few again."""


class Objects:
    """The objects of a repository.

    Args:
        packs: reads those that have no file of their own.
        common_dir: of the repository.
        configuration: returns git's configuration.
        made: those that are made and not written yet: kind and content by id.
    """

    def __init__(
        self,
        packs: Packs,
        common_dir: str,
        configuration: Callable[[], Configuration],
        made: Mapping[str, tuple[str, bytes]],
    ) -> None:
        self._packs = packs
        self._made = made
        self._common_dir = common_dir
        self._configuration = configuration
        self._folders: tuple[str, ...] = ()
        self._commits: dict[str, RawCommit] = {}
        self._trees: dict[str, trees.Items] = {}

    @property
    def folders(self) -> tuple[str, ...]:
        """The directories where objects are, the repository's own first."""
        if not self._folders:
            self._folders = object_folders(os.path.join(self._common_dir, "objects"))
        return self._folders

    def get(self, oid: str, limit: int | None = None) -> LooseObject:
        """Return an object that is in the repository, or is made and not written yet.

        Arguments and errors are those of `stored`.
        """
        if oid not in self._made:
            return self.stored(oid, limit)
        kind, content = self._made[oid]
        size = len(content)
        return LooseObject(kind, size, content if limit is None or size <= limit else None)

    def stored(self, oid: str, limit: int | None = None) -> LooseObject:
        """Return an object that is in the repository: from its own file, else from a pack.

        A damaged file does not matter where a pack has the object, too.

        Args:
            oid: its id.
            limit: bytes; the content of a larger object is not read.

        Raises:
            Damaged: it is missing or damaged.
            ERRORS: the repository cannot be read.
        """
        damaged: Damaged | None = None
        spoilt: list[str] = []
        for folder in self.folders:
            try:
                if loose := read_loose(folder, oid, limit):
                    return loose
            except Damaged as error:
                damaged = error
                spoilt.append(loose_path(folder, oid))
        try:
            return self._packs.packed(oid, limit, spoilt)
        except KeyError:
            raise damaged or self._missing(oid) from None
        except Unreadable as error:
            raise damaged or damage.damaged(oid, explain(error)) from error

    def many(self, oids: Iterable[str], limit: int) -> Iterator[LooseObject]:
        """Yield many objects, in this order: as `get` has them, in less time.

        Whether an object has a file of its own is told by a look at its folder, once for all.
        """
        names: dict[str, set[str]] = {}
        waiting = iter(oids)
        while part := list(islice(waiting, _AT_ONCE)):
            packed = [oid for oid in part if oid not in self._made]
            packed = [oid for oid in packed if not self._has_file(oid, names)]
            found = self._packs.packed_many(packed, limit)
            for oid in part:
                # What is in no pack, or damaged there, has a file by now, or is an error.
                yield found.get(oid) or self.get(oid, limit)

    def _has_file(self, oid: str, names: dict[str, set[str]]) -> bool:
        """Tell whether an object has a file; `names` keeps what is in the folders of files."""
        start = oid[:2]
        if start not in names:
            names[start] = set()
            for folder in self.folders:
                try:
                    names[start].update(os.listdir(os.path.join(folder, start)))
                except (FileNotFoundError, NotADirectoryError):
                    continue
        return oid[2:] in names[start]

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

    def tree(self, oid: str) -> trees.Items:
        """Return the items of a tree by their names; errors are those of `get`."""
        found = self._trees.get(oid)
        if found is None:
            found = trees.items(self.raw_tree, oid)
            self.remember(oid, found)
        return found

    def remember(self, tree: str, items: trees.Items) -> None:
        """Take down what is in a tree that was just written."""
        if len(self._trees) >= _TREES:
            self._trees.clear()
        self._trees[tree] = items

    def forget(self) -> None:
        """Forget what was remembered: some of it turned out not to be there."""
        self._commits.clear()
        self._trees.clear()

    def folder(self, commit: str, path: str) -> str | None:
        """Return the tree of a folder in a commit's tree, None when there is none.

        Errors are those of `get`.
        """
        tree = self.commit(commit).tree
        for name in path.split("/") if path else ():
            below = trees.folder(self.tree(tree), trees.raw_name(name))
            if below is None:
                return None
            tree = below
        return tree

    def _missing(self, oid: str) -> Damaged:
        return damage.missing(oid, self._common_dir, self._configuration, self.parents)

    def _content(self, oid: str, kind: str) -> bytes:
        found = self.get(oid)
        if found.kind != kind:
            raise damage.not_a(kind, oid)
        return found.content or b""
