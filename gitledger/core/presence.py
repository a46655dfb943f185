"""Presence: what each session works on, when it was last heard of, and who needs attention."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from operator import attrgetter

from gitledger.core.dataclass import dataclass
from gitledger.core.parties import lost_claim
from gitledger.core.session import Session, lease_of, stale
from gitledger.core.task import Task
from gitledger.core.view import plain
from gitledger.errors import InvalidInput, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Mapping, Sequence
    from typing import Any, Final, Literal, TypeAlias

    Status: TypeAlias = Literal["working", "waiting", "idle", "stale", "ended"]
    """What a session does (contract, section 7)."""


@dataclass(frozen=True, slots=True)
class Held:
    """An unfinished task that a session holds, as far as it takes to tell what the session does."""

    id: str
    owner: str
    status: str
    priority: str
    type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionView:
    """A session as `session list` shows it.

    Attributes:
        name: its name.
        session: as it is registered, None where it is not.
        tasks: the unfinished tasks that it holds, by priority and age.
        task: the one of them that it works on: in progress, else the first; None without any.
        elapsed: since that task was started; None where it was not.
        expected_end: when that task should be completed, None where nobody knows; it may be past.
        status: what it does.
        last_seen: its last sign of life, None where there is none.
        gone: its worktree on this machine is not there any more.
        attention: why somebody should look at it: `question`, `stale`, `claim lost`, `gone`.
    """

    name: str
    session: Session | None
    tasks: tuple[Held, ...]
    task: Task | None
    elapsed: timedelta | None
    expected_end: datetime | None
    status: Status
    last_seen: datetime | None
    gone: bool
    attention: tuple[str, ...]

    @property
    def progress(self) -> int | None:
        """The progress of the task that it works on."""
        return self.task.progress if self.task else None


def lost_claims(tasks: Iterable[Task]) -> frozenset[str]:
    """Return the sessions that lost a claim on one of these tasks, which nobody has settled."""
    notes = (note for task in tasks for note in task.notes)
    return frozenset(note.dropped for note in notes if lost_claim(note, note.dropped))


def session_views(
    held: Iterable[Held],
    sessions: Mapping[str, Session],
    *,
    tasks: Callable[[Iterable[str]], Iterable[Task]],
    lost: Container[str] = (),
    typical: Mapping[str, float],
    seen: Mapping[str, datetime],
    lease: timedelta,
    now: datetime,
    gone: Container[str] = (),
) -> list[SessionView]:
    """Return the registered sessions, and the other owners of unfinished tasks, in order.

    Those that need attention come first, then by the priority of their task, then by name.

    Args:
        held: the unfinished tasks that have an owner, by priority and age.
        sessions: the registered sessions by name.
        tasks: returns the tasks with some ids: those that the sessions work on.
        lost: the sessions that lost a claim on an unfinished task.
        typical: how many seconds tasks take until they are completed, by their type: the median.
        seen: the last sign of life by name.
        lease: of sessions that have none of their own.
        now: the time, UTC.
        gone: the sessions whose worktree on this machine is gone.
    """
    work: dict[str, list[Held]] = {name: [] for name in sessions}
    for each in filter(attrgetter("owner"), held):
        work.setdefault(each.owner, []).append(each)
    chosen = {name: _at_work(own) for name, own in work.items() if own}
    known = {task.id: task for task in tasks(sorted(chosen.values()))}

    def view(name: str) -> SessionView:
        own = work[name]
        task = known[chosen[name]] if own else None
        elapsed = now - task.started_at if task and task.started_at else None
        session, last_seen = sessions.get(name), seen.get(name)
        ended = session is not None and session.ended
        silent = stale(last_seen, lease_of(session, lease), now)
        reasons = {
            "question": any(task.status == "waiting" for task in own),
            "stale": silent and bool(own),
            "claim lost": name in lost and not ended,
            "gone": name in gone and not ended,
        }
        return SessionView(
            name=name,
            session=session,
            tasks=tuple(own),
            task=task,
            elapsed=elapsed,
            expected_end=expected_end(task, elapsed, typical, now) if task else None,
            status=_status(own, ended=ended, silent=silent),
            last_seen=last_seen,
            gone=name in gone,
            attention=tuple(reason for reason, holds in reasons.items() if holds),
        )

    return sorted(map(view, work), key=_attention_first)


def _at_work(held: Sequence[Held]) -> str:
    """Return the task that a session works on: one in progress, else the first."""
    return next((task for task in held if task.status == "in_progress"), held[0]).id


def _status(held: Sequence[Held], *, ended: bool, silent: bool) -> Status:
    if ended:
        return "ended"
    if silent:
        return "stale"
    if any(task.status == "in_progress" for task in held):
        return "working"
    return "waiting" if held and all(task.status == "waiting" for task in held) else "idle"


# -- how long it takes --------------------------------------------------------------------------


def expected_end(
    task: Task, elapsed: timedelta | None, typical: Mapping[str, float], now: datetime
) -> datetime | None:
    """Return when a task should be completed: by its progress, else by others, or its estimate.

    Args:
        task: which.
        elapsed: since its start, None where it was not started.
        typical: how many seconds tasks take until they are completed, by their type: the median.
        now: the time, UTC.
    """
    if elapsed is not None and task.progress:
        return now + elapsed * (100 - task.progress) / task.progress
    whole = timedelta(seconds=typical.get(task.type, 0)) or _estimate(task)
    return None if whole is None else (task.started_at or now) + whole


def _estimate(task: Task) -> timedelta | None:
    from gitledger.core.dates import estimate_hours

    try:
        return timedelta(hours=estimate_hours(task.estimate)) if task.estimate else None
    except InvalidInput:  # a ledger may hold what another program wrote
        return None


# -- order and groups ---------------------------------------------------------------------------

_LAST: Final = "~"
"""Sorts behind every priority."""
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def _priority(view: SessionView) -> str:
    return view.task.priority if view.task else _LAST


def _attention_first(view: SessionView) -> tuple[bool, str, str]:
    return not view.attention, _priority(view), view.name


_SORTS: Final[Mapping[str, Callable[[SessionView], Any]]] = {
    "eta": lambda view: view.expected_end or _NEVER,
    "priority": _priority,
    "elapsed": lambda view: -(view.elapsed or timedelta()),
}
SORT_KEYS: Final = tuple(_SORTS)
"""What `session list --sort` takes: the soonest, the most urgent, the longest at work first."""
_GROUPS: Final[Mapping[str, Callable[[SessionView], str | None]]] = {
    "repository": lambda view: view.session.repository if view.session else None,
    "role": lambda view: view.session.role if view.session else None,
    "host": lambda view: view.session.host if view.session else None,
}
GROUP_KEYS: Final = tuple(_GROUPS)
"""What `session list --group-by` takes."""


def sort_sessions(views: Iterable[SessionView], key: str) -> list[SessionView]:
    """Return the views by one of `SORT_KEYS`; what has no value last, equals as they were.

    Raises:
        InvalidInput: there is no such key.
    """
    return sorted(views, key=_SORTS[_known(key, SORT_KEYS, "sort key")])


def group_sessions(
    views: Iterable[SessionView], key: str
) -> list[tuple[str | None, list[SessionView]]]:
    """Return the views in groups by one of `GROUP_KEYS`: by name, those without one last.

    Raises:
        InvalidInput: there is no such key.
    """
    read = _GROUPS[_known(key, GROUP_KEYS, "group")]
    groups: dict[str | None, list[SessionView]] = {}
    for view in views:
        groups.setdefault(read(view), []).append(view)
    return sorted(groups.items(), key=lambda group: (group[0] is None, group[0] or ""))


def session_json(view: SessionView) -> dict[str, Any]:
    """Return a session as JSON has it: every key, unset ones null or []; elapsed in seconds."""
    session, task = view.session, view.task
    kept = (
        *("id", "role", "host", "repository", "worktree", "branch", "lease", "agent", "origin"),
        *("started_at", "started_by", "ended_at"),
    )
    return {
        "name": view.name,
        "registered": session is not None,
        **{key: plain(getattr(session, key)) if session else None for key in kept},
        "status": view.status,
        "gone": view.gone,
        "attention": list(view.attention),
        "last_seen": plain(view.last_seen),
        "task": task.id if task else None,
        "title": task.title if task else None,
        "priority": task.priority if task else None,
        "progress": view.progress,
        "elapsed": int(view.elapsed.total_seconds()) if view.elapsed is not None else None,
        "expected_end": plain(view.expected_end.replace(microsecond=0))
        if view.expected_end
        else None,
        "tasks": [task.id for task in view.tasks],
    }


def _known(key: str, known: tuple[str, ...], what: str) -> str:
    word = key.lower()
    if word not in known:
        hint = did_you_mean(word, known) or f"one of: {', '.join(known)}"
        raise InvalidInput(f"unknown {what} '{key}'", hint=hint)
    return word
