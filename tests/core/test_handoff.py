"""How a task passes from one session to the next."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core import handoff, lifecycle, parties, review
from gitledger.core.dataclass import replace
from gitledger.core.inbox import collect
from gitledger.core.session import Session
from gitledger.core.task import Task
from gitledger.errors import InvalidInput, LedgerError, NoSuchSession, NotOwner, OwnWork
from tests.core.fakes import NOON, FakeTasks, later, task_id, texts_of

ONE = task_id(1)


def working(*names: str, **values: Any) -> FakeTasks:
    """Return a task that ana works on, and registered sessions; tessa is a tester."""
    task = Task(
        id=ONE, title="T", status="in_progress", owner="ana", claimed_at=NOON, started_at=NOON
    )
    tasks = FakeTasks(replace(task, **values))
    for name in ("ana", "ben", "cat", *names):
        tasks.registered[name] = Session(name=name, id=name, started_at=NOON)
    tasks.registered["tessa"] = Session(name="tessa", id="t", role="tester", started_at=NOON)
    return tasks


def test_the_recipient_owns_the_task_and_has_not_begun() -> None:
    draft = working().draft("ana", later(1))
    task = handoff.handoff(draft, ONE, "ben", "the tests are left")
    assert (task.owner, task.status, task.claimed_at) == ("ben", "pending", later(1))
    note = task.notes[-1]
    assert (note.kind, note.by, note.to, note.text) == (
        "handoff",
        "ana",
        "ben",
        "the tests are left",
    )


@pytest.mark.parametrize("status", ["waiting", "in_review"])
def test_a_task_that_waits_or_is_in_review_stays_so(status: str) -> None:
    assert working(status=status).do(handoff.handoff, ONE, "ben", "x").status == status


def test_of_a_role_nobody_owns_the_task_until_one_accepts() -> None:
    tasks = working()
    task = tasks.do(handoff.handoff, ONE, "role:tester", "please test")
    assert (task.owner, task.claimed_at, task.role) == (None, None, "tester")
    with pytest.raises(InvalidInput, match="not handed to ben"):
        tasks.do_as("ben", handoff.accept, ONE)
    assert tasks.do_as("tessa", handoff.accept, ONE).owner == "tessa"


@pytest.mark.parametrize(
    ("to", "error", "hint"),
    [
        ("bne", NoSuchSession, "did you mean 'ben'?"),
        ("role:testr", InvalidInput, "did you mean 'tester'?"),
        ("ana", InvalidInput, "to take a task: git ledger claim ID"),
        ("all", InvalidInput, "give it back for everybody: git ledger release ID"),
    ],
)
def test_recipients_that_cannot_be_are_refused(
    to: str, error: type[LedgerError], hint: str
) -> None:
    draft = working().draft()
    with pytest.raises(error) as refused:
        handoff.handoff(draft, ONE, to, "x")
    assert refused.value.hint == hint
    assert draft.empty


def test_who_wrote_something_here_is_known_without_being_registered() -> None:
    tasks = working(created_by="zoe")
    assert tasks.do(handoff.handoff, ONE, "zoe", "x").owner == "zoe"


def test_only_the_owner_hands_off_unless_by_force() -> None:
    tasks = working()
    with pytest.raises(NotOwner):
        tasks.do_as("ben", handoff.handoff, ONE, "cat", "x")
    task = tasks.do_as("ben", handoff.handoff, ONE, "cat", "x", force=True)
    assert texts_of(task) == ["handed off with --force while owned by ana"]


def test_a_declined_task_goes_back_with_the_words() -> None:
    tasks = working()
    tasks.do(handoff.handoff, ONE, "ben", "x")
    task = tasks.do_as("ben", handoff.decline, ONE, "no time")
    assert (task.owner, task.status) == ("ana", "pending")
    assert texts_of(task, "handoff") == ["x", "no time"]
    assert handoff.chain(task) == ("ana", "ben", "ana")


def test_a_declined_task_is_nobodys_once_its_sender_has_ended() -> None:
    tasks = working()
    tasks.do(handoff.handoff, ONE, "ben", "x")
    tasks.registered["ana"] = replace(tasks.registered["ana"], ended_at=NOON)
    task = tasks.do_as("ben", handoff.decline, ONE, "no time")
    assert (task.owner, task.claimed_at) == (None, None)


def test_the_inbox_shows_a_handoff_until_it_is_accepted() -> None:
    tasks = working()
    tasks.do(handoff.handoff, ONE, "ben", "x")
    assert [item.note.text for item in collect(tasks.all(), "ben").handoffs] == ["x"]
    assert collect(tasks.all(), "cat").handoffs == ()
    assert tasks.do_as("ben", lifecycle.next_task).id == ONE
    assert tasks.do_as("ben", handoff.accept, ONE).status == "in_progress"
    assert collect(tasks.all(), "ben").handoffs == ()


def test_a_handoff_to_a_role_waits_for_all_who_have_it() -> None:
    tasks = working()
    tasks.do(handoff.handoff, ONE, "role:tester", "x")
    tessa = tasks.registered["tessa"]
    assert len(collect(tasks.all(), "tessa", registered=tessa).handoffs) == 1
    assert collect(tasks.all(), "ben", registered=tasks.registered["ben"]).handoffs == ()


def test_a_handoff_in_review_is_accepted_once_and_stays_in_review() -> None:
    tasks = working(status="in_review")
    tasks.do(handoff.handoff, ONE, "ben", "please review")
    task = tasks.do_as("ben", handoff.accept, ONE)
    assert (task.status, texts_of(task)) == ("in_review", ["accepted"])
    assert tasks.do_as("ben", handoff.accept, ONE) == task


# -- who did the work -----------------------------------------------------------------------------


def test_the_worker_cannot_approve_after_handing_the_review_to_a_friend() -> None:
    tasks = working(review=True)
    tasks.do(lifecycle.done, ONE)
    tasks.do(handoff.handoff, ONE, "ben", "please review")
    with pytest.raises(OwnWork):
        tasks.do(review.approve, ONE)
    assert tasks.do_as("ben", review.approve, ONE).status == "completed"


def test_who_takes_the_task_out_of_review_cannot_approve_it_then() -> None:
    tasks = working(review=True)
    tasks.do(lifecycle.done, ONE)
    tasks.do(handoff.handoff, ONE, "ben", "please review")
    tasks.do_as("ben", lifecycle.start, ONE)
    tasks.do_as("ben", lifecycle.done, ONE)
    for name in ("ana", "ben"):
        with pytest.raises(OwnWork):
            tasks.do_as(name, review.approve, ONE)
    assert tasks.do_as("cat", review.approve, ONE).status == "completed"


def test_who_worked_before_a_handoff_or_a_take_over_cannot_approve() -> None:
    tasks = working(review=True)
    tasks.do(handoff.handoff, ONE, "ben", "go on")
    tasks.do_as("cat", lifecycle.start, ONE, force=True)
    tasks.do_as("cat", lifecycle.done, ONE)
    for name in ("ana", "ben", "cat"):
        with pytest.raises(OwnWork):
            tasks.do_as(name, review.approve, ONE)


def test_who_handed_off_what_nobody_had_begun_may_approve() -> None:
    tasks = working(review=True, status="pending", owner=None, claimed_at=None, started_at=None)
    tasks.do(handoff.handoff, ONE, "ben", "yours")
    tasks.do_as("ben", lifecycle.done, ONE)
    assert tasks.do(review.approve, ONE).status == "completed"


def test_a_rejected_task_goes_back_to_who_worked_not_to_who_reviewed() -> None:
    tasks = working(review=True)
    tasks.do(lifecycle.done, ONE)
    tasks.do(handoff.handoff, ONE, "ben", "please review")
    task = tasks.do_as("ben", review.reject, ONE, "tests fail")
    assert (task.owner, task.status) == ("ana", "in_progress")


# -- what holds of every chain --------------------------------------------------------------------

_names = st.sampled_from(("ana", "ben", "cat", "role:tester"))
_verbs = st.sampled_from(("handoff", "accept", "decline", "start", "done", "approve", "reject"))


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(_verbs, st.sampled_from(("ana", "ben", "cat", "tessa")), _names)))
def test_no_chain_of_handoffs_leaves_a_wrong_owner_or_an_approval_of_ones_own(
    steps: list[tuple[str, str, str]],
) -> None:
    tasks, workers = working(review=True), {"ana"}
    for verb, by, to in steps:
        before = tasks[ONE]
        try:
            if verb == "handoff":
                tasks.do_as(by, handoff.handoff, ONE, to, "x")
            elif verb in ("decline", "reject"):
                acts = {"decline": handoff.decline, "reject": review.reject}
                tasks.do_as(by, acts[verb], ONE, "x")
            else:
                rest: dict[str, Any] = {
                    "accept": handoff.accept,
                    "start": lifecycle.start,
                    "done": lifecycle.done,
                    "approve": review.approve,
                }
                tasks.do_as(by, rest[verb], ONE)
        except LedgerError:
            assert tasks[ONE] == before
            continue
        after = tasks[ONE]
        if verb == "handoff":
            assert before.owner in (None, by)
            assert after.owner == (None if to.startswith("role:") else to)
        if verb == "decline":
            assert before.owner == by
            last = parties.last_handoff(before)
            assert last is not None
            assert after.owner == last.by
        assert (after.owner is None) == (after.claimed_at is None)
        if after.status == "in_progress":
            workers |= {after.owner or ""}
        if verb == "approve":
            assert by not in workers
