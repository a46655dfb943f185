"""`note`: a remark on a task."""

from __future__ import annotations

from gitledger.cli.answers import act
from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command


def note(context: Context, *, name: str, text: list[str]) -> Reply:
    """Add a note to a task."""
    words = context.words(text)
    return act(context, "note", [name], lambda verbs, name: verbs.note(name, words), "noted on")


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
