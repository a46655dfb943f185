"""The store over libgit2: reading what is packed takes it no process."""

from __future__ import annotations

import os

from gitledger.git import Git
from gitledger.store.extensions import SHA1
from gitledger.store.failures import ERRORS, not_opened
from gitledger.store.libgit2 import Libgit2
from gitledger.store.location import Location
from gitledger.store.loose import object_folders
from gitledger.store.object_store import ObjectStore
from gitledger.store.objects import Objects
from gitledger.store.pending import Pending
from gitledger.store.ref_storage import open_refs


class Pygit2Store(ObjectStore):
    """The store of a process that lives long.

    Loose objects and the files of refs it reads itself, packed objects through libgit2.

    Args:
        location: where the repository is.
        git: the git program on the same repository.

    Raises:
        StoreFailed: the repository cannot be opened.
    """

    def __init__(self, location: Location, git: Git) -> None:
        common_dir = location.common_dir_name
        folder = os.path.join(common_dir, "objects")
        refs = open_refs(location, git)
        try:
            libgit2 = Libgit2(object_folders(folder))
        except ERRORS as error:
            raise not_opened(common_dir, error) from error
        made: dict[str, tuple[str, bytes]] = {}
        objects = Objects(libgit2, common_dir, git.configuration, made)
        pending = Pending(git, folder, SHA1, made, objects.stored)
        super().__init__(refs, objects, pending)
