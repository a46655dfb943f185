"""Commits, trees and refs of the repository that keeps a ledger."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitledger.git import Git
    from gitledger.store.base import Store
    from gitledger.store.location import Location


def open_store(location: Location, git: Git, *, brief: bool = False) -> Store:
    """Return the store of a repository.

    There are two, behind one interface, which differ in how they read what is packed. libgit2
    needs no process for it, but importing pygit2 takes five times as long as Python's own start;
    and it opens neither SHA-256 nor reftable repositories. git opens whatever there is, in a
    process of its own, and nothing has to be imported for it. So a process that does one thing and
    ends has git, one that goes on has libgit2 where that opens the repository, and git elsewhere.
    The figures are those of `docs/decisions.md`.

    Args:
        location: where the repository is.
        git: the git program on the same repository.
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
    return Pygit2Store(location, git)
