"""`undo`, `redo`: operations, taken back by their inverse."""

from __future__ import annotations

from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command, Option
from gitledger.cli.style import Style
from gitledger.core.changes import Change, change_json, change_words, changes, told
from gitledger.core.text import escape
from gitledger.core.view import plain, task_json
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import Any

    from gitledger.core.conflict import Conflict
    from gitledger.core.effect import Effect, Undone
    from gitledger.core.task import Task

_USAGE = "usage: git ledger undo [OP...], or --last N, or --since WHEN"
_SHOWN = 60
"""Characters of a value that people are shown."""


def undo(
    context: Context,
    *,
    operations: list[str],
    last: int | None,
    by: str | None,
    since: str | None,
    force: bool,
    dry_run: bool,
) -> Reply:
    """Take operations back."""
    if bool(operations) + (last is not None) + (since is not None) > 1:
        raise InvalidInput("operations are named, or counted, or those since a time", hint=_USAGE)
    if operations and by:
        raise InvalidInput("--by goes with --last or --since", hint=_USAGE)
    if last == 0:
        raise InvalidInput("--last counts from 1", hint=_USAGE)
    if by and last is None and since is None:
        raise InvalidInput("how much is to be undone?", hint="add --last N, or --since WHEN")
    how = {"force": force, "dry_run": dry_run}
    ledger, messages = context.ledger, list[str]()
    by = ledger.session if by == "me" else by
    if since is not None:
        from gitledger.core.dates import describe_date, parse_moment

        moment = parse_moment(since, context.now)
        undone = ledger.undo_since(moment, by=by, **how)
        messages = [f"since {describe_date(moment, context.now)}"]
    elif operations:
        undone = ledger.undo(*operations, **how)
    else:
        undone = ledger.undo_last(last or 1, by=by, **how)
    hint = None if dry_run else "take it back: git ledger redo"
    if undone.empty:  # and so the last operation stays the last one
        further = f"go further back: git ledger undo --last {(last or 1) + 1}"
        hint = None if operations or since is not None else further
    return _reply(context, undone, "undid", "undo", dry_run=dry_run, messages=messages, hint=hint)


def redo(context: Context, *, last: int | None, force: bool, dry_run: bool) -> Reply:
    """Take the last undo back."""
    if last == 0:
        raise InvalidInput("--last counts from 1")
    undone = context.ledger.redo(last or 1, force=force, dry_run=dry_run)
    return _reply(context, undone, "took back", "take back", dry_run=dry_run)


def _reply(
    context: Context,
    undone: Undone,
    did: str,
    does: str,
    *,
    dry_run: bool,
    messages: Sequence[str] = (),
    hint: str | None = None,
) -> Reply:
    if not dry_run and not undone.empty:
        from gitledger.cli.sharing import share

        share(context)

    def data() -> dict[str, Any]:
        there = [new.id for _, new in undone.tasks if new]
        views = [] if dry_run else context.ledger.views(there, revisions=True)
        return {
            "dry_run": dry_run,
            "operations": [_operation_json(effect) for effect in undone.effects],
            "changes": [_changes_json(*pair) for pair in undone.tasks],
            "sessions": list(undone.sessions),
            "messages": list(undone.messages),
            "left": [_left_json(conflict) for conflict in undone.left],
            "tasks": [task_json(view) for view in views],
        }

    def lines(style: Style) -> Iterator[str]:
        word = f"would {does}" if dry_run else did
        if undone.empty:
            word = f"nothing to {does} in"
        for effect in undone.effects:
            yield style.fit(f"{word} {_called(context, effect)}", style.left(0))
        moved = dict(undone.moved)
        for old, new in undone.tasks:
            yield from _task_lines(context, old, new, moved, style)
        for name in undone.sessions:
            yield f"  session {escape(name)}"
        for message_id in undone.messages:
            yield f"  message {escape(message_id)}"
        for conflict in undone.left:
            yield f"{style.paint('left', 'yellow')}: {_left_line(context, conflict)}"

    nothing = ["nothing changes: it is as it was before, or has changed since"]
    return Reply(
        "undo",
        data,
        lines,
        messages=[*messages, *(nothing if undone.empty else ())],
        hint=hint,
        paged=dry_run,
    )


