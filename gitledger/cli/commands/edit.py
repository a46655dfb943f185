"""`edit`: what a task says, by options or in the editor."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from gitledger.cli.answers import changed_tasks, each
from gitledger.cli.context import Context
from gitledger.cli.fields import FIELDS, given_fields
from gitledger.cli.render import changed
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command, Option
from gitledger.core.task import Task
from gitledger.errors import EditRejected, InvalidInput, LedgerError


def edit(
    context: Context,
    *,
    names: list[str],
    label: list[str],
    blocked_by: list[str],
    add_blocked_by: list[str],
    remove_blocked_by: list[str],
    review: bool,
    no_review: bool,
    **fields: Any,
) -> Reply:
    """Change fields of tasks, or open one in the editor."""
    values, messages = given_fields(context, fields)
    values |= {"add_labels": [word.removeprefix("+") for word in label if word[:1] != "-"]}
    values |= {"remove_labels": [word[1:] for word in label if word[:1] == "-"]}
    values |= {"add_blocked_by": [*blocked_by, *add_blocked_by]}
    values |= {"remove_blocked_by": remove_blocked_by}
    values = {name: value for name, value in values.items() if value != []}
    if review or no_review:
        values["review"] = review
    if values:
        tasks = each(context, "edit", names, lambda verbs, name: verbs.edit(name, **values))
    elif len(names) == 1:
        tasks = [_in_editor(context, context.ledger.task(names[0]))]
    else:
        raise InvalidInput("the editor takes one task", hint="say what to change: -p P1, -l +x, …")
    return changed_tasks(
        context,
        tasks,
        lambda style: changed("edited", tasks, context.ledger.short),
        one=len(names) == 1,
        messages=messages,
    )


def _in_editor(context: Context, task: Task) -> Task:
    """Let the user edit the task's TOML.

    Raises:
        EditRejected: what came back is no valid task; the text is kept and its path named.
    """
    from gitledger.cli import terminal
    from gitledger.core import codec

    if context.options.get("no_input"):
        raise InvalidInput("nothing to change", hint="say what to change: -p P1, -l +x, …")
    before = context.ledger.snapshot().file(task.id) or b""
    with tempfile.NamedTemporaryFile(prefix=f"{task.id}-", suffix=".toml", delete=False) as file:
        file.write(before)
    path = Path(file.name)
    terminal.edit(context, path)
    after = path.read_bytes()
    try:
        if after != before:
            task = context.ledger.rewrite(codec.decode(after, task.id), after)
    except LedgerError as wrong:
        raise EditRejected(
            f"the task is unchanged: {wrong.message}",
            hint=f"your text is kept in {path}",
        ) from None
    path.unlink()
    return task


COMMANDS = [
    Command(
        "edit",
        edit,
        """Change fields of tasks; without options, open the task in your editor.

        A value of `none` unsets a field. Every session may edit; the life of a task has commands
        of its own.
        """,
        [
            Argument("names", "Tasks, by id or unique prefix.", metavar="ID", many=True),
            Option("--title", metavar="TITLE", help="One line."),
            *FIELDS,
            Option("--label", "-l", metavar="±L", many=True, help="+x adds the label, -x removes."),
            Option("--blocked-by", "-b", metavar="ID", many=True, help="As --add-blocked-by."),
            Option("--add-blocked-by", metavar="ID", many=True, help="Wait for this task."),
            Option("--remove-blocked-by", metavar="ID", many=True, help="Wait for it no longer."),
            Option("--review", help="Completion needs another session's approval."),
            Option("--no-review", help="It does not."),
        ],
        panel="Tasks",
    )
]
