"""A draft: tasks as they would be, on top of a snapshot that does not change."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Protocol

from gitledger.core import ids
from gitledger.core.task import Note, Task
from gitledger.errors import NoSuchTask


class Tasks(Protocol):
    """The tasks of one snapshot, as the rules of `core` read them."""

    def find(self, task_id: str) -> Task | None:
        """Return the task with this whole id, or None."""

    def resolve(self, prefix: str) -> str:
        """Return the one id that starts with the prefix, in upper or lower case.

        Raises:
            NoSuchTask: there is none.
            AmbiguousId: there are several.
        """

    def all(self) -> Iterable[Task]:
        """Return every task."""

    def short(self, task_id: str) -> str:
        """Return the shortest unique prefix, at least 4 characters, for people to read."""


class Draft:
    """The changes of one operation, made by one session at one moment.

    Attributes:
        by: the session that acts.
        now: when, UTC, whole seconds.
        changed: the tasks that differ from the snapshot, by id, in the order of their change.
        layouts: TOML text by id, for tasks whose comments and order come from somebody's editor.
    """

    def __init__(
        self, base: Tasks, *, by: str, now: datetime, random_bytes: Callable[[int], bytes]
    ) -> None:
        self.by = by
        self.now = now
        self.changed: dict[str, Task] = {}
        self.layouts: dict[str, bytes] = {}
        self._base = base
        self._random_bytes = random_bytes

    def find(self, task_id: str) -> Task | None:
        """Return the task with this whole id, or None."""
        return self.changed.get(task_id) or self._base.find(task_id)

    def get(self, name: str) -> Task:
        """Return the task that a whole id or a prefix names.

        Raises:
            NoSuchTask: there is none.
            AmbiguousId: there are several.
        """
        name = name.strip()
        if task := self.find(name.lower()):
            return task
        task = self.find(self._base.resolve(name))
        if task is None:
            raise NoSuchTask(f"no task '{name}'")
        return task

    def all(self) -> Iterator[Task]:
        """Yield every task, those of the draft included."""
        for task in self._base.all():
            yield self.changed.get(task.id, task)
        yield from (task for key, task in self.changed.items() if self._base.find(key) is None)

    def short(self, task_id: str) -> str:
        """Return the shortest unique prefix of a task's id, at least 4 characters."""
        return self._base.short(task_id)

    def call(self, task: Task) -> str:
        """Return how a message names the task: its short id and its title."""
        return f"{self._base.short(task.id)} '{task.title}'"

    def put(self, task: Task) -> Task:
        """Keep the task and return it, stamped with who changed it and when.

        A task that equals the one there is no change, and is returned as it was.
        """
        there = self.find(task.id)
        if there == task:
            return there
        if there is None:
            task = dataclasses.replace(task, created_at=self.now, created_by=self.by)
        task = dataclasses.replace(task, updated_at=self.now, updated_by=self.by)
        self.changed[task.id] = task
        return task

    def new_task_id(self) -> str:
        """Return an id that no task of the list has."""
        while self.find(task_id := ids.new_id(self._random_bytes)) is not None:
            continue
        return task_id

    def note(self, kind: str, text: str, **keys: Any) -> Note:
        """Return a new note by the acting session."""
        note_id = ids.new_id(self._random_bytes)
        return Note(id=note_id, at=self.now, by=self.by, kind=kind, text=text, **keys)
