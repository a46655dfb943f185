"""Worktrees for sessions: made by git itself, and never half."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gitledger import worktrees
from gitledger.errors import GitFailed, InvalidInput
from gitledger.git import Git, Result
from gitledger.repository import Repository
from gitledger.worktrees import Worktree
from tests.conftest import RunGit


@pytest.fixture
def runner(repo: Path) -> Git:
    return Repository.open(repo, {"PATH": "/usr/bin:/bin"}).git


def branches(git: RunGit, repo: Path) -> list[str]:
    return git(repo, "branch", "--format=%(refname:short)").split()


def test_a_worktree_stands_beside_the_repository(repo: Path, bare: Path, git: RunGit) -> None:
    def default(path: Path) -> Path:
        return worktrees.default_path(Repository.open(path, {}).location, "builder")

    git(repo, "worktree", "add", "-q", "../linked")
    assert default(repo) == default(repo.parent / "linked") == repo.parent / "repo-builder"
    assert default(bare) == bare.parent / "bare-builder"


def test_a_new_branch_is_checked_out_in_it(repo: Path, runner: Git, git: RunGit) -> None:
    path = repo.parent / "built"
    made = worktrees.add(runner, path, "feature/x", existing=False)
    assert made == Worktree(path, "feature/x", made_at=git(repo, "rev-parse", "main"))
    assert git(path, "symbolic-ref", "--short", "HEAD") == "feature/x"
    assert (path / "hello.txt").exists()
    assert git(repo, "status", "--porcelain") == ""
    assert worktrees.current_branch(runner) == "main"


def test_a_branch_that_was_named_may_exist(repo: Path, runner: Git, git: RunGit) -> None:
    git(repo, "branch", "old")
    made = worktrees.add(runner, repo.parent / "built", "old", existing=True)
    assert made.made_at is None
    worktrees.remove(runner, made)
    assert branches(git, repo) == ["main", "old"]


@pytest.mark.parametrize(
    ("branch", "existing", "message", "hint"),
    [
        ("old", False, "there is a branch 'old' already", "--branch old"),
        ("main", True, "the branch 'main' is checked out at", "--branch NAME"),
        ("a..b", False, "'a..b' is no name of a branch", None),
        ("-x", True, "'-x' is no name of a branch", None),
        ("@{-1}", True, "'@{-1}' is no name of a branch", None),
    ],
)
def test_a_branch_that_cannot_be_taken_is_a_choice_and_nothing_is_made(
    repo: Path,
    runner: Git,
    git: RunGit,
    branch: str,
    existing: bool,
    message: str,
    hint: str | None,
) -> None:
    git(repo, "branch", "old")
    git(repo, "checkout", "--quiet", "old")
    git(repo, "checkout", "--quiet", "main")  # what @{-1} means is `old`
    with pytest.raises(InvalidInput) as error:
        worktrees.add(runner, repo.parent / "built", branch, existing=existing)
    assert error.value.message.startswith(message)
    assert hint is None or hint in (error.value.hint or "")
    assert not (repo.parent / "built").exists()
    assert branches(git, repo) == ["main", "old"]


def test_a_place_that_is_taken_is_left_alone(repo: Path, runner: Git, git: RunGit) -> None:
    for name, make in (("file", Path.touch), ("folder", Path.mkdir)):
        make(repo.parent / name)
    (repo.parent / "folder" / "mine").touch()
    for name in ("file", "folder"):
        with pytest.raises(InvalidInput, match="already"):
            worktrees.add(runner, repo.parent / name, "new", existing=False)
    assert branches(git, repo) == ["main"]


def test_what_git_cannot_make_leaves_nothing(repo: Path, runner: Git, git: RunGit) -> None:
    (repo.parent / "closed").write_text("a file where a directory would have to be")
    with pytest.raises(GitFailed):
        worktrees.add(runner, repo.parent / "closed" / "built", "new", existing=False)
    assert branches(git, repo) == ["main"]
    assert "closed" not in git(repo, "worktree", "list")


class Overtaken(Git):
    """git, ahead of which another process gets, right before a command.

    Args:
        git: git itself.
        command: the command's first words.
        other: what the other process does.
    """

    def __init__(self, git: Git, command: tuple[str, ...], other: Callable[[], object]) -> None:
        self.__dict__ = dict(git.__dict__)
        self._before = (command, other)

    def run(self, *args: str, **given: Any) -> Result:
        command, other = self._before
        if args[: len(command)] == command:
            self._before = ((), lambda: None)
            other()
        return super().run(*args, **given)


def test_a_branch_that_another_process_makes_in_that_moment_stays_its_own(
    repo: Path, runner: Git, git: RunGit
) -> None:
    path = repo.parent / "built"
    late = Overtaken(runner, ("branch",), lambda: git(repo, "branch", "new"))
    with pytest.raises(InvalidInput, match="there is a branch 'new' already"):
        worktrees.add(late, path, "new", existing=False)
    assert branches(git, repo) == ["main", "new"]
    assert not path.exists()


@pytest.mark.parametrize(("branch", "existing"), [("mine", False), ("old", True)])
def test_a_worktree_that_another_process_makes_in_that_moment_stays_its_own(
    repo: Path, runner: Git, git: RunGit, branch: str, existing: bool
) -> None:
    git(repo, "branch", "old")
    path = repo.parent / "built"
    theirs = ["old"] if existing else ["-b", "theirs"]
    late = Overtaken(
        runner,
        ("worktree", "add"),
        lambda: git(repo, "worktree", "add", "--quiet", str(path), *theirs),
    )
    with pytest.raises(GitFailed):
        worktrees.add(late, path, branch, existing=existing)
    assert git(path, "symbolic-ref", "--short", "HEAD") == theirs[-1]
    assert branches(git, repo) == sorted({"main", "old", theirs[-1]})


@pytest.mark.parametrize("used", ["moved", "checked out"])
def test_a_new_branch_that_others_use_by_now_is_not_deleted(
    repo: Path, runner: Git, git: RunGit, used: str
) -> None:
    made = worktrees.add(runner, repo.parent / "built", "new", existing=False)
    if used == "moved":
        git(made.path, "commit", "--quiet", "--allow-empty", "--message=theirs")
    else:
        git(repo, "worktree", "remove", str(made.path))
        git(repo, "worktree", "add", "--quiet", "../theirs", "new")
    worktrees.remove(runner, made)
    assert branches(git, repo) == ["main", "new"]


def test_a_branch_that_is_given_up_leaves_no_settings(repo: Path, runner: Git, git: RunGit) -> None:
    git(repo, "remote", "add", "origin", "../nowhere")
    git(repo, "update-ref", "refs/remotes/origin/topic", "HEAD")
    before = git(repo, "config", "--local", "--list")
    made = worktrees.add(runner, repo.parent / "built", "topic", existing=True)
    assert git(repo, "config", "branch.topic.remote") == "origin"
    worktrees.remove(runner, made)
    assert git(repo, "config", "--local", "--list") == before
    assert branches(git, repo) == ["main"]


def test_only_a_clean_worktree_is_removed(repo: Path, runner: Git, git: RunGit) -> None:
    made = worktrees.add(runner, repo.parent / "built", "new", existing=False)
    (made.path / "unsaved").touch()
    with pytest.raises(GitFailed) as error:
        worktrees.remove_clean(runner, made.path)
    assert "is not removed" in error.value.message
    assert error.value.hint == f"look at it: git -C {made.path} status"
    (made.path / "unsaved").unlink()
    worktrees.remove_clean(runner, made.path)
    assert not made.path.exists()
    assert branches(git, repo) == ["main", "new"]
    with pytest.raises(GitFailed):
        worktrees.remove_clean(runner, repo)
