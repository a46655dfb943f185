"""`log`: the operations, newest first."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command, Option
from gitledger.cli.style import Style, columns
from gitledger.core.text import escape
from gitledger.core.view import rfc3339
from gitledger.history import LogEntry


def log(context: Context, *, name: str | None, limit: int | None) -> Reply:
    """Show the operations, or those on one task."""
    entries = islice(context.ledger.log(name), limit)

    def lines(style: Style) -> Iterator[str]:
        return (line(entry, context, style) for entry in entries)

    return Reply(
        "log", lambda: {"operations": [_json(entry) for entry in entries]}, lines, paged=True
    )


def line(entry: LogEntry, context: Context, style: Style) -> str:
    """Return an operation as one line: commit, time, session, what it did to which task."""
    at = entry.at.astimezone().strftime("%Y-%m-%d %H:%M")
    who = escape(entry.operation.session or entry.author.partition(" <")[0])
    tasks = entry.operation.tasks
    before = f"{style.paint(entry.commit[:8], 'dim')} {at} {style.paint(who, 'yellow')} "
    taken = columns(f"{entry.commit[:8]} {at} {who} ")
    to = f" {style.arrow} {escape(entry.to)}" if entry.to else ""
    if len(tasks) != 1:
        return before + style.fit(escape(entry.subject) + to, style.left(taken))
    did, short = escape(entry.operation.name) + to, escape(context.ledger.short(tasks[0]))
    title = style.fit(escape(entry.operation.title), style.left(taken + columns(f"{did} {short} ")))
    return f"{before}{did} {style.paint(short, 'cyan')} {title}"


def _json(entry: LogEntry) -> dict[str, Any]:
    return {
        "commit": entry.commit,
        "at": rfc3339(entry.at),
        "author": entry.author,
        "op": entry.operation.name,
        "tasks": list(entry.operation.tasks),
        "session": entry.operation.session or None,
        "agent": entry.operation.agent,
        "to": entry.to,
        "subject": entry.subject,
    }


COMMANDS = [
    Command(
        "log",
        log,
        "Show the operations, newest first; with an ID those on one task.",
        [
            Argument("name", "A task, by id or unique prefix.", metavar="ID", required=False),
            Option("--limit", "-n", metavar="N", number=True, help="At most so many."),
        ],
        panel="History and sharing",
    )
]
