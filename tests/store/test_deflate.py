"""What is compressed here git and libgit2 read, and where it pays it is smaller."""

from __future__ import annotations

import zlib
from pathlib import Path

import pygit2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitledger.store.deflate import deflated
from gitledger.store.git_store import GitStore
from tests.conftest import RunGit
from tests.store.opening import open_at, write


@given(st.binary(max_size=300), st.integers(1, 40), st.integers(0, 9))
def test_it_is_the_content_again(part: bytes, times: int, level: int) -> None:
    assert zlib.decompress(deflated(part * times, level)) == part * times


@pytest.mark.parametrize("size", [0, 1, 3999, 4000, 4001, 4096, 4097, 70_000])
def test_git_and_libgit2_read_objects_of_all_sizes(repo: Path, git: RunGit, size: int) -> None:
    content = b"12345678" * (size // 8) + b"9" * (size % 8)
    tip = write(open_at(GitStore, repo), {"a": content})

    assert git(repo, "cat-file", "blob", f"{tip}:a") == content.decode()
    assert git(repo, "fsck", "--strict", "--no-dangling") == ""
    tree = pygit2.Repository(repo)[tip].peel(pygit2.Tree)
    assert tree["a"].peel(pygit2.Blob).data == content


def test_a_large_object_takes_less_room_than_it_holds(repo: Path, git: RunGit) -> None:
    tip = write(open_at(GitStore, repo), {"a": b"the same again\n" * 1000})
    blob = git(repo, "rev-parse", f"{tip}:a")

    assert (repo / ".git/objects" / blob[:2] / blob[2:]).stat().st_size < 500
