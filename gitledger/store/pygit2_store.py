"""The store over libgit2: an update takes it no process."""

from __future__ import annotations

import os

from gitledger.git import Git
from gitledger.store.extensions import SHA1
from gitledger.store.failures import ERRORS, not_opened
from gitledger.store.libgit2 import Libgit2
from gitledger.store.libgit2_refs import Libgit2Refs
from gitledger.store.location import Location
from gitledger.store.loose import object_folders
from gitledger.store.object_store import ObjectStore
from gitledger.store.objects import Objects
from gitledger.store.pending import Pending


class Pygit2Store(ObjectStore):
    """The store of a process that lives long; libgit2 reads packs and moves refs.

    Args:
        location: where the repository is.
        git: the git program on the same repository: it creates and deletes refs.
        durable: have libgit2 wait until refs are on the disk; see
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
        pending = Pending(git, folder, SHA1, made, objects.stored)
        super().__init__(Libgit2Refs(libgit2, common_dir, git), objects, pending)
