"""What operations did, as an undo needs to know it, and what the undo comes to."""

from __future__ import annotations

from gitledger.core.conflict import Conflict
from gitledger.core.dataclass import dataclass
from gitledger.core.message import Message
from gitledger.core.operation import Operation
from gitledger.core.session import Session
from gitledger.core.task import Task


@dataclass(frozen=True, slots=True)
class Edit:
    """What an operation did to a task.

    Attributes:
        before: the task before it; None where it made it.
        after: the task after it; None where it removed it.
        was_archived: whether it was archived before.
        is_archived: whether it was after.
        layout: the task's file before it, with its comments and order.
    """

    before: Task | None
    after: Task | None
    was_archived: bool = False
    is_archived: bool = False
    layout: bytes | None = None

    @property
    def id(self) -> str:
        """The task's id."""
        task = self.before or self.after
        assert task is not None, "an edit has a task before or after it"
        return task.id


@dataclass(frozen=True, slots=True)
class Effect:
    """An operation and all that it did.

    Attributes:
        commit: its id.
        operation: what its message tells.
        subject: the first line of that.
        edits: what it did to tasks.
        sessions: to sessions: name, before and after.
        messages: to messages: id, before and after.
        others: paths of files that it changed and that are none of those.
    """

    commit: str
    operation: Operation
    subject: str
    edits: tuple[Edit, ...] = ()
    sessions: tuple[tuple[str, Session | None, Session | None], ...] = ()
    messages: tuple[tuple[str, Message | None, Message | None], ...] = ()
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo came to.

    Attributes:
        effects: the operations that are taken back, the newest first.
        tasks: the tasks that it changes, before and after; None where there is none.
        moved: the tasks that it brings into the archive, or out of it: by id, whether into it.
        sessions: the names of the sessions that it changes.
        messages: the ids of the messages that it changes.
        left: what has changed since, and so stays: a field of a task, or the whole `task`; of a
            `session`, a `message` or a `file` that is named in the task's place.
    """

    effects: tuple[Effect, ...]
    tasks: tuple[tuple[Task | None, Task | None], ...] = ()
    moved: tuple[tuple[str, bool], ...] = ()
    sessions: tuple[str, ...] = ()
    messages: tuple[str, ...] = ()
    left: tuple[Conflict, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether it changes nothing."""
        return not (self.tasks or self.sessions or self.messages)
