"""What a query asks for, as data, where that can be said without looking at a task itself.

A criterion is a tree of questions about single fields. Where a query asks what only a task can
answer, a part is unknown; then `widest` means all the tasks that may be meant.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Final


class Criterion:
    """Which tasks are meant, as far as that is known."""

    __slots__ = ()

    @property
    def exact(self) -> bool:
        """Whether it means exactly the tasks that are meant."""
        return True

    def widest(self) -> Criterion:
        """Return the exact criterion of all the tasks that may be meant."""
        return self

    def narrowest(self) -> Criterion:
        """Return the exact criterion of those that are meant for sure."""
        return self


class Among(Criterion):
    """A field has one of these values, or one of its values is among them.

    Attributes:
        field: `status`, `priority`, `type`, `owner`, `role`, `parent`, `label`, `due`; or a
            question, whose values are True and False: `review`, `finished`, `ready`, `blocked`,
            `conflicted`.
        values: which; None stands for an unset field. Of `due`, None is all there may be.
    """

    __slots__ = ("field", "values")

    def __init__(self, field: str, values: Iterable[str | bool | None]) -> None:
        self.field = field
        self.values = frozenset(values)


class Fits(Criterion):
    """A word field is set, and its value, or one of its values, passes a check.

    Attributes:
        field: `owner`, `type`, `role`, `parent` or `label`.
        check: tells whether a value fits.
    """

    __slots__ = ("check", "field")

    def __init__(self, field: str, check: Callable[[str], bool]) -> None:
        self.field = field
        self.check = check


class Starting(Criterion):
    """The id starts with this prefix."""

    __slots__ = ("prefix",)

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix


class Telling(Criterion):
    """This text is somewhere in the task, in whichever field; case does not matter."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class Unknown(Criterion):
    """What has to be asked of the task itself."""

    __slots__ = ()

    @property
    def exact(self) -> bool:
        """It never is."""
        return False

    def widest(self) -> Criterion:
        """Return the criterion of all tasks."""
        return EVERYTHING

    def narrowest(self) -> Criterion:
        """Return the criterion of none."""
        return NOTHING


class _Joined(Criterion):
    """Parts that are asked together."""

    __slots__ = ("parts",)

    def __init__(self, parts: Iterable[Criterion]) -> None:
        self.parts = tuple(parts)

    @property
    def exact(self) -> bool:
        """Whether all parts are."""
        return all(part.exact for part in self.parts)

    def widest(self) -> Criterion:
        """Return the same of the widest parts."""
        return type(self)(part.widest() for part in self.parts)

    def narrowest(self) -> Criterion:
        """Return the same of the narrowest parts."""
        return type(self)(part.narrowest() for part in self.parts)


class Every(_Joined):
    """All of the parts hold; without any, this is every task."""

    __slots__ = ()


class Some(_Joined):
    """At least one of the parts holds; without any, this is no task."""

    __slots__ = ()


class Negation(Criterion):
    """The part does not hold."""

    __slots__ = ("part",)

    def __init__(self, part: Criterion) -> None:
        self.part = part

    @property
    def exact(self) -> bool:
        """Whether the part is."""
        return self.part.exact

    def widest(self) -> Criterion:
        """Return all but what the part holds of for sure."""
        return Negation(self.part.narrowest())

    def narrowest(self) -> Criterion:
        """Return all but what the part may hold of."""
        return Negation(self.part.widest())


EVERYTHING: Final = Every(())
NOTHING: Final = Some(())
UNKNOWN: Final = Unknown()

FINISHED: Final = Among("finished", (True,))
UNFINISHED: Final = Among("finished", (False,))
READY: Final = Among("ready", (True,))
BLOCKED: Final = Among("blocked", (True,))
WAITING: Final = Among("status", ("waiting",))
CONFLICTED: Final = Among("conflicted", (True,))
"""Questions that are asked often, by whoever has no query."""


def held_by(session: str) -> Criterion:
    """Return the criterion of the tasks that a session owns, finished or not."""
    return Among("owner", (session,))


def work_of(session: str) -> Criterion:
    """Return the criterion of the unfinished tasks that a session owns."""
    return Every((held_by(session), UNFINISHED))


def narrowed(criterion: Criterion) -> Criterion:
    """Return the criterion of some tasks that this one means: which ones has to be asked."""
    return Every((criterion, UNKNOWN))
