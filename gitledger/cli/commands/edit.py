"""`edit`: what a task says, by options or in the editor."""

from __future__ import annotations

from gitledger.cli.answers import act
from gitledger.cli.context import Context
from gitledger.cli.fields import FIELDS, given_fields
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command, Option
from gitledger.core.task import Task
from gitledger.errors import EditRejected, InvalidInput, LedgerError
from gitledger.verbs import Verbs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

_SAY = "say what to change: git ledger edit ID -p P1 -l +x …"


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
    if review and no_review:
        raise InvalidInput("--review and --no-review contradict each other")
    values, messages = given_fields(context, fields)
    values |= {"add_labels": [word.removeprefix("+") for word in label if word[:1] != "-"]}
    values |= {"remove_labels": [word[1:] for word in label if word[:1] == "-"]}
    values |= {"add_blocked_by": [*blocked_by, *add_blocked_by]}
    values |= {"remove_blocked_by": remove_blocked_by}
    values = {name: value for name, value in values.items() if value != []}
    if review or no_review:
        values["review"] = review

    def do(verbs: Verbs, name: str) -> Task:
        return verbs.edit(name, **values) if values else _in_editor(context, name)

    if not values and len(set(names)) > 1:
        raise InvalidInput("the editor takes one task", hint=_SAY)
    return act(context, "edit", names, do, "edited", messages=messages)


def _in_editor(context: Context, name: str) -> Task:
    """Let the user edit the task's TOML.

    Raises:
        EditRejected: what came back is no valid task; the text is kept and its path named.
    """
    from gitledger.cli import terminal
    from gitledger.core import codec

    if context.options.get("no_input"):
        raise InvalidInput("nothing to change", hint=_SAY)
    task = context.ledger.task(name)
    before = context.ledger.snapshot().file(task.id) or b""
    path = _temporary(task, before)
    try:
        terminal.edit(context, path)
        after = path.read_bytes()
        if after != before:
            edited = codec.decode(after, task.id)
            task = context.ledger.rewrite(edited, after, before=task)
    except LedgerError as wrong:
        if path.read_bytes() != before:
            why = wrong.message + (f" ({wrong.hint})" if wrong.hint else "")
            raise EditRejected(
                f"the task is unchanged: {why}", hint=f"your text is kept in {path}"
            ) from None
        path.unlink()
        raise
    path.unlink()
    return task


def _temporary(task: Task, text: bytes) -> Path:
    import tempfile
    from pathlib import Path

    with tempfile.NamedTemporaryFile(prefix=f"{task.id}-", suffix=".toml", delete=False) as file:
        file.write(text)
    return Path(file.name)


COMMANDS = [
    Command(
        "edit",
        edit,
        """Change fields of tasks, or open one in your editor.

        Without options the editor gets the task's TOML. A value of `none` unsets a field. Every
        session may edit; the life of a task has commands of its own.
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
