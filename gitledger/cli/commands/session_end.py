"""`session end`: what becomes of its tasks, and of its worktree."""

from __future__ import annotations

import shlex
from pathlib import Path

from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.session import ACTING, session_data
from gitledger.cli.sharing import claims_are_confirmed, publish_handoffs, share
from gitledger.cli.spec import Command, Option
from gitledger.cli.style import Style
from gitledger.core.text import escape
from gitledger.errors import HoldsTasks, InvalidInput, NoSuchSession
from gitledger.ledger import Ledger

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gitledger.ending import Ended


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
    choice: dict[str, Any] = {
        "release": release,
        "to": handoff_to,
        "text": message,
        "keep": keep,
    }
    name = name or _acting(context)
    try:
        return _end(context, name, remove_worktree, choice)
    except HoldsTasks as holds:
        if not context.can_ask or context.options.get("yes"):
            raise
        return _end(context, name, remove_worktree, choice | _asked(context, holds))


def _acting(context: Context) -> str:
    """Return the session that acts.

    Raises:
        NoSuchSession: it is not registered.
    """
    name = context.ledger.session
    if context.ledger.snapshot().session(name) is None:
        raise NoSuchSession(
            f"no session to end here: you act as '{name}', which is not registered",
            hint="name it: git ledger session end NAME; see who there is: git ledger session list",
        )
    return name


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


def _end(context: Context, name: str, remove_worktree: bool, choice: dict[str, Any]) -> Reply:
    published = choice["to"] is not None and claims_are_confirmed(context, asked=False)
    ended = context.ledger.sessions.end(name, remove_worktree=remove_worktree, **choice)
    here = _leave(context, ended)
    if published:
        # git is run where the ledger was opened, which may be gone.
        ledger = Ledger.open(here, **context.ledger_options()) if here else context.ledger
        publish_handoffs(ledger, ended.tasks)
    else:
        share(context)
    return _reply(context, ended, choice, here)


def _reply(context: Context, ended: Ended, choice: dict[str, Any], here: Path | None) -> Reply:
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
            **session_data(context, name),
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
    context.place = str(common.parent if common.name == ".git" else common)
    return context.cwd


COMMANDS = [
    Command(
        "session end",
        end,
        """End a session.

        What it holds is released, handed off, or kept until its lease runs out; asked on a
        terminal, where nothing is said. Its worktree is removed only when that is asked for and
        nothing would be lost; the branch stays.
        """,
        [
            ACTING,
            Option("--release", help="Give back what it holds."),
            Option("--handoff-to", metavar="NAME", help="Hand it to a session, or role:ROLE."),
            Option("--message", "-m", metavar="TEXT", help="What the recipient should know."),
            Option("--keep", help="Keep its claims until its lease runs out."),
            Option("--remove-worktree", help="Remove its worktree, if it is clean."),
        ],
        panel="Sessions",
    ),
]
