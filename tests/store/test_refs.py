"""What stops a ref from being moved is told, and tried again only where that helps."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from gitledger.errors import StoreFailed
from gitledger.store.base import Store
from gitledger.store.failures import CHECK
from gitledger.store.libgit2 import Libgit2Reference as Reference
from gitledger.store.pygit2_store import Pygit2Store
from tests.store.opening import REF, open_at, write


@pytest.fixture
def store(repo: Path) -> Store:
    return open_at(Pygit2Store, repo)


@pytest.mark.parametrize(("number", "once"), [(errno.EFBIG, True), (errno.EACCES, False)])
def test_a_move_that_fails_for_good_says_what_to_look_at_and_is_tried_once_on_a_full_disk(
    store: Store, monkeypatch: pytest.MonkeyPatch, number: int, once: bool
) -> None:
    one = write(store, {"a": b"1"})
    two = write(store, {"a": b"2"}, one)
    store.move(REF, None, one, "init")
    attempts = []

    def failing(self: Reference, new: str, reason: str) -> None:
        attempts.append(new)
        raise OSError(f"could not write to '{REF}': {os.strerror(number)}")

    monkeypatch.setattr(Reference, "move", failing)
    with pytest.raises(StoreFailed, match=f"cannot write {REF}: .*{os.strerror(number)}") as said:
        store.move(REF, one, two, "next")

    assert said.value.hint == CHECK
    assert (len(attempts) == 1) == once
    assert store.tip(REF) == one


def test_a_full_disk_with_a_lock_file_in_the_way_is_tried_again(
    store: Store, repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = write(store, {"a": b"1"})
    two = write(store, {"a": b"2"}, one)
    store.move(REF, None, one, "init")
    left = repo / ".git" / f"{REF}.lock"
    move = Reference.move

    def failing(self: Reference, new: str, reason: str) -> None:
        if left.exists():
            left.unlink()
            return move(self, new, reason)
        left.touch()
        raise OSError(os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Reference, "move", failing)
    assert store.move(REF, one, two, "next")
    assert store.tip(REF) == two
