"""The life of a session: registered, resumed, renamed, forked, ended, and tidied away."""

from __future__ import annotations

from datetime import timedelta

from gitledger.core import handoff, messages
from gitledger.core.audit import silence
from gitledger.core.claims import Silent, held, release_from
from gitledger.core.dataclass import dataclass, replace
from gitledger.core.draft import Draft
from gitledger.core.message import EVERYBODY
from gitledger.core.names import check_session, check_word
from gitledger.core.parties import ENDED, last_handoff
from gitledger.core.recipients import no_such_session
from gitledger.core.session import Session, check_lease, is_past
from gitledger.core.task import Task
from gitledger.errors import HoldsTasks, InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


@dataclass(frozen=True, slots=True)
class Pruned:
    """What was tidied away.

    Attributes:
        sessions: the names of the sessions that were removed, sorted.
        tasks: the tasks that they held and nobody holds now.
        messages: how many messages were removed.
    """

    sessions: tuple[str, ...]
    tasks: tuple[Task, ...]
    messages: int


def start(
    draft: Draft,
    name: str,
    *,
    role: str | None = None,
    host: str | None = None,
    repository: str | None = None,
    worktree: str | None = None,
    branch: str | None = None,
    lease: str | None = None,
    agent: str | None = None,
    origin: str | None = None,
    by_person: str | None = None,
) -> Session:
    """Register a session. The name of one that has ended may be taken again, with a new id.

    Args:
        draft: where it goes.
        name: its name.
        role, host, repository, worktree, branch, lease, agent, origin: as `Session` has them.
        by_person: the person that registers it.

    Raises:
        InvalidInput: a session of this name goes on, or a value breaks a rule.
        NoSuchSession: `origin` is not registered.
    """
    there = draft.session(_check_name(name))
    if there is not None and not there.ended:
        raise _taken(there)
    return draft.put_session(
        Session(
            name=name,
            id=draft.new_id(),
            role=check_word(role, "role") if role is not None else None,
            host=host,
            repository=repository,
            worktree=worktree,
            branch=branch,
            lease=check_lease(lease) if lease is not None else None,
            agent=agent,
            origin=_registered(draft, origin).name if origin is not None else None,
            started_at=draft.now,
            started_by=by_person,
        )
    )


def fork(draft: Draft, origin: str, name: str, **values: Any) -> Session:
    """Register a second session that knows its origin, and has its role and lease.

    Args:
        draft: where it goes.
        origin: the session that it comes from.
        name: its own name.
        values: as `start`, where the origin's should not count.

    Raises: as `start`.
    """
    there = _registered(draft, origin)
    own = {key: value for key, value in values.items() if value is not None}
    return start(draft, name, origin=origin, **{"role": there.role, "lease": there.lease, **own})


def resume(
    draft: Draft,
    name: str,
    *,
    host: str | None = None,
    repository: str | None = None,
    worktree: str | None = None,
    branch: str | None = None,
    agent: str | None = None,
) -> Session:
    """Let a registered session go on, perhaps in another place; one that has ended, too.

    Args:
        draft: where the change goes.
        name: its name.
        host, repository, worktree, branch, agent: where it goes on; None leaves them.

    Raises:
        NoSuchSession: it is not registered.
    """
    place = {
        "host": host,
        "repository": repository,
        "worktree": worktree,
        "branch": branch,
        "agent": agent,
    }
    known: dict[str, Any] = {key: value for key, value in place.items() if value is not None}
    return draft.put_session(replace(_registered(draft, name), ended_at=None, **known))


