"""Tasks that were asked for, in their order: looked at one after another, and forgotten again."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Final

    from gitledger.core.view import TaskView
    from gitledger.index import Index
    from gitledger.views import Views

_AT_ONCE: Final = 256
"""Tasks that are looked at together. So many are held; of a longer list no more than these."""


class Listing:
    """Views of tasks, made while somebody goes through them.

    It may be gone through again, and is the same each time: all as of one commit, whatever is
    written meanwhile.

    Args:
        index: where the tasks are.
        views: makes their views.
        numbers: the tasks, as the index numbers them, in their order.
        total: how many are meant, where a limit leaves some out.

    Raises:
        StoreFailed, Damaged: while one goes through it: a file that the index does not hold cannot
            be read.
    """

    __slots__ = ("_held", "_index", "_numbers", "_views", "total")

    def __init__(self, index: Index, views: Views, numbers: Sequence[int], total: int) -> None:
        self._index = index
        self._views = views
        self._numbers = numbers
        self._held: list[TaskView] | None = None
        self.total = total

    def __len__(self) -> int:
        return len(self._numbers)

    def __iter__(self) -> Iterator[TaskView]:
        if len(self) <= _AT_ONCE:
            if self._held is None:
                self._held = self._of(self._numbers)
            yield from self._held
            return
        for begin in range(0, len(self), _AT_ONCE):
            yield from self._of(self._numbers[begin : begin + _AT_ONCE])

    @property
    def ids(self) -> Iterator[str]:
        """The ids of the tasks, without a look at these."""
        from gitledger.index.rows import name

        return map(name, self._numbers)

    def widest(self, columns: Callable[[str], int], enough: int) -> int:
        """Return the columns that the widest title takes, or `enough` where that is less.

        Args:
            columns: returns those of one title, which are its characters where it is plain ASCII.
            enough: what is wider need not be known.
        """
        widest = 0
        for n, folded in self._index.titles(self._numbers):
            # Whatever becomes ASCII without its case takes as many columns, or fewer.
            if len(folded) > widest or not (folded.isascii() and folded.isprintable()):
                (row,) = self._index.numbered([n])
                widest = max(widest, columns(row.keys()["title"]))
                if widest >= enough:
                    return enough
        return widest

    def _of(self, numbers: Sequence[int]) -> list[TaskView]:
        return self._views.of(self._index.numbered(numbers))
