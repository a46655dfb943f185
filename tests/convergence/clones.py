"""Clones: repositories in which sessions work, crash, go offline and come back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from gitledger import lists
from gitledger.core.effect import Undone
from gitledger.core.task import Task
from gitledger.errors import LedgerError, RemoteFailed
from gitledger.ledger import Ledger
from gitledger.snapshot import Snapshot
from gitledger.sync import SyncReport
from gitledger.verbs import Verbs
from tests.conftest import MakeRepo
from tests.convergence.memory import Memory, Tasks
from tests.crashes import Crash, crashing
from tests.ledgers import NEW_YEAR, clone, interrupt

Act = Callable[[Verbs], object]
"""Something that a session does; it may be several verbs where they become one operation."""
TakingBack = Callable[[Ledger, bool], Undone]
"""An undo or a redo by a session; where the flag is set, it only says what it would come to."""


class Outcome(NamedTuple):
    """What a sync came to.

    Attributes:
        report: what it said; None where it crashed or the remote was out of reach.
        renamed: new ids of tasks, by the old ones.
    """

    report: SyncReport | None
    renamed: Mapping[str, str]


class Ticks:
    """Numbers that go up, as a clock and as random bytes; wound back they come again."""

    def __init__(self, first: int = 0) -> None:
        self.number = first

    def __next__(self) -> int:
        self.number += 1
        return self.number

    def time(self) -> datetime:
        return NEW_YEAR + timedelta(seconds=next(self))

    def random_bytes(self, size: int) -> bytes:
        return next(self).to_bytes(size, "big")


class Clone:
    """A clone of the remote, and the sessions that share it, each in a process of its own.

    Attributes:
        name: the clone's.
        sessions: who works in it.

    Args:
        make_repo: makes its repository, in the folder `run`.
        remote: the bare repository that is its origin.
        clock: the time, the same for all clones.
        random: where its ids come from.
        memory: what is acknowledged is noted there.
    """

    def __init__(
        self,
        make_repo: MakeRepo,
        run: str,
        remote: Path,
        sessions: tuple[str, ...],
        clock: Ticks,
        random: Ticks,
        memory: Memory,
    ) -> None:
        self.name, self.sessions = sessions[0], sessions
        self._remote, self._clock, self._random, self._memory = remote, clock, random, memory
        made = clone(
            make_repo,
            remote,
            self.name,
            f"{run}/{self.name}",
            clock=clock.time,
            random_bytes=random.random_bytes,
        )
        self.path = made.repository.location.common_dir.parent
        self.ledgers = {session: self._opened(session) for session in sessions}

    def _opened(self, session: str) -> Ledger:
        return Ledger.open(
            self.path,
            session=session,
            clock=self._clock.time,
            random_bytes=self._random.random_bytes,
        )

    # -- what is there -------------------------------------------------------------------------

    @property
    def ledger(self) -> Ledger:
        """The ledger of the session that the clone is named after."""
        return self.ledgers[self.name]

    def tasks(self) -> dict[str, Task]:
        return every_task(self.ledger.snapshot())

    def tip(self) -> str:
        tip = self.ledger.tip()
        assert tip is not None
        return tip

    def _tasks_before(self) -> Tasks:
        """Return the tasks as they were before the last operation."""
        store = self.ledger.repository.store
        parent = store.commit(self.tip()).parent
        assert parent is not None
        return every_task(Snapshot(store, parent))

    # -- work ----------------------------------------------------------------------------------

    def work(
        self, session: str, act: Act, *, batch: bool = False, crash: int | None = None
    ) -> None:
        """Carry out one operation, and note what it did.

        Args:
            session: who does it.
            act: what is done.
            batch: make one operation of several verbs.
            crash: the step at which the process dies; None: it lives.
        """
        self._operate(
            session,
            lambda ledger: _carry_out(ledger, act, batch),
            lambda ledger: _foreseen(ledger, act),
            crash,
        )

    def take_back(self, session: str, act: TakingBack, *, crash: int | None = None) -> None:
        """Undo or redo something, and note what that did; the arguments are those of `work`."""
        self._operate(
            session,
            lambda ledger: act(ledger, False),
            lambda ledger: _taken_back(ledger, act),
            crash,
        )

    def _operate(
        self,
        session: str,
        act: Callable[[Ledger], object],
        foresee: Callable[[Ledger], dict[str, Task | None]],
        crash: int | None,
    ) -> None:
        ledger, tip = self.ledgers[session], self.tip()
        if crash is None:
            act(ledger)
        else:
            before = self.tasks()
            now, drawn = self._clock.number, self._random.number
            then = before | foresee(ledger)
            self._clock.number, self._random.number = now, drawn
            foreseen = {task_id: task for task_id, task in then.items() if task}
            try:
                with crashing(ledger, crash):
                    act(ledger)
            except Crash:
                self.ledgers[session] = self._opened(session)
                assert self.tasks() in (before, foreseen), "half of an operation"
        if self.tip() != tip:
            self._memory.record(self.name, session, self._tasks_before(), self.tasks())

    @contextmanager
    def overtaken_by(self, first: Callable[[], None], *, session: str) -> Iterator[None]:
        """Let something happen right before the session's next move of a ref."""
        interrupt(self.ledgers[session], first)
        yield
        self.ledgers[session] = self._opened(session)

    # -- sharing -------------------------------------------------------------------------------

    def sync(self, session: str, *, crash: int | None = None) -> Outcome:
        """Sync with the remote, and note who knows what now.

        Args:
            session: who does it.
            crash: the step at which the process dies; None: it lives.
        """
        ledger, before, tip = self.ledgers[session], self.tasks(), self.tip()
        report = None
        try:
            if crash is None:
                report = ledger.sync(allow_deletions=True)
            else:
                with crashing(ledger, crash):
                    report = ledger.sync(allow_deletions=True)
        except Crash:
            self.ledgers[session] = self._opened(session)
        except RemoteFailed as failed:
            reached, code = self.online, failed.exit_code
            assert (reached, code, self.tip()) == (False, 6, tip), "all is left in its place"
        new = report.renamed if report else _renamed(before, self.tasks())
        self._memory.rename(new)
        self._learn()
        return Outcome(report, new)

    def _learn(self) -> None:
        """Note what is known here and on the remote after a sync, however it ended."""
        store, tip = self.ledger.repository.store, self.tip()
        tracked = store.tip(lists.tracking_ref("origin", "main"))
        if tracked:
            self._memory.learn(self.name, store.merge_base(tip, tracked))
        if self._published() == tip:
            self._memory.publish(self.name, tip)

    def _published(self) -> str | None:
        ref = self._remote / lists.ref("main")
        return ref.read_text().strip() if ref.exists() else None

    # -- the way to the remote -----------------------------------------------------------------

    @property
    def online(self) -> bool:
        return f"url = {self._remote}\n" in self._config.read_text()

    @online.setter
    def online(self, reachable: bool) -> None:
        there, gone = f"url = {self._remote}\n", f"url = {self._remote}.gone\n"
        old, new = (gone, there) if reachable else (there, gone)
        self._config.write_text(self._config.read_text().replace(old, new))

    @property
    def _config(self) -> Path:
        return self.path / ".git/config"


