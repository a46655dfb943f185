"""A forecast of the rest by Monte Carlo: the days to come are drawn from the days that were.

Every run draws days until the rest is done; how many runs are done by a day says how likely that
is. New tasks are not foreseen. The method is that of throughput forecasts in flow metrics: it
takes no estimate, and gives a spread, never one number.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Protocol

from gitledger.core.dataclass import dataclass

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Final

LIKELY: Final = (50, 85, 95)
"""Per cent of the runs that are done by the dates of a forecast."""
RUNS: Final = 1000
"""How often the rest is played: the dates hardly move any more with more runs."""
WINDOW: Final = 84
"""Days of history, before today, that are drawn from: what was earlier is another pace."""
LEAST_DAYS: Final = 7
LEAST_COMPLETED: Final = 5
"""With a shorter history, or with fewer tasks completed in it, there is no forecast."""
HORIZON: Final = 3650
"""Days after which nothing is foreseen any more."""

_DRAWN: Final = 32
"""Days that are drawn at once."""


class Chance(Protocol):
    """A source of randomness, as `random.Random` is one."""

    def choices(self, population: Sequence[int], *, k: int) -> list[int]:
        """Return so many draws from the population."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """When the rest should be done.

    Attributes:
        remaining: the tasks that are not finished.
        days: the whole days of history that are drawn from.
        completed: the tasks that were completed in them.
        runs: how often the rest was played; 0 where there is no forecast.
        dates: by per cent of the runs, the day by which they are done; None: after the horizon.
        reason: why there is no forecast, None where there is one.
    """

    remaining: int
    days: int
    completed: int
    runs: int = 0
    dates: tuple[tuple[int, date | None], ...] = ()
    reason: str | None = None


def forecast(
    remaining: int, daily: Sequence[int], *, today: date, chances: Iterable[Chance]
) -> Forecast:
    """Return when so many tasks should be done.

    Args:
        remaining: how many are not finished.
        daily: how many were completed on each of the last whole days, the newest last.
        today: the day on which the rest begins.
        chances: a source of randomness for each run, so that a run is the same whatever is asked.
    """
    drawn = daily[-WINDOW:]
    history = Forecast(remaining=remaining, days=len(drawn), completed=sum(drawn))
    if not remaining:
        return _without(history, "nothing is left to do")
    if len(drawn) < LEAST_DAYS or sum(drawn) < LEAST_COMPLETED:
        return _without(
            history,
            f"too little history: {history.completed} done in {history.days} whole days; "
            f"a forecast needs {LEAST_COMPLETED} in {LEAST_DAYS}",
        )
    taken = sorted(days_until(remaining, drawn, chance) for chance in chances)
    dates = []
    for percent in LIKELY:
        days = taken[-(-percent * len(taken) // 100) - 1]  # that many are done by then, at least
        dates.append((percent, None if days > HORIZON else today + timedelta(days=days - 1)))
    return Forecast(
        remaining=remaining,
        days=history.days,
        completed=history.completed,
        runs=len(taken),
        dates=tuple(dates),
    )


def days_until(remaining: int, daily: Sequence[int], chance: Chance) -> int:
    """Return on which day, the first being 1, so many are done; more than the horizon: never."""
    days = 0
    while days <= HORIZON:
        for done in chance.choices(daily, k=_DRAWN):
            days += 1
            remaining -= done
            if remaining <= 0:
                return days
    return HORIZON + 1


def _without(history: Forecast, reason: str) -> Forecast:
    return Forecast(
        remaining=history.remaining,
        days=history.days,
        completed=history.completed,
        reason=reason,
    )
