"""`hooks`: git's hooks for the ledger; and `hook`, which they call."""

from __future__ import annotations

from typing import Any

from gitledger import hookfiles
from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command
from gitledger.hook import post_commit
from gitledger.hookfiles import HOOKS
from gitledger.repository import Repository

_PANEL = "Hooks"


def install(context: Context) -> Reply:
    """Put the hooks in place."""
    return _report(hookfiles.install(_repository(context), HOOKS))


def uninstall(context: Context) -> Reply:
    """Take the hooks away."""
    return _report(hookfiles.uninstall(_repository(context), HOOKS))


def status(context: Context) -> Reply:
    """Show which hooks are in place."""
    return _report(hookfiles.status(_repository(context), HOOKS))


def hook(context: Context, *, name: str, args: list[str]) -> Reply:
    """Do what a hook does; git calls this through its shim."""
    lines = post_commit(context.cwd, context.environ) if name in HOOKS else []
    return Reply("hook", lambda: {"lines": lines}, lambda style: [], messages=lines)


def _repository(context: Context) -> Repository:
    return Repository.open(context.cwd, context.environ)


def _report(states: dict[str, str]) -> Reply:
    def data() -> dict[str, Any]:
        return {"hooks": [{"name": name, "state": state} for name, state in states.items()]}

    return Reply("hooks", data, lambda style: [f"{name}: {states[name]}" for name in states])


COMMANDS = [
    Command(
        "hooks install",
        install,
        """Let commits link and complete tasks.

        A commit whose message has a line `Completes: ID` completes that task, `Task: ID` links
        the commit to it. A hook that is there already is never overwritten.
        """,
        panel=_PANEL,
    ),
    Command("hooks uninstall", uninstall, "Take the hooks away again.", panel=_PANEL),
    Command("hooks status", status, "Show which hooks are in place.", panel=_PANEL),
    Command(
        "hook",
        hook,
        "Do what a git hook does; the installed hooks call this.",
        [
            Argument("name", "The hook."),
            Argument("args", "What git gives it.", many=True, required=False),
        ],
        panel=_PANEL,
    ),
]
