"""A draft: tasks as they would be, on top of a snapshot that does not change."""

from __future__ import annotations

from datetime import datetime

from gitledger.core import ids
from gitledger.core.dataclass import replace
from gitledger.core.graph import Graph, candidates
from gitledger.core.policy import Policy
from gitledger.core.task import Note, Task, is_of_list, writers
from gitledger.errors import NoSuchTask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Mapping
    from typing import Any, Final, Protocol, TypeAlias

    from gitledger.core.message import Message
    from gitledger.core.session import Session

    Kept: TypeAlias = (
        "tuple[dict[str, Task], dict[str, Task], dict[str, Task], "
        "dict[str, Session | None], dict[str, Message | None]]"
    )

else:
    Protocol = object  # at run time tasks only have to have the methods

_PLAIN: Final = Policy()


class Tasks(Protocol):
    """The tasks of one snapshot, as the rules of `core` read them."""

    def find(self, task_id: str) -> Task | None:
        """Return the task with this whole id, or None."""

    def resolve(self, prefix: str) -> str:
        """Return the one id that starts with the prefix, in upper or lower case.

        Raises:
            NoSuchTask: there is none.
            AmbiguousId: there are several.
        """

    def all(self) -> Iterable[Task]:
        """Return every task that is not archived."""

    def archived(self) -> Iterable[Task]:
        """Return every archived task."""

    def is_archived(self, task_id: str) -> bool:
        """Tell whether the id is that of an archived task."""

    def owned_by(self, name: str) -> Iterable[Task]:
        """Return the unfinished tasks that a session owns."""

    def first(self, by: str, role: str | None, silent: Container[str]) -> Task | None:
        """Return the task that a session should do next; see `gitledger.core.lifecycle`.

        Args:
            by: the session.
            role: tasks for another role are passed over; None passes over none.
            silent: what these sessions own is there to be taken over.
        """

    def roles(self) -> Iterable[str]:
        """Return the roles that tasks name."""

    def writers(self) -> Iterable[str]:
        """Return the sessions that own a task, or wrote anything on one."""

    def imported(self, system: str, name: str) -> Iterable[Task]:
        """Return the tasks whose source is this list of a system, ordered by id."""

    def short(self, task_id: str) -> str:
        """Return the shortest unique prefix, at least 4 characters, for people to read."""

    def session(self, name: str) -> Session | None:
        """Return the registered session of this name, or None."""

    def sessions(self) -> Mapping[str, Session]:
        """Return every registered session by its name, ordered by name."""

    def messages(self) -> Mapping[str, Message]:
        """Return every message by its id, ordered by id."""


