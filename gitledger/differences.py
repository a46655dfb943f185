"""What differs between two commits of a ledger, in tasks: what was created, finished, changed."""

from __future__ import annotations

from gitledger.archive import PLAIN_FILES
from gitledger.core.changes import change_json, changes
from gitledger.core.value import Value
from gitledger.entries import decode_entry
from gitledger.errors import InvalidTask
from gitledger.snapshot import Snapshot
from gitledger.tree import ARCHIVE, DEPTH, path_any_task, path_task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any, Final

    from gitledger.core.changes import Change
    from gitledger.core.task import Task
    from gitledger.store.base import Entry, Store

KINDS: Final = (
    "created",
    "completed",
    "cancelled",
    "reopened",
    "changed",
    "archived",
    "unarchived",
    "removed",
)
"""What can have become of a task, in the order in which people are told."""

_MOVES: Final = {(False, True): "archived", (True, False): "unarchived"}


class TaskDifference(Value):
    """A task that differs.

    Attributes:
        id: the task's whole id.
        old: the task before; None where it did not exist, or was no valid task.
        new: the task after, likewise.
        moved: `archived` or `unarchived` where it was put away or taken back.
    """

    __slots__ = ("id", "moved", "new", "old")

    def __init__(
        self,
        id: str,  # noqa: A002  # the contract's word
        old: Task | None,
        new: Task | None,
        moved: str | None = None,
    ) -> None:
        self.id = id
        self.old = old
        self.new = new
        self.moved = moved

    @property
    def title(self) -> str:
        """The task's title, the newer of the two."""
        task = self.new or self.old
        return task.title if task else ""

    @property
    def what(self) -> str:
        """What has become of the task: one of `KINDS`."""
        old, new = self.old, self.new
        if old is None or new is None:
            return "created" if old is None else "removed"
        if old.finished != new.finished:
            return new.status if new.finished else "reopened"
        return self.moved or "changed"

    @property
    def changes(self) -> tuple[Change, ...]:
        """The fields that differ."""
        return changes(self.old, self.new)

    def json(self) -> dict[str, Any]:
        """Return the difference as JSON has it."""
        return {
            "id": self.id,
            "title": self.title,
            "what": self.what,
            "changes": [change_json(change) for change in self.changes],
        }


def between(
    store: Store, old: str | None, new: str, *, only: str | None = None
) -> Iterator[TaskDifference]:
    """Yield the tasks that differ between two commits, ordered by id.

    Args:
        store: where the commits are.
        old: the one before; None is an empty ledger.
        new: the one after.
        only: the id of a task: no other is looked at.

    Raises:
        StoreFailed, Damaged: a commit or a file cannot be read.
    """
    there: dict[str, list[tuple[str, Entry | None, Entry | None]]] = {}
    for change in store.changes(old, new, depth=1 + DEPTH):
        task_id = path_any_task(change.path)
        if task_id is not None and only in (None, task_id):
            there.setdefault(task_id, []).append((change.path, change.old, change.new))
    before, after = Snapshot(store, old) if old else None, Snapshot(store, new)
    put_away = any(any(store.entries(commit, ARCHIVE, depth=0)) for commit in (old, new) if commit)
    for task_id in sorted(there):
        path, was, now = there[task_id][0]
        here = len(there[task_id]) == 1 and path_task(path) is not None
        # What comes or goes may be in the archive besides, on the side where it is not here.
        if here and ((was and now) or not put_away):  # nearly always
            pair = _task(store, was, task_id), _task(store, now, task_id)
            if any(pair):
                yield TaskDifference(task_id, *pair)
            continue
        was_there = before.find(task_id) if before else None
        is_there = after.find(task_id)
        if was_there or is_there:
            moves = bool(before and before.is_archived(task_id)), after.is_archived(task_id)
            moved = _MOVES.get(moves) if was_there and is_there else None
            yield TaskDifference(task_id, was_there, is_there, moved)


def in_order(found: Iterable[TaskDifference]) -> list[TaskDifference]:
    """Return differences in the order in which people are told: what is new first."""
    return sorted(found, key=lambda each: (KINDS.index(each.what), each.id))


def _task(store: Store, entry: Entry | None, task_id: str) -> Task | None:
    if entry is None or entry.mode not in PLAIN_FILES:
        return None
    try:
        return decode_entry(store, entry, task_id)
    except InvalidTask:
        return None
