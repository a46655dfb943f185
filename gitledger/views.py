"""Views of tasks as the index has them: each with what follows from the rest of the ledger."""

from __future__ import annotations

from gitledger.core.view import TaskView

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Sequence
    from datetime import datetime

    from gitledger.core.query import Query
    from gitledger.core.task import Task
    from gitledger.core.view import Claim
    from gitledger.index import Index
    from gitledger.index.rows import Row
    from gitledger.published import Published

_AT_ONCE = 256
"""Tasks that are looked at together where each has to be asked."""


class Views:
    """Makes views of tasks, all as of one commit and one moment.

    Args:
        index: where the tasks are.
        list: the list's name.
        now: returns the time, aware; a due date is past when its day is over in this zone.
        silent: returns which of some sessions are silent for longer than their lease.
        published: returns what the remote is known to have.
    """

    def __init__(
        self,
        index: Index,
        *,
        list: str,  # noqa: A002  # the contract's word
        now: Callable[[], datetime],
        silent: Callable[[Collection[str]], Collection[str]],
        published: Callable[[], Published],
    ) -> None:
        self._index = index
        self._list = list
        self._now = now
        self._ask_silent = silent
        self._ask_published = published
        self._known: dict[str, bool] = {}
        self._published: Published | None = None

    def of(self, rows: Sequence[Row]) -> list[TaskView]:
        """Return views of these tasks, in their order."""
        blocks = self._index.blocks(row.id for row in rows)
        blockers = self._index.blockers(row.id for row in rows if row.waits)
        self._look_for_silent(rows)
        return [
            TaskView(
                source=row,
                list=self._list,
                ready=row.ready,
                blocked=row.blocked,
                blockers=blockers.get(row.id, ()),
                blocks=blocks.get(row.id, ()),
                stale=self._is_stale(row),
                overdue=self._is_overdue(row),
                claim=self._claim(row),
            )
            for row in rows
        ]

    def of_archived(self, tasks: Sequence[Task]) -> list[TaskView]:
        """Return views of archived tasks, in their order: nothing about them changes any more."""
        blocks = self._index.blocks(task.id for task in tasks)
        return [
            TaskView(
                task=task,
                list=self._list,
                ready=False,
                blocked=False,
                blocks=blocks.get(task.id, ()),
                archived=True,
            )
            for task in tasks
        ]

    def matching(self, query: Query, sort: str) -> Iterator[TaskView]:
        """Yield views of the tasks that a query means, in order."""
        from itertools import islice

        rows = self._index.each(query.criterion.widest(), order=sort)
        while some := list(islice(rows, _AT_ONCE)):
            yield from filter(query.matches, self.of(some))

    def _look_for_silent(self, rows: Sequence[Row]) -> None:
        owners = {row.owner for row in rows if row.owner is not None and not row.finished}
        if new := owners - self._known.keys():
            silent = self._ask_silent(new)
            self._known.update((name, name in silent) for name in new)

    def _is_stale(self, row: Row) -> bool:
        return not row.finished and row.owner is not None and self._known[row.owner]

    def _is_overdue(self, row: Row) -> bool:
        # Nearly no task has a date: then its text need not be read for that.
        if row.finished or (row.data is not None and '"due":' not in row.data):
            return False
        due = row.keys()["due"]
        if due is None:
            return False
        from datetime import date, datetime

        if "T" in due:
            return datetime.fromisoformat(due) < self._now()
        return date.fromisoformat(due) < self._now().date()

    def _claim(self, row: Row) -> Claim | None:
        if row.finished or row.owner is None:
            return None
        if self._published is None:
            self._published = self._ask_published()
        from datetime import datetime

        at = row.keys()["claimed_at"]
        return self._published.claim(row.id, row.owner, datetime.fromisoformat(at) if at else None)
