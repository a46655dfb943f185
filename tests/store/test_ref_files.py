"""A lock file in the way is waited for, and removed once its writer must be dead."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

import pytest

from gitledger.store import ref_files
from gitledger.store.ref_files import RefLock, has_garbage, is_ref_name, ref_names
from tests.conftest import RunGit


class Clock:
    """Time that passes by being slept through."""

    def __init__(self) -> None:
        self.now = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(ref_files, "time", clock)
    return clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "refs.lock"


def test_a_lock_file_that_never_changes_is_removed_after_the_patience(
    path: Path, clock: Clock
) -> None:
    path.touch()
    lock = RefLock(path.parent, path.stem)
    while path.exists():
        assert lock.wait()

    assert ref_files.PATIENCE < clock.now < ref_files.PATIENCE + 1


def test_each_new_lock_file_is_given_the_whole_patience(path: Path, clock: Clock) -> None:
    path.touch()
    lock = RefLock(path.parent, path.stem)
    for writer in range(4):
        until = clock.now + 0.9 * ref_files.PATIENCE
        while clock.now < until:
            assert lock.wait()
        other = path.with_name(str(writer))
        other.touch()
        other.rename(path)

    assert path.exists()


def test_without_a_lock_file_another_attempt_is_soon_pointless(path: Path, clock: Clock) -> None:
    lock = RefLock(path.parent, path.stem)
    attempts = 1
    while lock.wait():
        attempts += 1

    assert attempts > 3
    assert clock.now < 1


def test_names_of_refs_come_from_files_and_from_packed_refs(tmp_path: Path) -> None:
    lists = tmp_path / "refs" / "gitledger"
    lists.mkdir(parents=True)
    for name in ("main", "main.lock", "work"):
        (lists / name).touch()
    (tmp_path / "packed-refs").write_text(
        "# pack-refs with: peeled fully-peeled sorted \n"
        f"{'1' * 40} refs/gitledger/main\n"
        f"{'1' * 40} refs/gitledger/packed\n"
        f"{'1' * 40} refs/heads/main\n"
        f"^{'2' * 40}\n"
    )

    assert ref_names(tmp_path, "refs/gitledger/") == {
        "refs/gitledger/main",
        "refs/gitledger/packed",
        "refs/gitledger/work",
    }
    assert ref_names(tmp_path, "refs/gitledger/w") == {"refs/gitledger/work"}
    assert ref_names(tmp_path / "nowhere", "refs/") == set()


def test_of_two_that_wait_the_second_leaves_the_lock_file_of_a_new_writer_alone(
    path: Path, clock: Clock
) -> None:
    path.touch()
    first, second = (RefLock(path.parent, path.stem) for _ in range(2))
    clock.now = 2 * ref_files.PATIENCE
    assert first.wait()
    assert not path.exists()

    other = path.with_name("writer")
    other.write_text("new")
    other.rename(path)
    assert second.wait()
    assert path.read_text() == "new"


def test_a_lock_file_that_comes_between_the_look_and_the_removal_is_put_back(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.touch()
    waiting = RefLock(path.parent, path.stem)
    clock.now = 2 * ref_files.PATIENCE
    rename = os.rename

    def late(source: str, target: str) -> None:
        monkeypatch.undo()
        other = path.with_name("writer")
        other.write_text("new")
        other.rename(path)
        rename(source, target)

    monkeypatch.setattr(os, "rename", late)
    assert waiting.wait()
    assert path.read_text() == "new"
    assert [each.name for each in path.parent.iterdir() if each.is_file()] == [path.name]


def test_who_removes_a_lock_file_does_so_alone(
    path: Path, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path.touch()
    waiting = RefLock(path.parent, path.stem)
    clock.now = 2 * ref_files.PATIENCE
    taken: list[bool] = []
    rename = os.rename

    def looked_at(source: str, target: str) -> None:
        with (path.parent / "gitledger" / "stale-refs").open() as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                taken.append(True)
        rename(source, target)

    monkeypatch.setattr(os, "rename", looked_at)
    assert waiting.wait()
    assert taken == [True]


@pytest.mark.parametrize(
    ("content", "garbage"),
    [
        (f"# pack-refs with: peeled\n{'1' * 40} refs/a\n^{'2' * 40}\n", False),
        (f"{'1' * 64} refs/a\n", False),
        ("", False),
        ("garbage\n", True),
        (f"{'1' * 40}\n", True),
        (f"{'1' * 39} refs/a\n", True),
        (f"^{'1' * 40} refs/a\n", True),
    ],
)
def test_what_is_no_line_of_packed_refs_is_seen(
    tmp_path: Path, content: str, garbage: bool
) -> None:
    (tmp_path / "packed-refs").write_text(content)
    assert has_garbage(str(tmp_path)) == garbage


NAMES = ["refs/a", "a", "/refs/a", "refs/a/", "refs//a", "refs/.a", "refs/a.", "refs/a.lock"]
NAMES += ["refs/a.lock/b", "refs/a..b", "refs/@", "refs/a@{b", "refs/a b", "refs/a~", "refs/a\\b"]
NAMES += ["refs/ä", "refs/a*", "refs/a\x7f", "refs/-a", "refs/{}", ""]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_of_a_ref_where_git_takes_it_for_one(
    name: str, tmp_path: Path, git: RunGit
) -> None:
    try:
        git(tmp_path, "check-ref-format", name)
    except AssertionError:
        assert not is_ref_name(name)
    else:
        assert is_ref_name(name)
