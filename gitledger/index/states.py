"""States of tasks, as far as they are measured, read from their files.

Of a file, what stands before its notes is read alone: no note says which status its task has. A
history has a file for each change of each task, and nearly all look as the program writes them: of
these a pattern tells what is asked, in a quarter of the time. It matches valid TOML alone, with the
keys in their order and each of them once; whatever it does not match is parsed.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from gitledger.core import codec
from gitledger.core.task import FILE_LIMIT, STATUSES
from gitledger.errors import InvalidTask

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Final, TypeAlias

    State: TypeAlias = tuple[str | None, str | None, str | None, str | None, int | None]
    """Status, owner, type, labels (one a line), seconds from start to completion."""

GONE: Final = (None, None, None, None, None)
"""The state of a task that has no file, or none that can be read."""

_NOTES: Final = b"\n[[notes]]\n"


def state(content: bytes | None) -> State:
    """Return the state of a task that has this file: that of no task where it is none.

    Who breaks another rule of the format than those that concern the state is taken at his word.
    """
    if not content:
        return GONE
    found = _PLAIN(content)
    if found is None or len(content) > FILE_LIMIT or not _is_text(found[0]):
        return _parsed_state(content)
    status, kind, owner, start, end, labels = found.groups()
    return (
        status.decode(),
        None if owner is None else owner.decode(),
        "task" if kind is None else kind.decode(),
        None if labels is None else "\n".join(sorted(set(_ITEMS(labels.decode())))) or None,
        _took(start.decode(), end.decode()) if start and end and status == b"completed" else None,
    )


def _is_text(head: bytes) -> bool:
    try:
        head.decode()
    except UnicodeDecodeError:
        return False
    return True


def _took(start: str, end: str) -> int:
    spent = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    return max(int(spent.total_seconds()), 0)


# -- as the program writes it ----------------------------------------------------------------------


def _pattern() -> str:
    """Return what matches a file up to its notes, and the values that are asked for."""
    # No repetition gives back what it has taken: what does not match is found out at once.
    line, lines = r"\x00-\x1f\x7f", r"\x00-\x08\x0b-\x1f\x7f"  # what a line, what lines lack
    escape = r'\\["\\bfnrt]'
    plain = rf'"[^"\\{line}]*+"'
    quoted = rf'"[^"\\{line}]*+(?:{escape}[^"\\{line}]*+)*+"'
    literal = rf"'[^'{line}]*+'"
    quoted_lines = rf'"""[^"\\{lines}]*+(?:(?:{escape}|"(?!""))[^"\\{lines}]*+)*+"""'
    literal_lines = rf"'''[^'{lines}]*+(?:'(?!'')[^'{lines}]*+)*+'''"
    text = f"(?:{quoted_lines}|{literal_lines}|{quoted}|{literal})"
    # No 29 February, which is none in most years.
    month_day = "(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    month_day += "|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
    date = f"[12][0-9]{{3}}-{month_day}"
    moment = f"{date}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z"
    items = rf"\[(?:{plain}|\n(?:    {plain},\n)*)\]"
    values = (
        ("title", text),
        ("status", f'"({"|".join(STATUSES)})"'),
        ("priority", plain),
        ("type", f'"({plain[1:-1]})"'),
        ("description", text),
        ("parent", plain),
        ("owner", f'"({plain[1:-1]})"'),
        ("role", plain),
        ("review", "(?:true|false)"),
        ("progress", "(?:0|[1-9][0-9]{0,2})"),
        ("estimate", plain),
        ("due", f"(?:{moment}|{date})"),
        ("branch", text),
        *((key, moment if key.endswith("_at") else plain) for key in _WRITERS),
        ("claimed_at", moment),
        ("started_at", f"({moment})"),
        ("completed_at", f"({moment})"),
        ("labels", f"({items})"),
        ("blocked_by", items),
        ("commits", items),
    )
    always = ("title", "status")
    return "".join(
        rf"{key} = {value}\n" if key in always else rf"(?:{key} = {value}\n)?"
        for key, value in values
    )


_WRITERS: Final = ("created_at", "created_by", "updated_at", "updated_by")
_PLAIN: Final = re.compile(rf"{_pattern()}(?:\Z|\n\[\[notes\]\]\n)".encode()).match
_ITEMS: Final = re.compile(r'"([^"]*)"').findall


# -- as anybody may write it -----------------------------------------------------------------------


def _parsed_state(content: bytes) -> State:
    data = _parsed(content)
    status = data.get("status", "pending")
    if "title" not in data or status not in STATUSES:
        return GONE
    labels = data.get("labels")
    names = filter(_word, labels) if isinstance(labels, list) else ()
    return (
        status,
        _word(data.get("owner")),
        _word(data.get("type", "task")),
        "\n".join(sorted(set(names))) or None,
        _spent(data) if status == "completed" else None,
    )


def _parsed(content: bytes) -> Mapping[str, Any]:
    head, notes, _ = content.partition(_NOTES)
    try:
        return codec.parse(head)
    except InvalidTask:
        if not notes:
            return {}
    try:  # the first mark of notes stood in a description
        return codec.parse(content)
    except InvalidTask:
        return {}


def _word(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _spent(data: Mapping[str, Any]) -> int | None:
    """Return the seconds from the start of a task to its completion, as the task has them."""
    moments = [data.get("started_at"), data.get("completed_at")]
    start, end = (
        each.replace(tzinfo=each.tzinfo or UTC) if isinstance(each, datetime) else None
        for each in moments
    )
    return None if start is None or end is None else max(int((end - start).total_seconds()), 0)
