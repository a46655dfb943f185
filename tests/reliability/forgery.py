"""Trees that no program of good will writes, made byte by byte and put on a list's ref."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tests.ledgers import MAIN
from tests.reliability.scene import Scene

FILE: Final = "100644"
EXECUTABLE: Final = "100755"
LINK: Final = "120000"
SUBMODULE: Final = "160000"
FOLDER: Final = "40000"


class Item(NamedTuple):
    """An entry of a tree: its mode, its name, the id of what it names."""

    mode: str
    name: bytes
    oid: str


class Forger:
    """Writes objects into the bare remote and puts them on its list.

    Args:
        scene: where the remote is.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def push(self, path: bytes, content: bytes, mode: str = FILE) -> None:
        """Let somebody publish a list in which a file stands at the path."""
        self.push_object(path, mode, self.write("blob", content))

    def push_object(self, path: bytes, mode: str, oid: str) -> None:
        """Let somebody publish a list in which an object stands at the path."""
        *folders, name = path.split(b"/")
        self.graft(folders, Item(mode, name, oid))

    def graft(self, folders: Sequence[bytes], *items: Item, without: bytes | None = None) -> None:
        """Let somebody publish a list with more entries in a folder, or without one of a name."""
        tree = self._with(self._git("rev-parse", f"{MAIN}^{{tree}}"), folders, items, without)
        self.publish(tree)

    def publish(self, tree: str) -> None:
        """Let somebody publish a list that has this tree."""
        commit = self._git("commit-tree", tree, "-p", MAIN, "-m", "somebody's")
        self._git("update-ref", MAIN, commit)

    def write(self, kind: str, content: bytes) -> str:
        """Write an object, be it as wrong as may be, and return its id."""
        args = ("hash-object", "-t", kind, "-w", "--stdin", "--literally")
        return self._git(*args, stdin=content)

    def tree(self, *items: Item) -> str:
        """Write a tree of these entries and return its id."""
        ordered = sorted(items, key=lambda item: item.name + b"/" * (item.mode == FOLDER))
        raw = (f"{i.mode} ".encode() + i.name + b"\0" + bytes.fromhex(i.oid) for i in ordered)
        return self.write("tree", b"".join(raw))

    def _with(
        self, tree: str, folders: Sequence[bytes], items: Sequence[Item], without: bytes | None
    ) -> str:
        here = self._items(tree)
        if not folders:
            return self.tree(*(item for item in here if item.name != without), *items)
        there = next((item.oid for item in here if item.name == folders[0]), self.tree())
        below = self._with(there, folders[1:], items, without)
        others = [item for item in here if item.name != folders[0]]
        return self.tree(*others, Item(FOLDER, folders[0], below))

    def _items(self, tree: str) -> list[Item]:
        listed = self._git("ls-tree", "-z", tree)
        items = []
        for line in listed.split("\0")[:-1]:
            head, _, name = line.partition("\t")
            mode, _, oid = head.split(" ")
            items.append(Item(mode.lstrip("0"), name.encode(errors="surrogateescape"), oid))
        return items

    def _git(self, *args: str, stdin: bytes = b"") -> str:
        return self.scene.git("origin.git", *args, stdin=stdin)
