"""Walks over git's tree objects, as git stores them: `<mode> <name>\\0<binary id>`, again and again.

Only the trees that have to be looked at are read, and no blob. Nothing about a tree is taken for
granted: a name need not be UTF-8 (odd bytes become surrogates), and its depth has no bound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, TypeAlias

from gitledger.store.base import Change, Entry

Read: TypeAlias = Callable[[str], bytes]
"""Returns the content of a tree object by its id."""

_FOLDER: Final = 0o040000
_ITEMS: Final = {
    length: re.compile(rb"([0-7]+) ([^\0]+)\0(.{%d})" % (length // 2), re.DOTALL)
    for length in (40, 64)
}
"""What one item of a tree looks like, by the length of the repository's ids (SHA-1, SHA-256)."""


class _Item(NamedTuple):
    mode: int
    name: str
    oid: str


class _Pair(NamedTuple):
    """What stands under one path in two trees."""

    path: str
    old: _Item | None
    new: _Item | None


def walk(read: Read, tree: str, above: str = "") -> Iterator[Entry]:
    """Yield all that is no folder in a tree and below it, sorted by path.

    Args:
        read: reads tree objects.
        tree: the id of the tree.
        above: what the paths begin with, its last slash included.
    """
    levels = [(above, iter(_items(read, tree)))]
    while levels:
        above, rest = levels[-1]
        for mode, name, oid in rest:
            if mode == _FOLDER:
                levels.append((f"{above}{name}/", iter(_items(read, oid))))
                break
            yield Entry(f"{above}{name}", oid, mode)
        else:
            levels.pop()


def differences(read: Read, old: str | None, new: str | None) -> Iterator[Change]:
    """Yield the paths that differ between two trees, sorted; equal subtrees are not read.

    Args:
        read: reads tree objects.
        old: the id of the tree before; None is the empty tree.
        new: the id of the tree after; None is the empty tree.
    """
    pending = _differing(read, "", old, new)
    while pending:
        path, one, other = pending.pop()
        if path.endswith("/"):
            pending += _differing(read, path, one and one.oid, other and other.oid)
        else:
            yield Change(path, _entry(path, one), _entry(path, other))


def _differing(read: Read, above: str, old: str | None, new: str | None) -> list[_Pair]:
    """Return what differs between two trees themselves, the first path last.

    A path with a slash at its end is a folder on both sides: as in git's order, a folder and a
    file of the same name are two paths.
    """
    before = set(_raw_items(read, old)) if old else set()
    after = set(_raw_items(read, new)) if new else set()
    ...


def _items(read: Read, tree: str) -> list[_Item]:
    return [_decoded(raw) for raw in _raw_items(read, tree)]


def _raw_items(read: Read, tree: str) -> list[tuple[bytes, bytes, bytes]]:
    return _ITEMS[len(tree)].findall(read(tree))
