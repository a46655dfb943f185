"""`docs/reliability.md`: its rows as they are written, and as a trial has them."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.reliability.declared import Table
from tests.reliability.scene import Scene
from tests.scenery import ROOT

DOCUMENT: Final = ROOT / "docs" / "reliability.md"

UNPUBLISHED: Final = "; 3 operations unpublished"
"""How a failed sync ends its message in the scene, whose clone has as many."""
_LONGEST: Final = 100
"""Characters of a message that a cell shows."""


def row(*cells: str) -> str:
    """Return a row of a table."""
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def shown(text: str, scene: Scene) -> str:
    """Return a message as it stands in a cell: the same on every machine and in every run.

    That it is an error is told by its exit code; that work is unpublished is checked in the trial.
    """
    text = text.removeprefix("error: ").removesuffix(UNPUBLISHED)
    text = re.sub(rf"{re.escape(str(scene.folder))}(/[\w.-]+)*/?", "…/", text)
    text = re.sub(r"\b[0-9a-f]{8,40}\b", "…", text)
    text = text if len(text) <= _LONGEST else f"{text[:_LONGEST].rstrip()} …"
    if "`" in text:
        return f"`` {text} ``"
    return f"`{text}`" if text else "nothing"


def rows(table: Table) -> dict[str, str]:
    """Return the rows of a table as the document has them, by what stands in the first cell."""
    return dict(_rows(DOCUMENT.read_text(encoding="utf-8"), table))


def _rows(text: str, table: Table) -> Iterator[tuple[str, str]]:
    for line in _place(text, table)[1].splitlines()[2:]:
        if line.startswith("| "):
            yield re.split(r"(?<!\\) \| ", line[2:])[0], line


def put(table: Table, what: str, line: str) -> None:
    """Write a row into the document: in the order of the table, without what is not in it."""
    with DOCUMENT.open("r+", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # the faults are tried by several processes
        text = file.read()
        there = dict(_rows(text, table)) | {row(what)[2:-2]: line}
        names = [row(fault.what)[2:-2] for fault in table.faults]
        lines = [row(*table.head), row(*("---" for _ in table.head))]
        lines += [there[name] for name in names if name in there]
        before, _, after = _place(text, table)
        file.seek(0)
        file.truncate()
        file.write("\n".join([before, "", *lines, "", after]))


def _place(text: str, table: Table) -> tuple[str, str, str]:
    """Return the document up to the table, the table, and what follows."""
    begin, end = f"<!-- tried: {table.name} -->", f"<!-- end of {table.name} -->"
    before, found, rest = text.partition(begin)
    inside, closed, after = rest.partition(end)
    assert found, f"docs/reliability.md has no place for {table.name}"
    assert closed, f"docs/reliability.md does not say where {table.name} ends"
    return before + begin, inside.strip(), end + after


def tables_in(path: Path = DOCUMENT) -> list[str]:
    """Return the names of the tables that have a place in the document, in order."""
    return re.findall(r"<!-- tried: (.+) -->", path.read_text(encoding="utf-8"))
