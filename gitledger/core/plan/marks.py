"""Marks within a title: `[P1]`, `#label`, `[blockedBy: 1, 3]` and the like.

A mark may stand anywhere in the title, in any case of letters, and is taken out of it. Nothing
is a mark inside a code span or a link, or behind a backslash.
"""

from __future__ import annotations

import re

from gitledger.core.dataclass import dataclass, field
from gitledger.core.plan.entry import Reference
from gitledger.core.plan.markdown import masked
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Final

_QUOTED = r"\"[^\"]*\"|“[^”]*”"
_NUMBER = r"\#?[0-9]+(?:\.[0-9]+)*"
_WAITS = r"blocked[ _-]?by|depends[ _-]?on"
_MARK = re.compile(
    rf"""
    (?: \[\s*(?P<priority>P[0-9]+)\s*\] | (?<!\w)\(\s*(?P<priority_in_round>P[0-9]+)\s*\)
    | (?P<review>\[\s*review\s*\])
    | \[\s*(?P<key>[a-z][a-z _-]{{0,20}}):(?P<value>(?:{_QUOTED}|[^\[\]\"“])*)\]
    | \(\s*(?:{_WAITS})\s*:(?P<waits_in_round>(?:{_QUOTED}|[^()\"“])*)\)
    | [\[(]\s*(?:{_WAITS})\s+(?P<numbers>{_NUMBER}(?:\s*[,;]\s*{_NUMBER})*)\s*[\])]
    | (?<![^\s*_])\#(?P<label>[^\W\d_](?:[\w.+/-]*(?:[^\W_]|\+))?)(?=[\s,;.:!?)*_]|$)
    ) [,;]?
    """,
    re.VERBOSE | re.IGNORECASE,
)
_PART = re.compile(rf"(?:{_QUOTED}|[^,;])+")
_LEFT_OVER: Final = frozenset("-\u2013\u2014|\u00b7,;:.")
_EMPHASIS = re.compile(r"(\*{1,3}|_{1,3}) ?(.+?) ?\1")

_KEYS: Final = ("priority", "type", "role", "estimate", "due")
_WAIT_KEYS: Final = frozenset({"blocked by", "blockedby", "depends on", "dependson"})


@dataclass(slots=True)
class Marks:
    """What the marks of a title say, not checked yet: values by the name of the task's key."""

    values: dict[str, Any] = field(default_factory=dict)
    waits_for: list[Reference] = field(default_factory=list)

    def merge(self, other: Marks) -> None:
        """Add what other marks say.

        Raises:
            InvalidInput: both say something, and not the same.
        """
        for key, value in other.values.items():
            if key == "labels":
                self.values[key] = [*self.values.get(key, ()), *value]
            elif self.values.setdefault(key, value) != value:
                raise InvalidInput(f"two values for '{key}': {self.values[key]} and {value}")
        self.waits_for += other.waits_for


def take_marks(text: str) -> tuple[str, Marks]:
    """Return a title without its marks, and the marks.

    Blanks are joined, and emphasis around the whole title is taken away; apart from that, the
    title stays as it is written.

    Raises:
        InvalidInput: a mark looks like a misspelt one, names nothing, or contradicts another.
    """
    marks = Marks()
    hidden = masked(text)
    kept, end = [], 0
    for found in _MARK.finditer(hidden):
        if (mark := _mark(found, text)) is not None:
            marks.merge(mark)
            kept.append(text[end : found.start()])
            end = found.end()
    words = " ".join([*kept, text[end:]]).split()
    if kept:
        words = _tidied(words)
    return _without_emphasis(" ".join(words)), marks


def only_marks(line: str) -> bool:
    """Tell whether a line holds marks, or what looks like marks, and nothing else."""
    return bool(line.strip()) and not _MARK.sub("", masked(line)).strip()


def _mark(found: re.Match[str], text: str) -> Marks | None:
    """Return what one mark says, None if it is just text in brackets."""

    def written(group: str) -> str:
        return text[found.start(group) : found.end(group)].strip()

    if group := next((g for g in ("priority", "priority_in_round") if found[g]), None):
        return Marks({"priority": written(group).upper()})
    if found["review"]:
        return Marks({"review": True})
    if found["label"]:
        return Marks({"labels": [written("label")]})
    if group := next((g for g in ("waits_in_round", "numbers") if found[g] is not None), None):
        return Marks(waits_for=_references(written(group)))
    return _keyed(written("key"), written("value"))


def _keyed(key: str, value: str) -> Marks | None:
    word = re.sub(r"[ _-]+", " ", key.lower())
    if word in _WAIT_KEYS:
        return Marks(waits_for=_references(value))
    if word in _KEYS:
        if not value:
            raise InvalidInput(f"[{key}:] says nothing")
        return Marks({word: value})
    from difflib import get_close_matches

    if near := get_close_matches(word, [*_KEYS, "blocked by", "depends on"], n=1, cutoff=0.8):
        raise InvalidInput(f"unknown mark [{key}: …]", hint=f"did you mean [{near[0]}: …]?")
    return None


def _references(value: str) -> list[Reference]:
    if value.lower() == "none":
        return []
    parts = [part.strip() for part in _PART.findall(value)]
    if not any(parts):
        raise InvalidInput("a task is said to wait, but not for what", hint="[blockedBy: 1, 3]")
    return [
        Reference(part[1:-1].strip(), quoted=True)
        if re.fullmatch(_QUOTED, part)
        else Reference(part)
        for part in parts
        if part
    ]


def _tidied(words: list[str]) -> list[str]:
    """Return the words without what stood between marks: dashes, commas, emphasis of nothing."""
    tidy: list[str] = []
    for word in words:
        if tidy and word == tidy[-1] and not word.strip("*_"):
            tidy.pop()
        else:
            tidy.append(word)
    while tidy and tidy[-1] in _LEFT_OVER:
        tidy.pop()
    while tidy and tidy[0] in _LEFT_OVER:
        tidy.pop(0)
    return tidy


def _without_emphasis(title: str) -> str:
    found = _EMPHASIS.fullmatch(title)
    return found[2] if found and found[1][0] not in found[2].replace("\\*", "") else title
