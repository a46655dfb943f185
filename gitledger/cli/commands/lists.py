"""`lists`: the task lists of this repository."""

from __future__ import annotations

from typing import Any

from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command, Option
from gitledger.core.text import escape
from gitledger.ledger import Ledger

_PANEL = "Start"
_NAME = Argument("name", "The list.")


def lists(context: Context, *, archived: bool) -> Reply:
    """Show the lists with how much is in them."""
    ledger = context.ledger
    found = [
        {"name": name, "current": name == ledger.list, "archived": False, **_counts(context, name)}
        for name in ledger.lists()
    ]
    if archived:
        names = ledger.archived_lists()
        found += [{"name": name, "current": False, "archived": True} for name in names]

    def line(entry: dict[str, Any]) -> str:
        mark = "*" if entry["current"] else " "
        if entry["archived"]:
            return f"{mark} {escape(entry['name'])}: archived"
        left = f"{entry['unfinished']} of {entry['tasks']} unfinished"
        return f"{mark} {escape(entry['name'])}: {left}"

    return Reply("lists", lambda: {"lists": found}, lambda style: map(line, found))


def _counts(context: Context, name: str) -> dict[str, int]:
    tasks = Ledger.open(context.cwd, **{**context.ledger_options(), "list": name}).tasks()
    return {"tasks": len(tasks), "unfinished": sum(not task.finished for task in tasks)}


def create(context: Context, *, name: str) -> Reply:
    """Make a list."""
    ledger, created = Ledger.init(context.cwd, **{**context.ledger_options(), "list": name})
    did = f"made the list '{name}'" if created else f"the list '{name}' is there already"
    return Reply(
        "lists",
        lambda: {"lists": [{"name": name, "created": created, "tip": ledger.tip()}]},
        lambda style: [did],
        messages=[f"hint: use it: git ledger list --list {name}, or GITLEDGER_LIST={name}"],
    )


def archive(context: Context, *, name: str) -> Reply:
    """Put a list away."""
    tip = context.ledger.archive_list(name)
    return _put_away(name, tip, f"archived the list '{name}'")


def delete(context: Context, *, name: str) -> Reply:
    """Delete a list; its history is kept under a backup ref."""
    counts = _counts(context, name)
    if counts["unfinished"] and not context.confirm(
        f"Delete the list '{name}' with {counts['unfinished']} unfinished tasks?"
    ):
        return Reply("lists", lambda: {"lists": []}, lambda style: ["nothing was deleted"])
    backup = context.ledger.delete_list(name)
    return _put_away(name, backup, f"deleted the list '{name}'; its history is kept at {backup}")


def _put_away(name: str, where: str, did: str) -> Reply:
    return Reply("lists", lambda: {"lists": [{"name": name, "kept": where}]}, lambda style: [did])


COMMANDS = [
    Command(
        "lists",
        lists,
        "Show the task lists of this repository.",
        [Option("--archived", help="Archived ones too.")],
        panel=_PANEL,
    ),
    Command("lists create", create, "Make a task list.", [_NAME], panel=_PANEL),
    Command("lists archive", archive, "Put a list away; its history stays.", [_NAME], panel=_PANEL),
    Command(
        "lists delete", delete, "Delete a list here; a backup ref stays.", [_NAME], panel=_PANEL
    ),
]
