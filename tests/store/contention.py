"""What a store promises when many processes write at the same time."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import pytest

from gitledger.store import reflog
from gitledger.store.base import Store
from tests.conftest import RunGit
from tests.store import writer
from tests.store.opening import REF, Opener, contents, write

WRITERS = 8
UPDATES = 50
ROUNDS = 40
TOGETHER = 10
ALL_TOGETHER = WRITERS * TOGETHER


class Writers:
    """Processes that carry out one line each, all at the same time."""

    def __init__(self, opener: Opener, path: Path) -> None:
        name = f"{opener.__module__}:{opener.__qualname__}"
        environ = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self._processes = [
            subprocess.Popen(
                [sys.executable, writer.__file__, name, str(path)],
                env=environ,
                text=True,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
            )
            for _ in range(WRITERS)
        ]
        assert self._answers() == ["ready"] * WRITERS

    def tell(self, line: str) -> list[str]:
        """Return what came of it in each process."""
        self.begin(line)
        return self._answers()

    def begin(self, line: str) -> None:
        """Have it carried out; `end` waits for that."""
        for process in self._processes:
            assert process.stdin
            process.stdin.write(f"{line}\n")
            process.stdin.flush()

    def end(self) -> None:
        """Wait for all."""
        for process in self._processes:
            process.communicate()

    def _answers(self) -> list[str]:
        return [process.stdout.readline().strip() for process in self._processes if process.stdout]


class Contention:
    """Mixed into the suite; see there."""

    @pytest.fixture
    def writers(self, opener: Opener, repo: Path) -> Iterator[Writers]:
        writers = Writers(opener, repo)
        yield writers
        writers.end()

    def test_no_update_is_lost_and_every_creation_has_one_winner(
        self, store: Store, writers: Writers
    ) -> None:
        root = write(store, {"counter": b"0"})
        for turn in range(ROUNDS):
            won = writers.tell(f"create refs/gitledger/{turn} {root}")
            assert sorted(won) == ["False"] * (WRITERS - 1) + ["True"]

        store.move(REF, None, root, "init")
        writers.tell(f"count {REF} {UPDATES}")
        tip = store.tip(REF)
        assert tip is not None
        assert contents(store, tip) == {"counter": b"%d" % (WRITERS * UPDATES)}
        by = Counter(commit.author.name for commit in store.history(tip, without=[root]))
        assert len(by) == WRITERS
        assert set(by.values()) == {UPDATES}

    def test_git_that_writes_and_packs_the_ref_meanwhile_costs_no_update(
        self, store: Store, writers: Writers, repo: Path, git: RunGit
    ) -> None:
        root = write(store, {"counter": b"0"})
        store.enable_reflog(REF)
        store.move(REF, None, root, "init")
        writers.begin(f"count {REF} {TOGETHER}")
        theirs = 0
        while (tip := store.tip(REF)) and contents(store, tip)["counter"] != b"%d" % ALL_TOGETHER:
            with suppress(AssertionError):  # a table of refs that another has locked
                git(repo, "pack-refs", "--all")
            mine = git(repo, "commit-tree", "-p", tip, "-m", "theirs", f"{tip}^{{tree}}")
            with suppress(AssertionError):  # another was faster
                git(repo, "update-ref", REF, mine, tip)
                theirs += 1

        assert len(list(store.history(tip or ""))) == 1 + ALL_TOGETHER + theirs
        moves = reflog.read(repo / ".git", REF)
        assert all(one.new == other.old for one, other in pairwise(moves))
