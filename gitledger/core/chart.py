"""Pictures as data: what there is to draw, in seconds, tasks and sessions, for whatever width."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import NamedTuple

from gitledger.core.dataclass import dataclass
from gitledger.core.spells import Past
from gitledger.core.stats import Cycle, Stats
from gitledger.core.task import FINISHED
from gitledger.core.view import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Final

KINDS: Final = ("burnup", "cycle", "gantt")
"""The pictures that there are."""
DAYS: Final = 7
"""Days that a Gantt chart shows where nobody says since when."""

_WORK: Final = ("in_progress", "waiting")
"""The statuses that are drawn: in all others nobody works on the task, or another session does."""
_SAMPLES: Final = 200
"""Points of a burn-up in JSON."""
_DAY: Final = 86_400


class Level(NamedTuple):
    """How many tasks there are at some moment, without cancelled ones, and how many are done."""

    at: float
    done: int
    scope: int

    @property
    def words(self) -> tuple[str, str]:
        """How many are done, and of how many, as people read it."""
        return f"{self.done} done", f"of {self.scope} {'task' if self.scope == 1 else 'tasks'}"


@dataclass(frozen=True, slots=True)
class BurnUp:
    """Done and scope over time.

    Attributes:
        begin, end: seconds since the epoch.
        steps: the levels from some moment on, the oldest first; the first is that of `begin`.
    """

    begin: float
    end: float
    steps: tuple[Level, ...]

    @property
    def highest(self) -> int:
        """The most tasks that there have been."""
        return max(step.scope for step in self.steps)

    def sampled(self, count: int) -> list[Level]:
        """Return the levels at the ends of so many equal spans of the time."""
        found, place = [], 0
        for number in range(1, count + 1):
            at = self.begin + (self.end - self.begin) * number / count
            at = self.end if number == count else at
            while place + 1 < len(self.steps) and self.steps[place + 1].at <= at:
                place += 1
            found.append(self.steps[place]._replace(at=at))
        return found


class Point(NamedTuple):
    """A task that was completed: when, and how many seconds after its start."""

    at: float
    took: int
    task: str


@dataclass(frozen=True, slots=True)
class CycleTimes:
    """Completed tasks by when they were, and how long they took."""

    begin: float
    end: float
    points: tuple[Point, ...]
    cycle: Cycle | None


class Bar(NamedTuple):
    """A task, worked on by a session; `open` where it still is."""

    task: str
    status: str
    begin: float
    end: float
    open: bool


class Placed(NamedTuple):
    """A bar, from one place to another of the width that is drawn on; never empty."""

    left: int
    right: int
    bar: Bar


@dataclass(frozen=True, slots=True)
class Gantt:
    """What sessions worked on.

    Attributes:
        begin, end: seconds since the epoch.
        sessions: by name, each with its bars by their beginnings.
    """

    begin: float
    end: float
    sessions: tuple[tuple[str, tuple[Bar, ...]], ...]

    def lanes(self, bars: Iterable[Bar], width: int, *, least: int = 1) -> list[list[Placed]]:
        """Return bars side by side and in lanes, as few as it takes so that none covers another.

        Args:
            bars: those of a session.
            width: of the whole time.
            least: the width that a bar has at least, where that much is left of the whole.

        What was worked on stands above what only waited.
        """
        least = min(least, width)
        lanes: list[list[Placed]] = []
        for bar in bars:
            left = min(round(self._place(bar.begin) * width), width - least)
            right = min(max(round(self._place(bar.end) * width), left + least), width)
            lane = next((lane for lane in lanes if lane[-1].right <= left), None)
            if lane is None:
                lane = []
                lanes.append(lane)
            lane.append(Placed(left, right, bar))
        # Not all lanes may be drawn: those with work first, before those that only wait.
        return sorted(lanes, key=lambda lane: all(each.bar.status != _WORK[0] for each in lane))

    def _place(self, at: float) -> float:
        whole = self.end - self.begin
        return min(max((at - self.begin) / whole, 0), 1) if whole > 0 else 0


Chart = BurnUp | CycleTimes | Gantt


def chart(kind: str, stats: Stats) -> Chart:
    """Return one of the pictures that `KINDS` names."""
    makers: Mapping[str, Callable[[Stats], Chart]] = {
        "burnup": burn_up,
        "cycle": cycle_times,
        "gantt": gantt,
    }
    return makers[kind](stats)


def burn_up(stats: Stats) -> BurnUp:
    """Return done and scope over time."""
    changes: list[tuple[float, int, int]] = []
    for past in stats.pasts:
        changes += _level_changes(past)
    begin, end = stats.begin, stats.now.timestamp()
    done = scope = 0
    steps = [Level(begin, 0, 0)]
    for at, more_done, more_scope in sorted(changes):
        done, scope = done + more_done, scope + more_scope
        if at <= steps[-1].at:
            steps[-1] = steps[-1]._replace(done=done, scope=scope)
        else:
            steps.append(Level(at, done, scope))
    return BurnUp(begin, end, tuple(steps))


def _level_changes(past: Past) -> list[tuple[float, int, int]]:
    found: list[tuple[float, int, int]] = []
    level = (0, 0)
    for spell in past.spells:
        new = (int(spell.status == "completed"), int(spell.status != "cancelled"))
        if new != level:
            found.append((spell.since, new[0] - level[0], new[1] - level[1]))
            level = new
    last = past.spells[-1]
    if last.until is not None and last.status not in FINISHED:
        found.append((last.until, -level[0], -level[1]))
    return found


def cycle_times(stats: Stats) -> CycleTimes:
    """Return the completed tasks by when they were, and how long they took."""
    points = (
        Point(at, past.took, past.task) for at, past in stats.completed if past.took is not None
    )
    return CycleTimes(stats.begin, stats.now.timestamp(), tuple(points), stats.cycle)


def gantt(stats: Stats) -> Gantt:
    """Return what sessions worked on since then, or in the last days."""
    end = stats.now.timestamp()
    begin = stats.begin if stats.since else max(stats.begin, end - DAYS * _DAY)
    found: dict[str, list[Bar]] = {}
    for past in stats.pasts:
        for spell in past.spells:
            until = end if spell.until is None else spell.until
            if spell.status in _WORK and spell.session and until >= begin:
                bar = Bar(
                    past.task, spell.status, max(spell.since, begin), until, spell.until is None
                )
                found.setdefault(spell.session, []).append(bar)
    rows = (
        (name, tuple(sorted(bars, key=lambda bar: (bar.begin, bar.end, bar.task))))
        for name, bars in sorted(found.items())
    )
    return Gantt(begin, end, tuple(rows))


# -- as JSON --------------------------------------------------------------------------------------


def chart_json(found: Chart) -> dict[str, Any]:
    """Return what a picture shows."""
    whole: dict[str, Any] = {"begin": _moment(found.begin), "end": _moment(found.end)}
    if isinstance(found, BurnUp):
        points = [
            {"at": _moment(level.at), "done_tasks": level.done, "scope_tasks": level.scope}
            for level in found.sampled(_SAMPLES)
        ]
        return {"kind": "burnup", **whole, "points": points}
    if isinstance(found, CycleTimes):
        took = [
            {"task": point.task, "completed_at": _moment(point.at), "took_seconds": point.took}
            for point in found.points
        ]
        return {"kind": "cycle", **whole, "points": took}
    bars = [
        {
            "session": name,
            "task": bar.task,
            "status": bar.status,
            "begin": _moment(bar.begin),
            "end": None if bar.open else _moment(bar.end),
        }
        for name, of_session in found.sessions
        for bar in of_session
    ]
    return {"kind": "gantt", **whole, "bars": bars}


def _moment(at: float) -> Any:
    return plain(datetime.fromtimestamp(int(at), UTC))
