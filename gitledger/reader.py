"""What is read of a task list: always one snapshot, never with a lock."""

from __future__ import annotations

from functools import cached_property

from gitledger.errors import LedgerError
from gitledger.liveness import Liveness

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from gitledger.core.criteria import Criterion
    from gitledger.core.draft import Draft
    from gitledger.core.graph import Graph
    from gitledger.core.inbox import Inbox
    from gitledger.core.policy import Policy
    from gitledger.core.query import Query
    from gitledger.core.task import Task
    from gitledger.core.view import TaskView
    from gitledger.history import LogEntry
    from gitledger.published import Published
    from gitledger.snapshot import Snapshot
    from gitledger.views import Views

_PLAIN_SORTS = ("priority", "id")
"""Keys that need no check, which takes longer than the answer."""


class Reader(Liveness):
    """One task list, as a session sees it."""

    # -- tasks ---------------------------------------------------------------------------------

    def task(self, name: str) -> Task:
        """Return the task that an id or a unique prefix names.

        Raises:
            NoSuchTask: there is none.
            AmbiguousId: there are several.
        """
        return self._looking().get(name)

    def task_id(self, name: str) -> str:
        """Return the whole id of the task that an id or a unique prefix names.

        Raises: as `task`.
        """
        found = self.index().starting_with(name.strip().lower()) if len(name) > 3 else ()
        return found[0] if len(found) == 1 else self.task(name).id

    def tasks(self) -> tuple[Task, ...]:
        """Return every task, ordered by id."""
        return self.snapshot().all()

    def graph(self) -> Graph:
        """Return the dependencies among all tasks."""
        from gitledger.core.graph import Graph

        return Graph(self.tasks())

    def next(self, *, role: str | None = None, take_over: bool = False) -> Task:
        """Return the task to do next, without taking it.

        Args:
            role: tasks for another role are passed over; None takes that of the session.
            take_over: what stale sessions own counts, too.

        Raises:
            NothingToTake: nothing is ready.
        """
        from gitledger.core import lifecycle

        silent = self.silent() if take_over else {}
        return lifecycle.next_task(self._looking(), role=role, silent=silent)

    def explain_next(
        self, *, role: str | None = None, take_over: bool = False
    ) -> tuple[Task, tuple[str, ...]]:
        """Return the task to do next, and sentences that say why it is this one.

        Args, Raises: as `next`.
        """
        from gitledger.core import lifecycle
        from gitledger.core.explain import explain_next

        draft, silent = self._looking(), self.silent() if take_over else {}
        task = lifecycle.next_task(draft, role=role, silent=silent)
        return task, explain_next(draft, task, role=role, silent=silent)

    def reviewable(self) -> list[Task]:
        """Return the tasks in review that this session may approve or reject, by priority."""
        from gitledger.core.criteria import Among
        from gitledger.core.review import reviewable

        rows = self.index().select(Among("status", ("in_review",)))
        return reviewable((row.task() for row in rows), self.session)

    def inbox(self) -> Inbox:
        """Return what waits for this session: questions, replies, handoffs, messages."""
        from gitledger.core import inbox

        index = self.index()
        registered = index.session(self.session)
        rows = index.concerning(inbox.whose(self.session, registered))
        return inbox.collect(
            (row.task() for row in rows),
            self.session,
            registered=registered,
            messages=index.messages().values(),
        )

    # -- views ---------------------------------------------------------------------------------

    def view(self, name: str) -> TaskView:
        """Return a task together with what follows from the others, its revision included."""
        return self.views([self.task_id(name)], revisions=True)[0]

    def views(self, ids: Iterable[str] | None = None, *, revisions: bool = False) -> list[TaskView]:
        """Return views of some tasks in their order, or of all, ordered by id.

        Args:
            ids: whole ids; what names no task is left out. None takes all.
            revisions: look up the commit that last changed each.
        """
        if ids is None:
            found = self.search(sort="id")[0]
        else:
            rows = self.index().rows(ids)
            found = self._views().of(rows)
        return self.with_revisions(found) if revisions else found

    def select(self, query: Query) -> list[TaskView]:
        """Return the views that a query matches, ordered by id."""
        return self.search(query, sort="id")[0]

    def search(
        self,
        query: Query | None = None,
        *,
        criterion: Criterion | None = None,
        sort: str = "priority",
        limit: int | None = None,
    ) -> tuple[list[TaskView], int]:
        """Return views of the tasks that are meant, in order, and how many tasks are meant.

        Args:
            query: which tasks; None, and no criterion either, means all.
            criterion: the same as data, an exact one.
            sort: one of `gitledger.core.ordering.SORT_KEYS`, with a `-` in front for the reverse.
            limit: at most so many views; None takes all.

        Raises:
            InvalidInput: there is no such key to sort by.
        """
        from gitledger.core.criteria import EVERYTHING

        if sort not in _PLAIN_SORTS:
            from gitledger.core.ordering import check_key

            check_key(sort)
        index = self.index()
        wanted = query.criterion if query else criterion or EVERYTHING
        if query is None or wanted.exact:
            found = self._views().of(index.select(wanted, order=sort, limit=limit))
            return found, len(found) if limit is None else index.count(wanted)
        found, total = [], 0
        for view in self._views().matching(query, sort):
            total += 1
            if limit is None or total <= limit:
                found.append(view)
        return found, total

    def ready(self, limit: int | None = None) -> list[TaskView]:
        """Return views of what can be done now, the most urgent first; at most so many."""
        from gitledger.core.criteria import READY

        return self.search(criterion=READY, limit=limit)[0]

    def count(self, criterion: Criterion) -> int:
        """Return how many tasks an exact criterion means."""
        return self.index().count(criterion)

    def with_revisions(self, found: Sequence[TaskView]) -> list[TaskView]:
        """Return the views with the commit that last changed each task."""
        known = self.operations().revisions(view.id for view in found)
        return [view.of_revision(known.get(view.id)) for view in found]

    def _views(self) -> Views:
        from gitledger.views import Views

        return Views(
            self._index,
            list=self.list,
            now=lambda: self.now().astimezone(),
            silent=self._silent_among,
            published=self._published,
        )

    def log(self, name: str | None = None) -> Iterator[LogEntry]:
        """Yield the operations, newest first; only those on one task where one is named."""
        from gitledger import history

        task_id = self.task_id(name) if name else None
        return history.log(self.operations(), task_id=task_id)

    # -- the remote's side ---------------------------------------------------------------------

    @cached_property
    def remote(self) -> str | None:
        """The name of the remote that the list is shared with by default, None without one."""
        from gitledger.remotes import choose

        try:
            return choose(None, self.repository.configuration)
        except LedgerError:
            return None

    def _published(self) -> Published:
        from gitledger.published import Published

        return Published(
            self.repository, list=self.list, remote=self.remote, tip=self._index.commit or ""
        )

    def _draft(
        self, random_bytes: Callable[[int], bytes], policy: Policy | None = None
    ) -> tuple[Snapshot, Draft]:
        """Return the tasks as they are now, and an empty draft on them."""
        from gitledger.core.draft import Draft

        snapshot = self.snapshot()
        return snapshot, Draft(
            snapshot,
            by=self.session,
            now=self.now(),
            random_bytes=random_bytes,
            policy=policy or self.policy,
            repository=self._origin(),
        )

    @cached_property
    def policy(self) -> Policy:
        """What the repository's settings say about the rules."""
        from gitledger import settings

        return settings.policy(self.repository.configuration)

    def _looking(self) -> Draft:
        """Return a draft for the rules to read; nothing is put into it."""
        from gitledger.core.policy import Policy

        # What limits writing hides no task, were it set to something that it cannot be.
        return self._draft(self._random_bytes, Policy(lease=self.lease))[1]
