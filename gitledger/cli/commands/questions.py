"""`ask`, `answer`, `inbox`: waiting for somebody, and the way out of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gitledger.cli.answers import act
from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command
from gitledger.cli.style import Style
from gitledger.core.inbox import Item
from gitledger.core.view import note_json

_ID = Argument("name", "The task, by id or unique prefix.", metavar="ID")
_PANEL = "Work"


def ask(context: Context, *, name: str, text: list[str]) -> Reply:
    """Put a question on a task, which then waits."""
    words = context.words(text)
    return act(context, "ask", [name], lambda verbs, name: verbs.ask(name, words), "asked on")


def answer(context: Context, *, name: str, text: list[str]) -> Reply:
    """Answer a task's question."""
    words = context.words(text)
    return act(context, "answer", [name], lambda verbs, name: verbs.answer(name, words), "answered")


def inbox(context: Context) -> Reply:
    """Show open questions, and what came back to this session."""
    found = context.ledger.inbox()
    groups = {"questions": found.questions, "replies": found.replies}

    def data() -> dict[str, Any]:
        return {name: [_json(message) for message in group] for name, group in groups.items()}

    def lines(style: Style) -> Iterator[str]:
        from gitledger.cli.detail import note_lines

        for name, group in groups.items():
            if group:
                yield style.paint(_HEADINGS[name], "bold")
            for message in group:
                yield f"  {style.paint(message.task.priority, 'dim')} {context.call(message.task)}"
                yield from (f"    {line}" for line in note_lines(message.note, style, context.now))

    empty = [] if found.questions or found.replies else ["nothing waits for you"]
    return Reply("inbox", data, lines, messages=empty)


_HEADINGS = {"questions": "open questions", "replies": "on your tasks"}


def _json(item: Item) -> dict[str, Any]:
    return {
        "task": item.task.id,
        "title": item.task.title,
        "priority": item.task.priority,
        "note": note_json(item.note),
    }


COMMANDS = [
    Command(
        "ask",
        ask,
        "Ask a question on a task; it waits until somebody answers.",
        [_ID, Argument("text", "The question; - reads standard input.", many=True)],
        panel=_PANEL,
    ),
    Command(
        "answer",
        answer,
        "Answer a task's question; the task goes back to its owner.",
        [_ID, Argument("text", "The answer; - reads standard input.", many=True)],
        panel=_PANEL,
    ),
    Command(
        "inbox",
        inbox,
        "Show open questions, and what came back on your tasks.",
        panel=_PANEL,
    ),
]
