"""What a command is: its words, its parameters, and the function that carries it out.

A command is described once, as plain data. `parse` reads ordinary command lines from that
description within microseconds; `app` makes a typer program of it, which is only imported for
help and to explain a wrong usage; `manpage` makes the manual of it.
"""

from __future__ import annotations

from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from gitledger.cli.reply import Reply, Stream

PROGRAM = "git ledger"
LEFT_OUT = "\0"
"""Stands for the value that an option may go without; no command line can hold it."""

_DIGITS = 9
"""At most so many are in a number."""


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

    @property
    def usage(self) -> str:
        """How it stands in a line of usage: `ID`, `[ID...]`."""
        words = f"{self.metavar}..." if self.many else self.metavar
        return words if self.required else f"[{words}]"


class Option:
    """A parameter with a name: `--label x`, `-l x`.

    Args:
        flags: its spellings; the long one names the value.
        help: one line.
        metavar: what the value is called in help; None makes it a switch without value.
        many: may be given several times; the value is a list.
        number: the value is a whole number, 0 or more.
        choices: the only values that are allowed.
        optional: the value may be left out at the end, or before an option; it is True then.
        name: under which its value is handed on; None takes the long flag.
    """

    def __init__(
        self,
        *flags: str,
        help: str,  # noqa: A002  # as above
        metavar: str | None = None,
        many: bool = False,
        number: bool = False,
        choices: Sequence[str] = (),
        optional: bool = False,
        name: str | None = None,
    ) -> None:
        self.flags = flags
        self.help = help
        self.metavar = f"[{metavar}]" if optional else metavar
        self.many = many
        self.number = number
        self.choices = tuple(choices)
        self.optional = optional
        self.name = name or max(flags, key=len).lstrip("-").replace("-", "_")

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

    def read(self, word: str) -> str | int | bool:
        """Return the value that a word of the command line stands for.

        Raises:
            InvalidInput: it is none of the choices, or no whole number.
        """
        if self.optional and word == LEFT_OUT:
            return True
        flag = max(self.flags, key=len)
        if self.choices and word not in self.choices:
            raise InvalidInput(
                f"{flag} cannot be '{word}'", hint=f"one of: {', '.join(self.choices)}"
            )
        if not self.number:
            return word
        if not (word.isascii() and word.isdigit() and len(word) <= _DIGITS):
            raise InvalidInput(f"{flag} takes a whole number, not '{word}'")
        return int(word)


class Command:
    """A verb of the command line.

    Args:
        verb: one word, or two for a command of a group: `lists create`.
        run: carries it out; gets the context and each parameter by name.
        help: what it does; the first line stands in the overview.
        params: its parameters, without the common ones.
        panel: the heading under which the overview shows it.
        automatic: programs run it again and again, as a status bar does: it is no sign that
            anybody works.
        long: it may do very many things before it ends, as a sync or an import does.

    Attributes:
        arguments: its positional parameters, in their order.
        own: its options, without the common ones.
        options: all its options.
    """

    def __init__(
        self,
        verb: str,
        run: Callable[..., Reply | Stream],
        help: str,  # noqa: A002  # as above
        params: Sequence[Argument | Option] = (),
        *,
        panel: str,
        automatic: bool = False,
        long: bool = False,
    ) -> None:
        self.verb = verb
        self.run = run
        self.help = help
        self.panel = panel
        self.automatic = automatic
        self.long = long
        self.arguments = tuple(p for p in params if isinstance(p, Argument))
        self.own = tuple(p for p in params if isinstance(p, Option))
        self.options = (*self.own, *COMMON)

    @property
    def summary(self) -> str:
        """The first line of its help."""
        return self.help.strip().partition("\n")[0]

    @property
    def usage(self) -> str:
        """What is typed at the least: `git ledger note ID TEXT...`."""
        return " ".join([PROGRAM, self.verb, *(argument.usage for argument in self.arguments)])

    @property
    def flags(self) -> Mapping[str, Option]:
        """Its options by each of their spellings."""
        return {flag: option for option in self.options for flag in option.flags}


AT = Option(
    "--at",
    metavar="WHEN",
    help='As it was: yesterday, "2 hours ago", ID~1, ~3, a commit, a remote.',
)
"""The option of commands that can look back; `gitledger.moment.find` reads its value."""

COMMON = (
    Option("--list", metavar="NAME", help="The task list to work on."),
    Option("--session", metavar="NAME", help="The session to act as."),
    Option("--agent", metavar="NAME", help="The program that acts; the history keeps it."),
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
COMMON_NAMES = frozenset(option.name for option in COMMON)
