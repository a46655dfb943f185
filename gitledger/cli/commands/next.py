"""`next`: the task to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gitledger.cli.answers import changed, changed_tasks, task_data
from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Command, Option

if TYPE_CHECKING:
    from gitledger.cli.style import Style


def next_(context: Context, *, claim: bool, role: str | None) -> Reply:
    """Show the task to do next, or take it."""
    ledger = context.ledger
    if claim:
        task = ledger.claim_next(role=role)
        return changed_tasks(
            context, [task], lambda style: [changed("claimed", task, ledger.short)]
        )
    view = ledger.view(ledger.next(role=role).id)

    def lines(style: Style) -> list[str]:
        from gitledger.cli.rows import rows

        return rows([view], ledger.short, style)

    return Reply(
        "task",
        lambda: task_data(view),
        lines,
        hint=f"take it: git ledger start {ledger.short(view.task.id)}",
    )


COMMANDS = [
    Command(
        "next",
        next_,
        """Show the task to do next, or take it with --claim.

        First what is handed to you, then by priority, due date, how much it unblocks, and age.
        """,
        [
            Option("--claim", help="Take it, in the same operation."),
            Option("--role", metavar="ROLE", help="Pass over tasks for another role."),
        ],
        panel="Work",
    )
]
