"""How the table of moves is led on: from the files of the changes that the line of commits has."""

from __future__ import annotations

from gitledger.index import line
from gitledger.index.filling import CHUNK, Filling

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitledger.core.spells import Move
    from gitledger.index.database import Connection
    from gitledger.index.moves import Batch
    from gitledger.index.states import State


class Moving(Filling):
    """A table of operations with what they moved."""

    __slots__ = ()

    def moves(self) -> list[Move]:
        """Return all changes of what is measured of tasks, those of a task together, oldest first.

        Files that cannot be read have moved nothing; see `lost`.

        Raises:
            StoreFailed, Damaged: a commit cannot be read.
        """
        from gitledger.index import moves

        self._read_all()
        self._look_again()
        while not self._move_on():
            pass
        return self._ask(lambda c, top: list(moves.up_to(c, top)))

    def lost(self) -> list[str]:
        """Return the tasks with files that could not be read for `moves`, one for each file."""
        from gitledger.index import moves

        return self._ask(lambda c, top: [task for task, *_ in moves.lost(c, top)])

    def _look_again(self) -> None:
        """Forget the moves since a file that could not be read, where it can be now."""
        from gitledger.index import moves

        reading = moves.Reading(self._objects, self._git)
        for _, number, oid in self._ask(moves.lost):
            if reading.state(oid) is not None:
                self._write(lambda c, number=number: moves.forget(c, number))  # type: ignore[misc]  # mypy knows no defaults of lambdas
                return

    def _move_on(self) -> bool:
        """Lead the moves on to the newest commit of the table; False where others were faster."""
        from concurrent.futures import ThreadPoolExecutor

        from gitledger.index import moves

        reading = moves.Reading(self._objects, self._git)
        with ThreadPoolExecutor(1) as pool:
            batch = self._read(lambda c: moves.Batch(c, moves.last(c)))
            begun = reading.begin(pool, batch.changes)
            while batch.changes:
                self._tell_moves(batch)
                states = reading.end(begun, batch.changes)
                # While these are put, the next are read.
                later = self._read(lambda c, batch=batch: moves.Batch(c, batch.highest))  # type: ignore[misc]  # mypy knows no defaults of lambdas
                begun = reading.begin(pool, later.changes)
                if not self._put_moves(batch, states):
                    return False
                batch = later
        return True

    def _put_moves(self, batch: Batch, states: Mapping[bytes, State | None]) -> bool:
        from gitledger.index import moves

        put: list[bool] = []

        def bring(connection: Connection) -> None:
            left = batch.left(connection)
            put.append(left is not None)
            if left:
                moves.put(connection, left, states)

        self._write(bring)
        return put[-1]

    def _tell_moves(self, batch: Batch) -> None:
        """Tell how far the moves are, once there are many."""
        count = self._read(line.count)
        if self._progress is not None and count >= CHUNK:
            lowest = self._read(line.lowest_of)[0]
            self._progress(batch.changes[0][1] - lowest, count)
