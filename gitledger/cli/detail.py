"""Everything on a task, as lines. All text from a ledger is escaped here."""

from __future__ import annotations

from datetime import datetime

from gitledger.cli.rows import show_date, sign
from gitledger.cli.style import Style, pad
from gitledger.core.dates import relative
from gitledger.core.handoff import chain
from gitledger.core.task import Note, Task, open_conflicts
from gitledger.core.text import escape, escape_lines
from gitledger.core.view import TaskView, plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import Any, Final

    from gitledger.cli.rows import Short

_LABEL: Final = 12
"""Columns of the names of fields."""


class Detail:
    """Everything on a task, for people.

    Args:
        look: returns the views of some tasks by their ids.
        children: returns the ids of a task's sub-tasks.
        short: returns the short form of an id.
        style: how lines look.
        now: the time, in the user's zone.
    """

    def __init__(
        self,
        look: Callable[[Iterable[str]], Mapping[str, TaskView]],
        children: Callable[[str], Sequence[str]],
        short: Short,
        style: Style,
        now: datetime,
    ) -> None:
        self._look = look
        self._children = children
        self._short = short
        self._style = style
        self._now = now

    def lines(self, view: TaskView) -> Iterator[str]:
        """Yield the task's fields, its relations, its description, its notes."""
        task, paint = view.task, self._style.paint
        yield f"{paint(task.id, 'cyan')}  {paint(escape(task.title), 'bold')}"
        for name, value in (*self._state(view), *self._fields(view), *self._stamps(task)):
            yield f"{paint(pad(name, _LABEL), 'dim')}{value}"
        yield from self._relations(view)
        if task.description:
            yield ""
            lines = escape_lines(task.description.rstrip())
            yield from (f"  {line}".rstrip() for line in lines)
        if task.notes:
            yield ""
        numbers = {note.id: number for number, note in open_conflicts(task).items()}
        for note in task.notes:
            number = numbers.get(note.id)
            yield from note_lines(note, task, self._style, self._now, number=number)

    def _state(self, view: TaskView) -> Iterator[tuple[str, str]]:
        task = view.task
        words = [task.status.replace("_", " ")]
        words += ["ready"] if view.ready else ["blocked"] if view.blocked else []
        words += ["archived"] if view.archived else []
        words += [] if task.progress is None else [f"{task.progress}%"]
        yield "status", ", ".join(words)
        yield "priority", task.priority + ("" if task.type == "task" else f", {escape(task.type)}")
        if task.owner:
            claim = [view.claim.state] if view.claim else []
            since = [relative(task.claimed_at, self._now)] if claim and task.claimed_at else []
            stale = ["stale"] if view.stale else []
            yield "owner", ", ".join([escape(task.owner), *since, *claim, *stale])
        if hands := chain(task):
            yield "handed on", f" {self._style.arrow} ".join(map(escape, hands))

    def _fields(self, view: TaskView) -> Iterator[tuple[str, str]]:
        task = view.task
        if task.labels:
            yield "labels", " ".join(f"#{escape(label)}" for label in task.labels)
        for key in ("role", "estimate", "branch"):
            if value := getattr(task, key):
                yield key, escape(value)
        if task.review:
            yield "review", "by another session, before it is completed"
        if task.due:
            yield "due", show_date(task.due) + (", overdue" if view.overdue else "")
        if task.commits:
            yield "commits", " ".join(escape(commit[:12]) for commit in task.commits)
        if task.source:
            yield "source", escape(" ".join(str(value) for value in task.source.values()))
        for key, value in task.metadata.items():
            yield escape(str(key)), escape(_as_text(value))

    def _stamps(self, task: Task) -> Iterator[tuple[str, str]]:
        yield "created", self._stamp(task.created_at, task.created_by)
        if task.updated_at != task.created_at:
            yield "updated", self._stamp(task.updated_at, task.updated_by)
        if task.completed_at:
            yield task.status, relative(task.completed_at, self._now)

    def _stamp(self, moment: datetime | None, by: str | None) -> str:
        when = relative(moment, self._now) if moment else "at an unknown time"
        return f"{when} by {escape(by or 'unknown')}"

    def _relations(self, view: TaskView) -> Iterator[str]:
        task = view.task
        relations = {
            "waits for": task.blocked_by,
            "blocks": view.blocks,
            "parent": (task.parent,) if task.parent else (),
            "sub-tasks": self._children(task.id),
        }
        there = self._look({other for others in relations.values() for other in others})
        for name, task_ids in relations.items():
            for number, task_id in enumerate(task_ids):
                label = pad("" if number else name, _LABEL)
                yield self._style.paint(label, "dim") + self._mention(task_id, there.get(task_id))

    def _mention(self, task_id: str, view: TaskView | None) -> str:
        short = self._style.paint(escape(self._short(task_id)), "cyan")
        if view is None:
            return f"{short} (not in this list)"
        return f"{short} {sign(view, self._style)} {escape(view.task.title)}"


def note_lines(
    note: Note, task: Task, style: Style, now: datetime, *, number: int | None = None
) -> Iterator[str]:
    """Yield a note of a task: who, what kind (an open conflict with its number), when, its text."""
    kind = escape(note.kind) + (f" {number}" if number else "")
    to = f" to {escape(note.to)}" if note.to else ""
    settled = ", resolved" if note.resolved else ""
    head = f"{kind} by {escape(note.by)}{to}, {relative(note.at, now)}{settled}"
    yield style.paint(head, "magenta" if note.kind in ("question", "conflict") else "dim")
    yield from (f"  {line}" for line in _said(note, task, now))


def _said(note: Note, task: Task, now: datetime) -> list[str]:
    """Return the lines of a note's text; of a claim that was lost, whose it was and is."""
    if note.kind == "conflict" and note.field == "owner" and isinstance(note.dropped, str):
        winner = note.kept if isinstance(note.kept, str) else "nobody"
        has = "has it" if winner == (task.owner or "nobody") else "had it"
        since = task.claimed_at if has == "has it" else None
        when = f", {relative(since, now)}" if since else ""
        return [f"claim lost: {escape(winner)} {has}{when}, not {escape(note.dropped)}"]
    return escape_lines(note.text.rstrip())


def _as_text(value: Any) -> str:
    """Return a value of the metadata: a text as it is, all else as JSON has it."""
    if isinstance(value, str):
        return value
    import json

    return json.dumps(plain(value), ensure_ascii=False)
