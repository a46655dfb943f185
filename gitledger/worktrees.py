"""Worktrees for sessions: made and removed with git itself."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from gitledger.core.text import escape
from gitledger.errors import GitFailed, InvalidInput
from gitledger.git import Git
from gitledger.store.location import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_FORGET: Final = "let git forget it: git worktree prune; then try again"


class Worktree(NamedTuple):
    """A worktree that was made just now.

    Attributes:
        path: where it is, absolute.
        branch: the branch that is checked out there.
        made_at: the commit at which the branch was made for it, None where it was there before.
    """

    path: Path
    branch: str
    made_at: str | None


def default_path(location: Location, session: str) -> Path:
    """Return where a session's worktree goes: beside the repository, as `app-frontend`.

    Raises:
        InvalidInput: it is a submodule, beside which is the tree of another repository.
    """
    common = location.common_dir
    if ".git" in common.parts[:-1]:
        raise InvalidInput(
            "beside a submodule is the tree of the repository around it",
            hint="say where the worktree goes: --worktree PATH",
        )
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
        GitFailed: git cannot make it. What was made for it is removed again; what another process
            may have made in that moment stays.
    """
    known = _listed(git)
    _require_place(path, path.resolve() in known)
    # `@{-1}` and the like are names of a branch to git, too, but of another one.
    named = git.run("check-ref-format", "--branch", branch, check=False).stdout
    if os.fsdecode(named.rstrip(b"\n")) != branch:
        raise InvalidInput(
            f"'{escape(branch)}' is no name of a branch", hint="choose one: --branch NAME"
        )
    ref = _ref(branch)
    there = _commit(git, ref) is not None
    if there and not existing:
        raise _taken(branch)
    holder = next((place for place, held in known.items() if there and held == ref), None)
    if holder:
        hint = "work there (git ledger session resume NAME), or on a new one: --branch NAME"
        raise InvalidInput(
            f"the branch '{branch}' is checked out at {holder}",
            hint=hint if holder.exists() else _FORGET,
        )
    made = Worktree(path, branch, None if there else _new_branch(git, branch))
    try:
        git.run("worktree", "add", "--quiet", str(path), branch)
    except GitFailed:
        # Of a branch that was there, the worktree may be that of whoever was faster.
        if made.made_at:
            remove(git, made)
        raise
    return made


def _new_branch(git: Git, branch: str) -> str:
    """Make a branch, which of several processes one alone can do, and return its commit."""
    ref, beginning = _ref(branch), _beginning(git, branch)
    try:
        git.run("branch", "--quiet", branch, beginning)
    except GitFailed:
        if _commit(git, ref):
            raise _taken(branch) from None
        raise
    return _commit(git, ref) or ""


def _require_place(path: Path, known: bool) -> None:
    """Raise InvalidInput where a worktree cannot go: something is there, or was and is listed."""
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        if known:
            raise InvalidInput(
                f"there is a worktree at {path} already",
                hint="go on in it: cd there, then session start without --worktree and --branch",
            )
        raise InvalidInput(
            f"there is something at {path} already", hint="choose another place: --worktree PATH"
        )
    if known:
        raise InvalidInput(f"the worktree at {path} was deleted by hand", hint=_FORGET)


def remove(git: Git, worktree: Worktree) -> None:
    """Remove a worktree that was made just now, with its branch where that is new.

    Whatever else is there stays: another worktree at this place, a branch that has moved on since
    or is checked out elsewhere.
    """
    ref, path = _ref(worktree.branch), str(worktree.path)
    if _listed(git).get(worktree.path.resolve()) == ref:
        git.run("worktree", "remove", "--force", "--", path, check=False)
    if worktree.made_at and ref not in _listed(git).values():
        # With its old value: git compares and deletes in one step, as `branch -D` does not.
        deleted = git.run("update-ref", "-d", ref, worktree.made_at, check=False)
        if deleted.code == 0:  # what it tracks goes, too
            git.run("config", "--remove-section", f"branch.{worktree.branch}", check=False)


def require_removable(git: Git, path: Path) -> None:
    """Raise InvalidInput when something would be lost with a worktree, or it is the main one."""
    keep = "leave it there: without --remove-worktree"
    if not (path / ".git").is_file():
        raise InvalidInput(f"{path} is the main worktree, which stays", hint=keep)
    status = git.run("-C", str(path), "status", "--porcelain", check=False)
    if status.code != 0 or status.stdout:
        raise InvalidInput(
            f"the worktree at {path} is not clean", hint=f"look at it: git -C {path} status"
        )
    if _on_no_branch(git, path):
        raise InvalidInput(
            f"the worktree at {path} has commits that are on no branch",
            hint=f"keep them: git -C {path} switch -c NAME",
        )
    entry = git.run("-C", str(path), "rev-parse", "--absolute-git-dir").stdout
    if (Path(os.fsdecode(entry.removesuffix(b"\n"))) / "locked").exists():
        raise InvalidInput(f"the worktree at {path} is locked", hint=f"git worktree unlock {path}")


def _on_no_branch(git: Git, path: Path) -> bool:
    if git.run("-C", str(path), "symbolic-ref", "--quiet", "HEAD", check=False).code == 0:
        return False
    found = git.run("-C", str(path), "for-each-ref", "--count=1", "--contains=HEAD", check=False)
    return not found.stdout


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


def _ref(branch: str) -> str:
    return f"refs/heads/{branch}"


def _commit(git: Git, ref: str) -> str | None:
    """Return the commit that a ref names, None where there is no such ref."""
    found = git.run("rev-parse", "--quiet", "--verify", ref, check=False)
    return found.stdout.decode().strip() if found.code == 0 else None


def _taken(branch: str) -> InvalidInput:
    return InvalidInput(
        f"there is a branch '{branch}' already",
        hint=f"to work on it: --branch {branch}; on a new one: --branch NAME",
    )


def _listed(git: Git) -> dict[Path, str | None]:
    """Return git's worktrees, those that are gone too, each with the branch's ref or None."""
    listed = os.fsdecode(git.run("worktree", "list", "--porcelain").stdout)
    found: dict[Path, str | None] = {}
    for entry in filter(None, listed.split("\n\n")):
        values = dict(line.partition(" ")[::2] for line in entry.splitlines())
        found[Path(values["worktree"])] = values.get("branch")
    return found


def _beginning(git: Git, branch: str) -> str:
    """Return where a new branch begins: at the only remote's of that name, else at HEAD."""
    ref = f"refs/remotes/*/{branch}"
    found = git.run("for-each-ref", "--format=%(refname)", ref).stdout.decode().split()
    if len(found) == 1:
        return found[0]
    if _commit(git, "HEAD^{commit}") is None:
        raise InvalidInput(
            "there is no commit yet that a worktree could begin with",
            hint="make one: git commit; or start the session here, without --worktree",
        )
    return "HEAD"


def _last_line(text: str) -> str:
    lines = [line for line in text.splitlines() if line.strip()]
    return escape(lines[-1].removeprefix("fatal: ")) if lines else "git failed"
