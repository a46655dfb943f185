"""What the values of a query mean: each is read once and becomes a check of a task's value."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from operator import eq
from typing import Any

from gitledger.core import dates, ids
from gitledger.core.dataclass import dataclass
from gitledger.core.task import check_priority, check_progress, check_status
from gitledger.errors import InvalidInput, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from typing import Final

Check = Callable[[Any], bool]

COMPARISONS: Final = ("<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class QueryContext:
    """What a query needs to know beside the tasks.

    Attributes:
        me: the session that `me` and `mine` stand for.
        now: the current time, aware, in the local zone.
        resolve: returns the whole id that a prefix names; raises NoSuchTask or AmbiguousId.
        roles: the roles that there are; None where nobody knows.
    """

    me: str
    now: datetime
    resolve: Callable[[str], str]
    roles: Collection[str] | None = None


def role(value: str, context: QueryContext) -> Check:
    """Check a role; one that nobody has ever heard of is a typing error."""
    known = context.roles
    if known is not None and "*" not in value and value.casefold() not in known:
        hint = did_you_mean(value, tuple(known)) or f"known: {', '.join(sorted(known))}"
        raise InvalidInput(f"unknown role '{value}'", hint=hint)
    return word(value, context)


def word(value: str, _: QueryContext) -> Check:
    """Check one word, without regard to case; `*` in the value stands for any characters."""
    wanted = value.casefold()
    if "*" not in wanted:
        return lambda text: bool(text.casefold() == wanted)
    head, *inner, tail = map(re.escape, wanted.split("*"))
    # Each inner piece is taken where it first fits, for good: no pattern takes exponential time.
    pieces = "".join(f"(?>.*?{piece})" for piece in inner)
    fits = re.compile(f"{head}{pieces}.*{tail}", re.DOTALL).fullmatch
    return lambda text: fits(text.casefold()) is not None


def session(value: str, context: QueryContext) -> Check:
    """Check a session's name; `me` is the session that asks."""
    return word(context.me if value.lower() == "me" else value, context)


def prose(value: str, _: QueryContext) -> Check:
    """Check that a text contains the value, without regard to case."""
    wanted = value.casefold()
    return lambda text: wanted in text.casefold()


def status(value: str, _: QueryContext) -> Check:
    """Check a status, which has to be one of the six."""
    return partial(eq, check_status(value))


def task_id(value: str, _: QueryContext) -> Check:
    """Check that a task's id starts with the value."""
    if not ids.is_prefix(value):
        raise InvalidInput(f"'{value}' is no task id", hint="give at least its first 3 characters")
    return _starting(value.lower())


def related(value: str, context: QueryContext) -> Check:
    """Check that an id is that of the one task that the value names."""
    return partial(eq, context.resolve(value))


def commit(value: str, _: QueryContext) -> Check:
    """Check that a commit's id starts with the value."""
    if not re.fullmatch("[0-9a-f]{4,64}", value.lower()):
        raise InvalidInput(f"'{value}' is no commit", hint="give at least 4 hexadecimal digits")
    return _starting(value.lower())


def yes_no(value: str, _: QueryContext) -> Check:
    """Check a boolean."""
    answers = {"yes": True, "no": False}
    if value.lower() not in answers:
        raise InvalidInput(f"'{value}' is neither yes nor no")
    return partial(eq, answers[value.lower()])


def _starting(prefix: str) -> Check:
    return lambda text: bool(text.startswith(prefix))


# -- values that have an order: an operator, and the two ends of what it compares with ----------


def progress(operator: str, first: str, last: str, _: QueryContext) -> Check:
    """Compare percentages."""
    return _compared(operator, _percentage(first), _percentage(last))


def estimate(operator: str, first: str, last: str, _: QueryContext) -> Check:
    """Compare hours of work; what is checked is a number of hours."""
    return _compared(operator, dates.estimate_hours(first), dates.estimate_hours(last))


def priority(operator: str, first: str, last: str, _: QueryContext) -> Check:
    """Compare priorities by urgency: `>=P1` is at least as urgent as P1, so P0 and P1.

    P0 is the highest priority in everybody's words, and "higher than P2" never means P3. A range
    is written in the order of the digits: P0..P1.
    """
    flipped: Mapping[str, str] = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
    digits = flipped.get(operator, operator)
    return _compared(digits, check_priority(first), check_priority(last))


def day(operator: str, first: str, last: str, context: QueryContext) -> Check:
    """Compare dates and moments: by local days where one side is a day, else to the second.

    A range reaches from the beginning of its first day to the end of its last.
    """
    first_day, begin, _ = _reach(first, context.now)
    last_day, _, end = _reach(last, context.now)
    of_day = _compared(operator, first_day, last_day)
    of_moment = _compared(operator, begin, end)
    return lambda value: of_moment(value) if isinstance(value, datetime) else of_day(value)


def _compared(operator: str, first: Any, last: Any) -> Check:
    """Compare with all that lies from first to last, both included; `:` is in there."""
    if first > last:
        raise InvalidInput(f"the range {first}..{last} ends before it begins")
    checks: dict[str, Check] = {
        ":": lambda value: bool(first <= value <= last),
        "<": lambda value: bool(value < first),
        "<=": lambda value: bool(value <= last),
        ">": lambda value: bool(value > last),
        ">=": lambda value: bool(value >= first),
    }
    return checks[operator]


def _percentage(value: str) -> int:
    if not re.fullmatch("[0-9]{1,3}%?", value):
        raise InvalidInput(f"'{value}' is no progress", hint="write a number from 0 to 100")
    return check_progress(int(value.removesuffix("%")))


def _reach(text: str, now: datetime) -> tuple[date, datetime, datetime]:
    """Return the local day that the text names, and its first and last moment in UTC."""
    value = dates.parse_date(text, now)
    if value is None:
        raise InvalidInput("'none' is neither before nor after a date", hint="write FIELD:none")
    if not isinstance(value, datetime):
        return value, *dates.day_span(value, now)
    try:
        local_day = value.astimezone(now.tzinfo).date()
    except OverflowError:
        raise InvalidInput(f"the calendar ends before '{text}' in this time zone") from None
    return local_day, value, value
