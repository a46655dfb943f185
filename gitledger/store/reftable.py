"""Refs of a repository that keeps them in a reftable: git alone knows how, and is asked."""

from __future__ import annotations

from gitledger.store.ref_files import Reference
from gitledger.store.refs import Refs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from gitledger.git import Git
    from gitledger.store.ref_lock import RefLock

_FORMAT: Final = "--format=%(refname)%00%(objectname)%00%(symref)"
LIST: Final = "reftable/tables.list"
"""The file that names the tables; whoever moves any ref locks it and writes it anew."""


class ReftableRefs(Refs):
    """The refs of a repository that keeps them in a reftable.

    Args:
        common_dir: of the repository.
        git: the git program on the same repository.
    """

    def __init__(self, common_dir: str, git: Git) -> None:
        super().__init__(common_dir, git)
        self._logged: set[str] = set()

    def enable_reflog(self, ref: str) -> None:
        """Let git begin a reflog of the ref when it is moved next."""
        self._logged.add(ref)

    def names(self, prefix: str) -> Iterable[str]:
        """Return the names of refs that start with the prefix."""
        folder = prefix.rpartition("/")[0]
        return [name for name in self._listed(folder) if name.startswith(prefix)]

    def _looked_up(self, ref: str) -> Reference | None:
        return self._listed(ref).get(ref)

    def _is_hidden(self, ref: str) -> bool:
        return False  # git refuses to read a table that is damaged

    def _is_plain(self) -> bool:
        return False

    def _update_ref(self, *args: str) -> None:
        log = ["--create-reflog"] if self._logged.intersection(args) else []
        super()._update_ref(*log, *args)

    def _lock(self, ref: str) -> RefLock:
        from gitledger.store.ref_lock import RefLock

        return RefLock(self._common_dir, LIST)

    def _listed(self, name: str) -> dict[str, Reference]:
        """Return the ref of a name, and those below it."""
        found = {}
        for line in self._git.run("for-each-ref", _FORMAT, name).stdout.decode().splitlines():
            ref, oid, symbolic = line.split("\0")
            found[ref] = Reference(symbolic or oid, is_symbolic=bool(symbolic))
        return found
