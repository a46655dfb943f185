"""Replay of unpublished operations over published ones, against writing as many: a ratio.

    python -m benchmarks.replay [OPERATIONS] [TASKS]

Budget: at 10,000 tasks a replay of 1,000 operations over 1,000 takes at most three times what
writing 1,000 takes, and the process stays under 300 MB.
"""

from __future__ import annotations

import os
import random
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from gitledger import Ledger

RATIO = 3.0
MEGABYTES = 300


def main(operations: int = 1000, tasks: int = 10_000) -> int:
    """Measure, print a table, and return 1 when a budget is exceeded."""
    with TemporaryDirectory() as folder, _sealed(Path(folder)):
        ours, theirs = _clones(Path(folder), tasks)
        _work(theirs, operations, seed=1)
        theirs.sync()
        writing = _seconds(lambda: _work(ours, operations, seed=2))
        syncing = _seconds(ours.sync)
        theirs.sync()
        assert ours.tip() == theirs.tip()
    ratio = syncing / writing
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{tasks} tasks, {operations} unpublished over {operations} published operations")
    print(f"| writing them | {writing:.2f} s | {1000 * writing / operations:.2f} ms each |")
    print(f"| sync (fetch, replay, push) | {syncing:.2f} s | {ratio:.2f} x, budget {RATIO} x |")
    print(f"| memory of the process | {megabytes:.0f} MB | budget {MEGABYTES} MB |")
    return int(ratio > RATIO or megabytes > MEGABYTES)


def _clones(folder: Path, tasks: int) -> tuple[Ledger, Ledger]:
    """Return the ledgers of two clones that share this many tasks."""
    _git(folder, "init", "--quiet", "--bare", "shared.git")
    ledgers = []
    for name in ("ours", "theirs"):
        _git(folder, "init", "--quiet", name)
        _git(folder / name, "remote", "add", "origin", "../shared.git")
        ledgers.append(Ledger.init(folder / name, session=name)[0])
    ours, theirs = ledgers
    with theirs.transaction("plan") as transaction:
        for number in range(tasks):
            transaction.add(f"Task {number}", description=f"What task {number} is about.\n")
    theirs.sync()
    ours.sync()
    return ours, theirs


def _work(ledger: Ledger, operations: int, *, seed: int) -> None:
    """Do what sessions do, on tasks that both sides meet on now and then."""
    draw = random.Random(seed)
    ids = [task.id for task in ledger.tasks()]
    for number in range(operations):
        task = draw.choice(ids)
        match number % 4:
            case 0:
                ledger.note(task, f"note {number} of {ledger.session}")
            case 1:
                ledger.edit(task, priority=draw.choice(("P0", "P1", "P2", "P3")))
            case 2:
                ledger.edit(task, add_labels=[f"label-{draw.randrange(50)}"])
            case _:
                ids.append(ledger.add(f"Task of {ledger.session} {number}").id)


def _seconds(do: Callable[[], object]) -> float:
    begin = perf_counter()
    do()
    return perf_counter() - begin


@contextmanager
def _sealed(home: Path) -> Iterator[None]:
    """Shut the machine's and the user's git configuration out."""
    before = dict(os.environ)
    (home / ".gitconfig").write_text("[user]\n\tname = Ada\n\temail = ada@example.com\n")
    os.environ |= {"HOME": str(home), "GIT_CONFIG_NOSYSTEM": "1", "XDG_CONFIG_HOME": str(home)}
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _git(folder: Path, *args: str) -> None:
    subprocess.run(["git", *args], cwd=folder, check=True)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
