"""What a worker does until it is killed: many small operations, a sync now and then."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from random import Random

from gitledger.errors import RemoteFailed
from gitledger.ledger import Ledger
from tests.proof.promises import Fact, Log


class Worker:
    """One process at work in one place.

    Args:
        place: a worktree.
        session: the name to act under.
        name: begins the titles and texts that it writes; nobody else's begin so.
        others: ids of tasks that were there before, by title: everybody writes notes on them.
        log: where it logs its deeds.
        random: decides what it does.
    """

    def __init__(
        self,
        place: Path,
        session: str,
        *,
        name: str,
        others: Mapping[str, str],
        log: Log,
        random: Random,
    ) -> None:
        self._place = place
        self._ledger = Ledger.open(place, session=session)
        self._ledger.tip()
        self._session = session
        self._name = name
        self._others = dict(others)
        self._mine: dict[str, str] = {}
        self._log = log
        self._random = random
        self._count = 0

    def work(self) -> None:
        """Do one deed after another, for ever."""
        deeds: dict[Callable[[], None], int] = {
            self.add: 3,
            self.note: 4,
            self.label: 3,
            self.edit: 3,
            self.done: 2,
            self.batch: 3,
            self.sync: 2,
            self.init: 1,
        }
        while True:
            self._random.choices(list(deeds), list(deeds.values()))[0]()

    def add(self) -> None:
        """Make a task, sometimes claimed in the same operation."""
        title, claim = self._token("task"), self._random.random() < 0.5
        facts = [Fact("task", title, title)]
        if claim:
            facts.append(Fact("owner", title, self._session))
        with self._log.deed("add", *facts):
            task = self._ledger.add(title, claim=claim, description="one\ntwo\n")
        self._mine[title] = task.id

    def note(self) -> None:
        """Write a note on any task."""
        title, text = self._any(), self._token("note")
        with self._log.deed("note", Fact("note", title, text)):
            self._ledger.note(self._id(title), text)

    def label(self) -> None:
        """Give any task a label."""
        title, label = self._any(), self._token("label").replace(" ", "-")
        with self._log.deed("label", Fact("label", title, label)):
            self._ledger.edit(self._id(title), add_labels=[label])

    def edit(self) -> None:
        """Set fields of one of our own tasks, which nobody else edits."""
        title = self._own()
        text = self._token("text")
        facts = Fact("description", title, f"{text}\n"), Fact("branch", title, text)
        with self._log.deed("edit", *facts):
            self._ledger.edit(self._mine[title], description=f"{text}\n", branch=text)

    def done(self) -> None:
        """Claim and complete one of our own tasks."""
        title = self._own()
        with self._log.deed("claim", Fact("owner", title, self._session)):
            self._ledger.claim(self._mine[title])
        with self._log.deed("done", Fact("status", title, "completed")):
            self._ledger.done(self._mine.pop(title))

    def batch(self) -> None:
        """Make two tasks, and write on a third, in one operation."""
        one, two, text = (self._token(kind) for kind in ("task", "task", "note"))
        title = self._any()
        facts = Fact("task", one, one), Fact("task", two, two), Fact("note", title, text)
        with self._log.deed("batch", *facts), self._ledger.transaction("split") as transaction:
            ids = [transaction.add(each).id for each in (one, two)]
            transaction.note(self._id(title), text)
        self._mine |= dict(zip((one, two), ids, strict=True))

    def sync(self) -> None:
        """Share what there is; a remote that refuses is told in the log."""
        try:
            with self._log.deed("sync") as more:
                more["published"] = [self._ledger.sync().tip]
        except RemoteFailed as refused:
            self._log.refused(refused)

    def init(self) -> None:
        """Make another list."""
        name = self._token("list").replace(" ", "-")
        with self._log.deed("init", Fact("list", "", name)):
            Ledger.init(self._place, list=name, session=self._session)

    def _token(self, kind: str) -> str:
        self._count += 1
        return f"{kind} {self._name} {self._count}"

    def _id(self, title: str) -> str:
        return self._mine.get(title) or self._others[title]

    def _any(self) -> str:
        return self._random.choice([*self._others, *self._mine])

    def _own(self) -> str:
        if not self._mine:
            self.add()
        return self._random.choice(list(self._mine))


def start(deed: Callable[[], object], log: Log) -> int:
    """Let a process of its own do the deed, and return the process's id.

    All that it needs is imported already, so that it begins at once. It ends with 0, or with 1
    after it has logged why.
    """
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        deed()
        code = 0
    except Exception as error:  # whatever it is, it is told
        log.failed(error)
    finally:
        os._exit(code)
