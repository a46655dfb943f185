"""What differs between two versions of a task."""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core import codec
from gitledger.core.changes import (
    SETS,
    TABLES,
    Change,
    change_json,
    change_words,
    changed_lines,
    changes,
    told,
)
from gitledger.core.dataclass import replace
from gitledger.core.task import TASK_KEYS, Note, Task
from gitledger.core.text import escape
from tests.strategies import NEW_YEAR, descriptions, edits, tasks

BLANK = Task(id="7f3k2m9q0d", title="Add auth")
NOTE = Note(id="n0000000001", at=NEW_YEAR, by="ada", text="Look at the tests")
bounded = settings(max_examples=150, deadline=None)


def words(old: Task | None, new: Task | None, **given: Any) -> list[str]:
    return [line for change in changes(old, new) for line in change_words(change, **given)]


# -- as data -----------------------------------------------------------------------------------


def test_equal_versions_have_no_changes() -> None:
    assert changes(BLANK, BLANK) == ()
    assert changes(None, None) == ()


def test_changes_come_in_the_order_of_the_keys_with_what_was_and_what_is() -> None:
    after = replace(BLANK, priority="P0", status="in_progress", owner="ada")
    assert changes(BLANK, after) == (
        Change("status", "pending", "in_progress"),
        Change("priority", "P2", "P0"),
        Change("owner", None, "ada"),
    )


def test_of_a_set_it_is_known_what_came_and_what_went() -> None:
    before, after = replace(BLANK, labels=("api", "ui")), replace(BLANK, labels=("api", "web"))
    (change,) = changes(before, after)
    assert (change.added, change.removed) == (("web",), ("ui",))
    assert change_json(change) == {
        "field": "labels",
        "old": ["api", "ui"],
        "new": ["api", "web"],
        "added": ["web"],
        "removed": ["ui"],
    }


def test_each_key_of_a_table_and_each_note_is_a_change_of_its_own() -> None:
    before = replace(BLANK, metadata={"url": "x", "votes": 1})
    after = replace(BLANK, metadata={"votes": 2}, notes=(NOTE,), extra={"sprint": True})
    assert changes(before, after) == (
        Change("notes", None, NOTE),
        Change("metadata.url", "x", None),
        Change("metadata.votes", 1, 2),
        Change("sprint", None, True),
    )


def test_true_is_not_one() -> None:
    before, after = replace(BLANK, metadata={"x": [1]}), replace(BLANK, metadata={"x": [True]})
    assert [change.field for change in changes(before, after)] == ["metadata.x"]


def test_a_new_task_differs_from_none_in_what_it_has() -> None:
    assert changes(None, replace(BLANK, labels=("api",))) == (
        Change("title", None, "Add auth"),
        Change("labels", (), ("api",)),
    )


@bounded
@given(st.data())
def test_the_changes_lead_from_one_version_to_the_other(data: st.DataObject) -> None:
    old = data.draw(tasks())
    new = data.draw(edits(old))
    there = applied(old, changes(old, new))
    assert Counter(map(repr, there.notes)) == Counter(map(repr, new.notes))
    assert codec.encode(replace(there, notes=())) == codec.encode(replace(new, notes=()))
    back = applied(new, changes(new, old))
    assert codec.encode(replace(back, notes=())) == codec.encode(replace(old, notes=()))


def applied(task: Task, found: tuple[Change, ...]) -> Task:
    """Return the task with these changes made to it."""
    notes = list(task.notes)
    for change in found:
        if change.field in TASK_KEYS and change.field != "notes":
            assert getattr(task, change.field) == change.old
            new = change.new
            if change.field in SETS:
                kept = set(change.old) - set(change.removed)
                assert tuple(sorted(kept | set(change.added))) == new
            task = replace(task, **{change.field: new})
        elif change.field == "notes":
            if change.old:
                notes.remove(change.old)
            notes += [change.new] if change.new else []
        else:
            name, _, key = change.field.partition(".")
            name, key = (name, key) if name in TABLES and "." in change.field else ("extra", name)
            table = {k: v for k, v in getattr(task, name).items() if k != key}
            table |= {} if change.new is None else {key: change.new}
            values: dict[str, Any] = {name: table}
            task = replace(task, **values)
    return replace(task, notes=tuple(notes))


