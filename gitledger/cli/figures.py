"""Lines of figures, as `stats` shows them: readable on a terminal of 40 columns, too."""

from __future__ import annotations

from gitledger.cli.style import Style, columns, pad
from gitledger.core.text import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Final

HEAD: Final = 16
"""Columns of what stands before the words of a part."""
_NAME: Final = (16, 24)
"""Columns of a group's name: on a terminal of 40 columns, and where there is room."""
_CELLS: Final = ((6, 9, 9), (11, 11, 11))
"""Columns of the figures behind it: where there is little room, and where there is enough."""
_TITLE: Final = 20
"""Columns of a title that there have to be in the line of what is said of the task."""


def said(name: str, words: str, style: Style) -> Iterator[str]:
    """Yield a part's name and what is said of it, on as many lines as that takes.

    None of them ends at a no-break space.
    """
    from textwrap import wrap

    width = style.left(HEAD)
    found = [line for part in words.split("\n") for line in wrap(part, width)]
    lines = [line.replace("\xa0", " ") for line in found]
    yield style.paint(pad(name, HEAD), "bold") + lines[0]
    yield from (" " * HEAD + line for line in lines[1:])


def row(name: str, figures: Sequence[str], style: Style, look: str = "") -> Iterator[str]:
    """Yield a group's name and its figures: in two lines where the name is long and no room is.

    The names have first what a terminal is wider than 40 columns, then the figures.
    """
    (least, most), (narrow, wide) = _NAME, _CELLS
    spare = sum(wide) + most if style.width is None else style.width - sum(narrow) - least
    taken = min(max(least + spare, least), most)
    spare -= taken - least
    cells = ""
    for figure, low, high in zip(figures, narrow, wide, strict=True):
        more = min(max(spare, 0), high - low)
        spare -= more
        cells += f"{figure:>{low + more}}"
    if columns(name) > taken and taken < most:
        yield style.paint(style.fit(name, style.left(0)), look)
        name = ""
    yield style.paint(pad(Style(width=taken).fit(name, taken), taken) + cells, look)


def named(name: str, behind: Sequence[str], style: Style) -> Iterator[str]:
    """Yield a task and what there is to say of it: in one line, or in more on a narrow terminal."""
    short, _, title = name.partition(" ")
    taken, end = 4 + columns(short), "".join(f"  {part}" for part in behind)
    several = style.width is not None and taken + columns(end) + _TITLE > style.width
    words = style.fit(escape(title), style.left(taken if several else taken + columns(end)))
    called = f"  {style.paint(escape(short), 'cyan')} {words}"
    yield called + ("" if several else style.paint(end, "dim"))
    if several:
        for line in _filled(behind, style.left(6)):
            yield style.paint(f"      {style.fit(line, style.left(6))}", "dim")


def _filled(parts: Sequence[str], width: int) -> list[str]:
    """Return parts as lines, as many in each as fit."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]}  {part}" if lines else part
        lines[-1:] = [longer] if columns(longer) <= width else [*lines[-1:], part]
    return lines
