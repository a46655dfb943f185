"""Stats as JSON: every number with its unit in the name of its key."""

from __future__ import annotations

from gitledger.core.forecast import Forecast
from gitledger.core.stats import GROUPS, Cycle, Stats
from gitledger.core.view import plain

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any


def stats_json(stats: Stats) -> dict[str, Any]:
    """Return the figures as JSON has them; days are those of the user's zone."""
    completed, days = len(stats.completed), len(stats.days)
    shown = [each.task for each in stats.questions] + [each.task for each in stats.running]
    titles = stats.titles(shown)
    return {
        "at": plain(stats.now),
        "since": plain(stats.since) if stats.since else None,
        "counts": {f"{status}_tasks": count for status, count in stats.counts.items()},
        "throughput": {
            "completed_tasks": completed,
            "tasks_per_day": round(completed / days, 3),
            "days": [
                {"date": day.isoformat(), "completed_tasks": count}
                for day, count in stats.days.items()
            ],
            "weeks": [
                {"monday": day.isoformat(), "completed_tasks": count}
                for day, count in stats.weeks.items()
            ],
        },
        "cycle_time": {
            "all": _cycle_json(stats.cycle),
            **{
                f"by_{name}": [
                    {name: key, **(_cycle_json(cycle) or {})}
                    for key, cycle in stats.cycle_by(name).items()
                ]
                for name in GROUPS
            },
        },
        "statuses": [
            {
                "status": stay.status,
                "now_tasks": stay.now,
                "tasks": stay.tasks,
                "total_seconds": int(stay.total),
                "median_seconds": int(stay.median),
            }
            for stay in stats.stays
        ],
        "questions": [
            {
                "task": question.task,
                "title": titles.get(question.task),
                "since": plain(question.since),
                "waiting_seconds": int((stats.now - question.since).total_seconds()),
            }
            for question in stats.questions
        ],
        "running": list(_running_json(stats, titles)),
        "forecast": _forecast_json(stats.forecast),
    }


def _cycle_json(cycle: Cycle | None) -> dict[str, Any] | None:
    return (
        None
        if cycle is None
        else {
            "tasks": cycle.tasks,
            "median_seconds": int(cycle.median),
            "percentile_85_seconds": int(cycle.percentile_85),
        }
    )


def _running_json(stats: Stats, titles: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    for each in stats.running:
        yield {
            "task": each.task,
            "title": titles.get(each.task),
            "session": each.session,
            "progress_percent": each.progress,
            "elapsed_seconds": None if each.elapsed is None else int(each.elapsed.total_seconds()),
            "expected_end": plain(each.expected_end.replace(microsecond=0))
            if each.expected_end
            else None,
        }


def _forecast_json(found: Forecast) -> dict[str, Any]:
    return {
        "remaining_tasks": found.remaining,
        "history_days": found.days,
        "history_completed_tasks": found.completed,
        "runs": found.runs,
        "dates": [
            {"percent": percent, "date": day.isoformat() if day else None}
            for percent, day in found.dates
        ],
        "reason": found.reason,
    }
