"""A lock file in the way is waited for, and removed once its writer must be dead."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest

from gitledger.store import ref_lock
from gitledger.store.ref_lock import OwnLock, RefLock


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
    monkeypatch.setattr(ref_lock, "time", clock)
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

    assert ref_lock.PATIENCE < clock.now < ref_lock.PATIENCE + 1


def test_each_new_lock_file_is_given_the_whole_patience(path: Path, clock: Clock) -> None:
    path.touch()
    lock = RefLock(path.parent, path.stem)
    for writer in range(4):
        until = clock.now + 0.9 * ref_lock.PATIENCE
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


def test_of_two_that_wait_the_second_leaves_the_lock_file_of_a_new_writer_alone(
    path: Path, clock: Clock
) -> None:
    path.touch()
    first, second = (RefLock(path.parent, path.stem) for _ in range(2))
    clock.now = 2 * ref_lock.PATIENCE
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
    clock.now = 2 * ref_lock.PATIENCE
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
    clock.now = 2 * ref_lock.PATIENCE
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


def test_a_lock_of_ours_holds_the_content_and_takes_the_place_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "ref"
    path.write_text("old")
    lock = OwnLock(str(path), b"new")
    assert (path.read_text(), (tmp_path / "ref.lock").read_text()) == ("old", "new")

    lock.replace()
    assert path.read_text() == "new"
    assert os.listdir(tmp_path) == ["ref"]


def test_what_another_writer_has_locked_stays_locked(tmp_path: Path) -> None:
    theirs = tmp_path / "ref.lock"
    theirs.write_text("theirs")
    with pytest.raises(FileExistsError):
        OwnLock(str(tmp_path / "ref"), b"ours")

    assert theirs.read_text() == "theirs"


def test_a_lock_that_is_gone_is_not_removed_with_the_next_writer_s(tmp_path: Path) -> None:
    path, theirs = tmp_path / "ref", tmp_path / "ref.lock"
    lock = OwnLock(str(path), b"ours")
    lock.replace()
    theirs.write_text("theirs")
    lock.remove()

    assert theirs.read_text() == "theirs"


def test_who_was_taken_for_dead_does_not_put_the_next_writer_s_content_in_place(
    tmp_path: Path,
) -> None:
    path, theirs = tmp_path / "ref", tmp_path / "ref.lock"
    path.write_text("old")
    lock = OwnLock(str(path), b"ours")
    other = tmp_path / "other"
    other.write_text("theirs")
    other.rename(theirs)
    with pytest.raises(FileNotFoundError):
        lock.replace()

    assert (path.read_text(), theirs.read_text()) == ("old", "theirs")


def test_a_lock_that_cannot_be_written_is_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(descriptor: int, content: bytes) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(ref_lock, "write_all", full)
    with pytest.raises(OSError, match="No space left"):
        OwnLock(str(tmp_path / "ref"), b"ours")

    assert os.listdir(tmp_path) == []
