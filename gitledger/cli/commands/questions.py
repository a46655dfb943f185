"""`ask`, `answer`, `inbox`: waiting for somebody, and the way out of it."""

from __future__ import annotations

from gitledger.cli.answers import act
from gitledger.cli.commands.tell import as_json as message_json
from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.sharing import share
from gitledger.cli.spec import Argument, Command, Option
from gitledger.core.text import escape, escape_lines
from gitledger.core.view import note_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from gitledger.cli.style import Style
    from gitledger.core.inbox import Item
    from gitledger.core.message import Message

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


def inbox(context: Context, *, read: bool) -> Reply:
    """Show what waits for this session, and mark what it was told as read."""
    ledger = context.ledger
    messages: Sequence[Message] = ()
    if read:
        messages = ledger.read_inbox()
        if messages:
            share(context)
    found = ledger.inbox()
    # What came in behind the marking is not marked, and is shown as unread next time.
    messages = messages if read else found.messages
    groups = {
        "handoffs": found.handoffs,
        "replies": found.replies,
        "questions": found.questions,
    }

    def data() -> dict[str, Any]:
        return {
            "questions": [*map(_json, found.questions)],
            "replies": [*map(_json, found.replies)],
            "handoffs": [*map(_json, found.handoffs)],
            "messages": [*map(message_json, messages)],
        }

    def lines(style: Style) -> Iterator[str]:
        if messages:
            yield style.paint("messages", "bold")
        for message in messages:
            yield from (f"  {line}" for line in _message_lines(message, style, context))
        for name, group in groups.items():
            if group:
                yield style.paint(_HEADINGS[name], "bold")
            for item in group:
                yield from (f"  {line}" for line in _item_lines(item, style, context))

    empty = [] if messages or any(groups.values()) else ["nothing waits for you"]
    hint = None
    if found.handoffs:
        short = ledger.short(found.handoffs[0].task.id)
        hint = f"take it on: git ledger accept {short}; or: git ledger decline {short} -m TEXT"
    elif messages and not read:
        hint = "mark the messages as read: git ledger inbox --read"
    return Reply("inbox", data, lines, messages=empty, hint=hint)


_HEADINGS = {
    "handoffs": "handed to you",
    "replies": "on your tasks",
    "questions": "open questions",
}


def _item_lines(item: Item, style: Style, context: Context) -> Iterator[str]:
    from gitledger.cli.detail import note_lines

    task, note = item.task, item.note
    yield f"{style.paint(task.priority, 'dim')} {context.call(task)}"
    yield from (f"  {line}" for line in note_lines(note, task, style, context.now))
    if note.kind == "handoff":
        # What the next one needs to go on: where the work is.
        branch = _branch(item, context)
        where = [f"branch {escape(branch)}"] if branch else []
        where += [f"commits {' '.join(escape(c[:12]) for c in task.commits)}"] * bool(task.commits)
        yield from (f"  {line}" for line in where)


def _branch(item: Item, context: Context) -> str | None:
    """Return where the work is: the task's branch, else that of who began it and handed it off."""
    if item.task.branch or item.note.status == "pending":
        return item.task.branch
    sender = context.ledger.snapshot().session(item.note.by)
    return sender.branch if sender else None


def _message_lines(message: Message, style: Style, context: Context) -> Iterator[str]:
    from gitledger.core.dates import relative

    to = "" if message.to == context.ledger.session else f" to {escape(message.to)}"
    head = f"by {escape(message.by)}{to}, {relative(message.at, context.now)}"
    yield style.paint(head, "dim")
    yield from (f"  {line}" for line in escape_lines(message.text.rstrip()))


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
        """Show what waits for you.

        Messages, handoffs, replies to what you did, and the open questions of all. A handoff
        stands there until you begin, a reply until you do something on the task, a question until
        somebody answers it, a message until you mark it as read.
        """,
        [Option("--read", help="Mark the messages as read.")],
        panel=_PANEL,
    ),
]
