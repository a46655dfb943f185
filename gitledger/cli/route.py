"""Which command is meant by the words of a command line."""

from __future__ import annotations

from gitledger.cli import registry
from gitledger.cli.spec import PROGRAM
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Final

_HELP: Final = ("-h", "--help")

_ELSEWHERE: Final = {
    "assign": "claim",
    "close": "done",
    "comment": "note",
    "complete": "done",
    "create": "add",
    "deps": "graph",
    "finish": "done",
    "history": "log",
    "import": "add --file",
    "info": "show",
    "ls": "list",
    "modify": "edit",
    "new": "add",
    "pull": "sync",
    "push": "sync",
    "remove": "cancel",
    "delete": "cancel",
    "rm": "cancel",
    "search": "list",
    "take": "claim",
    "todo": "list",
    "unclaim": "release",
    "update": "edit",
    "version": "--version",
    "view": "show",
}
"""What people type who know another tracker, and what it is here."""


def find_route(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return the words of the command that is meant, and those that are left for it.

    Without a verb it is `status`. `help VERB` is another way to write `VERB -h`. An empty verb is
    the overview of all commands.

    Raises:
        InvalidInput: there is no such command.
    """
    words = list(words)
    if words[:1] in ([word] for word in _HELP):
        return ("", ["-h"])
    if words[:1] == ["help"]:
        return find_route([*words[1:3], "-h"])
    if not words or words[0].startswith("-"):
        return ("status", words)
    known = registry.verbs()
    two = " ".join(words[:2])
    if two in known:
        return (two, words[2:])
    group = _group(words[0])
    if words[0] in known and (not group or words[1:2] == [] or words[1].startswith("-")):
        return (words[0], words[1:])
    if group:
        return _in_group(words[0], words[1:], group)
    raise _unknown(words[0])


def misplaced(words: Sequence[str]) -> InvalidInput | None:
    """Return the error for a verb behind options, None where there is no verb among the words."""
    known = registry.verbs()
    place = next((place for place, word in enumerate(words) if word in known), None)
    if place is None:
        return None
    import shlex

    right = [*words[place:], *words[:place]]
    return InvalidInput("options stand behind the command", hint=f"{PROGRAM} {shlex.join(right)}")


def _group(word: str) -> tuple[str, ...]:
    """Return the second words of the commands that begin with this one."""
    members = (verb.split() for verb in registry.verbs() if " " in verb)
    return tuple(second for first, second in members if first == word)


def _in_group(first: str, words: list[str], group: tuple[str, ...]) -> tuple[str, list[str]]:
    """Return what a group's name leads to when none of its commands is named."""
    if words and words[0] in _HELP:
        return (first, ["-h"])
    one_of = f"one of: {', '.join(f'{first} {second}' for second in group)}"
    if not words or words[0].startswith("-"):
        raise InvalidInput(f"'{first}' is no whole command", hint=one_of)
    from gitledger.cli.nearest import nearest

    near = nearest(words[0], group)
    hint = f"did you mean '{first} {near}'?" if near else one_of
    raise InvalidInput(f"no command '{first} {words[0]}'", hint=hint)


def _unknown(word: str) -> InvalidInput:
    from gitledger.cli.nearest import nearest

    known = [verb.split()[0] for verb in registry.verbs() if verb != "hook"]
    near = _ELSEWHERE.get(word.lower()) or nearest(word, known)
    if near:
        hint = f"did you mean '{PROGRAM} {near}'?"
    elif " " in word.strip():
        hint = f'to make a task: {PROGRAM} add "{word.strip()}"'
    elif _may_be_an_id(word):
        hint = f"to see a task: {PROGRAM} show {word}"
    else:
        hint = f"see them all: {PROGRAM} -h"
    return InvalidInput(f"no command '{word}'", hint=hint)


def _may_be_an_id(word: str) -> bool:
    """Tell whether a word may well be the id of a task, or its beginning: most have a digit."""
    made_of = word.isascii() and word.isalnum() and word == word.lower()
    return 3 <= len(word) <= 10 and made_of and not word.isalpha()
