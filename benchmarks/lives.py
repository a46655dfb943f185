"""The lives of made-up tasks: what a team does with them, operation by operation, from a seed.

Tasks come in plans of ten, as an import makes them: a chain of five, a fan that waits for its
first, and one that waits for both. Every task is changed by ten operations. Eight of them are those
of the whole plan and change its ten tasks at once, as an import, a triage and a transaction do; two
are of one task alone, as most commands are: 28 commits for ten tasks, 280,000 for 100,000.
Each plan begins a little after the one before and takes its steps between those of others, so that
a task's history is spread out as it is in use. About 60 % are finished, and the old plans are.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from gitledger.core import ids
from gitledger.core.dataclass import replace
from gitledger.core.message import Message
from gitledger.core.session import Session
from gitledger.core.task import Note, Task

BEGIN: Final = datetime(2026, 1, 2, tzinfo=UTC)
INTERVAL: Final = timedelta(seconds=30)
"""Between two operations."""
PLAN: Final = 10
SESSIONS: Final = 80
STEPS: Final = 10
GAP: Final = 3
"""How many plans begin between two steps of one."""

_BLOCKERS: Final = (
    *((), (0,), (1,), (2,), (3,)),  # a chain
    *((0,), (0,), (0,), (0,), (4, 8)),  # a fan, and what ends both
)
"""Within a plan: which of its tasks each waits for."""
_VERBS: Final = ("Add", "Fix", "Rework", "Test", "Document", "Remove", "Speed up", "Review", "Move")
_THINGS: Final = ("login", "search", "export", "billing", "the parser", "the cache", "the schema")
_PLACES: Final = ("for mobile", "in the backend", "of the API", "on Windows", "behind a proxy")
_LABELS: Final = ("api", "backend", "docs", "frontend", "infra", "perf", "security", "ux")
_TYPES: Final = ("task", "task", "task", "bug", "feature", "chore")
_PRIORITIES: Final = ("P0", "P1", "P1", "P2", "P2", "P2", "P2", "P3", "P3", "P4")
_ROLES: Final = ("builder", "builder", "tester", "reviewer", "planner")
_WORDS: Final = ("the", "user", "sees", "an", "old", "value", "after", "a", "second", "reload")


class Step(NamedTuple):
    """One operation: its name, who did it and when, and what it wrote."""

    name: str
    session: str
    at: datetime
    tasks: Sequence[Task] = ()
    sessions: Sequence[Session] = ()
    messages: Sequence[Message] = ()


def steps(tasks: int, seed: int = 1) -> Iterator[Step]:
    """Yield the operations of a ledger of that many tasks (a multiple of ten), oldest first."""
    draw = random.Random(seed)
    names = [f"agent-{number:02}" for number in range(SESSIONS)]
    now = BEGIN
    for name in names:
        now += INTERVAL
        yield Step("session start", name, now, sessions=[_session(draw, name, now)])
    plans = [_Plan(draw, number, tasks // PLAN) for number in range(tasks // PLAN)]
    for plan in plans:
        plan.wait_for(draw, plans)
    for turn in range(len(plans) + STEPS * GAP):
        for step in range(STEPS):
            number = turn - step * GAP
            if 0 <= number < len(plans):
                for done in plans[number].take(draw, step, names, now):
                    yield done
                    now = done.at
        if turn % 100 == 99:
            now += INTERVAL
            sender, to = draw.sample(names, 2)
            said = Message(id=_id(draw), at=now, by=sender, to=to, text=_text(draw, 12))
            yield Step("tell", sender, now, messages=[said])


class _Plan:
    """Ten tasks that belong together, and how far they get."""

    def __init__(self, draw: random.Random, number: int, plans: int) -> None:
        old = number < 0.55 * plans
        whole = old and draw.random() < 0.92
        self.number = number
        self.finished = PLAN if whole else draw.randrange(10 if old else 4)
        self.ids = [_id(draw) for _ in range(PLAN)]
        self.tasks: list[Task] = []
        self.first_waits_for: tuple[str, ...] = ()
        self.working = draw.random() < 0.25

    def wait_for(self, draw: random.Random, plans: Sequence[_Plan]) -> None:
        """Let three plans in ten wait for an earlier one; what has begun, for a finished one."""
        if self.number and draw.random() < 0.3:
            other = plans[draw.randrange(self.number)]
            if other.finished == PLAN or not (self.finished or self.working):
                self.first_waits_for = (other.ids[-1],)

    def take(
        self, draw: random.Random, step: int, names: Sequence[str], now: datetime
    ) -> Iterator[Step]:
        """Take one of the ten steps: one operation on all ten tasks, or one on each."""
        session = names[self.number % len(names)]
        name, alone = _STEPS[step]
        if not alone:
            now += INTERVAL
            self.tasks = [self._after(draw, step, index, now, session) for index in range(PLAN)]
            yield Step(name, session, now, tasks=self.tasks)
            return
        for index in range(PLAN):
            now += INTERVAL
            who = names[(self.number + index) % len(names)]
            self.tasks[index] = task = self._after(draw, step, index, now, who)
            yield Step(_verb(task, name), who, now, tasks=[task])

    def _after(self, draw: random.Random, step: int, index: int, now: datetime, by: str) -> Task:
        if step == 0:
            return self._new(draw, index, now, by)
        task = replace(self.tasks[index], updated_at=now, updated_by=by)
        if step in (1, 2):
            labels = tuple(sorted({*task.labels, draw.choice(_LABELS)}))
            estimate = draw.choice(("30m", "2h", "4h", "2d"))
            return replace(task, labels=labels) if step == 1 else replace(task, estimate=estimate)
        if index < self.finished or (index == self.finished and self.working):
            return self._worked_on(draw, step, index, task)
        if step in (3, 5):
            return replace(task, priority=draw.choice(_PRIORITIES))
        return _noted(draw, task)

    def _worked_on(self, draw: random.Random, step: int, index: int, task: Task) -> Task:
        now = task.updated_at
        match step:
            case 3:
                owner = task.updated_by
                taken = replace(task, status="in_progress", owner=owner, claimed_at=now)
                return replace(taken, started_at=now, progress=0)
            case 5 | 7:
                return replace(task, progress=step * 10)
            case 9 if index < self.finished:
                status = "cancelled" if draw.random() < 0.04 else "completed"
                return replace(task, status=status, completed_at=now, progress=100)
            case 9:
                status = draw.choice(("in_progress", "in_progress", "waiting", "in_review"))
                return _noted(draw, replace(task, status=status))
        return _noted(draw, task)

    def _new(self, draw: random.Random, index: int, now: datetime, by: str) -> Task:
        inside = tuple(self.ids[other] for other in _BLOCKERS[index])
        words = (draw.choice(words) for words in (_VERBS, _THINGS, _PLACES))
        return Task(
            id=self.ids[index],
            title=f"{' '.join(words)} ({self.number + 1}.{index + 1})",
            priority=draw.choice(_PRIORITIES),
            type=draw.choice(_TYPES),
            description=f"{_text(draw, 30)}\n\n{_text(draw, 20)}\n",
            labels=tuple(sorted(draw.sample(_LABELS, draw.randrange(3)))),
            blocked_by=tuple(sorted(inside or self.first_waits_for)),
            role=draw.choice(_ROLES) if draw.random() < 0.4 else None,
            created_at=now,
            created_by=by,
            updated_at=now,
            updated_by=by,
        )


_STEPS: Final = (
    ("import", False),
    ("triage", False),
    ("estimate", False),
    ("start", True),
    ("note", False),
    ("progress", False),
    ("note", False),
    ("progress", False),
    ("note", False),
    ("done", True),
)
"""What each step is called, and whether it is one operation for each task."""


def _verb(task: Task, name: str) -> str:
    """Return what a step is called on a task that it does not concern, or that ends otherwise."""
    if name == "start":
        return "start" if task.owner else "edit"
    return {"completed": "done", "cancelled": "cancel"}.get(task.status, "note")


def _session(draw: random.Random, name: str, now: datetime) -> Session:
    return Session(
        name=name,
        id=_id(draw),
        role=draw.choice(_ROLES),
        host="build",
        repository="shop",
        worktree=name,
        branch=f"work/{name}",
        started_at=now,
        started_by="Ada",
    )


def _noted(draw: random.Random, task: Task) -> Task:
    """Return a task with a note by whoever has just changed it."""
    assert task.updated_at
    assert task.updated_by
    note = Note(
        id=_id(draw),
        at=task.updated_at,
        by=task.updated_by,
        kind="question" if task.status == "waiting" else "note",
        text=_text(draw, draw.randrange(5, 25)),
    )
    return replace(task, notes=(*task.notes, note))


def _text(draw: random.Random, words: int) -> str:
    return " ".join(draw.choices(_WORDS, k=words))


def _id(draw: random.Random) -> str:
    return ids.new_id(draw.randbytes)
