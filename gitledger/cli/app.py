"""The commands as a typer program: help, and what is wrong with a command line."""

from __future__ import annotations

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from gitledger.cli import registry, usage
from gitledger.cli.parse import filled_in, swallowed
from gitledger.cli.spec import COMMON_NAMES, PROGRAM, Argument, Command, Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

_USAGE_ERROR: Any = typer.BadParameter.__base__
"""What typer raises for wrong usage; it exports only this one kind of it by name."""

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
ABOUT = """A task ledger that lives inside this git repository.

Without a command: where things stand.
"""


def explain(command: Command, words: Sequence[str]) -> dict[str, Any] | None:
    """Read a command line with typer: print help, or raise what is wrong with it.

    Args:
        command: the command that is meant.
        words: what follows its name.

    Returns:
        The parameters' values by name, where the line turns out to be right; None where help was
        printed.

    Raises:
        InvalidInput: the words are no right usage.
    """
    words = filled_in(command, list(words))
    if found := swallowed(command, words):
        flag, instead = found
        raise usage.needs_value(flag, command.flags[flag], instead)
    program = _command(command)
    try:
        context = program.make_context(f"{PROGRAM} {command.verb}", words, allow_extra_args=True)
    except typer.Exit:
        return None
    except _USAGE_ERROR as wrong:
        raise usage.reworded(wrong, command) from None
    if context.args:
        raise usage.too_many(context.args, command)
    return {name: _plain(value) for name, value in context.params.items()}


def print_help(verb: str) -> None:
    """Print the overview of all commands, or of those in a group as `hooks`."""
    program = _Overview(
        name=PROGRAM,
        help=f"Commands of {PROGRAM} {verb}." if verb else ABOUT,
        epilog=f"More on a command: {PROGRAM} COMMAND -h",
        context_settings=_SETTINGS,
        rich_markup_mode=None,
        params=[] if verb else [_version(), _place()],
    )
    program.group = verb
    program.main(["-h"], prog_name=f"{PROGRAM} {verb}".rstrip(), standalone_mode=False)


class _Overview(TyperGroup):
    """The program, or a group of commands, each with one line."""

    group = ""

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        panels: dict[str, list[tuple[str, str]]] = {}
        if self.group:
            panels["Commands"] = _commands(self.group)
        else:
            for command in registry.commands():
                panels.setdefault(command.panel, []).append((command.verb, command.summary))
        for panel, rows in panels.items():
            with formatter.section(panel):
                formatter.write_dl(rows)


class _Command(TyperCommand):
    """One command; its help keeps the options that all commands share apart."""

    verb = ""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        for title, records in self._sections(ctx):
            if records:
                with formatter.section(title):
                    formatter.write_dl(records)

    def _sections(self, ctx: Any) -> Iterator[tuple[str, list[tuple[str, str]]]]:
        params = self.get_params(ctx)
        options = [param for param in params if isinstance(param, TyperOption)]
        common = [param for param in options if param.name in (*COMMON_NAMES, "help")]
        yield "Arguments", _records(ctx, (p for p in params if p not in options))
        yield "Options", _records(ctx, (option for option in options if option not in common))
        yield "Common options", _records(ctx, common)
        yield "Commands", _commands(self.verb)


class _Argument(TyperArgument):
    """A positional parameter that is called in help as in the manual: `ID...`, `[TITLE...]`."""

    def make_metavar(self, ctx: Any, *, usage: bool = False) -> str:
        name = self.metavar or ""
        return f"[{name}]" if usage and not self.required else name

    def get_help_record(self, ctx: Any) -> tuple[str, str]:
        return self.make_metavar(ctx), self.help or ""


def _records(ctx: Any, params: Iterable[Any]) -> list[tuple[str, str]]:
    found = (param.get_help_record(ctx) for param in params)
    return [record for record in found if record]


def _command(command: Command) -> TyperCommand:
    made = _Command(
        name=command.verb,
        help=command.help,
        params=[
            *(_argument(argument) for argument in command.arguments),
            *(_option(option) for option in command.options),
        ],
        rich_markup_mode=None,
        context_settings=_SETTINGS,
    )
    made.verb = command.verb
    return made


def _argument(argument: Argument) -> TyperArgument:
    return _Argument(
        param_decls=[argument.name],
        nargs=-1 if argument.many else 1,
        required=argument.required,
        metavar=argument.metavar + ("..." if argument.many else ""),
        help=argument.help,
    )


def _option(option: Option) -> TyperOption:
    def read(ctx: Any, param: Any, value: Any) -> Any:
        return value if value is None or option.switch or option.many else option.read(value)

    return TyperOption(
        param_decls=[*option.flags, option.name],
        callback=read,
        is_flag=option.switch,
        multiple=option.many,
        default=option.default,
        metavar=option.metavar,
        help=option.help,
        show_default=False,
    )


def _version() -> TyperOption:
    return TyperOption(param_decls=["--version"], is_flag=True, help="Print the version.")


def _place() -> TyperOption:
    return TyperOption(param_decls=["-C", "place"], metavar="PATH", help="Run as if started there.")


def _commands(group: str) -> list[tuple[str, str]]:
    """Return the commands whose first word this is, each with its line."""
    found = (registry.find(verb) for verb in registry.verbs() if verb.startswith(f"{group} "))
    return [(command.verb, command.summary) for command in found]


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value
