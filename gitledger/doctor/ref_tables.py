"""Refs that a repository keeps in tables (reftable): git alone reads and writes them.

There are no files to look at or to mend; a table that is damaged git refuses to read, and says so.
"""

from __future__ import annotations

from datetime import UTC, datetime

from gitledger.repository import Repository
from gitledger.store.extensions import FILES, Extensions

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_FORMAT: Final = "--format=%(refname)%00%(objectname)%00%(symref)"


def are_used(repository: Repository) -> bool:
    """Tell whether the repository keeps its refs so, and not in files."""
    return Extensions(repository.location.common_dir_name).ref_storage != FILES


def values(repository: Repository, name: str) -> dict[str, tuple[str, str]]:
    """Return the ref of a name, and those below it: each its commit, and a symbolic ref's target.

    Raises:
        GitFailed: git cannot read its tables.
    """
    lines = repository.git.run("for-each-ref", _FORMAT, name).stdout.decode().splitlines()
    parts = (line.split("\0") for line in lines)
    return {ref: (oid, target) for ref, oid, target in parts}


def put(repository: Repository, name: str, old: str, new: str, reason: str) -> None:
    """Let a ref name another commit, by compare-and-swap.

    Args:
        repository: where the ref is.
        name: its full name.
        old: the commit that it names; "" where it names none, or another ref.
        new: the commit that it is to name.
        reason: one line for the reflog.

    Raises:
        GitFailed: it stands elsewhere by now, or cannot be written.
    """
    if not old:
        _remove_symbolic(repository, name)
    committer = repository.committer(datetime.now(UTC))
    git = repository.git.as_committer(committer.name, committer.email)
    words = ("--no-deref", "--create-reflog", "-m", reason)
    git.run("update-ref", *words, name, new, old or "0" * len(new))


def remove(repository: Repository, name: str, old: str) -> None:
    """Remove a ref; arguments and errors are those of `put`."""
    if old:
        repository.git.run("update-ref", "--no-deref", "-d", name, old)
    else:
        _remove_symbolic(repository, name)


def _remove_symbolic(repository: Repository, name: str) -> None:
    if any(target for _, target in values(repository, name).values()):
        repository.git.run("symbolic-ref", "--delete", name)
