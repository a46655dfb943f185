"""How lines look: colour, signs, and the width that they may take."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_CODES: Final = {
    "bold": "1",
    "dim": "2",
    "red": "31",
    "green": "32",
    "yellow": "33",
    "blue": "34",
    "magenta": "35",
    "cyan": "36",
}
_SIGNS: Final = {
    "pending": ("○", "o", ""),
    "in_progress": ("◐", ">", "yellow"),
    "waiting": ("?", "?", "magenta"),
    "in_review": ("◎", "@", "blue"),
    "completed": ("✔", "x", "green"),
    "cancelled": ("✘", "-", "dim"),
    "blocked": ("◌", ".", "dim"),
}

_ENDLESS: Final = 1 << 30
_LEAST: Final = 20
"""Columns that a text is given, however narrow the terminal."""


class Style:
    """The look of one output.

    Args:
        color: whether escape codes may be used.
        width: columns of the terminal; None never cuts, as for a pipe.
        unicode: whether the output can show more than ASCII.
    """

    def __init__(self, *, color: bool = False, width: int | None = None, unicode: bool = True):
        self.color = color
        self.width = width
        self.unicode = unicode

    def indented(self, width: int) -> Style:
        """Return the look of lines that stand that many columns to the right."""
        left = None if self.width is None else self.width - width
        return Style(color=self.color, width=left, unicode=self.unicode)

    def left(self, taken: int) -> int:
        """Return the columns that are left of a line; few, but some, where it is full."""
        return _ENDLESS if self.width is None else max(self.width - taken, _LEAST)

    def paint(self, text: str, *looks: str) -> str:
        """Return the text in some looks (`bold`, `dim`, a colour); as it is without colour."""
        if not self.color or not text:
            return text
        codes = ";".join(_CODES[look] for look in looks if look)
        return f"\x1b[{codes}m{text}\x1b[0m" if codes else text

    @property
    def arrow(self) -> str:
        """The sign between one and the next."""
        return "→" if self.unicode else "->"

    def sign(self, state: str) -> str:
        """Return the sign of a status, or of `blocked`."""
        rich, plain, look = _SIGNS[state]
        return self.paint(rich if self.unicode else plain, look)

    def fit(self, text: str, width: int) -> str:
        """Return the text cut to that many columns, with an ellipsis where it was longer."""
        if self.width is None or columns(text) <= width:
            return text
        cut, taken = [], 0
        ellipsis = "…" if self.unicode else "..."
        for sign in text:
            taken += columns(sign)
            if taken > width - len(ellipsis):
                break
            cut.append(sign)
        return "".join(cut).rstrip() + ellipsis


def columns(text: str) -> int:
    """Return how many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(_columns_of(sign) for sign in text)


def pad(text: str, width: int) -> str:
    """Return the text with blanks behind it, up to that many columns."""
    return text + " " * (width - columns(text))


def _columns_of(sign: str) -> int:
    import unicodedata

    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1
