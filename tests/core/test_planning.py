"""Plans that become tasks, once and again."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core import editing, lifecycle, review
from gitledger.core.dataclass import replace
from gitledger.core.plan import Plan, PlanItem, parse_plan
from gitledger.core.planning import Imported, apply_plan
from gitledger.core.task import Note, Task
from gitledger.errors import Cycle, InvalidInput, LedgerError, NoSuchTask
from tests.core.fakes import NOON, FakeTasks, fields_that_differ, later, task_id, texts_of

bounded = settings(max_examples=60, deadline=None)

ONE = task_id(1)

PLAN = """\
# Login
- [ ] Add the form [P1] #ui
- [ ] Check the password [blockedBy: 1]
  - [ ] Hash it
  - [ ] Compare it [blockedBy: 2.1]
- [ ] Write the docs [blockedBy: 2]
"""


def parse_due(words: str) -> date | None:
    if words == "none":
        return None
    try:
        return date.fromisoformat(words)
    except ValueError:
        raise InvalidInput(f"'{words}' is no date") from None


def import_plan(
    tasks: FakeTasks, plan: str | Plan, name: str = "plan.md", *, by: str = "ana", hours: int = 0
) -> Imported:
    """Import a plan as one operation; Markdown unless the text looks like something else."""
    draft = tasks.draft(by, later(hours))
    parsed = parse_plan(plan, name) if isinstance(plan, str) else plan
    imported = apply_plan(draft, parsed, name=name, parse_due=parse_due)
    tasks.apply(draft)
    return imported


def titled(tasks: FakeTasks, title: str) -> Task:
    (task,) = (task for task in tasks.all() if task.title == title)
    return task


def titled_ids(imported: Imported) -> dict[str, str]:
    return {task.title: task.id for task in imported.tasks}


def changed_by_import(tasks: FakeTasks, plan: str, name: str = "plan.md", **keys: Any) -> list[str]:
    """Import a plan again, and return the titles of the tasks that it changed."""
    before = dict(tasks.by_id)
    import_plan(tasks, plan, name, hours=1, **keys)
    return [task.title for key, task in tasks.by_id.items() if before.get(key) != task]


# -- the first import -----------------------------------------------------------------------------


def test_a_plan_becomes_tasks_that_wait_for_each_other_and_are_part_of_each_other() -> None:
    tasks = FakeTasks()
    imported = import_plan(tasks, PLAN)
    form, check, hashed, compare, docs = imported.tasks
    assert [task.title for task in imported.tasks] == [
        "Add the form",
        "Check the password",
        "Hash it",
        "Compare it",
        "Write the docs",
    ]
    assert (form.priority, form.labels, form.blocked_by) == ("P1", ("ui",), ())
    assert (check.blocked_by, check.parent) == ((form.id,), None)
    assert (hashed.parent, compare.parent) == (check.id, check.id)
    assert (compare.blocked_by, docs.blocked_by) == ((hashed.id,), (check.id,))
    assert imported.created == tuple(task.id for task in imported.tasks)
    assert (imported.updated, imported.gone) == ((), ())
    assert tasks.by_id == {task.id: task for task in imported.tasks}


def test_a_task_knows_its_place_in_the_plan_and_who_imported_it() -> None:
    imported = import_plan(FakeTasks(), PLAN)
    assert [task.source["key"] for task in imported.tasks] == ["1", "2", "2.1", "2.2", "3"]
    for task in imported.tasks:
        assert (task.source["system"], task.source["list"]) == ("file", "plan.md")
        assert (task.created_by, task.created_at) == ("ana", NOON)


def test_all_that_a_plan_says_of_a_task_is_set() -> None:
    text = """
