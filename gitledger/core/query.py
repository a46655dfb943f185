"""The query language of `git ledger list`: terms, and, or, not, and parentheses.

    status:pending,waiting (label:auth or title:"log in") -owner:me due<=eow

Terms that follow each other all have to hold; `or` binds less tightly; `not`, `-` or `!` in
front negate; `and` may be written out. A term is a field, an operator and values with commas
between (`core/queryfields.py`), or a text that the title, the description or a label contains.
What stands in double quotes is plain text. Nothing is guessed: what a query does not understand,
it refuses, so that a typing error never matches everything.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from gitledger.core import queryfields
from gitledger.core.criteria import Criterion
from gitledger.core.dataclass import dataclass
from gitledger.core.predicates import Condition, Predicate, both, either, opposite
from gitledger.core.queryfields import FIELDS, IS_WORDS
from gitledger.core.queryvalues import QueryContext
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Final

__all__ = [
    "FIELDS",
    "IS_WORDS",
    "Query",
    "QueryContext",
    "all_of",
    "any_of",
    "by_field",
    "negate",
    "parse_query",
]

_DEEPEST: Final = 50
"""Parentheses within each other; more than people write, less than the interpreter's stack."""


@dataclass(frozen=True, slots=True)
class Query:
    """Which tasks are meant.

    Attributes:
        matches: tells whether a task, with its view, is one of them.
        criterion: the same as data, as far as it can be said so.
    """

    matches: Predicate
    criterion: Criterion

    @property
    def condition(self) -> Condition:
        """Both together."""
        return Condition(self.matches, self.criterion)


def all_of(*queries: Query) -> Query:
    """Return the query for the tasks that all the queries match; without any, for every task."""
    return Query(*both(*(query.condition for query in queries)))


def any_of(*queries: Query) -> Query:
    """Return the query for the tasks that some of the queries match; without any, for none."""
    return Query(*either(*(query.condition for query in queries)))


def negate(query: Query) -> Query:
    """Return the query for the tasks that the query does not match."""
    return Query(*opposite(query.condition))


def by_field(field: str, value: str, context: QueryContext) -> Query:
    """Return the query of a flag: `--status S` is the term `status:S`.

    Args:
        field: the field's name.
        value: its value, or several with commas between; quotes have no meaning here.
        context: what `me`, relative dates and id prefixes relate to.

    Raises:
        InvalidInput: an unknown field, or a value that it does not take.
        NoSuchTask, AmbiguousId: the value should name a task and does not.
    """
    values = [part.strip() for part in value.split(",")]
    return Query(*queryfields.term(field, ":", values, context))


def parse_query(words: Sequence[str], context: QueryContext) -> Query:
    """Return the query that the words of a command line make, joined by blanks.

    A shell takes quotes away, so those that belong to the query need quotes around them:
    `'title:"two words"'`.

    Args:
        words: the words; without any, every task is meant.
        context: what `me`, relative dates and id prefixes relate to.

    Raises:
        InvalidInput: an unknown field, a value that a field does not take, an empty value, a
            quote or parenthesis without its other half, or an operator without a term.
        NoSuchTask, AmbiguousId: a value should name a task and does not.
    """
    if not words:
        return all_of()
    return _Parser(tuple(_tokens(" ".join(words))), context).parse()


# -- words to tokens ---------------------------------------------------------------------------


class _Term(NamedTuple):
    """A field, an operator and alternative values; or one text, where the other two are empty."""

    field: str
    operator: str
    values: tuple[str, ...]


_Token = _Term | str
"""A term, or one of `(`, `)`, `and`, `or`, `not`; an empty string is the end."""

_CONNECTIVES: Final = ("and", "or", "not")
_TOKEN = re.compile(
    r"""
    \s* (?:
        (?P<parenthesis> [()] )
        | (?P<negation> [-!] (?=\S) )
        | (?P<field> (?: [^\s()":<>=!] | !(?!=) )* ) (?P<operator> != | [<>]=? | [:=] )
          (?P<values> (?: "[^"]*" | [^\s()"] )* )
        | (?P<text> (?: "[^"]*" | [^\s()"] )+ )
    )
    """,
    re.VERBOSE,
)
_PIECE = re.compile(r'"([^"]*)"|(,)|([^",]+)')


def _tokens(text: str) -> Iterator[_Token]:
    text, position = text.rstrip(), 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise InvalidInput(f"a quote is not closed: {text[position:].lstrip()}")
        yield _token(match)
        position = match.end()


def _token(match: re.Match[str]) -> _Token:
    if match["parenthesis"]:
        return match["parenthesis"]
    if match["negation"]:
        return "not"
    if match["operator"]:
        return _Term(match["field"], match["operator"], _alternatives(match["values"]))
    text = match["text"]
    if text.lower() in _CONNECTIVES:
        return text.lower()
    if text in ("-", "!"):
        raise InvalidInput(f"'{text}' stands alone", hint=f"write {text}TERM, or quote it")
    return _Term("", "", (text.replace('"', ""),))


def _alternatives(values: str) -> tuple[str, ...]:
    """Return what stands between the commas; quotes are taken away, with commas in them kept."""
    found = [""]
    for quoted, comma, plain in _PIECE.findall(values):
        if comma:
            found.append("")
        else:
            found[-1] += quoted + plain
    return tuple(found)


# -- tokens to queries -------------------------------------------------------------------------


class _Parser:
    """Recursive descent, one method for each level of binding."""

    def __init__(self, tokens: Sequence[_Token], context: QueryContext) -> None:
        self._tokens = tokens
        self._position = 0
        self._depth = 0
        self._context = context

    def parse(self) -> Query:
        query = self._some()
        if self._peek():
            raise InvalidInput("')' closes nothing")
        return query

    def _some(self) -> Query:
        parts = [self._every()]
        while self._take("or"):
            parts.append(self._every())
        return any_of(*parts)

    def _every(self) -> Query:
        parts = [self._factor()]
        while self._take("and") or self._peek() not in ("", "or", ")"):
            parts.append(self._factor())
        return all_of(*parts)

    def _factor(self) -> Query:
        negated = False
        while self._take("not"):
            negated = not negated
        query = self._group() if self._take("(") else self._term()
        return negate(query) if negated else query

    def _group(self) -> Query:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise InvalidInput(f"more than {_DEEPEST} parentheses within each other")
        query = self._some()
        if not self._take(")"):
            raise InvalidInput("'(' is not closed")
        self._depth -= 1
        return query

    def _term(self) -> Query:
        token = self._peek()
        if isinstance(token, str):
            raise self._missing(token)
        self._position += 1
        field, operator, values = token
        if not operator:
            return Query(*queryfields.bare(values[0], self._context))
        if not field:
            raise InvalidInput(
                f"no field before '{operator}'", hint="to search for a text, quote it"
            )
        return Query(*queryfields.term(field, operator, values, self._context))

    def _missing(self, token: str) -> InvalidInput:
        if token:
            return InvalidInput(f"a term is missing before '{token}'")
        if self._position:
            return InvalidInput(f"a term is missing after '{self._tokens[self._position - 1]}'")
        return InvalidInput("the query is empty")

    def _peek(self) -> _Token:
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    def _take(self, token: str) -> bool:
        taken = self._peek() == token
        self._position += taken
        return taken
