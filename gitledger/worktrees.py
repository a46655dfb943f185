"""Worktrees for sessions: made and removed with git itself."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from gitledger.core.text import escape
from gitledger.errors import GitFailed, InvalidInput
from gitledger.git import Git
from gitledger.store.location import Location


class Worktree(NamedTuple):
    """A worktree that was made just now.

    Attributes:
        path: where it is, absolute.
        branch: the branch that is checked out there.
        new_branch: whether the branch was made with it.
    """

    path: Path
    branch: str
    new_branch: bool


def default_path(location: Location, session: str) -> Path:
    """Return where a session's worktree goes: beside the repository, as `app-frontend`."""
    common = location.common_dir
    top = common.parent if common.name == ".git" else common
    return top.with_name(f"{top.name.removesuffix('.git')}-{session}")


def add(git: Git, path: Path, branch: str, *, existing: bool) -> Worktree:
    """Make a worktree with a branch checked out in it.

    Args:
        git: git on the repository.
        path: where; it must not exist, or be an empty directory.
        branch: the branch.
        existing: the branch was named, and may exist already.

    Raises:
        InvalidInput: the place or the branch is taken, or the branch's name is none.
        GitFailed: git cannot make it; nothing of it is left.
    """
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        raise InvalidInput(
            f"there is something at {path} already", hint="choose another place: --worktree PATH"
        )
    if git.run("check-ref-format", "--branch", branch, check=False).code != 0:
        raise InvalidInput(f"'{escape(branch)}' is no name of a branch")
    ref = f"refs/heads/{branch}"
    there = git.run("rev-parse", "--quiet", "--verify", ref, check=False).code == 0
    if there and not existing:
        raise InvalidInput(
            f"there is a branch '{branch}' already",
            hint=f"to work on it: --branch {branch}; on a new one: --branch NAME",
        )
    if there and (holder := _holder(git, ref)):
        raise InvalidInput(
            f"the branch '{branch}' is checked out at {holder}",
            hint="work there (git ledger session resume), or on a new one: --branch NAME",
        )
    options = [str(path), branch] if there else ["-b", branch, str(path)]
    try:
        git.run("worktree", "add", "--quiet", *options)
    except GitFailed:
        remove(git, Worktree(path, branch, not there))
        raise
    return Worktree(path, branch, not there)


def remove(git: Git, worktree: Worktree) -> None:
    """Remove a worktree that was made just now, with its branch where that is new."""
    git.run("worktree", "remove", "--force", "--", str(worktree.path), check=False)
    if worktree.new_branch:
        git.run("branch", "--quiet", "-D", "--", worktree.branch, check=False)


def require_removable(git: Git, path: Path) -> None:
    """Raise InvalidInput when something would be lost with a worktree, or it is the main one."""
    hint = f"look at it: git -C {path} status"
    if not (path / ".git").is_file():
        raise InvalidInput(f"{path} is the main worktree, which stays", hint=hint)
    status = git.run("-C", str(path), "status", "--porcelain", check=False)
    if status.code != 0 or status.stdout:
        raise InvalidInput(f"the worktree at {path} is not clean", hint=hint)


def remove_clean(git: Git, path: Path) -> None:
    """Remove a worktree in which nothing would be lost.

    Raises:
        GitFailed: it has changes or new files, is locked, or is the main one; it is left as it is.
    """
    result = git.run("worktree", "remove", "--", str(path), check=False)
    if result.code != 0:
        raise GitFailed(
            f"the worktree at {path} is not removed: {_last_line(result.stderr)}",
            hint=f"look at it: git -C {path} status",
        )


def current_branch(git: Git) -> str | None:
    """Return the branch that is checked out, None where HEAD is detached."""
    result = git.run("symbolic-ref", "--quiet", "--short", "HEAD", check=False)
    return result.stdout.decode(errors="replace").strip() or None


def _holder(git: Git, ref: str) -> str | None:
    """Return the worktree that has a branch checked out, None where none has."""
    listed = git.run("worktree", "list", "--porcelain").stdout.decode(errors="replace")
    for entry in listed.split("\n\n"):
        lines = entry.splitlines()
        if f"branch {ref}" in lines:
            return escape(lines[0].removeprefix("worktree "))
    return None


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return escape(lines[-1].removeprefix("fatal: ")) if lines else "git failed"
