"""Walks over git's tree objects as they are stored: `<mode> <name>\\0<binary id>`, repeated.

Only the trees that have to be looked at are read, and no blob. Nothing about a tree is taken for
granted: a name need not be UTF-8 (odd bytes become surrogates), its depth has no bound, and a few
objects that name each other again and again may stand for more paths than anybody can read. What
a walk does not enter it yields as an entry itself: a folder, whose path ends with a slash.
"""

from __future__ import annotations

from gitledger.store.base import FOLDER, Change, Entry
from gitledger.store.damage import damaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Final, TypeAlias

    Read: TypeAlias = Callable[[str], bytes]
    """Returns the content of a tree object by its id."""

    Items: TypeAlias = Mapping[bytes, bytes]
    """What stands in a tree, as it is stored there, by what git sorts it by: its name, with a slash
    behind that of a folder."""

    _RawItem: TypeAlias = tuple[bytes, bytes, bytes]

_COPIES: Final = 4
"""How often a tree is entered in any case: copies of it alone can hide the one that counts."""

REPEATED = 10_000
"""Items of trees that a walk has read before: so many more are read of trees with more copies.

A ledger repeats no folder, since each stands in the place that its tasks' ids say.
"""


class _Visits:
    """Which trees a walk enters: each a few times, and more often while that is little in all."""

    def __init__(self, depth: int | None) -> None:
        self._depth = depth
        self._times: dict[tuple[str | None, ...], int] = {}
        self._left = REPEATED

    def enters(self, level: int, *trees: str | None) -> bool:
        """Tell whether to enter trees, on this level below the first; see `count`."""
        if self._depth is not None and level > self._depth:
            return False
        return self._left > 0 or self._times.get(trees, 0) < _COPIES

    def count(self, items: int, *trees: str | None) -> None:
        """Take down that trees were entered, and how many items were read."""
        times = self._times.get(trees, 0)
        if times:
            self._left -= 1 + items
        self._times[trees] = times + 1


def raw_name(name: str) -> bytes:
    """Return a name as it stands in a tree.

    Raises:
        ValueError: no bytes are meant by it.
    """
    return name.encode(errors="surrogateescape")


def item(mode: int, name: bytes, oid: str) -> bytes:
    """Return what stands in a tree for a name."""
    return b"%o %b\0%b" % (mode, name, bytes.fromhex(oid))


def items(read: Read, tree: str) -> Items:
    """Return the items of a tree.

    Args:
        read: reads tree objects.
        tree: the id of the tree.
    """
    return {
        name + b"/" if int(octal, 8) == FOLDER else name: b"%b %b\0%b" % (octal, name, oid)
        for octal, name, oid in _items(read, tree)
    }


def file(items: Items, name: bytes) -> tuple[int, str] | None:
    """Return mode and id of what is no folder, None where there is no such name."""
    there = items.get(name)
    return None if there is None else _object(there)


def folder(items: Items, name: bytes) -> str | None:
    """Return the id of the tree of a folder, None where there is none of this name."""
    there = items.get(name + b"/")
    mode, oid = _object(there) if there else (0, None)
    return oid if mode == FOLDER else None


def content(items: Items) -> bytes:
    """Return what a tree with these items is stored as."""
    return b"".join([items[place] for place in sorted(items)])


def walk(read: Read, tree: str, above: str = "", depth: int | None = None) -> Iterator[Entry]:
    """Yield all that is no folder in a tree and below it, sorted by path.

    Args:
        read: reads tree objects.
        tree: the id of the tree.
        above: what the paths begin with, its last slash included.
        depth: how many levels of folders are entered; None is all.
    """
    visits = _Visits(depth)
    pending = [(entry, 1) for entry in reversed(_entries(_items(read, tree), above))]
    while pending:
        entry, level = pending.pop()
        if entry.mode == FOLDER and visits.enters(level, entry.oid):
            below = _entries(_items(read, entry.oid), entry.path)
            visits.count(len(below), entry.oid)
            pending += [(inside, level + 1) for inside in reversed(below)]
        else:
            yield entry


def differences(
    read: Read, old: str | None, new: str | None, depth: int | None = None
) -> Iterator[Change]:
    """Yield the paths that differ between two trees, sorted; equal subtrees are not read.

    Args:
        read: reads tree objects.
        old: the id of the tree before; None is the empty tree.
        new: the id of the tree after; None is the empty tree.
        depth: how many levels of folders are entered; None is all.
    """
    visits = _Visits(depth)
    pending = [(change, 1) for change in _differing(read, "", old, new)]
    while pending:
        change, level = pending.pop()
        sides = change.old, change.new
        trees = [side.oid if side else None for side in sides]
        is_folder = any(side is not None and side.mode == FOLDER for side in sides)
        if is_folder and visits.enters(level, *trees):
            below = _differing(read, change.path, *trees)
            visits.count(len(below), *trees)
            pending += [(inside, level + 1) for inside in below]
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
    return entry.path, entry.mode == FOLDER


def _entries(items: Iterable[_RawItem], above: str) -> list[Entry]:
    """Return a tree's items as entries; the path of a folder ends with a slash."""
    entries = []
    for octal, name, oid in items:
        mode = int(octal, 8)
        path = above + name.decode(errors="surrogateescape")
        entries.append(Entry(f"{path}/" if mode == FOLDER else path, oid.hex(), mode))
    return entries


def _object(item: bytes) -> tuple[int, str]:
    """Return mode and id of the object that an item names."""
    named, _, oid = item.partition(b"\0")
    return int(named.partition(b" ")[0], 8), oid.hex()


def _items(read: Read, tree: str) -> list[_RawItem]:
    # By hand: the time that a regular expression saves here is less than importing `re` takes,
    # unless a tree has ten thousand items.
    content, binary = read(tree), len(tree) // 2
    items: list[_RawItem] = []
    place, end = 0, len(content)
    while place < end:
        nul = content.find(b"\0", place)
        octal, _, name = content[place:nul].partition(b" ")
        place = nul + 1 + binary
        if nul < 0 or place > end or not (octal and name) or octal.strip(b"01234567"):
            raise damaged(tree, "it is no list of files and folders")
        items.append((octal, name, content[nul + 1 : place]))
    return items
