"""Stats: how much gets done, how long it takes and where the time goes, told by the history."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from math import floor

from gitledger.core.dataclass import dataclass
from gitledger.core.forecast import Chance, Forecast, forecast
from gitledger.core.spells import Past
from gitledger.core.task import FINISHED, STATUSES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Final


def percentile(values: Sequence[float], percent: float) -> float:
    """Return below which value so many per cent of the sorted values are.

    Between two values it is interpolated, as `statistics.quantiles(…, method="inclusive")` does.
    """
    place = (len(values) - 1) * percent / 100
    low = floor(place)
    high = min(low + 1, len(values) - 1)
    return values[low] + (values[high] - values[low]) * (place - low)


def amount(seconds: float) -> str:
    """Return a span of time for people, in the unit that suits it: `40 min`, `3.5 h`, `2 days`."""
    size, unit = next((size, unit) for size, unit, limit in _UNITS if seconds < limit)
    whole = size < 3600 or seconds >= 10 * _DAY
    number = f"{seconds / size:.0f}" if whole else f"{seconds / size:.1f}".removesuffix(".0")
    return f"{number} {unit[:-1] if number == '1' and size == _DAY else unit}"


_DAY: Final = 86_400
_UNITS: Final = (
    (1, "s", 60),
    (60, "min", 3600),
    (3600, "h", _DAY),
    (_DAY, "days", 10**18),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycle:
    """How long completed tasks took from their start.

    Attributes:
        tasks: how many there are.
        median, percentile_85: seconds; half of them, and 85 per cent, took at most that long.
    """

    tasks: int
    median: float
    percentile_85: float

    @classmethod
    def of(cls, took: Iterable[int]) -> Cycle | None:
        """Return what so many seconds each come to; None of none."""
        values = sorted(took)
        if not values:
            return None
        return cls(
            tasks=len(values),
            median=percentile(values, 50),
            percentile_85=percentile(values, 85),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """The time that tasks spent in one status.

    Attributes:
        status: which.
        now: how many tasks are in it.
        tasks: how many have been.
        total, median: seconds, of all of them together, and of one.
    """

    status: str
    now: int
    tasks: int
    total: float
    median: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A task that waits for an answer, and since when, UTC."""

    task: str
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A task in progress.

    Attributes:
        task: its id.
        session: who holds it.
        progress: per cent, None where nobody has said.
        elapsed: since its start; None where it has none.
        expected_end: when it should be completed, UTC; None where nobody knows. It may be past.
    """

    task: str
    session: str | None
    progress: int | None
    elapsed: timedelta | None
    expected_end: datetime | None


class Stats:
    """The figures of some tasks, as of one moment. What nobody asks for is not computed.

    Args, which are attributes, too:
        pasts: what has become of each task.
        now: the time, UTC.
        since: what was earlier is left out of throughput, cycle times and stays; None: all counts.
        local: returns the time, in the user's zone, of seconds since the epoch.
        running: the tasks in progress.
        titles: returns the titles of some tasks by their ids; what is put away may be missing.
        short: returns the short form of an id that people read.
        chances: returns the sources of randomness for the forecast, one for each run.
        lost: how many old files of these tasks could not be read; what they told is left out.
    """

    def __init__(
        self,
        pasts: Iterable[Past],
        *,
        now: datetime,
        since: datetime | None = None,
        local: Callable[[float], datetime],
        running: Sequence[Running] = (),
        titles: Callable[[Iterable[str]], Mapping[str, str]] = lambda _: {},
        short: Callable[[str], str] = str,
        chances: Callable[[], Iterable[Chance]] = tuple,
        lost: int = 0,
    ) -> None:
        self.pasts = tuple(pasts)
        self.now = now
        self.since = since
        self.local = local
        self.running = tuple(running)
        self.titles = titles
        self.short = short
        self.lost = lost
        self._chances = chances

    def day(self, at: float) -> date:
        """Return the day, in the user's zone, of seconds since the epoch."""
        return self.local(at).date()

    @property
    def today(self) -> date:
        """The day of now."""
        return self.day(self.now.timestamp())

    @cached_property
    def begin(self) -> float:
        """When the figures begin, in seconds since the epoch: `since`, or the first task's."""
        first = min((past.spells[0].since for past in self.pasts), default=self.now.timestamp())
        since = first if self.since is None else max(self.since.timestamp(), first)
        return min(since, self.now.timestamp())

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many tasks are in each status now."""
        found = Counter(past.status for past in self.pasts)
        return {status: found[status] for status in STATUSES}

    @cached_property
    def completed(self) -> tuple[tuple[float, Past], ...]:
        """The tasks that were completed, and when, in seconds since the epoch; the oldest first.

        What was reopened counts once it is completed again, what came in finished never.
        """
        since = self.since.timestamp() if self.since else None
        found = [(past.completed, past) for past in self.pasts]
        return tuple(
            sorted(
                (at, past)
                for at, past in found
                if at is not None and (since is None or at >= since)
            )
        )

    def names(self, tasks: Iterable[str]) -> dict[str, str]:
        """Return how people read tasks' names: short ids and titles, not escaped."""
        wanted = list(dict.fromkeys(tasks))
        titles = self.titles(wanted)
        return {task: f"{self.short(task)} {titles.get(task, '')}".rstrip() for task in wanted}

    # -- throughput ----------------------------------------------------------------------------

    @cached_property
    def days(self) -> dict[date, int]:
        """How many tasks were completed on each day from the first on; today is the last."""
        begin, today = self.day(self.begin), self.today
        found = {begin + timedelta(days=number): 0 for number in range((today - begin).days + 1)}
        for at, _ in self.completed:
            found[self.day(at)] += 1
        return found

    @cached_property
    def weeks(self) -> dict[date, int]:
        """The same by weeks, which begin with their Mondays; the first and last may be parts."""
        found: dict[date, int] = {}
        for day, completed in self.days.items():
            monday = day - timedelta(days=day.weekday())
            found[monday] = found.get(monday, 0) + completed
        return found

    # -- times ---------------------------------------------------------------------------------

    @cached_property
    def cycle(self) -> Cycle | None:
        """How long tasks took; None where none was started and completed."""
        return Cycle.of(past.took for _, past in self.completed if past.took is not None)

    def cycle_by(self, name: str) -> dict[str, Cycle]:
        """Return the same by `type`, `label` or `session`, where most was completed first."""
        found: dict[str, list[int]] = {}
        for _, past in self.completed:
            if past.took is not None:
                for key in _GROUPS[name](past):
                    found.setdefault(key, []).append(past.took)
        cycles = {key: cycle for key, took in found.items() if (cycle := Cycle.of(took))}
        return dict(sorted(cycles.items(), key=lambda item: (-item[1].tasks, item[0])))

    @cached_property
    def stays(self) -> tuple[Stay, ...]:
        """The time that tasks spent in each status that is not the end."""
        now, since = self.now.timestamp(), self.since.timestamp() if self.since else None
        found: dict[str, list[float]] = {each: [] for each in STATUSES if each not in FINISHED}
        for past in self.pasts:
            spent: dict[str, float] = {}
            for spell in past.spells:
                until = now if spell.until is None else spell.until
                begin = spell.since if since is None else max(spell.since, since)
                if spell.status in found and until >= begin:
                    spent[spell.status] = spent.get(spell.status, 0) + until - begin
            for status, seconds in spent.items():
                found[status].append(seconds)
        return tuple(
            Stay(
                status=status,
                now=self.counts[status],
                tasks=len(spent),
                total=sum(spent),
                median=percentile(sorted(spent), 50) if spent else 0.0,
            )
            for status, spent in found.items()
        )

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """The tasks that wait for an answer, the longest first."""
        found = sorted((_since(past), past.task) for past in self.pasts if past.status == "waiting")
        return tuple(
            Question(task=task, since=datetime.fromtimestamp(since, UTC)) for since, task in found
        )

    # -- the rest ------------------------------------------------------------------------------

    @cached_property
    def forecast(self) -> Forecast:
        """When the unfinished tasks should be done, by the throughput of the days before today."""
        daily = [completed for day, completed in self.days.items() if day < self.today]
        left = sum(count for status, count in self.counts.items() if status not in FINISHED)
        return forecast(left, daily, today=self.today, chances=self._chances())


def _since(past: Past) -> int:
    """Return since when a task is in its status, whoever held it meanwhile."""
    since = past.spells[-1].since
    for spell in reversed(past.spells):
        if spell.status != past.spells[-1].status:
            break
        since = spell.since
    return since


_GROUPS: Final[Mapping[str, Callable[[Past], Sequence[str]]]] = {
    "type": lambda past: [past.type],
    "label": lambda past: past.labels,
    "session": lambda past: [past.session] if past.session else [],
}
GROUPS: Final = tuple(_GROUPS)
"""By what cycle times are told."""
