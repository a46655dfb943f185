"""What git's hooks do with the ledger. The shims in `hooks/` call in here.

A hook never changes the outcome of the user's git command: whatever goes wrong is one line on
standard error, and the exit code stays 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from gitledger.core.text import escape
from gitledger.core.trailers import Mention, mentions
from gitledger.errors import LedgerError, NotFound
from gitledger.ledger import Ledger

HOOKS = ("post-commit",)
"""The hooks that there are shims for."""


def post_commit(path: Path, environ: Mapping[str, str]) -> Iterator[str]:
    """Link the commit that was just made to the tasks that its message names; complete those
    that it says it completes.

    Args:
        path: where the commit was made.
        environ: the hook's environment, as git made it.

    Yields:
        One line a task, for people.
    """
    try:
        ledger = Ledger.open(path, environ=environ)
        # The hook stands in the code's repository, which may share another one's ledger.
        head = ledger.standing.git.run("log", "-1", "--format=%H%n%B").stdout.decode(
            errors="replace"
        )
        commit, _, message = head.partition("\n")
        for mention in mentions(message):
            yield from _apply(ledger, mention, commit)
    except LedgerError as error:
        yield f"gitledger: {escape(error.message)}"


def _apply(ledger: Ledger, mention: Mention, commit: str) -> Iterator[str]:
    try:
        task = ledger.task(mention.name)
    except NotFound:
        return
    called = f"{ledger.short(task.id)} {escape(task.title)}"
    try:
        with ledger.transaction("commit") as transaction:
            transaction.link(task.id, commit)
            if mention.completes:
                task = transaction.done(task.id)
    except LedgerError as error:
        ledger.link(task.id, commit)
        yield f"gitledger: linked, not completed: {escape(error.message)}"
    else:
        did = "completed" if task.status == "completed" else "linked"
        yield f"gitledger: {did} {called}"
