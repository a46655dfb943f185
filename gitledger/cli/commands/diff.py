"""`diff`: what differs between two moments, in tasks."""

from __future__ import annotations

from gitledger.cli.differences import change_lines, task_line
from gitledger.cli.operations import moment_json, moment_words
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command
from gitledger.hindsight import differing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any

    from gitledger.cli.context import Context
    from gitledger.cli.style import Style
    from gitledger.differences import TaskDifference


def diff(context: Context, *, old: str, new: str | None) -> Reply:
    """Show the tasks that differ between two moments."""
    reader = context.reader
    before, after, found = differing(reader, old, new or "now")

    def lines(style: Style) -> Iterator[str]:
        yield f"from {moment_words(before, reader.short, style.indented(5))}"
        yield f"to   {moment_words(after, reader.short, style.indented(5))}"
        for each in found:
            yield task_line(each, reader.short, style)
            for line in change_lines(each, reader.short, style):
                yield f"  {line}".rstrip()

    def data() -> dict[str, Any]:
        return {
            "from": moment_json(before),
            "to": moment_json(after),
            "tasks": [each.json() for each in found],
        }

    return Reply("diff", data, lines, messages=[_summary(found)], paged=True)


def _summary(found: Sequence[TaskDifference]) -> str:
    if not found:
        return "no task differs"
    words = [each.what for each in found]
    counts = (f"{words.count(word)} {word}" for word in dict.fromkeys(words))
    return f"{len(found)} task{'s' if len(found) > 1 else ''}: {', '.join(counts)}"


COMMANDS = [
    Command(
        "diff",
        diff,
        """Show which tasks differ between two moments, and in what.

        A moment is a time (yesterday, "2 hours ago", 2026-03-01), ID~1 (before the last operation
        on that task), now~3 (three operations ago), a commit, a remote (what it had when it was
        last fetched or pushed), list:NAME (another list), or now.
        """,
        [
            Argument("old", "The moment before.", metavar="A"),
            Argument("new", "The moment after; without it now.", metavar="B", required=False),
        ],
        panel="History and sharing",
    )
]
