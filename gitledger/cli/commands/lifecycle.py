"""`claim` to `reject`: the life of tasks."""

from __future__ import annotations

from functools import partial

from gitledger.cli.answers import act, changed, changed_tasks
from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.sharing import SYNC, claims_are_confirmed, confirm
from gitledger.cli.spec import Argument, Command, Option
from gitledger.core.task import Task
from gitledger.core.text import escape
from gitledger.errors import AlreadyClaimed, InvalidInput, Lost, NotFound
from gitledger.verbs import Verbs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gitledger.cli.style import Style
    from gitledger.snapshot import Snapshot

_IDS = Argument("names", "Tasks, by id or unique prefix.", metavar="ID", many=True)
_ID = Argument("name", "The task, by id or unique prefix.", metavar="ID")
_FORCE = Option("--force", help="Do it although another session owns it; leaves a note.")
_PANEL = "Work"


def _simple(verb: str, do: Callable[..., Task], did: str) -> Callable[..., Reply]:
    """Return the function of a command that does one verb of the ledger to each named task."""

    def run(context: Context, *, names: list[str], force: bool) -> Reply:
        return act(context, verb, names, partial(do, force=force), did)

    return run


def _taking(verb: str, do: Callable[..., Task], did: str) -> Callable[..., Reply]:
    """Return the function of a command that claims, and confirms that where it is wanted."""

    def run(context: Context, *, names: list[str], sync: bool, **how: bool) -> Reply:
        claims_are_confirmed(context, asked=sync)

        def take() -> Reply:
            return act(context, verb, names, partial(do, **how), did)

        try:
            reply = _up_to_date(context, take) if sync else take()
        except AlreadyClaimed as wrong:
            if wrong.owner in context.ledger.silent(exact=False):
                short = context.ledger.short(wrong.task)
                wrong.hint = f"{wrong.owner} is stale: git ledger claim --take-over {short}"
            raise
        confirm(context, [context.ledger.task(name) for name in names], asked=sync)
        return reply

    return run


def _up_to_date(context: Context, take: Callable[[], Reply]) -> Reply:
    """Take tasks; what is refused is tried once more on what the remote has by now."""
    try:
        return take()
    except Lost:
        context.ledger.sync()
        return take()


def release(context: Context, *, names: list[str], force: bool, stale: bool) -> Reply:
    """Give tasks back, or all that stale sessions hold."""
    if not stale:
        if not names:
            raise InvalidInput("missing ID", hint="usage: git ledger release ID..., or --stale")
        return act(context, "release", names, partial(Verbs.release, force=force), "released")
    if names or force:
        raise InvalidInput("--stale stands alone: it releases all that stale sessions hold")
    before = context.ledger.snapshot()
    tasks = context.ledger.release_stale()

    def lines(style: Style) -> Iterator[str]:
        for task in tasks:
            held = before.find(task.id)
            owner = escape(held.owner) if held and held.owner else "a stale session"
            yield f"{changed('released', task, context.ledger.short)}  (from {owner})"

    nothing = [] if tasks else ["no session that holds a task is stale"]
    return changed_tasks(context, tasks, lines, one=False, messages=nothing)


def progress(context: Context, *, name: str, percent: str, force: bool) -> Reply:
    """Record how far the work is."""
    number = _percent(percent)

    def do(verbs: Verbs, name: str) -> Task:
        return verbs.progress(name, number, force=force)

    return act(context, "progress", [name], do, f"at {number}%:")


def done(context: Context, *, names: list[str], force: bool) -> Reply:
    """Complete tasks and say what that frees."""
    ledger = context.ledger
    before = ledger.snapshot()
    begun = {task.id for name in names if (task := _unfinished(before, name))}

    def freed() -> Iterator[str]:
        index = ledger.index()
        after = [row for row in index.rows(begun) if row.finished]
        waited = {each for row in after for each in index.blocks([row.id])[row.id]}
        for row in index.rows(sorted(waited)):
            if row.ready:
                yield changed("  now ready:", row.task(), ledger.short)

    return act(
        context,
        "done",
        names,
        lambda verbs, name: verbs.done(name, force=force),
        lambda task: "completed" if task.finished else "waits for review:",
        more=freed,
    )


def _unfinished(snapshot: Snapshot, name: str) -> Task | None:
    """Return the task of this name if it is unfinished; who names none will be told later."""
    try:
        task = snapshot.find(snapshot.resolve(name.strip()))
    except NotFound:
        return None
    return None if task is None or task.finished else task


def approve(context: Context, *, names: list[str], message: str | None) -> Reply:
    """Complete tasks that another session brought to review."""
    return act(
        context, "approve", names, lambda verbs, name: verbs.approve(name, message), "approved"
    )


def reject(context: Context, *, name: str, message: str | None) -> Reply:
    """Send a task in review back to its owner."""
    if message is None:
        raise InvalidInput("a rejection needs a reason", hint=f"git ledger reject {name} -m TEXT")
    return act(
        context, "reject", [name], lambda verbs, name: verbs.reject(name, message), "rejected"
    )


def _percent(word: str) -> int:
    digits = word.removesuffix("%")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 3):
        raise InvalidInput(f"progress is a number from 0 to 100, not '{word}'")
    return int(digits)


COMMANDS = [
    Command(
        "claim",
        _taking("claim", Verbs.claim, "claimed"),
        "Become the owner of tasks that nobody owns.",
        [
            _IDS,
            Option("--force", help="Claim it although it is blocked; leaves a note."),
            Option(
                "--take-over", help="Claim it although a stale session holds it; leaves a note."
            ),
            SYNC,
        ],
        panel=_PANEL,
    ),
    Command(
        "start",
        _taking("start", Verbs.start, "started"),
        "Claim tasks and begin to work on them.",
        [_IDS, _FORCE, SYNC],
        panel=_PANEL,
    ),
    Command(
        "release",
        release,
        """Give tasks back, so that another session can take them.

        With --stale all that sessions hold which are silent for longer than their lease.
        """,
        [
            Argument(
                "names",
                "Tasks, by id or unique prefix.",
                metavar="ID",
                many=True,
                required=False,
            ),
            _FORCE,
            Option("--stale", help="All that stale sessions hold; leaves notes."),
        ],
        panel=_PANEL,
    ),
    Command(
        "progress",
        progress,
        "Record how far the work on a task is, 0 to 100.",
        [_ID, Argument("percent", "0 to 100."), _FORCE],
        panel=_PANEL,
    ),
    Command(
        "done",
        done,
        "Complete tasks (or bring them to review, where they ask for it).",
        [_IDS, _FORCE],
        panel=_PANEL,
    ),
    Command(
        "cancel",
        _simple("cancel", Verbs.cancel, "cancelled"),
        "Say that tasks will not be done.",
        [_IDS, _FORCE],
        panel=_PANEL,
    ),
    Command(
        "reopen",
        _simple("reopen", Verbs.reopen, "reopened"),
        "Make finished tasks pending again.",
        [_IDS, _FORCE],
        panel=_PANEL,
    ),
    Command(
        "approve",
        approve,
        """Complete tasks that are in review.

        This is for another session than the one that did the work.
        """,
        [_IDS, Option("--message", "-m", metavar="TEXT", help="What the review says.")],
        panel=_PANEL,
    ),
    Command(
        "reject",
        reject,
        "Send a task in review back to its owner.",
        [_ID, Option("--message", "-m", metavar="TEXT", help="Why; the owner reads it.")],
        panel=_PANEL,
    ),
]
