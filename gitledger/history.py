"""The operations of a list: its ref's commits, newest first."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil, floor

from gitledger.core.operation import Operation, parse_message
from gitledger.core.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from gitledger.index.line import OperationRow
    from gitledger.index.operations import Operations
    from gitledger.store.base import Commit


class LogEntry(Value):
    """One operation as it stands in the history.

    Attributes:
        commit: the commit's id.
        at: when it was made, UTC.
        author: name and mail address of the person, as `Ada <ada@example.org>`.
        operation: what was done.
        subject: the first line of the commit's message.
        to: the session, or `role:ROLE`, that a task was handed to; None where none was.
    """

    __slots__ = ("at", "author", "commit", "operation", "subject", "to")

    def __init__(
        self,
        *,
        commit: str,
        at: datetime,
        author: str,
        operation: Operation,
        subject: str,
        to: str | None = None,
    ) -> None:
        self.commit = commit
        self.at = at
        self.author = author
        self.operation = operation
        self.subject = subject
        self.to = to


def log(
    operations: Operations,
    *,
    task_id: str | None = None,
    session: str | None = None,
    agent: str | None = None,
    name: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Iterator[LogEntry]:
    """Yield operations, newest first.

    Args:
        operations: those of the list, up to the tip that is looked at.
        task_id: the whole id of a task: those that changed it.
        session, name: those of it.
        agent: those of this program, whatever word stands behind its name: `claude-code` means
            `claude-code 1f2e3d4c`, too.
        since, until: made then or later, then or earlier.
        after: later in the history than this commit.
        limit: at most so many.

    Raises:
        StoreFailed, Damaged: a commit cannot be read. It comes after those that can.
    """
    rows = operations.newest(
        task=task_id,
        session=session,
        agent=agent,
        name=name,
        since=None if since is None else ceil(since.timestamp()),
        until=None if until is None else floor(until.timestamp()),
        after=after,
        limit=limit,
    )
    return map(entry_of_row, rows)


def entry_of(commit: Commit) -> LogEntry:
    """Return the operation that a commit is; whom it handed a task to is not looked up."""
    from gitledger.index.line import in_calendar

    operation = parse_message(commit.message)
    return LogEntry(
        commit=commit.id,
        at=datetime.fromtimestamp(in_calendar(commit.author.time), UTC),
        author=f"{commit.author.name} <{commit.author.email}>",
        operation=operation,
        subject=commit.message.partition("\n")[0],
    )


def entry_of_row(row: OperationRow) -> LogEntry:
    """Return the operation that a row of the table is."""
    return LogEntry(
        commit=row.commit,
        at=datetime.fromtimestamp(row.at, UTC),
        author=row.author,
        operation=Operation(
            name=row.name,
            tasks=row.tasks,
            title=row.subject.partition(": ")[2] if len(row.tasks) == 1 else "",
            session=row.session,
            agent=row.agent,
        ),
        subject=row.subject,
        to=row.to,
    )
