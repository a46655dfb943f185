"""What is new in a list since the last look, whatever became of the list meanwhile."""

from __future__ import annotations

from gitledger import lists
from gitledger.errors import InvalidInput, LedgerError, NoLedger, NotFound

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from gitledger.core.query import Query
    from gitledger.reader import Reader
    from gitledger.store.base import Commit, Store
    from gitledger.updates import Update


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
        reader: Reader,
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
        self._archived = self._archived_tip()

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
            self._archived = self._archived_tip()
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
        # An older list of this name may be archived, too.
        became = "deleted" if self._archived_tip() in (None, self._archived) else "archived"
        self._tell(f"the list '{self._reader.list}' was {became}; waiting for it to come back")
        self._gone = True

    def _archived_tip(self) -> str | None:
        """Return the tip of the archived list that has the same name, None where there is none."""
        return self._reader.repository.store.tip(f"{lists.ARCHIVE}{self._reader.list}")


class _Silent:
    """The sessions that are silent for longer than their lease, found out one by one.

    Args:
        reader: the list.
    """

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def __contains__(self, name: object) -> bool:
        return bool(self._reader._silent_among([str(name)]))


def begin(reader: Reader, since: str | datetime | None) -> str | None:
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