def _called(context: Context, effect: Effect) -> str:
    """Return how people read an operation: `67688a38 builder start k8rn Write the schema`."""
    operation = effect.operation
    who = f"{operation.session} " if operation.session else ""
    said = effect.subject
    if len(operation.tasks) == 1:
        said = f"{operation.name} {context.ledger.short(operation.tasks[0])} {operation.title}"
    return f"{effect.commit[:8]} {escape(who + said)}"


def _task_lines(
    context: Context, old: Task | None, new: Task | None, moved: Mapping[str, bool], style: Style
) -> Iterator[str]:
    short = context.ledger.short
    task = new or old
    assert task is not None, "a task is there before or after"
    called = f"  {style.paint(escape(short(task.id)), 'cyan')} {escape(task.title)}"
    if old is None or new is None:
        yield f"{called}: {'removed' if new is None else 'there again'}"
        return
    yield called
    found = told(changes(old, new))
    for change in found:
        for line in change_words(change, short=short, arrow=style.arrow):
            yield f"    {line}"
    if task.id in moved:
        yield f"    {'into' if moved[task.id] else 'out of'} the archive"
    elif not found:
        yield "    as it was before"


def _left_line(context: Context, conflict: Conflict) -> str:
    """Return what stays and why: `k8rn title: changed since, stays "DB", was "Schema"`."""
    what, field = escape(context.ledger.short(conflict.task)), escape(conflict.field)
    if field == "task":
        if conflict.kept is None:
            return f"{what}: it is gone since"
        if conflict.dropped is None or conflict.kept == conflict.task:
            return f"{what}: somebody has worked on it since, it stays"
        return (
            f"{what}: it was imported anew since, as {escape(context.ledger.short(conflict.kept))}"
        )
    if field in ("session", "message", "file"):
        return f"{field} {what}: it has changed since, or is in use, and stays"
    kept, dropped = _value(context, conflict.kept), _value(context, conflict.dropped)
    return f"{what} {field}: changed since, stays {kept} (was {dropped})"


def _value(context: Context, value: Any) -> str:
    if value is None or value == ():
        return "none"
    if isinstance(value, tuple):
        return " ".join(_value(context, each) for each in value)
    text = " ".join(str(plain(value)).split())
    text = escape(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…")
    return f'"{text}"' if isinstance(value, str) else text


def _operation_json(effect: Effect) -> dict[str, Any]:
    operation = effect.operation
    return {
        "commit": effect.commit,
        "op": operation.name,
        "tasks": list(operation.tasks),
        "session": operation.session or None,
        "subject": effect.subject,
    }


def _changes_json(old: Task | None, new: Task | None) -> dict[str, Any]:
    task = new or old
    found: tuple[Change, ...] = changes(old, new) if old and new else ()
    return {
        "task": task and task.id,
        "change": "changed" if old and new else "removed" if old else "restored",
        "fields": [change_json(change) for change in told(found)],
    }


def _left_json(conflict: Conflict) -> dict[str, Any]:
    return {
        "task": conflict.task,
        "field": conflict.field,
        "kept": plain(conflict.kept),
        "dropped": plain(conflict.dropped),
    }


_FORCE = Option("--force", help="Do it although another session owns a task; leaves a note.")
_DRY_RUN = Option("--dry-run", help="Only show what it would do.")
_PANEL = "History and sharing"

COMMANDS = [
    Command(
        "undo",
        undo,
        """Take operations back: the inverse becomes a new operation.

        Without OP the last operation of this session that is not undone. What has changed since
        stays as it is, and is told; several are taken back from the newest on, in one operation.
        """,
        [
            Argument(
                "operations",
                "Operations, by the commits that `log` shows.",
                metavar="OP",
                many=True,
                required=False,
            ),
            Option("--last", metavar="N", number=True, help="The last N operations."),
            Option("--since", metavar="WHEN", help="All operations since then."),
            Option(
                "--by", metavar="NAME", help="Those of this session, or `me`, with the two above."
            ),
            _FORCE,
            _DRY_RUN,
        ],
        panel=_PANEL,
    ),
    Command(
        "redo",
        redo,
        "Take back the last undo of this session.",
        [
            Option("--last", metavar="N", number=True, help="The last N of them."),
            _FORCE,
            _DRY_RUN,
        ],
        panel=_PANEL,
    ),
]
