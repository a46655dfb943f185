"""What a table of a TOML or JSON plan says of its task: keys, their types, their values."""

from __future__ import annotations

from datetime import date

from gitledger.core.plan.entry import Reference, checked
from gitledger.errors import InvalidInput, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

NESTED: Final = ("tasks", "subtasks")
"""Keys under which a table holds the tables of its sub-tasks."""
NAMES: Final = ("key", "id")
"""Keys under which a table gives the name that other tables use for it."""

_STRING: Final = ((str,), "a string")
_BOOL: Final = ((bool,), "true or false")
_TYPES: Final[Mapping[str, tuple[tuple[type, ...], str]]] = {
    "title": _STRING,
    "description": _STRING,
    "status": _STRING,
    "completed": _BOOL,
    "priority": ((str, int), 'a priority, as "P1"'),
    "type": _STRING,
    "role": _STRING,
    "review": _BOOL,
    "estimate": _STRING,
    "due": ((str, date), "a date"),
    "labels": ((list,), "an array of strings"),
    "blocked_by": ((list,), "an array of keys, places and ids"),
    "metadata": ((dict,), "a table"),
}
_KNOWN: Final = (*_TYPES, *NAMES, "parent", *NESTED)
_EXPORTED: Final = frozenset({"id", "revision"})
"""Keys that mark a task as written by gitledger: its other keys are no typing errors."""


def read_table(table: Mapping[str, Any]) -> tuple[dict[str, Any], tuple[Reference, ...]]:
    """Return a task's checked values, and what it waits for.

    Raises:
        InvalidInput: a key is unknown or missing, or a value is wrong.
    """
    if not table.keys() >= _EXPORTED:
        refuse_unknown(table, _KNOWN)
    values = {
        key: _typed(value, key, *_TYPES[key])
        for key, value in table.items()
        if key in _TYPES and value is not None
    }
    if "title" not in values:
        raise InvalidInput("the key 'title' is missing")
    waits_for = tuple(_reference(word) for word in values.pop("blocked_by", ()))
    if (completed := values.pop("completed", None)) is not None:
        if "status" in values:
            raise InvalidInput("'status' and 'completed' say the same thing: give one of them")
        values["status"] = "completed" if completed else "pending"
    if isinstance(due := values.get("due"), date):
        values["due"] = due.isoformat()
    if "priority" in values:
        values["priority"] = str(values["priority"])
    _check_strings(values.get("labels", ()))
    _check_metadata(values.get("metadata"))
    return checked(values), waits_for


def names(table: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the names that a table gives itself."""
    return tuple(word for key in NAMES if (word := name(table, key)) is not None)


def name(table: Mapping[str, Any], key: str) -> str | None:
    """Return the name of a table that stands under a key, None if there is none."""
    value = table.get(key)
    if value is None:
        return None
    word = str(_typed(value, key, (str, int), "a string")).strip()
    if not word:
        raise InvalidInput(f"'{key}' is empty")
    return word


def tables(table: Mapping[str, Any], key: str) -> Sequence[Mapping[str, Any]]:
    """Return the tables in the array under a key, none if it is not there."""
    value = table.get(key)
    found = [] if value is None else _typed(value, key, (list,), "an array of tasks")
    for count, inner in enumerate(found, 1):
        if not isinstance(inner, dict):
            raise InvalidInput(f"number {count} in '{key}' is no task", hint='{ title = "…" }')
    return found


def refuse_unknown(table: Mapping[str, Any], known: Sequence[str]) -> None:
    """Raise InvalidInput for a key that is not among those known."""
    for key in table:
        if key not in known:
            hint = did_you_mean(key, known) or f"one of: {', '.join(known)}"
            raise InvalidInput(f"unknown key '{key}'", hint=hint)


def _typed(value: Any, key: str, types: tuple[type, ...], form: str) -> Any:
    # In Python true is a number, in a plan it is not.
    if not isinstance(value, types) or (isinstance(value, bool) and bool not in types):
        raise InvalidInput(f"'{key}' is not {form}")
    return value


def _reference(word: object) -> Reference:
    if isinstance(word, str):
        return Reference(word.strip())
    if isinstance(word, int) and not isinstance(word, bool):
        return Reference(str(word))
    raise InvalidInput(
        "'blocked_by' is not an array of keys, places and ids",
        hint='a place below the top stands in quotes: "1.2"',
    )


def _check_strings(labels: Sequence[object]) -> None:
    if not all(isinstance(label, str) for label in labels):
        raise InvalidInput("'labels' is not an array of strings")


def _check_metadata(metadata: Mapping[str, Any] | None) -> None:
    """Refuse what TOML would not give back, such as null."""
    import rtoml

    if not metadata:
        return
    try:
        same = rtoml.loads(rtoml.dumps(metadata)) == metadata
    except (ValueError, TypeError, OverflowError, RecursionError):
        same = False
    if not same:
        raise InvalidInput("'metadata' holds a value that cannot be kept as TOML, such as null")
