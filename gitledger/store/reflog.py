"""A ref's reflog: the values that it had here, as git notes them down, and others do."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

_LINE: Final = re.compile(
    rb"([0-9a-f]{40}|[0-9a-f]{64}) ([0-9a-f]{40}|[0-9a-f]{64}) ([^\t]*)(?:\t(.*))?"
)
_ENTRY: Final = re.compile(rb".*> [0-9]+ [+-][0-9]{4}", re.DOTALL)
"""What follows the two ids in an entry that was written to its end: who, when, and the zone."""


class Move(NamedTuple):
    """One entry: the ref went from one value to another.

    Attributes:
        old: the id before, zeros where there was none.
        new: the id after, zeros where the ref was deleted.
        reason: why, as whoever moved it has it.
        line: the entry as it stands in the file, without its newline.
    """

    old: str
    new: str
    reason: str
    line: bytes

    @property
    def creates(self) -> bool:
        """Whether there was no ref before."""
        return not self.old.strip("0")

    @property
    def deletes(self) -> bool:
        """Whether there was no ref afterwards."""
        return not self.new.strip("0")


def path(common_dir: Path, ref: str) -> Path:
    """Return where the reflog of a ref stands."""
    return common_dir / "logs" / ref


def read(common_dir: Path, ref: str) -> list[Move]:
    """Return the entries, the oldest first; none where there is no reflog.

    What is no entry is passed over, as git does: a line that a crash has cut off, or zeros.
    """
    try:
        lines = path(common_dir, ref).read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    return [move for line in lines if (move := _parse(line))]


def last(common_dir: Path, ref: str) -> Move | None:
    """Return the newest entry, None where there is none."""
    return next(reversed(read(common_dir, ref)), None)


def entry(old: str, new: str, who: str, seconds: int, reason: str) -> Move:
    """Return a new entry.

    Args:
        old: the id before.
        new: the id after.
        who: name and address, as `Ada <ada@example.org>`.
        seconds: since the epoch.
        reason: one line.
    """
    line = f"{old} {new} {who} {seconds} +0000\t{reason}".encode()
    return Move(old, new, reason, line)


def content(moves: Iterable[Move]) -> bytes:
    """Return the entries as the content of a file."""
    return b"".join(move.line + b"\n" for move in moves)


def _parse(line: bytes) -> Move | None:
    match = _LINE.fullmatch(line)
    if match is None or not _ENTRY.fullmatch(match[3]):
        return None
    reason = (match[4] or b"").decode(errors="replace")
    return Move(match[1].decode(), match[2].decode(), reason, line)
