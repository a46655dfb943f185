"""Objects are written for sure, or an error says why not."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gitledger.errors import StoreFailed
from gitledger.store.base import Store
from gitledger.store.failures import CHECK
from gitledger.store.libgit2 import Libgit2
from gitledger.store.pygit2_store import Pygit2Store
from tests.conftest import RunGit
from tests.store.opening import contents, open_at, write

Fail = Callable[[int, int], list[str]]


@pytest.fixture
def store(repo: Path) -> Store:
    return open_at(Pygit2Store, repo)


@pytest.fixture
def fail(repo: Path, monkeypatch: pytest.MonkeyPatch) -> Fail:
    """Return a function that lets libgit2 fail so often, and returns what it is to write."""
    put = Libgit2.put

    def set_up(number: int, times: int) -> list[str]:
        attempts: list[str] = []

        def failing(self: Libgit2, kind: str, content: bytes) -> str:
            attempts.append(kind)
            if len(attempts) > times:
                return put(self, kind, content)
            # In libgit2's words: it knows of no error numbers.
            raise OSError(f"failed to rename lockfile to '{repo}/x': {os.strerror(number)}")

        monkeypatch.setattr(Libgit2, "put", failing)
        return attempts

    return set_up


def test_a_folder_that_git_gc_removes_under_a_writer_is_made_again(
    store: Store, repo: Path, git: RunGit, fail: Fail
) -> None:
    attempts = fail(errno.ENOENT, 3)
    commit = write(store, {"a": b"1"})

    assert attempts == ["blob"] * 4 + ["tree", "commit"]
    assert contents(store, commit) == {"a": b"1"}
    assert git(repo, "fsck", "--strict", "--no-dangling") == ""


def test_a_folder_that_always_vanishes_is_an_error_in_the_end(store: Store, fail: Fail) -> None:
    attempts = fail(errno.ENOENT, 1000)
    with pytest.raises(StoreFailed, match="No such file or directory") as said:
        write(store, {"a": b"1"})

    assert said.value.hint == CHECK
    assert 1 < len(attempts) < 20


def test_what_another_attempt_does_not_mend_is_an_error_at_once(store: Store, fail: Fail) -> None:
    attempts = fail(errno.ENOSPC, 1000)
    with pytest.raises(StoreFailed, match="No space left") as said:
        write(store, {"a": b"1"})

    assert said.value.hint == CHECK
    assert attempts == ["blob"]


@pytest.mark.parametrize("kind", ["blob", "tree", "commit"])
def test_every_object_that_does_not_get_to_the_disk_is_an_error_of_writing(
    store: Store, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    put = Libgit2.put

    def failing(self: Libgit2, its: str, content: bytes) -> str:
        if its == kind:
            raise OSError("failed to write out file: File too large")
        return put(self, its, content)

    monkeypatch.setattr(Libgit2, "put", failing)
    with pytest.raises(StoreFailed) as said:
        write(store, {"a": b"1"})
    assert said.value.message.startswith("cannot write to the repository: ")
    assert said.value.hint == CHECK


@pytest.mark.parametrize("name", [".GIT", "git~1", ".", "a/.git/hooks/x"])
def test_a_name_that_leads_into_the_repository_itself_is_refused(store: Store, name: str) -> None:
    with pytest.raises(StoreFailed, match="cannot be the name of a file"):
        write(store, {name: b"1"})


def test_what_else_is_in_a_tree_stays_as_it_is(store: Store, repo: Path, git: RunGit) -> None:
    blob = git(repo, "rev-parse", "HEAD:hello.txt")
    lines = (
        f"100755 blob {blob}\tnot-utf8-\udcff",
        f"120000 blob {blob}\tlink",
        f"160000 commit {'1' * 40}\tsubmodule",
    )
    tree = git(repo, "mktree", stdin="".join(f"{line}\n" for line in lines))
    before = git(repo, "commit-tree", "-m", "by hand", tree)
    after = write(store, {"new": b"1", "link": None}, before)

    kept = git(repo, "ls-tree", after).splitlines()
    assert [line for line in kept if "new" not in line] == git(
        repo, "ls-tree", before, "not-utf8-\udcff", "submodule"
    ).splitlines()
    assert len(kept) == 3
