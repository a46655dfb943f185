"""Watching a task list: its updates as they happen, and waiting until tasks are so far."""

from __future__ import annotations

from functools import partial
from math import inf

from gitledger.errors import (
    InvalidInput,
    LedgerError,
    NoLedger,
    NoSuchTask,
    NotFound,
    TaskFinished,
    TimedOut,
    did_you_mean,
)
from gitledger.sharing import Sharing
from gitledger.waiting import never

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from datetime import datetime
    from typing import Final

    from gitledger.core.query import Query
    from gitledger.core.task import Task
    from gitledger.reader import Reader
    from gitledger.store.base import Commit, Store
    from gitledger.syncing import Rounds
    from gitledger.updates import Update
    from gitledger.waiting import RefWatch

STATUSES: Final = ("pending", "in_progress", "waiting", "in_review", "completed", "cancelled")
STATES: Final = (*STATUSES, "finished", "ready", "claimed")
"""What can be waited for: a status; completed or cancelled; can be done now; held by somebody."""


def _nobody(_: str) -> None:
    """Let a message go."""


class Watching(Sharing):
    """One task list, and what happens to it."""

    def watch(
        self,
        query: Query | None = None,
        *,
        since: str | datetime | None = None,
        sync: float | None = None,
        timeout: float | None = None,
        stop: Callable[[], bool] = never,
        told: Callable[[str], object] = _nobody,
    ) -> Iterator[Update]:
        """Yield each operation on the list as it happens, from whichever process or worktree.

        It begins with this call, not with the first step: nothing in between is missed, and
        nothing is told twice, also where a sync or a repair replaces the ref. It goes on for
        ever, and is a sign of life of the session as long as it does; whoever closes the
        iterator, or leaves the loop, ends it. A list that goes away is waited for.

        Args:
            query: tell of operations alone that concern a task which it means: one that was
                changed, as it was before or after, or was unblocked. A date in it is that of the
                day when the query was made.
            since: begin with what came after this moment: a time, or a word as `moment` reads
                it, as a commit's id; None begins now.
            sync: seconds between two syncs with the default remote, in a thread; None: no sync.
            timeout: seconds after which it ends.
            stop: tells whether to end; asked some times a second, as `threading.Event.is_set`.
            told: is told in a line what those who watch should know and is no operation: that
                the list was deleted, or is back, that a sync failed, or lost a claim.

        Raises:
            InvalidInput, NotFound: `since` is no moment of the list; there is no remote.
            NoLedger: there is no such list any more.
            StoreFailed, Damaged: the list cannot be read; also while it goes on.
        """
        from gitledger.waiting import looks

        newest, watch = self._newest_updates(query, since, told), self._ref_watch()
        end = inf if timeout is None else watch.now() + timeout
        rounds = None if sync is None else self._rounds(sync)

        def ended() -> bool:
            for line in rounds.said() if rounds else ():
                told(line)
            return stop()

        def updates() -> Iterator[Update]:
            if rounds:
                rounds.start()
            try:
                for _ in looks(watch, end=end, beat=partial(self._beat, rounds), stop=ended):
                    yield from newest.updates()
            finally:
                if rounds:
                    rounds.end()

        return updates()

    def watch_async(
        self,
        query: Query | None = None,
        *,
        since: str | datetime | None = None,
        timeout: float | None = None,
        told: Callable[[str], object] = _nobody,
    ) -> AsyncIterator[Update]:
        """Yield the same, for `async for`: while nothing happens the event loop does other work.

        Without a thread: an update is read in the event loop, which takes it some milliseconds.
        A task that is cancelled ends it.

        Args, Raises: as `watch`.
        """
        from gitledger.waiting import looks_async

        newest, watch = self._newest_updates(query, since, told), self._ref_watch()
        end = inf if timeout is None else watch.now() + timeout

        async def updates() -> AsyncIterator[Update]:
            async for _ in looks_async(watch, end=end, beat=self._beat):
                for update in newest.updates():
                    yield update

        return updates()

    def wait(
        self,
        *names: str,
        state: str = "completed",
        any_of: bool = False,
        timeout: float | None = None,
        stop: Callable[[], bool] = never,
    ) -> list[Task]:
        """Return tasks once they are so far; at once where they are already.

        It looks whenever the list changes: a state that came and went between two looks is
        none. Meanwhile it is a sign of life of the session.

        Args:
            names: ids or prefixes.
            state: one of `STATES`.
            any_of: one of the tasks suffices; what is returned are those that are so far.
            timeout: seconds after which it is given up.
            stop: tells whether to give up; asked some times a second.

        Raises:
            InvalidInput: there is no such state, or no task is named.
            NoSuchTask, AmbiguousId: a name names none; or a task was removed meanwhile.
            TaskFinished: it cannot come to that any more: a task was cancelled that was to be
                completed, or is finished and was to be ready.
            TimedOut: they were not so far in time.
            NoLedger: the list is gone.
        """
        from gitledger.waiting import looks

        if state not in STATES:
            hint = did_you_mean(state, STATES) or f"one of: {', '.join(STATES)}"
            raise InvalidInput(f"'{state}' is nothing to wait for", hint=hint)
        if not names:
            raise InvalidInput("no task is named")
        ids = list(dict.fromkeys(map(self.task_id, names)))
        watch = self._ref_watch()
        end = inf if timeout is None else watch.now() + timeout
        for _ in looks(watch, end=end, beat=self._beat, stop=stop):
            tasks = [self._still_there(task_id) for task_id in ids]
            so_far = [task for task in tasks if self._is(task, state)]
            if len(so_far) == len(tasks) or (any_of and so_far):
                return so_far
            self._require_possible(tasks, state, any_of=any_of)
        raise TimedOut(self._unmet(ids, state, any_of=any_of))

    # -- what watching needs -------------------------------------------------------------------

    def _newest_updates(
        self,
        query: Query | None,
        since: str | datetime | None,
        told: Callable[[str], object],
    ) -> Newest:
        return Newest(self, _begin(self, since), query=query, told=told)

    def _ref_watch(self) -> RefWatch:
        from gitledger import lists
        from gitledger.waiting import RefWatch

        return RefWatch(self.repository.location.common_dir_name, lists.ref(self.list))

    def _rounds(self, every: float) -> Rounds:
        from gitledger.remotes import require
        from gitledger.repository import Repository
        from gitledger.syncing import Rounds

        require(None, self.repository.configuration)

        def opened() -> Sharing:
            place = self.repository
            return type(self)(
                Repository(place.location, place.environ),
                list=self.list,
                session=self.session,
                standing=Repository(self.standing.location, self.standing.environ),
                agent=self.agent,
                clock=self._clock,
                random_bytes=self._random_bytes,
            )

        return Rounds(opened, every)

    def _beat(self, rounds: Rounds | None = None) -> None:
        if rounds and rounds.session:  # a sync may give it another name
            self.session = rounds.session
        self.heartbeats.beat(self.session, self.now(), waits=True)

    # -- what waiting needs --------------------------------------------------------------------

    def _still_there(self, task_id: str) -> Task:
        task = self.snapshot().find(task_id)
        if task is None:
            raise NoSuchTask(
                f"the task '{task_id}' is not there any more",
                hint=f"see what became of it: git ledger log {task_id}",
            )
        return task

    def _is(self, task: Task, state: str) -> bool:
        if state in STATUSES:
            return task.status == state
        if state == "finished":
            return task.finished
        if state == "claimed":
            return task.owner is not None and not task.finished
        return any(view.ready for view in self.views([task.id]))

    def _require_possible(self, tasks: Sequence[Task], state: str, *, any_of: bool) -> None:
        """Raise TaskFinished where nothing but a reopening can bring about what is waited for."""
        ended = [task for task in tasks if task.finished and not self._is(task, state)]
        if ended and (not any_of or len(ended) == len(tasks)):
            task, called = ended[0], self.short(ended[0].id)
            raise TaskFinished(
                f"{called} '{task.title}' is {task.status}: it will not be {_words(state)}",
                task=task.id,
                status=task.status,
                hint=f"see why: git ledger show {called}",
            )

    def _unmet(self, ids: Sequence[str], state: str, *, any_of: bool) -> str:
        if any_of and len(ids) > 1:
            return f"none of the {len(ids)} tasks is {_words(state)}"
        missing = [task_id for task_id in ids if not self._is(self._still_there(task_id), state)]
        if len(missing) > 1:
            return f"{len(missing)} of the {len(ids)} tasks are not {_words(state)}"
        task = self._still_there(missing[0] if missing else ids[0])
        return f"{self.short(task.id)} '{task.title}' is not {_words(state)} but {task.status}"


