"""What waits for a session: questions to everybody, and answers and reviews of its own tasks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gitledger.core.task import Note, Task


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
        replies: answers, reviews and conflicts on tasks of this session that it has not acted on
            since; oldest first.
    """

    questions: tuple[Message, ...] = ()
    replies: tuple[Message, ...] = ()


def collect(tasks: Iterable[Task], session: str) -> Inbox:
    """Return the inbox of a session.

    A reply counts as read once the session has done anything on the task.
    """
    questions, replies = [], []
    for task in tasks:
        if task.status == "waiting":
            asked = [note for note in task.notes if note.kind == "question"]
            questions += [Message(task, note) for note in asked[-1:]]
        if task.owner == session or _lost(task, session):
            replies += [Message(task, note) for note in _unread(task, session)]
    questions.sort(key=lambda message: (message.task.priority, message.note.at, message.note.id))
    replies.sort(key=lambda message: (message.note.at, message.note.id))
    return Inbox(tuple(questions), tuple(replies))


def _unread(task: Task, session: str) -> Iterable[Note]:
    if task.updated_by == session:
        return [note for note in task.notes if _lost_claim(note, session)][-1:]
    last_own = max((n.at for n in task.notes if n.by == session), default=task.claimed_at)
    return [
        note
        for note in task.notes
        if note.kind in ("answer", "review", "handoff", "conflict")
        and (note.by != session or note.kind == "conflict")
        and (last_own is None or note.at >= last_own)
    ]


def _lost(task: Task, session: str) -> bool:
    return not task.finished and any(_lost_claim(note, session) for note in task.notes)


def _lost_claim(note: Note, session: str) -> bool:
    return note.kind == "conflict" and note.field == "owner" and note.dropped == session
