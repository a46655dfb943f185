"""What a store promises of many objects at once: they are one pack, and no thousand files."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger.errors import StoreFailed
from gitledger.store import pending
from gitledger.store.base import Store
from tests.conftest import RunGit
from tests.store.opening import REF, contents, write


def counted(git: RunGit, repo: Path) -> tuple[int, int]:
    """Return how many objects have files of their own, and how many packs there are."""
    lines = git(repo, "count-objects", "-v").splitlines()
    told = dict(line.split(": ") for line in lines)
    return int(told["count"]), int(told["packs"])


def series(store: Store, length: int, parent: str | None = None) -> list[str]:
    """Write commits in a row, each with one file more."""
    written: list[str] = []
    for number in range(length):
        edit = {f"tasks/{number % 4}/{number}": b"%d" % number}
        written.append(write(store, edit, written[-1] if written else parent))
    return written


class Bulk:
    """Mixed into the suite; see there."""

    def test_many_files_in_one_commit_are_one_pack(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        git(repo, "repack", "-a", "-d", "--quiet")
        files: dict[str, bytes | None] = {f"tasks/{n % 32}/{n}": b"%d" % n for n in range(500)}
        commit = write(store, files)

        assert counted(git, repo) == (0, 2)
        assert contents(store, commit) == files
        store.move(REF, None, commit, "init")
        assert git(repo, "fsck", "--strict", "--full") == ""

    def test_a_few_files_are_no_pack(self, store: Store, repo: Path, git: RunGit) -> None:
        git(repo, "repack", "-a", "-d", "--quiet")
        write(store, {"tasks/7/f/x": b"1"})

        # The blob, three folders, the root and the commit.
        assert counted(git, repo) == (6, 1)

    def test_a_file_that_only_moves_is_not_written_again(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        before = write(store, {"tasks/7": b"1", "tasks/8": b"2"})
        store.move(REF, None, before, "init")
        git(repo, "repack", "-a", "-d", "--quiet")
        moved = {"archive/7": b"1", "tasks/7": None, "archive/9": b"3"}
        after = write(store, moved, before)

        # A new blob, two folders, the root and the commit.
        assert counted(git, repo) == (5, 1)
        assert contents(store, after) == {"archive/7": b"1", "archive/9": b"3", "tasks/8": b"2"}
        store.move(REF, before, after, "move")
        assert git(repo, "fsck", "--strict", "--full") == ""

    def test_a_file_that_is_made_and_moves_before_it_is_written_is_there_in_the_end(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        with store.bulk():
            before = write(store, {"tasks/7": b"1"})
            after = write(store, {"archive/7": b"1", "tasks/7": None}, before)

        store.move(REF, None, after, "init")
        assert git(repo, "show", f"{after}:archive/7", f"{before}:tasks/7") == "11"
        assert git(repo, "fsck", "--strict", "--full") == ""

    def test_a_block_of_commits_is_read_at_once_and_becomes_one_pack(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        git(repo, "repack", "-a", "-d", "--quiet")
        with store.bulk():
            commits = series(store, 40)
            assert len(contents(store, commits[-1])) == 40
            assert [commit.id for commit in store.history(commits[-1])] == commits[::-1]
            assert counted(git, repo) == (0, 1)

        assert counted(git, repo) == (0, 2)
        store.move(REF, None, commits[-1], "init")
        assert git(repo, "fsck", "--strict", "--full") == ""
        assert series(store, 40) == commits

    def test_a_ref_does_not_move_before_what_it_names_is_there(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        with store.bulk():
            tip = series(store, 3)[-1]
            assert store.move(REF, None, tip, "init")
            assert git(repo, "log", "--format=%H", "-1", REF) == tip
            after = write(store, {"a": b"2"}, tip)

        assert store.move(REF, tip, after, "next")
        assert git(repo, "fsck", "--strict", "--full", "--no-dangling") == ""

    def test_a_block_in_a_block_belongs_to_the_outer_one(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        before = counted(git, repo)
        with store.bulk():
            with store.bulk():
                write(store, {"a": b"1"})
            assert counted(git, repo) == before
        assert counted(git, repo) == (before[0] + 3, before[1])

    def test_an_error_in_a_block_drops_what_was_made_in_it(
        self, store: Store, repo: Path, git: RunGit
    ) -> None:
        root = write(store, {"a": b"0"})
        before = counted(git, repo)
        lost: list[str] = []

        def fail() -> None:
            with store.bulk():
                lost.extend(series(store, 3, root))
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()

        assert counted(git, repo) == before
        with pytest.raises(StoreFailed):
            store.commit(lost[-1])
        with pytest.raises(StoreFailed):
            store.move(REF, None, lost[-1], "nowhere")
        # What was remembered of it is forgotten: all of it is written now.
        assert series(store, 3, root) == lost
        assert store.move(REF, None, lost[-1], "init")
        assert git(repo, "fsck", "--strict", "--full", "--no-dangling") == ""

    def test_a_block_does_not_grow_for_ever_in_memory(
        self, store: Store, repo: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(pending, "_BYTES", 10_000)
        loose, _ = counted(git, repo)
        with store.bulk():
            tip = series(store, 60)[-1]
            assert counted(git, repo) != (loose, 0)

        store.move(REF, None, tip, "init")
        assert git(repo, "fsck", "--strict", "--full") == ""
