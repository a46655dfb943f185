"""The fields of a query: what each looks at in a task, and which values it takes.

`none` asks for what is unset, and nothing that is unset is above or below anything. What the
values mean is in `core/queryvalues.py`, the grammar around the terms in `core/query.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

from gitledger.core import queryvalues
from gitledger.core.dates import estimate_hours
from gitledger.core.predicates import Predicate, negation, some
from gitledger.core.queryvalues import COMPARISONS, Check, QueryContext
from gitledger.core.task import REPOSITORY, STATUSES, open_conflicts
from gitledger.core.view import TaskView, plain
from gitledger.errors import InvalidInput, did_you_mean

_Read = Callable[[TaskView], Any]
_Make = Callable[[str, QueryContext], Check]
_Scale = Callable[[str, str, str, QueryContext], Check]


@dataclass(frozen=True, slots=True)
class Field:
    """One field.

    Attributes:
        help: which values it takes, in one line.
        equals: makes the predicate of `field:value`.
        compare: makes that of `field<value` and the like; None where there is no order.
    """

    help: str
    equals: Callable[[str, QueryContext], Predicate]
    compare: Callable[[str, str, QueryContext], Predicate] | None = None


def term(name: str, operator: str, values: Iterable[str], context: QueryContext) -> Predicate:
    """Return the predicate of one term, as `status:pending,waiting` or `due<=eow`.

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
    matches = some([field.equals(value, context) for value in values])
    return negation(matches) if operator == "!=" else matches


def bare(text: str, context: QueryContext) -> Predicate:
    """Return the predicate of a word without a field: in the title, the description or a label.

    Raises:
        InvalidInput: the text is blank, and would match everything.
    """
    if not text.strip():
        raise InvalidInput("a text to search for cannot be empty")
    contains = queryvalues.prose(text, context)
    return lambda view: any(map(contains, _headline(view)))


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


# -- kinds of fields; an optional one takes `none` ---------------------------------------------


def _one(summary: str, read: _Read, make: _Make, *, optional: bool = True) -> Field:
    """Return a field of one value, which is None when unset."""

    def equals(value: str, context: QueryContext) -> Predicate:
        if optional and value.lower() == "none":
            return lambda view: read(view) is None
        return _set_and(read, make(value, context))

    return Field(summary, equals)


def _many(summary: str, read: _Read, make: _Make, *, optional: bool = True) -> Field:
    """Return a field of any number of values, one of which has to fit."""

    def equals(value: str, context: QueryContext) -> Predicate:
        if optional and value.lower() == "none":
            return lambda view: not read(view)
        check = make(value, context)
        return lambda view: any(map(check, read(view)))

    return Field(summary, equals)


def _ordered(summary: str, read: _Read, scale: _Scale, *, optional: bool = True) -> Field:
    """Return a field of one value that also takes ranges, `a..b`, and comparisons."""

    def between(value: str, context: QueryContext) -> Check:
        first, dots, last = value.partition("..")
        if dots and not (first and last):
            raise InvalidInput(f"'{value}' is half a range", hint="compare with <= or >=")
        return scale(":", first, last if dots else first, context)

    def compare(operator: str, value: str, context: QueryContext) -> Predicate:
        return _set_and(read, scale(operator, value, value, context))

    return Field(summary, _one(summary, read, between, optional=optional).equals, compare)


def _set_and(read: _Read, check: Check) -> Predicate:
    return lambda view: (value := read(view)) is not None and check(value)


# -- the fields --------------------------------------------------------------------------------

_STATES: Final[Mapping[str, Predicate]] = {
    "ready": attrgetter("ready"),
    "blocked": attrgetter("blocked"),
    "stale": attrgetter("stale"),
    "overdue": attrgetter("overdue"),
    "claimed": lambda view: view.task.owner is not None,
    "unclaimed": lambda view: view.task.owner is None,
    "finished": attrgetter("task.finished"),
    "unfinished": lambda view: not view.task.finished,
    "conflicted": lambda view: bool(open_conflicts(view.task)),
    "question": lambda view: view.task.status == "waiting",
}
IS_WORDS: Final = ("mine", *_STATES, *STATUSES)
"""The words that `is:` takes."""


def _is(value: str, context: QueryContext) -> Predicate:
    word = value.lower().replace("-", "_")
    if word == "mine":
        return lambda view: view.task.owner == context.me
    if word in STATUSES:
        return lambda view: view.task.status == word
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
    "id": _one("a prefix of its id", attrgetter("task.id"), queryvalues.task_id, optional=False),
    "status": _one(
        ", ".join(STATUSES), attrgetter("task.status"), queryvalues.status, optional=False
    ),
    "is": Field(", ".join(IS_WORDS), _is),
    "owner": _one(_SESSION, attrgetter("task.owner"), queryvalues.session),
    "label": _many(_WORD, attrgetter("task.labels"), queryvalues.word),
    "priority": _ordered(
        "P0 to P4 or P0..P2; >=P1 is at least as urgent as P1: P0 and P1",
        attrgetter("task.priority"),
        queryvalues.priority,
        optional=False,
    ),
    "type": _one(
        "a word; * stands for any characters",
        attrgetter("task.type"),
        queryvalues.word,
        optional=False,
    ),
    "role": _one(_WORD, attrgetter("task.role"), queryvalues.role),
    "parent": _one(_TASK, attrgetter("task.parent"), queryvalues.related),
    "blocks": _many(_TASK, attrgetter("blocks"), queryvalues.related),
    "blocked-by": _many(_TASK, attrgetter("task.blocked_by"), queryvalues.related),
    "title": _one(_PROSE, attrgetter("task.title"), queryvalues.prose, optional=False),
    "description": _one(_PROSE, attrgetter("task.description"), queryvalues.prose, optional=False),
    "note": _many(_PROSE, _notes, queryvalues.prose, optional=False),
    "text": _many(
        "a text in the title, description or notes", _texts, queryvalues.prose, optional=False
    ),
    "branch": _one(_WORD, attrgetter("task.branch"), queryvalues.word),
    "commit": _many(
        "a prefix of a linked commit, or none", attrgetter("task.commits"), queryvalues.commit
    ),
    "due": _ordered(_DATE, attrgetter("task.due"), queryvalues.day),
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
    "review": _one("yes or no", attrgetter("task.review"), queryvalues.yes_no, optional=False),
}
"""What a term may name. `metadata.KEY` stands for any key, with dots for one in a table."""
