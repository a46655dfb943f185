"""`add`: one task from words, or many from a plan."""

from __future__ import annotations

from gitledger.cli.answers import changed, changed_tasks
from gitledger.cli.context import STANDARD_INPUT, Context
from gitledger.cli.fields import FIELDS, given_fields, parse_due
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command, Option
from gitledger.cli.style import Style
from gitledger.core.text import escape
from gitledger.errors import InvalidInput, TaskBlocked

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any


def add(
    context: Context,
    *,
    title: list[str],
    file: str | None,
    claim: bool,
    blocked_by: list[str],
    label: list[str],
    review: bool,
    **fields: Any,
) -> Reply:
    """Make one task, or those of a plan."""
    if file is not None:
        alone = not (title or claim or blocked_by or label or review)
        if not alone or any(value is not None for value in fields.values()):
            raise InvalidInput("--file stands alone: its tasks say all of themselves")
        return _import(context, file)
    if not title:
        raise InvalidInput("missing TITLE", hint='git ledger add "Write the docs"')
    values, messages = given_fields(context, fields)
    values |= {"blocked_by": blocked_by, "labels": label, "review": review}
    try:
        task = context.ledger.add(" ".join(title), claim=claim, **values)
    except TaskBlocked as wrong:
        wrong.hint = "add it without --claim"
        raise
    return changed_tasks(
        context,
        [task],
        lambda style: [changed("added", task, context.ledger.short)],
        messages=messages,
    )


def _import(context: Context, file: str) -> Reply:
    from gitledger.core.plan import parse_plan

    name = "-" if file == "-" else context.plan_name(file)
    shown = STANDARD_INPUT if file == "-" else file
    plan = parse_plan(context.read_text(file), shown)
    done = context.ledger.import_plan(
        plan, name=name, parse_due=lambda text: parse_due(context, text)
    )
    created, updated = set(done.created), set(done.updated)

    def lines(style: Style) -> Iterator[str]:
        for task in done.tasks:
            verb = "added" if task.id in created else "updated"
            if task.id in created or task.id in updated:
                yield changed(verb, task, context.ledger.short)
        same = len(done.tasks) - len(created) - len(updated)
        yield f"{escape(shown)}: {len(created)} added, {len(updated)} updated, {same} unchanged"

    warnings = [
        f"no longer in {escape(shown)}, left as it is: {context.call(task)}" for task in done.gone
    ]
    return changed_tasks(context, done.tasks, lines, one=False, warnings=warnings)


COMMANDS = [
    Command(
        "add",
        add,
        """Make a task, or with --file many at once.

        A plan is a Markdown check list (nesting makes sub-tasks; marks such as [P1], #label and
        [blockedBy: 1, 3] are understood), TOML or JSON. Importing it again updates its tasks.
        """,
        [
            Argument("title", "What is to be done, in one line.", many=True, required=False),
            *FIELDS,
            Option("--label", "-l", metavar="LABEL", many=True, help="A label; may be repeated."),
            Option(
                "--blocked-by",
                "-b",
                metavar="ID",
                many=True,
                help="A task to wait for; may be repeated.",
            ),
            Option("--review", help="Completion needs another session's approval."),
            Option("--claim", help="Own it at once."),
            Option("--file", metavar="FILE", help="Import a plan; - reads standard input."),
        ],
        panel="Tasks",
    )
]
