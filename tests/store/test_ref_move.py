"""A ref that is moved in its own file is moved as git does it, or stays as it was."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from gitledger.store import ref_move
from gitledger.store.failures import Unreadable
from gitledger.store.ref_move import move_ref
from tests.conftest import RunGit

REF = "refs/gitledger/main"
ENTRY = "Ada <ada@example.com> 1700000000 +0000\tnext"


@pytest.fixture
def moved(repo: Path, git: RunGit) -> tuple[str, str]:
    """Return two commits; the ref names the first one, which its reflog tells."""
    one = git(repo, "rev-parse", "HEAD")
    two = git(repo, "commit-tree", "-p", one, "-m", "next", "HEAD^{tree}")
    git(repo, "update-ref", "--create-reflog", "-m", "init", REF, one)
    return one, two


def left(repo: Path) -> list[str]:
    """Return what stands beside the ref, where lock files do."""
    return sorted(os.listdir((repo / ".git" / REF).parent))


def move(repo: Path, old: str, new: str) -> bool:
    """Move the ref."""
    return move_ref(str(repo / ".git"), REF, old, new, f"{old} {new} {ENTRY}")


def test_git_sees_a_ref_that_was_moved_and_what_its_reflog_tells(
    repo: Path, moved: tuple[str, str], git: RunGit
) -> None:
    one, two = moved
    assert move(repo, one, two)

    assert git(repo, "rev-parse", REF) == two
    assert git(repo, "reflog", "show", "--format=%H %gs", REF) == f"{two} next\n{one} init"
    assert left(repo) == ["main"]


@pytest.mark.parametrize("packed", ["and its folder is gone", "another has a file"])
def test_a_ref_without_a_file_is_left_to_git(
    repo: Path, moved: tuple[str, str], git: RunGit, packed: str
) -> None:
    git(repo, "pack-refs", "--all")
    if packed == "another has a file":
        git(repo, "update-ref", "refs/gitledger/other", moved[0])
    assert not move(repo, *moved)

    assert git(repo, "rev-parse", REF) == moved[0]
    assert not list((repo / ".git" / "refs").rglob("*.lock"))


@pytest.mark.parametrize("there", ["another commit", "another ref", "garbage"])
def test_a_ref_that_names_something_else_stays(
    repo: Path, moved: tuple[str, str], there: str
) -> None:
    one, two = moved
    path = repo / ".git" / REF
    path.write_text({"another commit": two, "another ref": "ref: HEAD"}.get(there, "x") + "\n")
    kept, log = path.read_bytes(), (repo / ".git/logs" / REF).read_bytes()
    with pytest.raises(Unreadable):
        move(repo, one, two)

    assert path.read_bytes() == kept
    assert (repo / ".git/logs" / REF).read_bytes() == log
    assert left(repo) == ["main"]


def test_a_full_disk_leaves_ref_and_reflog_as_they_were(
    repo: Path, moved: tuple[str, str], git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, content: bytes) -> None:
        os.write(descriptor, content[:20])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    log = (repo / ".git/logs" / REF).read_bytes()
    monkeypatch.setattr(ref_move, "write_all", full)
    with pytest.raises(OSError, match="No space left"):
        move(repo, *moved)

    assert git(repo, "rev-parse", REF) == moved[0]
    assert (repo / ".git/logs" / REF).read_bytes() == log
    assert left(repo) == ["main"]


def test_no_reflog_is_begun(repo: Path, moved: tuple[str, str], git: RunGit) -> None:
    log = repo / ".git/logs" / REF
    log.unlink()
    assert move(repo, *moved)

    assert git(repo, "rev-parse", REF) == moved[1]
    assert not log.exists()


def test_a_folder_in_place_of_the_reflog_is_none_as_to_git(
    repo: Path, moved: tuple[str, str], git: RunGit
) -> None:
    log = repo / ".git/logs" / REF
    log.unlink()
    log.mkdir()
    assert move(repo, *moved)

    assert git(repo, "rev-parse", REF) == moved[1]
    assert log.is_dir()
