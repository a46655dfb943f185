"""Workers that race for the tasks of one ledger: `python -m tests.racing VERB WORKTREE...`.

As many processes as there are worktrees named begin at the same moment. Each tries what the verb
says until nothing is left, and prints what became of every attempt, one JSON object a line.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from gitledger.errors import LedgerError, NothingToTake
from gitledger.ledger import Ledger


def claim_each(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Claim every task there is, in an order of this worker's own."""
    tasks = [task.id for task in ledger.tasks()]
    random.Random(ledger.session).shuffle(tasks)
    for task in tasks:
        try:
            ledger.claim(task)
        except LedgerError as error:
            lost_to = getattr(error, "owner", None)
            yield {"task": task, "code": error.exit_code, "owner": lost_to}
        else:
            yield {"task": task, "code": 0, "owner": ledger.session}


def take_next(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Take the next task and complete it, until nothing is left."""
    while True:
        try:
            task = ledger.claim_next()
        except NothingToTake:
            return
        ledger.done(task.id)
        yield {"task": task.id, "code": 0}


def note_each(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Write a note on every task."""
    for task in ledger.tasks():
        ledger.note(task.id, f"by {ledger.session}")
        yield {"task": task.id, "code": 0}


def share(ledger: Ledger) -> Iterator[dict[str, Any]]:
    """Write a note and sync at once, three times."""
    for number in range(3):
        task = ledger.tasks()[0].id
        ledger.note(task, f"{ledger.session} {number}")
        ledger.sync()
        yield {"task": task, "code": 0}


VERBS: dict[str, Callable[[Ledger], Iterator[dict[str, Any]]]] = {
    "claim": claim_each,
    "next": take_next,
    "note": note_each,
    "share": share,
}


def work(verb: str, worktree: Path, session: str, start: int) -> None:
    """Wait for the start, do the verb, and print what came of it."""
    ledger = Ledger.open(worktree, session=session)
    ledger.tip()  # the repository is open before the race begins
    os.read(start, 1)  # returns when the other end is closed
    lines = [json.dumps({"session": session, **attempt}) for attempt in VERBS[verb](ledger)]
    os.write(sys.stdout.fileno(), "".join(f"{line}\n" for line in lines).encode())


def main(verb: str, *worktrees: str) -> int:
    """Let one worker run in each worktree, all at once; 0 when every one came to its end."""
    start, begin = os.pipe()
    children = []
    for number, worktree in enumerate(worktrees):
        child = os.fork()
        if child == 0:
            os.close(begin)
            work(verb, Path(worktree), f"worker-{number}", start)
            os._exit(0)
        children.append(child)
    os.close(begin)
    return max(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
