"""Making tasks and changing what they say; open to every session (contract, section 4)."""

from __future__ import annotations

from gitledger.core import task as rules
from gitledger.core.dataclass import fields, replace
from gitledger.core.draft import Draft
from gitledger.core.graph import find_cycle
from gitledger.core.names import check_word
from gitledger.core.task import Task
from gitledger.errors import Cycle, InvalidInput, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Final

_CHECKS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "title": rules.check_title,
    "description": rules.check_description,
    "priority": rules.check_priority,
    "type": lambda word: check_word(word, "type"),
    "labels": rules.check_labels,
    "role": lambda word: check_word(word, "role"),
    "review": bool,
    "estimate": rules.check_estimate,
    "due": rules.check_due,
    "branch": rules.check_branch,
    "metadata": lambda table: rules.check_table(table, "metadata"),
    "source": lambda table: rules.check_table(table, "a source"),
}
EDITABLE: Final = (*_CHECKS, "blocked_by", "parent")
"""The fields that `add` and `edit` set; the life of a task has verbs of its own."""

_UNSET: Final[Mapping[str, Any]] = {
    **{f.name: f.default for f in fields(Task) if f.name in EDITABLE and f.name != "title"},
    "metadata": {},
    "source": {},
}
_OWN_VERBS: Final = {
    "status": "start, done, cancel, reopen",
    "owner": "claim, release",
    "progress": "progress",
}


def add(draft: Draft, title: str, *, task_id: str | None = None, **values: Any) -> Task:
    """Make a task.

    Args:
        draft: where it goes.
        title: one line, 1 to 500 characters.
        task_id: its id; None draws a free one.
        values: other fields of `EDITABLE`; `blocked_by` and `parent` take ids or prefixes.

    Raises:
        InvalidInput: a value breaks a rule, or the field is unknown.
        NoSuchTask: `blocked_by` or `parent` names no task.
        Cycle: the dependencies close a cycle.
    """
    task = Task(id=task_id or draft.new_task_id(), title=rules.check_title(title))
    if draft.repository is not None:
        named = values.get("metadata") or {}
        values["metadata"] = {rules.REPOSITORY: draft.repository, **named}
    return draft.put(_with(draft, task, values))


def edit(
    draft: Draft,
    name: str,
    *,
    add_labels: Iterable[str] = (),
    remove_labels: Iterable[str] = (),
    add_blocked_by: Iterable[str] = (),
    remove_blocked_by: Iterable[str] = (),
    **values: Any,
) -> Task:
    """Change fields of a task; None unsets one that may be unset.

    Args:
        draft: where the change goes.
        name: the task's id or prefix.
        add_labels: labels to add.
        remove_labels: labels to remove; one that is not there is an error.
        add_blocked_by: ids or prefixes of tasks to wait for.
        remove_blocked_by: ids or prefixes of tasks to wait for no longer.
        values: new values by field, of `EDITABLE`.

    Raises:
        InvalidInput: a value breaks a rule, or the field is unknown.
        NoSuchTask: a task that is named does not exist.
        Cycle: the dependencies close a cycle.
    """
    task = draft.get(name)
    labels = _changed_set(
        values.pop("labels", task.labels) or (),
        rules.check_labels(add_labels),
        [_label(draft, task, label) for label in remove_labels],
    )
    blocked_by = _changed_set(
        values.pop("blocked_by", task.blocked_by) or (),
        add_blocked_by,
        [_blocker(draft, task, other) for other in remove_blocked_by],
    )
    return draft.put(_with(draft, task, {**values, "labels": labels, "blocked_by": blocked_by}))


def rewrite(
    draft: Draft, edited: Task, layout: bytes | None = None, *, before: Task | None = None
) -> Task:
    """Take over a task that somebody edited as a whole, by the rules of `edit`.

    Status, owner and what follows from them have verbs of their own and cannot be edited.

    Args:
        draft: where the change goes.
        edited: the task as it was edited.
        layout: the TOML text that it came in, whose comments and order are kept.
        before: the task as it was when the editing began, if it may have changed since: then
            both changes are merged, by the table of section 5.

    Raises:
        InvalidInput: a field that has its own verb was changed, or a value breaks a rule.
        NoSuchTask: the task, or one that it names, does not exist.
        Cycle: the dependencies close a cycle.
    """
    from gitledger.core.merge import merge_tasks

    task = draft.get(edited.id)
    before = before or task
    for key, verbs in _OWN_VERBS.items():
        if getattr(edited, key) != getattr(before, key):
            raise InvalidInput(
                f"'{key}' cannot be edited", hint=f"it has commands of its own: {verbs}"
            )
    seed = draft.new_task_id()
    merged = merge_tasks(before, task, edited, at=draft.now, by=draft.by, seed=seed).task or edited
    values = {key: getattr(merged, key) for key in EDITABLE}
    kept = replace(task, notes=merged.notes, extra=merged.extra)
    rewritten = draft.put(_with(draft, kept, values))
    if layout is not None and task.id in draft.changed:
        draft.layouts[task.id] = layout
    return rewritten


