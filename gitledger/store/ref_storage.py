"""How a repository keeps its refs: in files, which are read, or in tables of git alone."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitledger.git import Git
    from gitledger.store.location import Location
    from gitledger.store.refs import Refs


def open_refs(location: Location, git: Git) -> Refs:
    """Return the refs of a repository, which are read without what reading objects needs.

    Raises:
        StoreFailed: git does not open the repository.
    """
    from gitledger.store.extensions import FILES, Extensions
    from gitledger.store.failures import ERRORS, is_foreign, not_opened

    common_dir = location.common_dir_name
    try:
        extensions = Extensions(common_dir)
        if is_foreign(common_dir):  # reading files asks nobody, git asks its owner
            git.run("rev-parse", "--git-dir")
    except ERRORS as error:
        raise not_opened(common_dir, error) from error
    if extensions.ref_storage == FILES:
        from gitledger.store.refs import Refs

        return Refs(common_dir, git)
    from gitledger.store.reftable import ReftableRefs

    return ReftableRefs(common_dir, git)
