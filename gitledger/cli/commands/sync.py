"""`sync`: the same tasks on every machine."""

from __future__ import annotations

from gitledger.cli.context import Context
from gitledger.cli.progress import progress
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command, Option
from gitledger.cli.style import Style
from gitledger.core.conflict import Conflict
from gitledger.core.dates import parse_duration, relative
from gitledger.core.text import escape
from gitledger.core.view import plain
from gitledger.errors import ImprobableDeletions, Lost

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    from gitledger.core.merge import LostClaim
    from gitledger.sync import SyncReport


def sync(
    context: Context, *, remote: str | None, timeout: str | None, accept_remote: bool
) -> Reply:
    """Exchange operations with a remote."""
    seconds = _seconds(timeout) if timeout else None
    ledger = context.ledger
    report = _synced(context, remote, timeout=seconds, accept_remote=accept_remote)

    def data() -> dict[str, Any]:
        return {
            "remote": report.remote,
            "pulled": report.pulled,
            "pushed": report.pushed,
            "conflicts": [_conflict_json(conflict) for conflict in report.conflicts],
            "claims_lost": [
                {
                    "task": lost.task,
                    "session": lost.session,
                    "owner": lost.owner or None,
                    "at": plain(lost.at),
                }
                for lost in report.claims_lost
            ],
            "renamed": report.renamed,
            "sessions_renamed": report.sessions_renamed,
            "restored": report.restored,
            "backup": report.backup,
            "tip": report.tip,
        }

    def lines(style: Style) -> Iterator[str]:
        yield f"{escape(report.remote)}: {report.pulled} pulled, {report.pushed} pushed"
        if report.restored:
            yield f"{escape(report.remote)} had lost the list; it is there again"
        if report.backup:
            yield f"kept what was here before: {report.backup}"
        for lost in report.claims_lost:
            kept = f"{_called(context, lost.task)}: {_held(context, lost)}"
            yield f"{style.paint('claim lost', 'red')}: {kept}, not {escape(lost.session)}"
        for old, new in report.renamed.items():
            yield f"renamed: {old} is now {new}"
        for old, new in report.sessions_renamed.items():
            yield f"session {escape(old)} is now {escape(new)}: another machine has that name"
        told = {(lost.task, "owner") for lost in report.claims_lost}
        for conflict in report.conflicts:
            if (conflict.task, conflict.field) in told:
                continue
            yield f"{style.paint('conflict', 'yellow')}: {_conflict_line(context, conflict)}"

    mine = any(lost.session == ledger.session for lost in report.claims_lost)
    return Reply(
        "sync",
        data,
        lines,
        warnings=list(_warnings(context)),
        exit_code=Lost.exit_code if mine else 0,
    )


def _synced(context: Context, remote: str | None, **given: Any) -> SyncReport:
    """Sync; ask before many tasks are removed, where somebody can be asked."""
    ledger = context.ledger
    allowed = bool(context.options.get("yes"))
    try:
        with progress(context.stderr, context.environ) as told:
            return ledger.sync(remote, progress=told, allow_deletions=allowed, **given)
    except ImprobableDeletions as improbable:
        if not context.can_ask:
            raise
        context.stderr.write(f"{escape(improbable.message)}\n")
        if not context.confirm("remove them"):
            raise
    with progress(context.stderr, context.environ) as told:
        return ledger.sync(remote, progress=told, allow_deletions=True, **given)


def _warnings(context: Context) -> Iterator[str]:
    from gitledger.remotes import dangers

    for danger in dangers(context.ledger.repository.configuration):
        yield f"{danger.problem}; {danger.advice}"


def _called(context: Context, task_id: str) -> str:
    """Return a task's short id and title; the whole id of one that the remote does not have."""
    task = context.ledger.snapshot().find(task_id)
    return context.call(task) if task else escape(task_id)


def _held(context: Context, lost: LostClaim) -> str:
    if not lost.owner:
        return "nobody has it any more"
    since = f", {relative(lost.at, context.now)}" if lost.at else ""
    return f"{escape(lost.owner)} has it{since}"


def _conflict_json(conflict: Conflict) -> dict[str, Any]:
    return {
        "task": conflict.task,
        "field": conflict.field,
        "kept": plain(conflict.kept),
        "dropped": plain(conflict.dropped),
    }


def _conflict_line(context: Context, conflict: Conflict) -> str:
    kept, dropped = (_short_value(value) for value in (conflict.kept, conflict.dropped))
    short = escape(context.ledger.short(conflict.task))
    if conflict.removal:
        return f"{short} task: kept, set aside its removal (in a note)"
    return f"{short} {escape(conflict.field)}: kept {kept}, set aside {dropped} (in a note)"


def _short_value(value: Any) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(_short_value, value)) or "none"
    text = "none" if value is None else " ".join(str(plain(value)).split())
    return escape(text if len(text) <= 40 else f"{text[:39]}…")


def _seconds(text: str) -> float:
    plain_number = text.isdecimal() and int(text)
    return parse_duration(f"{text}s" if plain_number else text).total_seconds()


COMMANDS = [
    Command(
        "sync",
        sync,
        """Exchange operations with a remote, until both have the same tasks.

        What both sides changed is merged field by field; a value that loses is kept in a note.
        Exits with 4 when a claim of this session was lost to another machine, with 6 when the
        remote cannot be reached or refuses; local work is kept. More than a handful of tasks is
        removed only when that is confirmed.
        """,
        [
            Argument("remote", "Its name; default gitledger.remote, or origin.", required=False),
            Option("--timeout", metavar="TIME", help="Give up a fetch or push after 30s, 2m, …"),
            Option(
                "--accept-remote",
                help="Take the remote's history where it lost what it had; a backup is kept.",
            ),
        ],
        panel="History and sharing",
        long=True,
    )
]
