"""A task together with what follows from the rest of the ledger; derived, never stored."""

from __future__ import annotations

from datetime import UTC, date, datetime

from gitledger.core.value import Value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final, Literal, Protocol, Self

    from gitledger.core.task import Note, Task

    class Source(Protocol):
        """Where a task can be had that has not been read yet."""

        @property
        def id(self) -> str:
            """The task's id."""

        def task(self) -> Task:
            """Return the task."""

        def keys(self) -> dict[str, Any]:
            """Return the task's keys as the contract's JSON has them: every key."""


SCHEMA_VERSION: Final = 1
"""Version of every JSON object that gitledger prints (contract, section 6)."""
_INFINITE: Final = float("inf")


class Claim(Value):
    """Who holds a task. It is tentative until the remote has it (contract, section 4)."""

    __slots__ = ("at", "session", "state")

    def __init__(
        self, *, session: str, at: datetime | None, state: Literal["tentative", "confirmed"]
    ) -> None:
        self.session = session
        self.at = at
        self.state = state


class TaskView(Value):
    """A task as its list shows it.

    Args:
        task: the task; or, where it may not be needed as a whole,
        source: where it can be had.
        others: as the attributes.

    Attributes:
        list: the list's name.
        ready: pending, unowned, and nothing that it waits for is unfinished.
        blocked: unfinished, and something that it waits for is unfinished.
        blockers: the ids of those unfinished tasks, sorted.
        blocks: ids of the tasks that name it in `blocked_by`, sorted.
        stale: its owner shows no sign of life for longer than the lease.
        overdue: unfinished and past its due date.
        claim: who holds it, or None.
        archived: it is put away.
        revision: the commit that last changed it; None where nobody asked for it.
    """

    __slots__ = (
        "_source",
        "_task",
        "archived",
        "blocked",
        "blockers",
        "blocks",
        "claim",
        "list",
        "overdue",
        "ready",
        "revision",
        "stale",
    )

    def __init__(
        self,
        *,
        task: Task | None = None,
        source: Source | None = None,
        list: str,  # noqa: A002  # the contract's word
        ready: bool,
        blocked: bool,
        blockers: tuple[str, ...] = (),
        blocks: tuple[str, ...] = (),
        stale: bool = False,
        overdue: bool = False,
        claim: Claim | None = None,
        archived: bool = False,
        revision: str | None = None,
    ) -> None:
        self._task = task
        self._source = source
        self.list = list
        self.ready = ready
        self.blocked = blocked
        self.blockers = blockers
        self.blocks = blocks
        self.stale = stale
        self.overdue = overdue
        self.claim = claim
        self.archived = archived
        self.revision = revision

    @property
    def task(self) -> Task:
        """The task."""
        if self._task is None:
            if self._source is None:
                raise ValueError("a view has a task or a source")
            self._task = self._source.task()
        return self._task

    @property
    def id(self) -> str:
        """The task's id."""
        return self.task.id if self._source is None else self._source.id

    def keys(self) -> dict[str, Any]:
        """Return the task's own keys as the contract's JSON has them: every key."""
        if self._source is not None:
            return self._source.keys()
        from gitledger.core.task import TASK_KEYS

        keys = {key: plain(getattr(self.task, key)) for key in TASK_KEYS}
        return {**keys, "notes": [note_json(note) for note in self.task.notes]}

    def of_revision(self, commit: str | None) -> Self:
        """Note the commit that last changed the task, and return the view."""
        self.revision = commit
        return self

    def _fields(self) -> tuple[object, ...]:
        own = (getattr(self, name) for name in self.__slots__ if not name.startswith("_"))
        return (self.task, *own)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TaskView) and self._fields() == other._fields()

    def __hash__(self) -> int:
        return hash(self.id)


def rfc3339(moment: date | datetime) -> str:
    """Return a date as `2026-01-31`, a time in UTC as `2026-01-31T09:30:00Z`."""
    if isinstance(moment, datetime):
        moment = moment.astimezone(UTC) if moment.tzinfo else moment
        return moment.replace(tzinfo=None).isoformat() + "Z"
    return moment.isoformat()


def plain(value: Any) -> Any:
    """Return a TOML value as one that JSON can hold.

    Times become strings, tuples lists, and so do infinite numbers, which only TOML has.
    """
    if value is None or isinstance(value, (str, int)):
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, date | datetime):
        return rfc3339(value)
    if isinstance(value, float):
        return value if abs(value) < _INFINITE else str(value)
    return str(value)


def note_json(note: Note) -> dict[str, Any]:
    """Return a note as the contract's JSON has it; what is not set is left out."""
    from gitledger.core.task import NOTE_KEYS

    values = {key: plain(getattr(note, key)) for key in NOTE_KEYS}
    known = {key: value for key, value in values.items() if value is not None}
    return {**known, **plain(dict(note.extra))}


def task_json(view: TaskView) -> dict[str, Any]:
    """Return a task as the contract's JSON has it: every key, unset ones null, [] or {}.

    Only an archived one has the key `archived`.
    """
    claim = view.claim and {
        "session": view.claim.session,
        "at": plain(view.claim.at),
        "state": view.claim.state,
    }
    return {
        "id": view.id,
        "list": view.list,
        **view.keys(),
        "ready": view.ready,
        "blocked": view.blocked,
        "stale": view.stale,
        "overdue": view.overdue,
        "blocks": list(view.blocks),
        "claim": claim,
        "revision": view.revision,
        **({"archived": True} if view.archived else {}),
    }
