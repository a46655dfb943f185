"""What a program pays that has the ledger open: updates, and `ready` after another's update.

    python -m benchmarks.inprocess REPOSITORY SCRATCH RUNS wall|cpu

measures a ledger on copies of its repository, and prints the times as JSON, in seconds. It is a
process of its own, so that its memory does not count as that of the processes that are measured.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import perf_counter

import pygit2
from pygit2 import Commit, Tree

from benchmarks.ledgers import REF, copied
from gitledger import Ledger
from gitledger.core.criteria import Among
from gitledger.index import open_index
from gitledger.tree import task_path


class Calls:
    """Calls on copies of one ledger.

    Args:
        repository: where the ledger is.
        scratch: a directory for the copies; it is made.
        runs: how often each call is made.
        clock: returns the time in seconds.
    """

    def __init__(
        self, repository: Path, scratch: Path, runs: int, clock: Callable[[], float] = perf_counter
    ) -> None:
        scratch.mkdir(parents=True)
        self._ours, self._bare = (copied(repository, scratch / name) for name in ("ours", "bare"))
        os.sync()  # else the disk is still at work when something is measured
        self._runs = runs
        self._clock = clock

    def times(self) -> dict[str, list[float]]:
        """Return the times of each kind of call, by its name."""
        times = self._updates() | {"ready": self._ready(), "index": [], "blobs": []}
        for _ in range(3):
            times["index"].append(self._index())
            times["blobs"].append(self._seconds(lambda: _read_blobs(self._bare)))
        return times

    def _updates(self) -> dict[str, list[float]]:
        """Measure updates of a ledger, each beside the bare loop that writes the same objects."""
        ledger, loop = Ledger.open(self._ours, session="ada"), Bare(self._bare)
        ours = pygit2.Repository(str(self._ours))
        tasks = ledger.tasks()
        update, bare = [], []
        for number, task in enumerate(tasks[:: max(1, len(tasks) // self._runs)]):
            update.append(self._seconds(partial(ledger.note, task.id, f"note {number}")))
            made = _tip(ours)
            same = partial(loop.update, task_path(task.id), _content(made, task.id), made.message)
            bare.append(self._seconds(same))
            assert _tip(loop.repository).tree_id == made.tree_id
        return {"update": update, "bare update": bare}

    def _ready(self) -> list[float]:
        """Measure `ready` of a ledger that is open, right after each of another's updates."""
        ledger, other = (Ledger.open(self._ours, session=name) for name in ("ada", "grace"))
        first = _first_ready(ledger)
        times = []
        for number in range(self._runs):
            other.note(first[number % len(first)], "another's note")
            times.append(self._seconds(lambda: _first_ready(ledger)))
        return times

    def _index(self) -> float:
        """Measure making the index of the tasks anew, in a place of its own."""
        ledger = Ledger.open(self._bare, session="ada")
        tip, store = ledger.tip() or "", ledger.repository.store
        with TemporaryDirectory() as folder:
            index = open_index(folder, ledger.list)
            return self._seconds(lambda: index.follow(tip, lambda: store))

    def _seconds(self, do: Callable[[], object]) -> float:
        begin = self._clock()
        do()
        return self._clock() - begin


class Bare:
    """The least that an update can be: a blob, the trees above it, a commit, and the ref."""

    def __init__(self, path: Path) -> None:
        self.repository = pygit2.Repository(str(path))
        self._who = pygit2.Signature("Ada", "ada@example.com")

    def update(self, path: str, content: bytes, message: str) -> None:
        """Write a file of the ledger as a commit, and move its ref by compare-and-swap."""
        repository, who = self.repository, self._who
        ref = repository.references[REF]
        before = _tip(repository)
        tree = self._tree(before.tree, path.split("/"), content)
        commit = repository.create_commit(None, who, who, message, tree, [before.id])
        ref.set_target(commit)

    def _tree(self, before: Tree, names: list[str], content: bytes) -> pygit2.Oid:
        builder = self.repository.TreeBuilder(before)
        below = before[names[0]]
        if isinstance(below, Tree):
            oid, mode = self._tree(below, names[1:], content), 0o040000
        else:
            oid, mode = self.repository.create_blob(content), 0o100644
        builder.insert(names[0], oid, mode)
        return builder.write()


def _processor_time() -> float:
    """Return the seconds that this process took of the processors, and those that it started."""
    used = (getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def _first_ready(ledger: Ledger) -> list[str]:
    """Return the ids of the first 20 tasks that are ready, as `ready --limit 20` lists them."""
    views, _ = ledger.search(criterion=Among("ready", [True]), limit=20)
    return [view.task.id for view in views]


def _read_blobs(path: Path) -> None:
    """Read every file of the ledger, as anything that knows nothing yet has to."""
    repository = pygit2.Repository(str(path))
    folders = [_tip(repository).tree]
    while folders:
        for item in folders.pop():
            if isinstance(item, Tree):
                folders.append(item)
            elif isinstance(item, pygit2.Blob):
                assert item.data


def _tip(repository: pygit2.Repository) -> Commit:
    commit = repository[repository.references[REF].target]
    assert isinstance(commit, Commit)
    return commit


def _content(commit: Commit, task_id: str) -> bytes:
    blob = commit.tree[task_path(task_id)]
    assert isinstance(blob, pygit2.Blob)
    return blob.data


if __name__ == "__main__":
    clock = {"wall": perf_counter, "cpu": _processor_time}[sys.argv[4]]
    print(json.dumps(Calls(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]), clock).times()))
