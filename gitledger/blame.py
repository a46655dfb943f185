"""Who set each field of a task, and each line of its description: when, in which operation."""

from __future__ import annotations

from gitledger.core.changes import SETS, STAMPS, TABLES, changed_lines, changes
from gitledger.core.value import Value
from gitledger.errors import InvalidTask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any

    from gitledger.core.changes import Change
    from gitledger.core.task import Task
    from gitledger.index.line import OperationRow
    from gitledger.store.base import Store


class Blamed(Value):
    """What one operation set of a task.

    Attributes:
        field: a key of the task, or `metadata.KEY`, `source.KEY`.
        value: its value; one item of a set; one note; one line of the description. None where
            the operation took it away.
        line: the number of the description's line, from 1; None of other fields.
        row: the operation.
    """

    __slots__ = ("field", "line", "row", "value")

    def __init__(
        self, field: str, value: Any, row: OperationRow, *, line: int | None = None
    ) -> None:
        self.field = field
        self.value = value
        self.line = line
        self.row = row


def blame(
    rows: Iterable[OperationRow], store: Store, task_id: str
) -> tuple[Task | None, list[Blamed]]:
    """Return a task as it is, and who set what of it, in the order of its keys.

    Times and names that follow from operations (`updated_at`, `completed_at`, …) are left out.

    Args:
        rows: the operations that changed the task, the newest first, each with its file then.
        store: where the files are.
        task_id: its whole id.

    Raises:
        StoreFailed, Damaged: a file cannot be read.
    """
    told: _Told | None = None
    task: Task | None = None
    for row, version in _versions(reversed(list(rows)), store, task_id):
        if told is None or task is None:  # what it was before it was removed is past
            told = _Told(row)
        told.take(changes(task, version), row)
        task = version
    return task, list(told.all(task)) if told and task else []


def _versions(
    rows: Iterable[OperationRow], store: Store, task_id: str
) -> Iterator[tuple[OperationRow, Task | None]]:
    """Yield what the task was after each operation; what was no valid task is passed over."""
    from gitledger.core import codec
    from gitledger.core.task import FILE_LIMIT

    for row in rows:
        if row.blob is None:
            yield row, None
            continue
        text = store.read(row.blob, FILE_LIMIT)
        try:
            version = codec.decode(text, task_id) if text is not None else None
        except InvalidTask:
            continue
        if version is not None:
            yield row, version


class _Told:
    """Who set what, as far as the operations have been looked at.

    Args:
        made: the operation that made the task.
    """

    def __init__(self, made: OperationRow) -> None:
        self._fields: dict[str, OperationRow] = {}
        self._items: dict[str, dict[Any, OperationRow]] = {name: {} for name in SETS}
        self._notes: dict[str, OperationRow] = {}
        self._lines: list[OperationRow] = []
        self._made = made

    def take(self, found: Iterable[Change], row: OperationRow) -> None:
        """Take down what an operation did."""
        for change in found:
            self._fields[change.field] = row
            if change.field in SETS:
                self._items[change.field].update(dict.fromkeys(change.added, row))
            elif change.field == "notes":
                if change.new is not None:
                    self._notes[change.new.id] = row
            elif change.field == "description":
                self._take_lines(change, row)

    def _take_lines(self, change: Change, row: OperationRow) -> None:
        lines: list[OperationRow] = []
        done = 0
        for hunk in changed_lines(change.old, change.new):
            lines += self._lines[done : hunk.start] + [row] * len(hunk.new)
            done = hunk.start + len(hunk.old)
        self._lines = lines + self._lines[done:]

    def all(self, task: Task) -> Iterator[Blamed]:
        """Yield who set what of the task as it is now."""
        from gitledger.core.task import TASK_KEYS

        several: dict[str, Callable[[Task], Iterator[Blamed]]] = {
            "description": self._description,
            "notes": self._all_notes,
        }
        for key in TASK_KEYS:
            if key in SETS:
                yield from self._set(key, getattr(task, key))
            elif key in several:
                yield from several[key](task)
            elif key in TABLES:
                yield from self._table(f"{key}.", getattr(task, key))
            elif key not in STAMPS:
                value = getattr(task, key)
                row = self._fields.get(key, self._made)
                # What is not set, and never was, nobody set.
                if value not in (None, False) or row is not self._made:
                    yield Blamed(key, value, row)
        yield from self._table("", task.extra)

    def _set(self, key: str, items: Iterable[str]) -> Iterator[Blamed]:
        if items:
            yield from (Blamed(key, item, self._items[key][item]) for item in items)
        elif key in self._fields:
            yield Blamed(key, None, self._fields[key])

    def _description(self, task: Task) -> Iterator[Blamed]:
        from gitledger.core.linemerge import text_lines

        if task.description is None:
            if "description" in self._fields:
                yield Blamed("description", None, self._fields["description"])
            return
        lines = zip(text_lines(task.description), self._lines, strict=True)
        for number, (text, row) in enumerate(lines, 1):
            yield Blamed("description", text, row, line=number)

    def _all_notes(self, task: Task) -> Iterator[Blamed]:
        return (Blamed("notes", note, self._notes[note.id]) for note in task.notes)

    def _table(self, above: str, table: Any) -> Iterator[Blamed]:
        for key, value in table.items():
            yield Blamed(f"{above}{key}", value, self._fields[f"{above}{key}"])
