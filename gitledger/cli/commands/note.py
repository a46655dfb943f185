"""`note`: a remark on a task."""

from __future__ import annotations

from gitledger.cli.answers import changed_tasks
from gitledger.cli.context import Context
from gitledger.cli.render import changed
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command


def note(context: Context, *, name: str, text: list[str]) -> Reply:
    """Add a note to a task."""
    task = context.ledger.note(name, context.words(text))
    return changed_tasks(
        context, [task], lambda style: changed("noted on", [task], context.ledger.short), one=True
    )


COMMANDS = [
    Command(
        "note",
        note,
        "Add a note to a task.",
        [
            Argument("name", "The task, by id or unique prefix.", metavar="ID"),
            Argument("text", "The note; - reads standard input.", many=True),
        ],
        panel="Tasks",
    )
]
