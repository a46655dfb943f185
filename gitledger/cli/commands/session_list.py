"""`session show`, `list`, `prune`: who is there, and what became of the others."""

from __future__ import annotations

from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.session import ACTING, found, session_data, session_lines, session_view
from gitledger.cli.spec import Command, Option
from gitledger.core.presence import (
    GROUP_KEYS,
    SORT_KEYS,
    group_sessions,
    session_json,
    sort_sessions,
)
from gitledger.core.text import escape
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from gitledger.cli.style import Style
    from gitledger.core.presence import SessionView

_PANEL = "Sessions"


def show(context: Context, *, name: str | None) -> Reply:
    """Show everything on a session."""
    name = name or context.reader.session
    view = session_view(context, name)

    def lines(style: Style) -> Iterator[str]:
        place = context.ledger.sessions.worktree(name)
        yield from session_lines(view, place, style, context.now)
        yield from found(context, name, style)

    return Reply(
        "session",
        lambda: session_data(context, name),
        lines,
        hint=None if view.session else f"register it: git ledger session start {escape(name)}",
    )


def list_(context: Context, *, group_by: str | None, sort: str | None, csv: bool) -> Reply:
    """Show who works where, on what."""
    if csv and context.options.get("json"):
        raise InvalidInput("--csv and --json are two forms: take one of them")
    from gitledger import roster

    ledger = context.reader
    views, past = roster.listed(ledger)
    if sort:
        views = sort_sessions(views, sort)
    groups: list[tuple[str, list[SessionView]]] = [("", views)]
    if group_by:
        grouped = group_sessions(views, group_by)
        groups = [(name or f"no {group_by.lower()}", members) for name, members in grouped]
    views = [view for _, members in groups for view in members]

    def lines(style: Style) -> Iterator[str]:
        from gitledger.cli.sessions import Table, csv_lines

        if csv:
            yield from csv_lines(views)
            return
        yield from Table(ledger.session, ledger.short, context.now, style).lines(groups)

    return Reply(
        "session-list",
        lambda: {"sessions": [session_json(view) for view in views]},
        lines,
        messages=list(_left_behind(views, past)),
        hint=None if views else "register one: git ledger session start NAME",
        paged=True,
    )


def _left_behind(views: Sequence[SessionView], past: Sequence[SessionView]) -> Iterator[str]:
    gone = [view for view in views if view.gone and not (view.session and view.session.ended)]
    if count := len(gone) + len(past):
        what = "1 session has" if count == 1 else f"{count} sessions have"
        yield f"{what} left something behind; to tidy up: git ledger session prune"
    if not views:
        yield "no sessions"


def prune(context: Context) -> Reply:
    """Tidy away what sessions have left behind."""
    from gitledger.cli.sharing import share

    tidied = context.ledger.sessions.prune()
    share(context)

    def lines(style: Style) -> Iterator[str]:
        for name in tidied.ended:
            yield f"ended {escape(name)}: its worktree is gone"
        for name in tidied.sessions:
            yield f"removed {escape(name)}"
        for task in tidied.tasks:
            yield f"released {context.call(task)}"
        if tidied.messages:
            yield f"removed {tidied.messages} old message{'s' if tidied.messages > 1 else ''}"

    nothing = not (tidied.ended or tidied.sessions or tidied.messages)
    return Reply(
        "session-prune",
        lambda: {
            "ended": list(tidied.ended),
            "removed": list(tidied.sessions),
            "released": [task.id for task in tidied.tasks],
            "messages": tidied.messages,
        },
        lines,
        messages=["nothing to tidy"] if nothing else [],
    )


COMMANDS = [
    Command(
        "session show",
        show,
        "Show everything on a session.",
        [ACTING],
        panel=_PANEL,
    ),
    Command(
        "session list",
        list_,
        """Show who works where, on what; who needs attention first.

        A star is the session that acts, an exclamation mark one that somebody should look at: a
        question is open, it is stale, lost a claim, or its worktree is gone. A narrow terminal
        shows fewer columns. Sessions that ended or are silent are not shown any more once their
        retention is over (gitledger.sessionRetention).
        """,
        [
            Option("--group-by", metavar="KEY", help=f"In groups: {', '.join(GROUP_KEYS)}."),
            Option("--sort", metavar="KEY", help=f"In another order: {', '.join(SORT_KEYS)}."),
            Option("--csv", help="Print CSV."),
        ],
        panel=_PANEL,
    ),
    Command(
        "session prune",
        prune,
        """Tidy away what sessions have left behind, as one operation.

        Sessions of this repository whose worktree was deleted end. Those that ended or are silent
        beyond their retention (gitledger.sessionRetention) are removed, and old messages, too.
        What they held is released, with a note that says from whom; history keeps all.
        """,
        panel=_PANEL,
    ),
]
