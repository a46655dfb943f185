"""Axes of pictures: which marks they have, and where."""

from __future__ import annotations

from datetime import datetime
from math import floor, log10
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final

_DAY: Final = 86_400
_MONTHS: Final = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)


class Tick(NamedTuple):
    """A mark of an axis: where, between 0 and 1, and what stands there."""

    place: float
    label: str


def count_ticks(highest: int, most: int) -> list[Tick]:
    """Return ticks of whole numbers from 0 on, at most so many and not less than two."""
    step = 1
    while highest / step >= max(most, 2):
        digits = 10 ** floor(log10(step))
        step = digits * {1: 2, 2: 5, 5: 10}[step // digits]
    return [Tick(at / max(highest, 1), str(at)) for at in range(0, max(highest, 1) + 1, step)]


def time_ticks(
    local: Callable[[float], datetime], begin: float, end: float, most: int
) -> list[Tick]:
    """Return ticks of a time: days, or hours where it is short.

    Args:
        local: returns the time, in the user's zone, of seconds since the epoch.
        begin, end: seconds since the epoch.
        most: at most so many.
    """
    most = max(most, 2)
    long = end - begin >= 2 * _DAY
    found: list[Tick] = []
    for number in range(most):
        place = number / (most - 1)
        at = local(begin + (end - begin) * place)
        day = f"{_MONTHS[at.month - 1]} {at.day}"
        label = day if long else f"{at:%H:%M}" if number else f"{day} {at:%H:%M}"
        if not found or found[-1].label != label:
            found.append(Tick(place, label))
    return found


_SPANS: Final = (
    (1, "1 s"),
    (10, "10 s"),
    (60, "1 min"),
    (600, "10 min"),
    (3600, "1 h"),
    (6 * 3600, "6 h"),
    (_DAY, "1 day"),
    (7 * _DAY, "1 week"),
    (30 * _DAY, "30 days"),
    (365 * _DAY, "1 year"),
    (3650 * _DAY, "10 years"),
)


class Spread:
    """An axis of spans of time, on which ten times as long is as far everywhere.

    Args:
        values: the seconds that have to find a place on it.
    """

    def __init__(self, values: Sequence[float]) -> None:
        low, high = max(min(values), 1), max(*values, 1)
        below = [size for size, _ in _SPANS if size <= low]
        above = [size for size, _ in _SPANS if size >= high]
        self._low = log10(below[-1])
        self._high = log10(above[0] if above else high)
        if self._high <= self._low:
            self._high = self._low + 1

    def place(self, seconds: float) -> float:
        """Return where so many seconds are, between 0 and 1."""
        found = (log10(max(seconds, 1)) - self._low) / (self._high - self._low)
        return min(max(found, 0), 1)

    def ticks(self) -> list[Tick]:
        """Return the ticks from the lowest to the highest."""
        on = ((log10(size), label) for size, label in _SPANS)
        return [
            Tick((at - self._low) / (self._high - self._low), label)
            for at, label in on
            if self._low <= at <= self._high
        ]
