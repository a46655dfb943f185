"""Yes-or-no questions about a task, and how they combine."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gitledger.core.view import TaskView

Predicate = Callable[[TaskView], bool]

# Loops, because a generator in `all` and `any` would take three times as long.


def every(predicates: Sequence[Predicate]) -> Predicate:
    """Return the predicate that holds where all of them do; without any, everywhere."""
    if len(predicates) == 1:
        return predicates[0]

    def holds(view: TaskView) -> bool:
        for predicate in predicates:  # noqa: SIM110
            if not predicate(view):
                return False
        return True

    return holds


def some(predicates: Sequence[Predicate]) -> Predicate:
    """Return the predicate that holds where at least one of them does; without any, nowhere."""
    if len(predicates) == 1:
        return predicates[0]

    def holds(view: TaskView) -> bool:
        for predicate in predicates:  # noqa: SIM110
            if predicate(view):
                return True
        return False

    return holds


def negation(predicate: Predicate) -> Predicate:
    """Return the predicate that holds where the other does not."""
    return lambda view: not predicate(view)
