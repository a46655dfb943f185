"""Which finished tasks are put away, and where one stands after a merge."""

from __future__ import annotations

from itertools import product

import pytest

from gitledger.core import editing, lifecycle, planning
from gitledger.core.archive import archive, stays_archived
from gitledger.core.dataclass import replace
from gitledger.core.plan import parse_plan
from gitledger.core.task import Task
from gitledger.errors import TaskFinished
from tests.core.fakes import NOON, FakeTasks, later, task_id


def finished(number: int, **values: object) -> Task:
    given = {"status": "completed", "completed_at": NOON, **values}
    return Task(id=task_id(number), title=f"Task {number}", **given)  # type: ignore[arg-type]  # fields by name


def unfinished(number: int, **values: str) -> Task:
    return Task(id=task_id(number), title=f"Task {number}", **values)  # type: ignore[arg-type]  # fields by name


def archived(tasks: FakeTasks) -> list[str]:
    return [task.id for task in tasks.archived()]


def test_all_that_is_completed_or_cancelled_is_put_away_as_it_is() -> None:
    there = (finished(1), finished(2, status="cancelled"), unfinished(3))
    tasks = FakeTasks(*there)
    assert tasks.do(archive) == there[:2]
    assert tuple(tasks.archived()) == there[:2]
    assert tasks.all() == there[2:]
    assert tasks.do(archive) == ()


def test_only_what_was_finished_before_a_moment_and_says_so() -> None:
    tasks = FakeTasks(
        finished(1),
        finished(2, completed_at=later(1)),
        finished(3, completed_at=None),
        finished(4, completed_at=None, updated_at=NOON),
    )
    tasks.do(archive, later(1))
    assert archived(tasks) == [task_id(1), task_id(4)]


def test_a_task_stays_while_anything_below_it_stays() -> None:
    tasks = FakeTasks(
        finished(1),
        finished(2, parent=task_id(1)),
        unfinished(3, parent=task_id(2)),
        finished(4, parent=task_id(1)),
        finished(5, parent=task_id(5)),
        unfinished(6, parent=task_id(7)),
    )
    tasks.do(archive)
    assert archived(tasks) == [task_id(4), task_id(5)]


def test_what_changes_is_archived_no_more_and_what_does_not_change_is() -> None:
    tasks = FakeTasks(finished(1, labels=("x",)))
    tasks.do(archive)
    tasks.do(editing.edit, task_id(1), labels=["x"])
    assert archived(tasks) == [task_id(1)]
    tasks.do(lifecycle.reopen, task_id(1))
    assert (archived(tasks), [task.status for task in tasks.all()]) == ([], ["pending"])


def test_within_one_operation_the_last_word_counts() -> None:
    tasks = FakeTasks(finished(1))
    draft = tasks.draft()
    archive(draft)
    assert (draft.is_archived(task_id(1)), list(draft.all())) == (True, [])
    editing.note(draft, task_id(1), "one more thing")
    assert (draft.is_archived(task_id(1)), len(list(draft.all()))) == (False, 1)
    archive(draft)
    assert (draft.is_archived(task_id(1)), list(draft.all())) == (True, [])


def test_what_waits_for_an_archived_task_waits_no_more() -> None:
    tasks = FakeTasks(finished(1), unfinished(2))
    tasks.do(archive)
    tasks.do(editing.edit, task_id(2), add_blocked_by=[task_id(1)])
    assert tasks.draft().graph().ready(task_id(2))
    tasks.do(lifecycle.claim, task_id(2))
    with pytest.raises(TaskFinished):
        tasks.do(lifecycle.claim, task_id(1))


def test_a_plan_that_is_imported_again_knows_its_archived_tasks() -> None:
    tasks = FakeTasks()

    def read(text: str) -> planning.Imported:
        plan = parse_plan(text, name="plan.md")
        return tasks.do(planning.apply_plan, plan, name="plan.md", parse_due=lambda words: None)

    read("- [x] One\n- [x] Two\n")
    tasks.do(archive)
    again = read("- [x] One\n- [ ] Three\n")
    assert [task.title for task in tasks.all()] == ["Three"]
    assert (len(again.created), again.updated, again.gone) == (1, (), ())


# -- after a merge -----------------------------------------------------------------------------

TASK = finished(1)
NOTED = replace(TASK, labels=("noted",))
OPEN = replace(TASK, status="pending", completed_at=None)


def where(base: Task | None, published: Task | None, merged: Task, moves: str) -> bool:
    """Tell whether a task is archived; the letters tell where it was, is there, and is here."""
    was, there, mine = (letter == "a" for letter in moves)
    same = merged == published
    return stays_archived(base, published, merged, same=same, was=was, there=there, mine=mine)


@pytest.mark.parametrize(
    ("base", "published", "merged", "moves", "expected"),
    [
        (TASK, TASK, TASK, "tta", True),  # archived here, untouched there
        (TASK, TASK, TASK, "taa", True),  # on both sides
        (TASK, NOTED, NOTED, "tta", False),  # archived here, changed there
        (TASK, NOTED, NOTED, "taa", True),  # changed and archived there
        (TASK, TASK, NOTED, "tat", False),  # changed here, archived there
        (OPEN, TASK, TASK, "tat", True),  # finished on both sides and archived there
        (TASK, TASK, OPEN, "tat", False),  # reopened here, archived there
        (TASK, OPEN, OPEN, "tta", False),  # reopened there, archived here
        (TASK, TASK, TASK, "aat", False),  # brought back here
        (TASK, TASK, TASK, "ata", False),  # brought back there, archived still here
        (None, None, TASK, "tta", True),  # made here as an archived one
    ],
)
def test_between_archiving_and_a_change_the_change_wins(
    base: Task | None, published: Task | None, merged: Task, moves: str, expected: bool
) -> None:
    assert where(base, published, merged, moves) is expected


def test_what_is_not_finished_is_never_archived() -> None:
    for moves in product("at", repeat=3):
        assert not where(TASK, TASK, OPEN, "".join(moves))
