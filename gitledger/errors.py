"""Every way in which gitledger says no.

One base class carries what the boundary of a program needs: a one-line message, an optional
hint that gets the user on, a stable ``code`` for JSON, and the exit code of the contract
(0 done, 1 failed, 2 wrong usage, 3 nothing there, 4 lost, 5 no ledger, 6 remote, 130 interrupted).
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence


class LedgerError(Exception):
    """Base of all errors that gitledger raises on purpose.

    Attributes:
        message: one line that names the thing.
        hint: one line that says what to do next, or None.
        code: a stable word for programs, as in the JSON error object.
        exit_code: what a command exits with.
    """

    code = "failed"
    exit_code = 1

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return self.message


def did_you_mean(word: str, known: Sequence[str]) -> str | None:
    """Return the nearest of the known words as a hint, or None when nothing is near."""
    from difflib import get_close_matches

    folded = {each.lower(): each for each in reversed(known)}
    near = get_close_matches(word.lower(), folded, n=1, cutoff=0.6)
    return f"did you mean '{folded[near[0]]}'?" if near else None


# -- 1: failed ---------------------------------------------------------------------------------


class StoreFailed(LedgerError):
    """The repository could not be read or written (permissions, disk, broken objects)."""

    code = "store-failed"


class Damaged(StoreFailed):
    """A ref or an object of the ledger is damaged, or is not there any more.

    Attributes:
        subject: the full name of the ref, or the id of the object.
    """

    code = "damaged"

    def __init__(self, message: str, *, subject: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint or "find out what is left: git ledger doctor")
        self.subject = subject


class ImprobableDeletions(LedgerError):
    """A sync would remove more tasks than people remove on purpose, and has left them alone.

    Attributes:
        tasks: the ids of the tasks that would be gone, sorted.
    """

    code = "improbable-deletions"

    def __init__(self, message: str, *, tasks: Sequence[str], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.tasks = tuple(tasks)


class NewerFormat(LedgerError):
    """The ledger was written by a newer gitledger; writing to it is refused."""

    code = "newer-format"


class GitFailed(LedgerError):
    """The git program failed in a way that no other error names."""

    code = "git-failed"


class EditRejected(LedgerError):
    """What came back from the editor is not a valid task; the text is kept in a file."""

    code = "edit-rejected"


class DemoFailed(LedgerError):
    """A step of ``git ledger demo`` did not do what it shows."""

    code = "demo-failed"


class HoldsTasks(LedgerError):
    """A session is to end and holds tasks, and nobody said what becomes of them.

    Attributes:
        held: the ids of the tasks that it holds, by priority and age.
    """

    code = "holds-tasks"

    def __init__(self, message: str, *, held: Sequence[str], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.held = tuple(held)


# -- 2: wrong usage ----------------------------------------------------------------------------


class InvalidInput(LedgerError):
    """What the caller gave is wrong by itself: a title, a date, a status, a query, a plan."""

    code = "invalid-input"
    exit_code = 2


class InvalidTask(InvalidInput):
    """A file is not a valid task of this format (quarantined when it comes from the tree)."""

    code = "invalid-task"


class InvalidRecord(InvalidInput):
    """A file is not a valid session or message of this format."""

    code = "invalid-record"


class Cycle(InvalidInput):
    """A dependency would close a cycle.

    Attributes:
        path: the ids along the cycle; the first is repeated at the end.
    """

    code = "cycle"

    def __init__(self, message: str, *, path: Sequence[str], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.path = tuple(path)


# -- 3: nothing there --------------------------------------------------------------------------


class NotFound(LedgerError):
    """Something that was named does not exist."""

    code = "not-found"
    exit_code = 3


class NoSuchTask(NotFound):
    """No task has this id or prefix."""

    code = "no-such-task"


class AmbiguousId(NotFound):
    """More than one task starts with this prefix.

    Attributes:
        matches: the ids that do, sorted.
    """

    code = "ambiguous-id"

    def __init__(self, message: str, *, matches: Sequence[str], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.matches = tuple(matches)


class NoSuchList(NotFound):
    """No task list has this name."""

    code = "no-such-list"


class NoSuchSession(NotFound):
    """No session has this name."""

    code = "no-such-session"


class NothingToTake(NotFound):
    """No task is ready for this session."""

    code = "nothing-to-take"


class TimedOut(NotFound):
    """What was waited for has not come in time."""

    code = "timed-out"


# -- 4: lost -----------------------------------------------------------------------------------


class Lost(LedgerError):
    """The task is not, or no longer, the caller's to act on."""

    code = "lost"
    exit_code = 4


class AlreadyClaimed(Lost):
    """Another session holds the task.

    Attributes:
        task: the task's id.
        owner: the session that holds it.
    """

    code = "already-claimed"

    def __init__(self, message: str, *, task: str, owner: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.task = task
        self.owner = owner


class NotOwner(AlreadyClaimed):
    """Only the owner may do this to the task, and the caller is not the owner."""

    code = "not-owner"


class TaskBlocked(Lost):
    """The task waits for others.

    Attributes:
        task: the task's id.
        blockers: ids of the unfinished tasks that it waits for, sorted.
    """

    code = "blocked"

    def __init__(
        self, message: str, *, task: str, blockers: Sequence[str], hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.task = task
        self.blockers = tuple(blockers)


class TaskFinished(Lost):
    """The task is completed or cancelled, so there is nothing left to do on it.

    Attributes:
        task: the task's id.
        status: ``completed`` or ``cancelled``.
    """

    code = "finished"

    def __init__(self, message: str, *, task: str, status: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.task = task
        self.status = status


class TooManyClaims(Lost):
    """The session holds as many tasks as it may.

    Attributes:
        held: the ids of the tasks that it holds, sorted.
    """

    code = "too-many-claims"

    def __init__(self, message: str, *, held: Sequence[str], hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.held = tuple(held)


class OwnWork(Lost):
    """A review is for another session than the one that did the work."""

    code = "own-work"


# -- 5: no ledger ------------------------------------------------------------------------------


class NoRepository(LedgerError):
    """The path is in no git repository."""

    code = "no-repository"
    exit_code = 5


class NoLedger(LedgerError):
    """The repository has no ledger yet."""

    code = "no-ledger"
    exit_code = 5


# -- 6: remote ---------------------------------------------------------------------------------


class RemoteFailed(LedgerError):
    """The remote could not be reached or refused; local work is kept.

    Attributes:
        remote: the remote's name.
        detail: what git said, escaped, for ``--verbose``.
    """

    code = "remote-failed"
    exit_code = 6

    def __init__(
        self, message: str, *, remote: str, detail: str = "", hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.remote = remote
        self.detail = detail


class RemoteReplaced(RemoteFailed):
    """What the remote has does not contain what it had before: its ref went back or was replaced.

    Attributes:
        remote: as above.
        published: the commit that the remote had when it was last fetched or pushed.
    """

    code = "remote-replaced"

    def __init__(self, message: str, *, remote: str, published: str, hint: str | None = None):
        super().__init__(message, remote=remote, hint=hint)
        self.published = published


# -- 130: interrupted --------------------------------------------------------------------------


class Interrupted(LedgerError):
    """The user has stopped the command."""

    code = "interrupted"
    exit_code = 130
