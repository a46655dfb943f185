"""Which module describes which command; a module is imported when its command is used."""

from __future__ import annotations

import sys

from gitledger.cli.spec import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

_MODULES = {
    "init": ("init",),
    "status": ("status",),
    "add": ("add",),
    "edit": ("edit",),
    "note": ("note",),
    "list": ("list", "ready", "blocked"),
    "next": ("next",),
    "show": ("show",),
    "lifecycle": (
        "claim",
        "start",
        "release",
        "progress",
        "done",
        "cancel",
        "reopen",
        "approve",
        "reject",
    ),
    "questions": ("ask", "answer", "inbox"),
    "handoff": ("handoff", "accept", "decline"),
    "tell": ("tell",),
    "prime": ("prime",),
    "statusline": ("statusline",),
    "resolve": ("resolve",),
    "archive": ("archive",),
    "graph": ("tree", "graph"),
    "watch": ("watch",),
    "wait": ("wait",),
    "log": ("log",),
    "undo": ("undo", "redo"),
    "blame": ("blame",),
    "diff": ("diff",),
    "stats": ("stats",),
    "sync": ("sync",),
    "session_start": ("session start", "session fork", "session resume", "session rename"),
    "session_end": ("session end",),
    "session_list": ("session show", "session list", "session prune"),
    "lists": ("lists", "lists create", "lists archive", "lists delete"),
    "hooks": ("hooks install", "hooks uninstall", "hooks status"),
    "hook": ("hook",),
    "doctor": ("doctor",),
    "demo": ("demo",),
}
_WHERE = {verb: module for module, verbs in _MODULES.items() for verb in verbs}


def verbs() -> tuple[str, ...]:
    """Return every command's words, in the order of the overview."""
    return tuple(_WHERE)


def find(verb: str) -> Command:
    """Return the command with these words, one of `verbs`."""
    name = f"gitledger.cli.commands.{_WHERE[verb]}"
    __import__(name)  # `importlib` takes longer to import than the module does
    described: list[Command] = sys.modules[name].COMMANDS
    return next(command for command in described if command.verb == verb)


def commands() -> Iterator[Command]:
    """Yield every command's description."""
    return (find(verb) for verb in verbs())
