"""Following a list: its newest commit, and the index of that.

It is held by who reads the list and by the snapshots that were taken of it, and holds neither: so
all of them go, with the files that the index has open, as soon as nobody needs them.
"""

from __future__ import annotations

import os
from functools import cached_property, partial

from gitledger import lists
from gitledger.errors import Damaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from gitledger.index import Index
    from gitledger.index.operations import Operations
    from gitledger.repository import Repository
    from gitledger.store.base import Store

_LARGE: Final = 4 << 20
"""Bytes: an index of some two thousand tasks, or of eight thousand operations, which are read in
half a second when somebody asks for them."""


class Following:
    """The newest commit of a list, and its index.

    Args:
        repository: the repository that keeps the ledger.
        list: the list's name.

    Attributes:
        newest: the commit that was the newest when it was last looked for.
        building: told, where the index is made anew, how many files of how many are read.
    """

    def __init__(
        self,
        repository: Repository,
        list: str,  # noqa: A002  # the contract's word
    ) -> None:
        self._repository = repository
        self._list = list
        self.newest: str | None = None
        self.building: Callable[[int, int], object] | None = None

    @cached_property
    def index(self) -> Index:
        """The index, as of whichever commit it was last used for."""
        from gitledger.index import open_index

        return open_index(self._repository.location.common_dir_name, self._list)

    def close(self) -> None:
        """Let go of the index's file; it is opened again when it is asked."""
        if "index" in self.__dict__:
            self.index.close()

    def is_large(self) -> bool:
        """Tell whether the index is a large file: its history may take long to be read."""
        try:
            return os.stat(self.index.path or "").st_size >= _LARGE
        except OSError:
            return False  # there is none, or none that we may look at

    def target(self) -> str | None:
        """Return the id that the list's ref names; whether it can be read is not looked at."""
        self.newest = self._repository.target(lists.ref(self._list))
        return self.newest

    def here(self, commit: str) -> Index | None:
        """Return the index if it is as of a commit, None otherwise."""
        return self.index if self.index.commit == commit else None

    def at(self, commit: str) -> Index | None:
        """Return the index as of the newest commit; None for another one, which is past."""
        if commit != self.newest:
            return None
        if self.index.commit != commit:
            readable = partial(require_readable, self._repository, lists.ref(self._list), commit)
            self.index.follow(commit, readable, self.building)
        return self.index

    def operations(self, commit: str) -> Operations:
        """Return the operations of the list, up to its newest commit."""
        operations, repository = self.index.operations, self._repository
        operations.follow(
            commit,
            partial(_sound, repository, lists.ref(self._list)),
            lambda: repository.git,
            progress=self.building,
        )
        return operations


def require_readable(repository: Repository, ref: str, commit: str) -> Store:
    """Return the store once it is sure that a commit of a list's ref can be read from it.

    Raises:
        Damaged: it cannot be, or is none of a ledger; the list's ref is named.
    """
    from gitledger.snapshot import Snapshot

    store = _sound(repository, ref)
    if not Snapshot(store, commit).is_ledgers():
        raise Damaged(f"{ref} names no commit of a ledger", subject=ref)
    return store


def _sound(repository: Repository, ref: str) -> Store:
    """Return the store once the commit that a ref names has been looked at."""
    repository.store.tip(ref)
    return repository.store
