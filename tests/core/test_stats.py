"""The figures, checked by hand, and against `statistics` where that knows them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from statistics import median, quantiles
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitledger.core.spells import Move, pasts
from gitledger.core.stats import Cycle, Running, Stats, amount, percentile
from gitledger.core.statsjson import stats_json

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
NOW = MONDAY + timedelta(days=9, hours=12)
"""The Wednesday of the week after."""
HOUR = 3600


def at(hours: float) -> int:
    return int(MONDAY.timestamp() + hours * HOUR)


def done(
    task: str,
    start: float,
    end: float,
    *,
    session: str = "ada",
    type: str = "task",  # noqa: A002  # the contract's word
    labels: tuple[str, ...] = (),
) -> list[Move]:
    """A task that was made an hour before its start, and was completed."""
    took = int((end - start) * HOUR)
    return [
        Move(task, at(start - 1), "pending", None, type, labels, None),
        Move(task, at(start), "in_progress", session, type, labels, None),
        Move(task, at(end), "completed", session, type, labels, took),
    ]


def moves(task: str, *steps: tuple[float, str]) -> list[Move]:
    """A task that nobody completes."""
    return [Move(task, at(hours), status, "ada", "task", (), None) for hours, status in steps]


def stats(*tasks: list[Move], since: datetime | None = None, **given: Any) -> Stats:
    found = (move for task in tasks for move in task)
    return Stats(
        pasts(found, int(NOW.timestamp())),
        now=NOW,
        since=since,
        local=lambda at: datetime.fromtimestamp(at, UTC),
        **given,
    )


THREE = (
    done("a", 1, 2, type="bug", labels=("api",)),
    done("b", 24, 27, labels=("api", "web")),
    done("c", 8 * 24, 8 * 24 + 10, session="grace"),
)


def test_throughput_by_day_and_week_has_the_days_without_any() -> None:
    found = stats(*THREE)
    assert list(found.days.values()) == [1, 1, 0, 0, 0, 0, 0, 0, 1, 0]
    assert list(found.days)[::9] == [date(2026, 3, 2), date(2026, 3, 11)]
    assert found.weeks == {date(2026, 3, 2): 2, date(2026, 3, 9): 1}


def test_cycle_times_by_type_label_and_session() -> None:
    found = stats(*THREE)
    assert found.cycle == Cycle(tasks=3, median=3 * HOUR, percentile_85=7.9 * HOUR)
    assert {key: each.median / HOUR for key, each in found.cycle_by("type").items()} == {
        "task": 6.5,
        "bug": 1,
    }
    assert {key: each.tasks for key, each in found.cycle_by("label").items()} == {
        "api": 2,
        "web": 1,
    }
    assert list(found.cycle_by("session")) == ["ada", "grace"]


def test_what_was_earlier_is_left_out() -> None:
    found = stats(*THREE, since=MONDAY + timedelta(days=1))
    assert [past.task for _, past in found.completed] == ["b", "c"]
    assert len(found.days) == 9
    assert {stay.status: stay.total / HOUR for stay in found.stays}["in_progress"] == 13


def test_a_since_in_the_future_leaves_today_alone() -> None:
    found = stats(*THREE, since=NOW + timedelta(days=3))
    assert found.days == {date(2026, 3, 11): 0}
    assert found.cycle is None
    assert stats_json(found)["throughput"]["tasks_per_day"] == 0


def test_without_tasks_there_are_no_figures() -> None:
    found = stats()
    assert (found.days, found.cycle, found.questions) == ({date(2026, 3, 11): 0}, None, ())
    assert found.forecast.reason == "nothing is left to do"
    assert stats_json(found)["cycle_time"]["all"] is None


def test_time_in_each_status_is_that_of_all_spells_together() -> None:
    one = moves("a", (0, "pending"), (2, "waiting"), (5, "pending"), (6, "cancelled"))
    other = moves("b", (0, "waiting"), (1, "pending"), (210, "in_progress"))
    found = {stay.status: stay for stay in stats(one, other).stays}
    pending, waiting, running = found["pending"], found["waiting"], found["in_progress"]
    assert (pending.total, pending.median) == (212 * HOUR, 106 * HOUR)
    assert (waiting.total, waiting.tasks, waiting.now) == (4 * HOUR, 2, 0)
    assert (running.total, running.now) == (18 * HOUR, 1)
    assert list(found) == ["pending", "in_progress", "waiting", "in_review"]


def test_open_questions_wait_since_they_were_asked_whoever_holds_the_task() -> None:
    first = [
        Move("a", at(0), "waiting", None, "task", (), None),
        Move("a", at(20), "waiting", "ada", "task", (), None),
    ]
    second = moves("b", (0, "waiting"), (1, "pending"), (30, "waiting"))
    found = stats(first, second).questions
    assert [(each.task, each.since) for each in found] == [
        ("a", MONDAY),
        ("b", MONDAY + timedelta(hours=30)),
    ]


def test_what_came_in_finished_is_no_throughput() -> None:
    ticked = [Move("x", at(3), "completed", None, "task", (), None)]
    found = stats(*THREE, ticked)
    assert sum(found.days.values()) == 3
    assert found.counts["completed"] == 4


def test_a_forecast_takes_the_days_before_today() -> None:
    daily = [done(f"t{day}", day * 24 + 1, day * 24 + 2) for day in range(10)]
    left = [moves(f"l{number}", (0, "pending")) for number in range(3)]
    found = stats(*daily, *left, chances=lambda: map(Random, range(50)))
    assert (found.forecast.remaining, found.forecast.days, found.forecast.completed) == (3, 9, 9)
    assert found.forecast.dates[0] == (50, date(2026, 3, 13))


def test_every_number_in_json_has_its_unit_in_its_name() -> None:
    running = Running(
        task="a", session=None, progress=5, elapsed=timedelta(hours=1), expected_end=NOW
    )
    found = stats(*THREE, moves("q", (0, "waiting")), running=[running])
    units = ("tasks", "seconds", "days", "percent", "runs", "per_day")

    def check(value: Any, key: str) -> None:
        if isinstance(value, dict):
            for name, item in value.items():
                check(item, name)
        elif isinstance(value, list):
            for item in value:
                check(item, key)
        elif isinstance(value, int | float):
            assert key.endswith(units), key

    whole = stats_json(found)
    check(whole, "")
    assert whole["questions"][0]["waiting_seconds"] == 228 * HOUR
    assert whole["running"][0]["expected_end"] == "2026-03-11T12:00:00Z"


@given(st.lists(st.integers(0, 10**8), min_size=2, max_size=60))
def test_percentiles_are_those_of_statistics(values: list[int]) -> None:
    values.sort()
    expected = quantiles(values, n=100, method="inclusive")
    for percent in (1, 50, 85, 99):
        assert percentile(values, percent) == pytest.approx(expected[percent - 1])
    assert percentile(values, 50) == pytest.approx(median(values))


def test_the_percentile_of_one_value_is_that_value() -> None:
    assert percentile([7], 85) == 7


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3569, "59 min"),
        (3600, "1 h"),
        (5400, "1.5 h"),
        (86_399, "24 h"),
        (86_400, "1 day"),
        (200_000, "2.3 days"),
        (315.9 * 86_400, "316 days"),
    ],
)
def test_spans_of_time_are_told_in_the_unit_that_suits_them(seconds: float, words: str) -> None:
    assert amount(seconds) == words
