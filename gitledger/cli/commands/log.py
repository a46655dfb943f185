"""`log`: the operations, newest first."""

from __future__ import annotations

from gitledger.cli.operations import operation_json, operation_line
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from datetime import datetime
    from typing import Any, Final, Literal

    from gitledger.cli.context import Context
    from gitledger.cli.style import Style
    from gitledger.errors import LedgerError
    from gitledger.history import LogEntry

_INDENT: Final = "    "


def log(
    context: Context,
    *,
    name: str | None,
    by: str | None,
    op: str | None,
    since: str | None,
    until: str | None,
    patch: bool,
    limit: int | None,
) -> Reply:
    """Show the operations, or those that the options ask for."""
    reader = context.reader
    task_id = reader.any_task_id(name) if name else None
    agent = context.options.get("agent")
    by = reader.session if by == "me" else by
    found = reader.log(
        task_id,
        session=by,
        operation=op,
        agent=agent,
        since=_moment(context, since),
        until=_moment(context, until, last=True),
        limit=limit,
    )
    first = next(found, None)
    if first is None and limit != 0:
        for what, asked in (("name", op), ("session", by), ("agent", agent)):
            _require_known(context, what, asked)  # type: ignore[arg-type]  # mypy widens literals

    def entries() -> Iterator[LogEntry]:
        if first is not None:
            yield first
        yield from found

    def lines(style: Style) -> Iterator[str]:
        for entry in entries():
            yield operation_line(entry, reader.short, style)
            if patch:
                yield from _patch(context, entry, task_id, style)

    def data() -> dict[str, Any]:
        return {"operations": [_json(context, entry, task_id, patch=patch) for entry in entries()]}

    none = [] if first or limit == 0 else ["no such operations"]
    return Reply("log", data, lines, messages=none, paged=True)


def _moment(context: Context, word: str | None, *, last: bool = False) -> datetime | None:
    """Return the moment that a word names; a day stands for its beginning, or for its last."""
    if word is None:
        return None
    from datetime import datetime

    from gitledger.core.dates import day_span, parse_date, parse_moment

    moment = parse_moment(word, context.now)
    day = parse_date(word, context.now)
    if last and day is not None and not isinstance(day, datetime):
        return day_span(day, context.now)[1]
    return moment


def _require_known(
    context: Context, what: Literal["name", "session", "agent"], asked: str | None
) -> None:
    """Raise an error where no operation ever had the name that is asked for."""
    if asked is None:
        return
    known = context.reader.operations().names(what)
    if asked in known or asked in _without_operations(context, what):
        return
    if what == "agent" and any(name.startswith(f"{asked} ") for name in known):
        return
    from gitledger.errors import InvalidInput, NoSuchSession, NotFound, did_you_mean

    words: dict[str, tuple[type[LedgerError], str]] = {
        "name": (InvalidInput, f"there is no operation '{asked}' in the history"),
        "session": (NoSuchSession, f"no session '{asked}' did anything here"),
        "agent": (NotFound, f"no program '{asked}' did anything here"),
    }
    kind, message = words[what]
    named = f"there are: {', '.join(known[:10])}" if known else None
    raise kind(message, hint=did_you_mean(asked, known) or named)


def _without_operations(context: Context, what: str) -> Collection[str]:
    """Return names that can be asked for although no operation has them yet."""
    if what == "session":
        return {context.reader.session, *context.reader.snapshot().sessions()}
    if what == "name":
        from gitledger.cli.registry import verbs

        return verbs()
    return ()


def _patch(context: Context, entry: LogEntry, task_id: str | None, style: Style) -> Iterator[str]:
    from gitledger.cli.differences import change_lines, task_line
    from gitledger.hindsight import patch

    found = patch(context.reader, entry, only=task_id)
    alone = len(found) == 1 and entry.operation.tasks == (found[0].id,)
    for each in found:
        if not alone:
            yield _INDENT + task_line(each, context.reader.short, style.indented(len(_INDENT)))
        indent = _INDENT if alone else _INDENT + "  "
        for line in change_lines(each, context.reader.short, style):
            yield f"{indent}{line}"


def _json(context: Context, entry: LogEntry, task_id: str | None, *, patch: bool) -> dict[str, Any]:
    data = operation_json(entry)
    if patch:
        from gitledger.hindsight import patch as find_patch

        found = find_patch(context.reader, entry, only=task_id)
        data["patch"] = [each.json() for each in found]
    return data


COMMANDS = [
    Command(
        "log",
        log,
        """Show the operations, newest first; with an ID those on one task.

        A task that is archived, or gone, is named like any other. Times are written as for --at,
        a day in --until is meant as a whole. With --agent those of a program: claude-code means
        each of its sessions.
        """,
        [
            Argument("name", "A task, by id or unique prefix.", metavar="ID", required=False),
            Option("--by", metavar="NAME", help="Those of this session; me works."),
            Option("--op", metavar="NAME", help="Those of this name: done, claim, note, …"),
            Option("--since", metavar="WHEN", help="Made then or later: yesterday, 2 hours ago."),
            Option("--until", metavar="WHEN", help="Made then or earlier."),
            Option("--patch", "-p", help="With what each did to the fields of tasks."),
            Option("--limit", "-n", metavar="N", number=True, help="At most so many."),
        ],
        panel="History and sharing",
    )
]
