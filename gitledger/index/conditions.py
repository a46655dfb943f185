"""Criteria and orders as SQL."""

from __future__ import annotations

from gitledger.core.criteria import Among, Every, Fits, Negation, Some, Starting, Telling
from gitledger.index import rows
from gitledger.index.schema import BEGUN, NEVER, READY

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from typing import Any, Final

    from gitledger.core.criteria import Criterion
    from gitledger.index.database import Connection

_FINISHED: Final = ("completed", "cancelled")
_BEGUN: Final = frozenset(("in_progress", "waiting", "in_review"))
_QUESTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "finished": ("finished = 1", "finished = 0"),
    "ready": (READY, f"NOT ({READY})"),
    "blocked": ("waits > 0", "waits = 0"),
    "review": ("review = 1", "review = 0"),
    "conflicted": ("conflicted = 1", "conflicted = 0"),
}
"""What is true, and what is false; word by word what the indexes are made of."""
_FEW: Final = 100
"""Values that a statement is given one by one; it takes only so many, and what is more comes as a
table of one value."""
_ORDERS: Final[Mapping[str, str]] = {
    "priority": "priority {}, due",
    "created": "created IS NULL, created {}",
    "updated": "updated IS NULL, updated {}",
    "due": f"due = {NEVER}, due {{}}",
    "title": "title {}",
    "status": (
        "CASE status WHEN 'pending' THEN 0 WHEN 'in_progress' THEN 1 WHEN 'waiting' THEN 2 "
        "WHEN 'in_review' THEN 3 WHEN 'completed' THEN 4 ELSE 5 END {}"
    ),
    "owner": "owner IS NULL, owner {}",
    "id": "n {}",
}
"""The keys of `core.ordering`, what is unset last; between equals the older comes first."""


def numbers(
    connection: Connection, criterion: Criterion, order: str, limit: int | None
) -> list[int]:
    """Return the numbers of the tasks that an exact criterion means, in order."""
    condition, values = _condition(connection, criterion)
    key = order.removeprefix("-").lower()
    by = _ORDERS[key].format("DESC" if order.startswith("-") else "")
    found = connection.execute(
        f"SELECT n FROM tasks WHERE {condition} ORDER BY {by}, born, place, n LIMIT ?",
        (*values, -1 if limit is None else limit),
    )
    return [n for (n,) in found]


def count(connection: Connection, criterion: Criterion) -> int:
    """Return how many tasks an exact criterion means."""
    condition, values = _condition(connection, criterion)
    found = connection.execute(f"SELECT count(*) FROM tasks WHERE {condition}", values)
    return int(found.fetchone()[0])


def _condition(connection: Connection, criterion: Criterion) -> tuple[str, list[Any]]:
    if not criterion.exact:
        raise ValueError("an exact criterion is needed: see Criterion.widest")
    values: list[Any] = []
    return _Conditions(connection, values).of(criterion), values


class _Conditions:
    """Criteria as conditions that are true or false and never NULL, so that `NOT` negates them."""

    def __init__(self, connection: Connection, values: list[Any]) -> None:
        self._connection = connection
        self._values = values

    def of(self, criterion: Criterion) -> str:
        match criterion:
            case Every():
                found = " AND ".join(map(self._within, criterion.parts)) or "1"
            case Some():
                found = " OR ".join(map(self._within, criterion.parts)) or "0"
            case Negation():
                found = f"NOT ({self.of(criterion.part)})"
            case Fits():
                values = filter(criterion.check, self._words(criterion.field))
                found = self._among(criterion.field, list(values))
            case Starting():
                found = "n BETWEEN {} AND {}".format(*rows.reach(criterion.prefix))
            case Telling():
                found = self._telling(criterion.text)
            case Among():
                found = self._one_of(criterion.field, criterion.values)
            case _:
                raise TypeError(criterion)
        return found

    def _within(self, part: Criterion) -> str:
        return f"({self.of(part)})"

    def _one_of(self, field: str, values: Iterable[str | bool | None]) -> str:
        if field in _QUESTIONS:
            return " OR ".join(_QUESTIONS[field][not value] for value in values) or "0"
        words = sorted(value for value in values if isinstance(value, str))
        found = [self._among(field, words)] if words else []
        if None in values:
            found.append(_unset(field))
        return " OR ".join(found) or "0"

    def _among(self, field: str, values: list[str]) -> str:
        if not values:
            return "0"
        several = self._several(values)
        if field == "label":
            return f"n IN (SELECT task FROM labels WHERE label IN {several})"
        if field == "status" and _BEGUN.issuperset(values):
            return f"{BEGUN} AND status IN {several}"
        if field == "status" and not set(values) & {*_FINISHED}:
            return f"finished = 0 AND status IN {several}"
        return f"{field} IS NOT NULL AND {field} IN {several}"

    def _several(self, values: list[str]) -> str:
        if len(self._values) + len(values) <= _FEW:
            self._values += values
            return f"({','.join('?' * len(values))})"
        import json

        self._values.append(json.dumps(values, ensure_ascii=False))
        return "(SELECT value FROM json_each(?))"

    def _words(self, field: str) -> list[str]:
        """Return the values that a field has in some task."""
        if field in ("owner", "role", "parent"):
            return rows.distinct(self._connection, field)
        table = {"label": "labels"}.get(field, "tasks")
        found = self._connection.execute(f"SELECT DISTINCT {field} FROM {table}")
        return [value for (value,) in found]

    def _telling(self, text: str) -> str:
        import json

        # Made known to SQLite only here: what it costs is paid by those who search.
        self._connection.create_function("tells", 2, _tells, deterministic=True)
        self._values.append(json.dumps(text.casefold(), ensure_ascii=False)[1:-1])
        return "tells((SELECT data FROM texts WHERE texts.n = tasks.n), ?)"


def _tells(data: str | None, wanted: str) -> bool:
    """Tell whether a text may hold another, written as JSON; of no text nothing is known.

    Of TOML neither, where it or JSON has a way of its own to write a character.
    """
    if data is None or wanted in data.casefold():
        return True
    return not data.startswith("{") and ("\\" in wanted or "\\" in data or "\r" in data)


def _unset(field: str) -> str:
    if field == "label":
        return "n NOT IN (SELECT task FROM labels)"
    return f"due = {NEVER}" if field == "due" else f"{field} IS NULL"
