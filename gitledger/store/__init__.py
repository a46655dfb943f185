"""Commits, trees and refs of the repository that keeps a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitledger.store.base import Store

if TYPE_CHECKING:
    from gitledger.git import Git
    from gitledger.store.location import Location


def open_store(location: Location, git: Git, *, durable: bool = False) -> Store:
    """Return the store of a repository.

    Args:
        location: where the repository is.
        git: the git program on the same repository.
        durable: wait until what is written is on the disk; see `gitledger.store.durability`.

    Raises:
        StoreFailed: the repository cannot be opened.
    """
    from gitledger.store.pygit2_store import Pygit2Store

    return Pygit2Store(location, git, durable=durable)
