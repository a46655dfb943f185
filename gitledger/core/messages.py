"""Messages: telling sessions something, and reading what one was told."""

from __future__ import annotations

from datetime import timedelta

from gitledger.core.dataclass import replace
from gitledger.core.draft import Draft
from gitledger.core.message import EVERYBODY, Message, concerns, role_of, unread
from gitledger.core.recipients import require_recipient
from gitledger.core.session import Session
from gitledger.core.task import check_text


def tell(draft: Draft, to: str, text: str) -> Message:
    """Tell a session, all of a role, or everybody something.

    Args:
        draft: where the message goes.
        to: a session's name, `role:ROLE`, or `all`.
        text: what it says.

    Raises:
        NoSuchSession: no session has this name, or it has ended.
        InvalidInput: no session and no task has the role, or the text is blank.
    """
    said = check_text(text, "a message")
    return draft.tell(require_recipient(draft, to), said)


def read(draft: Draft) -> tuple[Message, ...]:
    """Mark the messages for the acting session as read, and return those that it had not read."""
    found = unread(draft.all_messages(), draft.by, draft.session(draft.by))
    for message in found:
        draft.put_message(replace(message, read=tuple(sorted({*message.read, draft.by}))))
    return found


def rename(draft: Draft, old: str, new: str) -> None:
    """Carry along what a session was told when it gets another name, and what it has read."""
    for message in draft.all_messages():
        if old in message.read:
            kept = {*message.read, new} - {old}
            draft.put_message(replace(message, read=tuple(sorted(kept))))
        elif message.to == old:
            draft.put_message(replace(message, to=new))


def tidy(draft: Draft, retention: timedelta, gone: frozenset[str]) -> int:
    """Remove old messages that nobody has to read any more; return how many.

    Args:
        draft: where they are.
        retention: how old a message has to be.
        gone: sessions that are not there any more; what only they were told goes with them.
    """
    sessions = [session for session in draft.all_sessions() if not session.ended]
    old = [m for m in draft.all_messages() if draft.now - m.at > retention]
    read = [m for m in old if not _awaited(m, sessions, gone)]
    for message in read:
        draft.drop_message(message.id)
    return len(read)


def _awaited(message: Message, sessions: list[Session], gone: frozenset[str]) -> bool:
    """Tell whether somebody who has not read the message may still do so."""
    if any(
        concerns(message, session.name, session) and session.name not in message.read
        for session in sessions
    ):
        return True
    # One that never registered may come back; of a role or everybody only those who are there.
    return role_of(message.to) is None and message.to not in (EVERYBODY, *gone, *message.read)
