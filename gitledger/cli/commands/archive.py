"""`archive`: finished tasks are put away."""

from __future__ import annotations

from gitledger.cli.answers import changed, changed_tasks
from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Command, Option
from gitledger.cli.style import Style

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_NAMED = 10
"""Tasks that are named, each on a line; of more it is said how many."""


def archive(context: Context, *, completed_before: str | None) -> Reply:
    """Put finished tasks away."""
    before, messages = None, []
    if completed_before is not None:
        from gitledger.core.dates import describe_date, parse_moment

        before = parse_moment(completed_before, context.now)
        messages = [f"finished before {describe_date(before, context.now)}"]
    tasks = context.ledger.archive(before)

    def lines(style: Style) -> Iterator[str]:
        for task in tasks[:_NAMED]:
            yield changed("archived", task, context.ledger.short)
        if len(tasks) > _NAMED:
            yield f"and {len(tasks) - _NAMED} more"

    return changed_tasks(
        context,
        tasks,
        lines,
        one=False,
        messages=messages if tasks else [*messages, "nothing to archive"],
        hint="see them: git ledger list --archived" if tasks else None,
    )


COMMANDS = [
    Command(
        "archive",
        archive,
        """Put finished tasks away; any change brings one back.

        Without an option all that are completed or cancelled. A task stays while one of its
        sub-tasks stays. What is archived is found by show, log and list --archived.
        """,
        [
            Option(
                "--completed-before",
                metavar="WHEN",
                help="Only what was finished before this day or moment, as '30 days ago'.",
            )
        ],
        panel="Tasks",
    )
]
