"""`session start`, `fork`, `resume`, `rename`: who works where from now on."""

from __future__ import annotations

import shlex
from pathlib import Path

from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.session import found, inbox_counts, session_data
from gitledger.cli.sharing import share
from gitledger.cli.spec import Argument, Command, Option
from gitledger.cli.style import Style
from gitledger.core.text import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitledger.beginning import Begun

_PANEL = "Sessions"
_ENVIRONMENT = "GITLEDGER_SESSION"


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
    begun = context.ledger.sessions.start(
        name,
        role=role,
        lease=lease,
        worktree=worktree is not None and _place(context, worktree),
        branch=branch,
        origin=origin,
    )
    return _begun(context, begun, "forked" if origin else "started")


def fork(context: Context, *, name: str, worktree: str | bool | None, origin: str | None) -> Reply:
    """Start a second session in a worktree of its own."""
    begun = context.ledger.sessions.start(
        name, origin=origin or context.ledger.session, worktree=_place(context, worktree)
    )
    return _begun(context, begun, "forked")


def _place(context: Context, worktree: str | bool | None) -> Path | bool:
    return context.cwd / worktree if isinstance(worktree, str) else True


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
        yield from found(context, name, style)

    return Reply(
        "session",
        lambda: {
            **session_data(context, name),
            "made": begun.made is not None,
            "tidied": list(begun.tidied.sessions),
        },
        lines,
        messages=list(_told(context, begun)),
        warnings=list(_stronger(context, name)),
        hint=_next_step(context, name),
    )


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
    counts = inbox_counts(context, name)
    if counts["replies"] or counts["handoffs"] or counts["messages"]:
        return "see what waits: git ledger inbox"
    if context.ledger.snapshot().owned_by(name):
        return "where things stand: git ledger"
    return "take a task: git ledger next --claim"


def rename(context: Context, *, old: str, new: str | None) -> Reply:
    """Give a session another name."""
    if new is None:
        old, new = context.ledger.session, old
    name = context.ledger.sessions.rename(old, new).name
    share(context)
    return Reply(
        "session",
        lambda: session_data(context, name),
        lambda style: [f"renamed {escape(old)} to {escape(name)}"],
        warnings=list(_stronger(context, name)) if context.ledger.session == name else [],
    )


_NAME = Argument("name", "The session's name.")
_FROM = Option("--from", metavar="SESSION", help="The session that it comes from.", name="origin")
_WORKTREE = Option(
    "--worktree",
    metavar="PATH",
    optional=True,
    help="Make a worktree, there or beside the repository.",
)

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
            _WORKTREE,
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
        [_NAME, _WORKTREE, _FROM],
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
]
