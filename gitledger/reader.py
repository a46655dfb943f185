"""What is read of a task list: always one snapshot, never with a lock."""

from __future__ import annotations

from functools import cached_property

from gitledger.errors import AmbiguousId, LedgerError, NoSuchTask
from gitledger.liveness import Liveness

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from datetime import datetime

    from gitledger.archive import Archive
    from gitledger.core.criteria import Criterion
    from gitledger.core.draft import Draft
    from gitledger.core.graph import Graph
    from gitledger.core.inbox import Inbox
    from gitledger.core.policy import Policy
    from gitledger.core.query import Query
    from gitledger.core.stats import Stats
    from gitledger.core.task import Task
    from gitledger.core.view import TaskView
    from gitledger.history import LogEntry
    from gitledger.index import Index
    from gitledger.listing import Listing
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
        index = self.index()
        found = index.starting_with(name.strip().lower()) if len(name) > 3 else []
        # Of what is archived the index does not know whether it is valid.
        known = len(found) == 1 and not index.is_archived(found[0])
        return found[0] if known else self.task(name).id

    def tasks(self) -> tuple[Task, ...]:
        """Return every task that is not archived, ordered by id."""
        return self.snapshot().all()

    def graph(self, *, archived: bool = False) -> Graph:
        """Return the dependencies among all tasks; among archived ones only where asked for."""
        from gitledger.core.graph import Graph

        snapshot = self.snapshot()
        put_away = snapshot.archived() if archived else ()
        return Graph((*snapshot.all(), *put_away), snapshot.is_archived)

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
        from gitledger.core.audit import reviewable
        from gitledger.core.criteria import Among

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
            ids: whole ids; what names no task is left out. None takes all but archived ones.
            revisions: look up the commit that last changed each.
        """
        if ids is None:
            found = self.search(sort="id")[0]
        else:
            wanted = list(ids)
            found = self._views().of(self.index().rows(wanted))
            if len(found) < len(wanted):
                found = self._with_archived(wanted, found)
        return self.with_revisions(found) if revisions else found

    def _with_archived(self, ids: Sequence[str], found: Sequence[TaskView]) -> list[TaskView]:
        """Return views in the order of ids, those of archived tasks added to the ones found."""
        known = {view.id: view for view in found}
        missing = (each for each in ids if each not in known and self._index.is_archived(each))
        archive = self._archive()
        tasks = [task for each in missing if (task := archive.find(each))]
        known |= {view.id: view for view in self._views().of_archived(tasks)}
        return [known[each] for each in ids if each in known]

    def archived(
        self, query: Query | None = None, *, sort: str = "-updated", limit: int | None = None
    ) -> tuple[list[TaskView], int]:
        """Return views of the archived tasks that are meant, and how many are; reads them all.

        Args: as `search`.

        Raises: as `search`.
        """
        from gitledger.core.ordering import check_key, sort_views

        check_key(sort)
        twice = self.index().archived_twice()
        tasks = [task for key, task in self._archive().all().items() if key not in twice]
        views = self._views().of_archived(tasks)
        found = sort_views(filter(query.matches, views) if query else views, sort)
        return found[:limit], len(found)

    def _archive(self) -> Archive:
        """Return the archive as of the commit that the index follows."""
        from gitledger.archive import Archive

        return Archive(self.repository.store, self._index.commit or "")

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

        Args, Raises: as `listing`.
        """
        found = self.listing(query, criterion=criterion, sort=sort, limit=limit)
        return list(found), found.total

    def listing(
        self,
        query: Query | None = None,
        *,
        criterion: Criterion | None = None,
        sort: str = "priority",
        limit: int | None = None,
    ) -> Listing:
        """Return the tasks that are meant, in order; however many they are, few are held.

        Args:
            query: which tasks; None, and no criterion either, means all.
            criterion: the same as data, an exact one.
            sort: one of `gitledger.core.ordering.SORT_KEYS`, with a `-` in front for the reverse.
            limit: at most so many views; None takes all.

        Raises:
            InvalidInput: there is no such key to sort by.
        """
        from gitledger.core.criteria import EVERYTHING
        from gitledger.index.rows import number
        from gitledger.listing import Listing

        if sort not in _PLAIN_SORTS:
            from gitledger.core.ordering import check_key

            check_key(sort)
        index = self.index().staying()
        views = self._views(index)
        wanted = query.criterion if query else criterion or EVERYTHING
        if query is None or wanted.exact:
            found = index.numbers(wanted, order=sort, limit=limit)
            total = len(found) if limit is None else index.count(wanted)
            return Listing(index, views, found, total)
        found = [number(view.id) for view in views.matching(query, sort)]
        return Listing(index, views, found[:limit], len(found))

    def ready(self, limit: int | None = None) -> list[TaskView]:
        """Return views of what can be done now, the most urgent first; at most so many."""
        from gitledger.core.criteria import READY

        return self.search(criterion=READY, limit=limit)[0]

    def count(self, criterion: Criterion) -> int:
        """Return how many tasks an exact criterion means."""
        return self.index().count(criterion)

    def with_revisions(self, found: Sequence[TaskView]) -> list[TaskView]:
        """Return the views with the commit that last changed each task."""
        return list(self.each_with_revision(found, [view.id for view in found]))

    def each_with_revision(
        self, found: Iterable[TaskView], ids: Iterable[str]
    ) -> Iterator[TaskView]:
        """Return an iterator that yields the same; the history has been read by then.

        Args:
            found: the views.
            ids: the ids of their tasks, in any order.

        Raises:
            StoreFailed, Damaged: a commit that has to be looked at cannot be read.
        """
        known = self.operations().revisions(ids)
        return (view.of_revision(known.get(view.id)) for view in found)

    def _views(self, index: Index | None = None) -> Views:
        from gitledger.views import Views

        return Views(
            index or self._index,
            list=self.list,
            now=lambda: self.now().astimezone(),
            silent=self._silent_among,
            published=self._published,
        )

    def children(self, task_id: str) -> list[str]:
        """Return the ids of the tasks that name this one as their parent, by priority."""
        from gitledger.core.criteria import Among

        return [row.id for row in self.index().select(Among("parent", (task_id,)))]

    def log(
        self,
        name: str | None = None,
        *,
        session: str | None = None,
        operation: str | None = None,
        agent: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        limit: int | None = None,
    ) -> Iterator[LogEntry]:
        """Yield the operations, newest first.

        Args:
            name: the id or a unique prefix of a task: those that changed it. A task that is gone
                is named as well.
            session, operation, agent: those of this session, with this name (`done`), of this
                program.
            since, until: made then or later, then or earlier; aware.
            limit: at most so many.

        Raises:
            NoSuchTask: there never was one.
            AmbiguousId: there are several.
        """
        from gitledger import history

        return history.log(
            self.operations(),
            task_id=self.any_task_id(name) if name else None,
            session=session,
            name=operation,
            agent=agent,
            since=since,
            until=until,
            limit=limit,
        )

    def any_task_id(self, name: str) -> str:
        """Return the whole id of a task that there is, or that there once was.

        Raises:
            NoSuchTask: there never was one.
            AmbiguousId: there are several; or none any more, and there were several.
        """
        try:
            return self.task_id(name)
        except NoSuchTask:
            found = self.operations().tasks(name.strip().lower())
            if not found:
                raise
        if len(found) > 1:
            raise AmbiguousId(
                f"'{name}' names {len(found)} tasks that are gone",
                matches=found,
                hint=f"say more of the id: {', '.join(found[:5])}",
            )
        return found[0]

    def stats(self, query: Query | None = None, *, since: datetime | None = None) -> Stats:
        """Return the figures of the list, as of now: what is asked of them is computed then.

        Args:
            query: of the tasks that it matches alone; None means all, also those put away.
            since: what was earlier is left out.

        Raises:
            StoreFailed, Damaged: a part of the history cannot be read.
        """
        from gitledger.measuring import measure

        return measure(self, query, since)

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
