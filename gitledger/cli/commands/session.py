"""`session start` to `session prune`: who works where, and what becomes of it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.sharing import share
from gitledger.cli.spec import Argument, Command, Option
from gitledger.cli.style import Style
from gitledger.core.presence import (
    GROUP_KEYS,
    SORT_KEYS,
    SessionView,
    group_sessions,
    session_json,
    sort_sessions,
)
from gitledger.core.task import Task
from gitledger.core.text import escape
from gitledger.errors import HoldsTasks, InvalidInput, NoSuchSession

if TYPE_CHECKING:
    from gitledger.sessions import Begun, Ended

_PANEL = "Sessions"
_ENVIRONMENT = "GITLEDGER_SESSION"


# -- beginning ---------------------------------------------------------------------------------


def start(
    context: Context,
    *,
    name: str,
    role: str | None,
    worktree: str | bool | None,
    branch: str | None,
    lease: str | None,
    origin: str | None,
) -> Reply:
    """Register a session, bind it to a worktree, and show what it finds."""
    sessions = context.ledger.sessions
    place = context.cwd / worktree if isinstance(worktree, str) else worktree is not None
    begun = sessions.start(
        name, role=role, lease=lease, worktree=place, branch=branch, origin=origin
    )
    return _begun(context, begun, "forked" if origin else "started")


def fork(context: Context, *, name: str, origin: str | None) -> Reply:
    """Start a second session in a worktree of its own."""
    of = origin or context.ledger.session
    begun = context.ledger.sessions.start(name, origin=of, worktree=True)
    return _begun(context, begun, "forked")


def resume(context: Context, *, name: str) -> Reply:
    """Let a session go on in the worktree that we stand in."""
    return _begun(context, context.ledger.sessions.resume(name), "resumed")


def _begun(context: Context, begun: Begun, did: str) -> Reply:
    name = begun.session.name
    share(context)

    def lines(style: Style) -> Iterator[str]:
        role = f" ({escape(begun.session.role)})" if begun.session.role else ""
        origin = f" from {escape(begun.session.origin or '')}" if did == "forked" else ""
        where = f" in {escape(str(begun.worktree))}" if begun.worktree else ""
        branch = f", branch {escape(begun.session.branch)}" if begun.session.branch else ""
        yield f"{did} {style.paint(escape(name), 'bold')}{role}{origin}{where}{branch}"
        if begun.made:
            yield f"cd {escape(shlex.quote(str(begun.made.path)))}"
        yield from _found(context, name, style)

    return Reply(
        "session",
        lambda: {
            **_session_data(context, name),
            "made": begun.made is not None,
            "tidied": list(begun.tidied.sessions),
        },
        lines,
        messages=list(_told(context, begun)),
        warnings=list(_stronger(context, name)),
        hint=_next_step(context, name),
    )


def _found(context: Context, name: str, style: Style) -> Iterator[str]:
    """Yield what waits for a session, and what it holds."""
    waiting = [
        f"{count} {kind if count > 1 else _ONE[kind]}"
        for kind, count in _counts(context, name).items()
        if count
    ]
    if waiting:
        yield f"inbox: {', '.join(waiting)}"
    yield from _tasks(context, name, style)


_ONE = {
    "questions": "question",
    "replies": "reply",
    "handoffs": "handoff",
    "messages": "message",
}


def _counts(context: Context, name: str) -> dict[str, int]:
    inbox = context.ledger.as_session(name).inbox()
    return {kind: len(getattr(inbox, kind)) for kind in _ONE}


def _tasks(context: Context, name: str, style: Style) -> Iterator[str]:
    from gitledger.cli.rows import rows

    ledger = context.ledger
    views = [view for view in ledger.views() if _holds(name, view.task)]
    views.sort(key=lambda view: (view.task.priority, view.task.id))
    yield from (f"  {row}" for row in rows(views, ledger.short, style.indented(2)))


def _holds(name: str, task: Task) -> bool:
    return task.owner == name and not task.finished


def _told(context: Context, begun: Begun) -> Iterator[str]:
    """Yield what became of the places where a session was before, and what was tidied away."""
    former, session = begun.former, begun.session
    for place in begun.left:
        yield f"it was in {escape(str(place))}, which belongs to no session now"
    if former and former.host and former.host != session.host and not former.ended:
        where = f" in the worktree {escape(former.worktree)}" if former.worktree else ""
        yield f"it was on {escape(former.host)}{where}: whoever is still there acts as it, too"
    if names := begun.tidied.sessions:
        yield f"tidied away, as their retention is over: {', '.join(map(escape, names))}"
    for task in begun.tidied.tasks:
        yield f"released {context.call(task)}"


def _stronger(context: Context, name: str) -> Iterator[str]:
    """Yield that the environment names another session, which counts more than the worktree."""
    other = context.environ.get(_ENVIRONMENT)
    if other and other != name:
        yield f"{_ENVIRONMENT} names {escape(other)}, and is stronger than the worktree"


def _next_step(context: Context, name: str) -> str:
    counts = _counts(context, name)
    if counts["replies"] or counts["handoffs"] or counts["messages"]:
        return "see what waits: git ledger inbox"
    if any(_holds(name, task) for task in context.ledger.tasks()):
        return "where things stand: git ledger"
    return "take a task: git ledger next --claim"


# -- names and ends ----------------------------------------------------------------------------


def rename(context: Context, *, old: str, new: str | None) -> Reply:
    """Give a session another name."""
    if new is None:
        old, new = context.ledger.session, old
    name = context.ledger.sessions.rename(old, new).name
    share(context)
    return Reply(
        "session",
        lambda: _session_data(context, name),
        lambda style: [f"renamed {escape(old)} to {escape(name)}"],
        warnings=list(_stronger(context, name)) if context.ledger.session == name else [],
    )


def end(
    context: Context,
    *,
    name: str | None,
    release: bool,
    handoff_to: str | None,
    message: str | None,
    keep: bool,
    remove_worktree: bool,
) -> Reply:
    """End a session; ask what becomes of the tasks that it holds."""
    if message is not None and handoff_to is None:
        raise InvalidInput("-m goes with --handoff-to", hint="--handoff-to NAME -m TEXT")
    ledger = context.ledger
    choice: dict[str, Any] = {
        "release": release,
        "to": handoff_to,
        "text": message,
        "keep": keep,
    }
    name = name or ledger.session
    try:
        ended = ledger.sessions.end(name, remove_worktree=remove_worktree, **choice)
    except HoldsTasks as holds:
        if not context.can_ask or context.options.get("yes"):
            raise
        choice |= _asked(context, holds)
        ended = ledger.sessions.end(name, remove_worktree=remove_worktree, **choice)
    return _ended(context, ended, choice)


def _asked(context: Context, holds: HoldsTasks) -> dict[str, Any]:
    """Ask what becomes of the tasks; raise what led here when there is no answer."""
    context.stderr.write(f"{escape(holds.message)}\n")
    word = _answer(context, "Release them, hand them off, or keep them? [r/h/k] ").lower()
    if word in ("r", "release"):
        return {"release": True}
    if word in ("k", "keep"):
        return {"keep": True}
    if word in ("h", "handoff", "hand off") and (to := _answer(context, "To whom? ")):
        return {"to": to, "text": _answer(context, "What should they know? ") or None}
    raise holds


def _answer(context: Context, question: str) -> str:
    try:
        context.stderr.write(question)
        context.stderr.flush()
        return context.stdin.readline().strip()
    except KeyboardInterrupt:
        context.stderr.write("\n")
        raise


def _ended(context: Context, ended: Ended, choice: dict[str, Any]) -> Reply:
    here = _leave(context, ended)
    share(context)
    name = ended.session.name
    did = "kept" if choice["keep"] else "handed_on" if choice["to"] else "released"

    def lines(style: Style) -> Iterator[str]:
        yield f"ended {style.paint(escape(name), 'bold')}"
        to = f" to {escape(choice['to'])}" if choice["to"] else ""
        for task in ended.tasks:
            yield f"{did.replace('_', ' ')}{to}: {context.call(task)}"
        for path in ended.removed:
            yield f"removed the worktree {escape(str(path))}; its branch stays"

    messages = [f"its worktree stays: {escape(str(path))}" for path in ended.left]
    if here:
        messages.append(f"you stand in a directory that is gone: cd {shlex.quote(str(here))}")
    return Reply(
        "session",
        lambda: {
            **_session_data(context, name),
            **{
                word: [task.id for task in ended.tasks if word == did]
                for word in ("released", "handed_on", "kept")
            },
            "removed": list(map(str, ended.removed)),
            "left": list(map(str, ended.left)),
        },
        lines,
        messages=messages,
        warnings=[escape(ended.problem)] if ended.problem else [],
    )


def _leave(context: Context, ended: Ended) -> Path | None:
    """Go on in the main worktree where the one that we stood in is gone; return where that is."""
    if not any(context.cwd.is_relative_to(path) for path in ended.removed):
        return None
    common = context.ledger.standing.location.common_dir
    context.cwd = common.parent if common.name == ".git" else common
    return context.cwd


def prune(context: Context) -> Reply:
    """Tidy away what sessions have left behind."""
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


# -- looking -----------------------------------------------------------------------------------


def show(context: Context, *, name: str | None) -> Reply:
    """Show everything on a session."""
    ledger = context.ledger
    name = name or ledger.session
    view = _view(context, name)

    def lines(style: Style) -> Iterator[str]:
        from gitledger.cli.sessions import session_lines

        yield from session_lines(view, ledger.sessions.worktree(name), style, context.now)
        yield from _found(context, name, style)

    return Reply(
        "session",
        lambda: _session_data(context, name),
        lines,
        hint=None if view.session else f"register it: git ledger session start {escape(name)}",
    )


def list_(context: Context, *, group_by: str | None, sort: str | None, csv: bool) -> Reply:
    """Show who works where, on what."""
    if csv and context.options.get("json"):
        raise InvalidInput("--csv and --json are two forms: take one of them")
    views, past = context.ledger.sessions.listed()
    if sort:
        views = sort_sessions(views, sort)
    groups: list[tuple[str, list[SessionView]]] = [("", views)]
    if group_by:
        found = group_sessions(views, group_by)
        groups = [(name or f"no {group_by.lower()}", members) for name, members in found]
    views = [view for _, members in groups for view in members]

    def lines(style: Style) -> Iterator[str]:
        from gitledger.cli.sessions import Table, csv_lines

        if csv:
            yield from csv_lines(views)
            return
        ledger = context.ledger
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


def _view(context: Context, name: str) -> SessionView:
    """Return a session as it is now.

    Raises:
        NoSuchSession: it is not registered, holds nothing, and does not act.
    """
    from gitledger.errors import did_you_mean

    views = {view.name: view for view in context.ledger.sessions.views()}
    if name in views:
        return views[name]
    hint = did_you_mean(name, tuple(views))
    if name == context.ledger.session:
        hint = f"register it: git ledger session start {name}"
    raise NoSuchSession(
        f"no session '{name}'", hint=hint or "see who there is: git ledger session list"
    )


def _session_data(context: Context, name: str) -> dict[str, Any]:
    place = context.ledger.sessions.worktree(name)
    return {
        "session": session_json(_view(context, name)),
        "path": str(place) if place else None,
        "inbox": _counts(context, name),
    }


_NAME = Argument("name", "The session's name.")
_ACTING = Argument(
    "name", "The session; default the one that acts.", required=False, metavar="NAME"
)
_FROM = Option("--from", metavar="SESSION", help="The session that it comes from.", name="origin")

COMMANDS = [
    Command(
        "session start",
        start,
        """Register a session and bind it to this worktree, or to a new one.

        Every later command in the worktree knows its session. Shown is what the session finds:
        its worktree, its inbox, its tasks. What sessions left behind whose retention is over
        (gitledger.sessionRetention) is tidied away.
        """,
        [
            _NAME,
            Option(
                "--role", metavar="ROLE", help="Which kind of work it takes: builder, tester, …"
            ),
            Option(
                "--worktree",
                metavar="PATH",
                optional=True,
                help="Make a worktree, there or beside the repository.",
            ),
            Option("--branch", metavar="NAME", help="The branch in it; default one of its name."),
            Option("--lease", metavar="TIME", help="How long it may be silent: 30m, 2h."),
            _FROM,
        ],
        panel=_PANEL,
    ),
    Command(
        "session fork",
        fork,
        "Start a second session that knows its origin, in a worktree of its own.",
        [_NAME, _FROM],
        panel=_PANEL,
    ),
    Command(
        "session resume",
        resume,
        "Let a session go on in this worktree, and nowhere else.",
        [_NAME],
        panel=_PANEL,
    ),
    Command(
        "session rename",
        rename,
        "Give a session another name; its claims and messages go along.",
        [
            Argument("old", "The session; left out, the one that acts.", metavar="[OLD]"),
            Argument("new", "Its new name.", metavar="NEW", required=False),
        ],
        panel=_PANEL,
    ),
    Command(
        "session end",
        end,
        """End a session.

        What it holds is released, handed off, or kept until its lease runs out; asked on a
        terminal, where nothing is said. Its worktree is removed only when that is asked for and
        nothing would be lost; the branch stays.
        """,
        [
            _ACTING,
            Option("--release", help="Give back what it holds."),
            Option("--handoff-to", metavar="NAME", help="Hand it to a session, or role:ROLE."),
            Option("--message", "-m", metavar="TEXT", help="What the recipient should know."),
            Option("--keep", help="Keep its claims until its lease runs out."),
            Option("--remove-worktree", help="Remove its worktree, if it is clean."),
        ],
        panel=_PANEL,
    ),
    Command(
        "session show",
        show,
        "Show everything on a session.",
        [_ACTING],
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
