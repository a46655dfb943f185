"""`statusline`: where things stand, in one short line for a prompt."""

from __future__ import annotations

from gitledger.cli.reply import Reply
from gitledger.cli.spec import Command
from gitledger.errors import NoLedger, NoRepository, NoSuchList

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any, Final

    from gitledger.cli.context import Context
    from gitledger.cli.style import Style
    from gitledger.index.rows import Row

_WIDTH: Final = 80


def statusline(context: Context) -> Reply:
    """Show one line; none at all where there is no ledger, as prompts ask everywhere."""
    try:
        index = context.reader.index()
    except (NoRepository, NoLedger):
        return _nothing()
    except NoSuchList:
        if context.options.get("list"):
            raise
        return _nothing()
    from gitledger.core.criteria import READY, WAITING, work_of

    reader = context.reader
    ready, questions = index.count(READY), index.count(WAITING)
    mine = index.select(work_of(reader.session))
    current = min(
        mine, key=lambda row: (row.status != "in_progress", row.priority, row.id), default=None
    )

    def data() -> dict[str, Any]:
        return {
            "list": reader.list,
            "session": reader.session,
            "ready": ready,
            "questions": questions,
            "task": current.id if current else None,
            "title": current.keys()["title"] if current else None,
            "progress": current.keys()["progress"] if current else None,
        }

    def lines(style: Style) -> Iterator[str]:
        yield _line(context, style, ready, current, questions)

    return Reply("statusline", data, lines)


def _nothing() -> Reply:
    return Reply("statusline", lambda: {"list": None}, lambda style: ())


def _line(context: Context, style: Style, ready: int, current: Row | None, questions: int) -> str:
    from gitledger.cli.style import Style, columns
    from gitledger.core.text import escape

    # Wherever it goes, it is cut: a prompt that wraps is no prompt any more.
    cut = Style(width=_WIDTH, unicode=style.unicode)
    between, arrow = (" · ", "▸") if style.unicode else (" | ", ">")
    parts = [f"{escape(context.reader.list)} {arrow} {ready} ready"]
    if questions:
        parts.append(f"{questions} question{'s' if questions > 1 else ''}")
    if current:
        short = context.reader.short(current.id)
        keys = current.keys()
        progress = "" if keys["progress"] is None else f" {keys['progress']}%"
        taken = columns(between.join([*parts, f"{short} {progress}"]))
        title = cut.fit(escape(keys["title"]), cut.left(taken))
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
