"""A worker of the plays: `python -m tests.session_worker PLACE`.

It takes what is next and waits where nothing is, until every task is finished. What its title asks
for it does: a task with a question is asked about first, one to be tested is handed to the
testers. Each deed is one line on standard output.
"""

from __future__ import annotations

import sys
import time

from gitledger import lists
from gitledger.core.task import Task
from gitledger.errors import NothingToTake
from gitledger.ledger import Ledger
from gitledger.waiting import RefWatch, wait_for


def main(place: str) -> None:
    """Work until nothing is left."""
    ledger = Ledger.open(place)
    watch = RefWatch(
        ledger.repository.location.common_dir,
        lists.ref(ledger.list),
        pause=lambda seconds: time.sleep(seconds / 20),
    )

    def look() -> Task | None:
        try:
            return ledger.claim_next()
        except NothingToTake:
            if all(task.finished for task in ledger.tasks()):
                return None
            raise

    while task := wait_for(look, watch):
        sys.stdout.write(f"{work(ledger, task)} {task.title}\n")
        sys.stdout.flush()


def work(ledger: Ledger, task: Task) -> str:
    """Do what is to be done on a task, and return the last deed."""
    kinds = {note.kind for note in task.notes}
    if "ask" in task.labels and "answer" not in kinds:
        ledger.ask(task.id, f"How is '{task.title}' meant?")
        return "ask"
    ledger.start(task.id)
    if "test" in task.labels and "handoff" not in kinds:
        ledger.handoff(task.id, "role:tester", "It is built; please test it")
        return "handoff"
    ledger.done(task.id)
    return "done"


if __name__ == "__main__":
    main(sys.argv[1])
