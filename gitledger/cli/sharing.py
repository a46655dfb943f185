"""Sharing what a command did: `--sync`, and `gitledger.autoSync` (contract, section 5)."""

from __future__ import annotations

from gitledger.cli.context import Context
from gitledger.cli.spec import Option
from gitledger.core.task import Task
from gitledger.errors import AlreadyClaimed, InvalidInput, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Final

    from gitledger.ledger import Ledger

SYNC: Final = Option("--sync", help="Return once the claim is published, or lost (exit code 4).")
_SETTING: Final = "gitledger.autoSync"
_MODES: Final = ("off", "claims", "all")


def claims_are_confirmed(context: Context, *, asked: bool) -> bool:
    """Tell whether a claim is to be published at once: `--sync`, or the setting where it can be.

    Raises:
        NotFound: it was asked for, and there is no remote.
        InvalidInput: the setting is none of its values.
    """
    ledger = context.ledger
    if asked and ledger.remote is None:
        from gitledger.remotes import require

        require(None, ledger.repository.configuration)
    return asked or (_mode(context) != "off" and ledger.remote is not None)


def confirm(context: Context, tasks: Iterable[Task], *, asked: bool) -> None:
    """Publish the claims of these tasks where that is wanted.

    Raises:
        AlreadyClaimed, TaskFinished: another machine was faster.
        RemoteFailed: the remote cannot be reached or refuses; the claims stay tentative.
    """
    if claims_are_confirmed(context, asked=asked):
        context.ledger.confirm(*(task.id for task in tasks))


def publish_handoffs(ledger: Ledger, tasks: Iterable[Task]) -> None:
    """Sync, and make sure that the handoffs stand.

    Args:
        ledger: the list.
        tasks: what was handed on, as it is then.

    Raises:
        AlreadyClaimed: another machine had given the task to somebody before.
        RemoteFailed: the remote cannot be reached or refuses; the handoff stays here.
    """
    from gitledger.core.parties import last_handoff

    report = ledger.sync()
    for before in tasks:
        task = ledger.task(report.renamed.get(before.id, before.id))
        if task.owner != before.owner and last_handoff(task) == last_handoff(before):
            raise AlreadyClaimed(
                f"the handoff of {ledger.short(task.id)} '{task.title}' is lost:"
                f" {task.owner or 'nobody'} has it",
                task=task.id,
                owner=task.owner or "",
                hint=f"see what became of it: git ledger show {ledger.short(task.id)}",
            )


def share(context: Context) -> None:
    """Start a sync in the background where every operation is to be shared."""
    # What was done stands, whatever the setting says: only a claim complains of a wrong one.
    if context.setting(_SETTING) != "all" or context.ledger.remote is None:
        return
    from gitledger.cli.terminal import start_detached

    start_detached(["sync", "--list", context.ledger.list], context)


def _mode(context: Context) -> str:
    mode = (context.setting(_SETTING) or "off").lower()
    if mode not in _MODES:
        hint = did_you_mean(mode, _MODES) or f"one of: {', '.join(_MODES)}"
        raise InvalidInput(f"'{_SETTING}' cannot be '{mode}'", hint=hint)
    return mode
