"""`wait`: until tasks are so far."""

from __future__ import annotations

from gitledger.cli.answers import list_data, task_data
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command, Option
from gitledger.errors import TimedOut

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from gitledger.cli.context import Context
    from gitledger.cli.style import Style


def wait(
    context: Context, *, names: list[str], state: str | None, any_of: bool, timeout: str | None
) -> Reply:
    """Wait until tasks are so far."""
    from gitledger.core.dates import parse_duration

    ledger, wanted = context.ledger, state or "completed"
    seconds = parse_duration(timeout).total_seconds() if timeout else None
    try:
        tasks = ledger.wait(*names, state=wanted, any_of=any_of, timeout=seconds)
    except TimedOut as late:
        late.message = f"{late.message} after {timeout}"
        raise
    views = ledger.views([task.id for task in tasks])

    def data() -> dict[str, Any]:
        found = ledger.with_revisions(views)
        return task_data(found[0]) if len(names) == 1 else list_data(found)

    def lines(style: Style) -> Iterable[str]:
        from gitledger.cli.rows import rows

        return rows(views, ledger.short, style)

    return Reply("task" if len(names) == 1 else "task-list", data, lines)


COMMANDS = [
    Command(
        "wait",
        wait,
        """Wait until tasks are completed, or so far as --for says; at once where they are.

        States are the statuses, `finished` (completed or cancelled), `ready` (can be done now)
        and `claimed`. Exits with 3 when the time is over, with 4 as soon as a task cannot come
        to that any more: it was cancelled, say, and was to be completed.
        """,
        [
            Argument("names", "Tasks, by id or unique prefix.", metavar="ID", many=True),
            Option("--for", metavar="STATE", name="state", help="Instead of completed."),
            Option("--any", name="any_of", help="One of the tasks suffices; shows those."),
            Option(
                "--timeout", metavar="TIME", help="Wait so long at most: 90s, 30m; exit code 3."
            ),
        ],
        panel="History and sharing",
        long=True,
    )
]
