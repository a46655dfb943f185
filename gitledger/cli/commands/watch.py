"""`watch`: what happens to the tasks, as it happens."""

from __future__ import annotations

from gitledger.cli.operations import operation_json
from gitledger.cli.reply import Stream
from gitledger.cli.spec import Argument, Command, Option
from gitledger.cli.style import columns
from gitledger.core.text import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Final, TextIO

    from gitledger.cli.context import Context
    from gitledger.cli.style import Style
    from gitledger.core.operation import Operation
    from gitledger.differences import TaskDifference
    from gitledger.updates import Update

_DID: Final = {
    "accept": "accepted",
    "add": "added",
    "answer": "answered",
    "approve": "approved",
    "archive": "archived",
    "ask": "asked on",
    "cancel": "cancelled",
    "claim": "claimed",
    "commit": "edited",
    "decline": "declined",
    "done": "completed",
    "edit": "edited",
    "handoff": "handed on",
    "import": "imported",
    "link": "linked",
    "merge": "merged",
    "note": "noted on",
    "progress": "moved",
    "redo": "redid",
    "reject": "rejected",
    "release": "released",
    "reopen": "reopened",
    "resolve": "resolved",
    "rewrite": "edited",
    "scan": "edited",
    "start": "started",
    "undo": "undid",
}
"""What an operation did, in a word; what is not here is called by its name."""
_FIELDS_MATTER: Final = ("edit", "progress", "rewrite")
"""Operations whose name does not say what they changed."""
_BY_COMMITS: Final = ("commit", "merge", "scan", "rewrite")
"""Operations of git's hooks, which do to each task what commits of the project ask for. What joins
two remotes is called `merge`, too."""
_DEEDS: Final = (
    *("completed", "cancelled", "reopened", "brought to review", "started", "moved"),
    *("linked", "edited", "merged"),
)
"""What one operation may have done to one task or another, in the order in which it is told."""


def watch(
    context: Context,
    *,
    query: list[str],
    since: str | None,
    limit: int | None,
    sync: str | None,
) -> Stream:
    """Tell each operation as it happens."""
    from itertools import islice

    from gitledger.cli.commands.list import read_query
    from gitledger.core.dates import parse_duration

    ledger = context.ledger
    updates = ledger.watch(
        read_query(context, query, ()) if query else None,
        since=since,
        sync=parse_duration(sync).total_seconds() if sync else None,
        stop=_unread(context.stdout),
        told=lambda line: _warn(context, line),
    )
    if context.stderr.isatty() and not context.options.get("json"):
        context.stderr.write(f"watching the list '{ledger.list}'; Ctrl-C ends it\n")
        context.stderr.flush()

    def data() -> Iterator[dict[str, Any]]:
        return (_json(context, update) for update in islice(updates, limit))

    def lines(style: Style) -> Iterator[str]:
        return (_line(context, update, style) for update in islice(updates, limit))

    return Stream("change", data, lines)


def _json(context: Context, update: Update) -> dict[str, Any]:
    """Return an update as JSON has it: the operation's keys, and its tasks as they are now."""
    from gitledger.core.view import task_json

    views = context.ledger.views([each.id for each in update.tasks], revisions=True)
    return {
        **operation_json(update.entry),
        "tasks": [task_json(view) for view in views],
        "ready": list(update.ready),
        "patch": [each.json() for each in update.tasks],
    }


def _line(context: Context, update: Update, style: Style) -> str:
    """Return an update as a line: `14:03:22 ada completed 7f3k Add auth → unblocked 2`."""
    at, operation = update.at.astimezone(), update.operation
    today = at.date() == context.now.date()
    when = at.strftime("%H:%M:%S" if today else "%Y-%m-%d %H:%M:%S")
    who = escape(operation.session or update.entry.author.partition(" <")[0])
    start = f"{style.paint(when, 'dim')} {style.paint(who, 'yellow')} "
    taken = columns(f"{when} {who} ")
    count = len(update.unblocked)
    end = f" {style.arrow} unblocked {count}" if count else ""
    if len(update.tasks) != 1:
        did = _batch(context, update) if update.tasks else escape(update.entry.subject)
        return start + style.fit(did, style.left(taken + columns(end))) + end
    task = update.tasks[0]
    did, short = _did(operation, task), escape(context.ledger.short(task.id))
    end = _more(context, update, did, style) + end
    left = style.left(taken + columns(f"{did} {short} {end}"))
    return f"{start}{did} {style.paint(short, 'cyan')} {style.fit(escape(task.title), left)}{end}"


