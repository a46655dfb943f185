"""The changes of one operation, on top of a snapshot."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gitledger.core import ids
from gitledger.core.dataclass import replace
from gitledger.core.draft import Draft
from gitledger.core.task import Note, Task
from gitledger.errors import AmbiguousId, NoSuchTask
from tests.core.fakes import NOON, FakeTasks, later

FIRST = Task(id="7f3k2m9q0d", title="Add login", created_at=NOON, created_by="ben")
SECOND = Task(id="7f3a000000", title="Fix login", created_at=NOON, created_by="ben")


@pytest.fixture
def tasks() -> FakeTasks:
    return FakeTasks(FIRST, SECOND)


def test_a_task_is_found_by_its_whole_id_or_a_unique_prefix_in_any_case(tasks: FakeTasks) -> None:
    draft = tasks.draft()
    for name in ("7f3k2m9q0d", "7f3k", " 7F3K2\n"):
        assert draft.get(name) == FIRST


def test_a_name_that_fits_none_or_several_tasks_is_refused(tasks: FakeTasks) -> None:
    draft = tasks.draft()
    with pytest.raises(NoSuchTask):
        draft.get("zzzz")
    with pytest.raises(AmbiguousId) as refused:
        draft.get("7f3")
    assert refused.value.matches == ("7f3a000000", "7f3k2m9q0d")


def test_a_name_that_leads_to_a_file_which_is_no_task_is_refused() -> None:
    class Quarantining(FakeTasks):
        def resolve(self, prefix: str) -> str:
            return "9999999999"

    with pytest.raises(NoSuchTask, match="no task '9999'"):
        Quarantining().draft().get("9999")


def test_a_change_is_seen_in_the_draft_and_not_in_the_snapshot(tasks: FakeTasks) -> None:
    draft = tasks.draft()
    changed = draft.put(replace(FIRST, title="Drop login"))
    assert draft.get("7f3k") == draft.find(FIRST.id) == changed
    assert list(draft.all()) == [changed, SECOND]
    assert tasks.find(FIRST.id) == FIRST


def test_a_new_task_is_among_all_of_them(tasks: FakeTasks) -> None:
    draft = tasks.draft()
    new = draft.put(Task(id=draft.new_task_id(), title="Write docs"))
    assert list(draft.all()) == [FIRST, SECOND, new]
    assert draft.get(new.id) == new


def test_a_changed_task_says_who_changed_it_and_when(tasks: FakeTasks) -> None:
    changed = tasks.draft("ana", later(1)).put(replace(FIRST, title="Drop login"))
    assert (changed.updated_by, changed.updated_at) == ("ana", later(1))
    assert (changed.created_by, changed.created_at) == ("ben", NOON)


def test_a_new_task_says_who_made_it_and_when(tasks: FakeTasks) -> None:
    new = tasks.draft("ana", later(1)).put(Task(id="0000000000", title="Write docs"))
    assert (new.created_by, new.created_at) == ("ana", later(1))
    assert (new.updated_by, new.updated_at) == ("ana", later(1))


def test_a_task_that_is_put_back_as_it_was_is_no_change(tasks: FakeTasks) -> None:
    draft = tasks.draft("ana", later(1))
    assert draft.put(replace(FIRST)) is FIRST
    assert draft.changed == {}


def test_changes_are_kept_in_their_order(tasks: FakeTasks) -> None:
    draft = tasks.draft()
    for task in (SECOND, FIRST, SECOND):
        draft.put(replace(task, priority="P0"))
    assert list(draft.changed) == [SECOND.id, FIRST.id]


def test_a_new_id_is_none_that_the_list_or_the_draft_has() -> None:
    drawn = [bytes([0, 0, 0, 0, 0, 0, number]) for number in (1, 2, 3)]
    supply: Iterator[bytes] = iter(drawn)
    tasks = FakeTasks(Task(id=ids.encode(1), title="T"))
    draft = Draft(tasks, by="ana", now=NOON, random_bytes=lambda _: next(supply))
    draft.put(Task(id=ids.encode(2), title="T"))
    assert draft.new_task_id() == ids.encode(3)


def test_a_note_says_who_wrote_it_and_when(tasks: FakeTasks) -> None:
    draft = tasks.draft("ana", later(1))
    note = draft.note("handoff", "yours", to="ben")
    assert note == Note(id=note.id, at=later(1), by="ana", kind="handoff", text="yours", to="ben")
    assert ids.is_id(note.id)
    assert draft.note("note", "x").id != note.id


def test_a_message_calls_a_task_by_its_short_id_and_its_title(tasks: FakeTasks) -> None:
    assert tasks.draft().call(FIRST) == "7f3k 'Add login'"


def test_a_task_that_is_removed_is_nowhere(tasks: FakeTasks) -> None:
    owned = replace(FIRST, owner="ana", source={"system": "file", "list": "plan.md", "key": "1"})
    tasks = FakeTasks(owned, SECOND)
    draft = tasks.draft()
    draft.put(replace(owned, title="Changed"))
    draft.remove(owned)
    assert draft.find(owned.id) is None
    assert [task.id for task in draft.all()] == [SECOND.id]
    assert draft.owned_by("ana") == draft.imported("file", "plan.md") == []
    assert (draft.changed, draft.removed, draft.empty) == ({}, {owned.id: owned}, False)
    with pytest.raises(NoSuchTask):
        draft.get("7f3k")


def test_a_removal_is_taken_back_with_the_rest(tasks: FakeTasks) -> None:
    draft = tasks.draft()
    kept = draft.kept()
    draft.remove(FIRST)
    draft.restore(kept)
    assert draft.empty
    assert draft.find(FIRST.id) == FIRST


def test_a_task_that_is_put_back_keeps_who_made_it_and_its_layout(tasks: FakeTasks) -> None:
    gone = replace(FIRST, id="0001000000")
    draft = tasks.draft(now=later(1))
    back = draft.put_back(gone, b"# mine\n")
    assert (back.created_at, back.created_by) == (NOON, "ben")
    assert (back.updated_at, back.updated_by) == (later(1), "ana")
    assert draft.layouts == {gone.id: b"# mine\n"}
    draft.forget(gone.id)
    assert draft.empty
    assert draft.layouts == {}
