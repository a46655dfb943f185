"""One session as its commands show it: everything on it, its inbox, its tasks.

All text is escaped here.
"""

from __future__ import annotations

from gitledger.cli.spec import Argument
from gitledger.core.text import escape
from gitledger.errors import NoSuchSession, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from pathlib import Path
    from typing import Any, Final

    from gitledger.cli.context import Context
    from gitledger.cli.style import Style
    from gitledger.core.presence import SessionView

ACTING: Final = Argument(
    "name", "The session; default the one that acts.", required=False, metavar="NAME"
)
_LABEL: Final = 14
"""Columns of the names of fields."""
_ONE: Final = {
    "questions": "question",
    "replies": "reply",
    "handoffs": "handoff",
    "messages": "message",
}
"""What can wait for a session, and what one of each is called."""


def session_view(context: Context, name: str) -> SessionView:
    """Return a session as it is now.

    Raises:
        NoSuchSession: it is not registered, holds nothing, and does not act.
    """
    from gitledger import roster

    views = {view.name: view for view in roster.views(context.reader)}
    if name in views:
        return views[name]
    hint = did_you_mean(name, tuple(views))
    if name == context.reader.session:
        hint = f"register it: git ledger session start {name}"
    raise NoSuchSession(
        f"no session '{name}'", hint=hint or "see who there is: git ledger session list"
    )


def session_data(context: Context, name: str) -> dict[str, Any]:
    """Return a session as JSON has it, with where its worktree is here, and what waits for it."""
    from gitledger.core.presence import session_json

    place = context.ledger.sessions.worktree(name)
    return {
        "session": session_json(session_view(context, name)),
        "path": str(place) if place else None,
        "inbox": inbox_counts(context, name),
    }


def session_lines(view: SessionView, place: Path | None, style: Style, now: datetime) -> list[str]:
    """Return everything on one session, without its tasks.

    Args:
        view: the session.
        place: where its worktree is on this machine, None where it is not here.
        style: how lines look.
        now: the time, in the user's zone.
    """
    from gitledger.cli.sessions import status_of
    from gitledger.cli.style import pad
    from gitledger.core.dates import relative

    session = view.session
    started = session.started_at if session else None
    by = f" by {escape(session.started_by)}" if session and session.started_by else ""
    fields = {
        "status": style.paint(status_of(view), "red" if view.attention else ""),
        "last seen": relative(view.last_seen, now) if view.last_seen else "never",
        "expected end": relative(view.expected_end, now) if view.expected_end else None,
        **{name: getattr(session, name, None) for name in ("role", "host", "repository")},
        "worktree": str(place) if place else session and session.worktree,
        **{name: getattr(session, name, None) for name in ("branch", "lease", "agent")},
        "forked from": session and session.origin,
        "started": f"{relative(started, now)}{by}" if started else None,
        "ended": relative(session.ended_at, now) if session and session.ended_at else None,
    }
    raw = {"status"}
    known = "" if session else "  not registered"
    return [
        f"{style.paint(escape(view.name), 'bold')}{known}",
        *(
            f"{style.paint(pad(name, _LABEL), 'dim')}{value if name in raw else escape(value)}"
            for name, value in fields.items()
            if value
        ),
    ]


def found(context: Context, name: str, style: Style) -> Iterator[str]:
    """Yield what waits for a session, and the tasks that it holds."""
    from gitledger.cli.rows import rows
    from gitledger.core.criteria import work_of

    waiting = [
        f"{count} {kind if count > 1 else _ONE[kind]}"
        for kind, count in inbox_counts(context, name).items()
        if count
    ]
    if waiting:
        yield f"inbox: {', '.join(waiting)}"
    ledger = context.ledger
    views, _ = ledger.search(criterion=work_of(name))
    yield from (f"  {row}" for row in rows(views, ledger.short, style.indented(2)))


def inbox_counts(context: Context, name: str) -> dict[str, int]:
    """Return how much of each kind waits for a session."""
    inbox = context.ledger.as_session(name).inbox()
    return {kind: len(getattr(inbox, kind)) for kind in _ONE}
