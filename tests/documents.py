"""The documents as programs: their examples are played, and their tables made from the code.

What the blocks of a document mean:

- `console` is a terminal. `$ COMMAND` is typed in the directory `app`, `laptop $ COMMAND` in the
  one that it names; a line that begins with `> ` goes on with the command; all else is output.
- `python` is run in `app`, a document's blocks as one program; the block `text` right behind it is
  what it prints.
- `toml` is a task, as the program writes it.
- `<!-- begin: NAME -->` to `<!-- end: NAME -->` is made from the code (`tests/tables.py`).
- Any other block is not played.

A document is one story, played in repositories of its own (`tests/scenery.py`). Commits and times
may differ from what is written: a hook has its own clock, and a change of the format gives every
commit another id.
"""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from gitledger.core import codec
from tests.scenery import ROOT, Scenery, Wrong

DOCUMENTS = tuple(
    path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
)

_PROMPT = re.compile(r"(?:([\w-]+) )?\$ (.*)")
_VARYING = {
    r"(?:\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?\b\d{4}-\d\d-\d\d"
    r"(?:[ T]\d\d:\d\d(?::\d\d)?(?:Z| ?[+-]\d\d:?\d\d)?)?": "<time>",
    r"\b[A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d\d:\d\d:\d\d \d{4} [+-]\d{4}": "<time>",
    r"\bjust now\b|\b\d min ago\b": "<ago>",
    r"\b[0-9a-f]{7,40}\b": "<commit>",
}


def normal(text: str) -> str:
    """Return output without commits and times."""
    for pattern, word in _VARYING.items():
        text = re.sub(pattern, word, text)
    return "\n".join(line.rstrip() for line in text.splitlines())


class Block(NamedTuple):
    """Lines `start` to `stop` of a document, without the fences or marks around them."""

    kind: str
    start: int
    stop: int


def blocks(lines: list[str]) -> Iterator[Block]:
    """Yield the fenced blocks of a document, and as `table NAME` what is made from the code."""
    start, kind, end = 0, "", ""
    for number, line in enumerate(lines):
        if end:
            if line == end:
                yield Block(kind, start, number)
                end = ""
        elif line.startswith("```"):
            kind, start, end = line[3:], number + 1, "```"
        elif made := re.fullmatch("<!-- begin: (.+) -->", line):
            kind, start, end = f"table {made[1]}", number + 1, f"<!-- end: {made[1]} -->"
    if end:
        raise Wrong(f"line {start} begins what is never ended by {end}")


def rewritten(
    text: str, scenery: Callable[[], Scenery], tables: Mapping[str, Callable[[], str]]
) -> str:
    """Return a document with what the program says now; what is equal but for times stays.

    Args:
        text: the document.
        scenery: returns fresh repositories.
        tables: returns the text of each table by its name.
    """
    lines = text.splitlines()
    new: list[str] = []
    done = 0
    player = _Player(scenery, tables)
    for block in blocks(lines):
        fresh = player.play(block, lines[block.start : block.stop])
        new += lines[done : block.start] + fresh
        done = block.stop
    return "\n".join([*new, *lines[done:], ""])


class _Player:
    """Plays the blocks of one document, in order."""

    def __init__(
        self, scenery: Callable[[], Scenery], tables: Mapping[str, Callable[[], str]]
    ) -> None:
        self._scenery = scenery
        self._tables = tables
        self._names: dict[str, Any] = {}
        self._printed: str | None = None

    def play(self, block: Block, lines: list[str]) -> list[str]:
        """Return the lines that the block should have."""
        printed, self._printed = self._printed, None
        if block.kind == "console":
            return _played(lines, self._stage)
        if block.kind == "python":
            self._printed = self._run("\n".join(lines))
        elif block.kind == "text" and printed is not None:
            return _kept(lines, printed)
        elif block.kind == "toml":
            return _written("\n".join([*lines, ""]))
        elif block.kind.startswith("table "):
            return ["", *self._tables[block.kind.removeprefix("table ")]().splitlines(), ""]
        return lines

    @cached_property
    def _stage(self) -> Scenery:
        return self._scenery()

    def _run(self, code: str) -> str:
        output = io.StringIO()
        with contextlib.chdir(self._stage.folder / "app"), contextlib.redirect_stdout(output):
            exec(compile(code, "example", "exec"), self._names)
        return output.getvalue()


def _written(text: str) -> list[str]:
    return codec.encode(codec.decode(text.encode(), "0000000000")).decode().splitlines()


def _played(lines: list[str], stage: Scenery) -> list[str]:
    """Return a terminal's lines with the commands' real output."""
    new: list[str] = []
    number = 0
    while number < len(lines):
        prompt = _PROMPT.fullmatch(lines[number])
        if not prompt:
            raise Wrong(f"no command stands before: {lines[number]}")
        typed = number
        number += 1
        while number < len(lines) and lines[number].startswith("> "):
            number += 1
        new += lines[typed:number]
        command = "\n".join([prompt[2], *(line[2:] for line in lines[typed + 1 : number])])
        shown = number
        while number < len(lines) and not _PROMPT.fullmatch(lines[number]):
            number += 1
        output = stage.play(prompt[1] or "app", command)
        new += _kept(lines[shown:number], output)
    return new


def _kept(old: list[str], output: str) -> list[str]:
    """Return the lines of an output: as they are written, if only commits and times differ."""
    written = "\n".join(old)
    return old if normal(written) == normal(output) else _lines(output)


def _lines(output: str) -> list[str]:
    """Return the lines without blanks at their ends."""
    return [line.rstrip() for line in output.splitlines()]
