"""What a command answers: one JSON object for programs, lines for people."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any, TextIO, TypeAlias

    from gitledger.cli.style import Style

    Lines: TypeAlias = Callable[[Style], Iterable[str]]

_FEW = 64
"""Parts of an answer that are there before the first of them is written: all, nearly always."""


class Reply:
    """An answer; only the form that is asked for is made.

    Args:
        kind: the JSON object's kind.
        data: returns the rest of the JSON object; what in it is an iterator becomes an array.
        lines: returns the lines for people; what is in them is escaped already.
        messages: lines for standard error that only people are told, escaped too.
        warnings: lines for standard error that programs are told, too.
        hint: what people do next.
        exit_code: what the program exits with.
        paged: long output goes through the pager.
    """

    def __init__(
        self,
        kind: str,
        data: Callable[[], dict[str, Any]],
        lines: Lines,
        *,
        messages: Sequence[str] = (),
        warnings: Sequence[str] = (),
        hint: str | None = None,
        exit_code: int = 0,
        paged: bool = False,
    ) -> None:
        self.kind = kind
        self.data = data
        self.lines = lines
        self.messages = messages
        self.warnings = warnings
        self.hint = hint
        self.exit_code = exit_code
        self.paged = paged


class Stream:
    """An answer that goes on for as long as somebody wants it: one object a line, or one line.

    Args:
        kind: the JSON objects' kind.
        data: yields the rest of each JSON object.
        lines: yields the lines for people; what is in them is escaped already.
    """

    def __init__(
        self, kind: str, data: Callable[[], Iterable[dict[str, Any]]], lines: Lines
    ) -> None:
        self.kind = kind
        self.data = data
        self.lines = lines
        self.exit_code = 0


def write_parts(parts: Iterable[str], stream: TextIO) -> None:
    """Write a text as it is made; one of a few parts comes whole, or not at all."""
    from itertools import islice

    coming = iter(parts)
    stream.writelines(list(islice(coming, _FEW)))
    stream.writelines(coming)
