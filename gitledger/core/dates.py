"""Dates and spans of time as people write and read them (contract, section 6, "Dates").

A small grammar of our own, because a parser that guesses turns `3` into some day of some month:
what is not understood is an error. `now` is always an aware time in the user's local zone; days
are days of that zone, moments are given back in UTC, whole seconds.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from math import inf

from gitledger.errors import InvalidInput, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Mapping
    from typing import Any, Final, Literal, TypeAlias

    _Unit: TypeAlias = Literal["minutes", "hours", "days", "weeks", "months", "years"]

_FORMS = "write it as 2026-12-01, 2026-12-01T14:00, tomorrow, friday, in 3 days, +2w, 2 hours ago"

_ISO = (
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})"
    r"(?:[t ](?P<time>[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)"
    r" ?(?P<zone>z|[+-][0-9]{2}:?[0-9]{2})?)?"
)
_OFFSET = r"(?P<sign>in |[+-])?(?:(?P<count>[0-9]{1,9}) ?|an? )(?P<unit>[a-z]+)(?P<ago> ago)?"
_AT = r"(?:(?P<day>.+?) )?(?:at )?(?P<time>[0-9]{1,2}:[0-9]{2})"
_DIGITS: Final = 6
"""At most so many are in a duration's number."""

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY_NUMBER: Final[Mapping[str, int]] = {
    **{name: number for number, name in enumerate(_WEEKDAYS)},
    **{name[:3]: number for number, name in enumerate(_WEEKDAYS)},
}
_UNITS: Final[Mapping[str, _Unit]] = {
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "minutes"),
    **dict.fromkeys(("h", "hour", "hours"), "hours"),
    **dict.fromkeys(("d", "day", "days"), "days"),
    **dict.fromkeys(("w", "week", "weeks"), "weeks"),
    **dict.fromkeys(("mo", "month", "months"), "months"),
    **dict.fromkeys(("y", "year", "years"), "years"),
}
_PERIODS = ("week", "month", "year")


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _last_of_month(now: datetime) -> date:
    from dateutil.relativedelta import relativedelta

    return now.date() + relativedelta(day=31)


_NAMED: Final[Mapping[str, Callable[[datetime], date | datetime | None]]] = {
    "today": lambda now: now.date(),
    "tomorrow": lambda now: now.date() + timedelta(days=1),
    "yesterday": lambda now: now.date() - timedelta(days=1),
    "now": _whole,
    "eow": lambda now: now.date() + timedelta(days=6 - now.weekday()),
    "eom": _last_of_month,
    "eoy": lambda now: now.date().replace(month=12, day=31),
    "none": lambda now: None,
}
_KNOWN = (
    *_NAMED,
    *_WEEKDAYS,
    *(f"{which} {name}" for which in ("next", "last") for name in (*_WEEKDAYS, *_PERIODS)),
)

_DAY = 86_400
_DURATION_SECONDS: Final[Mapping[str, int]] = {"s": 1, "m": 60, "h": 3600, "d": _DAY, "w": 7 * _DAY}
_ESTIMATE_MINUTES: Final[Mapping[str, int]] = {"m": 1, "h": 60, "d": 8 * 60, "w": 5 * 8 * 60}

_STEPS: Final = (
    (3600, 60, "min"),
    (_DAY, 3600, "h"),
    (14 * _DAY, _DAY, "day"),
    (60 * _DAY, 7 * _DAY, "week"),
    (730 * _DAY, 30 * _DAY, "month"),
    (inf, 365 * _DAY, "year"),
)
"""For `relative`: below so many seconds, count in steps of so many seconds, called so."""


