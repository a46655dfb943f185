"""Telling sessions something."""

from __future__ import annotations

import pytest

from gitledger.core import messages, sessions
from gitledger.core.inbox import collect
from gitledger.core.task import Task
from gitledger.errors import InvalidInput, LedgerError, NoSuchSession
from tests.core.fakes import FakeTasks, task_id


def team() -> FakeTasks:
    tasks = FakeTasks(Task(id=task_id(1), title="T", role="ops", created_by="zoe"))
    tasks.do(sessions.start, "ana")
    tasks.do(sessions.start, "tessa", role="tester")
    return tasks


def waiting(tasks: FakeTasks, name: str) -> list[str]:
    inbox = collect(
        tasks.all(), name, registered=tasks.session(name), messages=tasks.messages().values()
    )
    return [message.text for message in inbox.messages]


@pytest.mark.parametrize(
    ("to", "reached"),
    [
        ("tessa", {"tessa"}),
        ("role:tester", {"tessa"}),
        ("role:ops", set()),
        ("all", {"tessa", "zoe"}),
        ("zoe", {"zoe"}),
    ],
)
def test_a_message_reaches_whom_it_is_for(to: str, reached: set[str]) -> None:
    tasks = team()
    tasks.do(messages.tell, to, "hello")
    assert {name for name in ("ana", "tessa", "zoe") if waiting(tasks, name)} == reached


def test_what_was_read_does_not_come_again() -> None:
    tasks = team()
    tasks.do(messages.tell, "all", "hello")
    assert [message.text for message in tasks.do_as("tessa", messages.read)] == ["hello"]
    assert waiting(tasks, "tessa") == []
    assert waiting(tasks, "zoe") == ["hello"]
    draft = tasks.draft("tessa")
    assert messages.read(draft) == ()
    assert draft.empty


def test_what_a_session_tells_itself_waits_for_whoever_goes_on_in_its_name() -> None:
    tasks = team()
    tasks.do(messages.tell, "ana", "the tests are red")
    tasks.do(messages.tell, "all", "lunch")
    assert waiting(tasks, "ana") == ["the tests are red"]
    tasks.do(messages.read)
    assert waiting(tasks, "ana") == []


@pytest.mark.parametrize(
    ("to", "error", "hint"),
    [
        ("tesa", NoSuchSession, "did you mean 'tessa'?"),
        ("tessb", NoSuchSession, "did you mean 'tessB'?"),
        ("TESSA", NoSuchSession, "did you mean 'tessa'?"),
        ("role:testr", InvalidInput, "did you mean 'tester'?"),
    ],
)
def test_an_unknown_recipient_is_refused_with_the_nearest(
    to: str, error: type[LedgerError], hint: str
) -> None:
    tasks = team()
    tasks.do(sessions.start, "tessB")
    tasks.do(sessions.start, "tessC")
    with pytest.raises(error) as refused:
        tasks.do(messages.tell, to, "hello")
    assert refused.value.hint == hint


def test_a_session_that_has_ended_hears_nothing_more() -> None:
    tasks = team()
    tasks.do(sessions.end, "tessa")
    with pytest.raises(NoSuchSession, match="has ended"):
        tasks.do(messages.tell, "tessa", "hello")
