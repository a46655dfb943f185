"""Objects, written: blobs, the trees above them, and a commit."""

from __future__ import annotations

import errno
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path
from typing import Final, TypeAlias

from gitledger.core.text import escape
from gitledger.errors import Damaged, StoreFailed
from gitledger.store import trees
from gitledger.store.base import FOLDER
from gitledger.store.failures import says
from gitledger.store.libgit2 import ERRORS, Libgit2
from gitledger.store.objects import Objects

_Files: TypeAlias = list[tuple[list[str], bytes | None]]
"""Names from a folder down to a file, and the file's content, None where it is removed."""

_BLOB: Final = 0o100644
_TRIES: Final = 8
"""How often the folder of an object may vanish before the disk is to blame."""
_NO_NAMES: Final = ("", ".", "..", ".git", "git~1")
"""What git takes for no name of a file, in capitals or not: it could lead out of a worktree."""


class Writing:
    """Writes objects into a repository.

    Args:
        libgit2: the repository.
        objects: its objects.
        folder: the directory where its own objects are.
    """

    def __init__(self, libgit2: Libgit2, objects: Objects, folder: str) -> None:
        self._libgit2 = libgit2
        self._objects = objects
        self._folder = folder

    def write(self, kind: str, content: bytes) -> str:
        """Write an object, make sure that it is there, and return its id.

        Where it has a file already libgit2 leaves that as it is, were it truncated in a crash.

        Raises:
            ERRORS: it cannot be written.
        """
        oid = self._put(kind, content)
        try:
            self._objects.get(oid)
        except Damaged:
            Path(self._folder, oid[:2], oid[2:]).unlink(missing_ok=True)
            self._put(kind, content)
            self._objects.get(oid)
        return oid

    def tree(self, before: str | None, files: Mapping[str, bytes | None]) -> str:
        """Write a tree, and return its id; see `Store.write` for what is replaced and removed.

        Args:
            before: the tree that is changed; None is the empty one.
            files: new content by path, None removes the path.

        Raises:
            StoreFailed: a path cannot be written.
            ERRORS: it cannot be written.
        """
        by_path = sorted((path.split("/"), content) for path, content in files.items())
        return self._tree(before, by_path) or self.write("tree", b"")

    def _tree(self, before: str | None, files: _Files) -> str | None:
        """Write a tree with the files in it, sorted by path; None when nothing is left in it."""
        items = dict(self._objects.tree(before)) if before else {}
        for name, group in groupby(files, key=lambda file: file[0][0]):
            inside = [(path[1:], content) for path, content in group]
            raw = trees.raw_name(name)
            there = items.get(raw)
            folder = there.oid if there and there.mode == FOLDER else None
            if not inside[0][0]:
                content = inside.pop(0)[1]
                if content is not None:
                    _check_removed(name, inside)
                    items[_checked(name)] = trees.item(_BLOB, self.write("blob", content))
                    continue
                if folder is None:
                    items.pop(raw, None)
                if not inside:
                    continue
            below = self._tree(folder, inside)
            if below is not None:
                items[_checked(name)] = trees.item(FOLDER, below)
            elif folder is not None:
                del items[raw]
        if not items:
            return None
        oid = self.write("tree", trees.content(items))
        self._objects.remember(oid, items)
        return oid

    def _put(self, kind: str, content: bytes) -> str:
        """Write an object, again where `git gc` has removed the folder that it was to go to.

        It removes those that it has emptied, and may do so when libgit2 has just found one there.
        """
        for _ in range(_TRIES - 1):
            try:
                return self._libgit2.put(kind, content)
            except ERRORS as error:
                if not says(error, errno.ENOENT):
                    raise
        return self._libgit2.put(kind, content)


def _checked(name: str) -> bytes:
    """Return a name as git stores it, if it can be a file's."""
    raw = trees.raw_name(name)
    if name.lower() in _NO_NAMES or b"\0" in raw:
        raise StoreFailed(f"'{escape(name)}' cannot be the name of a file")
    return raw


def _check_removed(name: str, files: _Files) -> None:
    if any(content is not None for _, content in files):
        raise StoreFailed(f"'{name}' cannot be written both as a file and as a folder")
