"""Ordinary command lines, read from a command's description without importing typer.

Whatever is not ordinary (help, a wrong option, a missing word) is left to `app`, which explains
it. Both follow the same rules: options and arguments in any order, `--name value`,
`--name=value`, `-n value`, `-nvalue`, switches together as `-vy`, `--` ends the options. An option
whose value may be left out takes the next word, unless that looks like an option.
"""

from __future__ import annotations

from itertools import pairwise

from gitledger.cli.spec import LEFT_OUT, Command, Option
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_QUERY_MARKS = ":<>="


class _Unusual(Exception):
    """The command line is for typer to look at."""


def parse(command: Command, words: list[str]) -> dict[str, Any] | None:
    """Return the values of a command's parameters by name, None when typer should have a look."""
    words = filled_in(command, words)
    if swallowed(command, words):
        return None
    try:
        return _Reader(command, words).read()
    except (_Unusual, InvalidInput):
        return None


def query_words(command: Command, words: list[str]) -> list[str]:
    """Return the words with `-label:x` as `!label:x` where the command takes a query."""
    if not any(argument.query for argument in command.arguments):
        return words
    return [f"!{word[1:]}" if _is_term(word) else word for word in words]


def filled_in(command: Command, words: list[str]) -> list[str]:
    """Return the words with what stands for a value wherever one that may be left out is."""
    flags = command.flags
    ends = words.index("--") if "--" in words else len(words)

    def left_out(place: int) -> bool:
        following = words[place + 1 : place + 2]
        return not following or (following[0][:1] == "-" and following[0] != "-")

    return [
        f"{word}={LEFT_OUT}"
        if place < ends and word in flags and flags[word].optional and left_out(place)
        else word
        for place, word in enumerate(words)
    ]


def swallowed(command: Command, words: list[str]) -> tuple[str, str] | None:
    """Return an option and a long one behind it, which would become its value; None without.

    `--title --claim` is a value forgotten, and no title; `--title=--claim` says that it is one.
    """
    flags = command.flags
    for flag, value in pairwise(words):
        if flag == "--":
            return None
        if flag in flags and not flags[flag].switch and value in flags and value[:2] == "--":
            return flag, value
    return None


def _is_term(word: str) -> bool:
    if not word.startswith("-") or word.startswith("--"):
        return False
    name = word[1:]
    for mark in _QUERY_MARKS:
        name = name.partition(mark)[0]
    return 1 < len(name) < len(word) - 1 and name.replace("-", "").replace("_", "").isalpha()


class _Reader:
    """One reading of a command line."""

    def __init__(self, command: Command, words: list[str]) -> None:
        self._command = command
        self._flags = command.flags
        self._left = list(reversed(words))
        self._values: dict[str, Any] = {option.name: option.default for option in command.options}

    def read(self) -> dict[str, Any]:
        """Return the values by name."""
        places: list[str] = []
        while self._left:
            word = self._left.pop()
            if word == "--":
                places += reversed(self._left)
                break
            if word.startswith("--"):
                self._take_long(word)
            elif word.startswith("-") and word != "-":
                self._take_short(word)
            else:
                places.append(word)
        self._place(places)
        return self._values

    def _take_long(self, word: str) -> None:
        name, equals, value = word.partition("=")
        option = self._known(name)
        if not option.switch:
            self._set(option, value if equals else self._following())
        elif equals:
            raise _Unusual
        else:
            self._values[option.name] = True

    def _take_short(self, word: str) -> None:
        while word != "-":
            option, rest = self._known(word[:2]), word[2:]
            if not option.switch:
                self._set(option, rest or self._following())
                return
            self._values[option.name] = True
            word = f"-{rest}"

    def _known(self, flag: str) -> Option:
        if flag not in self._flags:
            raise _Unusual
        return self._flags[flag]

    def _following(self) -> str:
        if not self._left:
            raise _Unusual
        return self._left.pop()

    def _set(self, option: Option, word: str) -> None:
        value = option.read(word)
        if option.many:
            self._values[option.name].append(value)
        else:
            self._values[option.name] = value

    def _place(self, places: list[str]) -> None:
        left = list(places)
        arguments = self._command.arguments
        for number, argument in enumerate(arguments):
            if argument.many:
                behind = len(arguments) - number - 1
                taken = left[: len(left) - behind]
                left = left[len(taken) :]
                self._values[argument.name] = taken
            else:
                self._values[argument.name] = left.pop(0) if left else None
            if argument.required and not self._values[argument.name]:
                raise _Unusual
        if left:
            raise _Unusual
