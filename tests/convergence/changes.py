"""What sessions may say of a task: changes of every field that `edit` sets."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, Final

from hypothesis import strategies as st

from gitledger.core.task import PRIORITIES, Task

Change = Callable[[Task, list[str], str], dict[str, Any]]
"""Returns the arguments of `edit` for a task, given the ids of all tasks and a new word."""


def _one(field: str, *choices: object) -> st.SearchStrategy[Change]:
    """Set a field to one of few values, so that sessions meet on them."""
    return st.sampled_from(choices).map(lambda value: lambda task, ids, word: {field: value})


def _set(field: str, *items: str) -> st.SearchStrategy[Change]:
    def change(item: str) -> Change:
        return lambda task, ids, word: {field: {*getattr(task, field)} ^ {item}}

    return st.sampled_from(items).map(change)


def _blockers(n: int) -> Change:
    """Wait for another task, or no longer."""
    return lambda task, ids, word: {"blocked_by": {*task.blocked_by} ^ {ids[n % len(ids)]}}


def _parent(n: int) -> Change:
    return lambda task, ids, word: {"parent": ([None, *ids])[n % (len(ids) + 1)]}


def _metadata(key: str, value: int | None) -> Change:
    """Set a key of the metadata, or remove it."""

    def change(task: Task, ids: list[str], word: str) -> dict[str, Any]:
        others = {name: there for name, there in task.metadata.items() if name != key}
        return {"metadata": others if value is None else others | {key: value}}

    return change


def _description(place: int) -> Change:
    """Put a new line in the place of an old one, or at the end, or remove the text."""

    def change(task: Task, ids: list[str], word: str) -> dict[str, Any]:
        lines = (task.description or "").splitlines()
        lines[place : place + 1] = [word]
        return {"description": "".join(f"{line}\n" for line in lines)}

    return change


_FIELDS: tuple[st.SearchStrategy[Change], ...] = (
    st.builds(lambda: lambda task, ids, word: {"title": word}),
    _one("priority", *PRIORITIES),
    _one("type", "task", "bug", "feature"),
    _one("role", None, "builder", "tester"),
    _one("review", False, True),
    _one("estimate", None, "30m", "2d"),
    _one("due", None, date(2026, 2, 1), date(2026, 3, 1)),
    _one("branch", None, "main", "topic"),
    st.one_of(_one("description", None), st.integers(0, 3).map(_description)),
    _set("labels", "web", "db", "api"),
    st.builds(_metadata, st.sampled_from(["jira", "url"]), st.sampled_from([None, 1, 2, 3])),
    st.integers(0, 3).map(_blockers),
    st.integers(0, 4).map(_parent),
)

CHANGES: st.SearchStrategy[Change] = st.one_of(*_FIELDS)
_ALONE: Final = 2
"""The last fields, which may be refused for a cycle, are not changed together with others."""


def _together(changes: tuple[Change, ...]) -> Change:
    def change(task: Task, ids: list[str], word: str) -> dict[str, Any]:
        return {key: value for one in changes for key, value in one(task, ids, word).items()}

    return change


CLASHES: st.SearchStrategy[list[Change]] = st.one_of(
    st.sampled_from(_FIELDS).flatmap(lambda field: st.lists(field, min_size=2, max_size=4)),
    st.lists(st.tuples(*_FIELDS[:-_ALONE]).map(_together), min_size=2, max_size=3),
)
"""Changes of one field, or of nearly all, by sessions that do not know of each other's."""
