"""A Markdown plan: which items of its lists are tasks, and what each says.

If any item has a check box, the items with one are the tasks; else the numbered items are, if
there are any; else all items. A task below another one is its sub-task. Whatever else stands
below a task is its description. The rest of the text is for people.
"""

from __future__ import annotations

import re

from gitledger.core.plan.entry import Entry, checked, naming
from gitledger.core.plan.markdown import ListItem, dedented, list_items
from gitledger.core.plan.marks import Marks, only_marks, take_marks
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

_BOX = re.compile(r"\[([^\[\]]{0,3})\](.*)", re.DOTALL)
_NUMBER = re.compile(r"([0-9]+(?:\.[0-9]+)+)[.)]?\s|([0-9]+)[.)]\s")


def read_checklist(text: str, name: str) -> list[Entry]:
    """Return the tasks of a Markdown text in its order.

    Args:
        text: Markdown, its lines ended by line feeds.
        name: the file's name, for messages.

    Raises:
        InvalidInput: something is wrong with a line, which the message names.
    """
    items = list_items(text, name)
    statuses: list[str | None] = []
    for item in items:
        status, item.text = _without_box(item, name)
        statuses.append(status)
    is_task = _tasks(items, statuses)
    above = _nearest_tasks(items, is_task)
    for item, task, owner in zip(items, is_task, above, strict=True):
        if not task and owner is not None:
            items[owner].lines += item.lines
    entries: list[Entry] = []
    index: dict[int | None, int | None] = {None: None}
    places = _Places()
    for number, item in enumerate(items):
        if is_task[number]:
            parent = index[above[number]]
            index[number] = len(entries)
            entries.append(_entry(item, statuses[number], parent, places, name))
    return entries


def _without_box(item: ListItem, name: str) -> tuple[str | None, str]:
    """Return the status that an item's check box says, None without one, and the other text."""
    found = _BOX.match(item.text)
    if not found or found[2].startswith(("(", "[", ":")):
        return None, item.text
    sign, rest = found[1], found[2]
    if sign in (" ", "\u00a0"):
        return "pending", rest
    if sign in ("x", "X"):
        return "completed", rest
    if len(sign.strip()) <= 1 and not sign.strip().isdigit() and rest[:1].strip() == "":
        raise InvalidInput(
            f"{name}:{item.line}: '[{sign}]' is no check box",
            hint="write [ ] or [x]; commands say more about a task, as: git ledger cancel ID",
        )
    return None, item.text


def _tasks(items: Sequence[ListItem], statuses: Sequence[str | None]) -> list[bool]:
    if any(statuses):
        return [status is not None for status in statuses]
    numbered = [item.number is not None for item in items]
    return numbered if any(numbered) else [True] * len(items)


def _nearest_tasks(items: Sequence[ListItem], is_task: Sequence[bool]) -> list[int | None]:
    """Return for each item the index of the nearest task that it is nested in."""
    above: list[int | None] = []
    for item in items:
        parent = item.parent
        above.append(parent if parent is None or is_task[parent] else above[parent])
    return above


def _entry(
    item: ListItem, status: str | None, parent: int | None, places: _Places, name: str
) -> Entry:
    where = f"{name}:{item.line}"
    with naming(where):
        title, marks = take_marks(item.text)
        below = _below(item, marks)
        description = dedented(below, item.indent)
        values = checked(
            {"title": title, "status": status, "description": description or None, **marks.values}
        )
    place, number = places.next(item, title, parent)
    return Entry(
        where=where,
        place=place,
        line=item.line,
        parent=parent,
        values=values,
        waits_for=tuple(marks.waits_for),
        number=number,
    )


def _below(item: ListItem, marks: Marks) -> list[tuple[int, str]]:
    """Return the lines of the description; marks alone in the first one go to the title's."""
    below = sorted(item.lines[1:])
    if below and below[0][0] == item.line + 1 and only_marks(below[0][1]):
        rest, more = take_marks(below[0][1])
        if not rest:
            marks.merge(more)
            return below[1:]
    return below


class _Places:
    """Counts the tasks at each level, and follows the numbers that the text gives them."""

    def __init__(self) -> None:
        self._places: list[str] = []
        self._numbers: list[str | None] = []
        self._children: dict[int | None, int] = {}
        self._last: dict[int | None, tuple[int, int, int]] = {}

    def next(self, item: ListItem, title: str, parent: int | None) -> tuple[str, str | None]:
        """Return the next task's place and, where it is numbered, its full number."""
        count = self._children[parent] = self._children.get(parent, 0) + 1
        above = "" if parent is None else f"{self._places[parent]}."
        self._places.append(f"{above}{count}")
        self._numbers.append(self._number(item, title, parent))
        return self._places[-1], self._numbers[-1]

    def _number(self, item: ListItem, title: str, parent: int | None) -> str | None:
        in_title = _NUMBER.match(title)
        if in_title and in_title[1]:
            return in_title[1]
        written = int(in_title[2]) if in_title else item.number
        if written is None:
            return None
        number = written
        section, before, counted = self._last.get(parent, (item.section, None, 0))
        if section == item.section and before == written:
            # Markdown lets every item be written as `1.` and counts by itself.
            number = counted + 1
        self._last[parent] = (item.section, written, number)
        if parent is None:
            return str(number)
        return f"{self._numbers[parent] or self._places[parent]}.{number}"
