"""What waits for a session: questions to everybody, and answers and reviews of its own tasks."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from gitledger.core.task import Note, Task

_REPLIES: Final = frozenset({"answer", "review", "handoff", "conflict"})


@dataclass(frozen=True, slots=True)
class Message:
    """A note that somebody should see, with the task that it stands on."""

    task: Task
    note: Note


@dataclass(frozen=True, slots=True)
class Inbox:
    """What waits for a session.

    Attributes:
        questions: open questions of all sessions, the most urgent and oldest first.
        replies: answers, reviews, handoffs and conflicts on tasks of this session, and claims
            that it lost, where it has not acted on the task since; oldest first.
    """

    questions: tuple[Message, ...] = ()
    replies: tuple[Message, ...] = ()


def collect(tasks: Iterable[Task], session: str) -> Inbox:
    """Return the inbox of a session.

    A reply counts as read once the session has done anything on the task, as far as the task
    tells: it was the last to change it, or wrote a note since. A conflict stays until somebody
    resolves it.
    """
    questions, replies = [], []
    for task in tasks:
        if task.status == "waiting":
            questions += [Message(task, note) for note in _open_questions(task)]
        replies += [Message(task, note) for note in _unread(task, session)]
    questions.sort(key=lambda message: (message.task.priority, message.note.at, message.note.id))
    replies.sort(key=lambda message: (message.note.at, message.note.id))
    return Inbox(tuple(questions), tuple(replies))


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
    for place, note in enumerate(task.notes):
        if _concerns(note, task, session) and not _settled(note, place, task, session):
            yield note


def _concerns(note: Note, task: Task, session: str) -> bool:
    """Tell whether the note is a reply to the session: on its task, or of a claim that it lost."""
    if task.owner != session:
        return _lost_claim(note, session) and not task.finished
    if task.claimed_at is not None and note.at < task.claimed_at:
        return False
    # Of its own operations a session learns in a conflict what became of them.
    return note.kind in _REPLIES and (note.by != session or note.kind == "conflict")


def _lost_claim(note: Note, session: str) -> bool:
    return note.kind == "conflict" and note.field == "owner" and note.dropped == session


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
