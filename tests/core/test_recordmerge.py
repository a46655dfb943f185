"""Merge of sessions and messages: laws, and names that two machines gave apart."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitledger.core import records
from gitledger.core.dataclass import replace
from gitledger.core.message import Message
from gitledger.core.recordmerge import (
    free_name,
    merge_messages,
    merge_sessions,
    name_taken,
    with_names,
)
from gitledger.core.session import Session
from gitledger.core.task import Note, Task
from tests.core.fakes import NOON, later, task_id

words = st.none() | st.sampled_from(["one", "two", "three"])
times = st.none() | st.sampled_from([NOON, later(1), later(2)])
sessions = st.builds(
    Session,
    name=st.just("frontend"),
    id=st.just(task_id(1)),
    role=words,
    branch=words,
    lease=st.none() | st.just("2h"),
    started_at=times,
    ended_at=times,
)
messages = st.builds(
    Message,
    id=st.just(task_id(2)),
    at=st.just(NOON),
    by=st.just("ada"),
    to=st.just("all"),
    text=st.just("Hello"),
    read=st.sets(st.sampled_from(["ada", "grace", "linus"])).map(sorted).map(tuple),
)
BASE = Session(name="frontend", id=task_id(1), role="builder", branch="main")


@given(base=st.none() | sessions, changed=st.none() | sessions)
def test_what_one_side_alone_has_changed_is_taken(
    base: Session | None, changed: Session | None
) -> None:
    assert merge_sessions(base, changed, base) == changed
    assert merge_sessions(base, base, changed) == changed
    assert merge_sessions(base, changed, changed) == changed


@given(base=sessions, published=sessions, mine=sessions)
def test_each_key_is_merged_by_itself_and_published_wins(
    base: Session, published: Session, mine: Session
) -> None:
    merged = merge_sessions(base, published, mine)
    assert merged is not None
    for key in records.keys(Session):
        ours, theirs, before = (getattr(side, key) for side in (mine, published, base))
        assert getattr(merged, key) == (ours if theirs == before else theirs)


def test_an_edit_wins_over_a_removal() -> None:
    edited = replace(BASE, branch="other")
    assert merge_sessions(BASE, None, edited) == edited
    assert merge_sessions(BASE, edited, None) == edited


@given(base=messages, published=messages, mine=messages)
def test_a_message_is_read_by_whoever_has_read_it(
    base: Message, published: Message, mine: Message
) -> None:
    merged = merge_messages(base, published, mine)
    assert merged == replace(base, read=tuple(sorted({*published.read, *mine.read})))
    assert merge_messages(base, merged, mine) == merged


@given(base=messages, other=messages)
def test_a_message_that_is_tidied_away_is_gone_and_a_new_one_is_there(
    base: Message, other: Message
) -> None:
    assert merge_messages(base, None, other) is None
    assert merge_messages(base, other, None) is None
    assert merge_messages(None, None, other) == merge_messages(None, other, None) == other


def test_a_name_is_taken_by_another_session_that_goes_on() -> None:
    other = replace(BASE, id=task_id(9))
    assert name_taken(None, other, BASE)
    assert not name_taken(None, None, BASE)
    assert not name_taken(None, BASE, BASE)
    assert not name_taken(BASE, other, BASE)  # mine is not new
    ended = replace(other, ended_at=NOON)
    assert not name_taken(None, ended, BASE)
    assert merge_sessions(None, ended, BASE) == BASE


@pytest.mark.parametrize(
    ("name", "taken", "free"),
    [
        ("frontend", set(), "frontend-2"),
        ("frontend", {"frontend-2", "frontend-3"}, "frontend-4"),
        ("x" * 64, set(), "x" * 62 + "-2"),
    ],
)
def test_the_first_free_name_has_a_number(name: str, taken: set[str], free: str) -> None:
    assert free_name(name, taken.__contains__) == free


def test_a_task_names_a_session_in_many_places() -> None:
    def task(name: str) -> Task:
        note = Note(id=task_id(5), at=NOON, by=name, kind="handoff", text="frontend", to=name)
        return Task(
            id=task_id(1),
            title="frontend",
            owner=name,
            claimed_at=NOON + timedelta(hours=1),
            created_by=name,
            updated_by=name,
            notes=(note, Note(id=task_id(6), at=NOON, by="ada")),
        )

    assert with_names(task("frontend"), {"frontend": "frontend-2"}) == task("frontend-2")
    assert with_names(task("grace"), {"frontend": "frontend-2"}) == task("grace")
