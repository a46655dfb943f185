"""Many verbs as one operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from gitledger.core.draft import Draft
from gitledger.core.task import Task
from gitledger.verbs import Verbs

if TYPE_CHECKING:
    from gitledger.ledger import Ledger

T = TypeVar("T")


class Transaction(Verbs):
    """Verbs that become one operation; see `Ledger.transaction`.

    Each verb is carried out at once on the tasks as they were at the first one, so its result can
    be used by the next. Where the list has moved on when the transaction ends, all verbs are
    decided again: an error that one of them then raises leaves the list as it was.
    """

    def __init__(self, ledger: Ledger, name: str, random_bytes: Callable[[int], bytes]) -> None:
        self._ledger = ledger
        self._name = name
        self._verbs: list[Callable[[Draft], Any]] = []
        self._tape = Tape(random_bytes)
        self._draft = ledger.draft(self._tape.draw)

    def task(self, name: str) -> Task:
        """Return a task as it is within the transaction."""
        return self._draft.get(name)

    def commit(self) -> None:
        """Write the operation."""
        self._ledger.operate(self._name, self._verbs, self._tape)

    def _do(self, name: str, verb: Callable[[Draft], T]) -> T:
        changed, mark = dict(self._draft.changed), self._tape.mark
        try:
            result = verb(self._draft)
        except BaseException:
            self._draft.changed = changed
            self._tape.forget(mark)
            raise
        self._verbs.append(verb)
        return result


class Tape:
    """Random bytes that can be drawn again, so that a verb decided again makes the same ids."""

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self._random_bytes = random_bytes
        self._drawn: list[bytes] = []
        self.mark = 0

    def draw(self, count: int) -> bytes:
        """Return that many random bytes: the next ones on the tape, or fresh ones at its end."""
        if self.mark == len(self._drawn):
            self._drawn.append(self._random_bytes(count))
        self.mark += 1
        return self._drawn[self.mark - 1]

    def rewind(self) -> None:
        """Go back to the beginning."""
        self.mark = 0

    def forget(self, mark: int) -> None:
        """Go back to a mark and drop what was drawn since."""
        del self._drawn[mark:]
        self.mark = mark
