"""Three clones and a remote, to which anything may happen in any order.

What a verb has acknowledged is remembered until a session that saw it replaces it. In the end all
clones sync until nothing is new; then everything that is remembered has to be there: as a value of
its task, or kept in the note of a conflict.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from gitledger.core.plan import parse_plan
from gitledger.core.task import Task
from gitledger.errors import Cycle, Lost, NothingToTake
from gitledger.sync import SyncReport
from tests.conftest import MakeRepo
from tests.ledgers import clone, ledger_at, numbered, overtaken, ticking

NAMES = ("ada", "grace", "linus")
PLAN = "- [ ] Schema\n- [ ] Page [blockedBy: 1]\n"

_runs = count()
_names = st.sampled_from(NAMES)
_picks = st.integers(0, 2)  # few tasks, so that sessions meet on them


class Fact(NamedTuple):
    """Something that a verb has acknowledged: a value that is nowhere else, and where it is."""

    task: str
    field: str
    value: str


class Clones(RuleBasedStateMachine):
    """The machine; each of its rules is something that a session may do.

    Args:
        make_repo: makes a repository in the test's directory.
        bare: a bare repository, of which each run takes a copy for its remote.
    """

    def __init__(self, make_repo: MakeRepo, bare: Path) -> None:
        super().__init__()
        run = f"run-{next(_runs)}"
        self._folder = bare.parent / run
        remote = shutil.copytree(bare, self._folder / "remote.git")
        clock = ticking()
        self._ledgers = {
            name: clone(
                make_repo,
                remote,
                name,
                f"{run}/{name}",
                clock=clock,
                random_bytes=numbered(place * 10**9),
            )
            for place, name in enumerate(NAMES, start=1)
        }
        self._remote = ledger_at(remote, "remote")
        self._numbers = count(1)
        self._facts: set[Fact] = set()
        self._edges: set[tuple[str, str]] = set()
        self._held: set[tuple[str, str]] = set()
        self._finished: set[str] = set()
        self._reopened: set[str] = set()

    # -- what sessions do ----------------------------------------------------------------------

    @initialize()
    def begin(self) -> None:
        """Begin with two tasks that everybody has."""
        for _ in range(2):
            self.add("ada")
        for name in NAMES:
            self.sync(name)

    @rule(name=_names)
    def add(self, name: str) -> None:
        """Make a task."""
        title = self._new("Task")
        self._facts.add(Fact(self._ledgers[name].add(title).id, "title", title))

    @rule(
        name=_names,
        pick=_picks,
        field=st.sampled_from(["title", "role", "estimate", "due", "description"]),
    )
    def edit(self, name: str, pick: int, field: str) -> None:
        """Set a field to a value that nobody else gives it; add a line to the description."""
        task, number = self._pick(name, pick), next(self._numbers)
        value: Any = {
            "title": f"Title {number}",
            "role": f"role-{number}",
            "estimate": f"{number}m",
            "due": date(2026, 1, 1) + timedelta(days=number),
            "description": f"{task.description or ''}Line {number}\n",
        }[field]
        with self._replacing(name):
            self._ledgers[name].edit(task.id, **{field: value})
            self._facts.add(Fact(task.id, field, str(value).splitlines()[-1]))

    @rule(name=_names, pick=_picks, key=st.sampled_from(["jira", "url"]))
    def annotate(self, name: str, pick: int, key: str) -> None:
        """Set one key of the metadata."""
        task, value = self._pick(name, pick), self._new("meta")
        with self._replacing(name):
            self._ledgers[name].edit(task.id, metadata={**task.metadata, key: value})
            self._facts.add(Fact(task.id, "metadata", value))

    @rule(name=_names, pick=_picks)
    def label(self, name: str, pick: int) -> None:
        """Add a label, and remove one where there are several."""
        task, label = self._pick(name, pick), self._new("label")
        with self._replacing(name):
            gone = task.labels[:1] if len(task.labels) > 1 else ()
            self._ledgers[name].edit(task.id, add_labels=[label], remove_labels=gone)
            self._facts.add(Fact(task.id, "labels", label))

    @rule(name=_names, pick=_picks)
    def note(self, name: str, pick: int) -> None:
        """Write a note."""
        task, text = self._pick(name, pick), self._new("Note")
        self._ledgers[name].note(task.id, text)
        self._facts.add(Fact(task.id, "notes", text))

    @rule(name=_names, pick=_picks, other=_picks)
    def block(self, name: str, pick: int, other: int) -> None:
        """Let a task wait for another one: a pair that nobody else has ever made."""
        task, blocker = self._pick(name, pick), self._pick(name, other)
        edge = (task.id, blocker.id)
        if edge in self._edges or task.source or blocker.source:
            return
        with self._replacing(name):
            self._ledgers[name].edit(task.id, add_blocked_by=[blocker.id])
            self._edges.add(edge)
            self._facts.add(Fact(task.id, "blocked_by", blocker.id))

    @rule(name=_names, pick=_picks)
    def unblock(self, name: str, pick: int) -> None:
        """Let a task wait for nothing any longer."""
        with self._replacing(name):
            self._ledgers[name].edit(self._pick(name, pick).id, blocked_by=())

    @rule(name=_names, pick=_picks, verb=st.sampled_from(["claim", "start", "done"]))
    def work(self, name: str, pick: int, verb: str) -> None:
        """Take a task, or finish it."""
        with suppress(Lost):
            task = getattr(self._ledgers[name], verb)(self._pick(name, pick).id)
            assert task.owner == name
            self._held.add((name, task.id))
            if task.finished:
                self._finished.add(task.id)

    @rule(name=_names)
    def take_next(self, name: str) -> None:
        """Take whatever is next."""
        with suppress(NothingToTake):
            self._held.add((name, self._ledgers[name].claim_next().id))

    @rule(name=_names, pick=_picks)
    def cancel(self, name: str, pick: int) -> None:
        """Say that a task will not be done."""
        with suppress(Lost):
            self._finished.add(self._ledgers[name].cancel(self._pick(name, pick).id).id)

    @rule(name=_names, pick=_picks, verb=st.sampled_from(["release", "reopen"]))
    def give_up(self, name: str, pick: int, verb: str) -> None:
        """Give a task back, or open it again."""
        before = self._pick(name, pick)
        with suppress(Lost):
            task = getattr(self._ledgers[name], verb)(before.id)
            if task.owner is None:
                self._held.discard((name, task.id))
            if before.finished and not task.finished:
                self._reopened.add(task.id)

    @rule(name=_names)
    def split(self, name: str) -> None:
        """Make several changes in one operation."""
        with self._ledgers[name].transaction("split") as transaction:
            first, second = (transaction.add(self._new("Part")) for _ in range(2))
            transaction.edit(second.id, add_blocked_by=[first.id])
        self._edges.add((second.id, first.id))
        self._facts |= {Fact(task.id, "title", task.title) for task in (first, second)}
        self._facts.add(Fact(second.id, "blocked_by", first.id))

    @rule(name=_names)
    def import_plan(self, name: str) -> None:
        """Import a plan, the same one everywhere."""
        plan = parse_plan(PLAN, name="plan.md")
        with self._replacing(name):
            self._ledgers[name].import_plan(plan, name="plan.md", parse_due=lambda words: None)

    @rule(name=_names)
    def sync(self, name: str) -> None:
        """Exchange what is new with the remote."""
        self._learn(self._ledgers[name].sync())

    @rule(name=_names, faster=_names)
    def sync_too_late(self, name: str, faster: str) -> None:
        """Sync while another clone publishes right before our push."""
        with overtaken(self._ledgers[name], *([lambda: self.sync(faster)] * (name != faster))):
            self.sync(name)

    # -- what holds at any time ----------------------------------------------------------------

    @invariant()
    def what_is_confirmed_is_published(self) -> None:
        """A session whose claim is confirmed has it on the remote, where all others see it."""
        published = self._remote.snapshot()
        for name, ledger in self._ledgers.items():
            for view in ledger.views():
                claim = view.claim
                if claim and claim.session == name and claim.state == "confirmed":
                    there = published.find(view.task.id)
                    assert there is not None
                    assert there.owner == name

    # -- what holds in the end -----------------------------------------------------------------

    def teardown(self) -> None:
        """Sync until nothing is new, and see that nothing is missing."""
        try:
            for _ in range(2):
                for name in NAMES:
                    self.sync(name)
            assert {ledger.tip() for ledger in self._ledgers.values()} == {self._remote.tip()}
            self._nothing_is_missing({task.id: task for task in self._remote.tasks()})
        finally:
            shutil.rmtree(self._folder)

    def _nothing_is_missing(self, tasks: Mapping[str, Task]) -> None:
        for fact in self._facts:
            task = tasks[fact.task]
            assert fact.value in _visible(task, fact.field) | _kept(task, fact.field), fact
        for name, task_id in self._held:
            assert tasks[task_id].owner == name, task_id
        for task_id in self._finished - self._reopened:
            assert tasks[task_id].finished, task_id
        assert self._remote.quarantined() == ()
        assert self._remote.graph().stuck() == (), "a cycle"

    # -- the memory ----------------------------------------------------------------------------

    def _new(self, what: str) -> str:
        return f"{what}-{next(self._numbers)}"

    def _pick(self, name: str, pick: int) -> Task:
        tasks = self._ledgers[name].tasks()
        return tasks[pick % len(tasks)]

    @contextmanager
    def _replacing(self, name: str) -> Iterator[None]:
        """Forget what the session has before its eyes and replaces."""
        ledger = self._ledgers[name]
        before = {task.id: task for task in ledger.tasks()}
        with suppress(Lost, Cycle):
            yield
        after = {task.id: task for task in ledger.tasks()}
        self._facts -= {
            fact
            for fact in self._facts
            if fact.task in before
            and fact.value in _visible(before[fact.task], fact.field)
            and fact.value not in _visible(after[fact.task], fact.field)
        }

    def _learn(self, report: SyncReport) -> None:
        """Take note of what a sync told its session."""
        new = report.renamed
        self._facts = {fact._replace(task=new.get(fact.task, fact.task)) for fact in self._facts}
        self._held = {(name, new.get(task, task)) for name, task in self._held}
        self._finished = {new.get(task, task) for task in self._finished}
        self._reopened = {new.get(task, task) for task in self._reopened}
        self._held -= {(lost.session, lost.task) for lost in report.claims_lost}


def _visible(task: Task, field: str) -> set[str]:
    """Return the values that stand in a field."""
    value = getattr(task, field)
    if field == "notes":
        return {note.text for note in value}
    if field == "description":
        return set((value or "").splitlines())
    if field == "metadata":
        return set(value.values())
    return set(value) if isinstance(value, tuple) else {str(value)}


def _kept(task: Task, field: str) -> set[str]:
    """Return the values of a field that lost and are kept in notes."""
    kept: set[str] = set()
    for note in task.notes:
        if note.kind == "conflict" and (note.field or "").partition(".")[0] == field:
            dropped = note.dropped
            kept |= {*dropped} if isinstance(dropped, list) else {*str(dropped).splitlines()}
    return kept
