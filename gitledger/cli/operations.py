"""Operations as people and programs see them: one line each, and JSON. All text is escaped here."""

from __future__ import annotations

from gitledger.cli.style import Style, columns
from gitledger.core.text import escape
from gitledger.core.view import rfc3339

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from gitledger.history import LogEntry
    from gitledger.moment import Moment


def operation_line(entry: LogEntry, short: Callable[[str], str], style: Style) -> str:
    """Return an operation as one line: commit, time, session, what it did to which task."""
    at = entry.at.astimezone().strftime("%Y-%m-%d %H:%M")
    who = escape(entry.operation.session or entry.author.partition(" <")[0])
    tasks = entry.operation.tasks
    before = f"{style.paint(entry.commit[:8], 'dim')} {at} {style.paint(who, 'yellow')} "
    taken = columns(f"{entry.commit[:8]} {at} {who} ")
    to = f" {style.arrow} {escape(entry.to)}" if entry.to else ""
    if len(tasks) != 1:
        return before + style.fit(escape(entry.subject) + to, style.left(taken))
    did, task = escape(entry.operation.name) + to, escape(short(tasks[0]))
    title = style.fit(escape(entry.operation.title), style.left(taken + columns(f"{did} {task} ")))
    return f"{before}{did} {style.paint(task, 'cyan')} {title}"


def operation_json(entry: LogEntry) -> dict[str, Any]:
    """Return an operation as JSON has it."""
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


def moment_words(moment: Moment, short: Callable[[str], str], style: Style) -> str:
    """Return the time that was asked for, if one was, and the operation that was the last then."""
    if moment.time is None:
        return operation_line(moment.entry, short, style)
    time = moment.time.astimezone().strftime("%Y-%m-%d %H:%M")
    asked = "now" if moment.word.lower() == "now" else time
    return f"{asked}: {operation_line(moment.entry, short, style.indented(columns(asked) + 2))}"


def moment_json(moment: Moment) -> dict[str, Any]:
    """Return a moment as JSON has it: the time that was asked for, or null, and the operation."""
    entry = moment.entry
    return {
        "word": moment.word,
        "list": moment.list,
        "time": moment.time and rfc3339(moment.time),
        "commit": moment.commit,
        "at": rfc3339(entry.at),
        "op": entry.operation.name,
        "subject": entry.subject,
    }
