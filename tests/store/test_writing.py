"""Objects are written for sure, or an error says why not."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gitledger.errors import StoreFailed
from gitledger.store.base import Store
from gitledger.store.failures import CHECK
from gitledger.store.git_store import GitStore
from gitledger.store.pygit2_store import Pygit2Store
from tests.conftest import RunGit
from tests.store.opening import contents, open_at, write


@pytest.fixture(params=[Pygit2Store, GitStore])
def store(request: pytest.FixtureRequest, repo: Path) -> Store:
    return open_at(request.param, repo)


@pytest.fixture
def gc(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], list[str]]:
    """Return a function that removes so many folders of objects as soon as they are made."""
    mkdir = os.mkdir

    def set_up(times: int) -> list[str]:
        removed: list[str] = []

        def removing(path: str, *args: int) -> None:
            mkdir(path, *args)
            if len(removed) < times and os.path.basename(os.path.dirname(path)) == "objects":
                removed.append(path)
                os.rmdir(path)

        monkeypatch.setattr(os, "mkdir", removing)
        return removed

    return set_up


def test_a_folder_that_git_gc_removes_under_a_writer_is_made_again(
    store: Store, repo: Path, git: RunGit, gc: Callable[[int], list[str]]
) -> None:
    removed = gc(3)
    commit = write(store, {"a": b"1"})

    assert len(removed) == 3
    assert contents(store, commit) == {"a": b"1"}
    assert git(repo, "fsck", "--strict", "--no-dangling") == ""


def test_a_folder_that_always_vanishes_is_an_error_in_the_end(
    store: Store, gc: Callable[[int], list[str]]
) -> None:
    removed = gc(1000)
    with pytest.raises(StoreFailed, match="No such file or directory") as said:
        write(store, {"a": b"1"})

    assert said.value.hint == CHECK
    assert 1 < len(removed) < 20


@pytest.mark.parametrize("written", [0, 1, 2])
def test_every_object_that_does_not_get_to_the_disk_is_an_error_of_writing(
    store: Store, repo: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch, written: int
) -> None:
    files = set(loose_files(repo))
    done = []

    def rename(old: str, new: str) -> None:
        if len(done) == written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), new)
        done.append(new)
        os.replace(old, new)

    monkeypatch.setattr(os, "rename", rename)
    with pytest.raises(StoreFailed) as said:
        write(store, {"a": b"1"})
    assert said.value.message.startswith("cannot write to the repository: No space left on device")
    assert said.value.hint == CHECK
    assert set(loose_files(repo)) - files == {Path(path) for path in done}
    assert git(repo, "fsck", "--strict", "--no-dangling") == ""

    monkeypatch.undo()
    assert contents(store, write(store, {"a": b"1"})) == {"a": b"1"}


def test_a_file_is_written_whole_however_little_the_system_takes_at_once(
    store: Store, repo: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = os.write
    monkeypatch.setattr(os, "write", lambda file, data: whole(file, bytes(data)[:7]))
    content = os.urandom(5000)
    commit = write(store, {"a": content})

    assert contents(store, commit) == {"a": content}
    assert git(repo, "fsck", "--strict", "--no-dangling") == ""


def test_a_file_of_an_object_is_as_git_makes_it(store: Store, repo: Path, git: RunGit) -> None:
    blob = git(repo, "hash-object", "-w", "--stdin", stdin="made by git")
    known = set(loose_files(repo))
    write(store, {"a": b"1"})

    (theirs,) = (path for path in known if path.parent.name + path.name == blob)
    new = set(loose_files(repo)) - known
    assert {path.stat().st_mode for path in new} == {theirs.stat().st_mode}
    assert {path.parent.stat().st_mode for path in new} == {theirs.parent.stat().st_mode}


@pytest.mark.parametrize(
    ("name", "value", "mode"),
    [("core.sharedRepository", "group", 0o440), ("core.sharedRepository", "0666", 0o444)],
)
def test_what_is_set_of_how_git_writes_files_holds_for_ours(
    store: Store, repo: Path, git: RunGit, name: str, value: str, mode: int
) -> None:
    git(repo, "config", name, value)
    known = set(loose_files(repo))
    previous = os.umask(0o077)
    try:
        write(open_at(type(store), repo), {"a": b"1"})
    finally:
        os.umask(previous)

    new = set(loose_files(repo)) - known
    assert len(new) == 3
    assert {path.stat().st_mode & 0o777 for path in new} == {mode}


def loose_files(repo: Path) -> Iterator[Path]:
    return (path for path in (repo / ".git/objects").glob("??/*") if path.is_file())


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


def test_a_sound_file_of_an_object_is_left_and_made_as_new_and_a_damaged_one_replaced(
    store: Store, repo: Path, git: RunGit
) -> None:
    first = write(store, {"a": b"1", "b": b"2"})
    one, two = (
        repo / ".git/objects" / oid[:2] / oid[2:]
        for oid in (git(repo, "rev-parse", f"{first}:{name}") for name in ("a", "b"))
    )
    for path in (one, two):
        os.utime(path, (1, 1))
    number = one.stat().st_ino
    two.chmod(0o644)
    two.write_bytes(two.read_bytes()[:9])
    commit = write(open_at(type(store), repo), {"a": b"1", "b": b"2"})

    assert one.stat().st_ino == number
    assert one.stat().st_mtime > 1
    assert contents(store, commit) == {"a": b"1", "b": b"2"}
    assert git(repo, "fsck", "--strict", "--no-dangling") == ""
