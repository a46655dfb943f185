"""Which worktree belongs to which session: a small file in each worktree's own git directory."""

from __future__ import annotations

import os

from gitledger import current
from gitledger.core.names import check_session
from gitledger.core.value import Value
from gitledger.errors import InvalidInput, StoreFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import Final

_FILE: Final = "gitledger/session"


class Binding(Value):
    """A session, and the worktree that it is bound to.

    Attributes:
        session: its name.
        git_dir: the worktree's own git directory.
        worktree: the top of the worktree; None where that is gone, or the repository is bare or
            has its git directory elsewhere.
    """

    __slots__ = ("git_dir", "session", "worktree")

    def __init__(self, session: str, git_dir: Path, worktree: Path | None) -> None:
        self.session = session
        self.git_dir = git_dir
        self.worktree = worktree


def bound(git_dir: str | Path) -> str | None:
    """Return the session that a worktree is bound to, None where it is bound to none."""
    try:
        with open(os.path.join(git_dir, _FILE), encoding="utf-8") as file:
            return check_session(file.read().strip())
    except (OSError, UnicodeDecodeError, InvalidInput):
        return None


def bind(git_dir: Path, session: str) -> None:
    """Bind a worktree to a session, instead of any other.

    Args:
        git_dir: the worktree's own git directory.
        session: the session's name.

    Raises:
        StoreFailed: the directory cannot be written.
    """
    from gitledger.store.shared import make_folder, share

    path = git_dir / _FILE
    new = path.with_name(f"session.{os.getpid()}")
    try:
        make_folder(str(path.parent))
        new.write_text(f"{session}\n", encoding="utf-8")
        share(str(new))
        new.replace(path)
        current.forget(git_dir)  # what this session has begun is not known here
    except OSError as error:
        try:
            new.unlink()
        except OSError:
            pass
        raise StoreFailed(
            f"cannot write to {path.parent}: {error.strerror}",
            hint="the worktree's session is kept in its git directory: check the permissions",
        ) from error


def unbind(git_dir: Path) -> None:
    """Bind a worktree to no session any more."""
    try:
        (git_dir / _FILE).unlink()
        current.forget(git_dir)
    except FileNotFoundError:
        pass  # it is bound to none


def bindings(common_dir: Path) -> Iterator[Binding]:
    """Yield the bound worktrees of a repository: the main one, then the linked ones by name.

    Args:
        common_dir: the common git directory.
    """
    if session := bound(common_dir):
        yield Binding(session, common_dir, common_dir.parent if common_dir.name == ".git" else None)
    linked = common_dir / "worktrees"
    for git_dir in sorted(linked.iterdir()) if linked.is_dir() else ():
        if session := bound(git_dir):
            yield Binding(session, git_dir, _worktree(git_dir))


def present(common_dir: str) -> frozenset[str]:
    """Return the sessions that are bound to a worktree of a repository which is still there.

    Args:
        common_dir: the common git directory; it may be of no worktree.
    """
    linked = f"{common_dir}/worktrees"
    names = os.listdir(linked) if os.path.isdir(linked) else ()
    there = [common_dir, *(f"{linked}/{name}" for name in names if _is_there(f"{linked}/{name}"))]
    return frozenset(session for git_dir in there if (session := bound(git_dir)))


def _is_there(git_dir: str) -> bool:
    dot_git = _dot_git(git_dir)
    return bool(dot_git) and os.path.exists(os.path.join(git_dir, dot_git))


def _dot_git(git_dir: str | Path) -> str:
    """Return where a linked worktree's `.git` is, as git wrote it down; "" without a word."""
    try:
        with open(os.path.join(git_dir, "gitdir"), encoding="utf-8") as file:
            return file.read().strip()
    except (OSError, UnicodeDecodeError):
        return ""


def _worktree(git_dir: Path) -> Path | None:
    """Return the top of a linked worktree, None when it is not there any more."""
    from pathlib import Path

    dot_git = _dot_git(git_dir)
    return Path(dot_git).parent if _is_there(str(git_dir)) else None
