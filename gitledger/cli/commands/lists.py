"""`lists`: the task lists of this repository."""

from __future__ import annotations

from gitledger import lists as names
from gitledger import shelf
from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command, Option
from gitledger.core.criteria import EVERYTHING, UNFINISHED
from gitledger.core.text import escape
from gitledger.errors import NoLedger
from gitledger.ledger import Ledger
from gitledger.reader import Reader
from gitledger.repository import Repository

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PANEL = "Start"
_NAME = Argument("name", "The list.")


def lists(context: Context, *, archived: bool) -> Reply:
    """Show the lists with how much is in them."""
    # The list that the other commands would use need not exist: one sees here which do.
    repository = context.repository
    known = repository.lists()
    put_away = shelf.archived(repository)
    if not known and not put_away:
        raise NoLedger("this repository has no ledger", hint="make one: git ledger init")
    current = names.choose(
        context.options.get("list"),
        context.environ,
        repository.configuration.get("gitledger.list"),
        lambda: known,
    )
    found: list[dict[str, Any]] = [
        {"name": name, "current": name == current, "archived": False, **_counts(repository, name)}
        for name in known
    ]
    if archived:
        found += [{"name": name, "current": False, "archived": True} for name in put_away]
    return Reply("lists", lambda: {"lists": found}, lambda style: map(_line, found))


def _line(entry: dict[str, Any]) -> str:
    mark = "*" if entry["current"] else " "
    if entry["archived"]:
        return f"{mark} {escape(entry['name'])}: archived"
    count = f"{entry['unfinished']} of {entry['tasks']} tasks unfinished"
    return f"{mark} {escape(entry['name'])}: {count if entry['tasks'] else 'no tasks'}"


def _counts(repository: Repository, name: str) -> dict[str, int]:
    reader = Reader(repository, list=name, session="")
    return {"tasks": reader.count(EVERYTHING), "unfinished": reader.count(UNFINISHED)}


def create(context: Context, *, name: str) -> Reply:
    """Make a list."""
    ledger, created = Ledger.init(
        context.place, brief=True, **{**context.ledger_options(), "list": name}
    )
    did = f"made the list '{name}'" if created else f"the list '{name}' is there already"
    return Reply(
        "lists",
        lambda: {"lists": [{"name": name, "created": created, "tip": ledger.tip()}]},
        lambda style: [did],
        hint=f"use it: git ledger list --list {name}, or GITLEDGER_LIST={name}",
    )


def archive(context: Context, *, name: str) -> Reply:
    """Put a list away."""
    kept = shelf.archive(context.repository, name)
    return _put_away(name, kept, f"archived the list '{name}'")


def delete(context: Context, *, name: str) -> Reply:
    """Delete a list; its history is kept under a backup ref."""
    known = context.repository.lists()
    if name not in known:
        raise names.no_such_list(name, known)
    left = _counts(context.repository, name)["unfinished"]
    tasks = f"{left} unfinished task{'' if left == 1 else 's'}"
    if left and not context.confirm(f"delete the list '{name}' with {tasks}"):
        return Reply("lists", lambda: {"lists": []}, lambda style: ["nothing was deleted"])
    backup = shelf.delete(context.repository, name)
    return _put_away(name, backup, f"deleted the list '{name}'; its history is kept at {backup}")


def _put_away(name: str, where: str, did: str) -> Reply:
    return Reply(
        "lists", lambda: {"lists": [{"name": name, "kept": where}]}, lambda style: [escape(did)]
    )


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