def parse_date(text: str, now: datetime) -> date | datetime | None:
    """Return the day or moment that a person wrote; case and repeated blanks do not matter.

    Understood are:

    - `2026-12-01`, and with a time `2026-12-01T14:00[:00][Z|+02:00]`, a blank in place of the `T`;
      without an offset it is local time;
    - `today`, `tomorrow`, `yesterday`, `now`;
    - `friday`, `fri`: the next one strictly in the future. `next friday` is the same day: people
      disagree on whether it skips a week, so it does not. `last friday`: strictly in the past;
    - `next week`, `last month` and the like: one such step from today, as in GNU `date` and git;
    - `in 3 days`, `in an hour`, `3 days ago`, `+2w`, `-3d`, `+1mo`, with the units minutes (`m`),
      hours, days, weeks, months (`mo`) and years. The last day of a month stays within the month;
    - `14:00`, `yesterday 14:00`, `last friday at 9:30`: a day, without one today, and a local time;
    - `eow`, `eom`, `eoy`: the last day of this week (Sunday), month, year;
    - `none`.

    Args:
        text: what was written.
        now: the current time, aware, in the local zone.

    Returns:
        A date; a datetime in UTC, whole seconds, where a time, minutes, hours or `now` were asked
        for; None for `none`.

    Raises:
        InvalidInput: the text is not understood, or the calendar has no such day.
    """
    words = _one_line(text)
    try:
        return _read(words.lower(), now)
    except LookupError:
        raise InvalidInput(f"'{words}' is no date", hint=_nearest(words) or _FORMS) from None
    except (ValueError, OverflowError):
        raise InvalidInput(f"there is no date '{words}'", hint=_FORMS) from None


def parse_moment(text: str, now: datetime) -> datetime:
    """Return the point in time, in UTC, that a person wrote to look back at (`log --since`).

    The grammar is that of `parse_date`; a day stands for its beginning in the local zone.

    Raises:
        InvalidInput: the text is not understood, is `none`, or is a weekday that lies in the
            future, where surely the last one was meant.
    """
    value = parse_date(text, now)
    if value is None:
        raise InvalidInput("'none' is no point in time", hint=_FORMS)
    if isinstance(value, datetime):
        return value
    weekday = _WEEKDAY_NUMBER.get(text.rsplit(maxsplit=1)[-1].lower())
    if weekday is not None and value > now.date():
        raise InvalidInput(
            f"'{_one_line(text)}' is in the future: {describe_date(value, now)}",
            hint=f"did you mean 'last {_WEEKDAYS[weekday]}'?",
        )
    return day_span(value, now)[0]


def day_span(day: date, now: datetime) -> tuple[datetime, datetime]:
    """Return the first and the last moment, in UTC, of a day in the zone of `now`.

    Raises:
        InvalidInput: the day is the calendar's first or last, and part of it lies outside.
    """
    try:
        first = datetime.combine(day, time.min, now.tzinfo).astimezone(UTC)
        last = datetime.combine(day, time.max.replace(fold=1), now.tzinfo).astimezone(UTC)
    except OverflowError:
        raise InvalidInput(f"the calendar ends within {day.isoformat()}") from None
    return first, last


def describe_date(value: date | datetime | None, now: datetime) -> str:
    """Return how an understood date is echoed: `Fri 2026-11-27`, `2026-11-27 14:00` or `none`.

    Moments are shown in the zone of `now`.
    """
    if value is None:
        return "none"
    if isinstance(value, datetime):
        try:
            value = value.astimezone(now.tzinfo)
        except OverflowError:
            pass  # the calendar's first and last hours stay in UTC
        return value.replace(tzinfo=None).isoformat(" ", "minutes")
    return f"{_WEEKDAYS[value.weekday()][:3].capitalize()} {value.isoformat()}"


def relative(moment: datetime, now: datetime) -> str:
    """Return how far a moment is away, for people: `just now`, `5 min ago`, `in 2 days`."""
    seconds = int((moment.astimezone(UTC) - now.astimezone(UTC)).total_seconds())
    distance = abs(seconds)
    if distance < 60:
        return "just now"
    size, unit = next((size, unit) for limit, size, unit in _STEPS if distance < limit)
    count = distance // size
    plural = "s" if count > 1 and unit not in ("min", "h") else ""
    amount = f"{count} {unit}{plural}"
    return f"in {amount}" if seconds > 0 else f"{amount} ago"


