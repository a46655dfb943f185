"""Short forms of ids, for few tasks and for many: each the shortest that no other task has."""

from __future__ import annotations

from gitledger.core.ids import SHORTEST_SHOWN, shortest_prefix
from gitledger.index.rows import is_number, number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from array import array
    from typing import Final

    from gitledger.index import Index

_FEW: Final = 64
"""Ids that are looked up one by one, before all are read: 100,000 take as long as a thousand."""
_BITS: Final = 5
"""That one character of an id stands for."""
_LENGTH: Final = 10


class Shortening:
    """Returns the short forms of ids, as of one commit.

    Args:
        index: where the ids are.
    """

    __slots__ = ("_asked", "_index", "_numbers")

    def __init__(self, index: Index) -> None:
        self._index = index
        self._asked = 0
        self._numbers: array[int] | None = None

    def __call__(self, task_id: str) -> str:
        """Return the shortest prefix, at least 4 characters; what is no id stays whole."""
        if not is_number(task_id):
            return task_id
        if self._numbers is None:
            self._asked += 1
            if self._asked <= _FEW:
                return shortest_prefix(task_id, self._index.beside(task_id))
            self._numbers = self._index.all_numbers()
        return task_id[: _needed(number(task_id), self._numbers)]


def _needed(n: int, numbers: array[int]) -> int:
    """Return how many characters tell an id from all others; numbers sort as ids do."""
    from bisect import bisect_left

    place = bisect_left(numbers, n)
    length = SHORTEST_SHOWN
    for other in numbers[max(place - 1, 0) : place + 2]:
        if other != n:
            differ = -((n ^ other).bit_length() // -_BITS)
            length = max(length, _LENGTH - differ + 1)
    return length
