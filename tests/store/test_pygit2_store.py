"""The store over libgit2 keeps what all stores promise, and says what libgit2 cannot open."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitledger.errors import StoreFailed
from gitledger.store.pygit2_store import Pygit2Store
from tests.conftest import RunGit
from tests.store.opening import Opener, open_at
from tests.store.suite import StoreSuite


class TestPygit2Store(StoreSuite):
    @pytest.fixture
    def opener(self) -> Opener:
        return Pygit2Store


def test_a_repository_with_sha256_ids_is_refused_in_words(tmp_path: Path, git: RunGit) -> None:
    git(tmp_path, "init", "--quiet", "--object-format=sha256")

    with pytest.raises(StoreFailed, match="SHA-256") as refused:
        open_at(Pygit2Store, tmp_path)
    assert refused.value.hint


def test_a_repository_with_a_reftable_is_refused_in_words(repo: Path, git: RunGit) -> None:
    # As the newest git writes it; an older one cannot.
    git(repo, "config", "core.repositoryFormatVersion", "1")
    git(repo, "config", "extensions.refStorage", "reftable")

    with pytest.raises(StoreFailed, match="reftable") as refused:
        open_at(Pygit2Store, repo)
    assert refused.value.hint


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_a_repository_of_another_user_is_refused_in_words(repo: Path) -> None:
    for path in (repo, repo / ".git"):
        os.chown(path, 12345, 12345)

    with pytest.raises(StoreFailed, match="another user") as refused:
        open_at(Pygit2Store, repo)
    assert "safe.directory" in str(refused.value.hint)