def parse_duration(text: str) -> timedelta:
    """Return a span of time: a whole number, above 0, and `s`, `m`, `h`, `d` or `w`.

    Raises:
        InvalidInput: the text is anything else.
    """
    # Without `re`: a setting of every command, `gitledger.lease`, is read here.
    word = text.strip().lower()
    count, unit = word[:-1], word[-1:]
    if unit not in _DURATION_SECONDS or not _is_count(count):
        raise InvalidInput(
            f"'{_one_line(text)}' is no duration",
            hint="write a number and s, m, h, d or w: 90s, 30m, 4h, 2d",
        )
    return timedelta(seconds=int(count) * _DURATION_SECONDS[unit])


def _is_count(digits: str) -> bool:
    """Tell whether these are one to six digits, the first of them not 0."""
    return digits.isascii() and digits.isdigit() and digits[0] != "0" and len(digits) <= _DIGITS


def estimate_hours(estimate: str) -> float:
    """Return a task's estimate in hours of work: 8 to a day, 5 days to a week.

    Raises:
        InvalidInput: it is no estimate.
    """
    from gitledger.core.task import check_estimate

    word = check_estimate(estimate)
    return int(word[:-1]) * _ESTIMATE_MINUTES[word[-1]] / 60


def _read(words: str, now: datetime) -> date | datetime | None:
    """Return the date of words in lower case.

    Raises:
        LookupError: they are not in the grammar.
        ValueError, OverflowError: they are, but the calendar has no such day.
    """
    if words in _NAMED:
        return _NAMED[words](now)
    if iso := _matched(_ISO, words):
        return _iso(iso, now)
    if offset := _matched(_OFFSET, words):
        return _offset(offset, now)
    if at := _matched(_AT, words):
        return _at(at, now)
    which, _, name = words.rpartition(" ")
    if which in ("", "next", "last") and name in _WEEKDAY_NUMBER:
        return _weekday(_WEEKDAY_NUMBER[name], now.date(), past=which == "last")
    if which in ("next", "last") and name in _PERIODS:
        return _shift(now.date(), 1 if which == "next" else -1, _UNITS[name])
    raise LookupError(words)


def _iso(match: re.Match[str], now: datetime) -> date | datetime:
    if match["time"] is None:
        return date.fromisoformat(match["day"])
    from dateutil.parser import isoparse

    moment = isoparse(f"{match['day']}T{match['time']}{match['zone'] or ''}")
    return _whole(moment if match["zone"] else moment.replace(tzinfo=now.tzinfo))


def _at(match: re.Match[str], now: datetime) -> datetime:
    day = _read(match["day"] or "today", now)
    if day is None or isinstance(day, datetime):
        raise LookupError(match[0])
    hour, minute = map(int, match["time"].split(":"))
    return _whole(datetime.combine(day, time(hour, minute), now.tzinfo))


def _offset(match: re.Match[str], now: datetime) -> date | datetime:
    sign, ago, unit = match["sign"], match["ago"], _UNITS[match["unit"]]
    if bool(sign) == bool(ago):
        raise LookupError(match[0])
    count = int(match["count"] or 1)
    if ago or sign == "-":
        count = -count
    if unit in ("minutes", "hours"):
        return _whole(now) + timedelta(**{unit: count})
    return _shift(now.date(), count, unit)


def _weekday(number: int, today: date, *, past: bool) -> date:
    if past:
        return today - timedelta(days=(today.weekday() - number - 1) % 7 + 1)
    return today + timedelta(days=(number - today.weekday() - 1) % 7 + 1)


def _shift(day: date, count: int, unit: _Unit) -> date:
    from dateutil.relativedelta import relativedelta

    step: dict[str, Any] = {unit: count}
    return day + relativedelta(**step)


def _nearest(words: str) -> str | None:
    if not any(map(str.isdigit, words)):
        return did_you_mean(words, _KNOWN)
    offset = _matched(_OFFSET, words.lower())
    if offset and offset["unit"] in _UNITS and not (offset["sign"] or offset["ago"]):
        return f"did you mean '+{words}'?"
    return None


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _matched(pattern: str, text: str) -> re.Match[str] | None:
    import re

    return re.fullmatch(pattern, text)
