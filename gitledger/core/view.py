"""A task together with what follows from the rest of the ledger; derived, never stored."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from math import isfinite
from typing import Any, Final, Literal

from gitledger.core.task import NOTE_KEYS, TASK_KEYS, Note, Task

SCHEMA_VERSION: Final = 1
"""Version of every JSON object that gitledger prints (contract, section 6)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Claim:
    """Who holds a task. It is tentative until the remote has it (contract, section 4)."""

    session: str
    at: datetime | None
    state: Literal["tentative", "confirmed"]


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class TaskView:
    """A task as its list shows it.

    Attributes:
        task: the task.
        list: the list's name.
        ready: pending, unowned, and nothing that it waits for is unfinished.
        blocked: unfinished, and something that it waits for is unfinished.
        blockers: the ids of those unfinished tasks, sorted.
        blocks: ids of the tasks that name it in `blocked_by`, sorted.
        stale: its owner shows no sign of life for longer than the lease.
        overdue: unfinished and past its due date.
        claim: who holds it, or None.
        revision: the commit that last changed it; None where nobody asked for it.
    """

    task: Task
    list: str
    ready: bool
    blocked: bool
    blockers: tuple[str, ...] = ()
    blocks: tuple[str, ...] = ()
    stale: bool = False
    overdue: bool = False
    claim: Claim | None = None
    revision: str | None = None


def rfc3339(moment: date | datetime) -> str:
    """Return a date as `2026-01-31`, a time in UTC as `2026-01-31T09:30:00Z`."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(UTC) if moment.tzinfo else moment
        return moment.replace(tzinfo=None).isoformat() + "Z"
    return moment.isoformat()


def plain(value: Any) -> Any:
    """Return a TOML value as one that JSON can hold.

    Times become strings, tuples lists, and so do infinite numbers, which only TOML has.
    """
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, date | datetime):
        return rfc3339(value)
    if (
        value is None
        or isinstance(value, str | int)
        or (isinstance(value, float) and isfinite(value))
    ):
        return value
    return str(value)


def note_json(note: Note) -> dict[str, Any]:
    """Return a note as the contract's JSON has it; what is not set is left out."""
    values = {key: plain(getattr(note, key)) for key in NOTE_KEYS}
    known = {key: value for key, value in values.items() if value is not None}
    return {**known, **plain(dict(note.extra))}


def task_json(view: TaskView) -> dict[str, Any]:
    """Return a task as the contract's JSON has it: every key, unset ones null, [] or {}."""
    task = view.task
    keys = {key: plain(getattr(task, key)) for key in TASK_KEYS}
    claim = view.claim and {
        "session": view.claim.session,
        "at": plain(view.claim.at),
        "state": view.claim.state,
    }
    return {
        "id": task.id,
        "list": view.list,
        **keys,
        "notes": [note_json(note) for note in task.notes],
        "ready": view.ready,
        "blocked": view.blocked,
        "stale": view.stale,
        "overdue": view.overdue,
        "blocks": list(view.blocks),
        "claim": claim,
        "revision": view.revision,
    }
