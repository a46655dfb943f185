"""`show`: everything on a task."""

from __future__ import annotations

from itertools import islice

from gitledger.cli.answers import as_of, as_of_lines, list_data, task_data
from gitledger.cli.operations import operation_line
from gitledger.cli.reply import Reply
from gitledger.cli.spec import AT, Argument, Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from gitledger.cli.context import Context
    from gitledger.cli.style import Style
    from gitledger.core.view import TaskView

_OPERATIONS = 5
"""How many of a task's operations `show` prints."""


def show(context: Context, *, names: list[str], at: str | None) -> Reply:
    """Show tasks with all that belongs to them."""
    ledger = context.reader if at is None else context.look_back(at)
    ids = list(dict.fromkeys(ledger.task_id(name) for name in names))
    chosen = ledger.views(ids)

    def lines(style: Style) -> Iterator[str]:
        from gitledger.cli.detail import Detail

        detail = Detail(look, ledger.children, ledger.short, style, context.now)
        yield from as_of_lines(context, style)
        for number, view in enumerate(chosen):
            yield from [""] if number or at is not None else []
            yield from detail.lines(view)
            yield ""
            history = list(islice(ledger.log(view.task.id), _OPERATIONS + 1))
            for entry in history[:_OPERATIONS]:
                yield operation_line(entry, ledger.short, style)
            if len(history) > _OPERATIONS:
                yield style.paint(f"more: git ledger log {ledger.short(view.task.id)}", "dim")

    def look(ids: Iterable[str]) -> dict[str, TaskView]:
        return {view.id: view for view in ledger.views(ids)}

    def data() -> dict[str, Any]:
        views = ledger.with_revisions(chosen)
        return (task_data(views[0]) if one else list_data(views)) | as_of(context)

    one = len(names) == 1
    return Reply(
        "task" if one else "task-list",
        data,
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
        [
            Argument("names", "Tasks, by id or unique prefix.", metavar="ID", many=True),
            AT,
        ],
        panel="Tasks",
    )
]
