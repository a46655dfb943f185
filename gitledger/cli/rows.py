"""Tasks as lines, one each. All text from a ledger is escaped here."""

from __future__ import annotations

from gitledger.cli.style import Style, columns
from gitledger.core.text import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import date
    from typing import Any, Final, TypeAlias

    from gitledger.core.view import TaskView
    from gitledger.listing import Listing

    Short: TypeAlias = Callable[[str], str]
    _Parts: TypeAlias = tuple[str, str, str, bool, str, str]
    """Short id, headline, title, whether it is finished, the extras plain and painted."""

_WIDEST_TITLE: Final = 60
"""Columns of the titles, at most, before what stands behind them begins."""

_PRIORITY_LOOKS: Final = {"P0": "red", "P1": "yellow", "P3": "dim", "P4": "dim"}
_FINISHED: Final = ("completed", "cancelled")
_REPOSITORY: Final = "repository"
"""These two as `core.task` has them, which takes longer to import than a list to show."""


def sign(view: TaskView, style: Style) -> str:
    """Return the sign of a task's state; a pending task that must wait has its own."""
    return _sign(view, view.task.status, style)


def headline(view: TaskView, short: str, style: Style) -> str:
    """Return the beginning of a task's row: `7f3k ○ P1`."""
    return _headline(view, view.task.status, view.task.priority, short, style)


def before_title(short: str) -> int:
    """Return the columns that a headline takes, with the blank behind it."""
    return len(short) + 6


def rows(
    views: Sequence[TaskView] | Listing, short: Short, style: Style, *, why: bool = False
) -> Iterator[str]:
    """Yield one line a task: id, state, priority, title, and what else matters.

    What stands behind the titles begins in one column, except behind a title that needs more
    room and has it. For a terminal the parts of all lines are made before the first one; else
    each is made when it is its turn.

    Args:
        views: the tasks.
        short: returns the short form of an id.
        style: how lines look.
        why: name the tasks that a blocked one waits for, instead of their number.
    """
    id_width = _widest(views, short)
    before = before_title(" " * id_width)
    found: Iterable[_Parts] = (_parts(view, short, style, why=why) for view in views)
    if style.width is None:
        column = _longest(views)
    else:
        found = list(found)
        widest = max((columns(words) for *_, words, _ in found), default=0)
        longest = max((columns(title) for _, _, title, *_ in found), default=0)
        column = min(longest, _WIDEST_TITLE, style.left(before + widest + 2))
    for name, head, title, finished, words, painted in found:
        taken = before + (columns(words) + 2 if words else 0)
        shown = style.fit(title, max(column, style.left(taken)))
        cell = style.paint(shown, "dim") if finished else shown
        if words:
            cell += " " * (max(column - columns(shown), 0) + 2) + painted
        yield f"{head}{' ' * (id_width - len(name))} {cell}"


def _sign(view: TaskView, status: str, style: Style) -> str:
    return style.sign("blocked" if view.blocked and status == "pending" else status)


def _headline(view: TaskView, status: str, priority: str, short: str, style: Style) -> str:
    painted = style.paint(priority, _PRIORITY_LOOKS.get(priority, ""))
    return f"{style.paint(short, 'cyan')} {_sign(view, status, style)} {painted}"


def _widest(views: Sequence[TaskView] | Listing, short: Short) -> int:
    """Return the columns of the ids."""
    from gitledger.listing import Listing

    ids = views.ids if isinstance(views, Listing) else (view.id for view in views)
    return max((len(short(task_id)) for task_id in ids), default=0)


def _longest(views: Sequence[TaskView] | Listing) -> int:
    """Return the columns of the titles where there is room enough for all."""
    from gitledger.listing import Listing

    if isinstance(views, Listing):
        return views.widest(lambda title: columns(escape(title)), _WIDEST_TITLE)
    titles = (columns(escape(view.keys()["title"])) for view in views)
    return min(max(titles, default=0), _WIDEST_TITLE)


def _parts(view: TaskView, short: Short, style: Style, *, why: bool) -> _Parts:
    keys = view.keys()
    finished = keys["status"] in _FINISHED
    name = short(view.id)
    words = _extras(view, keys, short, finished=finished, why=why)
    return (
        name,
        _headline(view, keys["status"], keys["priority"], name, style),
        escape(keys["title"]),
        finished,
        "  ".join([word for word, _ in words]),
        "  ".join([style.paint(word, look) for word, look in words]),
    )


def _extras(
    view: TaskView, keys: dict[str, Any], short: Short, *, finished: bool, why: bool
) -> list[tuple[str, str]]:
    """Return what stands behind a title, each word with its look."""
    words: list[tuple[str, str]] = []
    if keys["owner"] and not finished:
        words.append((f"@{escape(keys['owner'])}", "yellow"))
    if view.stale:
        words.append(("stale", "red"))
    if keys["progress"] is not None and not finished:
        words.append((f"{keys['progress']}%", ""))
    if view.blocked:
        number = len(view.blockers)
        many = number != 1 and not why
        waits = str(number) if many else ", ".join([short(other) for other in view.blockers])
        words.append((f"waits for {waits}", "dim"))
    if keys["due"] and not finished:
        words.append((f"due {_due(keys['due'])}", "red" if view.overdue else ""))
    words += [(f"#{escape(label)}", "blue") for label in keys["labels"]]
    if repository := keys["metadata"].get(_REPOSITORY):
        words.append((f"in {escape(str(repository))}", "dim"))
    return words


def _due(text: str) -> str:
    from datetime import date, datetime

    return show_date(datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text))


def show_date(moment: date) -> str:
    """Return a due date as people read it, a time in their zone."""
    from datetime import datetime

    if isinstance(moment, datetime):
        return moment.astimezone().strftime("%Y-%m-%d %H:%M")
    return moment.isoformat()
