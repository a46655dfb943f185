"""`init`: the beginning."""

from __future__ import annotations

from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Command, Option
from gitledger.core.criteria import EVERYTHING
from gitledger.core.text import escape
from gitledger.errors import RemoteFailed
from gitledger.ledger import Ledger

_PATIENCE = 30.0
"""Seconds to wait for a remote that nobody asked for."""


def init(context: Context, *, remote: str | None) -> Reply:
    """Make the list, or join the remote's."""
    ledger, created = Ledger.init(context.place, brief=True, **context.ledger_options())
    context.reader = ledger
    joined, failed = _join(ledger, remote)
    count = ledger.count(EVERYTHING)
    if joined and created:
        did = f"joined the list '{ledger.list}' on '{escape(joined)}': {_tasks(count)}"
    elif created:
        did = f"made the list '{ledger.list}'"
    else:
        also = f", also on '{escape(joined)}'" if joined else ""
        did = f"the list '{ledger.list}' is there already{also}: {_tasks(count)}"

    def data() -> dict[str, object]:
        return {"list": ledger.list, "created": created, "joined": joined, "tip": ledger.tip()}

    hint = None if count else 'add a task: git ledger add "Write the docs"'
    if failed:
        hint = "join it later: git ledger sync"
    return Reply("init", data, lambda style: [did], warnings=failed, hint=hint)


def _join(ledger: Ledger, asked: str | None) -> tuple[str | None, list[str]]:
    """Join the remote's list; one that nobody asked for may be out of reach.

    Returns:
        The remote's name where there is a list to join, and what went wrong.
    """
    if asked is None and ledger.remote is None:
        return None, []
    try:
        return ledger.join(asked, timeout=_PATIENCE), []
    except RemoteFailed as failed:
        if asked is not None:
            raise
        return None, [escape(failed.message)]


def _tasks(count: int) -> str:
    return f"{count} task{'' if count == 1 else 's'}"


COMMANDS = [
    Command(
        "init",
        init,
        """Make the ledger of this repository, or join its remote's.

        Safe to repeat. Nothing is written to the working tree, the index or a branch.
        """,
        [Option("--remote", metavar="NAME", help="Join the ledger of this remote.")],
        panel="Start",
    )
]
