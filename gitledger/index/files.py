"""Tasks' files, read for the index: the quick way where they are as gitledger itself writes them.

That way makes no task of what is in a file, and checks that `codec` would change nothing in it. All
other files, and those that are no valid tasks, go the way of `codec`, which is the law.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from gitledger.core import codec
from gitledger.core.task import FINISHED, PRIORITIES, STATUSES, TITLE_LIMIT
from gitledger.core.value import Value
from gitledger.core.view import plain
from gitledger.index import texts

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any, Final

_NOTHING: Final = timedelta(0)
_LONGEST: Final = 15 * 1024
"""Characters in a description whose bytes need not be counted: four each at most."""
_NO_LINE: Final = r"[\x00-\x1f\x7f\x85\u2028\u2029]"


class File(Value):
    """What a task's file holds.

    Attributes:
        id: the task's.
        data: its values, as `codec.as_data` and then JSON have them; defaults may stand there, too.
        text: the same, as `index.texts` reads it: as JSON, and of a finished task, which is read
            seldom, the file itself, which costs nothing; None where JSON cannot hold them.
    """

    __slots__ = ("data", "id", "text")

    def __init__(self, task_id: str, data: Mapping[str, Any], text: str | None) -> None:
        self.id = task_id
        self.data = data
        self.text = text


def decode(content: bytes, task_id: str) -> File:
    """Return what a file holds.

    Raises:
        InvalidTask: it is no valid task.
    """
    data = codec.parse(content)
    if _is_plain(data):
        return _plain_file(task_id, plain(data), content)
    task = codec.from_data(data, task_id)
    data = plain(codec.as_data(task))
    return File(task_id, data, texts.encode(data) if texts.has_text(task) else None)


def decode_many() -> Callable[[bytes, str], File]:
    """Return what does the same as `decode`, in less time once it has done it a hundred times."""
    from gitledger.index.written import taken_apart

    def decode_one(content: bytes, task_id: str) -> File:
        data = taken_apart(content)
        return decode(content, task_id) if data is None else _plain_file(task_id, data, content)

    return decode_one


def _plain_file(task_id: str, data: Mapping[str, Any], content: bytes) -> File:
    finished = data.get("status") in FINISHED
    return File(task_id, data, content.decode() if finished else texts.encode(data))


def _is_plain(data: Mapping[str, Any]) -> bool:
    if "title" not in data:
        return False
    for key, value in data.items():  # a loop: it is run for every task of a list
        check = _CHECKS.get(key)
        if check is None or not check(value):
            return False
    return True


def _string(value: object) -> bool:
    return type(value) is str


def _title(value: object) -> bool:
    return (
        type(value) is str
        and 0 < len(value) <= TITLE_LIMIT
        and value == value.strip()
        and _is_line(value)
    )


def _description(value: object) -> bool:
    return (
        type(value) is str
        and len(value) <= _LONGEST
        and "\0" not in value
        and bool(value)
        and not value.isspace()
    )


def _set(value: object) -> bool:
    if type(value) is not list:
        return False
    before = ""
    for item in value:
        if type(item) is not str or item <= before:
            return False
        before = item
    return True


def _time(value: object) -> bool:
    return type(value) is datetime and value.utcoffset() == _NOTHING


def _table(value: object) -> bool:
    return type(value) is dict and all(type(item) is str for item in value.values())


def _notes(value: object) -> bool:
    if type(value) is not list:
        return False
    for note in value:
        if type(note) is not dict or not _NEEDED <= note.keys() <= _KNOWN:
            return False
        if not _time(note["at"]) or list(map(type, note.values())).count(str) < len(note) - 1:
            return False
    return True


_NEEDED: Final = frozenset({"id", "at", "by"})
_KNOWN: Final = frozenset({*_NEEDED, "kind", "text", "to", "status", "field"})
_CHECKS: Final = {
    "title": _title,
    "status": frozenset(STATUSES).__contains__,
    "priority": frozenset(PRIORITIES).__contains__,
    "description": _description,
    "progress": lambda value: type(value) is int and 0 <= value <= 100,
    "review": lambda value: type(value) is bool,
    "due": lambda value: type(value) is date or _time(value),
    "notes": _notes,
    "metadata": _table,
    "source": _table,
    **dict.fromkeys(
        ("type", "parent", "owner", "role", "estimate", "branch", "created_by", "updated_by"),
        _string,
    ),
    **dict.fromkeys(
        ("created_at", "updated_at", "claimed_at", "started_at", "completed_at"), _time
    ),
    **dict.fromkeys(("labels", "blocked_by", "commits"), _set),
}
"""What a value is that `codec` takes and hands back as it is."""


def _is_line(text: str) -> bool:
    if text.isprintable():
        return True
    import re

    return not re.search(_NO_LINE, text)
