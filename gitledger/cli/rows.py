"""Tasks as lines, one each. All text from a ledger is escaped here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Final

from gitledger.cli.style import Style, columns
from gitledger.core.task import REPOSITORY
from gitledger.core.text import escape

if TYPE_CHECKING:
    from gitledger.core.view import TaskView

Short = Callable[[str], str]

_WIDEST_TITLE: Final = 60
"""Columns of the titles, at most, before what stands behind them begins."""

_PRIORITY_LOOKS: Final = {"P0": "red", "P1": "yellow", "P3": "dim", "P4": "dim"}


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
    if repository := task.metadata.get(REPOSITORY):
        words.append((f"in {escape(str(repository))}", "dim"))
    return (
        "  ".join(word for word, _ in words),
        "  ".join(style.paint(word, look) for word, look in words),
    )


def show_date(moment: date) -> str:
    """Return a due date as people read it, a time in their zone."""
    if isinstance(moment, datetime):
        return moment.astimezone().strftime("%Y-%m-%d %H:%M")
    return moment.isoformat()
