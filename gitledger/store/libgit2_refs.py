"""Refs, read and moved by libgit2, which needs no process for it."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

from gitledger import identity
from gitledger.git import Git
from gitledger.store.libgit2 import Libgit2, Libgit2Reference
from gitledger.store.ref_files import Reference
from gitledger.store.refs import Refs


class Libgit2Refs(Refs):
    """The refs of a repository that libgit2 has opened; git creates and deletes them.

    Args:
        libgit2: the repository.
        common_dir: of the repository.
        git: the git program on the same repository.
    """

    def __init__(self, libgit2: Libgit2, common_dir: str, git: Git) -> None:
        super().__init__(common_dir, git)
        self._libgit2 = libgit2

    def name(self, name: str, email: str) -> None:
        """Say who moves refs from now on, for their reflogs."""
        super().name(name, email)
        self._libgit2.name(name, email)

    def _looked_up(self, ref: str) -> Reference | None:
        return self._libgit2.reference(ref)

    def _advance(self, reference: Reference | None, ref: str, new: str, reason: str) -> None:
        if isinstance(reference, Libgit2Reference) and self._logs(ref) and not self._is_shared:
            self._sign()
            # libgit2 compares with what this reference was read as. Looked up again, it would be
            # compared with, and overwrite, what another writer put there meanwhile.
            reference.move(new, reason)
        else:
            super()._advance(reference, ref, new, reason)

    def _logs(self, ref: str) -> bool:
        """Tell whether libgit2 does to the ref's reflog as git, which adds to one that is there.

        It writes none in a bare repository, nor where the settings say that no new ones are made.
        """
        return self._makes_reflogs or not Path(self._common_dir, "logs", ref).exists()

    @cached_property
    def _makes_reflogs(self) -> bool:
        return self._libgit2.makes_reflogs()

    @cached_property
    def _is_shared(self) -> bool:
        """Whether git gives files of refs another mode than the umask says; libgit2 does not."""
        return bool(self._git.configuration().get_all("core.sharedRepository"))

    def _sign(self) -> None:
        if not self._libgit2.is_named():
            self._libgit2.name(*identity.committer(self._git.configuration(), {}))
