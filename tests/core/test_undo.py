"""Undo: what is taken back, what has changed since and stays, and who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gitledger.core import editing, lifecycle
from gitledger.core.archive import archive
from gitledger.core.draft import Draft
from gitledger.core.effect import Edit, Effect, Undone
from gitledger.core.operation import Operation
from gitledger.core.policy import Policy
from gitledger.core.task import Task
from gitledger.core.undo import undo
from gitledger.errors import NotOwner, TooManyClaims
from tests.core.fakes import FakeTasks, later, task_id, texts_of

A, B, C = (task_id(number) for number in (1, 2, 3))


class World:
    """Tasks, and what operations did to them."""

    def __init__(self, *tasks: Task) -> None:
        self.tasks = FakeTasks(*tasks)
        self.done: list[Effect] = []
        self._changed: list[set[str]] = []

    def __getitem__(self, name: str) -> Task:
        found = self.tasks.find(name)
        assert found is not None
        return found

    def do(self, verb: Callable[..., Any], *args: Any, by: str = "ana", **options: Any) -> Effect:
        """Carry out a verb as an operation and return what that did."""
        return self._write(by, lambda draft: verb(draft, *args, **options))[0]

    def undo(
        self, *effects: Effect, by: str = "ana", policy: Policy | None = None, **options: Any
    ) -> Undone:
        """Take operations back and return what that came to."""
        given = {"policy": policy} if policy else {}
        undone: Undone = self._write(
            by, lambda draft: undo(draft, effects, self._later, **options), **given
        )[1]
        return undone

    def _later(self, commit: str) -> set[str]:
        return set().union(*self._changed[int(commit) + 1 :])

    def _write(self, by: str, verb: Callable[[Draft], Any], **given: Any) -> tuple[Effect, Any]:
        tasks = self.tasks
        draft = tasks.draft(by, later(len(self.done)))
        for name, value in given.items():
            setattr(draft, name, value)
        before, away = dict(tasks.by_id) | tasks.away, set(tasks.away)
        result = verb(draft)
        tasks.apply(draft)
        touched = {*draft.changed, *draft.archived, *draft.removed}
        effect = Effect(
            str(len(self.done)),
            Operation(name="some", session=by),
            "",
            edits=tuple(
                Edit(before.get(key), tasks.find(key), key in away, key in tasks.away)
                for key in sorted(touched)
            ),
        )
        self.done.append(effect)
        self._changed.append(touched)
        return effect, result


def say(world: World, name: str = A) -> dict[str, Any]:
    """Return what a task says, but for who changed it last."""
    found = world[name]
    stamps = ("updated_at", "updated_by")
    return {key: getattr(found, key) for key in found.__slots__ if key not in stamps}


def fields(undone: Undone) -> dict[str, tuple[Any, Any]]:
    """Return what is left, by its field."""
    return {conflict.field: (conflict.kept, conflict.dropped) for conflict in undone.left}


@pytest.fixture
def world() -> World:
    return World(*(Task(id=key, title=title) for key, title in ((A, "Schema"), (B, "Page"))))


def test_an_edit_that_nobody_touched_since_is_taken_back_whole(world: World) -> None:
    before = say(world)
    edited = world.do(editing.edit, A, title="DB", priority="P0", labels=["db"], description="x\n")
    undone = world.undo(edited)
    assert say(world) == before
    assert undone.left == ()
    assert world[A].updated_by == "ana"


def test_a_field_that_was_changed_since_stays_and_is_told(world: World) -> None:
    edited = world.do(editing.edit, A, title="DB", priority="P0")
    world.do(editing.edit, A, title="Tables", by="grace")
    undone = world.undo(edited)
    assert (world[A].title, world[A].priority) == ("Tables", "P2")
    assert fields(undone) == {"title": ("Tables", "Schema")}


def test_what_was_changed_since_to_what_it_was_before_is_not_told(world: World) -> None:
    edited = world.do(editing.edit, A, title="DB", priority="P0")
    world.do(editing.edit, A, title="Schema")
    assert world.undo(edited).left == ()
    assert world[A].priority == "P2"


def test_sets_lines_and_keys_are_taken_back_one_by_one(world: World) -> None:
    world.do(editing.edit, A, description="one\ntwo\nthree\n", metadata={"url": 1})
    edited = world.do(
        editing.edit,
        A,
        labels=["db"],
        description="one\nTWO\nthree\n",
        metadata={"url": 2, "jira": 1},
    )
    world.do(
        editing.edit,
        A,
        labels=["db", "web"],
        description="one\nTWO\nthree\nfour\n",
        metadata={"url": 3, "jira": 1},
    )
    undone = world.undo(edited)
    assert world[A].labels == ("web",)
    assert world[A].description == "one\ntwo\nthree\nfour\n"
    assert world[A].metadata == {"url": 3}
    assert fields(undone) == {"metadata.url": (3, 1)}


def test_a_note_goes_and_comes_back_to_its_place(world: World) -> None:
    world.do(editing.note, A, "first")
    noted = world.do(editing.note, A, "second")
    world.do(editing.note, A, "third")
    world.undo(noted)
    assert texts_of(world[A]) == ["first", "third"]
    undoing = world.done[-1]
    world.do(editing.note, A, "fourth")
    world.undo(undoing)
    assert texts_of(world[A]) == ["first", "second", "third", "fourth"]


def test_a_claim_is_given_back(world: World) -> None:
    before = say(world)
    started = world.do(lifecycle.start, A)
    world.undo(started)
    assert say(world) == before


def test_owner_and_status_stay_together_once_either_has_changed(world: World) -> None:
    claimed = world.do(lifecycle.claim, A)
    world.do(lifecycle.start, A)
    undone = world.undo(claimed)
    assert (world[A].owner, world[A].status) == ("ana", "in_progress")
    assert fields(undone) == {"owner": ("ana", None)}


def test_a_task_that_somebody_has_taken_since_stays_with_her(world: World) -> None:
    world.do(lifecycle.start, A)
    released = world.do(lifecycle.release, A)
    world.do(lifecycle.claim, A, by="grace")
    undone = world.undo(released)
    assert (world[A].owner, world[A].status) == ("grace", "pending")
    assert fields(undone)["owner"] == ("grace", "ana")


def test_a_finish_is_taken_back_and_another_finish_does_not_win_over_a_later_start(
    world: World,
) -> None:
    world.do(lifecycle.start, A)
    done = world.do(lifecycle.done, A)
    world.undo(done)
    assert (world[A].status, world[A].owner, world[A].completed_at) == ("in_progress", "ana", None)
    world.do(lifecycle.done, A)
    reopened = world.do(lifecycle.reopen, A)
    world.do(lifecycle.start, A, by="grace")
    world.undo(reopened, by="grace")
    assert (world[A].status, world[A].owner) == ("in_progress", "grace")


def test_a_question_goes_but_not_once_it_is_answered(world: World) -> None:
    asked = world.do(lifecycle.ask, A, "Which database?")
    world.undo(asked)
    assert (world[A].status, world[A].notes) == ("pending", ())
    asked = world.do(lifecycle.ask, A, "Which one?")
    world.do(lifecycle.answer, A, "SQLite", by="grace")
    undone = world.undo(asked)
    assert texts_of(world[A], "question") == ["Which one?"]
    assert list(fields(undone).values()) == [("Which one?", None)]


# -- tasks that come and go ----------------------------------------------------------------------


def test_a_task_that_was_made_is_removed_and_comes_back_as_it_was(world: World) -> None:
    made = world.do(editing.add, "API", blocked_by=[A])
    (new,) = (edit.id for edit in made.edits)
    before = say(world, new)
    undone = world.undo(made)
    assert world.tasks.find(new) is None
    assert [(old and old.title, now) for old, now in undone.tasks] == [("API", None)]
    world.undo(world.done[-1])
    assert say(world, new) == before


def test_a_task_that_was_worked_on_since_is_kept(world: World) -> None:
    made = world.do(editing.add, "API")
    (new,) = (edit.id for edit in made.edits)
    world.do(editing.note, new, "begun", by="grace")
    undone = world.undo(made)
    assert undone.empty
    assert fields(undone) == {"task": (new, None)}


def test_a_task_that_another_names_since_is_kept_with_what_it_names_itself(world: World) -> None:
    def both(draft: Draft) -> None:
        first = editing.add(draft, "API")
        second = editing.add(draft, "Client", blocked_by=[first.id])
        editing.add(draft, "Docs")
        editing.edit(draft, B, title=second.id)

    made = world.do(both)
    client = world[B].title
    world.do(editing.edit, A, add_blocked_by=[client], by="grace")
    world.undo(made)
    assert sorted(task.title for task in world.tasks.all()) == ["API", "Client", "Page", "Schema"]


def test_what_waits_for_a_new_task_in_the_same_operation_does_not_keep_it(world: World) -> None:
    def split(draft: Draft) -> None:
        editing.edit(draft, A, add_blocked_by=[editing.add(draft, "API").id])

    world.undo(world.do(split))
    assert sorted(task.title for task in world.tasks.all()) == ["Page", "Schema"]
    assert world[A].blocked_by == ()


def test_an_edit_of_a_task_that_is_gone_since_is_left(world: World) -> None:
    made = world.do(editing.add, "API")
    (new,) = (edit.id for edit in made.edits)
    edited = world.do(editing.edit, new, priority="P0")
    world.undo(edited, made)
    undone = world.undo(edited)
    assert undone.empty
    assert fields(undone) == {"task": (None, new)}


def test_an_archived_task_comes_back_and_goes_again(world: World) -> None:
    world.do(lifecycle.done, A)
    put_away = world.do(archive)
    assert world.tasks.is_archived(A)
    world.undo(put_away)
    assert not world.tasks.is_archived(A)
    world.undo(world.done[-1])
    assert world.tasks.is_archived(A)
    reopened = world.do(lifecycle.reopen, A)
    world.undo(reopened)
    assert world.tasks.is_archived(A)
    assert world[A].status == "completed"


# -- the graph -----------------------------------------------------------------------------------


def test_an_edge_that_would_close_a_cycle_is_left_out(world: World) -> None:
    world.do(editing.edit, A, add_blocked_by=[B])
    freed = world.do(editing.edit, A, remove_blocked_by=[B])
    world.do(editing.edit, B, add_blocked_by=[A])
    undone = world.undo(freed)
    assert (world[A].blocked_by, world[B].blocked_by) == ((), (A,))
    assert fields(undone) == {"blocked_by": ((), (B,))}


def test_a_parent_that_would_close_a_cycle_is_left_out(world: World) -> None:
    world.do(editing.edit, A, parent=B)
    freed = world.do(editing.edit, A, parent=None)
    world.do(editing.edit, B, parent=A)
    undone = world.undo(freed)
    assert (world[A].parent, world[B].parent) == (None, A)
    assert fields(undone) == {"parent": (None, B)}


def test_an_edge_to_a_task_that_is_gone_is_left_out(world: World) -> None:
    made = world.do(editing.add, "API")
    (new,) = (edit.id for edit in made.edits)
    world.do(editing.edit, A, add_blocked_by=[new])
    freed = world.do(editing.edit, A, remove_blocked_by=[new])
    world.undo(made)
    undone = world.undo(freed)
    assert undone.empty
    assert fields(undone) == {"blocked_by": ((), (new,))}


# -- several at once -----------------------------------------------------------------------------


def test_several_are_taken_back_from_the_newest_on(world: World) -> None:
    before = say(world)
    done = [world.do(editing.edit, A, title=title) for title in ("one", "two", "three")]
    undone = world.undo(*reversed(done))
    assert say(world) == before
    assert undone.left == ()


def test_what_comes_to_nothing_changes_nothing(world: World) -> None:
    done = [world.do(editing.edit, A, title=title) for title in ("one", "Schema")]
    stamped = world[A]
    assert world.undo(*reversed(done)).empty
    assert world[A] == stamped


# -- who may -------------------------------------------------------------------------------------


def test_what_another_session_owns_is_not_taken_from_it(world: World) -> None:
    started = world.do(lifecycle.start, A, by="grace")
    with pytest.raises(NotOwner) as refused:
        world.undo(started)
    assert refused.value.owner == "grace"
    world.undo(started, force=True)
    assert (world[A].owner, world[A].status) == (None, "pending")
    assert texts_of(world[A]) == ["undone with --force while owned by grace"]


def test_removing_what_another_session_owns_is_refused(world: World) -> None:
    def taken(draft: Draft) -> None:
        lifecycle.claim(draft, editing.add(draft, "API").id)

    made = world.do(taken, by="grace")
    with pytest.raises(NotOwner):
        world.undo(made)


def test_other_fields_are_open_to_everyone(world: World) -> None:
    world.do(lifecycle.start, A, by="grace")
    edited = world.do(editing.edit, A, title="DB", by="grace")
    world.undo(edited)
    assert world[A].title == "Schema"


def test_nobody_comes_to_hold_more_than_a_session_may(world: World) -> None:
    one = Policy(max_claims=1)
    world.do(lifecycle.start, A)
    released = world.do(lifecycle.release, A)
    world.undo(released, policy=one)
    released = world.do(lifecycle.release, A)
    world.do(lifecycle.start, B)
    with pytest.raises(TooManyClaims):
        world.undo(released, policy=one)
