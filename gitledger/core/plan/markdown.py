"""The lists of a Markdown text: its items, how they nest, and the lines that belong to each.

It reads as GitHub shows it, but is lenient where people are: two blanks nest an item below a
numbered one too, and no depth of indentation makes a list item a block of code.
"""

from __future__ import annotations

import re

from gitledger.core.dataclass import dataclass
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

_BLANKS: Final = " \t\u00a0\u2007\u202f"
_TAB: Final = 4

_ITEM = re.compile(
    r"(?:[-*+]|([0-9]{1,9})[.)])"
    # The blank behind the marker is missed by nobody if a check box follows.
    r"(?:[ \t\u00a0\u2007\u202f]+(.*)|(?=\[[ xX\u00a0]\](?![(\[:]))(.*)|)$"
)
_BREAK = re.compile(r"([-*_])(?:[ \t]*\1){2,}[ \t]*$")
_FENCE = re.compile(r"(`{3,})[^`]*$|(~{3,})")
# What ends a paragraph even without a blank line in front of it.
_BLOCK = re.compile(r"#{1,6}(?:[ \t]|$)|>|<!--|`{3}|~{3}")
_FRONT_MATTER = re.compile(
    r"---[ \t]*\n(?:[\w\"'-]+[ \t]*:.*|#.*)\n(?:.*\n)*?(?:---|\.\.\.)[ \t]*(?=\n|\Z)"
)
_OPAQUE = re.compile(
    r"\\[^\w\s]"  # an escaped sign
    r"|(?<!`)(`+)(?!`).+?(?<!`)\1(?!`)"  # a code span
    r"|!?\[[^\[\]]*\]\([ \t]*(?:<[^<>]*>|[^\s()<>]*)(?:[ \t]+\"[^\"]*\")?[ \t]*\)"  # a link
)


@dataclass(slots=True)
class ListItem:
    """An item of a list.

    Attributes:
        line: its line, counted from 1.
        indent: columns in front of its marker.
        number: of an item of a numbered list, as it is written.
        text: what follows the marker in the same line, without comments.
        parent: index of the item that it is nested in.
        section: counts the headings and paragraphs outside of lists in front of it, so that two
            items belong to one list only if it is the same.
        lines: the lines that belong to it and to no item nested in it, the first one included,
            as they stand, each with its number.
    """

    line: int
    indent: int
    number: int | None
    text: str
    parent: int | None
    section: int
    lines: list[tuple[int, str]]


def list_items(text: str, name: str) -> list[ListItem]:
    """Return the items of all lists of a text, in its order.

    Args:
        text: Markdown, its lines ended by line feeds.
        name: the file's name, for messages.

    Raises:
        InvalidInput: a block of code or a comment is never closed.
    """
    reader = _Reader(name)
    skipped = _FRONT_MATTER.match(text, 0)
    first = text.count("\n", 0, skipped.end()) + 1 if skipped else 0
    for number, line in enumerate(text.split("\n"), 1):
        if number > first:
            reader.take(number, line)
    reader.end()
    return reader.items


def masked(text: str) -> str:
    r"""Return the text with code spans, links and `\` escapes replaced by as many NULs."""
    return _OPAQUE.sub(lambda found: "\0" * len(found[0]), text)


def dedented(lines: Sequence[tuple[int, str]], indent: int) -> str:
    """Return the numbered lines as a text of their own.

    The indentation that those lines share which are indented deeper than `indent` columns is
    taken away. Where numbers are missing between two lines, they become two paragraphs.
    """
    depths = [_columns(line) for _, line in lines if line.strip()]
    shared = min((depth for depth in depths if depth > indent), default=0)
    text: list[str] = []
    for place, (number, line) in enumerate(lines):
        if place and number != lines[place - 1][0] + 1:
            text.append("")
        text.append(_cut(line, shared) if line.strip() else "")
    return "\n".join(text).strip("\n")


class _Reader:
    """Takes a text line by line; knows which items are open, and what hides the lines."""

    def __init__(self, name: str) -> None:
        self.items: list[ListItem] = []
        self._name = name
        self._open: list[int] = []
        self._section = 0
        self._in_paragraph = False
        self._fence: tuple[str, int] | None = None
        self._comment: int | None = None

    def take(self, number: int, line: str) -> None:
        """Read the next line."""
        bare = line.strip(_BLANKS)
        if self._fence or self._comment:
            self._keep(number, line)
            self._hidden(bare)
        elif not bare:
            self._keep(number, line)
            self._in_paragraph = False
        elif (found := _ITEM.match(bare)) and not _BREAK.match(bare):
            self._item(number, line, found)
        else:
            self._text(number, line, bare)

    def end(self) -> None:
        """Check that nothing is left open."""
        if self._fence:
            raise InvalidInput(
                f"{self._name}:{self._fence[1]}: the block of code is never closed",
                hint=f"close it by a line {self._fence[0]}",
            )
        if self._comment:
            raise InvalidInput(
                f"{self._name}:{self._comment}: the comment is never closed",
                hint="close it by -->",
            )

    def _item(self, number: int, line: str, found: re.Match[str]) -> None:
        indent = _columns(line)
        # One blank more than the item above is a slip of the hand and does not nest.
        while self._open and indent < self.items[self._open[-1]].indent + 2:
            self._open.pop()
        text = _without_comments(found[2] or found[3] or "")
        item = ListItem(
            line=number,
            indent=indent,
            number=int(found[1]) if found[1] else None,
            text=text,
            parent=self._open[-1] if self._open else None,
            section=self._section,
            lines=[(number, line)],
        )
        self._open.append(len(self.items))
        self.items.append(item)
        self._in_paragraph = bool(text)
        self._open_fence(number, text)

    def _text(self, number: int, line: str, bare: str) -> None:
        prose = not _BLOCK.match(bare) and not _BREAK.match(bare)
        if not (prose and self._in_paragraph):
            indent = _columns(line)
            while self._open and indent <= self.items[self._open[-1]].indent:
                self._open.pop()
        if not self._open:
            self._section += 1
        self._keep(number, line)
        self._in_paragraph = prose
        self._open_fence(number, bare)
        if bare.startswith("<!--") and "-->" not in bare:
            self._comment = number

    def _keep(self, number: int, line: str) -> None:
        if self._open:
            self.items[self._open[-1]].lines.append((number, line))

    def _hidden(self, bare: str) -> None:
        if self._comment:
            if "-->" in bare:
                self._comment = None
        elif self._fence and bare.startswith(self._fence[0]) and not bare.strip(bare[0]):
            self._fence = None

    def _open_fence(self, number: int, text: str) -> None:
        if found := _FENCE.match(text):
            self._fence = (found[1] or found[2], number)
            self._in_paragraph = False


def _without_comments(text: str) -> str:
    kept, done = [], 0
    hidden = masked(text)
    while (start := hidden.find("<!--", done)) >= 0 and (end := hidden.find("-->", start)) >= 0:
        kept.append(text[done:start])
        done = end + len("-->")
    return " ".join([*kept, text[done:]])


def _columns(line: str) -> int:
    blanks = line[: len(line) - len(line.lstrip(_BLANKS))]
    return len(blanks.expandtabs(_TAB))


def _cut(line: str, columns: int) -> str:
    """Return the line without its first columns, as far as these are blank."""
    taken = used = 0
    while used < len(line) and taken < columns and line[used] in _BLANKS:
        taken += _TAB - taken % _TAB if line[used] == "\t" else 1
        used += 1
    return " " * (taken - columns) + line[used:]
