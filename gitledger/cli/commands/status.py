"""`git ledger` without a command: where things stand."""

from __future__ import annotations

from gitledger.cli.reply import Reply
from gitledger.cli.rows import rows
from gitledger.cli.spec import Command
from gitledger.core.criteria import (
    BLOCKED,
    EVERYTHING,
    READY,
    WAITING,
    Among,
    Every,
    Negation,
    Some,
    work_of,
)
from gitledger.core.task import STATUSES
from gitledger.core.text import escape
from gitledger.core.view import task_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from gitledger.cli.context import Context
    from gitledger.cli.style import Style
    from gitledger.core.view import TaskView
    from gitledger.reader import Reader

_SHOWN = 5


def status(context: Context) -> Reply:
    """Show what is mine, what is ready, what waits for an answer, and how many there are."""
    ledger = context.reader
    # People see a few of each kind, programs all.
    shown = None if context.options.get("json") else _SHOWN
    mine = work_of(ledger.session)
    groups = {
        "mine": ledger.search(criterion=mine)[0],
        "ready": ledger.search(criterion=READY, limit=shown)[0],
        "waiting": ledger.search(criterion=WAITING, limit=shown)[0],
    }
    counts = _counts(ledger)
    whole = {"mine": len(groups["mine"]), **{kind: counts[kind] for kind in ("ready", "waiting")}}

    def data() -> dict[str, object]:
        body = {
            name: [task_json(view) for view in ledger.with_revisions(group)]
            for name, group in groups.items()
        }
        return {"list": ledger.list, "session": ledger.session, "counts": counts, **body}

    def lines(style: Style) -> Iterator[str]:
        where = f"list {style.paint(ledger.list, 'bold')}"
        yield f"{where}, session {style.paint(escape(ledger.session), 'bold')}: {_counted(counts)}"
        for name, group in groups.items():
            if group:
                yield ""
                yield style.paint(_HEADINGS[name], "bold")
                some = rows(group[:_SHOWN], ledger.short, style.indented(2))
                yield from (f"  {row}" for row in some)
                if whole[name] > _SHOWN:
                    yield f"  and {whole[name] - _SHOWN} more: {_MORE[name]}"

    return Reply("status", data, lines, hint=_hint(groups, ledger.count(EVERYTHING), ledger.short))


_HEADINGS = {"mine": "mine", "ready": "ready", "waiting": "waiting for an answer"}
_MORE = {
    "mine": "git ledger list --mine",
    "ready": "git ledger ready",
    "waiting": "git ledger inbox",
}
_ADVICE = {
    "in_progress": "finish it: git ledger done",
    "pending": "begin with it: git ledger start",
}


def _counts(ledger: Reader) -> dict[str, int]:
    """Return how many tasks are in each status, and how many of the pending can be done now,
    belong to somebody who has not begun, or have to wait."""
    counts = {status: ledger.count(Among("status", (status,))) for status in STATUSES}
    pending = Among("status", ("pending",))
    counts["ready"] = ledger.count(READY)
    counts["claimed"] = ledger.count(Every((pending, Negation(Some((READY, BLOCKED))))))
    counts["blocked"] = ledger.count(BLOCKED)
    return counts


def _counted(counts: Mapping[str, int]) -> str:
    kinds = ("ready", "claimed", *STATUSES[1:4], "blocked", *STATUSES[4:])
    words = [f"{counts[kind]} {kind.replace('_', ' ')}" for kind in kinds if counts[kind]]
    return ", ".join(words) or "no tasks"


def _hint(groups: Mapping[str, list[TaskView]], count: int, short: Callable[[str], str]) -> str:
    """Return what to do next; a question that waits goes first, as somebody waits with it."""
    if not count:
        return 'add a task: git ledger add "Write the docs"'
    if groups["waiting"]:
        return f"answer it: git ledger answer {short(groups['waiting'][0].task.id)} TEXT"
    for status, advice in _ADVICE.items():
        for view in groups["mine"]:
            if view.task.status == status and not view.blocked:
                return f"{advice} {short(view.task.id)}"
    if groups["ready"]:
        return "take the next one: git ledger next --claim"
    return "see all: git ledger list --all"


COMMANDS = [
    Command(
        "status",
        status,
        "Show where things stand; the same as no command at all.",
        panel="Start",
    )
]