[[tasks]]
title = "Add login"
description = "Why"
priority = "P0"
type = "feature"
role = "builder"
estimate = "2h"
due = "2026-04-01"
labels = ["ui", "auth"]
review = true
metadata = { jira = "A-1" }
"""
    (task,) = import_plan(FakeTasks(), text, "plan.toml").tasks
    assert fields_that_differ(Task(id=task.id, title="Add login"), task) == {
        "description": "Why",
        "priority": "P0",
        "type": "feature",
        "role": "builder",
        "estimate": "2h",
        "due": date(2026, 4, 1),
        "labels": ("auth", "ui"),
        "review": True,
        "metadata": {"jira": "A-1"},
        "source": {"system": "file", "list": "plan.toml", "key": "1"},
        "created_at": NOON,
        "created_by": "ana",
        "updated_at": NOON,
        "updated_by": "ana",
    }


def test_an_item_may_wait_for_a_task_that_is_there() -> None:
    tasks = FakeTasks(Task(id=ONE, title="Before"))
    (task,) = import_plan(tasks, "- [ ] After [blockedBy: 0001000000]").tasks
    assert task.blocked_by == (ONE,)


def test_an_item_that_is_ticked_off_is_completed() -> None:
    tasks = FakeTasks()
    import_plan(tasks, "- [x] Done\n- [ ] Open\n")
    done, still_open = titled(tasks, "Done"), titled(tasks, "Open")
    assert (done.status, done.completed_at, done.owner) == ("completed", NOON, None)
    assert (still_open.status, still_open.completed_at) == ("pending", None)


@pytest.mark.parametrize("review", ["true", "false"])
def test_an_item_that_is_cancelled_is_so(review: str) -> None:
    plan = f'[[tasks]]\ntitle = "T"\nstatus = "cancelled"\nreview = {review}\n'
    (task,) = import_plan(FakeTasks(), plan, "plan.toml").tasks
    assert (task.status, task.completed_at) == ("cancelled", NOON)


def test_tasks_of_other_lists_and_of_people_are_left_alone() -> None:
    others = [
        Task(id=ONE, title="Add the form"),
        Task(id=task_id(2), title="Add the form", source={"system": "jira", "list": "plan.md"}),
    ]
    tasks = FakeTasks(*others)
    import_plan(tasks, PLAN, "other.md")
    imported = import_plan(tasks, PLAN)
    assert (len(imported.created), imported.gone) == (5, ())
    assert (len(tasks.by_id), [*tasks.all()][:2]) == (12, others)


# -- the same plan again --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "plan"),
    [
        ("plan.md", PLAN),
        ("-", PLAN),
        ("plan.md", "- [x] Done [P1] #ui [estimate: 2h] [due: 2026-04-01] [review]\n  Why\n"),
        ("plan.md", "- [ ] T [due: none]\n- [ ] T\n  - [ ] T\n"),
        ("plan.md", "- [ ] After [blockedBy: 0001000000]\n"),
        (
            "plan.toml",
            '[[tasks]]\ntitle = "T"\nkey = "a"\nmetadata = { a = { b = [1, 2] } }\n'
            '[[tasks]]\ntitle = "U"\nblocked_by = ["a"]\nstatus = "cancelled"\n',
        ),
    ],
)
def test_an_import_of_what_has_not_changed_writes_nothing(name: str, plan: str) -> None:
    tasks = FakeTasks(Task(id=ONE, title="Before"))
    first = import_plan(tasks, plan, name)
    draft = tasks.draft("ben", later(1))
    again = apply_plan(draft, parse_plan(plan, name), name=name, parse_due=parse_due)
    assert draft.changed == {}
    assert again == replace(first, created=(), tasks=tuple(tasks[t.id] for t in first.tasks))


def test_a_task_of_the_plan_that_is_named_by_its_id_is_no_change() -> None:
    tasks = FakeTasks()
    first = import_plan(tasks, "- [ ] One\n- [ ] Two [blockedBy: 1]\n").tasks[0].id
    for name in (first, first[:6]):
        assert not name.isdigit()  # that would be a place in the plan
        named = f"- [ ] One\n- [ ] Two [blockedBy: {name}]\n"
        assert changed_by_import(tasks, named) == []


def test_what_people_and_sessions_did_since_stays() -> None:
    tasks = FakeTasks()
    import_plan(tasks, PLAN)
    form, docs = titled(tasks, "Add the form"), titled(tasks, "Write the docs")
    other = tasks.do(editing.add, "Ask the designer")
    tasks.do_as("ben", lifecycle.start, form.id)
    tasks.do(
        editing.edit, docs.id, description="Mine", add_labels=["mine"], add_blocked_by=[other.id]
    )
    tasks.do(editing.edit, docs.id, metadata={"jira": "A-1"}, due=date(2026, 5, 1))
    assert changed_by_import(tasks, PLAN) == []


def test_notes_of_a_task_survive_every_import() -> None:
    tasks = FakeTasks()
    (task,) = import_plan(tasks, "- [ ] One\n").tasks
    said = Note(id="0000000001", at=NOON, by="ben", text="hello")
    tasks.by_id[task.id] = replace(task, notes=(said,))
    (again,) = import_plan(tasks, "- [x] One [P0]\n").tasks
    assert again.notes == (said,)


def test_a_task_that_people_put_below_one_of_their_own_stays_there() -> None:
    tasks = FakeTasks(Task(id=ONE, title="Release 1"))
    import_plan(tasks, PLAN)
    tasks.do(editing.edit, titled(tasks, "Write the docs").id, parent=ONE)
    assert changed_by_import(tasks, PLAN) == []


def test_metadata_of_the_plan_is_added_to_what_is_there() -> None:
    tasks = FakeTasks()
    plan = '[[tasks]]\ntitle = "T"\nmetadata = { a = 1, b = 1 }\n'
    import_plan(tasks, plan, "plan.toml")
    tasks.do(editing.edit, titled(tasks, "T").id, metadata={"a": 2, "jira": "A-1"})
    import_plan(tasks, plan, "plan.toml")
    assert titled(tasks, "T").metadata == {"a": 1, "b": 1, "jira": "A-1"}


# -- a plan that changed --------------------------------------------------------------------------


def test_an_item_that_was_renamed_renames_its_task() -> None:
    tasks = FakeTasks()
    before = titled_ids(import_plan(tasks, PLAN))
    imported = import_plan(tasks, PLAN.replace("Hash it", "Hash it with salt"))
    assert titled_ids(imported)["Hash it with salt"] == before["Hash it"]
    assert imported.updated == (before["Hash it"],)
    assert (imported.created, imported.gone) == ((), ())


def test_an_item_that_says_more_changes_its_task_alone() -> None:
    tasks = FakeTasks()
    import_plan(tasks, PLAN)
    assert changed_by_import(tasks, PLAN.replace("Hash it", "Hash it [P0]")) == ["Hash it"]
    assert titled(tasks, "Hash it").priority == "P0"


def test_labels_that_the_plan_adds_are_added() -> None:
    tasks = FakeTasks()
    import_plan(tasks, "- [ ] One #ui\n")
    tasks.do(editing.edit, titled(tasks, "One").id, labels=["mine"])
    import_plan(tasks, "- [ ] One #auth\n")
    assert titled(tasks, "One").labels == ("auth", "mine")


def test_a_task_outside_that_an_item_waits_for_may_vanish() -> None:
    tasks = FakeTasks(Task(id=ONE, title="Outside"))
    plan = f"- [ ] After [blockedBy: {ONE}]\n"
    import_plan(tasks, plan)
    del tasks.by_id[ONE]
    assert changed_by_import(tasks, plan) == []


def test_an_item_that_stands_elsewhere_is_the_same_task() -> None:
    tasks = FakeTasks()
    import_plan(tasks, "- [ ] One\n- [ ] Two\n- [ ] Three\n")
    ids = {task.title: task.id for task in tasks.all()}
    imported = import_plan(tasks, "- [ ] Three\n- [ ] One\n- [ ] Two\n")
    assert titled_ids(imported) == ids
    assert [task.source["key"] for task in imported.tasks] == ["1", "2", "3"]


def test_an_item_moves_below_another_one_and_out_again() -> None:
    tasks = FakeTasks()
    flat, nested = "- [ ] One\n- [ ] Two\n", "- [ ] One\n  - [ ] Two\n"
    ids = titled_ids(import_plan(tasks, flat))
    import_plan(tasks, nested)
    assert tasks[ids["Two"]].parent == ids["One"]
    import_plan(tasks, flat)
    assert tasks[ids["Two"]].parent is None


def test_an_item_moves_out_of_one_that_is_gone() -> None:
    tasks = FakeTasks()
    ids = titled_ids(import_plan(tasks, "- [ ] One\n  - [ ] Two\n"))
    imported = import_plan(tasks, "- [ ] Two\n")
    assert tasks[ids["Two"]].parent is None
    assert [task.title for task in imported.gone] == ["One"]


def test_nesting_and_waiting_can_be_turned_around() -> None:
    tasks = FakeTasks()
    ids = titled_ids(import_plan(tasks, "- [ ] A\n  - [ ] B\n- [ ] C\n- [ ] D [blockedBy: 2]\n"))
    import_plan(tasks, "- [ ] B\n  - [ ] A\n- [ ] D\n- [ ] C [blockedBy: 2]\n")
    assert (tasks[ids["A"]].parent, tasks[ids["B"]].parent) == (ids["B"], None)
    assert (tasks[ids["C"]].blocked_by, tasks[ids["D"]].blocked_by) == ((ids["D"],), ())


def test_a_dependency_that_the_plan_does_not_have_any_more_is_dropped() -> None:
    tasks = FakeTasks(Task(id=ONE, title="Outside"))
    import_plan(tasks, PLAN)
    docs = titled(tasks, "Write the docs")
    tasks.do(editing.edit, docs.id, add_blocked_by=[ONE])
    import_plan(tasks, PLAN.replace("Write the docs [blockedBy: 2]", "Write the docs"))
    assert tasks[docs.id].blocked_by == (ONE,)


def test_an_item_that_is_gone_is_told_and_left_as_it_is() -> None:
    tasks = FakeTasks()
    import_plan(tasks, PLAN)
    form, check = titled(tasks, "Add the form"), titled(tasks, "Check the password")
    without = "\n".join(line for line in PLAN.split("\n") if "form" not in line)
    without = without.replace("[blockedBy: 1]", "").replace("2.1", "1.1").replace(": 2]", ": 1]")
    imported = import_plan(tasks, without)
    assert imported.gone == (form,)
    assert tasks[form.id] == form
    assert tasks[check.id].blocked_by == (form.id,)


def test_a_file_that_is_used_again_for_other_work_makes_new_tasks() -> None:
    tasks = FakeTasks()
    (old,) = import_plan(tasks, "- [x] Add login\n").tasks
    (new,) = import_plan(tasks, "- [ ] Add search\n").tasks
    assert (tasks[old.id], new.status) == (old, "pending")


# -- what is ticked off ---------------------------------------------------------------------------

TICKED = PLAN.replace("[ ] Add the form", "[x] Add the form")


@pytest.mark.parametrize("owner", [None, "ana"])
def test_what_is_ticked_off_since_is_completed(owner: str | None) -> None:
    tasks = FakeTasks()
    import_plan(tasks, PLAN)
    form = titled(tasks, "Add the form")
    tasks.by_id[form.id] = replace(form, owner=owner)
    assert changed_by_import(tasks, TICKED) == ["Add the form"]
    done = tasks[form.id]
    assert (done.status, done.completed_at, done.owner) == ("completed", later(1), owner)


def test_what_another_session_owns_is_not_ticked_off_but_told_once() -> None:
    tasks = FakeTasks()
    import_plan(tasks, PLAN)
    form = titled(tasks, "Add the form")
    tasks.do_as("ben", lifecycle.start, form.id)
    imported = import_plan(tasks, TICKED)
    assert tasks[form.id].status == "in_progress"
    assert texts_of(tasks[form.id]) == ["completed in plan.md while owned by ben"]
    assert imported.updated == (form.id,)
    assert changed_by_import(tasks, TICKED) == []


def test_a_task_that_is_finished_stays_so_although_the_plan_has_it_open() -> None:
    tasks = FakeTasks()
    import_plan(tasks, PLAN)
    form, docs = titled(tasks, "Add the form"), titled(tasks, "Write the docs")
    tasks.do_as("ben", lifecycle.done, form.id)
    tasks.do_as("ben", lifecycle.cancel, docs.id)
    assert changed_by_import(tasks, PLAN) == []
    assert changed_by_import(tasks, PLAN.replace("[ ] Write", "[x] Write")) == []


def test_what_asks_for_review_is_not_completed_by_a_tick() -> None:
    tasks = FakeTasks()
    plan = "- [x] Add login [review]\n"
    (task,) = import_plan(tasks, plan).tasks
    assert (task.status, task.completed_at) == ("in_review", None)
    assert changed_by_import(tasks, plan) == []
    tasks.do_as("ben", review.approve, task.id)
    assert changed_by_import(tasks, plan) == []
    assert tasks[task.id].status == "completed"


# -- plans from standard input --------------------------------------------------------------------


def test_two_different_plans_from_standard_input_stay_two() -> None:
    tasks = FakeTasks()
    first = import_plan(tasks, "- [ ] One\n- [ ] Two\n", "-")
    second = import_plan(tasks, "- [ ] Three\n- [ ] Two\n", "-")
    assert second.created == (second.tasks[0].id,)
    assert (second.tasks[1].id, second.gone) == (first.tasks[1].id, ())
    assert tasks[first.tasks[0].id] == first.tasks[0]


def test_tasks_of_two_plans_from_standard_input_have_two_sources() -> None:
    sources = [
        import_plan(FakeTasks(), f"- [ ] {title}\n", "-").tasks[0].source for title in ("A", "B")
    ]
    assert sources[0] != sources[1]


# -- what is wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("plan", "error", "message"),
    [
        ("# Plan\n- [ ] One\n- [ ] Two [due: soon]\n", InvalidInput, "3: 'soon' is no date"),
        ("- [ ] One\n- [ ] Two [blockedBy: zzzz]\n", NoSuchTask, "2: no task 'zzzz'"),
    ],
)
def test_an_error_names_the_line(plan: str, error: type[LedgerError], message: str) -> None:
    with pytest.raises(error) as refused:
        import_plan(FakeTasks(), plan)
    assert refused.value.message == f"plan.md:{message}"
    assert str(refused.value) == refused.value.message


def test_an_error_in_a_format_without_lines_names_the_task() -> None:
    plan = '[[tasks]]\ntitle = "One"\n[[tasks]]\ntitle = "Two"\nblocked_by = ["zzzz"]\n'
    with pytest.raises(NoSuchTask, match=r"^plan\.toml: task 2: no task 'zzzz'"):
        import_plan(FakeTasks(), plan, "plan.toml")


def test_a_cycle_through_tasks_outside_of_the_plan_is_refused() -> None:
    tasks = FakeTasks(Task(id=ONE, title="Outside"))
    first = import_plan(tasks, "- [ ] One\n").tasks[0]
    tasks.do(editing.edit, ONE, add_blocked_by=[first.id])
    with pytest.raises(Cycle) as refused:
        import_plan(tasks, f"- [ ] One [blockedBy: {ONE}]\n- [ ] Two\n")
    assert refused.value.message.startswith("plan.md:1: the dependency would close a cycle: ")
    assert refused.value.path == (first.id, ONE, first.id)


# -- what holds of every plan ---------------------------------------------------------------------


@st.composite
def plans(draw: st.DrawFn, titles: st.SearchStrategy[list[str]]) -> Plan:
    """A plan of tasks of these titles, nested and waiting for each other in any way."""
    items: list[PlanItem] = []
    children: dict[int | None, int] = {}
    chosen = draw(titles)
    rank = draw(st.permutations(range(len(chosen))))
    for number, title in enumerate(chosen):
        parent = draw(st.none() | st.integers(0, number - 1)) if number else None
        count = children[parent] = children.get(parent, 0) + 1
        above = "" if parent is None else f"{items[parent].place}."
        before = [other for other in range(len(chosen)) if rank[other] < rank[number]]
        waits_for = draw(st.sets(st.sampled_from(before), max_size=2)) if before else set()
        items.append(
            PlanItem(
                place=f"{above}{count}",
                line=number + 1,
                title=title,
                parent=parent,
                blocked_by=tuple(sorted(waits_for)),
                status=draw(st.sampled_from((None, "pending"))),
            )
        )
    return Plan(tuple(items))


_TITLES = ["A", "B", "C", "D", "E"]
_any_titles = st.lists(st.sampled_from(_TITLES), min_size=1, max_size=6)
_all_titles = st.permutations(_TITLES)


def assert_says(tasks: FakeTasks, plan: Plan, imported: Imported) -> None:
    """Check that the tasks are as the plan says."""
    ids = [task.id for task in imported.tasks]
    assert len(set(ids)) == len(plan.items)
    for item, each in zip(plan.items, ids, strict=True):
        task = tasks[each]
        assert (task.title, task.source["key"]) == (item.title, item.place)
        assert task.parent == (None if item.parent is None else ids[item.parent])
        assert set(task.blocked_by) & set(ids) == {ids[place] for place in item.blocked_by}


@bounded
@given(plans(_any_titles), st.sampled_from(("plan.md", "-")))
def test_any_plan_imported_twice_is_imported_once(plan: Plan, name: str) -> None:
    tasks = FakeTasks()
    assert_says(tasks, plan, import_plan(tasks, plan, name))
    draft = tasks.draft("ben", later(1))
    apply_plan(draft, plan, name=name, parse_due=parse_due)
    assert draft.changed == {}


@bounded
@given(plans(_all_titles), plans(_all_titles))
def test_any_plan_can_become_any_other(before: Plan, after: Plan) -> None:
    tasks = FakeTasks()
    ids = titled_ids(import_plan(tasks, before))
    imported = import_plan(tasks, after)
    assert_says(tasks, after, imported)
    assert titled_ids(imported) == ids


@bounded
@given(plans(_any_titles), plans(_any_titles))
def test_no_task_is_lost_or_doubled_when_a_plan_changes(before: Plan, after: Plan) -> None:
    tasks = FakeTasks()
    first = import_plan(tasks, before)
    try:
        second = import_plan(tasks, after)
    except Cycle:  # through a task that is gone from the plan, which still waits
        return
    assert_says(tasks, after, second)
    kept = {task.id for task in second.tasks} - {*second.created}
    assert kept | {task.id for task in second.gone} == {task.id for task in first.tasks}
    assert len(tasks.by_id) == len(first.tasks) + len(second.created)