def test_a_new_task_is_told_by_its_fields() -> None:
    assert words(None, replace(BLANK, priority="P1")) == ["title: Add auth", "priority: P1"]


@bounded
@given(descriptions, descriptions)
def test_the_changed_lines_lead_from_one_text_to_the_other(
    old: str | None, new: str | None
) -> None:
    before = (old or "").removesuffix("\n").split("\n") if old else []
    after = (new or "").removesuffix("\n").split("\n") if new else []
    lines, done = list[str](), 0
    for hunk in changed_lines(old, new):
        assert tuple(before[hunk.start : hunk.start + len(hunk.old)]) == hunk.old
        lines += before[done : hunk.start] + list(hunk.new)
        done = hunk.start + len(hunk.old)
    assert lines + before[done:] == after


@bounded
@given(st.data())
def test_every_change_is_json_and_has_words(data: st.DataObject) -> None:
    old = data.draw(tasks())
    for change in changes(old, data.draw(edits(old))):
        json.dumps(change_json(change))
        lines = change_words(change)
        assert lines
        assert all(line == escape(line) for line in lines)


# -- in words ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {"status": "in_progress"}, "status: pending → in_progress"),
        ({}, {"owner": "ada"}, "owner: ada"),
        ({"owner": "ada"}, {}, "owner: ada → none"),
        ({"progress": 0}, {"progress": 60}, "progress: 0 → 60"),
        ({}, {"review": True}, "review: yes"),
        ({"review": True}, {}, "review: yes → none"),
        ({}, {"due": NEW_YEAR.date()}, "due: 2026-01-01"),
        ({"labels": ("ui",)}, {"labels": ("api",)}, "labels: +api -ui"),
        ({}, {"commits": ("a" * 40,)}, "commits: +aaaaaaaaaaaa"),
        ({}, {"blocked_by": ("bdve3wakvw",)}, "blocked by: +bdve"),
        ({}, {"parent": "bdve3wakvw"}, "parent: bdve"),
        ({}, {"metadata": {"x": {"a": [1]}}}, 'metadata.x: {"a": [1]}'),
        ({"metadata": {"x": True}}, {"metadata": {"x": False}}, "metadata.x: yes → no"),
        ({}, {"metadata": {"x": "a\x1b[31m"}}, "metadata.x: a\\x1b[31m"),
        ({}, {"branch": "fix\u202e"}, "branch: fix\\u202e"),
    ],
)
def test_a_field_is_told_on_one_line(
    before: dict[str, Any], after: dict[str, Any], said: str
) -> None:
    old, new = replace(BLANK, **before), replace(BLANK, **after)
    assert words(old, new, short=lambda task_id: task_id[:4]) == [said]


def test_the_arrow_can_be_ascii() -> None:
    new = replace(BLANK, status="completed")
    assert words(BLANK, new, arrow="->") == ["status: pending -> completed"]


def test_a_description_is_told_by_its_changed_lines() -> None:
    old = replace(BLANK, description="one\ntwo\nthree\n")
    new = replace(BLANK, description="one\n2\tx\nthree\nfour\x07")
    assert words(old, new) == ["description:", "  -two", "  +2   x", "  +four\\x07"]


def test_notes_are_told_with_who_wrote_them() -> None:
    handoff = replace(NOTE, kind="handoff", to="grace", text="Please\n\nlook\x1b")
    assert words(BLANK, replace(BLANK, notes=(NOTE,))) == ["note by ada: Look at the tests"]
    assert words(BLANK, replace(BLANK, notes=(handoff,))) == [
        "handoff by ada to grace: Please",
        "",
        "  look\\x1b",
    ]
    conflict = replace(NOTE, kind="conflict")
    before = replace(BLANK, notes=(conflict,))
    settled = replace(BLANK, notes=(replace(conflict, resolved=True),))
    assert words(before, settled) == ["conflict by ada: resolved"]
    assert words(before, BLANK) == ["conflict by ada: removed"]


def test_people_are_not_told_of_times_that_follow_from_the_operation() -> None:
    new = replace(BLANK, status="completed", completed_at=NEW_YEAR + timedelta(1), updated_by="x")
    assert [change.field for change in told(changes(BLANK, new))] == ["status"]
