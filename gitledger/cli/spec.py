"""What a command is: its words, its parameters, and the function that carries it out.

A command is described once, as plain data. `parse` reads ordinary command lines from that
description within microseconds; `app` makes a typer program of it, which is only imported for
help, for completion and to explain a wrong usage.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gitledger.cli.reply import Reply


class Argument:
    """A positional parameter.

    Args:
        name: under which its value is handed on.
        help: one line.
        metavar: what it is called in help; None takes the name in capitals.
        many: takes all that follow.
        required: at least one must be there.
        query: takes query terms, so that `-label:x` is no option.
    """

    def __init__(
        self,
        name: str,
        help: str,  # noqa: A002  # as in argparse and typer
        *,
        metavar: str | None = None,
        many: bool = False,
        required: bool = True,
        query: bool = False,
    ) -> None:
        self.name = name
        self.help = help
        self.metavar = metavar or name.upper()
        self.many = many
        self.required = required
        self.query = query


class Option:
    """A parameter with a name: `--label x`, `-l x`.

    Args:
        flags: its spellings; the long one names the value.
        help: one line.
        metavar: what the value is called in help; None makes it a switch without value.
        many: may be given several times; the value is a list.
        number: the value is a whole number.
        choices: the only values that are allowed.
    """

    def __init__(
        self,
        *flags: str,
        help: str,  # noqa: A002
        metavar: str | None = None,
        many: bool = False,
        number: bool = False,
        choices: Sequence[str] = (),
    ) -> None:
        self.flags = flags
        self.help = help
        self.metavar = metavar
        self.many = many
        self.number = number
        self.choices = tuple(choices)
        self.name = max(flags, key=len).lstrip("-").replace("-", "_")

    @property
    def switch(self) -> bool:
        """Whether it stands alone, without a value."""
        return self.metavar is None

    @property
    def default(self) -> Any:
        """The value when it is not given."""
        if self.switch:
            return False
        return [] if self.many else None


class Command:
    """A verb of the command line.

    Args:
        verb: one word, or two for a command of a group: `lists create`.
        run: carries it out; gets the context and each parameter by name.
        help: what it does; the first line stands in the overview.
        params: its parameters, without the common ones.
        panel: the heading under which the overview shows it.
    """

    def __init__(
        self,
        verb: str,
        run: Callable[..., Reply],
        help: str,  # noqa: A002
        params: Sequence[Argument | Option] = (),
        *,
        panel: str,
    ) -> None:
        self.verb = verb
        self.run = run
        self.help = help
        self.panel = panel
        self.arguments = tuple(p for p in params if isinstance(p, Argument))
        self.options = (*(p for p in params if isinstance(p, Option)), *COMMON)


COMMON = (
    Option("--list", metavar="NAME", help="The task list to work on."),
    Option("--session", metavar="NAME", help="The session to act as."),
    Option("--repo", metavar="PATH", help="The repository that keeps the ledger."),
    Option("--json", help="Print one JSON object."),
    Option(
        "--color",
        metavar="WHEN",
        choices=("auto", "always", "never"),
        help="Use colour: auto, always or never.",
    ),
    Option("--yes", "-y", help="Answer yes to every question."),
    Option("--no-input", help="Never ask; fail where an answer would be needed."),
    Option("--verbose", "-v", help="Say more, as what git said when a remote fails."),
)
"""Options of every command; they stand after the verb."""
