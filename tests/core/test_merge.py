"""The rules of the merge of a task, one by one (contract, section 5)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from gitledger.core.conflict import Conflict, conflict_note
from gitledger.core.dataclass import fields, replace
from gitledger.core.merge import Merged, merge_tasks
from gitledger.core.task import DESCRIPTION_LIMIT, Task
from tests.core.merging import (
    BASE,
    NOON,
    OTHER,
    SEED,
    THIRD,
    finished,
    later,
    merge,
    merge_values,
    note,
)

# -- what only one side changed ----------------------------------------------------------------

ANOTHER: dict[str, Any] = {
    "title": "Fix login",
    "status": "waiting",
    "priority": "P0",
    "type": "bug",
    "description": "Why",
    "labels": ("ui",),
    "blocked_by": (OTHER,),
    "commits": ("a1" * 20,),
    "parent": OTHER,
    "owner": "ben",
    "role": "tester",
    "review": True,
    "progress": 10,
    "estimate": "2h",
    "due": date(2026, 4, 1),
    "branch": "login",
    "created_at": NOON,
    "created_by": "ben",
    "updated_at": NOON,
    "updated_by": "ben",
    "claimed_at": NOON,
    "started_at": NOON,
    "completed_at": NOON,
    "notes": (note(OTHER),),
    "metadata": {"key": 1},
    "source": {"system": "jira"},
    "extra": {"sprint": 3},
}
"""For every field a value that BASE does not have."""


@pytest.mark.parametrize("field", [field.name for field in fields(Task) if field.name != "id"])
def test_a_field_that_one_side_changed_is_taken_from_it(field: str) -> None:
    change = {field: ANOTHER[field]}
    elsewhere = {"priority": "P4"} if field != "priority" else {"role": "builder"}
    expected = replace(BASE, **change, **elsewhere)
    assert merge_values({}, elsewhere, change) == (expected, [])
    assert merge_values({}, change, elsewhere) == (expected, [])


def test_a_task_that_one_side_made_is_there() -> None:
    assert merge(None, None, BASE) == Merged(BASE)
    assert merge(None, BASE, None) == Merged(BASE)


def test_a_task_that_one_side_removed_is_gone() -> None:
    assert merge(BASE, BASE, None) == Merged(None)
    assert merge(BASE, None, BASE) == Merged(None)
    assert merge(BASE, None, None) == Merged(None)


def test_an_edit_wins_over_the_removal_of_the_task_and_a_note_tells_of_that() -> None:
    edited = replace(BASE, title="Fix login")
    for merged in (merge(BASE, None, edited), merge(BASE, edited, None)):
        assert merged.task is not None
        (note,) = merged.task.notes
        assert replace(merged.task, notes=()) == edited
        assert (note.kind, note.text) == ("conflict", "task: kept, set aside its removal")
        assert merged.conflicts == (Conflict(BASE.id, "task", kept=BASE.id, dropped=None),)


def test_of_a_task_made_on_both_sides_each_fills_in_what_the_other_left_unset() -> None:
    published = replace(BASE, labels=("ui",), priority="P1", created_at=NOON, created_by="ben")
    mine = replace(BASE, labels=("db",), role="tester", created_at=later(1), created_by="ana")
    expected = replace(published, labels=("db", "ui"), role="tester")
    assert merge(None, published, mine) == Merged(expected)


# -- published wins ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "base", "published", "mine"),
    [
        ("title", "Add login", "Fix login", "Drop login"),
        ("priority", "P2", "P0", "P1"),
        ("type", "task", "bug", "chore"),
        ("parent", None, OTHER, THIRD),
        ("role", "tester", "builder", "planner"),
        ("estimate", "2h", None, "4h"),
        ("due", date(2026, 3, 1), date(2026, 3, 2), None),
        ("branch", None, "login", "fix"),
    ],
)
def test_of_two_values_the_published_one_wins_and_mine_is_a_conflict(
    field: str, base: Any, published: Any, mine: Any
) -> None:
    task, conflicts = merge_values({field: base}, {field: published}, {field: mine})
    assert getattr(task, field) == published
    assert conflicts == [(field, published, mine)]


# -- sets --------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", ["labels", "blocked_by", "commits"])
def test_sets_gain_what_either_added_and_lose_what_either_removed(field: str) -> None:
    task, conflicts = merge_values(
        {field: ("a", "b", "c")}, {field: ("a", "b", "x", "z")}, {field: ("b", "c", "x", "y")}
    )
    assert getattr(task, field) == ("b", "x", "y", "z")
    assert conflicts == []


# -- tables ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "path"), [("metadata", "metadata.k"), ("source", "source.k"), ("extra", "k")]
)
def test_tables_are_united_by_key_and_published_wins_a_key(field: str, path: str) -> None:
    task, conflicts = merge_values(
        {field: {"k": "0", "gone": "0"}},
        {field: {"k": "1", "p": "1", "gone": "0"}},
        {field: {"k": "2", "m": "2"}},
    )
    assert getattr(task, field) == {"k": "1", "p": "1", "m": "2"}
    assert conflicts == [(path, "1", "2")]


def test_a_nested_table_is_one_value() -> None:
    task, conflicts = merge_values(
        {"metadata": {"ci": {"run": 1}}},
        {"metadata": {"ci": {"run": 2}}},
        {"metadata": {"ci": {"run": 1, "url": "x"}}},
    )
    assert task.metadata == {"ci": {"run": 2}}
    assert conflicts == [("metadata.ci", {"run": 2}, {"run": 1, "url": "x"})]


@pytest.mark.parametrize("removed_by", ["published", "mine"])
def test_an_edit_wins_over_the_removal_of_a_key(removed_by: str) -> None:
    sides = {"published": {"k": 2, "p": 0}, "mine": {"k": 2, "m": 0}}
    del sides[removed_by]["k"]
    task, conflicts = merge_values(
        {"metadata": {"k": 1}}, {"metadata": sides["published"]}, {"metadata": sides["mine"]}
    )
    assert task.metadata == {"k": 2, "p": 0, "m": 0}
    assert conflicts == []


# -- notes -------------------------------------------------------------------------------------


def test_notes_of_both_sides_stand_in_the_order_of_history_whatever_the_clocks_say() -> None:
    question = note("q", kind="question", hours=5)
    theirs, answer = note("t", hours=6), note("a", kind="answer", hours=0)
    task, conflicts = merge_values(
        {"notes": (question,)}, {"notes": (question, theirs)}, {"notes": (question, answer)}
    )
    assert task.notes == (question, theirs, answer)
    assert conflicts == []


def test_a_note_that_one_side_removed_is_gone_unless_the_other_edited_it() -> None:
    one, two, added = note("1"), note("2"), note("3")
    edited = replace(two, text="edited")
    base = {"notes": (one, two)}
    assert merge_values(base, {"notes": ()}, {"notes": (one, edited)})[0].notes == (edited,)
    assert merge_values(base, {"notes": (edited, added)}, {"notes": (one,)})[0].notes == (
        edited,
        added,
    )


def test_of_two_edits_of_a_note_published_wins_and_my_text_is_kept() -> None:
    there = note(OTHER, "old")
    theirs, mine = replace(there, text="theirs"), replace(there, text="mine")
    task, conflicts = merge_values({"notes": (there,)}, {"notes": (theirs,)}, {"notes": (mine,)})
    assert task.notes[0] == theirs
    assert conflicts == [(f"notes.{OTHER}", "theirs", "mine")]


def test_of_a_note_that_differs_in_more_than_its_text_all_is_kept() -> None:
    theirs, mine = note(OTHER, "a"), note(OTHER, "b", kind="handoff", to="ben")
    _, [(_, kept, dropped)] = merge_values({}, {"notes": (theirs,)}, {"notes": (mine,)})
    common = {"id": OTHER, "at": "2026-03-02T12:00:00Z", "by": "ana"}
    assert kept == {**common, "kind": "note", "text": "a"}
    assert dropped == {**common, "kind": "handoff", "text": "b", "to": "ben"}


def test_two_notes_of_one_id_in_a_file_made_by_hand_both_stay() -> None:
    twice = (note("1", "one"), note("1", "two"))
    added, theirs = note("2"), note("3")
    task, _ = merge_values(
        {"notes": twice}, {"notes": (*twice, theirs)}, {"notes": (*twice, added)}
    )
    assert task.notes == (*twice, theirs, added)


# -- description -------------------------------------------------------------------------------


def test_changes_of_different_lines_of_a_description_are_both_taken() -> None:
    task, conflicts = merge_values(
        {"description": "a\nb\nc\n"}, {"description": "A\nb\nc\n"}, {"description": "a\nb\nC\n"}
    )
    assert task.description == "A\nb\nC\n"
    assert conflicts == []


def test_where_lines_of_a_description_clash_all_of_mine_is_kept_beside() -> None:
    task, conflicts = merge_values(
        {"description": "a\nb\nc"}, {"description": "1\nb\nc"}, {"description": "2\nb\nC"}
    )
    assert task.description == "1\nb\nC"
    assert conflicts == [("description", "1\nb\nC", "2\nb\nC")]


def test_two_first_descriptions_clash() -> None:
    task, conflicts = merge_values({}, {"description": "theirs"}, {"description": "mine"})
    assert task.description == "theirs"
    assert conflicts == [("description", "theirs", "mine")]


def test_a_description_of_which_nothing_is_left_is_unset() -> None:
    task, conflicts = merge_values(
        {"description": "a\n\nb"}, {"description": "a\n"}, {"description": "\nb"}
    )
    assert task.description is None
    assert conflicts == []


def test_descriptions_that_are_too_long_together_clash() -> None:
    long = "x" * (DESCRIPTION_LIMIT // 2)
    task, conflicts = merge_values(
        {"description": "a\nb"}, {"description": f"{long}\nb"}, {"description": f"a\n{long}"}
    )
    assert task.description == f"{long}\nb"
    assert conflicts == [("description", f"{long}\nb", f"a\n{long}")]


# -- progress and times ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "mine", "kept", "dropped"),
    [(40, 60, 60, 40), (60, 40, 60, 40), (None, 0, 0, None), (0, None, 0, None)],
)
def test_the_larger_progress_wins(
    published: int | None, mine: int | None, kept: int, dropped: int | None
) -> None:
    task, conflicts = merge_values({"progress": 20}, {"progress": published}, {"progress": mine})
    assert task.progress == kept
    assert conflicts == [("progress", kept, dropped)]


@pytest.mark.parametrize("finishes", ["published", "mine"])
def test_a_task_that_one_side_finished_was_not_reopened_by_the_other(finishes: str) -> None:
    sides: dict[str, dict[str, Any]] = {"published": {"progress": 40}, "mine": {"progress": 40}}
    sides[finishes] = {**finished(), "progress": 90}
    task, conflicts = merge_values({"progress": 20}, sides["published"], sides["mine"])
    assert task.progress == 90
    assert conflicts == [("progress", 90, 40)]


def test_a_reopened_task_has_the_progress_of_the_side_that_reopened_it() -> None:
    base = {**finished(), "progress": 90}
    reopened, corrected = {"progress": 5}, {**finished(), "progress": 100}
    for published, mine in ((reopened, corrected), (corrected, reopened)):
        task, conflicts = merge_values(base, published, mine)
        assert task.progress == 5
        assert ("progress", 5, 100) in conflicts


def test_a_task_reopened_on_both_sides_has_the_larger_progress() -> None:
    task, _ = merge_values({**finished(), "progress": 90}, {"progress": 5}, {"progress": 10})
    assert task.progress == 10


@pytest.mark.parametrize(("published", "mine"), [(2, 1), (1, 2), (1, None), (None, 1)])
def test_the_earliest_start_stays_silently(published: int | None, mine: int | None) -> None:
    sides = [{"started_at": hours and later(hours)} for hours in (published, mine)]
    task, conflicts = merge_values({"started_at": later(9)}, *sides)
    assert task.started_at == later(1)
    assert conflicts == []


@pytest.mark.parametrize(("published", "mine"), [(2, 1), (1, 2)])
def test_the_latest_update_stays_silently(published: int, mine: int) -> None:
    sides = [{"updated_at": later(h), "updated_by": f"{9 - h}"} for h in (published, mine)]
    task, conflicts = merge_values({}, *sides)
    assert (task.updated_at, task.updated_by) == (later(2), "7")
    assert conflicts == []


# -- the notes that keep what lost -------------------------------------------------------------


def test_a_value_that_loses_is_kept_in_a_note() -> None:
    merged = merge(BASE, replace(BASE, title="Fix login"), replace(BASE, title="Drop login"))
    assert merged.task is not None
    [kept] = merged.task.notes
    assert kept == conflict_note(merged.conflicts[0], at=NOON, by="ana", seed=SEED)
    assert (kept.field, kept.kept, kept.dropped) == ("title", "Fix login", "Drop login")


def test_replaying_a_commit_again_does_not_double_its_notes() -> None:
    published, mine = replace(BASE, title="Fix login"), replace(BASE, title="Drop login")
    once = merge(BASE, published, mine)
    again = merge(BASE, once.task, mine)
    assert again == once


def test_a_later_commit_of_mine_conflicts_anew() -> None:
    first = replace(BASE, title="Drop login")
    second = replace(BASE, title="Drop the login")
    once = merge(BASE, replace(BASE, title="Fix login"), first).task
    twice = merge_tasks(first, once, second, at=NOON, by="ana", seed="next").task
    assert twice is not None
    assert twice.title == "Fix login"
    assert [note.dropped for note in twice.notes] == ["Drop login", "Drop the login"]
