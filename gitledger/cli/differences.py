"""What differs of tasks, as lines. All text from a ledger is escaped here."""

from __future__ import annotations

from gitledger.cli.style import Style, columns
from gitledger.core.changes import change_words, told
from gitledger.core.text import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Final

    from gitledger.differences import TaskDifference

_LOOKS: Final = {"completed": "green", "cancelled": "dim", "removed": "red", "reopened": "yellow"}


def task_line(found: TaskDifference, short: Callable[[str], str], style: Style) -> str:
    """Return what became of a task: `completed 7f3k Add auth`."""
    name = escape(short(found.id))
    taken = columns(f"{found.what} {name} ")
    title = style.fit(escape(found.title), style.left(taken))
    what = style.paint(found.what, _LOOKS.get(found.what, ""))
    return f"{what} {style.paint(name, 'cyan')} {title}"


def change_lines(found: TaskDifference, short: Callable[[str], str], style: Style) -> Iterator[str]:
    """Yield the fields that differ; the title of a task that is new or gone stands elsewhere."""
    whole = found.old is None or found.new is None
    if found.new is None:
        return
    for change in told(found.changes):
        if not (whole and change.field == "title"):
            yield from change_words(change, short=short, arrow=style.arrow)
