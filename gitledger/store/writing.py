"""Trees and commits, made anew: blobs, the trees above them, and a commit."""

from __future__ import annotations

from gitledger.errors import StoreFailed
from gitledger.store import trees
from gitledger.store.base import FOLDER

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Final, TypeAlias

    from gitledger.store.objects import Objects
    from gitledger.store.pending import Pending

    _Files: TypeAlias = list[tuple[list[str], bytes | None]]
    """Names from a folder down to a file, and the file's content, None where it is removed."""

_BLOB: Final = 0o100644
_NO_NAMES: Final = ("", ".", "..", ".git", "git~1")
"""What git takes for no name of a file, in capitals or not: it could lead out of a worktree."""


class Writing:
    """Makes objects for a repository, to be written together.

    Args:
        objects: those that there are.
        pending: takes those that are made.
    """

    def __init__(self, objects: Objects, pending: Pending) -> None:
        self._objects = objects
        self._pending = pending

    def tree(self, before: str | None, files: Mapping[str, bytes | None]) -> str:
        """Make a tree, and return its id; see `Store.write` for what is replaced and removed.

        Args:
            before: the tree that is changed; None is the empty one.
            files: new content by path, None removes the path.

        Raises:
            StoreFailed: a path cannot be written.
        """
        by_path = sorted((path.split("/"), content) for path, content in files.items())
        made, gone = set[str](), set[str]()
        tree = self._tree(before, by_path, made, gone) or self._pending.add("tree", b"")
        # What only moves is there, and stays: whoever can read the tree before can read it.
        for oid in made & gone:
            self._pending.remove(oid)
        return tree

    def _tree(
        self, before: str | None, files: _Files, made: set[str], gone: set[str]
    ) -> str | None:
        """Make a tree with the files in it, sorted by path; None when nothing is left in it.

        Args:
            before: see `tree`.
            files: see `tree`.
            made: takes the blobs that are made now.
            gone: takes the blobs of what is removed.
        """
        items = dict(self._objects.tree(before)) if before else {}
        for name, inside in _by_name(files):
            raw = trees.raw_name(name)
            folder = trees.folder(items, raw)
            if not inside[0][0]:
                content = inside.pop(0)[1]
                if content is not None:
                    _check_removed(name, inside)
                    oid = self._pending.add("blob", content, made)
                    items.pop(raw + b"/", None)
                    items[raw] = trees.item(_BLOB, _checked(name), oid)
                    continue
                if there := trees.file(items, raw):
                    gone.add(there[1])
                    del items[raw]
                if not inside:
                    continue
            below = self._tree(folder, inside, made, gone)
            if below is not None:
                items.pop(raw, None)
                items[raw + b"/"] = trees.item(FOLDER, _checked(name), below)
            elif folder is not None:
                del items[raw + b"/"]
        if not items:
            return None
        oid = self._pending.add("tree", trees.content(items))
        self._objects.remember(oid, items)
        return oid


def _by_name(files: _Files) -> Iterator[tuple[str, _Files]]:
    """Yield the first names of sorted paths, each with what follows it."""
    begin = 0
    for end in range(1, len(files) + 1):
        name = files[begin][0][0]
        if end == len(files) or files[end][0][0] != name:
            yield name, [(path[1:], content) for path, content in files[begin:end]]
            begin = end


def _checked(name: str) -> bytes:
    """Return a name as git stores it, if it can be a file's."""
    raw = trees.raw_name(name)
    if name.lower() in _NO_NAMES or b"\0" in raw:
        from gitledger.core.text import escape

        raise StoreFailed(f"'{escape(name)}' cannot be the name of a file")
    return raw


def _check_removed(name: str, files: _Files) -> None:
    if any(content is not None for _, content in files):
        raise StoreFailed(f"'{name}' cannot be written both as a file and as a folder")
