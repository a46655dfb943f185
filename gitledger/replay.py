"""Replay of unpublished operations on a published tip, one by one (contract, section 5)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from gitledger.core import codec, ids
from gitledger.core.conflict import Conflict
from gitledger.core.merge import LostClaim
from gitledger.core.operation import parse_message
from gitledger.core.reconcile import Sides, reconcile
from gitledger.core.task import FILE_LIMIT, Task
from gitledger.errors import InvalidInput, InvalidTask
from gitledger.snapshot import Snapshot, path_task, task_path
from gitledger.store.base import Change, Commit, Entry, Signature, Store

_ANY_SIZE = 1 << 40
"""Bytes: files that are no tasks are carried over as they are."""


@dataclass(slots=True)
class Replayed:
    """What a replay came to.

    Attributes:
        tip: the commit that holds both sides.
        conflicts: each value that lost; a note on its task keeps it.
        claims_lost: each claim that another session had published first.
        renamed: new ids of tasks whose id was taken, by the old id.
    """

    tip: str
    conflicts: list[Conflict] = field(default_factory=list)
    claims_lost: list[LostClaim] = field(default_factory=list)
    renamed: dict[str, str] = field(default_factory=dict)


def replay(store: Store, *, local: str, published: str, committer: Signature) -> Replayed:
    """Write the operations that only `local` has anew, on top of `published`.

    Author, author date and message survive; an operation that changes nothing there is left out.
    No ref is moved.

    Args:
        store: where both commits are.
        local: our tip.
        published: the remote's tip.
        committer: who is recorded as committer.
    """
    result = Replayed(tip=published)
    onto = Snapshot(store, published)
    for commit in reversed(list(store.history(local, without=[published]))):
        files = _files(store, commit, onto, result)
        if not files:
            continue
        message = commit.message
        for old, new in result.renamed.items():
            message = message.replace(old, new)
        result.tip = store.write(result.tip, files, message, commit.author, committer)
        onto = Snapshot(store, result.tip, onto)
    return result


def _files(
    store: Store, commit: Commit, onto: Snapshot, result: Replayed
) -> dict[str, bytes | None]:
    """Return the files that the operation changes at the new tip."""
    files: dict[str, bytes | None] = {}
    edits: dict[str, _Edit] = {}
    for change in store.changes(commit.parent, commit.id):
        edit = _read_edit(store, change)
        if edit is None:
            files.update(_whole_file(store, change, onto, result))
        else:
            edits[edit.task_id] = edit
    merged = reconcile(
        [edit.sides for edit in edits.values()],
        onto,
        at=datetime.fromtimestamp(commit.author.time, UTC),
        by=parse_message(commit.message).session or commit.author.name,
        seed=commit.id,
        renamed=result.renamed,
    )
    result.conflicts += merged.conflicts
    result.claims_lost += merged.claims_lost
    result.renamed = merged.renamed
    edits = {result.renamed.get(task_id, task_id): edit for task_id, edit in edits.items()}
    for task_id, task in merged.tasks.items():
        try:
            files[task_path(task_id)] = _task_text(edits[task_id], task_id, task, onto)
        except InvalidInput:
            files.update(_set_aside(edits[task_id], task_id, commit.id, result))
    return {path: text for path, text in files.items() if text != _text(store, onto, path)}


@dataclass(frozen=True, slots=True)
class _Edit:
    """A task before and after an operation, with its texts."""

    task_id: str
    sides: Sides
    before: bytes | None
    after: bytes | None


def _read_edit(store: Store, change: Change) -> _Edit | None:
    """Return the change as one of a task, None when a side of it is no valid task."""
    task_id = path_task(change.path)
    if task_id is None:
        return None
    try:
        before, base = _decoded(store, change.old, task_id)
        after, mine = _decoded(store, change.new, task_id)
    except InvalidTask:
        return None
    return _Edit(task_id, Sides(base, mine), before, after)


def _decoded(store: Store, entry: Entry | None, task_id: str) -> tuple[bytes | None, Task | None]:
    if entry is None:
        return None, None
    text = store.read(entry.oid, FILE_LIMIT)
    if text is None:
        raise InvalidTask("not a plain file, or too large")
    return text, codec.decode(text, task_id)


def _task_text(edit: _Edit, task_id: str, task: Task | None, onto: Snapshot) -> bytes | None:
    if task is None:
        return None
    there = onto.file(task_id)
    return codec.encode(task, edit.after if there in (None, edit.before) else there)


def _set_aside(edit: _Edit, task_id: str, seed: str, result: Replayed) -> dict[str, bytes | None]:
    """Keep our side as a task of its own where both sides together outgrow a task's file."""
    mine = edit.sides.mine
    if mine is None or edit.after is None:
        return {}
    copy = replace(mine, id=ids.derived_id(seed, task_id, "copy"), owner=None, claimed_at=None)
    result.conflicts.append(Conflict(task_id, "task", kept=task_id, dropped=copy.id))
    return {task_path(copy.id): codec.encode(copy, edit.after)}


def _whole_file(
    store: Store, change: Change, onto: Snapshot, result: Replayed
) -> dict[str, bytes | None]:
    """Merge what is no task as a whole: where both sides changed it, the published one stays."""
    there = store.entry(onto.commit, change.path)
    if there != change.old:
        if there != change.new:
            kept, dropped = (entry.oid if entry else None for entry in (there, change.new))
            result.conflicts.append(Conflict(change.path, "file", kept=kept, dropped=dropped))
        return {}
    return {change.path: store.read(change.new.oid, _ANY_SIZE) if change.new else None}


def _text(store: Store, onto: Snapshot, path: str) -> bytes | None:
    entry = store.entry(onto.commit, path)
    return store.read(entry.oid, _ANY_SIZE) if entry else None
