"""An operation, applied to another tip than the one it was made on."""

from __future__ import annotations

from datetime import UTC, datetime
from operator import attrgetter

from gitledger.carried import Carried
from gitledger.core import codec, ids
from gitledger.core.archive import stays_archived
from gitledger.core.conflict import Conflict, to_who_removed, with_conflicts
from gitledger.core.dataclass import dataclass, replace
from gitledger.core.operation import parse_message
from gitledger.core.reconcile import Sides, reconcile
from gitledger.core.recordmerge import with_names
from gitledger.core.task import Task
from gitledger.entries import decode_entry, read_entry
from gitledger.errors import InvalidInput, InvalidTask
from gitledger.snapshot import Snapshot
from gitledger.store.base import Change, Commit, Entry, Store
from gitledger.tree import ARCHIVE, archive_path, path_any_task, path_session, task_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Final

    from gitledger.replayed import Files, Replayed


@dataclass(frozen=True, slots=True)
class _Edit:
    """A task before and after an operation, with its texts, and whether it is archived."""

    task_id: str
    sides: Sides
    before: bytes | None
    after: bytes | None
    was_archived: bool
    is_archived: bool


class Reapplied:
    """One operation, brought onto another tip than the one it was made on.

    Args:
        store: where the commits are.
        commit: the operation.
        onto: the tasks as of the tip.
        result: what the operations before it came to; what this one comes to is added.
    """

    def __init__(self, store: Store, commit: Commit, onto: Snapshot, result: Replayed) -> None:
        self._store = store
        self._commit = commit
        self._onto = onto
        self._result = result
        self._left = Snapshot(store, commit.id)
        self._names = result.sessions_renamed
        self._carried = Carried(store, commit, onto, result)
        self._at = datetime.fromtimestamp(commit.author.time, UTC)

    def files(self) -> Files:
        """Return the files that the operation changes at the new tip."""
        files: Files = {}
        edits = []
        changes = list(self._store.changes(self._commit.parent, self._commit.id))
        # Sessions first: one that is registered with a taken name has another one in all else.
        for change in changes:
            if path_session(change.path) is not None:
                record = self._carried.session(change)
                files |= self._carried.whole_file(change) if record is None else record
        for group in _by_task(changes):
            edit = self._as_edit(group)
            if edit is None:
                for change in group:
                    record = self._carried.message(change)
                    files |= self._carried.whole_file(change) if record is None else record
            elif self._onto.occupied(_new_id(edit, self._result)):
                files |= self._set_aside(edit)
            else:
                edits.append(edit)
        files |= self._merged(edits)
        return {path: text for path, text in files.items() if text != self._carried.there(path)}

    @property
    def _by(self) -> str:
        name = parse_message(self._commit.message).session or self._commit.author.name
        return self._names.get(name, name)

    # -- tasks ---------------------------------------------------------------------------------

    def _as_edit(self, changes: list[Change]) -> _Edit | None:
        """Return the changes of one file, or of a task's two places, as one of that task.

        None: a side of it is no valid task; or all that changed is a file in the archive that does
        not count, for the task is not archived.
        """
        task_id = path_any_task(changes[0].path)
        if task_id is None:
            return None
        by_path = {change.path: change for change in changes}
        hot, away = by_path.get(task_path(task_id)), by_path.get(archive_path(task_id))
        old = self._standing(self._commit.parent, task_id, _old, hot, away)
        new = self._standing(self._commit.id, task_id, _new, hot, away)
        if old == new:
            return None
        try:
            before, base = self._decoded(old, task_id)
            after, mine = self._decoded(new, task_id)
        except InvalidTask:
            return None
        return _Edit(
            task_id,
            Sides(base, mine),
            before,
            after,
            was_archived=_is_archived(old),
            is_archived=_is_archived(new),
        )

    def _standing(
        self,
        commit: str | None,
        task_id: str,
        side: Callable[[Change], Entry | None],
        hot: Change | None,
        away: Change | None,
    ) -> Entry | None:
        """Return the file that counts for a task in a commit, one side of these changes."""
        for change, path in (hot, task_path(task_id)), (away, archive_path(task_id)):
            if change is not None:
                found = side(change)
            else:
                found = self._store.entry(commit, path) if commit else None
            if found is not None:
                return found
        return None

    def _decoded(self, entry: Entry | None, task_id: str) -> tuple[bytes | None, Task | None]:
        if entry is None:
            return None, None
        task = decode_entry(self._store, entry, task_id)
        return read_entry(self._store, entry), with_names(task, self._names)

    def _merged(self, edits: list[_Edit]) -> Files:
        result = self._result
        merged = reconcile(
            [edit.sides for edit in edits],
            self._onto,
            at=self._at,
            by=self._by,
            seed=self._commit.id,
            renamed=result.renamed,
            left=self._as_left,
            moved=self._moved,
        )
        for conflict in merged.conflicts:
            if conflict.removal:
                merged.tasks[conflict.task] = self._telling(conflict.task, merged.tasks)
        result.conflicts += merged.conflicts
        result.claims_lost += merged.claims_lost
        result.renamed = merged.renamed
        files: Files = {}
        for task_id in merged.tasks.keys() - {_new_id(edit, result) for edit in edits}:
            files |= self._brought_back(task_id, merged.tasks[task_id])
        for edit in edits:
            task_id = _new_id(edit, result)
            try:
                files |= self._placed(edit, task_id, merged.tasks[task_id])
            except InvalidInput:
                files |= self._set_aside(edit)
        return files

    def _telling(self, task_id: str, merged: Mapping[str, Task | None]) -> Task | None:
        """Return a task that stays, with a word to whoever has removed it in what is published."""
        task, paths = merged.get(task_id), (task_path(task_id), archive_path(task_id))
        if task is None or self._onto.find(task_id):  # it is this operation that removes it
            return task
        assert self._commit.parent is not None, "what is replayed has a parent"
        for commit in self._store.history(self._onto.commit, without=[self._commit.parent]):
            if commit.parent and any(self._store.entry(commit.parent, path) for path in paths):
                by = parse_message(commit.message).session or commit.author.name
                return to_who_removed(task, by, seed=self._commit.id)
        return task

    def _as_left(self, task_id: str) -> Task | None:
        """Return a task as the operation left it, None where something else is in its place."""
        task = None if self._onto.occupied(task_id) else self._left.find(task_id)
        return with_names(task, self._names) if task else None

    def _moved(self) -> Iterator[Task]:
        """Yield the tasks at the new tip that are not as the operation found them."""
        assert self._commit.parent is not None, "what is replayed has a parent"
        changes = self._store.changes(self._commit.parent, self._onto.commit)
        for task_id in {path_any_task(change.path) for change in changes}:
            if task_id and (task := self._onto.find(task_id)):
                yield task

    def _brought_back(self, task_id: str, task: Task | None) -> Files:
        """Return the file of a task that was removed, and that the operation names."""
        assert task is not None, "nothing is removed but by an edit"
        path = archive_path if task.finished and self._left.is_archived(task_id) else task_path
        return {path(task_id): _encoded(task, self._left.file(task_id))}

    def _placed(self, edit: _Edit, task_id: str, task: Task | None) -> Files:
        """Return the task's file in the one place where it stands from now on."""
        text = self._text(edit, task_id, task)
        here, away = task_path(task_id), archive_path(task_id)
        there = self._onto.is_archived(task_id)
        if task and stays_archived(
            edit.sides.base,
            self._onto.find(task_id),
            task,
            same=there and text == self._onto.file(task_id),
            was=edit.was_archived,
            there=there,
            mine=edit.is_archived,
        ):
            here, away = away, here
        return {here: text, away: None}

    def _text(self, edit: _Edit, task_id: str, task: Task | None) -> bytes | None:
        if task is None:
            return None
        there = self._onto.file(task_id)
        if there is None:
            return _encoded(task, edit.after)
        if there == edit.before:
            return codec.encode(task, edit.after or there)
        theirs = self._onto.find(task_id)
        return there if theirs and _same_but_stamped(task, theirs) else codec.encode(task, there)

    def _set_aside(self, edit: _Edit) -> Files:
        """Keep our side as a task of its own.

        That is the way out where both sides together outgrow a task's file, and where what is
        published cannot be read. What we do to the task later on goes to that one, too.
        """
        mine = edit.sides.mine
        if mine is None:
            return {}
        copy = ids.derived_id(self._commit.id, edit.task_id, "copy")
        conflict = Conflict(edit.task_id, "task", kept=edit.task_id, dropped=copy)
        self._result.conflicts.append(conflict)
        self._result.renamed[edit.task_id] = copy
        task = with_conflicts(
            replace(mine, id=copy), [conflict], at=self._at, by=self._by, seed=self._commit.id
        )
        return {task_path(copy): _encoded(task, edit.after)}


_old: Final = attrgetter("old")
_new: Final = attrgetter("new")


def _encoded(task: Task, layout: bytes | None) -> bytes:
    """Return the file of a task that has a note of a conflict, or had not where it is full.

    The sync's report tells of the conflict all the same.
    """
    try:
        return codec.encode(task, layout)
    except InvalidInput:
        return layout or b""


def _new_id(edit: _Edit, result: Replayed) -> str:
    return result.renamed.get(edit.task_id, edit.task_id)


def _by_task(changes: list[Change]) -> list[list[Change]]:
    """Return the changes but those of sessions, those of one task together."""
    groups: dict[str, list[Change]] = {}
    for change in changes:
        if path_session(change.path) is None:
            groups.setdefault(path_any_task(change.path) or change.path, []).append(change)
    return list(groups.values())


def _is_archived(entry: Entry | None) -> bool:
    return entry is not None and entry.path.startswith(f"{ARCHIVE}/")


def _same_but_stamped(task: Task, theirs: Task) -> bool:
    """Tell whether all that the operation brings is when and by whom the task was changed."""
    return theirs == replace(task, updated_at=theirs.updated_at, updated_by=theirs.updated_by)