def _batch(context: Context, update: Update) -> str:
    """Return what was done to several tasks: `completed 2 tasks`, `completed 7f3k A, linked …`."""
    found: dict[str, list[TaskDifference]] = {}
    for task in update.tasks:
        found.setdefault(_did(update.operation, task), []).append(task)
    words = []
    for did in sorted(found, key=lambda did: (*_DEEDS, did).index(did)):
        one, *others = found[did]
        named = f"{escape(context.ledger.short(one.id))} {escape(one.title)}"
        words.append(f"{did} {len(found[did])} tasks" if others else f"{did} {named}")
    return ", ".join(words)


def _did(operation: Operation, task: TaskDifference) -> str:
    """Return what an operation did to a task, in a word."""
    name, old, new = operation.name, task.old, task.new
    did = _DID.get(name) or escape(name)
    if name not in (*_BY_COMMITS, "done") or old is None or new is None:
        return did
    deeds = (
        (old.finished != new.finished, task.what),
        (old.status != new.status == "in_review", "brought to review"),
        (old.status == "in_review" != new.status, "reopened"),
        (old.progress != new.progress, "moved"),
        (old.status != new.status == "in_progress", "started"),
        (old.commits != new.commits and name != "rewrite", "linked"),
    )
    return next((deed for is_so, deed in deeds if is_so), did)


def _more(context: Context, update: Update, did: str, style: Style) -> str:
    """Return what the word for an operation does not say: to whom, or what has changed."""
    if update.entry.to:
        return f" {style.arrow} {escape(update.entry.to)}"
    name = update.operation.name
    if did != "moved" and (name not in _FIELDS_MATTER or did != _DID[name]):
        return ""
    from gitledger.core.changes import change_words, told

    # That the commits are linked, which moved it, goes without saying.
    words = (
        change_words(change, short=context.ledger.short, arrow=style.arrow)[0].rstrip(":")
        for change in told(update.tasks[0].changes)
        if name not in _BY_COMMITS or did != "moved" or change.field == "progress"
    )
    found = ", ".join(words)
    return f" ({found})" if found else ""


def _warn(context: Context, line: str) -> None:
    context.stderr.write(f"warning: {escape(line)}\n")
    context.stderr.flush()


def _unread(stream: TextIO) -> Callable[[], bool]:
    """Return what tells whether nobody can read a stream any more: a pipe's other end is closed."""
    import select

    try:
        number = stream.fileno()
    except (OSError, ValueError):
        return lambda: False
    poll = select.poll()
    poll.register(number, 0)  # errors are always told
    return lambda: any(state & select.POLLERR for _, state in poll.poll(0))


COMMANDS = [
    Command(
        "watch",
        watch,
        """Show what happens to the tasks, as it happens; Ctrl-C ends it.

        A line for each operation, whichever session, worktree or sync it comes from, in order,
        none twice. With --json an object a line: its tasks as they are now, what it changed, and
        which tasks are ready since. A query tells of operations alone that concern a task which
        it means, before or after. It is a sign of life of your session.
        """,
        [
            Argument(
                "query",
                "Terms as of `list`: label:api, owner:me, is:ready, or words.",
                many=True,
                required=False,
                query=True,
            ),
            Option(
                "--since",
                metavar="WHEN",
                help="Begin with what came after: an operation's commit, yesterday, ID~1, …",
            ),
            Option("--limit", "-n", metavar="N", number=True, help="End after so many."),
            Option(
                "--sync",
                metavar="TIME",
                help="Sync with the remote as often, too: 30s, 5m; tells what goes wrong.",
            ),
        ],
        panel="History and sharing",
        long=True,
    )
]
