"""What waits for a session: questions to everybody, what came back, handoffs and messages."""

from __future__ import annotations

from gitledger.core.dataclass import dataclass
from gitledger.core.message import EVERYBODY, Message, role_of, to_role, unread
from gitledger.core.parties import last_handoff, lost_claim, lost_removal, taken_from
from gitledger.core.session import Session
from gitledger.core.task import Note, Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Final

_REPLIES: Final = frozenset({"answer", "review", "conflict"})


@dataclass(frozen=True, slots=True)
class Item:
    """A note that somebody should see, with the task that it stands on."""

    task: Task
    note: Note


@dataclass(frozen=True, slots=True)
class Inbox:
    """What waits for a session.

    Attributes:
        questions: open questions of all sessions, the most urgent and oldest first.
        replies: answers, reviews and conflicts on tasks of this session, claims that it lost, and
            tasks that were taken from it, where it has not acted on the task since, and tasks that
            it removed, which stayed because others work on them; oldest first.
        handoffs: tasks that were handed to it and that it has not acted on, and those that were
            handed to its role and nobody has taken; the most urgent and oldest first.
        messages: what it was told and has not read; oldest first.
    """

    questions: tuple[Item, ...] = ()
    replies: tuple[Item, ...] = ()
    handoffs: tuple[Item, ...] = ()
    messages: tuple[Message, ...] = ()


def collect(
    tasks: Iterable[Task],
    session: str,
    *,
    registered: Session | None = None,
    messages: Iterable[Message] = (),
) -> Inbox:
    """Return the inbox of a session.

    A reply counts as read once the session has done anything on the task, as far as the task
    tells: it was the last to change it, or wrote a note since. A conflict stays until somebody
    resolves it, a message until `read`.

    Args:
        tasks: those of the list that may concern the session: `whose` says by which names.
        session: its name.
        registered: the session as it is registered, None where it is not.
        messages: every message of the list.
    """
    role = registered.role if registered else None
    questions, replies, handoffs = [], [], []
    for task in tasks:
        if task.status == "waiting":
            questions += [Item(task, note) for note in _open_questions(task)]
        replies += [Item(task, note) for note in _unread(task, session)]
        if (note := last_handoff(task)) and _waits(note, task, session, role):
            handoffs.append(Item(task, note))
    replies.sort(key=lambda item: (item.note.at, item.note.id))
    return Inbox(
        tuple(sorted(questions, key=_urgency)),
        tuple(replies),
        tuple(sorted(handoffs, key=_urgency)),
        unread(messages, session, registered),
    )


def whose(session: str, registered: Session | None = None) -> tuple[str, ...]:
    """Return the names under which a task may concern a session: see `core.parties.concerned`.

    Args:
        session: its name.
        registered: the session as it is registered, None where it is not.
    """
    role = registered.role if registered else None
    return (session, EVERYBODY, *([to_role(role)] if role else []))


def _urgency(item: Item) -> tuple[str, object, str]:
    return item.task.priority, item.note.at, item.note.id


def _waits(note: Note, task: Task, session: str, role: str | None) -> bool:
    """Tell whether a handoff waits for a session, or for anybody of its role, to act on it."""
    if task.finished or note.by == session:
        return False
    if note.to != session:
        named = role_of(note.to or "")
        return named is not None and named == role and task.owner is None
    place = task.notes.index(note)
    return (
        task.owner == session
        and task.status != "in_progress"
        and not _settled(note, place, task, session)
    )


def _open_questions(task: Task) -> Sequence[Note]:
    """Return the questions since the last answer; the last one where all have an answer."""
    asked: list[Note] = []
    answered = False
    for note in task.notes:
        if note.kind == "question":
            asked = [note] if answered else [*asked, note]
            answered = False
        elif note.kind == "answer":
            answered = True
    return asked[-1:] if answered else asked


def _unread(task: Task, session: str) -> Iterator[Note]:
    reviews = [note for note in task.notes if note.kind == "review"]
    for place, note in enumerate(task.notes):
        # The work was brought to review once more after all reviews but the last.
        if note.kind == "review" and note is not reviews[-1]:
            continue
        if _concerns(note, task, session) and not _settled(note, place, task, session):
            yield note


def _concerns(note: Note, task: Task, session: str) -> bool:
    """Tell whether the note is a reply to the session.

    It is where the task is its own, or says how it came to lose it, or why it is still there.
    """
    if task.owner != session:
        lost = lost_claim(note, session) or lost_removal(note, session)
        return lost or (not task.finished and taken_from(note, session))
    if task.claimed_at is not None and note.at < task.claimed_at:
        return False
    # Of its own operations a session learns in a conflict what became of them.
    return note.kind in _REPLIES and (note.by != session or note.kind == "conflict")


def _settled(note: Note, place: int, task: Task, session: str) -> bool:
    # A conflict comes up in a sync, later than all that its session did without knowing of it:
    # no deed of the session says that it has seen it.
    if note.kind == "conflict":
        return bool(note.resolved)
    # Sync puts what was done meanwhile behind a reply; who did it has not seen a younger reply.
    since = task.notes[place + 1 :]
    return task.updated_by == session or any(
        n.by == session and n.kind != "conflict" and n.at >= note.at for n in since
    )
