"""`prime`: what a session has to know when it begins, in less than 2,000 characters."""

from __future__ import annotations

from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import PROGRAM, Command
from gitledger.core.criteria import READY, Among, Every, work_of
from gitledger.core.text import escape
from gitledger.core.view import TaskView, task_json

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import Any, Final

    from gitledger.cli.style import Style
    from gitledger.core.inbox import Inbox
    from gitledger.core.session import Session
    from gitledger.core.task import Task

_MOST: Final = 4
"""Tasks of a kind that are named; of more it is said how many."""
_NAME: Final = 32
"""Characters of a name, at most."""
_LINE: Final = 76
"""Characters of a line that names a task, at most."""

_COMMANDS: Final = (
    ("next --claim", "take the task to do next; exit code 3: nothing to take"),
    ("start ID", "claim a task and begin; exit code 4: another session has it"),
    ("show ID", "all about a task"),
    ("progress ID 60", "say how far it is"),
    ("note ID TEXT", "leave a remark"),
    ("ask ID TEXT", "ask; the task waits until somebody answers"),
    ("done ID", "complete it"),
    ("handoff ID --to NAME -m TEXT", "pass it to another session"),
    ("add TITLE -b ID", "add a task that waits for another"),
    ("inbox", "questions, answers, handoffs, messages"),
)


def prime(context: Context) -> Reply:
    """Show who I am, what I own, what waits for me, what is ready, and the commands."""
    ledger = context.reader
    registered, box = ledger.index().session(ledger.session), ledger.inbox()
    owned, _ = ledger.search(criterion=work_of(ledger.session))
    fits = registered.role if registered else None
    fitting = Every((READY, Among("role", (None, fits)))) if fits else READY
    ready, count = ledger.search(criterion=fitting, limit=_MOST)
    reviews = ledger.reviewable()

    def data() -> dict[str, Any]:
        return {
            "list": ledger.list,
            "session": ledger.session,
            "role": fits,
            "owned": [task_json(view) for view in ledger.with_revisions(owned)],
            "inbox": {name: len(items) for name, items in _counts(box).items()},
            "ready": [task_json(view) for view in ledger.with_revisions(ready)],
            "ready_count": count,
            "review_count": len(reviews),
            "commands": [{"command": f"{PROGRAM} {c}", "does": does} for c, does in _COMMANDS],
        }

    def lines(style: Style) -> Iterator[str]:
        yield (
            "This repository keeps its tasks in a ledger,"
            f" list {_cut(ledger.list, _NAME)}; use {PROGRAM}."
        )
        yield _who(ledger.session, registered)
        mine = [_owned(context, view) for view in owned[:_MOST]]
        yield from _group("You hold", mine, len(owned), "you hold nothing")
        yield from _waiting(context, box)
        can = [_called(context, view.task) for view in ready]
        yield from _group("Ready", can, count, "nothing is ready")
        if reviews:
            first = f"{PROGRAM} show {ledger.short(reviews[0].id)}"
            yield f"{len(reviews)} in review, for you to approve ID, or reject ID -m TEXT: {first}"
        width = max(len(command) for command, _ in _COMMANDS)
        yield f"Commands ({PROGRAM} …; --json for programs):"
        yield from (f"  {command:{width}}  {does}" for command, does in _COMMANDS)

    return Reply("prime", data, lines)


def _who(name: str, session: Session | None) -> str:
    if session is None:
        return f"You are the session {_cut(name, _NAME)}."
    known = (("role", session.role), ("worktree", session.worktree), ("branch", session.branch))
    said = "".join(f", {word} {_cut(value, _NAME)}" for word, value in known if value)
    return f"You are the session {_cut(name, _NAME)}{said}."


def _group(heading: str, rows: Sequence[str], count: int, nothing: str) -> Iterator[str]:
    if not rows:
        yield f"{nothing[0].upper()}{nothing[1:]}."
        return
    yield f"{heading}:"
    yield from (f"  {row}" for row in rows)
    if count > len(rows):
        yield f"  and {count - len(rows)} more"


def _owned(context: Context, view: TaskView) -> str:
    task = view.task
    state = [task.status.replace("_", " ")] + ["blocked"] * view.blocked
    state += [] if task.progress is None else [f"{task.progress}%"]
    return _called(context, task, f" ({', '.join(state)})")


def _waiting(context: Context, box: Inbox) -> Iterator[str]:
    """Say what is in the inbox, by number, and what was handed over by name."""
    there = {name: len(items) for name, items in _counts(box).items() if items}
    if not there:
        yield "Inbox: empty."
        return
    said = (f"{n} {name if n > 1 else _ONE[name]}" for name, n in there.items())
    yield f"Inbox: {', '.join(said)}: {PROGRAM} inbox"
    for item in box.handoffs[:_MOST]:
        yield f"  {_called(context, item.task, f' (handed over by {_cut(item.note.by, _NAME)})')}"


def _counts(box: Inbox) -> dict[str, Sequence[object]]:
    return {
        "handoffs": box.handoffs,
        "messages": box.messages,
        "replies": box.replies,
        "questions": box.questions,
    }


_ONE: Final = {
    "handoffs": "handoff",
    "messages": "message",
    "replies": "reply",
    "questions": "question",
}


def _called(context: Context, task: Task, more: str = "") -> str:
    begin = f"{context.reader.short(task.id)} {task.priority} "
    return begin + _cut(task.title, _LINE - len(begin) - len(more)) + more


def _cut(text: str, length: int) -> str:
    """Return the text of a ledger, escaped and of that many characters at most."""
    shown = escape(text)
    return shown if len(shown) <= length else f"{shown[: length - 1].rstrip()}…"


COMMANDS = [
    Command(
        "prime",
        prime,
        """Show what a session has to know when it begins.

        Who you are, what you hold, what waits for you, what is ready, and the commands that
        matter, in less than 2,000 characters.
        """,
        panel="Start",
    )
]
