"""Recipients: who can be told something or handed a task, and who was meant by another name."""

from __future__ import annotations

from gitledger.core.draft import Draft
from gitledger.core.message import EVERYBODY, check_recipient, role_of
from gitledger.core.task import ROLES
from gitledger.errors import InvalidInput, NoSuchSession, did_you_mean


def require_recipient(draft: Draft, to: str) -> str:
    """Return a recipient that somebody can be: a session, `role:ROLE`, or `all`.

    A session that is not registered is known by what it owns or wrote in this list.

    Raises:
        NoSuchSession: no session has this name, or it has ended.
        InvalidInput: it is no recipient, or no session and no task has the role.
    """
    to = check_recipient(to)
    if to == EVERYBODY:
        return to
    if role := role_of(to):
        known = roles(draft)
        if role not in known:
            near = did_you_mean(role, known)
            raise InvalidInput(
                f"nobody has the role '{role}'", hint=near or f"known: {', '.join(known)}"
            )
        return to
    session = draft.session(to)
    if session is None and to not in (known := names(draft)):
        raise no_such_session(draft, to, known)
    if session is not None and session.ended:
        raise NoSuchSession(
            f"the session '{to}' has ended", hint=f"to go on: git ledger session resume {to}"
        )
    return to


def names(draft: Draft) -> tuple[str, ...]:
    """Return the names of all sessions that are registered, or own or wrote anything, sorted."""
    found = {session.name for session in draft.all_sessions()}
    found |= {message.by for message in draft.all_messages()}
    return tuple(sorted(found | draft.writers()))


def roles(draft: Draft) -> tuple[str, ...]:
    """Return the roles that there are, sorted: everybody's, the sessions', and the tasks'."""
    found = {*ROLES, *(session.role for session in draft.all_sessions() if session.role)}
    return tuple(sorted(found | draft.roles()))


def no_such_session(draft: Draft, name: str, known: tuple[str, ...] | None = None) -> NoSuchSession:
    """Return the error that names the nearest session; None takes those that are registered."""
    if known is None:
        known = tuple(session.name for session in draft.all_sessions())
    hint = did_you_mean(name, known) or "see who there is: git ledger session list"
    return NoSuchSession(f"no session '{name}'", hint=hint)
