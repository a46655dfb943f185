"""The file of packed refs. Most of it is the project's: what is wrong there is told, not mended."""

from __future__ import annotations

import re

from gitledger.doctor.finding import Finding
from gitledger.repository import Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_ID: Final = rb"[0-9a-f]{40}(?:[0-9a-f]{24})?"
_LINE: Final = re.compile(_ID + rb" [^ \0]+\n|\^" + _ID + rb"\n")
"""A ref, or the commit that the tag on the line before leads to."""


def examine(repository: Repository) -> Finding | None:
    """Return what is wrong with the file; git then reads no ref at all, and does not fetch."""
    path = repository.location.common_dir / "packed-refs"
    try:
        lines = path.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return None
    for number, line in enumerate(lines, 1):
        if not _LINE.fullmatch(line) and not (number == 1 and line.startswith(b"#")):
            said = line[:40].decode(errors="replace").rstrip("\n")
            problem = f"line {number} is no ref, and git reads none of them: '{said}'"
            by_hand = f"keep a copy of {path}, take out line {number}, and run this again"
            return Finding("damaged-packed-refs", str(path), problem, by_hand)
    return None
