"""Refs, read and moved by compare-and-swap.

libgit2 is not asked: it creates a ref without asking whether there is one by then, writes no
reflog in a bare repository, runs no hooks, and takes longer to move one.
"""

from __future__ import annotations

import errno
import os
import time

from gitledger.errors import Damaged, StoreFailed
from gitledger.store.durability import is_full
from gitledger.store.failures import CHECK, ERRORS, READING, WRITING, Unreadable, explain, says
from gitledger.store.ref_files import (
    Reference,
    has_garbage,
    is_ref_name,
    packed_damage,
    read_ref,
    ref_names,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Final

    from gitledger.git import Git
    from gitledger.store.ref_lock import RefLock

_FULL: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)
"""Errors of a disk that another attempt does not mend."""
_BY_HOOK: Final = ("aborted by hook", "aborted by the reference-transaction hook")
"""What git says, and from 2.54 on, where that hook of the repository refuses a move."""
_REFUSED: Final = "the repository's hook 'reference-transaction' refuses it: look at what it wants"


class Refs:
    """The refs of a repository that keeps them in files: these are read, and written for a move.

    Creating and removing is git's, and so is moving where something is set of how that is done.

    Args:
        common_dir: of the repository.
        git: the git program on the same repository.
    """

    def __init__(self, common_dir: str, git: Git) -> None:
        self._common_dir = common_dir
        self._git = git
        self._who: tuple[str, str] | None = None
        self._plain: bool | None = None
        self._sound = set[str]()
        self._hook = os.path.join(common_dir, "hooks", "reference-transaction")

    def name(self, name: str, email: str) -> None:
        """Say who moves refs from now on, for their reflogs."""
        self._who = name, email

    def names(self, prefix: str) -> Iterable[str]:
        """Return what may be the names of refs that start with the prefix."""
        return ref_names(self._common_dir, prefix)

    def target(self, ref: str) -> str | None:
        """Return the id that a ref names, None when there is no such ref.

        Raises:
            StoreFailed: it cannot be read.
            Damaged: it is damaged, or a symbolic ref.
        """
        reference = self._reference(ref)
        return None if reference is None else reference.target

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

        def act() -> None:
            check()
            self._advance(ref, old, new, reason)

        return self._swap(ref, old, act)

    def remove(self, ref: str, old: str) -> bool:
        """Delete the ref if it still stands at old; False when it does not."""
        return self._swap(ref, old, lambda: self._update_ref("-d", ref, old))

    def enable_reflog(self, ref: str) -> None:
        """Have a reflog kept of the ref; an existing file is what git, too, asks for."""
        log = os.path.join(self._common_dir, "logs", ref)
        if not os.path.exists(log):
            from gitledger.store.shared import make_folder, share

            make_folder(os.path.dirname(log))
            with open(log, "ab"):
                pass
            share(log)

    def _swap(self, ref: str, old: str | None, act: Callable[[], object]) -> bool:
        """Act on the ref while it stands at old.

        Who has won is read from the ref, never from an error: they do not tell a lost race from a
        lock file in the way.
        """
        lock: RefLock | None = None
        while True:
            if self.target(ref) != old:
                return False
            try:
                act()
            except Damaged as error:
                message = f"cannot write {ref}: {error.message}"
                raise Damaged(message, subject=error.subject, hint=error.hint) from error
            except ERRORS as error:
                lock = lock or self._lock(ref)
                refused = any(words in str(error) for words in _BY_HOOK)
                # Each attempt on a full disk may add half a line to the reflog.
                final = refused or (says(error, *_FULL) and not lock.is_there())
                with WRITING:
                    again = not final and lock.wait()
                if not again and self.target(ref) == old:
                    if has_garbage(self._common_dir):
                        message = f"cannot write {ref}: packed-refs is damaged"
                        raise Damaged(message, subject=ref) from error
                    message = f"cannot write {ref}: {explain(error)}"
                    hint = _REFUSED if refused else lock.hint() or CHECK
                    raise StoreFailed(message, hint=hint) from error
            else:
                return True

    # -- what another storage of refs does otherwise -------------------------------------------

    def _advance(self, ref: str, old: str | None, new: str, reason: str) -> None:
        """Let a ref name another commit if it is as it was read, else raise one of `ERRORS`."""
        if old and self._who and self._is_plain():
            from gitledger.store.ref_move import move_ref

            name, email = self._who
            said = " ".join(reason.split())
            entry = f"{old} {new} {name} <{email}> {int(time.time())} +0000\t{said}"
            if move_ref(self._common_dir, ref, old, new, entry):
                return
        self._update_ref("-m", reason, ref, new, old or "0" * len(new))

    def _is_plain(self) -> bool:
        """Tell whether nothing is set of how git moves refs, which it then does."""
        if self._plain is None:
            from gitledger.store.ref_move import moves_as_we_do

            configuration = self._git.configuration()
            self._plain = moves_as_we_do(configuration) and not is_full(configuration)
        return self._plain and not os.path.exists(self._hook)

    def _update_ref(self, *args: str) -> None:
        # Unlike libgit2, git creates a ref atomically: of two writers one wins.
        git = self._git.as_committer(*self._who) if self._who else self._git
        git.run("update-ref", "--no-deref", *args)

    def _lock(self, ref: str) -> RefLock:
        from gitledger.store.ref_lock import RefLock

        return RefLock(self._common_dir, ref)

    def _looked_up(self, ref: str) -> Reference | None:
        """Return a ref, None where there is none; or raise one of `ERRORS`."""
        return read_ref(self._common_dir, ref)

    def _is_hidden(self, ref: str) -> bool:
        """Tell whether a ref that was not found may be there, in a file that is damaged."""
        return packed_damage(self._common_dir, ref)

    # ------------------------------------------------------------------------------------------

    def _reference(self, ref: str) -> Reference | None:
        with READING:
            if ref not in self._sound and not is_ref_name(ref):
                raise ValueError(f"'{ref}' cannot be the name of a ref")
            self._sound.add(ref)
            reference = self._found(ref)
            if reference is None and self._is_hidden(ref):
                # Or it was packed just now, between the two looks.
                reference = self._found(ref)
                if reference is None:
                    raise Damaged(f"{ref} may be there: packed-refs is damaged", subject=ref)
            if reference is not None and reference.is_symbolic:
                raise Damaged(f"{ref} is a symbolic ref; a ledger's ref is none", subject=ref)
            return reference

    def _found(self, ref: str) -> Reference | None:
        try:
            return self._looked_up(ref)
        except Unreadable as error:
            raise Damaged(f"{ref} is damaged: {explain(error)}", subject=ref) from error
