"""How a session ends, and what becomes of its worktrees."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from gitledger import worktrees
from gitledger.core.session import Session
from gitledger.core.task import Task
from gitledger.errors import GitFailed, InvalidInput
from gitledger.git import Git

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class Ended(NamedTuple):
    """A session that has ended.

    Attributes:
        session: as it is registered.
        tasks: what it held until then.
        removed: the worktrees that were removed.
        left: its worktrees that are still there.
        problem: why one of them could not be removed after all.
    """

    session: Session
    tasks: tuple[Task, ...]
    removed: tuple[Path, ...]
    left: tuple[Path, ...]
    problem: str | None = None


def require_removable(git: Git, name: str, there: Sequence[Path]) -> None:
    """Raise InvalidInput where a session has no worktree here, or something would be lost with it.

    Args:
        git: git on the repository, run outside of these worktrees.
        name: the session's name.
        there: its worktrees.
    """
    if not there:
        raise InvalidInput(
            f"the session '{name}' has no worktree here",
            hint="end it without --remove-worktree, or where its worktree is",
        )
    for path in there:
        worktrees.require_removable(git, path)


def remove(git: Git, there: Sequence[Path]) -> tuple[tuple[Path, ...], str | None]:
    """Remove worktrees; return those that are removed, and why the next one could not be."""
    removed: list[Path] = []
    try:
        for path in there:
            worktrees.remove_clean(git, path)
            removed.append(path)
    except GitFailed as failed:
        return tuple(removed), failed.message
    return tuple(removed), None
