"""`blame`: who set each field of a task, and each line of its description."""

from __future__ import annotations

from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command
from gitledger.cli.style import columns, pad
from gitledger.core.text import escape
from gitledger.core.view import rfc3339
from gitledger.hindsight import blame as find
from gitledger.history import entry_of_row

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gitledger.blame import Blamed
    from gitledger.cli.context import Context
    from gitledger.cli.style import Style


def blame(context: Context, *, name: str) -> Reply:
    """Show who set what of a task, when, in which operation."""
    reader = context.reader
    task, found = find(reader, name)

    def lines(style: Style) -> Iterator[str]:
        yield f"{style.paint(task.id, 'cyan')}  {style.paint(escape(task.title), 'bold')}"
        heads = [_head(each) for each in found]
        width = max(map(columns, heads))
        for each, head in zip(found, heads, strict=True):
            left = style.left(width + 2)
            said = style.fit(_words(each, reader.short), left)
            yield f"{style.paint(pad(head, width), 'dim')}  {said}".rstrip()

    return Reply(
        "blame",
        lambda: {"id": task.id, "title": task.title, "fields": [_json(each) for each in found]},
        lines,
        paged=True,
    )


def _head(each: Blamed) -> str:
    entry = entry_of_row(each.row)
    at = entry.at.astimezone().strftime("%Y-%m-%d %H:%M")
    who = escape(entry.operation.session or entry.author.partition(" <")[0])
    return f"{entry.commit[:8]} {at} {who} {escape(entry.operation.name)}"


def _words(each: Blamed, short: Any) -> str:
    from gitledger.core.changes import value_words

    if each.line is not None:
        return f"{each.line}: {escape(each.value.expandtabs(4))}"
    return value_words(each.field, each.value, short=short)[0]


def _json(each: Blamed) -> dict[str, Any]:
    from gitledger.core.changes import value_json

    entry = entry_of_row(each.row)
    return {
        "field": each.field,
        "line": each.line,
        "value": value_json(each.value),
        "commit": entry.commit,
        "at": rfc3339(entry.at),
        "author": entry.author,
        "op": entry.operation.name,
        "session": entry.operation.session or None,
        "agent": entry.operation.agent,
    }


COMMANDS = [
    Command(
        "blame",
        blame,
        """Show who set each field of a task, when, in which operation.

        Each label, each task that it waits for, each note and each line of the description has
        its own. Times that follow from operations are left out.
        """,
        [Argument("name", "A task, by id or unique prefix.", metavar="ID")],
        panel="History and sharing",
    )
]
