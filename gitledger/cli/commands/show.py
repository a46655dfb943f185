"""`show`: everything on a task."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from gitledger.cli.answers import list_data, task_data
from gitledger.cli.commands.log import line as log_line
from gitledger.cli.context import Context
from gitledger.cli.detail import Detail
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command
from gitledger.cli.style import Style

_OPERATIONS = 5
"""How many of a task's operations `show` prints."""


def show(context: Context, *, names: list[str]) -> Reply:
    """Show tasks with all that belongs to them."""
    ledger = context.ledger
    every = {view.task.id: view for view in ledger.views()}
    chosen = [every[task_id] for task_id in dict.fromkeys(ledger.task(n).id for n in names)]

    def lines(style: Style) -> Iterator[str]:
        detail = Detail(every, ledger.graph(), ledger.short, style, context.now)
        for number, view in enumerate(chosen):
            yield from [""] if number else []
            yield from detail.lines(view)
            yield ""
            history = list(islice(ledger.log(view.task.id), _OPERATIONS + 1))
            yield from (log_line(entry, context, style) for entry in history[:_OPERATIONS])
            if len(history) > _OPERATIONS:
                yield style.paint(f"more: git ledger log {ledger.short(view.task.id)}", "dim")

    one = len(names) == 1
    return Reply(
        "task" if one else "task-list",
        lambda: (
            task_data(ledger.with_revisions(chosen)[0])
            if one
            else list_data(ledger.with_revisions(chosen))
        ),
        lines,
        paged=True,
    )


COMMANDS = [
    Command(
        "show",
        show,
        """Show everything on tasks.

        Fields, what it waits for and what waits for it, notes, and its last operations.
        """,
        [Argument("names", "Tasks, by id or unique prefix.", metavar="ID", many=True)],
        panel="Tasks",
    )
]
