"""What waits for a session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from gitledger.core import editing, lifecycle, review
from gitledger.core.dataclass import replace
from gitledger.core.inbox import Inbox, collect
from gitledger.core.task import Note, Task
from tests.core.fakes import NOON, FakeTasks, later, task_id

ONE, TWO, THREE = (task_id(number) for number in (1, 2, 3))


def said(kind: str, by: str, hours: float = 0, **keys: Any) -> Note:
    return Note(id=f"{kind}-{hours}", at=later(hours), by=by, kind=kind, text=kind, **keys)


def lost_claim(session: str, hours: float = 0) -> Note:
    return said("conflict", session, hours, field="owner", kept="ben", dropped=session)


def held(*notes: Note, owner: str | None = "ana", **values: Any) -> Task:
    """Return a task that its owner claimed and then somebody else changed last."""
    task = Task(
        id=ONE,
        title="T",
        status="in_progress",
        owner=owner,
        claimed_at=later(-1) if owner else None,
        updated_at=later(9),
        updated_by="eve",
        notes=notes,
    )
    return replace(task, **values)


def waiting(*notes: Note, **values: Any) -> Task:
    return replace(Task(id=ONE, title="T", status="waiting", notes=notes), **values)


def replies(task: Task, session: str = "ana") -> list[Note]:
    return [item.note for item in collect([task], session).replies]


def questions(*tasks: Task, session: str = "ana") -> list[Note]:
    return [message.note for message in collect(tasks, session).questions]


def test_where_nothing_waits_the_inbox_is_empty() -> None:
    assert collect([], "ana") == Inbox()
    assert collect([Task(id=ONE, title="T"), held()], "ana") == Inbox()


# -- questions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("session", ["ana", "ben", "cat"])
def test_an_open_question_is_for_every_session(session: str) -> None:
    task = waiting(said("question", "ben"), owner="ana")
    (message,) = collect([task], session).questions
    assert (message.task, message.note) == (task, task.notes[0])


@pytest.mark.parametrize("status", ["pending", "in_progress", "in_review", "completed"])
def test_a_task_that_does_not_wait_has_no_open_question(status: str) -> None:
    assert questions(waiting(said("question", "ben"), status=status)) == []


def test_every_question_since_the_last_answer_is_open() -> None:
    old, answer = said("question", "ben", 0), said("answer", "ana", 1)
    first, remark, second = (
        said("question", "ben", 2),
        said("note", "x", 3),
        said("question", "c", 4),
    )
    assert questions(waiting(old, answer, first, remark, second)) == [first, second]


def test_a_task_that_waits_although_all_was_answered_shows_its_last_question() -> None:
    first, second = said("question", "ben", 0), said("question", "ben", 1)
    assert questions(waiting(first, second, said("answer", "ana", 2))) == [second]


def test_questions_come_by_priority_then_age() -> None:
    late, early, urgent = (said("question", "ben", hours) for hours in (2, 1, 3))
    tasks = [
        waiting(late, id=ONE),
        waiting(early, id=TWO),
        waiting(urgent, id=THREE, priority="P0"),
    ]
    assert questions(*tasks) == [urgent, early, late]


# -- replies --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["answer", "review", "conflict"])
def test_a_reply_is_for_the_owner_of_its_task_alone(kind: str) -> None:
    task = held(said(kind, "ben"))
    assert replies(task) == list(task.notes)
    assert replies(task, "ben") == replies(task, "cat") == []


@pytest.mark.parametrize("kind", ["note", "question", "handoff"])
def test_other_notes_are_no_replies(kind: str) -> None:
    assert replies(held(said(kind, "ben"))) == []


@pytest.mark.parametrize("kind", ["answer", "review"])
def test_what_a_session_says_itself_is_no_reply(kind: str) -> None:
    assert replies(held(said(kind, "ana"))) == []


def test_a_conflict_of_its_own_operation_is_news_to_a_session() -> None:
    note = said("conflict", "ana", field="title")
    task = held(note, updated_by="ana", updated_at=note.at)
    assert replies(task) == [note]
    assert replies(replace(task, updated_at=later(1))) == [note]
    assert replies(held(replace(note, resolved=True), updated_by="ana")) == []


def test_a_conflict_is_news_where_nobody_says_when_the_task_changed() -> None:
    note = said("conflict", "ana", field="title")
    assert replies(held(note, updated_by="ana", updated_at=None)) == [note]


def test_replies_come_by_age_over_all_tasks() -> None:
    late, early = said("answer", "ben", 2), said("review", "ben", 1)
    found = collect([held(late), held(early, id=TWO)], "ana").replies
    assert [message.note for message in found] == [early, late]


def test_what_was_said_before_the_claim_is_not_for_this_owner() -> None:
    assert replies(held(said("review", "ben", -2))) == []


def test_a_reply_is_read_once_the_session_wrote_a_note_behind_it() -> None:
    reply = said("answer", "ben", 1)
    assert replies(held(reply, said("note", "ana", 1))) == []
    assert replies(held(reply, said("note", "ana", 2))) == []
    assert replies(held(reply, said("note", "eve", 2))) == [reply]
    assert replies(held(said("note", "ana", 0), reply)) == [reply]


def test_a_reply_is_read_once_the_session_changed_the_task() -> None:
    reply = said("answer", "ben", 1)
    assert replies(held(reply, updated_by="ana")) == []


def test_clocks_that_differ_hide_no_reply() -> None:
    """A session's own note is older than the reply to it, whatever the clocks say."""
    reply = said("answer", "ben", 1)
    assert replies(held(said("note", "ana", 5), reply)) == [reply]


