"""The verbs that change tasks: the same on a ledger, where each is one operation, and in a
transaction, where all together are one."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta

from gitledger.core import editing, lifecycle, review
from gitledger.core.draft import Draft
from gitledger.core.task import Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    from gitledger.core.message import Message
    from gitledger.core.plan import Plan
    from gitledger.core.planning import Imported
    from gitledger.core.session import Session

    T = TypeVar("T")


class Verbs(ABC):
    """What a session can do to tasks.

    A task is named by its id or a unique prefix of at least 3 characters; naming none raises
    `NoSuchTask`, naming several `AmbiguousId`. Every verb returns the task as it then is. A verb
    that finds the task as asked for changes nothing and writes nothing; one that would make the
    task larger than 64 KiB raises `InvalidInput`.
    """

    @abstractmethod
    def _do(self, name: str, verb: Callable[[Draft], T]) -> T:
        """Carry out a verb under the operation's name and return its result."""

    def _silent(self) -> Mapping[str, timedelta]:
        """Return for how long each session is silent that is so beyond its lease.

        Asked within a verb: when it is decided again, the sessions may have given signs of life.
        """
        return {}

    # -- what a task says ----------------------------------------------------------------------

    def add(self, title: str, *, claim: bool = False, **values: Any) -> Task:
        """Make a task.

        Args:
            title: one line, 1 to 500 characters.
            claim: the acting session becomes its owner in the same operation.
            values: `description`, `priority`, `type`, `labels`, `blocked_by` (ids or prefixes),
                `parent`, `role`, `review`, `estimate`, `due` (date or aware datetime), `branch`,
                `metadata`, `source`.

        Raises:
            InvalidInput: a value breaks a rule.
            NoSuchTask: `blocked_by` or `parent` names no task.
            TaskBlocked: it is to be claimed and waits for unfinished tasks.
        """
        kept = _kept(values)

        def verb(draft: Draft) -> Task:
            task = editing.add(draft, title, **kept)
            return lifecycle.claim(draft, task.id) if claim else task

        return self._do("add", verb)

    def edit(self, task: str, **changes: Any) -> Task:
        """Change fields of a task; open to every session.

        Args:
            task: id or prefix.
            changes: new values by field as in `add` (None unsets), and `add_labels`,
                `remove_labels`, `add_blocked_by`, `remove_blocked_by`.

        Raises:
            InvalidInput: a value breaks a rule, or there is no such field.
            Cycle: the dependencies would close a cycle.
        """
        kept = _kept(changes)
        return self._do("edit", lambda draft: editing.edit(draft, task, **kept))

    def rewrite(
        self, edited: Task, layout: bytes | None = None, *, before: Task | None = None
    ) -> Task:
        """Take over a whole task that somebody edited.

        Args:
            edited: the task; what has verbs of its own (status, owner, progress) must be as it was.
            layout: the TOML text that was edited, whose comments and order are kept.
            before: the task as it was when the editing began, where it may have changed since.

        Raises:
            InvalidInput: a value breaks a rule, or has a verb of its own.
            Cycle: the dependencies would close a cycle.
        """
        return self._do("edit", lambda draft: editing.rewrite(draft, edited, layout, before=before))

    def note(self, task: str, text: str) -> Task:
        """Add a note; open to every session."""
        return self._do("note", lambda draft: editing.note(draft, task, text))

    def link(self, task: str, commit: str) -> Task:
        """Link a commit of the project (full id) to the task."""
        return self._do("link", lambda draft: editing.link(draft, task, commit))

    def import_plan(
        self, plan: Plan, *, name: str, parse_due: Callable[[str], date | None]
    ) -> Imported:
        """Make the tasks of a plan, or update those that an earlier import of it made.

        Args:
            plan: as `gitledger.core.plan.parse_plan` returns it.
            name: the plan's name; what was imported under it before is updated.
            parse_due: returns the date that the plan's words for a due date mean.

        Raises:
            InvalidInput: a value breaks a rule.
            NoSuchTask: an item waits for a task that does not exist.
        """
        from gitledger.core.planning import apply_plan

        return self._do(
            "import", lambda draft: apply_plan(draft, plan, name=name, parse_due=parse_due)
        )

    # -- the life of a task --------------------------------------------------------------------

    def claim(self, task: str, *, force: bool = False, take_over: bool = False) -> Task:
        """Become the owner of a task that nobody owns.

        Args:
            task: id or prefix.
            force: although it is blocked, with a note.
            take_over: although a stale session owns it, with a note.

        Raises:
            AlreadyClaimed: another session owns it.
            TaskBlocked: it waits for unfinished tasks.
            TaskFinished: it is completed or cancelled.
            TooManyClaims: the session holds as many tasks as it may.
        """

        def verb(draft: Draft) -> Task:
            silent = self._silent() if take_over else {}
            return lifecycle.claim(draft, task, force=force, take_over=take_over, silent=silent)

        return self._do("claim", verb)

    def start(self, task: str, *, force: bool = False) -> Task:
        """Claim the task and begin to work on it.

        Raises:
            AlreadyClaimed: another session owns it (`force` takes it over, with a note).
            TaskBlocked: it waits for unfinished tasks (`force` overrides, with a note).
            TaskFinished: it is completed or cancelled.
        """
        return self._do("start", lambda draft: lifecycle.start(draft, task, force=force))

    def claim_next(self, *, role: str | None = None, take_over: bool = False) -> Task:
        """Claim the task that is to be done next.

        Args:
            role: tasks for another role are passed over; None takes that of the session.
            take_over: what stale sessions own counts, too; a note says from whom it was taken.

        Raises:
            NothingToTake: nothing is ready.
            TooManyClaims: the session holds as many tasks as it may.
        """

        def verb(draft: Draft) -> Task:
            silent = self._silent() if take_over else {}
            task = lifecycle.next_task(draft, role=role, silent=silent)
            return lifecycle.claim(draft, task.id, take_over=take_over, silent=silent)

        return self._do("claim", verb)

    def release_stale(self) -> tuple[Task, ...]:
        """Give back all that stale sessions own, each with a note, and return it."""
        from gitledger.core import claims

        return self._do("release", lambda draft: claims.release_stale(draft, self._silent()))

    def release(self, task: str, *, force: bool = False) -> Task:
        """Give the task back.

        Raises:
            NotOwner: another session owns it (`force` overrides, with a note).
        """
        return self._do("release", lambda draft: lifecycle.release(draft, task, force=force))

    def progress(self, task: str, percent: int, *, force: bool = False) -> Task:
        """Record how far the work is, 0 to 100.

        Raises:
            NotOwner: another session owns it (`force` overrides, with a note).
            TaskFinished: it is completed or cancelled.
        """
        return self._do(
            "progress", lambda draft: lifecycle.progress(draft, task, percent, force=force)
        )

    def done(self, task: str, *, force: bool = False) -> Task:
        """Complete the task, or bring it to review where it asks for that.

        Raises:
            NotOwner: another session owns it (`force` overrides, with a note).
            TaskBlocked: nobody owns it, and it waits for unfinished tasks.
            TaskFinished: it is cancelled.
        """
        return self._do("done", lambda draft: lifecycle.done(draft, task, force=force))

    def cancel(self, task: str, *, force: bool = False) -> Task:
        """Say that the task will not be done.

        Raises:
            NotOwner: another session owns it (`force` overrides, with a note).
            TaskFinished: it is completed.
        """
        return self._do("cancel", lambda draft: lifecycle.cancel(draft, task, force=force))

    def reopen(self, task: str, *, force: bool = False) -> Task:
        """Make a finished task pending again.

        Raises:
            NotOwner: another session owns it (`force` overrides, with a note).
        """
        return self._do("reopen", lambda draft: lifecycle.reopen(draft, task, force=force))

    def archive(self, before: datetime | None = None) -> tuple[Task, ...]:
        """Put finished tasks away, and return them, ordered by id; any change brings one back.

        A task stays while one of its sub-tasks stays.

        Args:
            before: only what was finished before that (aware); None takes all.
        """
        from gitledger.core import archive

        return self._do("archive", lambda draft: archive.archive(draft, before))

    def ask(self, task: str, text: str) -> Task:
        """Put a question on the task, which waits until it is answered."""
        return self._do("ask", lambda draft: lifecycle.ask(draft, task, text))

    def answer(self, task: str, text: str) -> Task:
        """Answer the task's question; it goes back to its owner."""
        return self._do("answer", lambda draft: lifecycle.answer(draft, task, text))

    def resolve(self, task: str, *, take: int | None = None) -> Task:
        """Settle the conflicts that a sync left on the task; open to every session.

        Args:
            task: id or prefix.
            take: the number of a conflict, from 1, as `show` counts the open ones: the value
                that was set aside replaces the one that was kept. None keeps all as they are.

        Raises:
            InvalidInput: there is no such conflict, or its value cannot be taken this way.
        """
        from gitledger.core import resolution

        return self._do("resolve", lambda draft: resolution.resolve(draft, task, take))

    def approve(self, task: str, text: str | None = None) -> Task:
        """Complete a task that another session brought to review.

        Raises:
            OwnWork: the acting session did the work itself.
        """
        return self._do("approve", lambda draft: review.approve(draft, task, text))

    def reject(self, task: str, text: str) -> Task:
        """Send a task in review back to its owner, with the reason.

        Raises:
            OwnWork: the acting session did the work itself.
        """
        return self._do("reject", lambda draft: review.reject(draft, task, text))

    # -- from one session to the next ----------------------------------------------------------

    def handoff(self, task: str, to: str, text: str, *, force: bool = False) -> Task:
        """Pass a task to another session, or to a role.

        Args:
            task: id or prefix.
            to: a session's name, or `role:ROLE`.
            text: what the recipient should know.
            force: although another session owns it, with a note.

        Raises:
            NotOwner: another session owns it.
            NoSuchSession: nobody has the recipient's name, or that session has ended.
            TaskFinished: it is completed or cancelled.
            InvalidInput: the recipient is the acting session, or nobody has the role.
        """
        from gitledger.core import handoff

        return self._do(
            "handoff", lambda draft: handoff.handoff(draft, task, to, text, force=force)
        )

    def accept(self, task: str, text: str | None = None) -> Task:
        """Take note of a handoff, and begin to work.

        Raises:
            InvalidInput: the task was not handed to this session, or its role.
            AlreadyClaimed: another session owns it by now.
        """
        from gitledger.core import handoff

        return self._do("accept", lambda draft: handoff.accept(draft, task, text))

    def decline(self, task: str, text: str) -> Task:
        """Pass a task back to the session that handed it off, with the reason.

        Raises:
            InvalidInput: the task was not handed to this session.
            NotOwner: another session owns it by now.
            TaskFinished: it is completed or cancelled.
        """
        from gitledger.core import handoff

        return self._do("decline", lambda draft: handoff.decline(draft, task, text))

    def tell(self, to: str, text: str) -> Message:
        """Tell a session, all of a role (`role:ROLE`), or everybody (`all`) something.

        Raises:
            NoSuchSession: nobody has this name, or that session has ended.
            InvalidInput: nobody has the role.
        """
        from gitledger.core import messages

        return self._do("tell", lambda draft: messages.tell(draft, to, text))

    def read_inbox(self) -> tuple[Message, ...]:
        """Mark what this session was told as read, and return what it had not read before."""
        from gitledger.core import messages

        return self._do("read", messages.read)

    # -- the life of a session -----------------------------------------------------------------

    def start_session(self, name: str, **values: str | None) -> Session:
        """Register a session.

        Args:
            name: its name.
            values: `role`, `host`, `repository`, `worktree`, `branch`, `lease`, `agent`,
                `origin`, and `by_person`, who registers it.

        Raises:
            InvalidInput: a session of this name goes on, or a value breaks a rule.
            NoSuchSession: `origin` is not registered.
        """
        from gitledger.core import sessions

        return self._do("session-start", lambda draft: sessions.start(draft, name, **values))

    def rename_session(self, old: str, new: str) -> Session:
        """Give a session another name, with its claims, its handoffs and its messages.

        Raises:
            NoSuchSession: it is not registered.
            InvalidInput: the new name is taken.
        """
        from gitledger.core import sessions

        return self._do("session-rename", lambda draft: sessions.rename(draft, old, new))


def _kept(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values as they are now: a verb may be decided again, when an iterator is used up
    or the caller has changed a list."""
    return {name: tuple(v) if _is_collection(v) else v for name, v in values.items()}


def _is_collection(value: object) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, str | bytes | Mapping)
