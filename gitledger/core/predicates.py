"""Yes-or-no questions about a task, and how they combine."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gitledger.core import criteria
from gitledger.core.criteria import Criterion
from gitledger.core.view import TaskView

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

Predicate = Callable[[TaskView], bool]


class Condition(NamedTuple):
    """What has to hold of a task.

    Attributes:
        matches: tells whether it holds of a task with its view.
        criterion: the same as data, as far as it can be said so.
    """

    matches: Predicate
    criterion: Criterion


def both(*conditions: Condition) -> Condition:
    """Return the condition that all of them hold; without any, it holds everywhere."""
    return Condition(
        every([each.matches for each in conditions]),
        criteria.Every(each.criterion for each in conditions),
    )


def either(*conditions: Condition) -> Condition:
    """Return the condition that at least one of them holds; without any, it holds nowhere."""
    return Condition(
        some([each.matches for each in conditions]),
        criteria.Some(each.criterion for each in conditions),
    )


def opposite(condition: Condition) -> Condition:
    """Return the condition that the other does not hold."""
    return Condition(negation(condition.matches), criteria.Negation(condition.criterion))


# Loops, because a generator in `all` and `any` would take three times as long.


def every(predicates: Sequence[Predicate]) -> Predicate:
    """Return the predicate that holds where all of them do; without any, everywhere."""
    if len(predicates) == 1:
        return predicates[0]

    def holds(view: TaskView) -> bool:
        for predicate in predicates:  # noqa: SIM110  # see above
            if not predicate(view):
                return False
        return True

    return holds


def some(predicates: Sequence[Predicate]) -> Predicate:
    """Return the predicate that holds where at least one of them does; without any, nowhere."""
    if len(predicates) == 1:
        return predicates[0]

    def holds(view: TaskView) -> bool:
        for predicate in predicates:  # noqa: SIM110  # see above
            if predicate(view):
                return True
        return False

    return holds


def negation(predicate: Predicate) -> Predicate:
    """Return the predicate that holds where the other does not."""
    return lambda view: not predicate(view)
