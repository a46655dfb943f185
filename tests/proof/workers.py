"""Workers that race: `python -m tests.proof.workers ERRAND TURNS LOGS WORKTREE...`.

As many processes as there are worktrees named begin at the same moment, and do the errand so many
turns each (`tests/proof/errands.py`). Each writes its log into the directory LOGS. In the end the
seconds are printed that passed until the last one was ready.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path
from time import monotonic

import pygit2  # noqa: F401  # once, before there are many processes

from gitledger.ledger import Ledger
from tests.proof.attempts import Worker
from tests.proof.errands import ERRANDS


def main(argv: list[str]) -> int:
    """Let the workers run; 0 when every one came to its end."""
    parser = argparse.ArgumentParser()
    parser.add_argument("errand", choices=ERRANDS)
    parser.add_argument("turns", type=int)
    parser.add_argument("logs", type=Path)
    parser.add_argument("worktrees", type=Path, nargs="+")
    parser.add_argument("--unlocked", action="store_true", help="writers do not take turns")
    parser.add_argument("--settle", action="store_true", help="all sync in the end, and once more")
    asked = parser.parse_args(argv)

    start, begin = os.pipe()
    waiting, ready = os.pipe()
    children = []
    for number in range(len(asked.worktrees)):
        child = os.fork()
        if child == 0:
            os.close(begin)
            work(asked, number, start, ready)
            os._exit(0)
        children.append(child)
    os.close(ready)
    for _ in children:
        os.read(waiting, 1)
    began = monotonic()
    os.close(begin)
    ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    seconds = monotonic() - began
    if asked.settle:
        settle(asked)
    sys.stdout.write(f"{seconds}\n")
    return max(ended)


def work(asked: argparse.Namespace, number: int, start: int, ready: int) -> None:
    """Wait for the start and do the errand."""
    worker = enlisted(asked, number)
    worker.ledger.tip()  # the repository is open before the race begins
    os.write(ready, b".")
    os.close(ready)
    os.read(start, 1)  # returns when the other end is closed
    ERRANDS[asked.errand](worker, asked.turns)
    worker.end()


def settle(asked: argparse.Namespace) -> None:
    """Let all sync, one after the other, and all once more."""
    workers = [enlisted(asked, number) for number in range(len(asked.worktrees))]
    for _ in range(2):
        for worker in workers:
            worker.sync()
    for worker in workers:
        worker.end()


def enlisted(asked: argparse.Namespace, number: int) -> Worker:
    """Return a worker in its worktree."""
    session = f"worker-{number}"
    ledger = Ledger.open(asked.worktrees[number], session=session)
    return Worker(ledger, asked.logs / f"{session}.jsonl", locked=not asked.unlocked)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
