"""What stops a ref from being moved is told, and tried again only where that helps."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from gitledger.errors import StoreFailed
from gitledger.git import Git
from gitledger.store import ref_move
from gitledger.store.base import Store
from gitledger.store.failures import CHECK
from gitledger.store.git_store import GitStore
from gitledger.store.location import locate
from gitledger.store.pygit2_store import Pygit2Store
from tests.conftest import RunGit
from tests.store.opening import REF, Opener, open_at, write


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

    def failing(folder: str, ref: str, old: str, new: str, entry: str) -> bool:
        attempts.append(new)
        raise OSError(f"could not write to '{REF}': {os.strerror(number)}")

    monkeypatch.setattr(ref_move, "move_ref", failing)
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
    move = ref_move.move_ref

    def failing(folder: str, ref: str, old: str, new: str, entry: str) -> bool:
        if left.exists():
            left.unlink()
            return move(folder, ref, old, new, entry)
        left.touch()
        raise OSError(os.strerror(errno.ENOSPC))

    monkeypatch.setattr(ref_move, "move_ref", failing)
    assert store.move(REF, one, two, "next")
    assert store.tip(REF) == two


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("core.sharedRepository", "group"),
        ("core.logAllRefUpdates", "always"),
        ("core.hooksPath", "elsewhere"),
        ("hook.mirror.event", "reference-transaction"),
        ("core.fsync", "reference"),
        ("gitledger.durability", "full"),
        ("hook.mirror.event", "post-commit"),
    ],
)
@pytest.mark.parametrize("opener", [GitStore, Pygit2Store])
def test_where_settings_say_how_refs_are_written_git_writes_them(
    opener: Opener, repo: Path, git: RunGit, tmp_path: Path, name: str, value: str
) -> None:
    git(repo, "config", "hook.mirror.command", "true")
    git(repo, "config", name, value)
    trace = tmp_path / "trace"
    store = opener(locate(repo, os.environ), Git(repo, os.environ | {"GIT_TRACE": str(trace)}))
    one = write(store, {"a": b"1"})
    store.move(REF, None, one, "init")
    trace.write_text("")
    two = write(store, {"a": b"2"}, one)
    assert store.move(REF, one, two, "next")

    assert store.tip(REF) == two
    assert ("update-ref" in trace.read_text()) == (value != "post-commit")


def install(repo: Path, script: str) -> None:
    """Have a script hear of every ref that is moved, and decide about it."""
    hook = repo / ".git/hooks/reference-transaction"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\n{script}\n")
    hook.chmod(0o755)


@pytest.mark.parametrize("opener", [GitStore, Pygit2Store])
def test_a_hook_that_follows_the_refs_hears_of_every_move(
    opener: Opener, repo: Path, tmp_path: Path
) -> None:
    store = open_at(opener, repo)
    one = write(store, {"a": b"1"})
    two = write(store, {"a": b"2"}, one)
    store.move(REF, None, one, "init")
    heard = tmp_path / "heard"
    install(repo, f'sed "s/^/$1 /" >>{heard}')
    assert store.move(REF, one, two, "next")

    assert f"committed {one} {two} {REF}" in heard.read_text()


def test_a_hook_that_refuses_a_move_is_asked_once_and_named(repo: Path, tmp_path: Path) -> None:
    store = open_at(GitStore, repo)
    one = write(store, {"a": b"1"})
    two = write(store, {"a": b"2"}, one)
    store.move(REF, None, one, "init")
    asked = tmp_path / "asked"
    install(repo, f"[ $1 != prepared ] || {{ echo >>{asked}; exit 1; }}")
    with pytest.raises(StoreFailed, match="aborted by") as refused:
        store.move(REF, one, two, "next")

    assert "reference-transaction" in str(refused.value.hint)
    assert asked.read_text() == "\n"
    assert store.tip(REF) == one
