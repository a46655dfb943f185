"""Figures as tables, and their place in `benchmarks/README.md`."""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

README: Final = Path(__file__).parent / "README.md"


def machine(command: str) -> Iterator[str]:
    """Yield what the figures belong to: the command, the day, the machine and the versions."""
    git = subprocess.run(["git", "--version"], check=True, capture_output=True, text=True).stdout
    yield from ("```sh", command, "```", "")
    yield (
        f"{datetime.now(UTC):%Y-%m-%d}, {platform.system()} {platform.machine()}, "
        f"{os.cpu_count()} cores, Python {platform.python_version()}, "
        f"git {git.split()[-1]}, pygit2 {version('pygit2')}."
    )


class Cells:
    """The lines and cells of tables.

    Attributes:
        exceeded: whether a figure exceeded its budget so far.
    """

    def __init__(self) -> None:
        self.exceeded = False

    def head(self, first: str, columns: Iterable[str]) -> Iterator[str]:
        """Yield the first two lines of a table."""
        named = list(columns)
        yield self.row(first, *named)
        yield self.row("---", *("---" for _ in named))

    def row(self, first: str, *cells: str) -> str:
        """Return a line of a table."""
        return f"| {' | '.join([first, *cells])} |"

    def figure(self, value: float, unit: str, limit: float | None, more: str = "") -> str:
        """Return a figure with its budget, and whether that is met, and perhaps more of it."""
        digits = 2 if value < 1 else 1
        text = f"{value:.{digits}f} {unit}"
        if limit is not None:
            met = value <= limit
            self.exceeded = self.exceeded or not met
            text += f", budget {limit:g}: {'met' if met else '**exceeded**'}"
        return f"{text}; {more}" if more else text


def write(name: str, lines: Sequence[str], path: Path) -> None:
    """Put lines between the markers of that name in a document.

    Raises:
        SystemExit: it has no such markers.
    """
    begin, end = f"<!-- begin: {name} -->", f"<!-- end: {name} -->"
    before, found, rest = path.read_text(encoding="utf-8").partition(begin)
    _, closed, after = rest.partition(end)
    if not (found and closed):
        raise SystemExit(f"{path} has no {begin} and {end}")
    text = "\n".join([before + begin, "", *lines, "", end + after])
    path.write_text(text, encoding="utf-8")