def every_task(snapshot: Snapshot) -> dict[str, Task]:
    """Return all tasks by their ids, archived ones too; none of them stands in two places."""
    tasks, archived = (
        {t.id: t for t in some} for some in (snapshot.all(), snapshot.archive.all().values())
    )
    assert not tasks.keys() & archived.keys()
    return dict(sorted((tasks | archived).items()))


def _carry_out(ledger: Ledger, act: Act, batch: bool) -> None:
    if not batch:
        act(ledger)
        return
    with ledger.transaction("batch") as transaction:
        act(transaction)


def _foreseen(ledger: Ledger, act: Act) -> dict[str, Task | None]:
    """Return what tasks would become by an operation; nothing is written."""
    changed: dict[str, Task | None] = {}
    with suppress(LedgerError), ledger.transaction("foreseen") as transaction:
        act(transaction)
        changed |= transaction._draft.changed
        transaction._draft.changed.clear()  # so that there is nothing to write
        transaction._draft.archived.clear()
    return changed


def _taken_back(ledger: Ledger, act: TakingBack) -> dict[str, Task | None]:
    """Return what tasks would become by an undo; None are those that it removes."""
    with suppress(LedgerError):
        tasks = act(ledger, True).tasks
        return {task.id: after for before, after in tasks if (task := before or after)}
    return {}


def _renamed(before: Tasks, after: Tasks) -> Mapping[str, str]:
    """Return the new ids of tasks that became one with another clone's, by the old ones.

    Only an import of the same plan makes two of one task here, and what it made is the same as
    to its source. Whoever crashed right after a sync has no report to read that from.
    """
    there: dict[Any, str] = {_source(task): task.id for task in after.values() if task.source}
    gone = (task for task in before.values() if task.id not in after)
    return {task.id: there[_source(task)] for task in gone if _source(task) in there}


def _source(task: Task) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(task.source.items()))
