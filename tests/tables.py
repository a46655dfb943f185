"""The tables of the documents, made from the code that they describe."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Final

from gitledger import errors
from gitledger.cli import registry
from gitledger.cli.spec import COMMON, Argument, Command, Option
from gitledger.core.queryfields import FIELDS
from tests.scenery import ROOT


def commands() -> str:
    """Return what every command does and takes, by panel."""
    panels: dict[str, list[str]] = {}
    for command in registry.commands():
        lines = panels.setdefault(command.panel, [f"## {command.panel}", ""])
        lines += [*_command(command), ""]
    return "\n".join(line for lines in panels.values() for line in lines).rstrip()


def options() -> str:
    """Return the options that every command has."""
    return _table(("option", ""), (_parameter(option) for option in COMMON))


def fields() -> str:
    """Return the fields of a query."""
    return _table(("field", "takes"), ((f"`{name}`", field.help) for name, field in FIELDS.items()))


def classes() -> str:
    """Return every error with its code and its exit code."""
    return _table(
        ("error", "code", "exit", "when"),
        (
            (f"`{error.__name__}`", f"`{error.code}`", str(error.exit_code), _summary(error))
            for error in every_error()
        ),
    )


def every_error() -> list[type[errors.LedgerError]]:
    """Return the classes of errors, as they stand in the module."""
    found = [each for each in vars(errors).values() if inspect.isclass(each)]
    return [each for each in found if issubclass(each, errors.LedgerError)]


def modules(package: str) -> str:
    """Return every module of a package with the first line of its docstring."""
    folder = ROOT / package
    rows = ((f"`{path.name}`", _about(path)) for path in sorted(folder.glob("*.py")))
    return _table(("module", "is"), (row for row in rows if row[0] != "`__init__.py`"))


PACKAGES: Final = (
    "gitledger",
    "gitledger/cli",
    "gitledger/cli/commands",
    "gitledger/core",
    "gitledger/core/plan",
    "gitledger/doctor",
    "gitledger/hook",
    "gitledger/hookfiles",
    "gitledger/store",
)


def _modules_of(package: str) -> Callable[[], str]:
    return lambda: modules(package)


TABLES: Mapping[str, Callable[[], str]] = {
    "commands": commands,
    "options": options,
    "fields": fields,
    "errors": classes,
    **{f"modules of {package}": _modules_of(package) for package in PACKAGES},
}


def _command(command: Command) -> Iterator[str]:
    usage = ["git ledger", command.verb, *(_usage(argument) for argument in command.arguments)]
    yield f"### {command.verb}"
    yield ""
    yield f"`{' '.join(usage)}`"
    yield ""
    yield from inspect.cleandoc(command.help).splitlines()
    own: list[Argument | Option] = [*command.arguments]
    own += [option for option in command.options if option not in COMMON]
    if own:
        yield ""
        yield from _table(("", ""), map(_parameter, own)).splitlines()


def _usage(argument: Argument) -> str:
    word = argument.metavar + ("…" if argument.many else "")
    return word if argument.required else f"[{word}]"


def _parameter(parameter: Argument | Option) -> tuple[str, str]:
    if isinstance(parameter, Argument):
        return f"`{parameter.metavar}`", parameter.help
    flags = ", ".join(sorted(parameter.flags, key=len))
    return f"`{flags}{f' {parameter.metavar}' if parameter.metavar else ''}`", parameter.help


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    cells = [head, tuple("---" for _ in head), *rows]
    return "\n".join(
        f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |" for row in cells
    )


def _summary(thing: type) -> str:
    return _first_sentence(inspect.getdoc(thing) or "")


def _about(path: Path) -> str:
    return _first_sentence(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "")


def _first_sentence(text: str) -> str:
    """Return the first paragraph, on one line, without what refers to other documents."""
    line = " ".join(text.partition("\n\n")[0].split())
    return re.sub(r" \([^()]*contract[^()]*\)", "", line)
