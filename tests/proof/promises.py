"""What was acknowledged, and whether it is still there.

A deed is written to a log before it begins, with the facts that will hold once it is done, and
again when it has been acknowledged. Of a process that was killed, the log tells both.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from gitledger.core.task import Task
from gitledger.errors import LedgerError


class Fact(NamedTuple):
    """Something that is true of a ledger once a deed is done.

    Attributes:
        kind: `task` (value: its title), `note` (a text), `label`, `list` (a name), or the name of
            a field of the task, whose later values replace earlier ones.
        task: the task's title; empty for a list.
        value: see kind.
    """

    kind: str
    task: str
    value: str

    @property
    def replaces(self) -> bool:
        """Whether a later fact on the same field takes this one's place."""
        return self.kind not in ("task", "note", "label", "list")

    def __str__(self) -> str:
        return f"{self.kind} '{self.value}' of '{self.task}'" if self.task else f"list {self.value}"


class Log:
    """Where a worker writes what it does: the end of a file, which survives its death."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    @contextmanager
    def deed(self, name: str, *facts: Fact) -> Iterator[dict[str, Any]]:
        """Log a deed as begun, and as acknowledged once the block has ended.

        Yields:
            What is to be logged with the acknowledgement.
        """
        self._write({"begin": name, "facts": facts})
        more: dict[str, Any] = {}
        yield more
        self._write({"end": name, **more})

    def refused(self, error: LedgerError) -> None:
        """Log that a remote has refused the deed that had begun."""
        self._write({"refused": f"{error.message}; hint: {error.hint}"})

    def failed(self, error: Exception) -> None:
        """Log that the deed that had begun has failed, as none should."""
        self._write({"failed": f"{type(error).__name__}: {error}"})

    def _write(self, line: Mapping[str, Any]) -> None:
        os.write(self._file, json.dumps(line).encode() + b"\n")


@dataclass
class Told:
    """What a worker's log tells after its end.

    Attributes:
        acknowledged: the facts of every acknowledged deed, in order.
        deeds: how many deeds those were.
        in_flight: the name of the deed that had begun and was not acknowledged, and its facts.
        published: the tips that its syncs answered with.
        refused: what was said where a remote refused.
        failed: what was said where anything else failed.
    """

    acknowledged: list[Fact] = field(default_factory=list)
    deeds: int = 0
    in_flight: tuple[str, list[Fact]] | None = None
    published: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    @classmethod
    def by(cls, path: Path) -> Told:
        """Return what the log at a path tells; there is none where the worker was too young."""
        told = cls()
        begun: tuple[str, list[Fact]] | None = None
        for line in path.read_text().splitlines() if path.exists() else ():
            entry = json.loads(line)
            if "begin" in entry:
                begun = entry["begin"], [Fact(*fact) for fact in entry["facts"]]
                continue
            if "failed" in entry:
                told.failed.append(f"{begun and begun[0]}: {entry['failed']}")
            elif "refused" in entry:
                told.refused.append(entry["refused"])
            elif begun is not None:
                told.acknowledged += begun[1]
                told.deeds += 1
                told.published += entry.get("published", ())
            begun = None
        told.in_flight = begun
        return told


class Seen:
    """A ledger as it is, asked for facts.

    Args:
        tasks: those of its list.
        lists: the names of the repository's lists.
    """

    def __init__(self, tasks: Iterable[Task], lists: Iterable[str]) -> None:
        self._lists = frozenset(lists)
        self._tasks: dict[str, Task] = {}
        self._notes: dict[str, set[str]] = {}
        self.doubles: list[str] = []
        for task in tasks:
            if task.title in self._tasks:
                self.doubles.append(task.title)
            self._tasks[task.title] = task

    def holds(self, fact: Fact) -> bool:
        """Tell whether the fact is true."""
        if fact.kind == "list":
            return fact.value in self._lists
        task = self._tasks.get(fact.task)
        if task is None:
            return False
        if fact.kind == "note":
            if fact.task not in self._notes:
                self._notes[fact.task] = {note.text for note in task.notes}
            return fact.value in self._notes[fact.task]
        if fact.kind == "label":
            return fact.value in task.labels
        return fact.kind == "task" or getattr(task, fact.kind) == fact.value


class Promises:
    """All that a ledger has acknowledged so far."""

    def __init__(self) -> None:
        self._facts: dict[tuple[str, ...], Fact] = {}

    def __iter__(self) -> Iterator[Fact]:
        return iter(self._facts.values())

    def add(self, facts: Iterable[Fact]) -> None:
        """Expect these from now on."""
        for fact in facts:
            key = fact[:2] if fact.replaces else tuple(fact)
            self._facts[key] = fact

    def broken(self, seen: Seen) -> list[str]:
        """Return a line for each promise that does not hold, and for each task that is twice."""
        lost = [f"acknowledged and lost: {fact}" for fact in self if not seen.holds(fact)]
        return lost + [f"there twice: '{title}'" for title in seen.doubles]

    def settle(self, name: str, facts: list[Fact], seen: Seen) -> tuple[bool, list[str]]:
        """Decide what became of a deed in flight; what is there as a whole is expected from now on.

        Returns:
            Whether it is there, and a line if it is there in part.
        """
        held = [fact for fact in facts if seen.holds(fact)]
        if len(held) == len(facts):
            self.add(facts)
            return True, []
        there, away = (", ".join(map(str, part)) for part in (held, set(facts) - set(held)))
        return False, [f"{name} in part: there is {there}, there is not {away}"] if held else []
