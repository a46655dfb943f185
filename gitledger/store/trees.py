"""Walks over git's tree objects as they are stored: `<mode> <name>\\0<binary id>`, repeated.

Only the trees that have to be looked at are read, and no blob. Nothing about a tree is taken for
granted: a name need not be UTF-8 (odd bytes become surrogates), and its depth has no bound.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias

from gitledger.store.base import Change, Entry

Read: TypeAlias = Callable[[str], bytes]
"""Returns the content of a tree object by its id."""

_FOLDER: Final = 0o040000
_ITEMS: Final = {
    40: re.compile(rb"([0-7]+) ([^\0]+)\0(.{20})", re.DOTALL),
    64: re.compile(rb"([0-7]+) ([^\0]+)\0(.{32})", re.DOTALL),
}
"""What an item of a tree looks like, by the length of the repository's ids (SHA-1, SHA-256)."""

_RawItem: TypeAlias = tuple[bytes, bytes, bytes]


def walk(read: Read, tree: str, above: str = "") -> Iterator[Entry]:
    """Yield all that is no folder in a tree and below it, sorted by path.

    Args:
        read: reads tree objects.
        tree: the id of the tree.
        above: what the paths begin with, its last slash included.
    """
    pending = _entries(_items(read, tree), above)[::-1]
    while pending:
        entry = pending.pop()
        if entry.mode == _FOLDER:
            pending += _entries(_items(read, entry.oid), entry.path)[::-1]
        else:
            yield entry


def differences(read: Read, old: str | None, new: str | None) -> Iterator[Change]:
    """Yield the paths that differ between two trees, sorted; equal subtrees are not read.

    Args:
        read: reads tree objects.
        old: the id of the tree before; None is the empty tree.
        new: the id of the tree after; None is the empty tree.
    """
    pending = _differing(read, "", old, new)
    while pending:
        change = pending.pop()
        old_oid, new_oid = change.old and change.old.oid, change.new and change.new.oid
        if _FOLDER in (change.old and change.old.mode, change.new and change.new.mode):
            pending += _differing(read, change.path, old_oid, new_oid)
        else:
            yield change


def _differing(read: Read, above: str, old: str | None, new: str | None) -> list[Change]:
    """Return what differs between two trees alone, the first path last.

    A folder's path ends with a slash, so that a folder and a file of one name are two changes,
    and stand where git sorts them.
    """
    before = set(_items(read, old)) if old else set()
    after = set(_items(read, new)) if new else set()
    olds = {_place(entry): entry for entry in _entries(before - after, above)}
    news = {_place(entry): entry for entry in _entries(after - before, above)}
    places = sorted(olds.keys() | news.keys(), reverse=True)
    return [Change(place[0], olds.get(place), news.get(place)) for place in places]


def _place(entry: Entry) -> tuple[str, bool]:
    # The path alone does not do: a file's name, too, may end with a slash in a tree made by hand.
    return entry.path, entry.mode == _FOLDER


def _entries(items: Iterable[_RawItem], above: str) -> list[Entry]:
    """Return a tree's items as entries; the path of a folder ends with a slash."""
    entries = []
    for octal, name, oid in items:
        mode = int(octal, 8)
        path = above + name.decode(errors="surrogateescape")
        entries.append(Entry(f"{path}/" if mode == _FOLDER else path, oid.hex(), mode))
    return entries


def _items(read: Read, tree: str) -> list[_RawItem]:
    return _ITEMS[len(tree)].findall(read(tree))
