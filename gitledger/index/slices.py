"""The tables of operations and of moves, completed a slice at a time by who has no hurry.

Others read and write the index meanwhile: what a slice has read comes into the tables in many
short transactions, with a rest after each. All of it is kept; the next slice goes on where the
tables end.
"""

from __future__ import annotations

import time

from gitledger.index import line
from gitledger.index.moving import Moving

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from typing import Final, TypeVar

    from gitledger.index.commits import Deed
    from gitledger.index.database import Connection, Database
    from gitledger.index.line import Record
    from gitledger.index.moves import Batch
    from gitledger.index.states import State

    T = TypeVar("T")

AT_ONCE: Final = 256
"""Rows that one transaction puts, about: it takes some milliseconds."""


class Slices(Moving):
    """A table of operations with what they moved, which is completed.

    Args:
        database: the tables.
        rest: called after each transaction with the seconds that it took.
    """

    __slots__ = ("_rest",)

    def __init__(self, database: Database, rest: Callable[[float], object] = time.sleep) -> None:
        super().__init__(database)
        self._rest = rest

    def step(self) -> bool:
        """Do one slice; False where nothing is left.

        Raises:
            StoreFailed, Damaged: a commit cannot be read.
        """
        self._grow_cache()
        if self._ask(lambda c, _: line.below(c)):
            return self._deepen()
        return self._move_one_on()

    def _move_one_on(self) -> bool:
        from concurrent.futures import ThreadPoolExecutor

        from gitledger.index import moves

        batch = self._read(lambda c: moves.Batch(c, moves.last(c)))
        if not batch.changes:
            return False
        reading = moves.Reading(self._objects, self._git)
        with ThreadPoolExecutor(1) as pool:
            states = reading.end(reading.begin(pool, batch.changes), batch.changes)
        self._put_moves(batch, states)
        return True

    def _put_moves(self, batch: Batch, states: Mapping[bytes, State | None]) -> bool:
        from gitledger.index import moves

        above = batch.above
        while above != batch.highest:
            part = self._read(lambda c, above=above: moves.Batch(c, above, AT_ONCE))  # type: ignore[misc]  # mypy knows no defaults of lambdas
            known = all(oid is None or oid in states for *_, oid in part.changes)
            if not part.changes or not known or not super()._put_moves(part, states):
                return False  # the line has changed
            above = part.highest
        return True

    def _put(self, new: Sequence[Deed], *, join: str | None = None) -> None:
        for part in reversed(list(_parts(new, lambda deed: deed))):
            super()._put(part, join=join)
            join = part[0].commit.id

    def _put_below(self, found: Sequence[Record], below: str) -> None:
        for part in _parts(found, lambda record: record.deed):
            super()._put_below(part, part[0].deed.commit.id)

    def _write(self, work: Callable[[Connection], object]) -> None:
        begun = time.monotonic()
        super()._write(work)
        self._rest(time.monotonic() - begun)


def is_complete(connection: Connection, tip: str) -> bool:
    """Tell whether the tables hold all operations up to a tip, and what they moved."""
    if line.number(connection, tip) is None or line.below(connection):
        return False
    left = connection.execute(
        "SELECT 1 FROM changes WHERE number > ifnull((SELECT number FROM moved), -1 << 62) LIMIT 1"
    ).fetchone()
    return left is None


def _parts(deeds: Sequence[T], of: Callable[[T], Deed]) -> Iterator[Sequence[T]]:
    """Yield commits in parts, each with about as many rows as are put at once."""
    begin = rows = 0
    for place, deed in enumerate(deeds):
        rows += 1 + len(of(deed).changes)
        if rows >= AT_ONCE:
            yield deeds[begin : place + 1]
            begin, rows = place + 1, 0
    if begin < len(deeds):
        yield deeds[begin:]
