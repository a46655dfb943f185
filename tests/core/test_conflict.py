"""The notes that keep what lost in a merge."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from gitledger.core.conflict import Conflict, conflict_note, with_conflicts
from gitledger.core.task import Note, Task

ID = "7f3k2m9q0d"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def conflict(field: str, kept: Any = "A", dropped: Any = "B") -> Conflict:
    return Conflict(ID, field, kept, dropped)


def kept_note(lost: Conflict, seed: str = "c0ffee") -> Note:
    return conflict_note(lost, at=NOON, by="ana", seed=seed)


def kept_on(task: Task, *conflicts: Conflict, seed: str = "c0ffee") -> Task:
    return with_conflicts(task, conflicts, at=NOON, by="ana", seed=seed)


def test_a_note_keeps_both_values_and_says_so() -> None:
    note = kept_note(conflict("title"))
    assert note == Note(
        id=note.id,
        at=NOON,
        by="ana",
        kind="conflict",
        text='title: kept "A", set aside "B"',
        field="title",
        kept="A",
        dropped="B",
    )


@pytest.mark.parametrize(
    ("kept", "dropped", "sentence"),
    [
        (None, 60, "kept none, set aside 60"),
        (True, date(2026, 3, 2), 'kept true, set aside "2026-03-02"'),
        (("a", "b"), (), 'kept ["a", "b"], set aside []'),
        ({"at": NOON}, [1, 2.5], 'kept {"at": "2026-03-02T12:00:00Z"}, set aside [1, 2.5]'),
        ("one\n\n two ", "größe", 'kept "one two", set aside "größe"'),
        ("x" * 60, "x" * 61, f'kept "{"x" * 60}", set aside "{"x" * 59}…"'),
        (["größe"], {}, 'kept ["größe"], set aside {}'),
        (["x" * 80], "", f'kept ["{"x" * 57}…, set aside ""'),
    ],
)
def test_the_sentence_is_one_line_with_short_values(kept: Any, dropped: Any, sentence: str) -> None:
    assert kept_note(conflict("field", kept, dropped)).text == f"field: {sentence}"


def test_values_that_are_shortened_in_the_sentence_are_kept_whole() -> None:
    note = kept_note(conflict("title", "x" * 500, "y" * 500))
    assert (note.kept, note.dropped) == ("x" * 500, "y" * 500)


def test_a_set_is_kept_as_an_array() -> None:
    note = kept_note(conflict("blocked_by", (), ("a", "b")))
    assert (note.kept, note.dropped) == ([], ["a", "b"])


def test_of_two_descriptions_only_the_one_that_lost_is_in_the_note() -> None:
    note = kept_note(conflict("description", "theirs", "mine"))
    assert (note.kept, note.dropped) == (None, "mine")


def test_the_id_of_a_note_depends_on_the_commit_the_task_and_the_field_alone() -> None:
    title = kept_note(conflict("title"))
    assert title.id == kept_note(conflict("title", "C", "D")).id
    others = [
        kept_note(conflict("role")),
        kept_note(conflict("title"), seed="f00d"),
        kept_note(Conflict("8g4m3n0r1e", "title", "A", "B")),
    ]
    assert title.id not in {other.id for other in others}


def test_notes_are_added_after_those_that_are_there() -> None:
    there = Note(id=ID, at=NOON, by="ben", text="hello")
    task = kept_on(Task(id=ID, title="T", notes=(there,)), conflict("title"), conflict("role"))
    assert task.notes[0] == there
    assert [note.field for note in task.notes[1:]] == ["title", "role"]


def test_a_note_that_is_there_is_not_doubled() -> None:
    once = kept_on(Task(id=ID, title="T"), conflict("title"))
    assert kept_on(once, conflict("title", "C")) == once
    assert len(kept_on(once, conflict("title"), seed="f00d").notes) == 2
