"""The fields of a query: what each looks at in a task, and which values it takes.

`none` asks for what is unset, and nothing that is unset is above or below anything. What the
values mean is in `core/queryvalues.py`, the grammar around the terms in `core/query.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from gitledger.core import criteria, queryvalues
from gitledger.core.criteria import Criterion
from gitledger.core.dataclass import dataclass
from gitledger.core.dates import estimate_hours
from gitledger.core.predicates import Condition, Predicate, either, opposite
from gitledger.core.queryvalues import COMPARISONS, Check, QueryContext
from gitledger.core.task import PRIORITIES, REPOSITORY, STATUSES, open_conflicts
from gitledger.core.view import TaskView, plain
from gitledger.errors import InvalidInput, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Final

_Read = Callable[[TaskView], Any]
_Make = Callable[[str, QueryContext], Check]
_Scale = Callable[[str, str, str, QueryContext], Check]
_Say = Callable[[str, Check | None], Criterion]
"""Says as data that a field passes the check which is made of a value; None: that it is unset."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        help: which values it takes, in one line.
        equals: makes the condition of `field:value`.
        compare: makes that of `field<value` and the like; None where there is no order.
    """

    help: str
    equals: Callable[[str, QueryContext], Condition]
    compare: Callable[[str, str, QueryContext], Condition] | None = None


def term(name: str, operator: str, values: Iterable[str], context: QueryContext) -> Condition:
    """Return the condition of one term, as `status:pending,waiting` or `due<=eow`.

    Args:
        name: the field; case does not matter, and `_` is as good as `-`.
        operator: `:` or `=`, `!=`, `<`, `<=`, `>`, `>=`.
        values: alternatives, one of which has to hold; a comparison takes one only.
        context: what `me`, relative dates and id prefixes relate to.

    Raises:
        InvalidInput: an unknown field, or a value or operator that the field does not take.
        NoSuchTask, AmbiguousId: a value should name a task and does not.
    """
    field = _field(name)
    values = tuple(values)
    if not all(value.strip() for value in values):
        raise InvalidInput(f"'{name}{operator}' lacks a value", hint=f"{name}: {field.help}")
    if operator in COMPARISONS:
        if field.compare is None:
            raise InvalidInput(
                f"'{name}' cannot be compared by '{operator}'", hint=f"write {name}:VALUE"
            )
        if len(values) > 1:
            raise InvalidInput(f"'{name}{operator}' takes one value, not {len(values)}")
        return field.compare(operator, values[0], context)
    found = either(*(field.equals(value, context) for value in values))
    return opposite(found) if operator == "!=" else found


def bare(text: str, context: QueryContext) -> Condition:
    """Return the condition of a word without a field: in the title, the description or a label.

    Raises:
        InvalidInput: the text is blank, and would match everything.
    """
    if not text.strip():
        raise InvalidInput("a text to search for cannot be empty")
    contains = queryvalues.prose(text, context)
    return Condition(lambda view: any(map(contains, _headline(view))), _telling(text, contains))


def _field(name: str) -> Field:
    known = name.lower().replace("_", "-")
    if known in FIELDS:
        return FIELDS[known]
    table, _, key = name.partition(".")
    if table.lower() == "metadata" and key:
        return _many(FIELDS["metadata.KEY"].help, _metadata(key), queryvalues.word)
    near = did_you_mean(known, tuple(FIELDS)) or f"fields: {', '.join(FIELDS)};"
    raise InvalidInput(f"unknown field '{name}'", hint=f"{near} to search for a text, quote it")


# -- what a field looks at ---------------------------------------------------------------------


def _headline(view: TaskView) -> Iterator[str]:
    yield view.task.title
    yield view.task.description or ""
    yield from view.task.labels


def _notes(view: TaskView) -> list[str]:
    return [note.text for note in view.task.notes]


def _texts(view: TaskView) -> list[str]:
    return [view.task.title, view.task.description or "", *_notes(view)]


def _origin(view: TaskView) -> list[str]:
    return [str(view.task.source[key]) for key in ("system", "list") if key in view.task.source]


def _hours(view: TaskView) -> float | None:
    try:
        return estimate_hours(view.task.estimate) if view.task.estimate else None
    except InvalidInput:  # a ledger may hold what another program wrote
        return None


def _metadata(key: str) -> Callable[[TaskView], list[str]]:
    """Return what reads a key of the metadata, or, with dots, of a table in it, as words."""

    def read(view: TaskView) -> list[str]:
        value: Any = view.task.metadata
        for part in key.split("."):
            value = value.get(part) if isinstance(value, Mapping) else None
        items = value if isinstance(value, list | tuple) else (value,)
        return [str(plain(item)) for item in items if item is not None]

    return read


# -- what a condition is as data ---------------------------------------------------------------


def _unsaid(_: str, __: Check | None) -> Criterion:
    return criteria.UNKNOWN


def _telling(value: str, _: Check | None) -> Criterion:
    return criteria.narrowed(criteria.Telling(value))


def _starting(value: str, _: Check | None) -> Criterion:
    return criteria.Starting(value.lower())


def _dated(_: str, check: Check | None) -> Criterion:
    """Say whether there is a date; which one depends on the time zone of who asks."""
    unset = criteria.Among("due", (None,))
    return criteria.narrowed(criteria.Negation(unset)) if check else unset


def _fitting(field: str) -> _Say:
    """Say it of a field of which a list has few values."""

    def say(_: str, check: Check | None) -> Criterion:
        return criteria.Fits(field, check) if check else criteria.Among(field, (None,))

    return say


def _among(field: str, values: Iterable[str | bool]) -> _Say:
    """Say it of a field that has one of these values."""
    return lambda _, check: criteria.Among(field, filter(check, values))


# -- kinds of fields; an optional one takes `none` ---------------------------------------------


def _one(
    summary: str, read: _Read, make: _Make, say: _Say = _unsaid, *, optional: bool = True
) -> Field:
    """Return a field of one value, which is None when unset."""

    def equals(value: str, context: QueryContext) -> Condition:
        if optional and value.lower() == "none":
            return Condition(lambda view: read(view) is None, say(value, None))
        check = make(value, context)
        return Condition(_set_and(read, check), say(value, check))

    return Field(summary, equals)


def _many(
    summary: str, read: _Read, make: _Make, say: _Say = _unsaid, *, optional: bool = True
) -> Field:
    """Return a field of any number of values, one of which has to fit."""

    def equals(value: str, context: QueryContext) -> Condition:
        if optional and value.lower() == "none":
            return Condition(lambda view: not read(view), say(value, None))
        check = make(value, context)
        return Condition(lambda view: any(map(check, read(view))), say(value, check))

    return Field(summary, equals)


def _ordered(
    summary: str, read: _Read, scale: _Scale, say: _Say = _unsaid, *, optional: bool = True
) -> Field:
    """Return a field of one value that also takes ranges, `a..b`, and comparisons."""

    def between(value: str, context: QueryContext) -> Check:
        first, dots, last = value.partition("..")
        if dots and not (first and last):
            raise InvalidInput(f"'{value}' is half a range", hint="compare with <= or >=")
        return scale(":", first, last if dots else first, context)

    def compare(operator: str, value: str, context: QueryContext) -> Condition:
        check = scale(operator, value, value, context)
        return Condition(_set_and(read, check), say(value, check))

    return Field(summary, _one(summary, read, between, say, optional=optional).equals, compare)


def _set_and(read: _Read, check: Check) -> Predicate:
    return lambda view: (value := read(view)) is not None and check(value)


# -- the fields --------------------------------------------------------------------------------

_NO_OWNER: Final = criteria.Among("owner", (None,))
_OWNED: Final = criteria.Negation(_NO_OWNER)
_DUE: Final = criteria.Negation(criteria.Among("due", (None,)))

_STATES: Final[Mapping[str, Condition]] = {
    "ready": Condition(attrgetter("ready"), criteria.READY),
    "blocked": Condition(attrgetter("blocked"), criteria.BLOCKED),
    "stale": Condition(
        attrgetter("stale"), criteria.narrowed(criteria.Every((criteria.UNFINISHED, _OWNED)))
    ),
    "overdue": Condition(
        attrgetter("overdue"), criteria.narrowed(criteria.Every((criteria.UNFINISHED, _DUE)))
    ),
    "claimed": Condition(lambda view: view.task.owner is not None, _OWNED),
    "unclaimed": Condition(lambda view: view.task.owner is None, _NO_OWNER),
    "finished": Condition(attrgetter("task.finished"), criteria.FINISHED),
    "unfinished": Condition(lambda view: not view.task.finished, criteria.UNFINISHED),
    "conflicted": Condition(
        lambda view: bool(open_conflicts(view.task)), criteria.Among("conflicted", (True,))
    ),
    "question": Condition(lambda view: view.task.status == "waiting", criteria.WAITING),
}
IS_WORDS: Final = ("mine", *_STATES, *STATUSES)
"""The words that `is:` takes."""


def _is(value: str, context: QueryContext) -> Condition:
    word = value.lower().replace("-", "_")
    if word == "mine":
        mine = criteria.held_by(context.me)
        return Condition(lambda view: view.task.owner == context.me, mine)
    if word in STATUSES:
        status = criteria.Among("status", (word,))
        return Condition(lambda view: view.task.status == word, status)
    if word in _STATES:
        return _STATES[word]
    raise InvalidInput(
        f"unknown state '{value}'",
        hint=did_you_mean(word, IS_WORDS) or f"one of: {', '.join(IS_WORDS)}",
    )


_SESSION = "a session, me, or none; * stands for any characters"
_WORD = "a word, or none; * stands for any characters"
_TASK = "a task's id or prefix, or none"
_PROSE = "a text that is in it; case does not matter"
_DATE = "a date, none, or a range: today, 2026-01-01..2026-02-01; also <= eow"

FIELDS: Final[Mapping[str, Field]] = {
    "id": _one(
        "a prefix of its id", attrgetter("task.id"), queryvalues.task_id, _starting, optional=False
    ),
    "status": _one(
        ", ".join(STATUSES),
        attrgetter("task.status"),
        queryvalues.status,
        _among("status", STATUSES),
        optional=False,
    ),
    "is": Field(", ".join(IS_WORDS), _is),
    "owner": _one(_SESSION, attrgetter("task.owner"), queryvalues.session, _fitting("owner")),
    "label": _many(_WORD, attrgetter("task.labels"), queryvalues.word, _fitting("label")),
    "priority": _ordered(
        "P0 to P4 or P0..P2; >=P1 is at least as urgent as P1: P0 and P1",
        attrgetter("task.priority"),
        queryvalues.priority,
        _among("priority", PRIORITIES),
        optional=False,
    ),
    "type": _one(
        "a word; * stands for any characters",
        attrgetter("task.type"),
        queryvalues.word,
        _fitting("type"),
        optional=False,
    ),
    "role": _one(_WORD, attrgetter("task.role"), queryvalues.role, _fitting("role")),
    "parent": _one(_TASK, attrgetter("task.parent"), queryvalues.related, _fitting("parent")),
    "blocks": _many(_TASK, attrgetter("blocks"), queryvalues.related),
    "blocked-by": _many(_TASK, attrgetter("task.blocked_by"), queryvalues.related),
    "title": _one(_PROSE, attrgetter("task.title"), queryvalues.prose, _telling, optional=False),
    "description": _one(
        _PROSE, attrgetter("task.description"), queryvalues.prose, _telling, optional=False
    ),
    "note": _many(_PROSE, _notes, queryvalues.prose, _telling, optional=False),
    "text": _many(
        "a text in the title, description or notes",
        _texts,
        queryvalues.prose,
        _telling,
        optional=False,
    ),
    "branch": _one(_WORD, attrgetter("task.branch"), queryvalues.word),
    "commit": _many(
        "a prefix of a linked commit, or none", attrgetter("task.commits"), queryvalues.commit
    ),
    "due": _ordered(_DATE, attrgetter("task.due"), queryvalues.day, _dated),
    "created": _ordered(_DATE, attrgetter("task.created_at"), queryvalues.day),
    "updated": _ordered(_DATE, attrgetter("task.updated_at"), queryvalues.day),
    "claimed": _ordered(_DATE, attrgetter("task.claimed_at"), queryvalues.day),
    "started": _ordered(_DATE, attrgetter("task.started_at"), queryvalues.day),
    "completed": _ordered(_DATE, attrgetter("task.completed_at"), queryvalues.day),
    "progress": _ordered(
        "0 to 100, none, or a range; also >=50", attrgetter("task.progress"), queryvalues.progress
    ),
    "estimate": _ordered(
        "hours of work: 4h, none, or a range; also <=2d", _hours, queryvalues.estimate
    ),
    "created-by": _one(_SESSION, attrgetter("task.created_by"), queryvalues.session),
    "updated-by": _one(_SESSION, attrgetter("task.updated_by"), queryvalues.session),
    "repo": _many(
        "the name of the code repository that it comes from, or none; * stands for any characters",
        _metadata(REPOSITORY),
        queryvalues.word,
    ),
    "metadata.KEY": _many(_WORD, _metadata("KEY"), queryvalues.word),
    "source": _many("its list or system, or none", _origin, queryvalues.word),
    "review": _one(
        "yes or no",
        attrgetter("task.review"),
        queryvalues.yes_no,
        _among("review", (True, False)),
        optional=False,
    ),
}
"""What a term may name. `metadata.KEY` stands for any key, with dots for one in a table."""
