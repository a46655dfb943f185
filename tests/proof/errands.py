"""What workers do in a race: each errand makes a number of attempts on a ledger."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from gitledger.core.task import Task
from tests.proof.attempts import Value, Worker


def claim(worker: Worker, turns: int) -> None:
    """Claim so many tasks, in an order of this worker's own."""
    tasks = list(worker.ledger.tasks())
    Random(worker.session).shuffle(tasks)
    for task in tasks[:turns]:
        worker.attempt("claim", partial(worker.ledger.claim, task.id), on=task)


def take(worker: Worker, turns: int) -> None:
    """Take the next task and complete it, so often or until nothing is left."""
    ledger = worker.ledger
    for _ in range(turns):
        if not worker.attempt("claim", ledger.claim_next):
            return
        mine = (task for task in ledger.tasks() if task.owner == worker.session)
        task = next(task for task in mine if not task.finished)
        worker.attempt("done", partial(ledger.done, task.id), on=task)


def note(worker: Worker, turns: int) -> None:
    """Write so many notes, on one task after the other."""
    tasks = worker.ledger.tasks()
    for turn in range(turns):
        _note(worker, tasks[turn % len(tasks)])


def share(worker: Worker, turns: int) -> None:
    """Write so many notes on the same tasks as all others, and sync after each."""
    tasks = worker.ledger.tasks()
    for turn in range(turns):
        _note(worker, tasks[turn % len(tasks)])
        worker.sync()


def mix(worker: Worker, turns: int) -> None:
    """Do this and that so often, mostly to the tasks that everybody has, and sync now and then.

    The worker is alone in its clone: what it reads before an operation is what that one changes.
    """
    random = Random(worker.session)
    common = [task.id for task in worker.ledger.tasks()]
    for _ in range(turns):
        tasks = [task for task in worker.ledger.tasks() if task.id in common]
        if random.random() < 0.2:
            tasks = list(worker.ledger.tasks())
        (verb,) = random.choices(list(VERBS), [often for _, often in VERBS.values()])
        VERBS[verb][0](worker, random.choice(tasks))
        if random.random() < 0.25:
            worker.sync()
    worker.sync()


# -- the verbs of the mix ----------------------------------------------------------------------


def _note(worker: Worker, task: Task) -> None:
    text = worker.unique("note")
    worker.attempt(
        "note", partial(worker.ledger.note, task.id, text), on=task, values=[("notes", text)]
    )


def _add(worker: Worker, _: Task) -> None:
    title = worker.unique("title")
    worker.attempt("add", partial(worker.ledger.add, title), values=[("title", title)])


def _split(worker: Worker, task: Task) -> None:
    """Make two tasks and claim a third in one operation, or none of that."""
    values = [("title", worker.unique("part")) for _ in range(2)]

    def act() -> tuple[Task, ...]:
        with worker.ledger.transaction("split") as transaction:
            claimed = transaction.claim(task.id)
            parts = [transaction.add(title) for _, title in values]
        return (*parts, claimed) if task.owner is None else (*parts,)

    worker.attempt("split", act, on=task, values=values)


def _edit(worker: Worker, task: Task, value: Value) -> None:
    field, text = value
    name, _, key = field.partition(".")
    new: dict[str, dict[str, Any]] = {
        "labels": {"add_labels": [text]},
        "metadata": {"metadata": {**task.metadata, key: text}},
    }
    edit = partial(worker.ledger.edit, task.id, **new.get(name, {field: text}))
    worker.attempt("edit", edit, on=task, values=[value])


def _title(worker: Worker, task: Task) -> None:
    _edit(worker, task, ("title", worker.unique("title")))


def _label(worker: Worker, task: Task) -> None:
    _edit(worker, task, ("labels", worker.unique("label")))


def _role(worker: Worker, task: Task) -> None:
    _edit(worker, task, ("role", worker.unique("role")))


def _annotate(worker: Worker, task: Task) -> None:
    _edit(worker, task, ("metadata.jira", worker.unique("jira")))


def _life(verb: str) -> Callable[[Worker, Task], None]:
    def act(worker: Worker, task: Task) -> None:
        worker.attempt(verb, partial(getattr(worker.ledger, verb), task.id), on=task)

    return act


VERBS: dict[str, tuple[Callable[[Worker, Task], None], int]] = {
    "add": (_add, 2),
    "split": (_split, 1),
    "note": (_note, 3),
    "title": (_title, 2),
    "label": (_label, 2),
    "role": (_role, 1),
    "annotate": (_annotate, 1),
    "claim": (_life("claim"), 4),
    "start": (_life("start"), 2),
    "release": (_life("release"), 2),
    "done": (_life("done"), 2),
    "reopen": (_life("reopen"), 1),
}
"""Each verb of the mix, and how often it is drawn."""

ERRANDS: dict[str, Callable[[Worker, int], None]] = {
    "claim": claim,
    "take": take,
    "note": note,
    "share": share,
    "mix": mix,
}
