"""`next`: the task to do next."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from gitledger.cli.answers import changed, changed_tasks, task_data
from gitledger.cli.context import Context
from gitledger.cli.nearest import nearest
from gitledger.cli.reply import Reply
from gitledger.cli.sharing import SYNC, claims_are_confirmed, confirm
from gitledger.cli.spec import Command, Option
from gitledger.core.derive import roles
from gitledger.core.task import Task
from gitledger.errors import InvalidInput, Lost

if TYPE_CHECKING:
    from gitledger.cli.style import Style


def next_(context: Context, *, claim: bool, role: str | None, sync: bool) -> Reply:
    """Show the task to do next, or take it."""
    ledger = context.ledger
    if role:
        _check_role(role, ledger.tasks())
    if sync and not claim:
        raise InvalidInput("--sync goes with --claim", hint="git ledger next --claim --sync")
    if claim:
        task = _claimed(context, role, sync=sync)
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


def _claimed(context: Context, role: str | None, *, sync: bool) -> Task:
    """Claim the next task; where claims are confirmed, go on to the next until one stands."""
    claims_are_confirmed(context, asked=sync)
    while True:
        task = context.ledger.claim_next(role=role)
        try:
            confirm(context, [task], asked=sync)
        except Lost:
            continue
        return task


def _check_role(role: str, tasks: Iterable[Task]) -> None:
    """Raise InvalidInput for a role that nobody has ever heard of: it would match nothing."""
    known = roles(tasks)
    if role not in known:
        near = nearest(role, known)
        hint = f"did you mean '{near}'?" if near else f"known: {', '.join(known)}"
        raise InvalidInput(f"no task is for the role '{role}'", hint=hint)


COMMANDS = [
    Command(
        "next",
        next_,
        """Show the task to do next, or take it with --claim.

        First what is handed to you, then by priority, due date, how much it unblocks, and age.
        """,
        [
            Option("--claim", help="Take it, in the same operation."),
            SYNC,
            Option("--role", metavar="ROLE", help="Pass over tasks for another role."),
        ],
        panel="Work",
    )
]
