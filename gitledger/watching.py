"""Watching a task list: its updates as they happen."""

from __future__ import annotations

from functools import partial
from math import inf

from gitledger.awaiting import Awaiting
from gitledger.sharing import Sharing
from gitledger.waiting import never

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator
    from datetime import datetime

    from gitledger.core.query import Query
    from gitledger.newest import Newest
    from gitledger.syncing import Rounds
    from gitledger.updates import Update


def _nobody(_: str) -> None:
    """Let a message go."""


class Watching(Sharing, Awaiting):
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
                for _ in looks(watch, end=end, beat=partial(self._beat_as, rounds), stop=ended):
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

    # -- what watching needs -------------------------------------------------------------------

    def _newest_updates(
        self,
        query: Query | None,
        since: str | datetime | None,
        told: Callable[[str], object],
    ) -> Newest:
        from gitledger.newest import Newest, begin

        return Newest(self, begin(self, since), query=query, told=told)

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

    def _beat_as(self, rounds: Rounds | None) -> None:
        if rounds and rounds.session:  # a sync may give it another name
            self.session = rounds.session
        self._beat()