def test_a_reply_that_sync_put_in_front_of_what_the_session_did_meanwhile_is_unread() -> None:
    reply = said("answer", "ben", 2)
    assert replies(held(reply, said("note", "ana", 1))) == [reply]


def test_a_conflict_does_not_count_as_the_sessions_own_deed() -> None:
    reply, conflict = said("answer", "ben", 1), said("conflict", "ana", 2, field="title")
    assert replies(held(reply, conflict)) == [reply, conflict]


# -- lost claims ----------------------------------------------------------------------------------


def test_a_lost_claim_is_told_to_the_session_that_lost_it() -> None:
    lost = lost_claim("ana")
    task = held(lost, owner="ben", updated_by="ana", updated_at=lost.at)
    assert replies(task) == [lost]
    assert replies(task, "cat") == []


@pytest.mark.parametrize(
    "note",
    [
        said("conflict", "cat", field="branch", kept="main", dropped="ana"),
        said("review", "cat", field="owner", kept="ben", dropped="ana"),
    ],
)
def test_other_values_that_were_dropped_are_no_lost_claims(note: Note) -> None:
    assert replies(held(note, owner="ben")) == []


def test_of_a_task_that_it_lost_a_session_hears_nothing_else() -> None:
    lost = lost_claim("ana")
    task = held(lost, said("answer", "cat", 1), said("review", "cat", 2), owner="ben")
    assert replies(task) == [lost]


def test_a_lost_claim_is_told_until_it_is_resolved() -> None:
    lost = lost_claim("ana")
    # What the session did without knowing of the loss, sync puts behind it.
    assert replies(held(lost, said("note", "ana", 1), owner="ben", updated_by="ana")) == [lost]
    assert replies(held(replace(lost, resolved=True), owner="ben")) == []


def test_a_claim_that_was_won_later_ends_the_lost_one() -> None:
    assert replies(held(lost_claim("ana"), owner="ana", claimed_at=later(1))) == []


def test_a_lost_claim_stays_until_it_is_settled_also_when_the_task_is_finished() -> None:
    lost = lost_claim("ana")
    assert replies(held(lost, owner="ben", status="completed")) == [lost]
    settled = replace(lost, resolved=True)
    assert replies(held(settled, owner="ben", status="completed")) == []


@pytest.mark.parametrize(
    "text",
    [
        "taken over from ana, silent for 3h",
        "taken over from ana with --force",
        "released from ana, silent for 3h",
    ],
)
def test_a_task_that_was_taken_from_a_session_is_told_to_it(text: str) -> None:
    taken = replace(said("note", "ben"), text=text)
    for owner in ("ben", None):
        assert replies(held(taken, owner=owner)) == [taken]
        assert replies(held(taken, owner=owner), "ben") == []
        assert replies(held(taken, said("note", "ana", 1), owner=owner)) == []
        assert replies(held(taken, owner=owner, status="completed")) == []
    assert replies(held(taken, owner="ana")) == []


def test_of_several_reviews_the_last_one_is_unread() -> None:
    first, second = said("review", "ben", 1), said("review", "ben", 2)
    assert replies(held(first, second)) == [second]


# -- as it happens --------------------------------------------------------------------------------


def act(
    tasks: FakeTasks, session: str, at: datetime, verb: Callable[..., Task], *args: Any
) -> None:
    draft = tasks.draft(session, at)
    verb(draft, ONE, *args)
    tasks.apply(draft)


@pytest.mark.parametrize("hours", [0, 1])
def test_an_answer_reaches_the_session_and_is_gone_once_it_goes_on(hours: int) -> None:
    tasks = FakeTasks(Task(id=ONE, title="T"))
    act(tasks, "ana", NOON, lifecycle.start)
    act(tasks, "ana", later(hours), lifecycle.ask, "which?")
    assert len(collect(tasks.all(), "ben").questions) == 1
    act(tasks, "ben", later(2 * hours), lifecycle.answer, "both")
    assert collect(tasks.all(), "ben") == Inbox()
    (reply,) = collect(tasks.all(), "ana").replies
    assert reply.note.text == "both"
    act(tasks, "ana", later(3 * hours), lifecycle.progress, 50)
    assert collect(tasks.all(), "ana") == Inbox()


def test_a_rejection_reaches_the_owner() -> None:
    tasks = FakeTasks(Task(id=ONE, title="T", review=True))
    act(tasks, "ana", NOON, lifecycle.done)
    act(tasks, "ben", later(1), review.reject, "tests fail")
    act(tasks, "cat", later(2), editing.note, "so sad")
    (reply,) = collect(tasks.all(), "ana").replies
    assert (reply.note.text, reply.task.status) == ("tests fail", "in_progress")
