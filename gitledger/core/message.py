"""A message to sessions, as one file of the ledger keeps it."""

from __future__ import annotations

from datetime import datetime

from gitledger.core.dataclass import dataclass, field
from gitledger.core.names import check_session, check_word
from gitledger.core.session import Session

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Final

EVERYBODY: Final = "all"
_ROLE: Final = "role:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """Something told to a session, to all of a role, or to everybody.

    Attributes:
        id: the file's name.
        at: when it was told.
        by: the session that told it.
        to: a session's name, `role:ROLE`, or `all`.
        text: what it says.
        read: the sessions that have read it, sorted.
        extra: keys that this version does not know.
    """

    id: str
    at: datetime
    by: str
    to: str
    text: str
    read: tuple[str, ...] = ()
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)


def check_recipient(to: str) -> str:
    """Return a recipient: a session's name, `role:ROLE`, or `all`.

    Raises:
        InvalidInput: it is none.
    """
    if role := role_of(to):
        return to_role(check_word(role, "role"))
    return check_session(to)


def role_of(to: str) -> str | None:
    """Return the role that a recipient names, None where it names none."""
    return to.removeprefix(_ROLE) if to.startswith(_ROLE) else None


def to_role(role: str) -> str:
    """Return the recipient that a role is."""
    return f"{_ROLE}{role}"


def concerns(message: Message, name: str, session: Session | None) -> bool:
    """Tell whether a message is for a session; of its own, only what it told itself by name.

    Args:
        message: the message.
        name: the session's name.
        session: the session as it is registered, None where it is not.
    """
    if message.to == name:
        return True
    if message.by == name:
        return False
    if message.to == EVERYBODY:
        return session is None or session.started_at is None or session.started_at <= message.at
    role = role_of(message.to)
    return role is not None and session is not None and session.role == role


def unread(messages: Iterable[Message], name: str, session: Session | None) -> tuple[Message, ...]:
    """Return the messages for a session that it has not read, the oldest first."""
    found = (m for m in messages if name not in m.read and concerns(m, name, session))
    return tuple(sorted(found, key=lambda message: (message.at, message.id)))