class Draft:
    """The changes of one operation, made by one session at one moment.

    Attributes:
        by: the session that acts.
        now: when, UTC, whole seconds.
        policy: what the repository's settings say about the rules.
        repository: the code repository that it is made in, where the ledger is in another.
        changed: the tasks that differ from the snapshot, by id, in the order of their change.
        archived: the tasks that are put into the archive, by id.
        removed: the tasks that are removed, by id, as they were.
        undoes: the commits of the operations that this one takes back.
        sessions: the sessions that do, by name; None is one that is removed.
        messages: the messages that do, by id; None is one that is removed.
        layouts: TOML text by id, for tasks whose comments and order come from somebody's editor.
    """

    def __init__(
        self,
        base: Tasks,
        *,
        by: str,
        now: datetime,
        random_bytes: Callable[[int], bytes],
        policy: Policy = _PLAIN,
        repository: str | None = None,
    ) -> None:
        self.by = by
        self.now = now
        self.policy = policy
        self.repository = repository
        self.changed: dict[str, Task] = {}
        self.archived: dict[str, Task] = {}
        self.removed: dict[str, Task] = {}
        self.undoes: tuple[str, ...] = ()
        self.sessions: dict[str, Session | None] = {}
        self.messages: dict[str, Message | None] = {}
        self.layouts: dict[str, bytes] = {}
        self._base = base
        self._random_bytes = random_bytes

    @property
    def empty(self) -> bool:
        """Whether nothing in it differs from the snapshot."""
        tasks = self.changed or self.archived or self.removed
        return not (tasks or self.sessions or self.messages)

    def kept(self) -> Kept:
        """Return what it holds now, for `restore`."""
        tasks = dict(self.changed), dict(self.archived), dict(self.removed)
        return *tasks, dict(self.sessions), dict(self.messages)

    def restore(self, kept: Kept) -> None:
        """Take back all that was put into it since."""
        self.changed, self.archived, self.removed, self.sessions, self.messages = kept

    # -- tasks ---------------------------------------------------------------------------------

    def find(self, task_id: str) -> Task | None:
        """Return the task with this whole id, or None."""
        if task_id in self.removed:
            return None
        return self.changed.get(task_id) or self._base.find(task_id)

    def get(self, name: str) -> Task:
        """Return the task that a whole id or a prefix names.

        Raises:
            NoSuchTask: there is none.
            AmbiguousId: there are several.
        """
        name = name.strip()
        if task := self.find(name.lower()):
            return task
        task = self.find(self._base.resolve(name))
        if task is None:
            raise NoSuchTask(f"no task '{name}'")
        return task

    def all(self) -> Iterator[Task]:
        """Yield every task that is not archived, those of the draft included."""
        for task in self._base.all():
            if task.id not in self.archived and task.id not in self.removed:
                yield self.changed.get(task.id, task)
        for key, task in self.changed.items():
            fresh = self._base.find(key) is None or self._base.is_archived(key)
            if fresh and key not in self.archived:
                yield task

    def all_archived(self) -> Iterator[Task]:
        """Yield every archived task, those of the draft included."""
        moved = self.changed.keys() | self.removed.keys()
        yield from (task for task in self._base.archived() if task.id not in moved)
        yield from self.archived.values()

    def is_archived(self, task_id: str) -> bool:
        """Tell whether the id is that of an archived task, and so of a finished one."""
        if task_id in self.archived or task_id in self.changed:
            return task_id in self.archived
        return task_id not in self.removed and self._base.is_archived(task_id)

    def graph(self) -> Graph:
        """Return the dependencies among all tasks."""
        return Graph(self.all(), self.is_archived)

    def owned_by(self, name: str) -> list[Task]:
        """Return the unfinished tasks that a session owns, those of the draft included."""
        moved = self.changed.keys() | self.removed.keys()
        there = (task for task in self._base.owned_by(name) if task.id not in moved)
        mine = (task for task in self.changed.values() if task.owner == name and not task.finished)
        return [*there, *mine]

    def first(self, role: str | None, silent: Container[str]) -> Task | None:
        """Return the task that the acting session should do next, None when nothing is ready."""
        if not (self.changed or self.archived or self.removed):
            return self._base.first(self.by, role, silent)
        return next(iter(candidates(self.graph(), self.by, role, silent)), None)

    def roles(self) -> set[str]:
        """Return the roles that tasks name."""
        return {*self._base.roles(), *(task.role for task in self.changed.values() if task.role)}

    def writers(self) -> set[str]:
        """Return the sessions that own a task, or wrote anything on one."""
        return set(self._base.writers()).union(*map(writers, self.changed.values()))

    def imported(self, system: str, name: str) -> list[Task]:
        """Return the tasks whose source is this list of a system, those of the draft included."""
        found = {task.id: task for task in self._base.imported(system, name)} | self.changed
        gone = self.archived.keys() | self.removed.keys()
        there = (task for task in found.values() if task.id not in gone)
        return [task for task in there if is_of_list(task, system, name)]

    def short(self, task_id: str) -> str:
        """Return the shortest unique prefix of a task's id, at least 4 characters."""
        return self._base.short(task_id)

    def call(self, task: Task) -> str:
        """Return how a message names the task: its short id and its title."""
        return f"{self._base.short(task.id)} '{task.title}'"

    def put(self, task: Task) -> Task:
        """Keep the task and return it, stamped with who changed it and when.

        A task that equals the one there is no change, and is returned as it was. One that is
        archived and changes is archived no more.
        """
        there = self.find(task.id)
        if there == task:
            return there
        if there is None:
            task = replace(task, created_at=self.now, created_by=self.by)
        task = replace(task, updated_at=self.now, updated_by=self.by)
        self.changed[task.id] = task
        self.archived.pop(task.id, None)
        return task

    def archive(self, task: Task) -> Task:
        """Put a finished task into the archive, as it is, and return it."""
        self.archived[task.id] = task
        return task

    def put_back(self, task: Task, layout: bytes | None = None) -> Task:
        """Keep a task as it once was, stamped as changed now, and return it.

        When and by whom it was made stays, and one that was archived or removed is there again.

        Args:
            task: the task.
            layout: TOML text that has its comments and order; None keeps those it has now.
        """
        task = replace(task, updated_at=self.now, updated_by=self.by)
        self.changed[task.id] = task
        self.archived.pop(task.id, None)
        self.removed.pop(task.id, None)
        if layout is not None:
            self.layouts[task.id] = layout
        return task

    def remove(self, task: Task) -> None:
        """Remove a task."""
        self.forget(task.id)
        self.removed[task.id] = task

    def forget(self, task_id: str) -> None:
        """Leave a task as it is in the snapshot, whatever was done to it here."""
        for kept in (self.changed, self.archived, self.removed, self.layouts):
            kept.pop(task_id, None)

    def new_task_id(self) -> str:
        """Return an id that no task of the list has."""
        while self.find(task_id := ids.new_id(self._random_bytes)) is not None:
            continue
        return task_id

    def note(self, kind: str, text: str, **keys: Any) -> Note:
        """Return a new note by the acting session."""
        return Note(id=self.new_id(), at=self.now, by=self.by, kind=kind, text=text, **keys)

    # -- sessions and messages -----------------------------------------------------------------

    def session(self, name: str) -> Session | None:
        """Return the registered session of this name, or None."""
        if name in self.sessions:
            return self.sessions[name]
        return self._base.session(name)

    def all_sessions(self) -> tuple[Session, ...]:
        """Return every registered session, ordered by name."""
        found = {**self._base.sessions(), **self.sessions}
        return tuple(session for _, session in sorted(found.items()) if session)

    def put_session(self, session: Session) -> Session:
        """Keep a session and return it."""
        if self.session(session.name) != session:
            self.sessions[session.name] = session
        return session

    def drop_session(self, name: str) -> None:
        """Remove a session."""
        if self.session(name):
            self.sessions[name] = None

    def all_messages(self) -> tuple[Message, ...]:
        """Return every message, the oldest first."""
        found = {**self._base.messages(), **self.messages}
        there = (message for message in found.values() if message)
        return tuple(sorted(there, key=lambda message: (message.at, message.id)))

    def message(self, message_id: str) -> Message | None:
        """Return the message with this id, or None."""
        if message_id in self.messages:
            return self.messages[message_id]
        return self._base.messages().get(message_id)

    def put_message(self, message: Message) -> Message:
        """Keep a message and return it."""
        self.messages[message.id] = message
        return message

    def drop_message(self, message_id: str) -> None:
        """Remove a message."""
        self.messages[message_id] = None

    def tell(self, to: str, text: str) -> Message:
        """Keep a new message by the acting session, and return it."""
        from gitledger.core.message import Message

        return self.put_message(
            Message(id=self.new_id(), at=self.now, by=self.by, to=to, text=text)
        )

    def new_id(self) -> str:
        """Return an id for anything but a task."""
        return ids.new_id(self._random_bytes)
