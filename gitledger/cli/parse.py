"""Ordinary command lines, read from a command's description without importing typer.

Whatever is not ordinary (help, a wrong option, a missing word) is left to `app`, which explains
it. Both follow the same rules: options and arguments in any order, `--name value`,
`--name=value`, `-n value`, `-nvalue`, switches together as `-vy`, `--` ends the options.
"""

from __future__ import annotations

from typing import Any

from gitledger.cli.spec import Command, Option

_QUERY_MARKS = ":<>="


class _Unusual(Exception):
    """The command line is for typer to look at."""


def parse(command: Command, words: list[str]) -> dict[str, Any] | None:
    """Return the values of a command's parameters by name, None when typer should have a look."""
    values: dict[str, Any] = {option.name: option.default for option in command.options}
    flags = {flag: option for option in command.options for flag in option.flags}
    places: list[str] = []
    left = list(reversed(words))
    try:
        while left:
            word = left.pop()
            if word == "--":
                places += reversed(left)
                break
            if word.startswith("--"):
                _take_long(word, left, flags, values)
            elif word.startswith("-") and word != "-":
                _take_short(word, left, flags, values)
            else:
                places.append(word)
        _place(command, places, values)
    except _Unusual:
        return None
    return values


def query_words(command: Command, words: list[str]) -> list[str]:
    """Return the words with `-label:x` as `!label:x` where the command takes a query."""
    if not any(argument.query for argument in command.arguments):
        return words
    return [f"!{word[1:]}" if _is_term(word) else word for word in words]


def _is_term(word: str) -> bool:
    if not word.startswith("-") or word.startswith("--"):
        return False
    name = word[1:]
    for mark in _QUERY_MARKS:
        name = name.partition(mark)[0]
    return 1 < len(name) < len(word) - 1 and name.replace("-", "").replace("_", "").isalpha()


def _take_long(
    word: str, left: list[str], flags: dict[str, Option], values: dict[str, Any]
) -> None:
    name, equals, value = word.partition("=")
    option = _known(name, flags)
    if not option.switch:
        _set(option, value if equals else _following(left), values)
    elif equals:
        raise _Unusual
    else:
        _set(option, True, values)


def _take_short(
    word: str, left: list[str], flags: dict[str, Option], values: dict[str, Any]
) -> None:
    while word != "-":
        option, rest = _known(word[:2], flags), word[2:]
        if not option.switch:
            _set(option, rest or _following(left), values)
            return
        _set(option, True, values)
        word = f"-{rest}"


def _known(flag: str, flags: dict[str, Option]) -> Option:
    if flag not in flags:
        raise _Unusual
    return flags[flag]


def _following(left: list[str]) -> str:
    if not left:
        raise _Unusual
    return left.pop()


def _set(option: Option, value: Any, values: dict[str, Any]) -> None:
    if option.choices and value not in option.choices:
        raise _Unusual
    if option.number:
        try:
            value = int(value)
        except ValueError:
            raise _Unusual from None
    if option.many:
        values[option.name].append(value)
    else:
        values[option.name] = value


def _place(command: Command, places: list[str], values: dict[str, Any]) -> None:
    left = list(places)
    for number, argument in enumerate(command.arguments):
        if argument.many:
            behind = len(command.arguments) - number - 1
            taken = left[: len(left) - behind]
            left = left[len(taken) :]
            values[argument.name] = taken
        else:
            values[argument.name] = left.pop(0) if left else None
        if argument.required and not values[argument.name]:
            raise _Unusual
    if left:
        raise _Unusual
