"""What git's hooks do with the ledger. The shims in `hooks/` call it: `git-ledger hook NAME`.

A hook never changes the outcome of the user's git command: whatever goes wrong is one line on
standard error, and the exit code stays 0.
"""

from __future__ import annotations

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

from gitledger.core.task import Task
from gitledger.core.text import escape
from gitledger.core.trailers import mentions
from gitledger.errors import AmbiguousId, LedgerError, NotFound
from gitledger.ledger import Ledger
from gitledger.repository import Repository

_PATIENCE: Final = 20
"""Seconds after which a hook gives up: it must not hold up the user's git command for ever."""


def post_commit(path: Path, environ: Mapping[str, str]) -> list[str]:
    """Link the commit that was just made to the tasks that its message names; complete those
    that it says it completes.

    Args:
        path: where the commit was made.
        environ: the hook's environment, as git made it.

    Returns:
        At most one line a task, for people; what went wrong is one, too.
    """
    lines: list[str] = []
    with _bounded(_PATIENCE):
        try:
            for line in _post_commit(path, environ):
                lines.append(line)
        except LedgerError as error:
            lines.append(f"gitledger: {escape(error.message)}")
    return lines


def _post_commit(path: Path, environ: Mapping[str, str]) -> Iterator[str]:
    commit = _head(path, environ)
    found = mentions(commit.message)
    if not found:
        return
    ledger = Ledger.open(path, environ={**environ, **_acting(commit)})
    completes: dict[str, bool] = {}
    for name, complete in found:
        try:
            task_id = ledger.task(name).id
        except AmbiguousId as error:
            yield f"gitledger: {escape(error.message)}"
        except NotFound:
            continue  # words that are no ids stand in such lines, too
        else:
            completes[task_id] = completes.get(task_id, False) or complete
    for task_id, complete in completes.items():
        yield f"gitledger: {_apply(ledger, task_id, commit.id, complete=complete)}"


class _Commit(NamedTuple):
    id: str
    name: str
    email: str
    message: str


def _head(path: Path, environ: Mapping[str, str]) -> _Commit:
    """Return the commit that was just made in the repository that we stand in."""
    # Plumbing, which no setting of the user's (log.showSignature) adds lines to.
    printed = Repository.open(path, environ).git.run(
        "rev-list", "--max-count=1", "--format=%cn%n%ce%n%B", "HEAD", "--"
    )
    first, name, email, message = printed.stdout.decode(errors="replace").split("\n", 3)
    return _Commit(first.removeprefix("commit "), name, email, message)


def _acting(commit: _Commit) -> dict[str, str]:
    """Return who acts, for the environment: whoever made the commit.

    git sets `GIT_AUTHOR_NAME` for its hooks to the commit's author, who may be somebody else: with
    `git commit --author`, `--amend`, in a cherry-pick or a rebase.
    """
    return {"GIT_AUTHOR_NAME": commit.name, "GIT_AUTHOR_EMAIL": commit.email}


def _apply(ledger: Ledger, task_id: str, commit: str, *, complete: bool) -> str:
    """Link the commit and complete the task, and return what was done as a line."""
    if not complete:
        return _told("linked", ledger, ledger.link(task_id, commit))
    try:
        with ledger.transaction("commit") as transaction:
            transaction.link(task_id, commit)
            task = transaction.done(task_id)
    except LedgerError as error:
        ledger.link(task_id, commit)
        return f"linked, not completed: {escape(error.message)}"
    return _told("completed" if task.finished else "to be reviewed", ledger, task)


def _told(did: str, ledger: Ledger, task: Task) -> str:
    return f"{did} {ledger.short(task.id)} {escape(task.title)}"


@contextmanager
def _bounded(seconds: int) -> Iterator[None]:
    """End the process after some time, even where it hangs in a library."""
    before = signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
