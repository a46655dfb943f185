"""A task ledger that lives inside a git repository.

from gitledger import Ledger

ledger = Ledger.open(".")
task = ledger.add("Write the docs", priority="P1")
ledger.start(task.id)
ledger.done(task.id)
"""

from __future__ import annotations

from gitledger.errors import (
    AlreadyClaimed,
    AmbiguousId,
    Cycle,
    InvalidInput,
    InvalidTask,
    LedgerError,
    Lost,
    NewerFormat,
    NoLedger,
    NoRepository,
    NoSuchList,
    NoSuchTask,
    NotFound,
    NothingToTake,
    NotOwner,
    OwnWork,
    RemoteFailed,
    StoreFailed,
    TaskBlocked,
    TaskFinished,
    TimedOut,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gitledger.core.effect import Undone
    from gitledger.core.plan import Plan, parse_plan
    from gitledger.core.query import Query, QueryContext, parse_query
    from gitledger.core.task import Note, Task
    from gitledger.core.view import Claim, TaskView
    from gitledger.ledger import Ledger
    from gitledger.sync import SyncReport
    from gitledger.transaction import Transaction
    from gitledger.updates import Update

__version__ = "0.1.0"

__all__ = [
    "AlreadyClaimed",
    "AmbiguousId",
    "Claim",
    "Cycle",
    "InvalidInput",
    "InvalidTask",
    "Ledger",
    "LedgerError",
    "Lost",
    "NewerFormat",
    "NoLedger",
    "NoRepository",
    "NoSuchList",
    "NoSuchTask",
    "NotFound",
    "NotOwner",
    "Note",
    "NothingToTake",
    "OwnWork",
    "Plan",
    "Query",
    "QueryContext",
    "RemoteFailed",
    "StoreFailed",
    "SyncReport",
    "Task",
    "TaskBlocked",
    "TaskFinished",
    "TaskView",
    "TimedOut",
    "Transaction",
    "Undone",
    "Update",
    "parse_plan",
    "parse_query",
]

_LAZY = {
    "Claim": "core.view",
    "Ledger": "ledger",
    "Note": "core.task",
    "Plan": "core.plan",
    "Query": "core.query",
    "QueryContext": "core.query",
    "SyncReport": "sync",
    "Task": "core.task",
    "TaskView": "core.view",
    "Transaction": "transaction",
    "Update": "updates",
    "Undone": "core.effect",
    "parse_plan": "core.plan",
    "parse_query": "core.query",
}
"""Where names live that are imported when they are asked for: a command pays for what it uses."""


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"gitledger.{_LAZY[name]}"), name)
