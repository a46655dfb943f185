"""In which order a list shows its tasks."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from operator import attrgetter

from gitledger.core.task import STATUSES, age
from gitledger.core.view import TaskView
from gitledger.errors import InvalidInput, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any, Final


def _due(view: TaskView) -> datetime | None:
    """Return a moment to compare with; a day without a time ends after all that is due on it."""
    due: date | datetime | None = view.task.due
    if due is None or isinstance(due, datetime):
        return due
    return datetime.combine(due, time.max, UTC)


_KEYS: Final[Mapping[str, Callable[[TaskView], Any]]] = {
    "priority": attrgetter("task.priority"),
    "created": attrgetter("task.created_at"),
    "updated": attrgetter("task.updated_at"),
    "due": _due,
    "title": lambda view: view.task.title.casefold(),
    "status": lambda view: STATUSES.index(view.task.status),
    "owner": attrgetter("task.owner"),
    "id": attrgetter("task.id"),
}
SORT_KEYS: Final = tuple(_KEYS)
"""What `--sort` takes; a `-` in front turns the order around."""


def sort_views(views: Iterable[TaskView], key: str = "priority") -> list[TaskView]:
    """Return the views in order.

    Between equals the older task comes first, of one plan the earlier; with the key `priority`,
    which puts the most urgent first, the one that is due earlier before both. A `-` turns around
    the key alone, and what has no value stays last.

    Args:
        views: what to sort.
        key: one of `SORT_KEYS`, with a `-` in front for the reverse.

    Raises:
        InvalidInput: there is no such key.
    """
    name = check_key(key).removeprefix("-").lower()
    ordered = sorted(views, key=lambda view: age(view.task))
    if name == "priority":
        ordered = _by(_due, ordered)
    return _by(_KEYS[name], ordered, reverse=key.startswith("-"))


def check_key(key: str) -> str:
    """Return a key to sort by, as it was given.

    Raises:
        InvalidInput: there is no such key.
    """
    name = key.removeprefix("-").lower()
    if name not in _KEYS:
        raise InvalidInput(
            f"unknown sort key '{key}'",
            hint=did_you_mean(name, SORT_KEYS) or f"one of: {', '.join(SORT_KEYS)}",
        )
    return key


def _by(
    read: Callable[[TaskView], Any], views: list[TaskView], *, reverse: bool = False
) -> list[TaskView]:
    """Sort stably, with what is unset at the end."""
    valued = [(value, view) for view in views if (value := read(view)) is not None]
    unset = [view for view in views if read(view) is None]
    valued.sort(key=lambda pair: pair[0], reverse=reverse)
    return [view for _, view in valued] + unset
