"""What a worker attempts, and its log: one JSON object a line, written before it goes on.

Each attempt has a key of its own, which stands in the commit as `Ledger-Agent`: no merge changes a
commit's message, so that the attempt can be found again in the history, whatever became of it.
"""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from itertools import count
from pathlib import Path
from time import monotonic
from typing import Any
from unittest.mock import patch

from gitledger import lists
from gitledger.core.task import Task
from gitledger.diagnosis import Behind
from gitledger.errors import LedgerError
from gitledger.ledger import Ledger
from gitledger.remote import Remote
from gitledger.store.base import Store

Value = tuple[str, str]
"""A field, as `title` or `metadata.jira`, and a value that nobody else gives it."""


@dataclasses.dataclass(kw_only=True)
class Record:
    """One line of a log.

    Attributes:
        session: whose it is.
        verb: what was attempted; `sync`, or `end` as the last line.
        key: the attempt's, empty where the verb is no operation.
        answer: `acknowledged`, `unchanged` (there was nothing to do), or `refused`.
        code: the error that refused it.
        said: the error's message.
        owner: who holds the task, as a refusal names it.
        tasks: the tasks that it changed; refused: that it was to change.
        at: when, in seconds since 1970, as its commit should say.
        claims: those of the tasks whose owner its session became.
        values: the values that it wrote: task, field, value, and what the session saw there
            before and has replaced; refused: those that it was to write, and no task.
        lost: claims that a sync reported as lost: task and session.
        retries: of `end`: how often the compare-and-swap failed and a push was refused.
        seconds: how long it took.
    """

    session: str
    verb: str
    key: str = ""
    answer: str = "acknowledged"
    code: str = ""
    said: str = ""
    owner: str | None = None
    tasks: list[str] = dataclasses.field(default_factory=list)
    at: int = 0
    claims: list[str] = dataclasses.field(default_factory=list)
    values: list[tuple[str | None, str, str, str | None]] = dataclasses.field(default_factory=list)
    lost: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    retries: tuple[int, int] = (0, 0)
    seconds: float = 0.0


def read(logs: Path) -> list[list[Record]]:
    """Return the records of each worker's log in a directory."""
    return [
        [_record(json.loads(line)) for line in log.read_text().splitlines()]
        for log in sorted(logs.iterdir())
    ]


def _record(told: dict[str, Any]) -> Record:
    lost = [(task, session) for task, session in told.pop("lost")]
    return Record(**told, lost=lost)


class Counted:
    """A store that counts the moves of a list's ref.

    Attributes:
        moved: moves that succeeded.
        beaten: moves that did not, because another writer was faster.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self.moved = 0
        self.beaten = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def move(self, ref: str, old: str | None, new: str, reason: str) -> bool:
        moved = self._store.move(ref, old, new, reason)
        if ref.startswith(lists.REFS):
            self.moved += moved
            self.beaten += not moved
        return moved


class Worker:
    """A session at work on a ledger.

    Args:
        ledger: the ledger, opened for that session.
        log: the file that the log is appended to.
        locked: whether writers take turns; what holds, holds without that.
    """

    def __init__(self, ledger: Ledger, log: Path, *, locked: bool = True) -> None:
        self.ledger = ledger
        self.session = ledger.session
        self._log = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        self._numbers = count(1)
        self._refused_pushes = 0
        seams: Any = ledger
        self._store = seams.repository.store = Counted(ledger.repository.store)
        if not locked:
            seams._lock = nullcontext

    def unique(self, what: str) -> str:
        """Return a value that nobody else uses."""
        return f"{what}-{self.session}-{next(self._numbers)}"

    def attempt(
        self,
        verb: str,
        act: Callable[[], Task | tuple[Task, ...]],
        *,
        on: Task | None = None,
        values: Iterable[Value] = (),
    ) -> bool:
        """Carry out an operation and log what came of it.

        Args:
            verb: the operation's name.
            act: does it, and returns the tasks that it changed.
            on: the task that it is done to, as the session sees it; None for new ones.
            values: what it writes, one for each of the first tasks that it returns.

        Returns:
            Whether it was acknowledged, and not refused.
        """
        key = self.unique("attempt")
        self.ledger.agent = key
        moved = self._store.moved
        record = Record(session=self.session, verb=verb, key=key)
        began = monotonic()
        try:
            result = act()
        except LedgerError as error:
            record.answer, record.code, record.said = "refused", error.code, error.message
            record.owner = getattr(error, "owner", None)
            record.tasks = [on.id] if on else []
            record.values = [(None, *value, None) for value in values]
        else:
            changed = (result,) if isinstance(result, Task) else result
            record.answer = "acknowledged" if self._store.moved > moved else "unchanged"
            record.tasks = [task.id for task in changed]
            record.at = int(changed[0].updated_at.timestamp()) if changed[0].updated_at else 0
            before = {on.id: on} if on else {}
            record.claims = [task.id for task in changed if self._claims(before, task)]
            record.values = [
                (task.id, field, value, _seen(before.get(task.id), field))
                for task, (field, value) in zip(changed, values, strict=False)
            ]
        record.seconds = monotonic() - began
        self._write(record)
        return record.answer != "refused"

    def sync(self) -> None:
        """Sync, and log what was told about claims."""
        record = Record(session=self.session, verb="sync")
        push, began = Remote.push, monotonic()

        def counted(remote: Remote, *args: Any, **kwargs: Any) -> None:
            try:
                push(remote, *args, **kwargs)
            except Behind:
                self._refused_pushes += 1
                raise

        with patch.object(Remote, "push", counted):
            try:
                report = self.ledger.sync()
            except LedgerError as error:
                record.answer, record.code, record.said = "refused", error.code, error.message
            else:
                record.lost = [(lost.task, lost.session) for lost in report.claims_lost]
        record.seconds = monotonic() - began
        self._write(record)

    def end(self) -> None:
        """Log how often others were faster."""
        retries = (self._store.beaten, self._refused_pushes)
        self._write(Record(session=self.session, verb="end", retries=retries))
        os.close(self._log)

    def _claims(self, before: Mapping[str, Task], after: Task) -> bool:
        held = after.id in before and before[after.id].owner == self.session
        return after.owner == self.session and not held

    def _write(self, record: Record) -> None:
        os.write(self._log, json.dumps(dataclasses.asdict(record)).encode() + b"\n")


def _seen(task: Task | None, field: str) -> str | None:
    """Return the one value that a new one in the field replaces."""
    if task is None or field in ("labels", "notes"):
        return None
    name, _, key = field.partition(".")
    value = getattr(task, name)
    seen = value.get(key) if key else value
    return None if seen is None else str(seen)
