"""The store over git itself: it opens what git opens, and imports nothing that takes time."""

from __future__ import annotations

import os

from gitledger.store import packing
from gitledger.store.cat_file import CatFile
from gitledger.store.extensions import FILES, Extensions
from gitledger.store.failures import ERRORS, is_foreign, not_opened
from gitledger.store.object_store import ObjectStore
from gitledger.store.objects import Objects
from gitledger.store.pending import Pending
from gitledger.store.refs import Refs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitledger.git import Git
    from gitledger.store.location import Location
    from gitledger.store.pending import Made


class GitStore(ObjectStore):
    """The store of a process that does one thing and ends, and of repositories with extensions.

    Loose objects and the files of refs it reads itself, packed objects through one `git cat-file`.
    What it makes, git writes: so git's own settings for permissions and durability hold.

    Args:
        location: where the repository is.
        git: the git program on the same repository.

    Raises:
        StoreFailed: git does not open the repository.
    """

    def __init__(self, location: Location, git: Git) -> None:
        common_dir = location.common_dir_name
        try:
            extensions = Extensions(common_dir)
            if is_foreign(common_dir):  # reading files asks nobody, git asks its owner
                git.run("rev-parse", "--git-dir")
        except ERRORS as error:
            raise not_opened(common_dir, error) from error
        folder = os.path.join(common_dir, "objects")
        made: dict[str, tuple[str, bytes]] = {}
        objects = Objects(CatFile(git), common_dir, git.configuration, made)

        def write_few(made: Made) -> None:
            pack = packing.pack(extensions.object_format, made.values())
            git.run("unpack-objects", "-q", input=pack)
            for oid in made:
                objects.stored(oid)  # it has to be there

        pending = Pending(git, folder, extensions.object_format, made, write_few)
        super().__init__(_refs(common_dir, git, extensions), objects, pending)


def _refs(common_dir: str, git: Git, extensions: Extensions) -> Refs:
    if extensions.ref_storage == FILES:
        return Refs(common_dir, git)
    from gitledger.store.reftable import ReftableRefs

    return ReftableRefs(common_dir, git)
