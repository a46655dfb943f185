"""The forecast: hand-checked where there is no chance, and by its laws where there is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import islice, repeat
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from gitledger.core.forecast import HORIZON, LEAST_DAYS, LIKELY, WINDOW, Forecast, forecast

TODAY = date(2026, 3, 2)
DAILY = st.lists(st.integers(0, 9), min_size=LEAST_DAYS, max_size=40).filter(lambda d: sum(d) >= 5)


def chances(seed: str, runs: int = 60) -> list[Random]:
    return [Random(f"{seed} {run}") for run in range(runs)]


def of(remaining: int, daily: Sequence[int], seed: str = "x") -> Forecast:
    return forecast(remaining, daily, today=TODAY, chances=chances(seed))


def dates(found: Forecast) -> list[date | None]:
    assert [percent for percent, _ in found.dates] == list(LIKELY)
    return [day for _, day in found.dates]


def test_the_same_every_day_leaves_nothing_to_chance() -> None:
    assert dates(of(10, [2] * 7)) == [date(2026, 3, 6)] * 3  # five days, today is the first
    assert dates(of(1, [2] * 7)) == [TODAY] * 3
    assert dates(of(11, [2] * 7)) == [date(2026, 3, 7)] * 3


class Ladder:
    """Runs that take 1, 2, 3 … days: the first task comes after so many days without any."""

    def __init__(self, days: int) -> None:
        self.drawn = [*repeat(0, days - 1), *repeat(1, 10_000)]

    def choices(self, population: Sequence[int], *, k: int) -> list[int]:
        part, self.drawn = self.drawn[:k], self.drawn[k:]
        return part


def test_a_date_is_the_first_by_which_that_many_of_the_runs_are_done() -> None:
    ladder = [Ladder(days) for days in range(100, 0, -1)]
    found = forecast(1, [1] * 7, today=TODAY, chances=ladder)
    assert found.dates == tuple((each, TODAY + timedelta(days=each - 1)) for each in LIKELY)
    assert (found.runs, found.reason) == (100, None)


def test_too_little_history_gives_a_reason_and_no_number() -> None:
    short, quiet = of(3, [9] * 6), of(3, [0] * 30 + [4])
    assert short.dates == quiet.dates == ()
    assert short.reason == ("too little history: 54 done in 6 whole days; a forecast needs 5 in 7")
    assert str(quiet.reason).startswith("too little history: 4 done")
    assert of(3, []).reason is not None


def test_nothing_left_needs_no_forecast() -> None:
    assert of(0, [1] * 30).reason == "nothing is left to do"


def test_only_the_last_weeks_count() -> None:
    found = of(5, [50] * 100 + [1] * WINDOW)
    assert (found.days, found.completed) == (WINDOW, WINDOW)
    assert dates(found) == [date(2026, 3, 6)] * 3


def test_what_would_take_a_lifetime_has_no_date() -> None:
    assert dates(of(HORIZON * 2, [1] * 7)) == [None] * 3
    assert dates(of(HORIZON, [1] * 7)) == [TODAY + timedelta(days=HORIZON - 1)] * 3


@given(DAILY, st.integers(1, 300), st.integers(0, 50), st.text(max_size=3))
def test_more_work_is_never_done_sooner(
    daily: list[int], remaining: int, more: int, seed: str
) -> None:
    def days(count: int) -> list[date]:
        return [day or date.max for day in dates(of(count, daily, seed))]

    fewer, most = days(remaining), days(remaining + more)
    assert all(one <= other for one, other in zip(fewer, most, strict=True))
    assert fewer == sorted(fewer)


@given(DAILY, st.integers(1, 300))
def test_the_same_chances_give_the_same_forecast(daily: list[int], remaining: int) -> None:
    assert of(remaining, daily) == of(remaining, daily)


@given(DAILY, st.integers(1, 300))
def test_it_is_never_sooner_than_the_best_days_would_have_it(
    daily: list[int], remaining: int
) -> None:
    best = TODAY + timedelta(days=-(-remaining // max(daily)) - 1)
    assert all(day is None or day >= best for day in dates(of(remaining, daily)))


def test_a_run_draws_no_more_than_it_needs() -> None:
    drawn: list[int] = []

    class Counting:
        def choices(self, population: Sequence[int], *, k: int) -> list[int]:
            drawn.append(k)
            return list(islice(repeat(9), k))

    forecast(9, [9] * 7, today=TODAY, chances=[Counting()])
    assert len(drawn) == 1
