"""Which store a process gets, and what it costs to start it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gitledger.git import Git
from gitledger.store import open_store
from gitledger.store.base import Store
from gitledger.store.git_store import GitStore
from gitledger.store.location import locate
from gitledger.store.pygit2_store import Pygit2Store
from tests.conftest import RunGit
from tests.store.opening import REF, open_at, write

SLOW = {
    "collections",
    "contextlib",
    "dataclasses",
    "enum",
    "functools",
    "hashlib",
    "inspect",
    "pathlib",
    "pygit2",
    "re",
    "signal",
    "subprocess",
    "tempfile",
    "typing",
}
"""What takes longer to import than a git to run, or imports what does."""

_PROGRAM = """
import os, sys
before = set(sys.modules)
from gitledger.git import Git
from gitledger.store import open_store
from gitledger.store.base import Signature
from gitledger.store.location import locate
location = locate(sys.argv[1], os.environ)
store = open_store(location, Git.at(location, os.environ), brief=True)
ada = Signature("Ada", "ada@example.com", 1767225600)
tip = store.tip(sys.argv[2])
entry = store.entry(tip, "tasks/7/f/x")
text = store.read(entry.oid, 1000)
new = store.write(tip, {"tasks/7/f/x": text + b"2"}, "next", ada, ada)
assert store.move(sys.argv[2], tip, new, "next")
assert [change.path for change in store.changes(tip, new)] == ["tasks/7/f/x"]
print(" ".join(set(sys.modules) - before))
"""


def opened(path: Path, *, brief: bool = False) -> Store:
    """Open the store of the repository that a path is in."""
    location = locate(path, os.environ)
    return open_store(location, Git.at(location, os.environ), brief=brief)


def test_a_process_that_lives_long_has_libgit2_and_a_brief_one_git(repo: Path) -> None:
    assert isinstance(opened(repo), Pygit2Store)
    assert isinstance(opened(repo, brief=True), GitStore)


@pytest.mark.parametrize("extension", ["objectFormat=sha256", "refStorage=reftable"])
def test_what_libgit2_does_not_open_git_does(repo: Path, git: RunGit, extension: str) -> None:
    name, _, value = extension.partition("=")
    git(repo, "config", "core.repositoryFormatVersion", "1")
    git(repo, "config", f"extensions.{name}", value)

    assert isinstance(opened(repo), GitStore)


def test_without_pygit2_git_does_it_all(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pygit2_store", "libgit2"):
        monkeypatch.delitem(sys.modules, f"gitledger.store.{name}", raising=False)
    monkeypatch.setitem(sys.modules, "pygit2", None)
    store = opened(repo)

    assert isinstance(store, GitStore)
    assert store.move(REF, None, write(store, {"a": b"1"}), "init")


@pytest.mark.parametrize("packed", [False, True])
def test_a_brief_process_imports_nothing_that_takes_time(
    repo: Path, git: RunGit, packed: bool
) -> None:
    store = open_at(GitStore, repo)
    store.move(REF, None, write(store, {"tasks/7/f/x": b"1"}), "init")
    if packed:
        git(repo, "gc", "--quiet")
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    words = [sys.executable, "-c", _PROGRAM, str(repo), REF]
    imported = subprocess.run(words, env=environ, check=True, capture_output=True, text=True)

    assert set(imported.stdout.split()) & SLOW == set()


def test_the_id_that_a_ref_names_is_known_without_any_git(repo: Path) -> None:
    one = write(open_at(GitStore, repo), {"a": b"1"})
    (repo / ".git" / REF).parent.mkdir(parents=True)
    (repo / ".git" / REF).write_text(f"{one}\n")
    store = GitStore(locate(repo, os.environ), Git(repo, {"PATH": ""}))

    assert store.target(REF) == one
    assert store.target("refs/gitledger/other") is None
