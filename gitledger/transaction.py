"""Many verbs as one operation."""

from __future__ import annotations

from gitledger.core.claims import NOBODY, Silent
from gitledger.core.dataclass import dataclass, field
from gitledger.core.draft import Draft
from gitledger.core.task import Task
from gitledger.errors import InvalidInput
from gitledger.snapshot import Snapshot
from gitledger.verbs import Verbs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    T = TypeVar("T")


class Transaction(Verbs):
    """Verbs that become one operation; see `Ledger.transaction`.

    Each verb is carried out at once on the tasks as they were when the transaction began, so its
    result can be used by the next. Where the list has moved on when the transaction ends, all
    verbs are decided again: an error that one of them then raises leaves the list as it was.
    """

    def __init__(
        self,
        begin: Callable[[Callable[[int], bytes]], tuple[Snapshot, Draft]],
        write: Callable[[Snapshot, Draft], bool],
        random_bytes: Callable[[int], bytes],
        silent: Callable[[], Silent] = lambda: NOBODY,
    ) -> None:
        self._begin = begin
        self._look_for_silent = silent
        self._write = write
        self._tape = Tape(random_bytes)
        self._steps: list[_Step] = []
        self._ended = False
        self._snapshot, self._draft = begin(self._tape.draw)

    def task(self, name: str) -> Task:
        """Return a task as it is within the transaction."""
        return self._draft.get(name)

    def decide(self, verb: Callable[[Draft], T]) -> T:
        """Carry out a verb and return its result; one that fails leaves no trace.

        Raises:
            InvalidInput: the transaction has ended.
        """
        if self._ended:
            raise InvalidInput("the transaction has ended; what is said now would not be written")
        step, kept = _Step(verb), self._draft.kept()
        try:
            result: T = self._carry_out(step)
        except BaseException:
            self._draft.restore(kept)
            raise
        self._steps.append(step)
        return result

    def commit(self) -> list[Any]:
        """Write the operation, on whatever the list has come to, and return the verbs' results."""
        self._ended = True
        while not self._draft.empty and not self._write(self._snapshot, self._draft):
            self._snapshot, self._draft = self._begin(self._tape.draw)
            for step in self._steps:
                self._carry_out(step)
        return [step.result for step in self._steps]

    def end(self) -> None:
        """Take no more verbs."""
        self._ended = True

    def _do(self, name: str, verb: Callable[[Draft], T]) -> T:
        return self.decide(verb)

    def _silent(self) -> Silent:
        return self._look_for_silent()

    def _carry_out(self, step: _Step) -> Any:
        self._tape.play(step.reel)
        step.result = step.verb(self._draft)
        return step.result


@dataclass(slots=True)
class _Step:
    """A verb, the random bytes that it drew, and its latest result."""

    verb: Callable[[Draft], Any]
    reel: list[bytes] = field(default_factory=list)
    result: Any = None


class Tape:
    """Random bytes that a verb draws again when it is decided again: it makes the same ids.

    Every verb has a reel of its own, so that one which now draws more does not shift the others.
    """

    def __init__(self, random_bytes: Callable[[int], bytes]) -> None:
        self._random_bytes = random_bytes
        self._reel: list[bytes] = []
        self._place = 0

    def play(self, reel: list[bytes]) -> None:
        """Draw from this reel, from its beginning."""
        self._reel, self._place = reel, 0

    def draw(self, count: int) -> bytes:
        """Return that many random bytes: the next ones on the reel, or fresh ones at its end."""
        if self._place == len(self._reel):
            self._reel.append(self._random_bytes(count))
        self._place += 1
        return self._reel[self._place - 1]
