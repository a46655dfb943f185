"""The commands as a typer program: help, completion, and what is wrong with a command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from gitledger.cli import registry
from gitledger.cli.spec import Argument, Command, Option
from gitledger.errors import InvalidInput, did_you_mean

_USAGE_ERROR: Any = typer.BadParameter.__base__
"""What typer raises for wrong usage; it exports only this one kind of it by name."""

_SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 100}
_ABOUT = """A task ledger that lives inside this git repository.

Without a command: where things stand.
"""
_EPILOG = "More on a command: git ledger COMMAND -h"


class _Overview(TyperGroup):
    """The program: commands are described when they are asked for, shown by panel."""

    def list_commands(self, ctx: Any) -> list[str]:
        return list(dict.fromkeys(verb.split()[0] for verb in registry.verbs()))

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        return _made(cmd_name) if cmd_name in self.list_commands(ctx) else None

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        if self.get_command(ctx, args[0]) is None:
            raise unknown_command(args[0])
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        panels: dict[str, list[tuple[str, str]]] = {}
        for command in registry.commands():
            line = command.help.strip().partition("\n")[0]
            panels.setdefault(command.panel, []).append((command.verb, line))
        for panel, rows in panels.items():
            with formatter.section(panel):
                formatter.write_dl(rows)


def unknown_command(word: str) -> InvalidInput:
    """Return the error for a verb that does not exist."""
    known = [verb.split()[0] for verb in registry.verbs()]
    hint = did_you_mean(word, known) or "see them all: git ledger -h"
    return InvalidInput(f"no command '{word}'", hint=hint)


def explain(words: Sequence[str]) -> dict[str, Any]:
    """Read a command line with typer: print help, or raise what is wrong with it.

    Returns:
        The parameters' values by name, where the line turns out to be right.

    Raises:
        InvalidInput: the words are no right usage.
        typer.Exit: help or completion was printed.
    """
    program = _Overview(
        name="git ledger",
        help=_ABOUT,
        epilog=_EPILOG,
        context_settings=_SETTINGS,
        rich_markup_mode=None,
        params=[TyperOption(param_decls=["--version"], is_flag=True, help="Print the version.")],
    )
    try:
        return program.main(list(words), prog_name="git ledger", standalone_mode=False) or {}
    except _USAGE_ERROR as wrong:
        context = getattr(wrong, "ctx", None)
        path = context.command_path if context else "git ledger"
        message = " ".join(str(wrong.format_message()).split()).rstrip(".")
        raise InvalidInput(message[:1].lower() + message[1:], hint=f"see: {path} -h") from None


def _made(verb: str) -> TyperCommand | TyperGroup:
    """Return the command of a verb, or the group of all commands that begin with it."""
    members = [each for each in registry.verbs() if each.split()[0] == verb]
    single = _command(registry.find(verb)) if verb in members else None
    subcommands = {each.split()[1]: each for each in members if " " in each}
    if not subcommands:
        assert single is not None
        return single
    return TyperGroup(
        name=verb,
        commands={name: _command(registry.find(each)) for name, each in subcommands.items()},
        help=single.help if single else f"Commands: {', '.join(subcommands)}.",
        params=list(single.params) if single else [],
        callback=single.callback if single else None,
        invoke_without_command=single is not None,
        no_args_is_help=single is None,
        rich_markup_mode=None,
        context_settings=_SETTINGS,
    )


def _command(command: Command) -> TyperCommand:
    return TyperCommand(
        name=command.verb.split()[-1],
        help=command.help,
        callback=lambda **values: values,
        params=[
            *(_argument(argument) for argument in command.arguments),
            *(_option(option) for option in command.options),
        ],
        rich_markup_mode=None,
        context_settings=_SETTINGS,
    )


def _argument(argument: Argument) -> TyperArgument:
    return TyperArgument(
        param_decls=[argument.name],
        nargs=-1 if argument.many else 1,
        required=argument.required,
        metavar=argument.metavar + ("..." if argument.many else ""),
        help=argument.help,
    )


def _option(option: Option) -> TyperOption:
    return TyperOption(
        param_decls=[*option.flags, option.name],
        callback=_one_of(option) if option.choices else None,
        is_flag=option.switch,
        multiple=option.many,
        default=option.default,
        metavar=option.metavar,
        type=int if option.number else None,
        help=option.help,
        show_default=False,
    )


def _one_of(option: Option) -> Any:
    def check(ctx: Any, param: Any, value: str | None) -> str | None:
        if value is not None and value not in option.choices:
            raise typer.BadParameter(f"'{value}' is not one of {', '.join(option.choices)}")
        return value

    return check
