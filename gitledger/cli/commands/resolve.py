"""`resolve`: what a merge has left open."""

from __future__ import annotations

from gitledger.cli.answers import act
from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command, Option


def resolve(context: Context, *, name: str, take: int | None) -> Reply:
    """Settle the conflicts of a task."""
    return act(
        context, "resolve", [name], lambda verbs, name: verbs.resolve(name, take=take), "resolved"
    )


COMMANDS = [
    Command(
        "resolve",
        resolve,
        """Settle the conflicts that a sync has left on a task.

        Without an option the values that were kept stay, and all conflicts count as seen. `show`
        numbers the open ones; `list is:conflicted` finds tasks that have some.
        """,
        [
            Argument("name", "The task, by id or unique prefix.", metavar="ID"),
            Option(
                "--take",
                metavar="N",
                number=True,
                help="Put back the value that was set aside in conflict N, and settle that one.",
            ),
        ],
        panel="Work",
    )
]
