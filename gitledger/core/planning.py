"""A plan becomes tasks: made at the first import, updated by every later one."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date

from gitledger.core import editing
from gitledger.core.dataclass import dataclass, replace
from gitledger.core.draft import Draft
from gitledger.core.plan import Plan, PlanItem, match_plan
from gitledger.core.task import FINISHED, Task, is_of_list
from gitledger.errors import LedgerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence, Set
    from typing import Any, Final

SYSTEM: Final = "file"
"""The `source.system` of tasks that come from a plan."""
STDIN: Final = "-"
"""The name of a plan that has no file."""

_FIELDS = ("description", "priority", "type", "role", "estimate", "review")


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did.

    Attributes:
        tasks: the plan's tasks, in its order.
        created: ids of those that are new.
        updated: ids of those that it changed.
        gone: tasks of an earlier import that the plan does not have any more; left as they are.
    """

    tasks: tuple[Task, ...]
    created: tuple[str, ...]
    updated: tuple[str, ...]
    gone: tuple[Task, ...]


def apply_plan(
    draft: Draft, plan: Plan, *, name: str, parse_due: Callable[[str], date | None]
) -> Imported:
    """Make the tasks of a plan, or update those that an earlier import of it made.

    Only what the plan says is set. Labels, metadata and dependencies on tasks outside of the plan
    are added to, and a task that is already finished stays so. What the plan has as completed or
    cancelled becomes so; but it goes to review where it asks for that, and gets a note where
    another session owns it.

    Args:
        draft: where the tasks go.
        plan: the plan.
        name: its name, kept as the tasks' source.
        parse_due: returns the date that a plan's words mean.

    Raises:
        InvalidInput: a value breaks a rule; the message names the plan's line.
        NoSuchTask: an item waits for a task that does not exist.
        Cycle: the plan and the list together close a cycle.
    """
    archived = (task for task in draft.all_archived() if is_of_list(task, SYSTEM, name))
    existing = [*draft.imported(SYSTEM, name), *archived]
    if name == STDIN:
        # Any plan may come from there: a task is of this one only if it says the same.
        titles = {item.title for item in plan.items}
        existing = [task for task in existing if task.title in titles]
    matches = match_plan(plan, existing, list=name)
    # One for each item, needed or not: decided again, an item that matches by then shifts no id.
    fresh = [draft.new_task_id() for _ in matches]
    task_ids = [match or new for match, new in zip(matches, fresh, strict=True)]
    parents = [None if item.parent is None else task_ids[item.parent] for item in plan.items]
    blockers = []
    for item, task_id in zip(plan.items, task_ids, strict=True):
        with _naming(name, item):
            blockers.append(_blockers(draft, item, task_id, task_ids))
    _let_go(draft, matches, parents, blockers, known={task.id for task in existing})
    for item, match, task_id, parent in zip(plan.items, matches, task_ids, parents, strict=True):
        with _naming(name, item):
            values = _values(item, name, parse_due)
            if parent is not None:
                values["parent"] = parent
            if match is None:
                editing.add(draft, item.title, task_id=task_id, **values)
            else:
                _update(draft, draft.get(match), {**values, "title": item.title})
    for item, task_id, waits_for in zip(plan.items, task_ids, blockers, strict=True):
        with _naming(name, item):
            editing.edit(draft, task_id, add_blocked_by=waits_for)
            if item.status in FINISHED:
                _finish(draft, draft.get(task_id), item.status, name)
    return _imported(draft, task_ids, matches, existing)


def _blockers(draft: Draft, item: PlanItem, task_id: str, task_ids: Sequence[str]) -> Set[str]:
    """Return the ids of the tasks that the item waits for, in the plan and outside of it."""
    task = draft.find(task_id)
    there = task.blocked_by if task else ()
    others = {word if word in there else draft.get(word).id for word in item.blocked_by_ids}
    return others.union(task_ids[place] for place in item.blocked_by)


def _let_go(
    draft: Draft,
    matches: Sequence[str | None],
    parents: Sequence[str | None],
    blockers: Sequence[Set[str]],
    *,
    known: Set[str],
) -> None:
    """Drop parents and dependencies within the plan that it does not have any more.

    All of them before any new one: a plan that was turned around would close a cycle with itself.
    What waits for a task that is gone from the plan still does; somebody has to decide on that.
    """
    within = set(matches)
    for match, parent, waits_for in zip(matches, parents, blockers, strict=True):
        if match is None:
            continue
        task = draft.get(match)
        gone = {other for other in task.blocked_by if other in within} - waits_for
        moved = task.parent in known and task.parent != parent
        above = None if moved else task.parent
        editing.edit(draft, match, remove_blocked_by=gone, parent=above)


def _values(item: PlanItem, name: str, parse_due: Callable[[str], date | None]) -> dict[str, Any]:
    given = {key: getattr(item, key) for key in _FIELDS}
    values = {key: value for key, value in given.items() if value is not None}
    if item.labels:
        values["labels"] = item.labels
    if item.due:
        values["due"] = parse_due(item.due)
    if item.metadata:
        values["metadata"] = item.metadata
    values["source"] = {"system": SYSTEM, "list": name, "key": item.place}
    if name == STDIN:
        # Two plans from there must not pass for one, as two versions of a file do.
        values["source"]["title"] = item.title
    return values


def _update(draft: Draft, task: Task, values: dict[str, Any]) -> None:
    """Set what the plan says; what people and integrations added stays."""
    if "metadata" in values:
        values["metadata"] = {**task.metadata, **values["metadata"]}
    editing.edit(draft, task.id, add_labels=values.pop("labels", ()), **values)


def _finish(draft: Draft, task: Task, status: str, name: str) -> None:
    if task.finished:
        return
    if task.owner in (None, draft.by):
        if task.review and status == "completed":
            draft.put(replace(task, status="in_review"))
        else:
            draft.put(replace(task, status=status, completed_at=draft.now))
        return
    text = f"{status} in {name} while owned by {task.owner}"
    if not any(note.text == text for note in task.notes):
        draft.put(replace(task, notes=(*task.notes, draft.note("note", text))))


def _imported(
    draft: Draft, task_ids: list[str], matches: list[str | None], existing: list[Task]
) -> Imported:
    return Imported(
        tasks=tuple(draft.get(task_id) for task_id in task_ids),
        created=tuple(
            task_id for task_id, match in zip(task_ids, matches, strict=True) if not match
        ),
        updated=tuple(match for match in matches if match and match in draft.changed),
        gone=tuple(
            task for task in existing if task.id not in task_ids and not draft.is_archived(task.id)
        ),
    )


@contextmanager
def _naming(name: str, item: PlanItem) -> Iterator[None]:
    """Let an error name the line that it comes from."""
    try:
        yield
    except LedgerError as wrong:
        place = f"{name}:{item.line}" if item.line else f"{name}: task {item.place}"
        wrong.message = f"{place}: {wrong.message}"
        wrong.args = (wrong.message,)
        raise
