"""`show`: everything on a task."""

from __future__ import annotations

from itertools import islice

from gitledger.cli.answers import list_data, task_data
from gitledger.cli.commands.log import line as log_line
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command
from gitledger.core.criteria import Among

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from gitledger.cli.context import Context
    from gitledger.cli.style import Style
    from gitledger.core.view import TaskView

_OPERATIONS = 5
"""How many of a task's operations `show` prints."""


def show(context: Context, *, names: list[str]) -> Reply:
    """Show tasks with all that belongs to them."""
    ledger = context.reader
    ids = list(dict.fromkeys(ledger.task_id(name) for name in names))
    chosen = ledger.views(ids)

    def lines(style: Style) -> Iterator[str]:
        from gitledger.cli.detail import Detail

        detail = Detail(look, children, ledger.short, style, context.now)
        for number, view in enumerate(chosen):
            yield from [""] if number else []
            yield from detail.lines(view)
            yield ""
            history = list(islice(ledger.log(view.task.id), _OPERATIONS + 1))
            yield from (log_line(entry, context, style) for entry in history[:_OPERATIONS])
            if len(history) > _OPERATIONS:
                yield style.paint(f"more: git ledger log {ledger.short(view.task.id)}", "dim")

    def look(ids: Iterable[str]) -> dict[str, TaskView]:
        return {view.id: view for view in ledger.views(ids)}

    def children(task_id: str) -> list[str]:
        return [row.id for row in ledger.index().select(Among("parent", (task_id,)))]

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
