"""Where refs are kept in a reftable, git reads and moves them; all else is as everywhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger.errors import StoreFailed
from gitledger.store import ref_lock
from gitledger.store.base import Store
from gitledger.store.git_store import GitStore
from gitledger.store.reftable import LIST
from tests.conftest import RunGit
from tests.store.contention import Contention
from tests.store.opening import REF, Opener, is_known, open_at, write

OTHER = "refs/gitledger/other"


@pytest.mark.skipif(not is_known(), reason="reftables need git 2.45 or later")
class TestGitStoreWithReftable(Contention):
    @pytest.fixture
    def opener(self) -> Opener:
        return GitStore

    @pytest.fixture
    def repo(self, tmp_path: Path, git: RunGit) -> Path:
        path = tmp_path / "repo"
        git(tmp_path, "init", "--quiet", "--ref-format=reftable", str(path))
        git(path, "commit", "--quiet", "--allow-empty", "--message=first")
        return path

    @pytest.fixture
    def store(self, opener: Opener, repo: Path) -> Store:
        return open_at(opener, repo)

    def test_a_ref_is_created_moved_and_removed_only_where_it_stands(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        one = write(store, {"a": b"1"})
        two = write(store, {"a": b"2"}, one)

        assert store.tip(REF) is None
        assert not store.move(REF, one, two, "next")
        assert store.move(REF, None, one, "init")
        assert not store.move(REF, None, two, "again")
        assert store.move(REF, one, two, "next")
        assert not store.move(REF, one, two, "too late")
        assert store.target(REF) == store.tip(REF) == two == git(repo, "rev-parse", REF)
        assert not store.remove(REF, one)
        assert store.remove(REF, two)
        assert store.tip(REF) is None

    def test_refs_are_those_whose_name_starts_with_the_prefix(self, store: Store) -> None:
        one = write(store, {"a": b"1"})
        for ref in (REF, OTHER, "refs/gitledger-remotes/origin/main"):
            store.move(ref, None, one, "init")

        assert store.refs("refs/gitledger/") == {REF: one, OTHER: one}
        assert store.refs("refs/gitledger/o") == {OTHER: one}
        assert store.refs("refs/nothing/") == {}

    def test_a_symbolic_ref_is_refused(self, store: Store, repo: Path, git: RunGit) -> None:
        git(repo, "symbolic-ref", REF, "refs/heads/main")

        with pytest.raises(StoreFailed, match=REF):
            store.tip(REF)
        assert store.refs("refs/gitledger/") == {}

    def test_the_reflog_keeps_the_reason_of_each_move(
        self, opener: Opener, store: Store, repo: Path, git: RunGit
    ) -> None:
        one = write(store, {"a": b"1"})
        two = write(store, {"a": b"2"}, one)
        store.enable_reflog(REF)
        store.move(REF, None, one, "init")
        open_at(opener, repo).move(REF, one, two, "add 7f3k: write it down")

        log = git(repo, "reflog", "show", "--format=%H %gs", REF).splitlines()
        assert log == [f"{two} add 7f3k: write it down", f"{one} init"]

    def test_the_lock_file_of_a_killed_writer_does_not_stop_the_next(
        self, store: Store, repo: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(ref_lock, "PATIENCE", 0.05)
        one = write(store, {"a": b"1"})
        left = repo / ".git" / f"{LIST}.lock"
        left.touch()

        assert store.move(REF, None, one, "init")
        assert not left.exists()
