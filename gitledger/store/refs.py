"""Refs, read and moved by compare-and-swap."""

from __future__ import annotations

import errno
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Final

from gitledger import identity
from gitledger.errors import Damaged, GitFailed, StoreFailed
from gitledger.git import Git
from gitledger.store.failures import CHECK, READING, WRITING, explain, says
from gitledger.store.libgit2 import ERRORS, Libgit2, Reference, Unreadable
from gitledger.store.ref_files import RefLock, packed_damage

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Errors of a disk that another attempt does not mend."""


class Refs:
    """The refs of a repository.

    Args:
        libgit2: the repository.
        common_dir: of the repository.
        git: the git program on the same repository: it creates and deletes refs.
    """

    def __init__(self, libgit2: Libgit2, common_dir: Path, git: Git) -> None:
        self._libgit2 = libgit2
        self._common_dir = common_dir
        self._git = git

    def target(self, ref: str) -> str | None:
        """Return the id that a ref names, None when there is no such ref.

        Raises:
            StoreFailed: it cannot be read.
            Damaged: it is damaged, or a symbolic ref.
        """
        return _target(self._reference(ref))

    def move(
        self, ref: str, old: str | None, new: str, reason: str, check: Callable[[], object]
    ) -> bool:
        """Move the ref from old to new by compare-and-swap (old None: create it, atomically).

        Args:
            ref: its full name.
            old: what it has to name.
            new: what it shall name.
            reason: one line for the reflog.
            check: raises when new is no commit.
        """

        def act(reference: Reference | None) -> None:
            check()
            if reference is None or not self._logs(ref):
                self._update_ref("-m", reason, ref, new, old or "0" * len(new))
            else:
                self._sign()
                # libgit2 compares with what this reference was read as. Looked up again, it
                # would be compared with, and overwrite, what another writer put there meanwhile.
                reference.move(new, reason)

        return self._swap(ref, old, act)

    def remove(self, ref: str, old: str) -> bool:
        """Delete the ref if it still stands at old; False when it does not."""
        return self._swap(ref, old, lambda _: self._update_ref("-d", ref, old))

    def _swap(self, ref: str, old: str | None, act: Callable[[Reference | None], object]) -> bool:
        """Act on the ref while it stands at old.

        Who has won is read from the ref, never from an error: libgit2's do not tell a lost race
        from a lock file in the way.
        """
        lock: RefLock | None = None
        while True:
            reference = self._reference(ref)
            if _target(reference) != old:
                return False
            try:
                act(reference)
            except Damaged as error:
                message = f"cannot write {ref}: {error.message}"
                raise Damaged(message, subject=error.subject, hint=error.hint) from error
            except (*ERRORS, GitFailed) as error:
                lock = lock or RefLock(self._common_dir, ref)
                # Each attempt on a full disk adds half a line to the reflog.
                with WRITING:
                    again = (lock.is_there() or not says(error, *_FULL)) and lock.wait()
                if not again and self.target(ref) == old:
                    message = f"cannot write {ref}: {explain(error)}"
                    raise StoreFailed(message, hint=lock.hint() or CHECK) from error
            else:
                return True

    def _update_ref(self, *args: str) -> None:
        # Unlike libgit2, git creates a ref atomically: of two writers one wins.
        self._git.run("update-ref", "--no-deref", *args)

    def _logs(self, ref: str) -> bool:
        """Tell whether libgit2 does to the ref's reflog as git, which adds to one that is there.

        It writes none in a bare repository, nor where the settings say that no new ones are made.
        """
        return self._makes_reflogs or not (self._common_dir / "logs" / ref).exists()

    @cached_property
    def _makes_reflogs(self) -> bool:
        return self._libgit2.makes_reflogs()

    def _sign(self) -> None:
        if not self._libgit2.is_named():
            self._libgit2.name(*identity.committer(self._git.configuration(), {}))

    def _reference(self, ref: str) -> Reference | None:
        with READING:
            reference = self._looked_up(ref)
            if reference is None and packed_damage(self._common_dir, ref):
                # Or it was packed just now, between the two looks.
                reference = self._looked_up(ref)
                if reference is None:
                    raise Damaged(f"{ref} may be there: packed-refs is damaged", subject=ref)
            if reference is not None and reference.is_symbolic:
                raise Damaged(f"{ref} is a symbolic ref; a ledger's ref is none", subject=ref)
            return reference

    def _looked_up(self, ref: str) -> Reference | None:
        try:
            return self._libgit2.reference(ref)
        except Unreadable as error:
            # It names the ref before and behind what it says.
            why = explain(error).removeprefix(f"{ref}: ").removesuffix(f": {ref}")
            raise Damaged(f"{ref} is damaged: {why}", subject=ref) from error


def _target(reference: Reference | None) -> str | None:
    return None if reference is None else reference.target
