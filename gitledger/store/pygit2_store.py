"""The store over libgit2: an update takes it no process."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Final

from gitledger.git import Git
from gitledger.store.extensions import SHA1
from gitledger.store.failures import ERRORS, not_opened, says
from gitledger.store.libgit2 import Libgit2
from gitledger.store.libgit2_refs import Libgit2Refs
from gitledger.store.location import Location
from gitledger.store.loose import object_folders
from gitledger.store.object_store import ObjectStore
from gitledger.store.objects import Objects
from gitledger.store.pending import Pending

if TYPE_CHECKING:
    from gitledger.store.pending import Made

_TRIES: Final = 8
"""How often the folder of an object may vanish before the disk is to blame."""


class Pygit2Store(ObjectStore):
    """The store of a process that lives long; libgit2 reads packs, writes files and moves refs.

    Args:
        location: where the repository is.
        git: the git program on the same repository: it creates and deletes refs.
        durable: have libgit2 wait until objects and refs are on the disk; see
            `gitledger.store.libgit2.Libgit2`.

    Raises:
        StoreFailed: the repository cannot be opened.
    """

    def __init__(self, location: Location, git: Git, *, durable: bool = False) -> None:
        common_dir = location.common_dir_name
        folder = os.path.join(common_dir, "objects")
        try:
            libgit2 = Libgit2(common_dir, object_folders(folder), durable=durable)
        except ERRORS as error:
            raise not_opened(common_dir, error) from error
        made: dict[str, tuple[str, bytes]] = {}
        objects = Objects(libgit2, common_dir, git.configuration, made)

        def write_few(made: Made) -> None:
            for oid, (kind, content) in made.items():
                _put(libgit2, kind, content)
                objects.stored(oid)  # it has to be there

        pending = Pending(git, folder, SHA1, made, write_few)
        super().__init__(Libgit2Refs(libgit2, common_dir, git), objects, pending)


def _put(libgit2: Libgit2, kind: str, content: bytes) -> None:
    """Write an object, again where `git gc` has removed the folder that it was to go to.

    It removes those that it has emptied, and may do so when libgit2 has just found one there.
    """
    for _ in range(_TRIES - 1):
        try:
            libgit2.put(kind, content)
        except ERRORS as error:
            if not says(error, errno.ENOENT):
                raise
        else:
            return
    libgit2.put(kind, content)
