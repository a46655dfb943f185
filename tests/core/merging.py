"""How the tests of the merge say it: versions of one task, and what comes of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from gitledger.core.dataclass import replace
from gitledger.core.merge import Merged, merge_tasks
from gitledger.core.task import Note, Task

ID = "7f3k2m9q0d"
OTHER = "8g4m3n0r1e"
THIRD = "9h5n4p1s2f"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SEED = "c0ffee" * 6 + "beef"

BASE = Task(id=ID, title="Add login")


def later(hours: int) -> datetime:
    return NOON + timedelta(hours=hours)


def merge(base: Task | None, published: Task | None, mine: Task | None, by: str = "ana") -> Merged:
    return merge_tasks(base, published, mine, at=NOON, by=by, seed=SEED)


def merge_values(
    base: dict[str, Any], published: dict[str, Any], mine: dict[str, Any], by: str = "ana"
) -> tuple[Task, list[tuple[str, Any, Any]]]:
    """Merge tasks with these values; return the task and field, kept, dropped of each conflict."""
    merged = merge(*(replace(BASE, **values) for values in (base, published, mine)), by=by)
    assert merged.task is not None
    return merged.task, [(c.field, c.kept, c.dropped) for c in merged.conflicts]


def note(note_id: str, text: str = "text", hours: int = 0, **keys: Any) -> Note:
    return Note(id=note_id, at=later(hours), by="ana", text=text, **keys)


def finished(status: str = "completed", hours: int = 0) -> dict[str, Any]:
    return {"status": status, "completed_at": later(hours)}
