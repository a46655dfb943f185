"""Dates as people write them: what is understood, and that nothing else is guessed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone, tzinfo

import pytest
from dateutil.tz import tzstr
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core.dates import (
    day_span,
    describe_date,
    estimate_hours,
    parse_date,
    parse_duration,
    parse_moment,
    relative,
)
from gitledger.errors import InvalidInput

BERLIN = tzstr("CET-1CEST,M3.5.0,M10.5.0/3")
WEDNESDAY = datetime(2026, 11, 25, 9, 30, 15, 999, tzinfo=BERLIN)

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
WEEKDAY_WORDS = (*WEEKDAYS, *(name[:3] for name in WEEKDAYS))
UNDERSTOOD = (
    "2026-12-01",
    "2026-12-01T14:00",
    "2026-12-01 14:00:30 +0200",
    "today",
    "tomorrow",
    "yesterday",
    "now",
    "friday",
    "next friday",
    "last fri",
    "next month",
    "in 3 days",
    "in an hour",
    "2 hours ago",
    "14:00",
    "last friday at 9:30",
    "+2w",
    "-3d",
    "+1mo",
    "eow",
    "eom",
    "eoy",
    "none",
)

quick = settings(max_examples=80, deadline=None)
offsets = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))


def times(first: str, last: str) -> st.SearchStrategy[datetime]:
    """Aware times between two ISO dates, in all sorts of zones."""
    return st.datetimes(
        datetime.fromisoformat(first), datetime.fromisoformat(last), timezones=offsets
    )


nows = times("1900-01-01", "2200-01-01")


class BackAtMidnight(tzinfo):
    """A zone where at midnight after 2026-10-24 it is 23:00 again."""

    def utcoffset(self, when: datetime | None) -> timedelta:
        assert when is not None
        to_go = datetime.fromisoformat("2026-10-25") - when.replace(tzinfo=None)
        summer = to_go > timedelta(hours=1) or (to_go > timedelta(0) and not when.fold)
        return timedelta(hours=3 if summer else 2)


def moment(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


# -- dates -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-12-01", date(2026, 12, 1)),
        ("today", date(2026, 11, 25)),
        ("tomorrow", date(2026, 11, 26)),
        ("yesterday", date(2026, 11, 24)),
        ("friday", date(2026, 11, 27)),
        ("fri", date(2026, 11, 27)),
        ("next friday", date(2026, 11, 27)),
        ("last friday", date(2026, 11, 20)),
        ("wednesday", date(2026, 12, 2)),
        ("last wednesday", date(2026, 11, 18)),
        ("next week", date(2026, 12, 2)),
        ("last week", date(2026, 11, 18)),
        ("next month", date(2026, 12, 25)),
        ("last month", date(2026, 10, 25)),
        ("next year", date(2027, 11, 25)),
        ("in 3 days", date(2026, 11, 28)),
        ("in a week", date(2026, 12, 2)),
        ("3 days ago", date(2026, 11, 22)),
        ("a month ago", date(2026, 10, 25)),
        ("+2w", date(2026, 12, 9)),
        ("-3d", date(2026, 11, 22)),
        ("+1mo", date(2026, 12, 25)),
        ("+0d", date(2026, 11, 25)),
        ("eow", date(2026, 11, 29)),
        ("eom", date(2026, 11, 30)),
        ("eoy", date(2026, 12, 31)),
    ],
)
def test_a_day_is_understood_as_a_date(text: str, expected: date) -> None:
    value = parse_date(text, WEDNESDAY)
    assert type(value) is date
    assert value == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9:05", moment(2026, 11, 25, 8, 5)),
        ("yesterday 14:00", moment(2026, 11, 24, 13)),
        ("last monday at 09:30", moment(2026, 11, 23, 8, 30)),
        ("3 days ago 0:00", moment(2026, 11, 21, 23)),
        ("2026-12-01T14:00", moment(2026, 12, 1, 13)),
        ("2026-07-01 14:00:30", moment(2026, 7, 1, 12, 0, 30)),
        ("2026-12-01T14:00Z", moment(2026, 12, 1, 14)),
        ("2026-12-01T14:00:59.999Z", moment(2026, 12, 1, 14, 0, 59)),
        ("2026-12-01t14:00:00+02:00", moment(2026, 12, 1, 12)),
        ("2026-12-01 14:00:00 -0530", moment(2026, 12, 1, 19, 30)),
        ("now", moment(2026, 11, 25, 8, 30, 15)),
        ("in an hour", moment(2026, 11, 25, 9, 30, 15)),
        ("+1m", moment(2026, 11, 25, 8, 31, 15)),
        ("90 minutes ago", moment(2026, 11, 25, 7, 0, 15)),
        ("2 hours ago", moment(2026, 11, 25, 6, 30, 15)),
    ],
)
def test_a_time_is_understood_as_whole_seconds_in_utc(text: str, expected: datetime) -> None:
    value = parse_date(text, WEDNESDAY)
    assert isinstance(value, datetime)
    assert value == expected
    assert value.tzinfo is UTC
    assert value.microsecond == 0


def test_none_means_no_date() -> None:
    assert parse_date("None", WEDNESDAY) is None


def test_case_and_repeated_blanks_do_not_matter() -> None:
    assert parse_date("  NEXT \t Friday\n", WEDNESDAY) == date(2026, 11, 27)


def test_today_is_the_day_of_the_local_zone() -> None:
    late = datetime(2026, 11, 25, 23, 30, tzinfo=timezone(timedelta(hours=-8)))
    assert parse_date("today", late) == date(2026, 11, 25)
    assert parse_date("today", late.astimezone(UTC)) == date(2026, 11, 26)


def test_a_month_from_its_last_day_stays_within_the_next_month() -> None:
    assert parse_date("+1mo", datetime(2026, 1, 31, tzinfo=UTC)) == date(2026, 2, 28)


def test_a_year_from_a_leap_day_is_the_last_of_february() -> None:
    assert parse_date("next year", datetime(2028, 2, 29, tzinfo=UTC)) == date(2029, 2, 28)


def test_an_hour_is_an_hour_when_the_clocks_change() -> None:
    before = datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN)
    assert parse_date("in an hour", before) == moment(2026, 3, 29, 1, 30)


@given(nows, st.sampled_from(WEEKDAY_WORDS), st.sampled_from(["", "next "]))
@quick
def test_a_weekday_is_the_next_one_strictly_in_the_future(
    now: datetime, word: str, which: str
) -> None:
    value = parse_date(which + word, now)
    assert isinstance(value, date)
    assert value.weekday() == WEEKDAY_WORDS.index(word) % 7
    assert now.date() < value <= now.date() + timedelta(days=7)


@given(nows, st.sampled_from(WEEKDAY_WORDS))
@quick
def test_last_weekday_is_strictly_in_the_past(now: datetime, word: str) -> None:
    value = parse_date(f"last {word}", now)
    assert isinstance(value, date)
    assert value.weekday() == WEEKDAY_WORDS.index(word) % 7
    assert now.date() - timedelta(days=7) <= value < now.date()


@given(nows)
@quick
def test_the_ends_of_week_month_and_year_are_the_last_day_of_each(now: datetime) -> None:
    week, month, year = (parse_date(word, now) for word in ("eow", "eom", "eoy"))
    today, day = now.date(), timedelta(days=1)
    assert week.isocalendar()[:2] == today.isocalendar()[:2]
    assert week.weekday() == 6
    assert (month.month, (month + day).day) == (today.month, 1)
    assert (year.year, (year + day).year) == (today.year, today.year + 1)


@given(nows, st.integers(0, 5000), st.sampled_from(["days", "weeks", "months", "years", "hours"]))
@quick
def test_in_n_units_and_plus_n_are_the_same_and_ago_is_minus(
    now: datetime, count: int, unit: str
) -> None:
    short = "mo" if unit == "months" else unit[0]
    assert parse_date(f"in {count} {unit}", now) == parse_date(f"+{count}{short}", now)
    if unit != "years" or count < now.year:
        assert parse_date(f"{count} {unit} ago", now) == parse_date(f"-{count}{short}", now)


@given(nows, st.dates())
@quick
def test_an_iso_date_comes_back_as_it_was_written(now: datetime, day: date) -> None:
    assert parse_date(day.isoformat(), now) == day


@given(nows, times("0002-01-01", "9998-01-01"))
@quick
def test_an_iso_time_comes_back_as_the_same_moment(now: datetime, when: datetime) -> None:
    when = when.replace(microsecond=0)
    assert parse_date(when.isoformat(), now) == when
    naive = when.replace(tzinfo=None)
    assert parse_date(naive.isoformat(" "), now) == naive.replace(tzinfo=now.tzinfo)


# -- what is not understood --------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "",
        "3",
        "1.5",
        "20261201",
        "2026-12",
        "2026-W10",
        "12/01/2026",
        "1 december",
        "2026-02-30",
        "2026-12-01T25:00",
        "2026-12-01T14:00+99:00",
        "2026-12-01 14",
        "0001-01-01T00:00+02:00",
        "3 days",
        "in 3",
        "in days",
        "in -3 days",
        "in 3 days ago",
        "+3 days ago",
        "in aday",
        "in 99999999999 days",
        "in 999999999 days",
        "in 999999999 years",
        "999999999 hours ago",
        "next eow",
        "next today",
        "friday friday",
        "eod",
    ],
)
def test_what_is_not_understood_is_named_with_a_hint(text: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_date(text, WEDNESDAY)
    assert caught.value.exit_code == 2
    assert f"'{text}'" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("tommorow", "did you mean 'tomorrow'?"),
        ("fryday", "did you mean 'friday'?"),
        ("nxt friday", "did you mean 'next friday'?"),
        ("3 days", "did you mean '+3 days'?"),
        ("2W", "did you mean '+2W'?"),
    ],
)
def test_a_near_miss_is_told_what_was_probably_meant(text: str, hint: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_date(text, WEDNESDAY)
    assert caught.value.hint == hint


def test_a_day_that_is_not_in_the_calendar_gets_the_forms_as_a_hint() -> None:
    with pytest.raises(InvalidInput, match="there is no date '2026-02-30'") as caught:
        parse_date("2026-02-30", WEDNESDAY)
    assert "2026-12-01" in str(caught.value.hint)


def test_a_message_is_one_line_whatever_the_text() -> None:
    with pytest.raises(InvalidInput, match="'some day' is no date"):
        parse_date("some\r\nday", WEDNESDAY)


@st.composite
def near_misses(draw: st.DrawFn) -> str:
    """Something understood, with one place cut out and something else put there."""
    text = draw(st.sampled_from(UNDERSTOOD))
    start = draw(st.integers(0, len(text)))
    end = draw(st.integers(start, min(start + 2, len(text))))
    return text[:start] + draw(st.text("0123456789 +-:.TZadgimnowxy", max_size=3)) + text[end:]


@given(st.one_of(st.text(), near_misses()), nows)
@settings(max_examples=120, deadline=None)
def test_any_text_is_understood_or_invalid_input(text: str, now: datetime) -> None:
    for parse in (parse_date, parse_moment, lambda text, now: parse_duration(text)):
        try:
            value = parse(text, now)
        except InvalidInput:
            continue
        if isinstance(value, datetime):
            assert value.tzinfo is UTC


# -- moments -----------------------------------------------------------------------------------


def test_a_day_as_a_moment_is_its_beginning_in_the_local_zone() -> None:
    assert parse_moment("today", WEDNESDAY) == moment(2026, 11, 24, 23)
    assert parse_moment("2026-07-01", WEDNESDAY) == moment(2026, 6, 30, 22)


def test_a_time_as_a_moment_is_itself() -> None:
    assert parse_moment("2 hours ago", WEDNESDAY) == moment(2026, 11, 25, 6, 30, 15)


def test_none_is_no_moment() -> None:
    with pytest.raises(InvalidInput, match="'none' is no point in time"):
        parse_moment("none", WEDNESDAY)


@pytest.mark.parametrize("text", ["Friday", "fri", "next friday"])
def test_a_coming_weekday_is_no_moment_to_look_back_at(text: str) -> None:
    with pytest.raises(InvalidInput, match="in the future: Fri 2026-11-27") as caught:
        parse_moment(text, WEDNESDAY)
    assert caught.value.hint == "did you mean 'last friday'?"


def test_the_last_weekday_is_a_moment() -> None:
    assert parse_moment("last friday", WEDNESDAY) == moment(2026, 11, 19, 23)


def test_a_day_spans_as_many_hours_as_it_has() -> None:
    first, last = day_span(date(2026, 3, 29), WEDNESDAY)
    assert (first, last.replace(microsecond=0)) == (
        moment(2026, 3, 28, 23),
        moment(2026, 3, 29, 21, 59, 59),
    )


def test_a_day_whose_last_hour_comes_twice_ends_with_the_second() -> None:
    _, last = day_span(date(2026, 10, 24), datetime(2026, 10, 1, tzinfo=BackAtMidnight()))
    assert last.replace(microsecond=0) == moment(2026, 10, 24, 21, 59, 59)


@given(nows, st.dates(date(2, 1, 1), date(9998, 1, 1)))
@quick
def test_the_days_follow_each_other_without_a_gap(now: datetime, day: date) -> None:
    _, last = day_span(day, now)
    following, _ = day_span(day + timedelta(days=1), now)
    assert following - last == timedelta(microseconds=1)


def test_a_day_that_sticks_out_of_the_calendar_is_invalid() -> None:
    with pytest.raises(InvalidInput, match="0001-01-01"):
        day_span(date.min, WEDNESDAY)


# -- what people read --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (date(2026, 11, 27), "Fri 2026-11-27"),
        (date(33, 4, 3), "Sun 0033-04-03"),
        (moment(2026, 11, 27, 13, 0, 59), "2026-11-27 14:00"),
        (moment(2026, 7, 1, 22), "2026-07-02 00:00"),
        (None, "none"),
    ],
)
def test_an_understood_date_is_echoed_in_the_local_zone(value: date | None, shown: str) -> None:
    assert describe_date(value, WEDNESDAY) == shown


def test_a_moment_at_the_end_of_the_calendar_is_echoed_in_utc() -> None:
    assert describe_date(moment(9999, 12, 31, 23, 59), WEDNESDAY) == "9999-12-31 23:59"


@given(nows, st.dates())
@quick
def test_the_echo_of_a_date_reads_back_as_the_date(now: datetime, day: date) -> None:
    _, written = describe_date(day, now).split()
    assert parse_date(written, now) == day


@pytest.mark.parametrize(
    ("ago", "shown"),
    [
        (timedelta(0), "just now"),
        (timedelta(seconds=59), "just now"),
        (timedelta(seconds=60), "1 min ago"),
        (timedelta(minutes=59), "59 min ago"),
        (timedelta(hours=3, minutes=59), "3 h ago"),
        (timedelta(days=1), "1 day ago"),
        (timedelta(days=13), "13 days ago"),
        (timedelta(days=14), "2 weeks ago"),
        (timedelta(days=60), "2 months ago"),
        (timedelta(days=729), "24 months ago"),
        (timedelta(days=730), "2 years ago"),
        (timedelta(seconds=-30), "just now"),
        (timedelta(minutes=-5), "in 5 min"),
        (timedelta(days=-2), "in 2 days"),
        (timedelta(days=-400), "in 13 months"),
    ],
)
def test_a_distance_is_told_in_the_unit_that_people_would_use(ago: timedelta, shown: str) -> None:
    assert relative(WEDNESDAY.astimezone(UTC) - ago, WEDNESDAY) == shown


def test_a_distance_across_a_change_of_clocks_counts_real_hours() -> None:
    now = datetime(2026, 3, 29, 3, 30, tzinfo=BERLIN)
    assert relative(datetime(2026, 3, 29, 1, 30, tzinfo=BERLIN), now) == "1 h ago"


# -- spans of time -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        (" 4H ", timedelta(hours=4)),
        ("2d", timedelta(days=2)),
        ("1w", timedelta(weeks=1)),
    ],
)
def test_a_duration_is_a_number_and_a_unit(text: str, expected: timedelta) -> None:
    assert parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "0m", "-5m", "5", "m", "1.5h", "1h30m", "1mo", "9999999w"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(InvalidInput, match=f"'{text}' is no duration") as caught:
        parse_duration(text)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("estimate", "hours"), [("30m", 0.5), ("4h", 4), ("2d", 16), ("1w", 40), ("99999w", 3999960)]
)
def test_an_estimate_counts_hours_of_work(estimate: str, hours: float) -> None:
    assert estimate_hours(estimate) == hours


def test_what_is_no_estimate_has_no_hours() -> None:
    with pytest.raises(InvalidInput, match="'soon' is no estimate"):
        estimate_hours("soon")
