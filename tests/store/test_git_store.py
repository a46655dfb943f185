"""The store over git keeps what all stores promise, in every repository that git opens."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from gitledger.store.git_store import GitStore
from tests.conftest import RunGit
from tests.store.opening import Opener
from tests.store.suite import StoreSuite


class TestGitStore(StoreSuite):
    @pytest.fixture
    def opener(self) -> Opener:
        return GitStore


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a directory where a repository is made once, to be copied."""
    return tmp_path_factory.mktemp("template")


class TestGitStoreWithSha256(TestGitStore):
    @pytest.fixture
    def repo(self, place: Path, tmp_path: Path, git: RunGit) -> Path:
        template = place / "repo"
        if not template.exists():
            git(place, "init", "--quiet", "--object-format=sha256", "--template=", "repo")
            (template / "hello.txt").write_text("hello\n")
            git(template, "add", "hello.txt")
            git(template, "commit", "--quiet", "--message=first")
        return shutil.copytree(template, tmp_path / "repo")

    @pytest.fixture
    def bare(self, repo: Path, tmp_path: Path, git: RunGit) -> Path:
        git(tmp_path, "clone", "--quiet", "--bare", str(repo), "bare.git")
        git(tmp_path / "bare.git", "remote", "remove", "origin")
        return tmp_path / "bare.git"