class Newest:
    """The updates of a list since the last look.

    Args:
        reader: the list.
        tip: the last operation that counts as told.
        query: which tasks are meant, or None.
        told: is told what those who watch should know besides.
    """

    def __init__(
        self,
        reader: Watching,
        tip: str | None,
        *,
        query: Query | None,
        told: Callable[[str], object],
    ) -> None:
        from gitledger.told import Told

        self._reader = reader
        self._query = query
        self._tell = told
        self._line = Told(reader.repository.store, tip)
        self._gone = False

    def updates(self) -> Iterator[Update]:
        """Yield what happened since the last look, the oldest first."""
        from gitledger.updates import Updates

        reader, query = self._reader, self._query
        try:
            index = reader.index()
        except NoLedger:
            self._say_gone()
            return
        if self._gone:
            self._tell(f"the list '{reader.list}' is back")
            self._gone = False
        tip = index.commit
        if tip is None or tip == self._line.tip:
            return
        reading = Updates(reader.repository.store, list=reader.list, dependents=index.blocks)
        for update in reading.of(self._new(tip)):
            if query is None or reading.concerns(
                update, query, now=reader.now().astimezone(), stale=_Silent(reader)
            ):
                yield update

    def _new(self, tip: str) -> list[Commit]:
        from gitledger.told import Told

        store = self._reader.repository.store
        try:
            return self._line.go_on(tip)
        except LedgerError:
            if self._line.tip is None or _is_there(store, self._line.tip):
                raise
            # Nobody can tell what of the new history is new: the old one was replaced and pruned.
            self._tell(f"the history of '{self._reader.list}' was replaced; watching goes on here")
            self._line = Told(store, tip)
            return []

    def _say_gone(self) -> None:
        if self._gone:
            return
        from gitledger import shelf

        name = self._reader.list
        became = "archived" if name in shelf.archived(self._reader.repository) else "deleted"
        self._tell(f"the list '{name}' was {became}; waiting for it to come back")
        self._gone = True


class _Silent:
    """The sessions that are silent for longer than their lease, found out one by one.

    Args:
        reader: the list.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def __contains__(self, name: object) -> bool:
        return bool(self._reader._silent_among([str(name)]))


def _begin(reader: Reader, since: str | datetime | None) -> str | None:
    """Return the commit after which to begin; None for the whole history.

    Raises:
        InvalidInput, NotFound: it is no moment of the list.
    """
    from gitledger import moment

    if since is None:
        return reader.index().commit
    if not isinstance(since, str):
        return reader.operations().came_by(int(since.timestamp()))
    try:
        found = moment.find(reader, since)
    except NotFound:
        if not _is_time(since, reader.now().astimezone()):
            raise
        return None  # there was nothing yet
    if found.list != reader.list:
        raise InvalidInput(f"'{since}' is no moment of the list '{reader.list}'")
    return found.commit


def _is_time(word: str, now: datetime) -> bool:
    from gitledger.core.dates import parse_moment

    try:
        parse_moment(word, now)
    except InvalidInput:
        return False
    return True


def _is_there(store: Store, commit: str) -> bool:
    try:
        store.commit(commit)
    except LedgerError:
        return False
    return True


def _words(state: str) -> str:
    return state.replace("_", " ")
