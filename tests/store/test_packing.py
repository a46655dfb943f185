"""A pack holds the objects that git takes out of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitledger.git import Git
from gitledger.store.packing import object_id, pack
from tests.conftest import RunGit

SIZES = [0, 1, 15, 16, 2047, 2048, 262_143, 262_144]
"""The last that takes so many bytes to say, and the first that takes one more."""


@pytest.fixture(params=["sha1", "sha256"])
def object_format(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def empty(tmp_path: Path, git: RunGit, object_format: str) -> Path:
    git(tmp_path, "init", "--quiet", "--bare", f"--object-format={object_format}", "empty")
    return tmp_path / "empty"


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(contents=st.lists(st.binary(max_size=80), min_size=1, max_size=5))
def test_git_finds_in_a_pack_what_was_put_into_it(
    empty: Path, object_format: str, contents: list[bytes]
) -> None:
    _assert_unpacked(empty, object_format, contents)


def test_sizes_are_said_in_as_many_bytes_as_they_need(empty: Path, object_format: str) -> None:
    _assert_unpacked(empty, object_format, [os.urandom(size) for size in SIZES])


def test_the_id_of_an_object_is_that_of_git(empty: Path, object_format: str, git: RunGit) -> None:
    ours = object_id(object_format, "blob", b"hello\n")
    assert ours == git(empty, "hash-object", "--stdin", stdin="hello\n")


def test_an_object_format_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="md5"):
        object_id("md5", "blob", b"")


def _assert_unpacked(repo: Path, object_format: str, contents: list[bytes]) -> None:
    git = Git(repo, os.environ)
    git.run("unpack-objects", "-q", input=pack(object_format, [("blob", it) for it in contents]))
    for content in contents:
        oid = object_id(object_format, "blob", content)
        assert git.run("cat-file", "blob", oid).stdout == content
