"""What two lines of history have in common, found without a look at any date.

Both lines are walked at the same pace, from their ends down; what one has seen and the other
comes to is common, and so is everything below it that was seen already. Thus the walk ends where
the lines meet, however much history they share below, and whatever clocks said.
"""

from __future__ import annotations

from gitledger.errors import StoreFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Final, TypeAlias

    Parents: TypeAlias = Callable[[str], Sequence[str]]


"""Returns the parents of a commit."""

_ONE: Final = 1
_OTHER: Final = 2
_COMMON: Final = _ONE | _OTHER


def merge_bases(parents: Parents, one: str, other: str) -> set[str]:
    """Return the newest commits that both descend from: one, but for lines that cross.

    Raises:
        StoreFailed: a commit on the way cannot be read.
    """
    walk = _Walk(parents, [one], [other], straight=False)
    walk.meet()
    # Of several one may descend from another, which only the history below them can tell.
    while len(walk.met) > 1 and walk.go_on(_COMMON):
        pass
    if len(walk.met) > 1:
        walk.require(_COMMON)
    return walk.met


def line_without(parents: Parents, tip: str, without: Iterable[str]) -> list[str]:
    """Return the line of first parents from the tip down, newest first.

    Args:
        parents: returns the parents of a commit.
        tip: where to begin.
        without: commits that are left out together with all their ancestors.

    Raises:
        StoreFailed: a commit on the way cannot be read.
    """
    walk = _Walk(parents, [tip], without, straight=True)
    walk.meet()
    return [oid for oid in walk.line if walk.sides[oid] == _ONE]


class _Walk:
    """One walk from both ends.

    Args:
        parents: returns the parents of a commit.
        one: where one line begins.
        other: where the other begins.
        straight: whether the one line is that of first parents alone.
    """

    def __init__(
        self, parents: Parents, one: Iterable[str], other: Iterable[str], *, straight: bool
    ) -> None:
        self._parents = parents
        self._straight = straight
        self._known: dict[str, Sequence[str]] = {}
        self._fronts: dict[int, list[str]] = {_ONE: [], _OTHER: [], _COMMON: []}
        self._errors: dict[str, StoreFailed] = {}
        self.sides: dict[str, int] = {}
        """On which side each commit is that was seen."""
        self.met: set[str] = set()
        """The common commits of which no child is known to be common."""
        self.line: list[str] = []
        """The commits of the one line, in the order in which they were read."""
        for side, ends in ((_ONE, one), (_OTHER, other)):
            for end in ends:
                self._see(end, side)

    def meet(self) -> None:
        """Walk until all that is not common has been seen.

        A commit that cannot be read is an error only if it turns out not to be common.
        """
        # The common side walks along: it catches up with a line that has run past it.
        while self.go_on(_ONE) | self.go_on(_OTHER):
            self.go_on(_COMMON)
        for side in (_ONE, _OTHER):
            self.require(side)

    def go_on(self, side: int) -> bool:
        """Take one step down on a side; False when there is none left to take."""
        front, self._fronts[side] = self._fronts[side], []
        for oid in front:
            if self.sides[oid] == side:
                self._step(oid, side)
        return any(self.sides[oid] == side for oid in self._fronts[side])

    def require(self, side: int) -> None:
        """Raise what kept the walk from going on at a commit of a side."""
        for oid, error in self._errors.items():
            if self.sides[oid] == side:
                raise error

    def _step(self, oid: str, side: int) -> None:
        try:
            parents = self._known[oid] = self._parents(oid)
        except StoreFailed as error:
            self._errors[oid] = error
            return
        if side == _ONE:
            self.line.append(oid)
            if self._straight:
                parents = parents[:1]
        for parent in parents:
            self._see(parent, side)

    def _see(self, oid: str, side: int) -> None:
        pending = [(oid, side)]
        while pending:
            oid, side = pending.pop()
            if side == _COMMON:
                self.met.discard(oid)
            before = self.sides.get(oid, 0)
            after = self.sides[oid] = before | side
            if after == before:
                continue
            if after == _COMMON and side != _COMMON:
                self.met.add(oid)
            if after == _COMMON and oid in self._known:
                pending += [(parent, _COMMON) for parent in self._known[oid]]
            else:
                self._fronts[after].append(oid)
