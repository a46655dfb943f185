"""Reflogs as git writes them, and as crashes leave them."""

from __future__ import annotations

from pathlib import Path

from gitledger.store import reflog
from tests.conftest import RunGit


def logged(repo: Path, git: RunGit) -> Path:
    """Give the branch a reflog of two moves, and return its file."""
    (repo / ".git/logs").mkdir(exist_ok=True)
    git(repo, "update-ref", "--create-reflog", "-m", "one: two", "refs/heads/x", "HEAD")
    git(repo, "commit", "--quiet", "--allow-empty", "--message=second")
    git(repo, "update-ref", "-m", "moved", "refs/heads/x", "HEAD")
    return repo / ".git/logs/refs/heads/x"


def test_entries_are_those_that_git_shows_the_oldest_first(repo: Path, git: RunGit) -> None:
    logged(repo, git)
    moves = reflog.read(repo / ".git", "refs/heads/x")
    shown = git(repo, "log", "--walk-reflogs", "--format=%H %gs", "refs/heads/x").splitlines()
    assert [f"{move.new} {move.reason}" for move in moves] == shown[::-1]
    assert moves[0].old == "0" * 40
    assert moves[1].old == moves[0].new


def test_what_is_no_entry_is_passed_over(repo: Path, git: RunGit) -> None:
    path = logged(repo, git)
    whole = path.read_bytes()
    moves = reflog.read(repo / ".git", "refs/heads/x")
    torn = whole.splitlines()[-1][:90]
    path.write_bytes(b"\0" * 40 + b"\n" + whole + b"nonsense\n" + torn)
    assert reflog.read(repo / ".git", "refs/heads/x") == moves


def test_a_ref_without_a_reflog_has_no_entries(repo: Path) -> None:
    assert reflog.read(repo / ".git", "refs/heads/none") == []


def test_what_was_read_is_written_as_it_was(repo: Path, git: RunGit) -> None:
    path = logged(repo, git)
    assert reflog.content(reflog.read(repo / ".git", "refs/heads/x")) == path.read_bytes()


def test_git_reads_a_new_entry(repo: Path, git: RunGit) -> None:
    path = logged(repo, git)
    moves = reflog.read(repo / ".git", "refs/heads/x")
    new = reflog.entry(moves[-1].new, moves[0].new, "Ada <ada@example.org>", 1767225600, "back")
    path.write_bytes(reflog.content([*moves, new]))
    format_ = "--format=%H %gn %ge %gs"
    newest = git(repo, "log", "--walk-reflogs", format_, "refs/heads/x").splitlines()[0]
    assert newest == f"{new.new} Ada ada@example.org back"
