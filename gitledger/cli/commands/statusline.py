"""`statusline`: where things stand, in one short line for a prompt."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Command
from gitledger.errors import NoLedger, NoRepository, NoSuchList

if TYPE_CHECKING:
    from gitledger.cli.style import Style
    from gitledger.core.task import Task

_WIDTH: Final = 80


def statusline(context: Context) -> Reply:
    """Show one line; none at all where there is no ledger, as prompts ask everywhere."""
    try:
        tasks = context.ledger.snapshot().by_id()
    except (NoRepository, NoLedger):
        return _nothing()
    except NoSuchList:
        if context.options.get("list"):
            raise
        return _nothing()
    # Counted here, not by the graph: what every prompt asks has to be quick.
    finished = {task.id for task in tasks.values() if task.finished}
    ready = questions = 0
    mine: list[Task] = []
    for task in tasks.values():
        questions += task.status == "waiting"
        if task.owner is None:
            ready += task.status == "pending" and finished.issuperset(task.blocked_by)
        elif task.owner == context.ledger.session and not task.finished:
            mine.append(task)
    current = min(
        mine, key=lambda task: (task.status != "in_progress", task.priority, task.id), default=None
    )

    def data() -> dict[str, Any]:
        return {
            "list": context.ledger.list,
            "session": context.ledger.session,
            "ready": ready,
            "questions": questions,
            "task": current.id if current else None,
            "title": current.title if current else None,
            "progress": current.progress if current else None,
        }

    def lines(style: Style) -> Iterator[str]:
        yield _line(context, style, ready, current, questions)

    return Reply("statusline", data, lines)


def _nothing() -> Reply:
    return Reply("statusline", lambda: {"list": None}, lambda style: ())


def _line(context: Context, style: Style, ready: int, current: Task | None, questions: int) -> str:
    from gitledger.cli.style import Style, columns
    from gitledger.core.text import escape

    # Wherever it goes, it is cut: a prompt that wraps is no prompt any more.
    cut = Style(width=_WIDTH, unicode=style.unicode)
    between, arrow = (" · ", "▸") if style.unicode else (" | ", ">")
    parts = [f"{escape(context.ledger.list)} {arrow} {ready} ready"]
    if questions:
        parts.append(f"{questions} question{'s' if questions > 1 else ''}")
    if current:
        short = context.ledger.short(current.id)
        progress = "" if current.progress is None else f" {current.progress}%"
        taken = columns(between.join([*parts, f"{short} {progress}"]))
        title = cut.fit(escape(current.title), cut.left(taken))
        parts.insert(1, f"{short} {title}{progress}")
    return cut.fit(between.join(parts), _WIDTH)


COMMANDS = [
    Command(
        "statusline",
        statusline,
        """Show one short line for a prompt.

        What is ready, your task, open questions; nothing at all where there is no ledger.
        """,
        panel="Start",
        automatic=True,
    )
]
