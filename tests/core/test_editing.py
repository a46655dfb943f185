"""Making tasks and changing what they say."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core.dataclass import fields, replace
from gitledger.core.editing import EDITABLE, add, edit, link, note, rewrite
from gitledger.core.task import Note, Task
from gitledger.errors import Cycle, InvalidInput, NoSuchTask
from tests.core.fakes import NOON, FakeTasks, later, task_id, texts_of
from tests.strategies import FIELDS

bounded = settings(max_examples=60, deadline=None)

ONE, TWO, THREE = (task_id(number) for number in (1, 2, 3))
MISSING = task_id(9)

VALUES: dict[str, tuple[Any, Any]] = {
    "title": (" Fix login ", "Fix login"),
    "description": ("Why", "Why"),
    "priority": ("p0", "P0"),
    "type": ("bug", "bug"),
    "labels": (["ui", "db", "ui"], ("db", "ui")),
    "role": ("tester", "tester"),
    "review": (True, True),
    "estimate": ("4H", "4h"),
    "due": (date(2026, 4, 1), date(2026, 4, 1)),
    "branch": ("feature/login", "feature/login"),
    "metadata": ({"jira": {"key": "A-1"}}, {"jira": {"key": "A-1"}}),
    "source": ({"system": "jira"}, {"system": "jira"}),
    "blocked_by": (["0003", "0002"], (TWO, THREE)),
    "parent": ("0002", TWO),
}
"""For every field a value as it is given, and as it is kept."""

WRONG: dict[str, Any] = {
    "title": "a\nb",
    "description": "\0",
    "priority": "high",
    "type": "two words",
    "labels": ["two words"],
    "role": "",
    "estimate": "soon",
    "due": "tomorrow",
    "branch": "a\nb",
    "metadata": "x",
    "source": [1],
    "blocked_by": ["zzzz"],
    "parent": "zzzz",
}
_FREE = {field: FIELDS[field] for field in VALUES if field not in ("blocked_by", "parent")}
"""Valid values of the fields that name no other task."""


@pytest.fixture
def tasks() -> FakeTasks:
    return FakeTasks(*(Task(id=task_id(n), title=f"Task {n}") for n in (1, 2, 3)))


def waiting(**blocked_by: tuple[str, ...]) -> FakeTasks:
    """Return three tasks that wait for others: `one=(TWO,)`."""
    return FakeTasks(
        *(
            Task(id=each, title=name.title(), blocked_by=blocked_by.get(name, ()))
            for each, name in ((ONE, "one"), (TWO, "two"), (THREE, "three"))
        )
    )


# -- add ------------------------------------------------------------------------------------------


def test_a_new_task_has_what_it_was_given_in_normal_form(tasks: FakeTasks) -> None:
    given = {field: value for field, (value, _) in VALUES.items()}
    task = tasks.do(add, **given)
    assert task == replace(
        Task(id=task.id, title="Fix login"),
        **{field: kept for field, (_, kept) in VALUES.items()},
        created_at=NOON,
        created_by="ana",
        updated_at=NOON,
        updated_by="ana",
    )


def test_every_field_that_can_be_edited_has_its_examples() -> None:
    assert set(VALUES) == {*WRONG, "review"} == set(EDITABLE)


def test_a_new_task_has_an_id_of_its_own(tasks: FakeTasks) -> None:
    assert tasks.do(add, "T").id not in (ONE, TWO, THREE)
    assert tasks.do(add, "T", task_id=MISSING).id == MISSING


def test_two_tasks_may_have_the_same_title(tasks: FakeTasks) -> None:
    assert tasks.do(add, "T").id != tasks.do(add, "T").id


@pytest.mark.parametrize(
    ("field", "verbs"),
    [("status", "done"), ("owner", "ana"), ("notes", ()), ("created_at", NOON), ("commits", [])],
)
def test_what_has_verbs_of_its_own_is_no_field_to_set(
    tasks: FakeTasks, field: str, verbs: Any
) -> None:
    for verb, name in ((add, "T"), (edit, ONE)):
        with pytest.raises(InvalidInput, match=f"unknown field '{field}'"):
            tasks.do(verb, name, **{field: verbs})


def test_a_field_that_is_misspelt_is_answered_with_the_nearest(tasks: FakeTasks) -> None:
    with pytest.raises(InvalidInput) as refused:
        tasks.do(add, "T", lables=["ui"])
    assert refused.value.hint == "did you mean 'labels'?"


def test_a_new_task_waits_for_tasks_that_are_there(tasks: FakeTasks) -> None:
    with pytest.raises(NoSuchTask):
        tasks.do(add, "T", blocked_by=["zzzz"])
    with pytest.raises(NoSuchTask):
        tasks.do(add, "T", task_id=MISSING, blocked_by=[ONE, MISSING])


# -- edit -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("field", VALUES)
def test_a_field_is_set_in_its_normal_form_and_nothing_else_changes(
    tasks: FakeTasks, field: str
) -> None:
    given, kept = VALUES[field]
    before = tasks[ONE]
    task = tasks.do(edit, "0001", **{field: given})
    assert task == replace(before, **{field: kept}, updated_at=NOON, updated_by="ana")


@pytest.mark.parametrize("field", VALUES)
def test_a_value_that_is_there_already_is_no_change(tasks: FakeTasks, field: str) -> None:
    given, kept = VALUES[field]
    tasks.do(edit, ONE, **{field: given})
    draft = tasks.draft("ben", later(1))
    for value in (given, kept):
        edit(draft, ONE, **{field: value})
    assert draft.changed == {}


@pytest.mark.parametrize("field", WRONG)
def test_a_value_that_breaks_a_rule_changes_nothing(tasks: FakeTasks, field: str) -> None:
    draft = tasks.draft()
    with pytest.raises((InvalidInput, NoSuchTask)):
        edit(draft, ONE, **{"review": True, field: WRONG[field]})
    with pytest.raises((InvalidInput, NoSuchTask)):
        add(draft, **{"title": "T", field: WRONG[field]})
    assert draft.changed == {}


@pytest.mark.parametrize("field", [field for field in VALUES if field != "title"])
def test_none_unsets_a_field(tasks: FakeTasks, field: str) -> None:
    before = tasks[ONE]
    tasks.do(edit, ONE, **{field: VALUES[field][0]})
    assert getattr(tasks[ONE], field) != getattr(before, field)
    tasks.do(edit, ONE, **{field: None})
    assert replace(tasks[ONE], updated_at=None, updated_by=None) == before


def test_a_title_cannot_be_unset(tasks: FakeTasks) -> None:
    with pytest.raises(InvalidInput, match="'title' cannot be empty"):
        tasks.do(edit, ONE, title=None)


@bounded
@given(st.fixed_dictionaries({}, optional=_FREE))
def test_any_valid_values_are_kept_as_they_are(values: dict[str, Any]) -> None:
    task = FakeTasks(Task(id=ONE, title="T")).do(edit, ONE, **values)
    assert {field: getattr(task, field) for field in values} == values


def test_a_due_time_without_a_zone_is_refused(tasks: FakeTasks) -> None:
    with pytest.raises(InvalidInput, match="names no time zone"):
        tasks.do(edit, ONE, due=datetime(2026, 4, 1))  # noqa: DTZ001
    east = timezone(timedelta(hours=2))
    task = tasks.do(edit, ONE, due=datetime(2026, 4, 1, 14, tzinfo=east))
    assert task.due == datetime(2026, 4, 1, 12, tzinfo=UTC)


def test_editing_is_open_to_every_session_and_leaves_owner_and_status() -> None:
    tasks = FakeTasks(Task(id=ONE, title="T", status="in_progress", owner="ben", claimed_at=NOON))
    task = tasks.do_as("ana", edit, ONE, title="Another", labels=["ui"])
    assert (task.owner, task.status, task.title) == ("ben", "in_progress", "Another")


def test_a_table_that_was_given_is_not_shared(tasks: FakeTasks) -> None:
    mine = {"a": 1}
    tasks.do(edit, ONE, metadata=mine)
    mine["a"] = 2
    assert tasks[ONE].metadata == {"a": 1}


# -- labels and dependencies, one by one ----------------------------------------------------------


def test_labels_are_added_and_removed(tasks: FakeTasks) -> None:
    tasks.do(edit, ONE, add_labels=["ui", "auth"])
    task = tasks.do(edit, ONE, add_labels=["db", "auth"], remove_labels=["ui"])
    assert task.labels == ("auth", "db")


def test_a_label_that_is_not_there_cannot_be_removed(tasks: FakeTasks) -> None:
    tasks.do(edit, ONE, labels=["backend"])
    with pytest.raises(InvalidInput) as refused:
        tasks.do(edit, ONE, remove_labels=["bakend"])
    assert refused.value.message == "0001 'Task 1' has no label 'bakend'"
    assert refused.value.hint == "did you mean 'backend'?"


def test_an_added_label_is_checked(tasks: FakeTasks) -> None:
    with pytest.raises(InvalidInput, match="'two words' is no label"):
        tasks.do(edit, ONE, add_labels=["two words"])


def test_dependencies_are_added_and_removed_by_prefix(tasks: FakeTasks) -> None:
    tasks.do(edit, ONE, add_blocked_by=["0002", "0003"])
    assert tasks[ONE].blocked_by == (TWO, THREE)
    assert tasks.do(edit, ONE, remove_blocked_by=["0002"]).blocked_by == (THREE,)
    assert tasks.do(
        edit, ONE, add_blocked_by=["000200"], remove_blocked_by=["0003"]
    ).blocked_by == (TWO,)


def test_a_dependency_that_is_not_there_cannot_be_removed(tasks: FakeTasks) -> None:
    with pytest.raises(InvalidInput, match="0001 'Task 1' does not wait for 0002 'Task 2'"):
        tasks.do(edit, ONE, remove_blocked_by=["0002"])
    with pytest.raises(NoSuchTask):
        tasks.do(edit, ONE, remove_blocked_by=["zzzz"])


def test_a_dependency_on_a_missing_task_stays_and_can_be_removed() -> None:
    tasks = waiting(one=(MISSING,))
    assert tasks.do(edit, ONE, add_blocked_by=[TWO]).blocked_by == (TWO, MISSING)
    assert tasks.do(edit, ONE, remove_blocked_by=["0009"]).blocked_by == (TWO,)


def test_a_prefix_that_fits_a_missing_task_too_means_the_one_that_is_there() -> None:
    tasks = waiting(one=(TWO, "0002zzzzzz"))
    assert tasks.do(edit, ONE, remove_blocked_by=["0002"]).blocked_by == ("0002zzzzzz",)


def test_the_same_dependency_by_prefix_and_id_is_one(tasks: FakeTasks) -> None:
    assert tasks.do(edit, ONE, add_blocked_by=["0002", TWO, "0002"]).blocked_by == (TWO,)


def test_a_task_cannot_wait_for_itself(tasks: FakeTasks) -> None:
    with pytest.raises(Cycle) as refused:
        tasks.do(edit, ONE, add_blocked_by=["0001"])
    assert refused.value.message == "0001 'Task 1' cannot wait for itself"
    assert refused.value.path == (ONE, ONE)


def test_a_cycle_is_refused_and_named() -> None:
    tasks = waiting(two=(THREE,), three=(ONE,))
    with pytest.raises(Cycle) as refused:
        tasks.do(edit, ONE, add_blocked_by=[TWO])
    assert refused.value.path == (ONE, TWO, THREE, ONE)
    assert refused.value.message == (
        "the dependency would close a cycle: 0001 'One' → 0002 'Two' → 0003 'Three' → 0001 'One'"
        " (each waits for the next)"
    )


def test_a_cycle_through_changes_of_the_same_operation_is_refused(tasks: FakeTasks) -> None:
    draft = tasks.draft()
    edit(draft, ONE, add_blocked_by=[TWO])
    with pytest.raises(Cycle):
        edit(draft, TWO, add_blocked_by=[ONE])


def test_a_cycle_that_somebody_made_by_hand_stops_no_other_edit() -> None:
    tasks = waiting(one=(TWO,), two=(ONE,))
    assert tasks.do(edit, ONE, title="Another").title == "Another"
    assert tasks.do(edit, THREE, add_blocked_by=[ONE]).blocked_by == (ONE,)
    assert tasks.do(edit, ONE, remove_blocked_by=[TWO]).blocked_by == ()


def test_a_task_is_not_its_own_ancestor(tasks: FakeTasks) -> None:
    tasks.do(edit, TWO, parent=ONE)
    tasks.do(edit, THREE, parent=TWO)
    with pytest.raises(Cycle) as refused:
        tasks.do(edit, ONE, parent=THREE)
    assert refused.value.path == (ONE, THREE, TWO, ONE)
    assert refused.value.message == (
        "a task cannot be its own sub-task: "
        "0001 'Task 1' → 0003 'Task 3' → 0002 'Task 2' → 0001 'Task 1'"
    )
    with pytest.raises(Cycle):
        tasks.do(edit, ONE, parent="0001")


def test_a_parent_that_is_missing_may_stay() -> None:
    tasks = FakeTasks(Task(id=ONE, title="T", parent=MISSING))
    assert tasks.do(edit, ONE, title="Another", parent=MISSING).parent == MISSING


# -- notes and commits ----------------------------------------------------------------------------


def test_a_note_is_added_behind_the_others_whatever_the_tasks_status() -> None:
    tasks = FakeTasks(Task(id=ONE, title="T", status="completed", owner="ben", completed_at=NOON))
    tasks.do_as("ana", note, ONE, "first")
    task = tasks.do_as("cat", note, ONE, "second\n\nparagraph")
    assert texts_of(task) == ["first", "second\n\nparagraph"]
    assert [each.by for each in task.notes] == ["ana", "cat"]


def test_a_commit_is_linked_once(tasks: FakeTasks) -> None:
    tasks.do(link, ONE, "b2" * 20)
    tasks.do(link, ONE, "a1" * 32)
    assert tasks[ONE].commits == ("a1" * 32, "b2" * 20)
    draft = tasks.draft()
    link(draft, ONE, "b2" * 20)
    assert draft.changed == {}


def test_only_a_full_commit_id_is_linked(tasks: FakeTasks) -> None:
    with pytest.raises(InvalidInput, match="'b2b2' is no full commit id"):
        tasks.do(link, ONE, "b2b2")


# -- the whole task, as the editor gives it back --------------------------------------------------


def test_an_edited_task_is_taken_over_in_normal_form(tasks: FakeTasks) -> None:
    given = {field: value for field, (value, _) in VALUES.items()}
    edited = replace(tasks[ONE], **given, extra={"sprint": 3})
    task = tasks.do(rewrite, edited)
    assert {field: getattr(task, field) for field in VALUES} == {
        field: kept for field, (_, kept) in VALUES.items()
    }
    assert (task.extra, task.updated_by) == ({"sprint": 3}, "ana")


@pytest.mark.parametrize(
    ("field", "value", "hint"),
    [
        ("status", "completed", "start, done, cancel, reopen"),
        ("owner", "ben", "claim, release"),
        ("progress", 50, "progress"),
    ],
)
def test_what_has_commands_of_its_own_is_not_edited(
    tasks: FakeTasks, field: str, value: Any, hint: str
) -> None:
    draft = tasks.draft()
    with pytest.raises(InvalidInput, match=f"'{field}' cannot be edited") as refused:
        rewrite(draft, replace(tasks[ONE], **{field: value}, title="Another"))
    assert refused.value.hint == f"it has commands of its own: {hint}"
    assert draft.changed == {}


def test_what_only_follows_from_commands_stays_as_it_was(tasks: FakeTasks) -> None:
    kept = [
        *("created_at", "created_by", "updated_at", "updated_by"),
        *("claimed_at", "started_at", "completed_at", "commits"),
    ]
    stays = {f.name for f in fields(Task)} - {*EDITABLE, "notes", "extra"}
    assert stays == {*kept, "id", "status", "owner", "progress"}
    other: dict[str, Any] = {key: later(1) for key in kept if key.endswith("_at")}
    other |= {"created_by": "eve", "updated_by": "eve", "commits": ("a1" * 20,)}
    edited = replace(tasks[ONE], **other)
    draft = tasks.draft()
    assert rewrite(draft, edited) == tasks[ONE]
    assert draft.changed == {}


def test_an_edited_task_is_held_to_the_rules_of_dependencies() -> None:
    tasks = waiting(two=(ONE,))
    with pytest.raises(Cycle):
        tasks.do(rewrite, replace(tasks[ONE], blocked_by=("0002",)))
    with pytest.raises(NoSuchTask):
        tasks.do(rewrite, replace(tasks[ONE], parent="zzzz"))
    with pytest.raises(InvalidInput):
        tasks.do(rewrite, replace(tasks[ONE], estimate="soon"))
    with pytest.raises(NoSuchTask):
        tasks.do(rewrite, Task(id=MISSING, title="T"))


def test_the_layout_of_a_changed_task_goes_with_it(tasks: FakeTasks) -> None:
    draft = tasks.draft()
    rewrite(draft, replace(tasks[ONE], title="Another"), b"# by hand")
    rewrite(draft, tasks[TWO], b"# by hand too")
    rewrite(draft, replace(tasks[THREE], title="Another"))
    assert draft.layouts == {ONE: b"# by hand"}


def test_what_others_changed_while_the_editor_was_open_is_not_lost(tasks: FakeTasks) -> None:
    before = tasks[ONE]
    tasks.do_as("ben", note, ONE, "meanwhile")
    tasks.do_as("ben", edit, ONE, priority="P0", add_labels=["theirs"])
    edited = replace(before, description="Why", labels=("mine",))
    task = tasks.do(rewrite, edited, before=before)
    assert texts_of(task) == ["meanwhile"]
    assert (task.priority, task.description, task.labels) == ("P0", "Why", ("mine", "theirs"))


def test_a_claim_while_the_editor_was_open_is_no_edit_of_the_owner(tasks: FakeTasks) -> None:
    before = tasks[ONE]
    tasks.by_id[ONE] = replace(before, owner="ben", status="in_progress", claimed_at=NOON)
    task = tasks.do(rewrite, replace(before, title="Another"), before=before)
    assert (task.owner, task.status, task.title) == ("ben", "in_progress", "Another")


def test_where_both_changed_the_same_field_the_edit_is_kept_in_a_note(tasks: FakeTasks) -> None:
    before = tasks[ONE]
    tasks.do_as("ben", edit, ONE, title="Theirs")
    task = tasks.do(rewrite, replace(before, title="Mine"), before=before)
    assert task.title == "Theirs"
    (kept,) = task.notes
    assert (kept.kind, kept.field, kept.dropped) == ("conflict", "title", "Mine")


def test_notes_can_be_corrected_in_the_editor() -> None:
    wrong = Note(id="0000000009", at=NOON, by="ana", text="teh")
    tasks = FakeTasks(Task(id=ONE, title="T", notes=(wrong,)))
    task = tasks.do(rewrite, replace(tasks[ONE], notes=(replace(wrong, text="the"),)))
    assert texts_of(task) == ["the"]


def test_a_task_made_in_another_repository_than_the_ledgers_names_it() -> None:
    draft = FakeTasks().draft()
    draft.repository = "backend"
    assert add(draft, "T").metadata == {"repository": "backend"}
    given = add(draft, "T", metadata={"repository": "web", "url": "x"})
    assert given.metadata == {"repository": "web", "url": "x"}
