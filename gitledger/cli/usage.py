"""What is wrong with a command line, in one line, and a hint that leads on."""

from __future__ import annotations

from gitledger.cli.nearest import nearest
from gitledger.cli.spec import PROGRAM, Command, Option
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Final


def reworded(wrong: Any, command: Command) -> InvalidInput:
    """Return what typer found wrong with a command line in our words.

    Args:
        wrong: typer's exception; it exports few of their classes, so what they carry decides.
        command: the command that was named.
    """
    flag: str = getattr(wrong, "option_name", "")
    if flag in command.flags:
        option = command.flags[flag]
        return takes_no_value(flag) if option.switch else needs_value(flag, option)
    if flag:
        return _no_option(flag, command)
    missing = getattr(wrong, "param", None)
    if missing is not None:
        name = missing.human_readable_name.removesuffix("...")
        return InvalidInput(f"missing {name}", hint=f"usage: {command.usage}")
    text = " ".join(str(wrong).split()).rstrip(".")
    return InvalidInput(text[:1].lower() + text[1:], hint=f"usage: {command.usage}")


def too_many(left: Sequence[str], command: Command) -> InvalidInput:
    """Return the error for words that no parameter takes."""
    import shlex

    return InvalidInput(
        f"{PROGRAM} {command.verb} does not take {shlex.join(left)}",
        hint=f"usage: {command.usage}",
    )


def takes_no_value(flag: str) -> InvalidInput:
    """Return the error for a switch that was given a value."""
    return InvalidInput(f"option {flag} takes no value", hint=f"write {flag} alone")


def needs_value(flag: str, option: Option, instead: str | None = None) -> InvalidInput:
    """Return the error for an option without its value.

    Args:
        flag: as it was written.
        option: which it is.
        instead: the option that stands where the value should.
    """
    found = f", not {instead}" if instead else ""
    return InvalidInput(
        f"option {flag} needs a value{found}", hint=f"{flag} {option.metavar}: {option.help}"
    )


_INSTEAD: Final = {
    ("add", "--title"): f"the title stands alone: {PROGRAM} add TITLE",
    ("edit", "--status"): "it has commands of its own: start, done, cancel, reopen",
    ("edit", "--owner"): "it has commands of its own: claim, release",
    ("edit", "--progress"): f"it has a command of its own: {PROGRAM} progress ID PERCENT",
}
"""What to do where an option is missed that no typing error explains."""


def _no_option(flag: str, command: Command) -> InvalidInput:
    hint = _INSTEAD.get((command.verb, flag))
    if flag == "-C":
        hint = f"it stands before the command: {PROGRAM} -C PATH {command.verb}"
    elif flag.startswith("--") and not hint:
        names = [each[2:] for each in command.flags if each.startswith("--")]
        near = nearest(flag[2:], names)
        hint = near and f"did you mean '--{near}'?"
    verb = "" if command.verb == "status" else f" {command.verb}"
    return InvalidInput(f"no option {flag}", hint=hint or f"see: {PROGRAM}{verb} -h")
