"""A snapshot in memory, and operations on it, for tests of the rules of `core`."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, TypeVar

from gitledger.core import ids
from gitledger.core.draft import Draft
from gitledger.core.graph import Graph, candidates
from gitledger.core.message import Message
from gitledger.core.session import Session
from gitledger.core.task import Task, is_of_list, writers
from gitledger.errors import AmbiguousId, NoSuchTask

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

T = TypeVar("T")


def later(hours: float) -> datetime:
    return NOON + timedelta(hours=hours)


def task_id(number: int) -> str:
    """Return an id that begins with the number, so that `0007` is a prefix of the seventh."""
    return f"{number:04}000000"


class FakeTasks:
    """The tasks of a list, on which each operation is applied at once."""

    def __init__(self, *tasks: Task) -> None:
        self.by_id = {task.id: task for task in tasks}
        self.away: dict[str, Task] = {}
        self.registered: dict[str, Session] = {}
        self.told: dict[str, Message] = {}
        self._random = Random(len(tasks))  # ids are the same in every run

    def __getitem__(self, task_id: str) -> Task:
        return self.by_id[task_id]

    def find(self, task_id: str) -> Task | None:
        return self.by_id.get(task_id) or self.away.get(task_id)

    def archived(self) -> Iterable[Task]:
        return tuple(self.away.values())

    def is_archived(self, task_id: str) -> bool:
        return task_id in self.away

    def find_source(self, source: tuple[tuple[str, str], ...]) -> Task | None:
        found = (t for t in self.by_id.values() if tuple(sorted(t.source.items())) == source)
        return next(found, None) if source else None

    def resolve(self, prefix: str) -> str:
        matches = [key for key in self.by_id if key.startswith(prefix.lower())]
        if not matches:
            raise NoSuchTask(f"no task '{prefix}'")
        if len(matches) > 1:
            raise AmbiguousId(f"'{prefix}' names {len(matches)} tasks", matches=sorted(matches))
        return matches[0]

    def all(self) -> Iterable[Task]:
        return tuple(self.by_id.values())

    def owned_by(self, name: str) -> Iterable[Task]:
        return [task for task in self.all() if task.owner == name and not task.finished]

    def first(self, by: str, role: str | None, silent: Container[str]) -> Task | None:
        graph = Graph(self.all(), self.is_archived)
        return next(iter(candidates(graph, by, role, silent)), None)

    def roles(self) -> set[str]:
        return {task.role for task in self.all() if task.role}

    def writers(self) -> set[str]:
        return set().union(*map(writers, self.all()))

    def imported(self, system: str, name: str) -> Iterable[Task]:
        return [task for task in self.all() if is_of_list(task, system, name)]

    def short(self, task_id: str) -> str:
        return ids.shortest_prefix(task_id, self.by_id)

    def session(self, name: str) -> Session | None:
        return self.registered.get(name)

    def sessions(self) -> Mapping[str, Session]:
        return dict(sorted(self.registered.items()))

    def messages(self) -> Mapping[str, Message]:
        return dict(sorted(self.told.items()))

    def draft(self, by: str = "ana", now: datetime = NOON) -> Draft:
        return Draft(self, by=by, now=now, random_bytes=self._random.randbytes)

    def apply(self, draft: Draft) -> None:
        """Make the draft's changes those of the list."""
        self.by_id |= draft.changed
        for key in draft.changed:
            self.away.pop(key, None)
        for key, task in draft.archived.items():
            self.by_id.pop(key, None)
            self.away[key] = task
        for key in draft.removed:
            self.by_id.pop(key, None)
            self.away.pop(key, None)
        self.registered = {session.name: session for session in draft.all_sessions()}
        self.told = {message.id: message for message in draft.all_messages()}

    def do(self, verb: Callable[..., T], *args: Any, **options: Any) -> T:
        """Carry out a verb as one operation of ana's at noon, and return what it returns."""
        return self.do_as("ana", verb, *args, **options)

    def do_as(self, session: str, verb: Callable[..., T], *args: Any, **options: Any) -> T:
        """Carry out a verb as one operation of a session's at noon."""
        draft = self.draft(session)
        result = verb(draft, *args, **options)
        self.apply(draft)
        return result


def texts_of(task: Task, kind: str = "note") -> list[str]:
    """Return what the task's notes of a kind say."""
    return [note.text for note in task.notes if note.kind == kind]


def fields_that_differ(one: Task, other: Task) -> dict[str, Any]:
    """Return the other task's values of the fields in which it differs."""
    return {
        field: getattr(other, field)
        for field in one.__slots__
        if getattr(one, field) != getattr(other, field)
    }
