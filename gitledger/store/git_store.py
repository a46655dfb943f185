"""The store over git itself: it opens what git opens, and imports nothing that takes time."""

from __future__ import annotations

import os

from gitledger.store.cat_file import CatFile
from gitledger.store.extensions import Extensions
from gitledger.store.object_store import ObjectStore
from gitledger.store.objects import Objects
from gitledger.store.pending import Pending
from gitledger.store.ref_storage import open_refs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitledger.git import Git
    from gitledger.store.location import Location


class GitStore(ObjectStore):
    """The store of a process that does one thing and ends, and of repositories with extensions.

    Loose objects and the files of refs it reads itself, packed objects through one `git cat-file`.

    Args:
        location: where the repository is.
        git: the git program on the same repository.

    Raises:
        StoreFailed: git does not open the repository.
    """

    def __init__(self, location: Location, git: Git) -> None:
        common_dir = location.common_dir_name
        refs = open_refs(location, git)
        extensions = Extensions(common_dir)
        folder = os.path.join(common_dir, "objects")
        made: dict[str, tuple[str, bytes]] = {}
        objects = Objects(CatFile(git), common_dir, git.configuration, made)

        pending = Pending(git, folder, extensions.object_format, made, objects.stored)
        super().__init__(refs, objects, pending)
