"""`git ledger` without a command: where things stand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from gitledger.cli.context import Context
from gitledger.cli.render import rows
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Command
from gitledger.cli.style import Style
from gitledger.core.ordering import sort_views
from gitledger.core.text import escape
from gitledger.core.view import TaskView, task_json

_SHOWN = 5


def status(context: Context) -> Reply:
    """Show what is mine, what is ready, what waits for an answer, and how many there are."""
    ledger = context.ledger
    views = sort_views(ledger.views(), "priority")
    groups = {
        "mine": [v for v in views if v.task.owner == ledger.session and not v.task.finished],
        "ready": [view for view in views if view.ready],
        "waiting": [view for view in views if view.task.status == "waiting"],
    }
    counts = Counter(view.task.status for view in views)
    counts["ready"], counts["blocked"] = len(groups["ready"]), sum(view.blocked for view in views)

    def data() -> dict[str, object]:
        body = {
            name: [task_json(view) for view in ledger.with_revisions(group)]
            for name, group in groups.items()
        }
        return {"list": ledger.list, "session": ledger.session, "counts": dict(counts), **body}

    def lines(style: Style) -> Iterator[str]:
        where = f"list {style.paint(ledger.list, 'bold')}"
        yield f"{where}, session {style.paint(escape(ledger.session), 'bold')}: {_counted(counts)}"
        for name, group in groups.items():
            if group:
                yield ""
                yield style.paint(_HEADINGS[name], "bold")
                shown = rows(group[:_SHOWN], ledger.short, style)
                yield from (f"  {row}" for row in shown)
                if len(group) > _SHOWN:
                    yield f"  and {len(group) - _SHOWN} more: {_MORE[name]}"

    return Reply("status", data, lines, messages=[f"hint: {_hint(groups, counts)}"])


_HEADINGS = {"mine": "mine", "ready": "ready", "waiting": "waiting for an answer"}
_MORE = {
    "mine": "git ledger list --mine",
    "ready": "git ledger ready",
    "waiting": "git ledger inbox",
}


def _counted(counts: Counter[str]) -> str:
    kinds = ("ready", "in_progress", "waiting", "in_review", "blocked", "completed", "cancelled")
    words = [f"{counts[kind]} {kind.replace('_', ' ')}" for kind in kinds if counts[kind]]
    return ", ".join(words) or "no tasks"


def _hint(groups: dict[str, list[TaskView]], counts: Counter[str]) -> str:
    if not sum(counts.values()):
        return 'add a task: git ledger add "Write the docs"'
    if groups["waiting"]:
        return "answer a question: git ledger answer ID TEXT"
    working = [view for view in groups["mine"] if view.task.status == "in_progress"]
    if working:
        return "finish it: git ledger done ID"
    if groups["ready"] or groups["mine"]:
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
