"""Objects that are made and not written yet.

They are read as if they were in the repository, and go there together: a few as files, many as a
pack. One commit of ten thousand tasks is one pack then, and no ten thousand files.
"""

from __future__ import annotations

import os

from gitledger.errors import Damaged
from gitledger.store import durability, packing
from gitledger.store.loose import loose_path, read_loose, write_loose, writes_as_we_do

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Final, TypeAlias

    from gitledger.git import Git

    Made: TypeAlias = Mapping[str, tuple[str, bytes]]
    """Kind and content of objects, by their ids."""

FEW: Final = 100
"""Objects up to which each gets a file: git's own limit for what a fetch brings
(`fetch.unpackLimit`)."""
_BYTES: Final = 32 << 20
"""Bytes of objects that are kept in memory; then they are written."""


class Pending:
    """The objects of a store that are made and not written yet.

    Args:
        git: the git program on the repository.
        folder: the directory where the repository's own objects are.
        object_format: that of its ids, `sha1` or `sha256`.
        made: where they are kept, for those who read.
        stored: raises when an object is not in the repository.
    """

    def __init__(
        self,
        git: Git,
        folder: str,
        object_format: str,
        made: dict[str, tuple[str, bytes]],
        stored: Callable[[str], object],
    ) -> None:
        self._git = git
        self._folder = folder
        self._object_format = object_format
        self._made = made
        self._stored = stored
        self._plain: bool | None = None
        self._size = 0

    def add(self, kind: str, content: bytes, new: set[str] | None = None) -> str:
        """Take an object, and return its id, which `new` takes where it was not here before."""
        oid = packing.object_id(self._object_format, kind, content)
        if oid not in self._made:
            self._made[oid] = kind, content
            self._size += len(content)
            if new is not None:
                new.add(oid)
        return oid

    def remove(self, oid: str) -> None:
        """Forget one of them, which is in the repository."""
        _, content = self._made.pop(oid)
        self._size -= len(content)

    @property
    def is_large(self) -> bool:
        """Whether they take so much memory that they should be written now."""
        return self._size > _BYTES

    def drop(self) -> None:
        """Forget them."""
        self._made.clear()
        self._size = 0

    def write(self) -> None:
        """Put them into the repository; whatever comes of it, they are forgotten.

        Raises:
            ERRORS: they cannot be written.
        """
        if not self._made:
            return
        made = dict(self._made)
        self.drop()
        if len(made) <= FEW and self._is_plain():
            for oid, (kind, content) in made.items():
                write_loose(self._folder, oid, kind, content)
            return
        self._remove_spoilt(made)
        into = ("unpack-objects", "-q") if len(made) <= FEW else ("index-pack", "--stdin")
        self._git.run(*into, input=packing.pack(self._object_format, made.values()))
        for oid in made:
            self._stored(oid)  # it has to be there

    def _is_plain(self) -> bool:
        """Tell whether nothing is set of how git writes files of objects, which it then does."""
        if self._plain is None:
            configuration = self._git.configuration()
            self._plain = writes_as_we_do(configuration) and not durability.is_full(configuration)
        return self._plain

    def _remove_spoilt(self, made: Made) -> None:
        """Remove damaged files of these objects: who finds one there leaves it as it is."""
        for oid in made:
            path = loose_path(self._folder, oid)
            if not os.access(path, os.F_OK):  # most are new; an exception for each takes longer
                continue
            try:
                read_loose(self._folder, oid)
            except Damaged:
                os.unlink(path)
