"""Tasks as lines for people. All text from a ledger is escaped here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from gitledger.cli.style import Style, columns, pad
from gitledger.core.dates import relative
from gitledger.core.graph import Graph
from gitledger.core.task import Note, Task
from gitledger.core.text import escape, escape_lines
from gitledger.core.view import TaskView, plain

Short = Callable[[str], str]

_LABEL = 12
"""Columns of the names in a task's detail."""

_WIDEST_TITLE = 60
"""Columns of the titles, at most, before what stands behind them begins."""

_PRIORITY_LOOKS = {"P0": "red", "P1": "yellow", "P3": "dim", "P4": "dim"}


def sign(view: TaskView, style: Style) -> str:
    """Return the sign of a task's state; a pending task that must wait has its own."""
    state = view.task.status
    return style.sign("blocked" if view.blocked and state == "pending" else state)


def headline(view: TaskView, short: str, style: Style) -> str:
    """Return the beginning of a task's row: `7f3k ○ P1`."""
    priority = view.task.priority
    look = _PRIORITY_LOOKS.get(priority, "")
    return f"{style.paint(short, 'cyan')} {sign(view, style)} {style.paint(priority, look)}"


def before_title(short: str) -> int:
    """Return the columns that a headline takes, with the blank behind it."""
    return len(short) + 6


def rows(views: Sequence[TaskView], short: Short, style: Style, *, why: bool = False) -> list[str]:
    """Return one line a task: id, state, priority, title, and what else matters.

    What stands behind the titles begins in one column, except behind a title that needs more
    room and has it.

    Args:
        views: the tasks.
        short: returns the short form of an id.
        style: how lines look.
        why: name the tasks that a blocked one waits for, instead of their number.
    """
    names = [short(view.task.id) for view in views]
    id_width = max(map(len, names), default=0)
    titles = [escape(view.task.title) for view in views]
    extras = [_extras(view, short, style, why=why) for view in views]
    before = before_title(" " * id_width)
    column = _column(titles, [words for words, _ in extras], style, before)
    lines = []
    for view, name, title, (words, painted) in zip(views, names, titles, extras, strict=True):
        taken = before + (columns(words) + 2 if words else 0)
        shown = style.fit(title, max(column, style.left(taken)))
        cell = style.paint(shown, "dim") if view.task.finished else shown
        if words:
            cell += " " * (max(column - columns(shown), 0) + 2) + painted
        lines.append(f"{headline(view, name, style)}{' ' * (id_width - len(name))} {cell}")
    return lines


def _column(titles: Sequence[str], extras: Sequence[str], style: Style, before: int) -> int:
    """Return the columns of the titles up to where the extras begin."""
    longest = max(map(columns, titles), default=0)
    widest = max(map(columns, extras), default=0)
    return min(longest, _WIDEST_TITLE, style.left(before + widest + 2))


def _extras(view: TaskView, short: Short, style: Style, *, why: bool) -> tuple[str, str]:
    """Return what stands behind a title, plain (to measure it) and painted."""
    task = view.task
    words: list[tuple[str, str]] = []
    if task.owner and not task.finished:
        words.append((f"@{escape(task.owner)}", "yellow"))
    if view.stale:
        words.append(("stale", "red"))
    if task.progress is not None and not task.finished:
        words.append((f"{task.progress}%", ""))
    if view.blocked:
        names = ", ".join(short(other) for other in view.blockers)
        number = f"waits for {len(view.blockers)}"
        words.append((f"waits for {names}" if why or len(view.blockers) == 1 else number, "dim"))
    if task.due and not task.finished:
        words.append((f"due {show_date(task.due)}", "red" if view.overdue else ""))
    words += [(f"#{escape(label)}", "blue") for label in task.labels]
    return (
        "  ".join(word for word, _ in words),
        "  ".join(style.paint(word, look) for word, look in words),
    )


class Detail:
    """Everything on a task, for people.

    Args:
        every: all views of the list by id.
        graph: all tasks of the list.
        short: returns the short form of an id.
        style: how lines look.
        now: the time, in the user's zone.
    """

    def __init__(
        self,
        every: Mapping[str, TaskView],
        graph: Graph,
        short: Short,
        style: Style,
        now: datetime,
    ) -> None:
        self._every = every
        self._graph = graph
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
        for note in task.notes:
            yield from note_lines(note, self._style, self._now)

    def _state(self, view: TaskView) -> Iterator[tuple[str, str]]:
        task = view.task
        words = [task.status.replace("_", " ")]
        words += ["ready"] if view.ready else ["blocked"] if view.blocked else []
        words += [] if task.progress is None else [f"{task.progress}%"]
        yield "status", ", ".join(words)
        yield "priority", task.priority + ("" if task.type == "task" else f", {escape(task.type)}")
        if task.owner:
            claim = [view.claim.state] if view.claim else []
            since = [relative(task.claimed_at, self._now)] if claim and task.claimed_at else []
            stale = ["stale"] if view.stale else []
            yield "owner", ", ".join([escape(task.owner), *since, *claim, *stale])

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
            "sub-tasks": self._graph.children(task.id),
        }
        for name, task_ids in relations.items():
            for number, task_id in enumerate(task_ids):
                label = pad("" if number else name, _LABEL)
                yield self._style.paint(label, "dim") + self._mention(task_id)

    def _mention(self, task_id: str) -> str:
        short = self._style.paint(escape(self._short(task_id)), "cyan")
        view = self._every.get(task_id)
        if view is None:
            return f"{short} (not in this list)"
        return f"{short} {sign(view, self._style)} {escape(view.task.title)}"


def note_lines(note: Note, style: Style, now: datetime) -> Iterator[str]:
    """Yield a note: who, what kind, when, and its text."""
    to = f" to {escape(note.to)}" if note.to else ""
    head = f"{escape(note.kind)} by {escape(note.by)}{to}, {relative(note.at, now)}"
    yield style.paint(head, "magenta" if note.kind in ("question", "conflict") else "dim")
    yield from (f"  {line}" for line in escape_lines(note.text.rstrip()))


def show_date(moment: date) -> str:
    """Return a due date as people read it, a time in their zone."""
    if isinstance(moment, datetime):
        return moment.astimezone().strftime("%Y-%m-%d %H:%M")
    return moment.isoformat()


def changed(did: str, task: Task, short: Short) -> str:
    """Return what a command did: `claimed 7f3k Add auth`."""
    return f"{did} {short(task.id)} {escape(task.title)}"


def _as_text(value: Any) -> str:
    """Return a value of the metadata: a text as it is, all else as JSON has it."""
    if isinstance(value, str):
        return value
    import json

    return json.dumps(plain(value), ensure_ascii=False)