def rename(draft: Draft, old: str, new: str) -> Session:
    """Give a session another name, with its claims, its handoffs and its messages.

    What it did before stays under its old name, in the history and in notes.

    Raises:
        NoSuchSession: it is not registered.
        InvalidInput: the new name is one that a session goes on under, or holds tasks under.
    """
    session = _registered(draft, old)
    if _check_name(new) == old:
        return session
    there = draft.session(new)
    if there is not None and not there.ended:
        raise _taken(there)
    if held(draft, new):
        raise InvalidInput(f"'{new}' holds tasks already", hint="choose another name")
    for task in held(draft, old):
        draft.put(_readdressed(replace(task, owner=new), old, new))
    messages.rename(draft, old, new)
    for other in draft.all_sessions():
        if other.origin == old:
            draft.put_session(replace(other, origin=new))
    draft.drop_session(old)
    return draft.put_session(replace(session, name=new))


def end(
    draft: Draft,
    name: str,
    *,
    release: bool = False,
    to: str | None = None,
    text: str | None = None,
    keep: bool = False,
) -> Session:
    """End a session. What it holds is given back, handed off, or kept until its lease runs out.

    Args:
        draft: where the change goes.
        name: its name.
        release: give all back, with an audit note.
        to: hand all to this session or `role:ROLE`.
        text: what the recipient should know.
        keep: leave the claims as they are.

    Raises:
        NoSuchSession: it is not registered, or nobody has the recipient's name.
        HoldsTasks: it holds tasks, and none of the three is asked for.
        InvalidInput: more than one of the three is.
    """
    session = _registered(draft, name)
    if release + keep + (to is not None) > 1:
        raise InvalidInput("what a session holds is released, handed off, or kept: one of them")
    tasks = held(draft, name)
    if tasks and not (release or keep or to):
        raise HoldsTasks(
            f"the session '{name}' holds {', '.join(map(draft.call, tasks))}",
            held=[task.id for task in tasks],
            hint="give them back with --release, on with --handoff-to NAME, or --keep them",
        )
    if to is not None:
        handoff.hand_all(draft, name, to, text or f"the session {name} has ended", tasks)
    if release:
        for task in tasks:
            release_from(draft, task, ENDED)
    return draft.put_session(replace(session, ended_at=session.ended_at or draft.now))


def prune(draft: Draft, *, retention: timedelta, silent: Silent) -> Pruned:
    """Tidy away sessions that ended, or are silent, for longer than the retention.

    What they hold is freed, with an audit note, where they are silent; a session that ended and
    whose name still acts keeps it. Old messages that nobody has to read any more go, too.

    Args:
        draft: where the change goes.
        retention: for how long sessions and messages stay.
        silent: the sessions that are silent for longer than their lease, and for how long.
    """
    there = draft.all_sessions()
    gone = {
        session.name
        for session in there
        if is_past(session, draft.now, silent.get(session.name), retention)
    }
    tasks = [
        release_from(draft, task, f"silent for {silence(silent[name])}")
        for name in sorted(gone & silent.keys())
        for task in held(draft, name)
    ]
    for name in gone:
        draft.drop_session(name)
    count = messages.tidy(draft, retention, frozenset(gone))
    return Pruned(tuple(sorted(gone)), tuple(tasks), count)


def _check_name(name: str) -> str:
    """Return a name that a session can be registered under."""
    if check_session(name) == EVERYBODY:
        raise InvalidInput(f"'{name}' means every session", hint="choose another name")
    return name


def _registered(draft: Draft, name: str) -> Session:
    session = draft.session(name)
    if session is None:
        raise no_such_session(draft, name)
    return session


def _taken(there: Session) -> InvalidInput:
    places = (("in the worktree", there.worktree), ("on", there.host), ("by", there.started_by))
    where = "".join(f" {word} {place}" for word, place in places if place)
    return InvalidInput(
        f"the session '{there.name}' was started{where} and has not ended",
        hint=f"git ledger session resume {there.name}, or choose another name",
    )


def _readdressed(task: Task, old: str, new: str) -> Task:
    """Return the task with its last handoff to the new name, where it was to the old one."""
    last = last_handoff(task)
    if last is None or last.to != old:
        return task
    notes = tuple(replace(note, to=new) if note is last else note for note in task.notes)
    return replace(task, notes=notes)
