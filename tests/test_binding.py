"""Which worktree belongs to which session."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gitledger.binding import Binding, bind, bindings, bound, unbind
from gitledger.errors import StoreFailed
from gitledger.ledger import Ledger
from tests.conftest import RunGit
from tests.ledgers import ledger_at, place, umask


@pytest.fixture
def linked(repo: Path, git: RunGit) -> Path:
    git(repo, "worktree", "add", "-q", "../linked")
    return repo.parent / "linked"


def test_every_later_command_in_a_worktree_knows_its_session(repo: Path, linked: Path) -> None:
    ledger_at(repo)
    bind(Ledger.open(linked).repository.location.git_dir, "builder")
    assert Ledger.open(linked).session == "builder"
    assert Ledger.open(linked / ".").session == "builder"
    assert Ledger.open(repo).session == "ada"
    assert Ledger.open(linked, session="asked").session == "asked"


def test_a_session_in_the_environment_is_stronger_than_the_worktrees(repo: Path) -> None:
    ledger = ledger_at(repo)
    bind(ledger.repository.location.git_dir, "builder")
    environ = {"GITLEDGER_SESSION": "other", "PATH": "/usr/bin:/bin"}
    assert Ledger.open(repo, environ=environ).session == "other"


def test_nothing_but_the_git_directory_knows_of_it(repo: Path, linked: Path, git: RunGit) -> None:
    before = git(repo, "config", "--list", "--local")
    bind(repo / ".git", "ada-1")
    bind(repo / ".git" / "worktrees" / "linked", "builder")
    assert git(repo, "status", "--porcelain") == git(linked, "status", "--porcelain") == ""
    assert git(repo, "config", "--list", "--local") == before


def test_all_bound_worktrees_are_known_also_those_that_are_gone(repo: Path, linked: Path) -> None:
    common = repo / ".git"
    assert list(bindings(common)) == []
    bind(common, "ada-1")
    bind(common / "worktrees" / "linked", "builder")
    linked_dir = common / "worktrees" / "linked"
    assert list(bindings(common)) == [
        Binding("ada-1", common, repo),
        Binding("builder", linked_dir, linked),
    ]
    shutil.rmtree(linked)
    assert list(bindings(common))[1] == Binding("builder", linked_dir, None)
    unbind(linked_dir)
    unbind(linked_dir)
    assert [each.session for each in bindings(common)] == ["ada-1"]


@pytest.mark.parametrize("content", [b"", b"two words\n", b"../x", b"\xff\xfe", b"-x"])
def test_a_file_that_names_no_session_binds_none(repo: Path, content: bytes) -> None:
    ledger = ledger_at(repo)
    bind(repo / ".git", "builder")
    (repo / ".git" / "gitledger" / "session").write_bytes(content)
    assert bound(repo / ".git") is None
    assert Ledger.open(place(ledger)).session == "ada"


def test_a_directory_that_cannot_be_written_is_named(repo: Path) -> None:
    (repo / ".git" / "gitledger").write_text("a file")
    with pytest.raises(StoreFailed, match="cannot write to"):
        bind(repo / ".git", "builder")


def test_a_binding_that_cannot_be_written_leaves_no_file(repo: Path) -> None:
    folder = repo / ".git" / "gitledger"
    (folder / "session").mkdir(parents=True)
    with pytest.raises(StoreFailed, match="cannot write to"):
        bind(repo / ".git", "builder")
    assert [path.name for path in folder.iterdir()] == ["session"]


def test_a_group_that_shares_the_repository_may_bind_its_worktree_anew(
    tmp_path: Path, git: RunGit
) -> None:
    with umask(0o077):
        git(tmp_path, "init", "-q", "--shared=group", "shared")
        git_dir = tmp_path / "shared/.git"
        bind(git_dir, "builder")
    ours = git_dir / "gitledger"
    modes = {path.name: oct(path.stat().st_mode & 0o7777) for path in (ours, *ours.iterdir())}
    assert modes == {"gitledger": "0o2770", "session": "0o660", "current": "0o660"}
