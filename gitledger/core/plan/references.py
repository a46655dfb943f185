"""What the tasks of a plan wait for: names become indexes, and cycles are refused.

A number is a place in the plan, counted from the top at every depth: `2` is the second task,
`2.1` its first sub-task, also when a sub-task says it. Where the text numbers its tasks
otherwise, a number that could mean two tasks is refused. Any other word is the key or the
title of a task of the plan, or else the id of a task of the ledger.
"""

from __future__ import annotations

import re

from gitledger.core import ids
from gitledger.core.plan.entry import Entry, Reference, naming
from gitledger.core.plan.item import Plan, PlanItem
from gitledger.errors import Cycle, InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Final

_NUMBER = re.compile(r"#?([0-9]+(?:\.[0-9]+)*)\.?")
_HINT: Final = (
    "a number is a place in the plan, counted from its top: 2, or 2.1 for a sub-task of it; "
    "else give a title in quotes or a task's id"
)


def linked(entries: Sequence[Entry], name: str) -> Plan:
    """Return the plan with every reference looked up.

    Args:
        entries: the tasks of the plan, parents before their sub-tasks.
        name: the file's name, for messages.

    Raises:
        InvalidInput: a reference names no task, or more than one.
        Cycle: tasks wait for each other.
    """
    names = _Names(entries)
    items = tuple(_item(entry, number, names) for number, entry in enumerate(entries))
    if cycle := _cycle([item.blocked_by for item in items]):
        places = [items[number].place for number in cycle]
        raise Cycle(
            f"{entries[cycle[0]].where}: tasks {' → '.join(places)} wait for each other",
            path=places,
        )
    return Plan(items)


def _item(entry: Entry, number: int, names: _Names) -> PlanItem:
    blocked_by: set[int] = set()
    task_ids: set[str] = set()
    for reference in entry.waits_for:
        with naming(entry.where):
            other = names.find(reference, number)
        if other == number:
            raise Cycle(
                f"{entry.where}: task {entry.place} waits for itself",
                path=(entry.place, entry.place),
            )
        if other is None:
            task_ids.add(reference.text.lower())
        else:
            blocked_by.add(other)
    return PlanItem(
        place=entry.place,
        line=entry.line,
        parent=entry.parent,
        blocked_by=tuple(sorted(blocked_by)),
        blocked_by_ids=tuple(sorted(task_ids)),
        **entry.values,
    )


class _Names:
    """All that the tasks of a plan can be called."""

    def __init__(self, entries: Sequence[Entry]) -> None:
        self._entries = entries
        self._keys = {key: index for index, entry in enumerate(entries) for key in entry.keys}
        self._numbers: dict[str, set[int]] = {}
        self._titles: dict[str, set[int]] = {}
        for index, entry in enumerate(entries):
            for number in (entry.place, entry.number):
                if number:
                    self._numbers.setdefault(_normal(number), set()).add(index)
            self._titles.setdefault(entry.values["title"].casefold(), set()).add(index)

    def find(self, reference: Reference, asking: int) -> int | None:
        """Return the index of the task that a reference names, None if it is a task's id.

        Args:
            reference: as it is written.
            asking: index of the task that waits.

        Raises:
            InvalidInput: it names no task, or more than one.
        """
        word = reference.text
        if not reference.quoted:
            if word in self._keys:
                return self._keys[word]
            if (number := _NUMBER.fullmatch(word)) and not ids.is_id(word):
                return self._numbered(word, _normal(number[1]), asking)
        if titled := self._titles.get(" ".join(word.split()).casefold()):
            return self._only(titled, word, "name it by its place in the plan, as: 1.2")
        if not reference.quoted and ids.is_prefix(word):
            return None
        raise InvalidInput(f"'{word}' names no task", hint=_HINT)

    def _numbered(self, word: str, number: str, asking: int) -> int:
        if number not in self._numbers:
            raise InvalidInput(f"'{word}' names no task of the plan", hint=_HINT)
        other = self._only(
            self._numbers[number],
            word,
            "numbers and places in the plan differ: name it by its title in quotes",
        )
        above = self._entries[asking].parent
        while above is not None:
            if above == other:
                # Written by someone who counts within the list that the sub-task stands in.
                place = self._entries[other].place
                raise InvalidInput(
                    f"'{word}' is the task that this one is a sub-task of",
                    hint=f"numbers count from the top of the plan: {place}.1 is its first sub-task",
                )
            above = self._entries[above].parent
        return other

    def _only(self, found: Iterable[int], word: str, hint: str) -> int:
        first, *others = sorted(found)
        if others:
            wheres = [self._entries[index].where for index in (first, others[0])]
            raise InvalidInput(f"'{word}' may mean {wheres[0]} or {wheres[1]}", hint=hint)
        return first


def _normal(number: str) -> str:
    return ".".join(part.lstrip("0") or "0" for part in number.split("."))


def _cycle(blocked_by: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """Return the indexes along a cycle, from its smallest one round to it; () without one."""
    blocks: list[list[int]] = [[] for _ in blocked_by]
    for index, others in enumerate(blocked_by):
        for other in others:
            blocks[other].append(index)
    waiting = [len(others) for others in blocked_by]
    free = [index for index, count in enumerate(waiting) if not count]
    for index in free:
        for other in blocks[index]:
            waiting[other] -= 1
            if not waiting[other]:
                free.append(other)
    stuck = set(range(len(blocked_by))).difference(free)
    if not stuck:
        return ()
    # Every task that is stuck waits for another one, so the way must come back to itself.
    way = [min(stuck)]
    seen: set[int] = set()
    while way[-1] not in seen:
        seen.add(way[-1])
        way.append(next(other for other in blocked_by[way[-1]] if other in stuck))
    round_ = way[way.index(way[-1]) : -1]
    start = round_.index(min(round_))
    return (*round_[start:], *round_[:start], round_[start])