def note(draft: Draft, name: str, text: str) -> Task:
    """Add a note to the task."""
    task = draft.get(name)
    added = draft.note("note", rules.check_text(text, "a note"))
    return draft.put(replace(task, notes=(*task.notes, added)))


def link(draft: Draft, name: str, commit: str) -> Task:
    """Link a commit of the project, by its full id, to the task.

    Where several code repositories share the ledger, it is kept in which one the commit is, if
    that is another than the task's.
    """
    task = draft.get(name)
    commits = tuple(sorted({*task.commits, rules.check_commit(commit)}))
    if draft.repository not in (None, task.metadata.get(rules.REPOSITORY)):
        # A key of its own for each commit: a merge keeps what both sides have added.
        task = replace(task, metadata={**task.metadata, _key_of(commit): draft.repository})
    return draft.put(replace(task, commits=commits))


def unlink(draft: Draft, name: str, commits: Iterable[str]) -> Task:
    """Link commits to the task no longer; such as are not linked do not matter."""
    task = draft.get(name)
    gone = set(commits)
    keys = set(map(_key_of, gone))
    metadata = {key: value for key, value in task.metadata.items() if key not in keys}
    kept = tuple(commit for commit in task.commits if commit not in gone)
    return draft.put(replace(task, commits=kept, metadata=metadata))


def _key_of(commit: str) -> str:
    """Return under which key of the metadata it stands in which repository a commit is."""
    return f"{rules.REPOSITORY}-{commit[:12]}"


def _with(draft: Draft, task: Task, values: Mapping[str, Any]) -> Task:
    values = dict(values)
    blocked_by, parent = values.pop("blocked_by", None), values.pop("parent", task.parent)
    for key, value in values.items():
        if key not in _CHECKS:
            raise InvalidInput(f"unknown field '{key}'", hint=did_you_mean(key, EDITABLE))
        values[key] = _unset(key) if value is None else _CHECKS[key](value)
    task = replace(task, **values)
    if blocked_by is not None:
        task = _waiting_for(draft, task, blocked_by)
    return _below(draft, task, parent)


def _waiting_for(draft: Draft, task: Task, names: Iterable[str]) -> Task:
    there = set(task.blocked_by)
    blockers = {name if name in there else draft.get(name).id for name in names}
    if blockers == there:
        return task
    if task.id in blockers:
        raise Cycle(f"{draft.call(task)} cannot wait for itself", path=(task.id, task.id))
    cycle = find_cycle(task.id, blockers, lambda other: _edges(draft, other))
    if cycle:
        way = " → ".join(_short(draft, other) for other in cycle)
        raise Cycle(
            f"the dependency would close a cycle: {way} (each waits for the next)", path=cycle
        )
    return replace(task, blocked_by=tuple(sorted(blockers)))


def _below(draft: Draft, task: Task, parent: str | None) -> Task:
    if parent == task.parent:
        return task
    if parent is None:
        return replace(task, parent=None)
    parent = draft.get(parent).id
    cycle = find_cycle(task.id, [parent], lambda other: _parent(draft, other))
    if cycle:
        way = " → ".join(_short(draft, other) for other in cycle)
        raise Cycle(f"a task cannot be its own sub-task: {way}", path=cycle)
    return replace(task, parent=parent)


def _edges(draft: Draft, task_id: str) -> tuple[str, ...]:
    task = draft.find(task_id)
    return task.blocked_by if task else ()


def _parent(draft: Draft, task_id: str) -> tuple[str, ...]:
    task = draft.find(task_id)
    return (task.parent,) if task and task.parent else ()


def _short(draft: Draft, task_id: str) -> str:
    task = draft.find(task_id)
    return draft.call(task) if task else task_id


def _unset(key: str) -> Any:
    """Return what the field holds when it is not set."""
    if key not in _UNSET:
        raise InvalidInput(f"'{key}' cannot be empty")
    return _UNSET[key]


def _changed_set(
    there: Iterable[str], added: Iterable[str], removed: Iterable[str]
) -> tuple[str, ...]:
    return tuple(sorted({*there, *added} - {*removed}))


def _label(draft: Draft, task: Task, label: str) -> str:
    if label not in task.labels:
        raise InvalidInput(
            f"{draft.call(task)} has no label '{label}'", hint=did_you_mean(label, task.labels)
        )
    return label


def _blocker(draft: Draft, task: Task, name: str) -> str:
    """Return the id in `blocked_by` that the name means; that task may be missing."""
    matches = [other for other in task.blocked_by if other.startswith(name.lower())]
    if len(matches) == 1:
        return matches[0]
    other = draft.get(name)
    if other.id not in task.blocked_by:
        raise InvalidInput(f"{draft.call(task)} does not wait for {draft.call(other)}")
    return other.id
