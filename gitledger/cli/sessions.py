"""Sessions as people and programs see them: a table, and CSV. All text is escaped here."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from gitledger.cli.style import Style, columns
from gitledger.core.audit import silence
from gitledger.core.dataclass import dataclass
from gitledger.core.dates import relative
from gitledger.core.presence import SessionView, session_json
from gitledger.core.text import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import Any, Final

    from gitledger.cli.rows import Short

_LOOKS: Final = {
    "working": "green",
    "waiting": "magenta",
    "stale": "red",
    "ended": "dim",
}
_GAP: Final = 2
_LEAST_TITLE: Final = 16
"""Columns that a task is given before columns that matter less are left out."""
_LEFT_OUT: Final = (
    *("repository", "worktree", "role", "branch", "elapsed", "progress", "priority"),
    *("expected end", "last seen"),
)
"""What a narrow terminal does not show, in this order."""
_CSV: Final = (
    *("name", "role", "host", "repository", "worktree", "branch", "task", "title", "priority"),
    *("progress", "elapsed", "expected_end", "status", "attention", "last_seen", "gone"),
)

Group = tuple[str, Sequence[SessionView]]
"""A heading, empty for none, and the sessions under it."""


@dataclass(frozen=True, slots=True)
class Table:
    """Sessions, one a line, under headings; what no session has is left out.

    Attributes:
        current: the session that looks; a star marks it.
        short: returns the short form of a task's id.
        now: the time, in the user's zone.
        style: how lines look.
    """

    current: str
    short: Short
    now: datetime
    style: Style

    def lines(self, groups: Sequence[Group]) -> Iterator[str]:
        """Yield the lines, each group under its heading."""
        views = [view for _, members in groups for view in members]
        cells = {view.name: self._cells(view) for view in views}
        widths = self._widths(list(cells.values()))
        if not widths:
            return
        headings = [name.capitalize() if name else "" for name in widths]
        yield self._line(dict(zip(widths, headings, strict=True)), widths, lambda *_: "dim")
        for heading, members in groups:
            if heading:
                yield self.style.paint(escape(heading), "bold")
            for view in members:
                yield self._line(cells[view.name], widths, self._look(view))

    def _cells(self, view: SessionView) -> dict[str, str]:
        session, task = view.session, view.task
        return {
            "": "*" if view.name == self.current else "!" if view.attention else " ",
            "session": escape(view.name),
            "role": escape((session and session.role) or ""),
            "repository": escape((session and session.repository) or ""),
            "worktree": escape((session and session.worktree) or ""),
            "branch": escape((session and session.branch) or ""),
            "task": f"{self.short(task.id)} {escape(task.title)}" if task else "",
            "priority": task.priority if task else "",
            "progress": f"{view.progress}%" if view.progress is not None else "",
            "elapsed": silence(view.elapsed) if view.elapsed is not None else "",
            "expected end": relative(view.expected_end, self.now) if view.expected_end else "",
            "status": status_of(view),
            "last seen": relative(view.last_seen, self.now) if view.last_seen else "never",
        }

    def _widths(self, rows: Sequence[dict[str, str]]) -> dict[str, int]:
        """Return the columns to show, with their widths: as many as there is room for."""
        if not rows:
            return {}
        there = [name for name in rows[0] if any(row[name].strip() for row in rows)]
        widths = {
            name: max(len(name), *(columns(row[name]) for row in rows), 1 if name == "" else 0)
            for name in there
        }
        if self.style.width is None:
            return widths
        for name in _LEFT_OUT:
            if self._spare(widths) >= min(widths.get("task", 0), _LEAST_TITLE):
                break
            widths.pop(name, None)
        if "task" in widths:
            widths["task"] = min(widths["task"], max(self._spare(widths), _LEAST_TITLE))
        return widths

    def _spare(self, widths: dict[str, int]) -> int:
        """Return the columns that are left for the task."""
        taken = sum(width + _GAP for name, width in widths.items() if name != "task")
        return (self.style.width or 0) - taken - (1 - _GAP if "" in widths else 0)

    def _line(
        self, cells: dict[str, str], widths: dict[str, int], look: Callable[[str], str]
    ) -> str:
        found = []
        for name, width in widths.items():
            text = self.style.fit(cells[name], width)
            painted = self.style.paint(text, look(name))
            found.append(painted + " " * (width - columns(text) + (1 if name == "" else _GAP)))
        return "".join(found).rstrip()

    def _look(self, view: SessionView) -> Callable[[str], str]:
        late = view.expected_end is not None and view.expected_end < self.now
        looks = {
            "": "" if view.name == self.current else "red",
            "session": "bold",
            "status": "red" if view.attention else _LOOKS.get(view.status, ""),
            "expected end": "red" if late else "",
        }
        return lambda name: looks.get(name, "")


def status_of(view: SessionView) -> str:
    """Return what a session does, and why somebody should look at it: `idle (gone)`."""
    reasons = [reason for reason in view.attention if reason != view.status]
    return f"{view.status} ({', '.join(reasons)})" if reasons else view.status


def csv_lines(views: Iterable[SessionView]) -> Iterator[str]:
    """Yield the sessions as CSV: a heading, then one a line; values as in JSON."""
    import csv
    import io

    yield ",".join(_CSV)
    for view in views:
        values = session_json(view)
        line = io.StringIO()
        csv.writer(line, lineterminator="").writerow([_plain(values[name]) for name in _CSV])
        yield line.getvalue()


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return " ".join(map(_plain, value))
    return "" if value is None else escape(str(value))
