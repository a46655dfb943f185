"""An operation brought onto tasks that have moved on (contract, section 5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core import ids
from gitledger.core.conflict import Conflict
from gitledger.core.dataclass import replace
from gitledger.core.graph import find_cycle
from gitledger.core.merge import LostClaim
from gitledger.core.needed import named
from gitledger.core.reconcile import Reconciled, Sides, reconcile
from gitledger.core.task import Task
from tests.core.fakes import NOON, FakeTasks, later, task_id
from tests.strategies import edits, tasks

bounded = settings(max_examples=60, deadline=None)

ONE, TWO, THREE, FOUR = (task_id(number) for number in (1, 2, 3, 4))
SEED = "c0ffee" * 6 + "beef"
SOURCE = {"system": "file", "list": "plan.md", "key": "1"}


def made(task: str = ONE, by: str = "ana", **values: Any) -> Task:
    """Return a task as its making left it."""
    return replace(Task(id=task, title="Add login", created_at=NOON, created_by=by), **values)


def new(task: str = ONE, **values: Any) -> Sides:
    return Sides(None, made(task, **values))


def edited(base: Task, **values: Any) -> Sides:
    return Sides(base, replace(base, **values))


def bring(
    changes: Sequence[Sides],
    published: FakeTasks,
    renamed: dict[str, str] | None = None,
    left: Sequence[Task] = (),
) -> Reconciled:
    """Bring an operation onto published tasks, all of which have moved on.

    What is left beside what it changed are tasks that it found.
    """
    return reconcile(
        changes,
        published,
        at=NOON,
        by="ana",
        seed=SEED,
        renamed=renamed,
        left=FakeTasks(*left).find,
        moved=published.all,
    )


def titles(result: Reconciled) -> dict[str, str]:
    return {task_id: task.title for task_id, task in result.tasks.items() if task}


def conflicts(result: Reconciled) -> list[tuple[str, str, Any, Any]]:
    """Return what lost, after checking that a note on its task keeps it."""
    for lost in result.conflicts:
        task = result.tasks[lost.task]
        assert task is not None
        (note,) = (note for note in task.notes if note.field == lost.field)
        assert (note.kind, note.by, note.at) == ("conflict", "ana", NOON)
    return [(each.task, each.field, each.kept, each.dropped) for each in result.conflicts]


# -- each task by itself --------------------------------------------------------------------------


def test_what_nobody_else_changed_is_as_the_operation_left_it() -> None:
    base = made(TWO)
    changes = [new(ONE), edited(base, title="Another")]
    result = bring(changes, FakeTasks(base))
    assert result == Reconciled({ONE: changes[0].mine, TWO: changes[1].mine})


def test_every_task_of_an_operation_is_merged_with_the_published_one() -> None:
    one, two = made(ONE), made(TWO)
    published = FakeTasks(replace(one, labels=("theirs",)), replace(two, title="Theirs"))
    result = bring([edited(one, labels=("mine",)), edited(two, title="Mine")], published)
    merged = result.tasks[ONE]
    assert merged is not None
    assert merged.labels == ("mine", "theirs")
    assert conflicts(result) == [(TWO, "title", "Theirs", "Mine")]


def test_a_task_that_the_operation_removed_is_gone_unless_somebody_edited_it() -> None:
    one, two = made(ONE), made(TWO)
    edit = replace(two, title="Theirs")
    result = bring([Sides(one, None), Sides(two, None)], FakeTasks(one, edit))
    assert result.tasks[ONE] is None
    assert conflicts(result) == [(TWO, "task", TWO, None)]
    assert titles(result) == {TWO: "Theirs"}


def test_a_claim_that_came_too_late_is_told() -> None:
    base = made(ONE)
    theirs = replace(base, owner="ben", claimed_at=later(-1))
    result = bring([edited(base, owner="ana", claimed_at=NOON)], FakeTasks(theirs))
    assert result.claims_lost == [LostClaim(ONE, "ana", "ben", later(-1))]
    assert (ONE, "owner", "ben", "ana") in conflicts(result)


# -- ids that are taken ---------------------------------------------------------------------------


def test_a_task_whose_id_a_different_one_has_gets_a_new_id() -> None:
    theirs = made(ONE, by="ben", title="Theirs")
    change = new(ONE, title="Mine")
    result = bring([change], FakeTasks(theirs))
    fresh = ids.derived_id(SEED, ONE, "0")
    assert change.mine is not None
    assert result == Reconciled({fresh: replace(change.mine, id=fresh)}, renamed={ONE: fresh})


def test_the_new_id_is_free_too() -> None:
    taken = ids.derived_id(SEED, ONE, "0")
    result = bring([new(ONE)], FakeTasks(made(ONE, by="ben"), made(taken, by="ben")))
    assert result.renamed == {ONE: ids.derived_id(SEED, ONE, "1")}


def test_the_new_id_stands_everywhere_the_old_one_was_named() -> None:
    four = made(FOUR)
    changes = [
        new(THREE, parent=ONE, blocked_by=(ONE, TWO)),
        new(ONE),
        edited(four, blocked_by=(ONE,)),
    ]
    result = bring(changes, FakeTasks(made(ONE, by="ben"), made(TWO), four))
    fresh = result.renamed[ONE]
    three = result.tasks[THREE]
    assert three is not None
    assert (three.parent, set(three.blocked_by)) == (fresh, {fresh, TWO})
    assert three.blocked_by == tuple(sorted(three.blocked_by))
    assert result.tasks[FOUR] == replace(four, blocked_by=(fresh,))


def test_later_operations_of_a_replay_follow_a_new_id() -> None:
    published = FakeTasks(made(ONE, by="ben"))
    first = bring([new(ONE)], published)
    fresh = first.renamed[ONE]
    published.by_id |= {fresh: made(fresh)}
    later_on = [edited(made(ONE), title="Mine"), new(TWO, blocked_by=(ONE,))]
    result = bring(later_on, published, first.renamed)
    assert result.tasks == {
        fresh: made(fresh, title="Mine"),
        TWO: made(TWO, blocked_by=(fresh,)),
    }
    assert published[ONE] == made(ONE, by="ben")


def test_a_task_that_is_made_again_later_in_a_replay_gets_the_same_new_id() -> None:
    result = bring([new(ONE)], FakeTasks(made(ONE, by="ben")), {ONE: THREE})
    assert (list(result.tasks), result.renamed) == ([THREE], {ONE: THREE})


def test_the_renaming_that_was_handed_in_is_left_alone() -> None:
    renamed: dict[str, str] = {}
    bring([new(ONE)], FakeTasks(made(ONE, by="ben")), renamed)
    assert renamed == {}


def test_a_task_that_was_published_already_keeps_its_id() -> None:
    change = new(ONE)
    assert change.mine is not None
    published = FakeTasks(replace(change.mine, title="Edited since"))
    result = bring([change], published)
    assert (result.renamed, list(result.tasks)) == ({}, [ONE])


# -- tasks of one source --------------------------------------------------------------------------


def test_a_task_imported_on_both_sides_is_one_task() -> None:
    theirs = made(ONE, by="ben", source=SOURCE, labels=("theirs",))
    change = new(TWO, source=SOURCE, labels=("mine",))
    result = bring([change, new(THREE, parent=TWO, blocked_by=(TWO,))], FakeTasks(theirs))
    assert result.renamed == {TWO: ONE}
    assert result.tasks == {
        ONE: replace(theirs, labels=("mine", "theirs")),
        THREE: made(THREE, parent=ONE, blocked_by=(ONE,)),
    }


def test_where_the_two_imports_differ_the_difference_is_kept() -> None:
    theirs = made(ONE, by="ben", source=SOURCE, title="Theirs")
    result = bring([new(TWO, source=SOURCE, title="Mine")], FakeTasks(theirs))
    assert conflicts(result) == [(ONE, "title", "Theirs", "Mine")]


@pytest.mark.parametrize("source", [{}, {**SOURCE, "key": "2"}, {"system": "file"}])
def test_tasks_of_different_sources_stay_two(source: dict[str, str]) -> None:
    result = bring([new(TWO, source=source)], FakeTasks(made(ONE, by="ben", source=SOURCE)))
    assert (result.renamed, list(result.tasks)) == ({}, [TWO])


@pytest.mark.parametrize("removed", [False, True])
def test_an_edited_task_is_not_taken_for_another_of_its_source(removed: bool) -> None:
    base, other = made(TWO, source=SOURCE), made(ONE, source=SOURCE)
    published = FakeTasks(other) if removed else FakeTasks(other, base)
    assert list(bring([edited(base, title="Mine")], published).tasks) == [TWO]


def test_of_two_tasks_that_become_one_nothing_is_lost() -> None:
    theirs = made(ONE, by="ben", source=SOURCE)
    changes = [new(each, source=SOURCE, labels=(each[3],)) for each in (TWO, THREE)]
    result = bring(changes, FakeTasks(theirs))
    merged = result.tasks[ONE]
    assert merged is not None
    assert merged.labels == ("2", "3")
    assert result.renamed == {TWO: ONE, THREE: ONE}


def test_a_task_does_not_wait_for_the_one_that_it_became() -> None:
    theirs = made(ONE, by="ben", source=SOURCE)
    changes = [
        new(TWO, source=SOURCE),
        new(THREE, source=SOURCE, blocked_by=(TWO,)),
    ]
    result = bring(changes, FakeTasks(theirs))
    assert (ONE, "blocked_by", (), (ONE,)) in conflicts(result)


# -- removals, and tasks that are named -----------------------------------------------------------


@pytest.mark.parametrize("naming", [{"blocked_by": (ONE,)}, {"parent": ONE}])
def test_a_task_that_the_operation_removed_stays_where_a_published_one_names_it(
    naming: dict[str, Any],
) -> None:
    one = made(ONE)
    result = bring([Sides(one, None)], FakeTasks(one, made(TWO, **naming)))
    assert conflicts(result) == [(ONE, "task", ONE, None)]


def test_with_a_task_that_stays_all_stay_that_it_names() -> None:
    one, two, three, four = made(ONE), made(TWO, parent=ONE), made(THREE, blocked_by=(TWO,)), FOUR
    lone = made(four)
    published = FakeTasks(one, two, three, lone, made(task_id(5), parent=THREE))
    result = bring([Sides(each, None) for each in (one, two, three, lone)], published)
    assert titles(result).keys() == {ONE, TWO, THREE}


def test_a_task_that_somebody_edited_keeps_what_it_names() -> None:
    one, two = made(ONE), made(TWO, blocked_by=(ONE,))
    published = FakeTasks(one, replace(two, title="Theirs"))
    assert titles(bring([Sides(one, None), Sides(two, None)], published)).keys() == {ONE, TWO}


@pytest.mark.parametrize("naming", [{"blocked_by": (ONE,)}, {"parent": ONE}])
def test_what_an_operation_names_is_there_again_where_it_was_removed(
    naming: dict[str, Any],
) -> None:
    one, two = made(ONE), made(TWO)
    result = bring([edited(two, **naming)], FakeTasks(two), left=[one])
    assert conflicts(result) == [(ONE, "task", ONE, None)]
    assert result.tasks[TWO] == replace(two, **naming)


def test_with_it_is_there_again_what_it_names_itself() -> None:
    one, two = made(ONE), made(TWO, parent=ONE)
    result = bring([new(THREE, blocked_by=(TWO,))], FakeTasks(), left=[one, two])
    assert titles(result).keys() == {ONE, TWO, THREE}


def test_where_it_was_imported_anew_that_one_is_named() -> None:
    old, anew = made(ONE, source=SOURCE), made(TWO, by="ben", source=SOURCE)
    changes = [new(THREE, blocked_by=(ONE,)), new(FOUR, parent=ONE)]
    result = bring(changes, FakeTasks(anew), left=[old])
    assert result.renamed == {ONE: TWO}
    assert titles(result).keys() == {THREE, FOUR}
    assert [_others(result.tasks[THREE], "blocked_by"), _others(result.tasks[FOUR], "parent")] == [
        (TWO,),
        (TWO,),
    ]


def test_what_neither_side_has_stays_as_it_is() -> None:
    two = made(TWO)
    published = FakeTasks(replace(two, blocked_by=(FOUR,)))
    result = bring([edited(two, parent=THREE)], published, left=[])
    assert titles(result).keys() == {TWO}


def test_a_task_that_comes_back_closes_no_cycle() -> None:
    one, two, three = made(ONE, blocked_by=(THREE,)), made(TWO), made(THREE)
    published = FakeTasks(two, replace(three, blocked_by=(TWO,)))
    result = bring([edited(two, blocked_by=(ONE,))], published, left=[one])
    assert circles(result, published) == []
    assert conflicts(result) == [(ONE, "task", ONE, None), (TWO, "blocked_by", (), (ONE,))]


def test_a_parent_that_is_put_back_stays() -> None:
    one, two, three = made(ONE), made(TWO, parent=ONE), made(THREE)
    published = FakeTasks(one, two, replace(three, parent=TWO))
    result = bring([Sides(one, None), edited(two, parent=THREE)], published)
    assert _others(result.tasks[TWO], "parent") == (ONE,)
    assert titles(result).keys() == {ONE, TWO}


# -- cycles ---------------------------------------------------------------------------------------


def test_an_edge_that_closes_a_cycle_with_published_ones_is_left_out_and_told() -> None:
    one = made(ONE)
    published = FakeTasks(one, made(TWO, blocked_by=(ONE,)), made(THREE))
    result = bring([edited(one, blocked_by=(TWO, THREE))], published)
    task = result.tasks[ONE]
    assert task is not None
    assert task.blocked_by == (THREE,)
    assert conflicts(result) == [(ONE, "blocked_by", (THREE,), (TWO,))]
    assert task.notes[0].dropped == [TWO]


def test_a_longer_cycle_is_found_through_tasks_of_both_sides() -> None:
    one, two = made(ONE), made(TWO)
    published = FakeTasks(one, two, made(THREE, blocked_by=(ONE,)))
    result = bring([edited(one, blocked_by=(TWO,)), edited(two, blocked_by=(THREE,))], published)
    assert [each.field for each in result.conflicts] == ["blocked_by"]


def test_an_edge_that_the_operation_itself_makes_free_stays() -> None:
    one, two = made(ONE), made(TWO, blocked_by=(ONE,))
    changes = [edited(two, blocked_by=()), edited(one, blocked_by=(TWO,))]
    result = bring(changes, FakeTasks(one, two))
    assert (result.conflicts, result.tasks[ONE]) == ([], replace(one, blocked_by=(TWO,)))


def test_a_cycle_that_was_published_by_hand_is_left_alone() -> None:
    one, two = made(ONE, blocked_by=(TWO,)), made(TWO, blocked_by=(ONE,))
    one, two = replace(one, parent=TWO), replace(two, parent=ONE)
    result = bring([edited(one, title="Mine")], FakeTasks(one, two))
    assert (result.conflicts, result.tasks) == ([], {ONE: replace(one, title="Mine")})


def test_a_parent_that_closes_a_cycle_is_put_back_and_told() -> None:
    one = made(ONE, parent=THREE)
    published = FakeTasks(one, made(TWO, parent=ONE), made(THREE))
    result = bring([edited(one, parent=TWO)], published)
    assert conflicts(result) == [(ONE, "parent", THREE, TWO)]
    task = result.tasks[ONE]
    assert task is not None
    assert task.parent == THREE


def test_a_parent_that_was_put_back_closes_no_other_cycle() -> None:
    one, two, three = made(ONE), made(TWO), made(THREE)
    published = FakeTasks(one, replace(two, parent=ONE), replace(three, parent=TWO))
    changes = [edited(one, parent=TWO), Sides(replace(two, parent=ONE), replace(two, parent=THREE))]
    result = bring(changes, published)
    assert circles(result, published) == []
    assert {each.field for each in result.conflicts} == {"parent"}


def circles(result: Reconciled, published: FakeTasks) -> list[tuple[str, ...]]:
    """Return the cycles that edges of the result close which are not published."""
    there = published.by_id | result.tasks
    found = []
    for field in ("blocked_by", "parent"):
        edges: defaultdict[str, tuple[str, ...]] = defaultdict(tuple)
        edges |= {each: _others(task, field) for each, task in there.items()}
        for each in result.tasks:
            for other in set(edges[each]) - set(_others(published.find(each), field)):
                if cycle := find_cycle(each, [other], edges.__getitem__):
                    found.append(cycle)
    return found


def _others(task: Task | None, field: str) -> tuple[str, ...]:
    value = getattr(task, field) if task else None
    return value if isinstance(value, tuple) else (value,) if value else ()


# -- what holds of every operation ----------------------------------------------------------------

_POOL = [ids.derived_id("pool", str(number)) for number in range(4)]


@st.composite
def meetings(draw: st.DrawFn) -> tuple[list[Sides], FakeTasks]:
    """An operation on some of four tasks that name each other, and what was published since."""
    changes, published = [], []
    for each in _POOL:
        base = draw(st.none() | tasks(each))
        mine = draw(edits(base) if base else tasks(each))
        theirs = draw(st.none() | (edits(base) if base else tasks(each)))
        if theirs is not None:
            published.append(theirs)
        if draw(st.booleans()) or base is None:
            removed = base is not None and draw(st.integers(0, 4)) == 4
            changes.append(Sides(base, None if removed else mine))
    return changes, FakeTasks(*published)


@bounded
@given(meetings())
def test_no_new_edge_is_ever_on_a_cycle(meeting: tuple[list[Sides], FakeTasks]) -> None:
    changes, published = meeting
    result = bring(changes, published)
    assert circles(result, published) == []
    for lost in result.conflicts:
        task = result.tasks[lost.task]
        assert task is not None
        assert lost.field in {note.field for note in task.notes if note.kind == "conflict"}


@bounded
@given(meetings())
def test_no_task_is_missing_that_another_names(meeting: tuple[list[Sides], FakeTasks]) -> None:
    changes, published = meeting
    left = [sides.mine for sides in changes if sides.mine]
    result = bring(changes, published, left=left)
    there = {each: task for each, task in (published.by_id | result.tasks).items() if task}
    known = published.by_id.keys() | {result.renamed.get(task.id, task.id) for task in left}
    for task in there.values():
        theirs = published.find(task.id)
        # What was published as a name of nothing stays one.
        hanging = named([theirs]) - published.by_id.keys() if theirs else set()
        assert there.keys() >= known & named([task]) - hanging


@bounded
@given(meetings())
def test_the_order_of_the_changes_does_not_matter(
    meeting: tuple[list[Sides], FakeTasks],
) -> None:
    changes, published = meeting
    results = [bring(order, published) for order in list(permutations(changes))[:6]]
    assert all(result == results[0] for result in results)


@bounded
@given(meetings())
def test_an_operation_that_was_published_already_changes_nothing_more(
    meeting: tuple[list[Sides], FakeTasks],
) -> None:
    changes, published = meeting
    first = bring(changes, published)
    onto = FakeTasks(*(task for task in (published.by_id | first.tasks).values() if task))
    again = bring(changes, onto)
    assert again.renamed == first.renamed
    assert again.tasks == first.tasks


def test_a_conflict_names_the_task_by_its_new_id() -> None:
    theirs = made(ONE, by="ben")
    result = bring([new(ONE, blocked_by=(ONE,))], FakeTasks(theirs))
    fresh = result.renamed[ONE]
    assert result.conflicts == [Conflict(fresh, "blocked_by", (), (fresh,))]
