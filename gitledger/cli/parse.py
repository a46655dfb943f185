"""Ordinary command lines, read from a command's description without importing typer.

Whatever is not ordinary (help, a wrong option, a missing word) is left to `app`, which explains
it. Both follow the same rules: options and arguments in any order, `--name value`,
`--name=value`, `-n value`, `-nvalue`, switches together as `-vy`, `--` ends the options.
"""

from __future__ import annotations

from typing import Any

from gitledger.cli.spec import Command, Option

_QUERY_MARKS = ":<>="


def parse(command: Command, words: list[str]) -> dict[str, Any] | None:
    """Return the values of a command's parameters by name, None when typer should have a look."""
    values: dict[str, Any] = {option.name: option.default for option in command.options}
    flags = {flag: option for option in command.options for flag in option.flags}
    places: list[str] = []
    left = list(reversed(words))
    while left:
        word = left.pop()
        if word == "--":
            places += reversed(left)
            break
        if not word.startswith("-") or word == "-":
            places.append(word)
        elif not _take_option(word, left, flags, values):
            return None
    return values if _place(command, places, values) else None


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


def _take_option(
    word: str, left: list[str], flags: dict[str, Option], values: dict[str, Any]
) -> bool:
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        option = flags.get(name)
        if option is None or (option.switch and equals):
            return False
        if option.switch:
            return _set(option, True, values)
        if not equals:
            if not left:
                return False
            value = left.pop()
        return _set(option, value, values)
    while word != "-":
        option, rest = flags.get(word[:2]), word[2:]
        if option is None:
            return False
        if not option.switch:
            if not rest and not left:
                return False
            return _set(option, rest or left.pop(), values)
        _set(option, True, values)
        word = f"-{rest}"
    return True


def _set(option: Option, value: Any, values: dict[str, Any]) -> bool:
    if option.choices and value not in option.choices:
        return False
    if option.number:
        try:
            value = int(value)
        except ValueError:
            return False
    if option.many:
        values[option.name].append(value)
    else:
        values[option.name] = value
    return True


def _place(command: Command, places: list[str], values: dict[str, Any]) -> bool:
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
            return False
    return not left
