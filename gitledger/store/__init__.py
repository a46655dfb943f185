"""Commits, trees and refs of the repository that keeps a ledger."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitledger.git import Git
    from gitledger.store.base import Store
    from gitledger.store.location import Location


def open_store(
    location: Location, git: Git, *, durable: bool = False, brief: bool = False
) -> Store:
    """Return the store of a repository.

    Args:
        location: where the repository is.
        git: the git program on the same repository.
        durable: wait until what is written is on the disk; see `gitledger.store.durability`.
        brief: this process does one thing and ends.

    Raises:
        StoreFailed: the repository cannot be opened.
    """
    from gitledger.store.extensions import Extensions
    from gitledger.store.git_store import GitStore

    if brief or not Extensions(location.common_dir_name).is_known_to_libgit2:
        return GitStore(location, git)
    try:
        from gitledger.store.pygit2_store import Pygit2Store
    except ImportError:  # pygit2 has no wheel for every machine
        return GitStore(location, git)
    return Pygit2Store(location, git, durable=durable)
