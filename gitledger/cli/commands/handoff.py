"""`handoff`, `accept`, `decline`: a task passes from one session to the next."""

from __future__ import annotations

from gitledger.cli.answers import act
from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.sharing import claims_are_confirmed, confirm, publish_handoffs
from gitledger.cli.spec import Argument, Command, Option
from gitledger.core.task import Task
from gitledger.errors import InvalidInput
from gitledger.verbs import Verbs

_PANEL = "Sessions"


def handoff(
    context: Context,
    *,
    names: list[str],
    to: str | None,
    message: str | None,
    force: bool,
    sync: bool,
) -> Reply:
    """Pass tasks to another session or to a role, and publish that where it is wanted."""
    if to is None:
        raise InvalidInput("missing --to", hint=_usage(names, "SESSION"))
    if message is None:
        raise InvalidInput("a handoff needs a text", hint=_usage(names, to))
    words, shared = context.words([message]), claims_are_confirmed(context, asked=sync)

    def do(verbs: Verbs, name: str) -> Task:
        return verbs.handoff(name, to, words, force=force)

    reply = act(context, "handoff", names, do, f"handed to {to}:")
    if shared:
        publish_handoffs(context.ledger, [context.ledger.task(name) for name in names])
    return reply


def accept(context: Context, *, names: list[str], message: str | None) -> Reply:
    """Take note of handoffs, and begin."""
    words = None if message is None else context.words([message])
    claims_are_confirmed(context, asked=False)
    reply = act(context, "accept", names, lambda verbs, name: verbs.accept(name, words), "accepted")
    # What was handed to a role becomes this session's by that: a claim like others.
    confirm(context, [context.ledger.task(name) for name in names], asked=False)
    return reply


def decline(context: Context, *, name: str, message: str | None) -> Reply:
    """Pass a task back to who handed it off."""
    if message is None:
        raise InvalidInput("to decline needs a reason", hint=f"git ledger decline {name} -m TEXT")
    words = context.words([message])
    return act(
        context,
        "decline",
        [name],
        lambda verbs, name: verbs.decline(name, words),
        lambda task: f"declined, back to {task.owner or 'nobody'}:",
    )


def _usage(names: list[str], to: str) -> str:
    return f"git ledger handoff {' '.join(names)} --to {to} -m TEXT"


_ID = Argument("name", "The task, by id or unique prefix.", metavar="ID")
_IDS = Argument("names", "Tasks, by id or unique prefix.", metavar="ID", many=True)

COMMANDS = [
    Command(
        "handoff",
        handoff,
        """Pass tasks to another session, or to a role.

        The recipient owns them from now on, finds them in its inbox, and gets them first from
        `next`. What a role is given belongs to nobody until one of that role takes it.
        """,
        [
            _IDS,
            Option("--to", metavar="NAME", help="A session, or role:ROLE."),
            Option("--message", "-m", metavar="TEXT", help="What it should know; - reads stdin."),
            Option("--force", help="Do it although another session owns it; leaves a note."),
            Option("--sync", help="Return once it is published, or lost (exit code 4)."),
        ],
        panel=_PANEL,
    ),
    Command(
        "accept",
        accept,
        "Take on what was handed to you, and begin to work on it.",
        [_IDS, Option("--message", "-m", metavar="TEXT", help="A note; - reads stdin.")],
        panel=_PANEL,
    ),
    Command(
        "decline",
        decline,
        "Pass a task back to the session that handed it to you.",
        [_ID, Option("--message", "-m", metavar="TEXT", help="Why; - reads stdin.")],
        panel=_PANEL,
    ),
]
