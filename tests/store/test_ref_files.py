"""A lock file in the way is waited for, and removed once its writer must be dead."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger.store import ref_files
from gitledger.store.ref_files import RefLock, ref_names


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
    return tmp_path / "main.lock"


def test_a_lock_file_that_never_changes_is_removed_after_the_patience(
    path: Path, clock: Clock
) -> None:
    path.touch()
    lock = RefLock(path)
    while path.exists():
        assert lock.wait()

    assert ref_files.PATIENCE < clock.now < ref_files.PATIENCE + 1


def test_each_new_lock_file_is_given_the_whole_patience(path: Path, clock: Clock) -> None:
    path.touch()
    lock = RefLock(path)
    for writer in range(4):
        until = clock.now + 0.9 * ref_files.PATIENCE
        while clock.now < until:
            assert lock.wait()
        other = path.with_name(str(writer))
        other.touch()
        other.rename(path)

    assert path.exists()


def test_without_a_lock_file_another_attempt_is_soon_pointless(path: Path, clock: Clock) -> None:
    lock = RefLock(path)
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
