"""`next`: the task to do next."""

from __future__ import annotations

from math import inf

from gitledger.cli.answers import changed, changed_tasks, task_data
from gitledger.cli.context import Context
from gitledger.cli.nearest import nearest
from gitledger.cli.reply import Reply
from gitledger.cli.sharing import SYNC, claims_are_confirmed, confirm
from gitledger.cli.spec import Command, Option
from gitledger.core.task import ROLES, Task
from gitledger.core.text import escape
from gitledger.errors import InvalidInput, Lost, NothingToTake

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from gitledger.cli.style import Style


def next_(
    context: Context,
    *,
    claim: bool,
    explain: bool,
    role: str | None,
    sync: bool,
    take_over: bool,
    timeout: str | None,
    wait: bool,
) -> Reply:
    """Show the task to do next, or take it; wait for one where that is wanted."""
    if role:
        _check_role(role, context)
    if sync and not claim:
        raise InvalidInput("--sync goes with --claim", hint="git ledger next --claim --sync")
    if explain and claim:
        raise InvalidInput("--explain goes without --claim", hint="git ledger next --explain")
    if timeout is not None and not wait:
        raise InvalidInput("--timeout goes with --wait", hint="git ledger next --wait --timeout 5m")
    look = _claiming if claim else _explaining if explain else _looking
    chosen: dict[str, Any] = {"role": role, "take_over": take_over}

    def answer() -> Reply:
        return look(context, sync=sync, **chosen)

    try:
        return _patiently(context, answer, timeout, take_over=take_over) if wait else answer()
    except NothingToTake as nothing:
        if not take_over and _anything(context, role):
            nothing.hint = "stale sessions hold some: git ledger next --claim --take-over"
        elif waits := context.ledger.reviewable():
            nothing.hint = (
                f"one waits for review: git ledger show {context.ledger.short(waits[0].id)}"
            )
        raise


def _looking(context: Context, *, sync: bool, **chosen: Any) -> Reply:
    return _shown(context, context.reader.next(**chosen))


def _explaining(context: Context, *, sync: bool, **chosen: Any) -> Reply:
    task, why = context.reader.explain_next(**chosen)
    return _shown(context, task, why)


def _shown(context: Context, task: Task, why: tuple[str, ...] | None = None) -> Reply:
    reader = context.reader
    view = reader.view(task.id)

    def lines(style: Style) -> Iterator[str]:
        from gitledger.cli.rows import rows

        yield from rows([view], reader.short, style)
        yield from (f"  {escape(sentence)}" for sentence in why or ())

    called = reader.short(task.id)
    other = task.owner not in (None, reader.session)
    return Reply(
        "task",
        lambda: task_data(view) | ({} if why is None else {"why": list(why)}),
        lines,
        hint=f"take it over: git ledger claim --take-over {called}"
        if other
        else f"take it: git ledger start {called}",
    )


def _claiming(context: Context, *, sync: bool, **chosen: Any) -> Reply:
    task = _claimed(context, sync=sync, **chosen)
    return changed_tasks(
        context, [task], lambda style: [changed("claimed", task, context.ledger.short)]
    )


def _claimed(context: Context, *, sync: bool, **chosen: Any) -> Task:
    """Claim the next task; where claims are confirmed, go on to the next until one stands."""
    claims_are_confirmed(context, asked=sync)
    while True:
        task = context.ledger.claim_next(**chosen)
        try:
            confirm(context, [task], asked=sync)
        except Lost:
            continue
        return task


def _patiently(
    context: Context, answer: Callable[[], Reply], timeout: str | None, *, take_over: bool
) -> Reply:
    """Return the answer once there is one.

    Raises:
        NothingToTake: there was none for the time of the time-out.
    """
    from gitledger import lists
    from gitledger.core.dates import parse_duration
    from gitledger.waiting import RefWatch, wait_for

    ledger = context.ledger
    span = parse_duration(timeout).total_seconds() if timeout else inf
    watch = RefWatch(ledger.repository.location.common_dir, lists.ref(ledger.list))

    def beat() -> None:
        ledger.heartbeats.beat(ledger.session, ledger.now(), waits=True)

    def lease_ends() -> float:
        at = ledger.next_silence() if take_over else None
        # By whole seconds; one later the lease is over.
        return inf if at is None else watch.now() + (at - ledger.now()).total_seconds() + 1

    if context.stderr.isatty():
        context.stderr.write("waiting for a task; Ctrl-C ends it\n")
        context.stderr.flush()
    try:
        return wait_for(answer, watch, end=watch.now() + span, alarm=lease_ends, beat=beat)
    except NothingToTake as nothing:
        nothing.message = f"{nothing.message} after {timeout}"
        raise


def _anything(context: Context, role: str | None) -> bool:
    """Tell whether there is something to take over."""
    try:
        context.ledger.next(role=role, take_over=True)
    except NothingToTake:
        return False
    return True


def _check_role(role: str, context: Context) -> None:
    """Raise InvalidInput for a role that nobody has ever heard of: it would match nothing."""
    snapshot = context.ledger.snapshot()
    having = {session.role for session in snapshot.sessions().values() if session.role}
    known = sorted({*ROLES, *snapshot.roles(), *having})
    if role not in known:
        near = nearest(role, known)
        hint = f"did you mean '{near}'?" if near else f"known: {', '.join(known)}"
        raise InvalidInput(f"no task is for the role '{role}'", hint=hint)


COMMANDS = [
    Command(
        "next",
        next_,
        """Show the task to do next, or take it with --claim.

        First what is handed to you, then by priority, due date, how much it unblocks, and age.
        Tasks for another role than that of your session are passed over.
        """,
        [
            Option("--claim", help="Take it, in the same operation."),
            SYNC,
            Option("--role", metavar="ROLE", help="Pass over tasks for another role."),
            Option("--take-over", help="What stale sessions hold counts, too; leaves a note."),
            Option("--explain", help="Say why it is this one."),
            Option("--wait", help="Sleep until there is one."),
            Option(
                "--timeout", metavar="TIME", help="Wait so long at most: 90s, 30m; exit code 3."
            ),
        ],
        panel="Work",
    )
]
