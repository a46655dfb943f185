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
_MANY: Final = 1024
"""Short forms that are remembered: a list asks for each of its ids twice."""
_BITS: Final = 5
"""That one character of an id stands for."""
_LENGTH: Final = 10


class Shortening:
    """Returns the short forms of ids, as of one commit.

    Args:
        index: where the ids are.
        many: about so many ids will be asked for.
    """

    __slots__ = ("_asked", "_index", "_known", "_numbers")

    def __init__(self, index: Index, many: int = 0) -> None:
        self._index = index
        self._asked = many
        self._numbers: array[int] | None = None
        self._known: dict[str, str] = {}

    def __call__(self, task_id: str) -> str:
        """Return the shortest prefix, at least 4 characters; what is no id stays whole."""
        found = self._known.get(task_id)
        if found is None:
            found = self._shortened(task_id)
            if len(self._known) < _MANY:
                self._known[task_id] = found
        return found

    def _shortened(self, task_id: str) -> str:
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
    differ = 1 << _BITS * _LENGTH
    if place:
        differ = n ^ numbers[place - 1]
    if place < len(numbers) and numbers[place] == n:
        place += 1
    if place < len(numbers):
        differ = min(differ, n ^ numbers[place])
    # The last characters that differ from the nearest are not needed, apart from the first of them.
    return max(SHORTEST_SHOWN, _LENGTH + 1 + differ.bit_length() // -_BITS)
