"""Waiting for tasks: until they are so far, or cannot come to that any more."""

from __future__ import annotations

import pytest

from gitledger.errors import InvalidInput, NoSuchTask, TaskFinished, TimedOut
from gitledger.ledger import Ledger
from tests.ledgers import session_fixtures

ada, grace = session_fixtures()


def test_what_is_so_already_is_returned_at_once(ada: Ledger) -> None:
    task = ada.add("Schema")
    ada.done(task.id)
    assert [found.id for found in ada.wait(task.id)] == [task.id]
    assert ada.wait(task.id, state="finished", timeout=0)


@pytest.mark.parametrize(
    ("state", "verbs"),
    [("in_progress", ["start"]), ("completed", ["done"]), ("claimed", ["claim"])],
)
def test_it_waits_until_another_session_has_done_it(
    ada: Ledger, grace: Ledger, state: str, verbs: list[str]
) -> None:
    task = ada.add("Schema")
    asked = 0

    def act() -> bool:
        nonlocal asked
        asked += 1
        if asked == 3:
            for verb in verbs:
                getattr(grace, verb)(task.id)
        return False

    assert ada.wait(task.id, state=state, timeout=60, stop=act)[0].owner == "grace"


def test_it_waits_until_a_task_is_ready(ada: Ledger, grace: Ledger) -> None:
    schema = ada.add("Schema")
    page = ada.add("Page", blocked_by=[schema.id])
    with pytest.raises(TimedOut, match="'Page' is not ready but pending"):
        ada.wait(page.id, state="ready", timeout=0)
    grace.done(schema.id)
    assert [task.id for task in ada.wait(page.id, state="ready", timeout=0)] == [page.id]


def test_all_have_to_be_so_far_or_any(ada: Ledger) -> None:
    one, other = ada.add("Schema"), ada.add("Page")
    ada.done(one.id)
    with pytest.raises(TimedOut, match="'Page' is not completed but pending"):
        ada.wait(one.id, other.id, timeout=0)
    assert [task.id for task in ada.wait(one.id, other.id, any_of=True)] == [one.id]


def test_what_cannot_come_any_more_is_an_error_at_once(ada: Ledger) -> None:
    one, other = ada.add("Schema"), ada.add("Page")
    ada.cancel(one.id)
    with pytest.raises(TaskFinished, match="is cancelled: it will not be completed"):
        ada.wait(one.id, other.id)
    with pytest.raises(TimedOut):
        ada.wait(one.id, other.id, any_of=True, timeout=0)
    ada.cancel(other.id)
    with pytest.raises(TaskFinished):
        ada.wait(one.id, other.id, any_of=True)


def test_a_state_or_a_task_that_is_none_is_refused(ada: Ledger) -> None:
    task = ada.add("Schema")
    with pytest.raises(InvalidInput, match="'complete' is nothing to wait for"):
        ada.wait(task.id, state="complete")
    with pytest.raises(NoSuchTask):
        ada.wait("zzzz")
