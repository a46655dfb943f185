"""Sharing what a command did: `--sync`, and `gitledger.autoSync` (contract, section 5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gitledger.cli.context import Context
from gitledger.cli.spec import Option
from gitledger.core.task import Task
from gitledger.errors import InvalidInput, did_you_mean

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
