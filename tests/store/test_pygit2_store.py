"""The store over libgit2 keeps what all stores promise, and says what it cannot open."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitledger.errors import StoreFailed
from gitledger.store.pygit2_store import Pygit2Store
from tests.store.opening import Opener, open_at
from tests.store.suite import StoreSuite


class TestPygit2Store(StoreSuite):
    @pytest.fixture
    def opener(self) -> Opener:
        return Pygit2Store


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to another user")
def test_a_repository_of_another_user_is_refused_in_words(repo: Path) -> None:
    for path in (repo, repo / ".git"):
        os.chown(path, 12345, 12345)

    with pytest.raises(StoreFailed, match="another user") as refused:
        open_at(Pygit2Store, repo)
    assert "safe.directory" in str(refused.value.hint)
