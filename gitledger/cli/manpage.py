"""The manual, made from the commands' descriptions: `git ledger --help` shows it.

python -m gitledger.cli.manpage >docs/git-ledger.1
"""

from __future__ import annotations

import inspect
import re
import sys

from gitledger.cli import registry
from gitledger.cli.spec import COMMON, PROGRAM, Argument, Command, Option
from gitledger.core.queryfields import FIELDS

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from typing import Final

_HEAD: Final = """\
.\\" Made by gitledger/cli/manpage.py; a change belongs there.
.TH GIT\\-LEDGER 1 "" "gitledger" "gitledger Manual"
.nh
.ad l
"""
_ABOUT: Final = """\
A task ledger that lives inside a git repository. Tasks are TOML files on an orphan ref,
refs/gitledger/LIST; every update is one commit on it. All worktrees of the repository share it,
and machines exchange it with git's own fetch and push. There is no server, and no file in the
working tree.

Without a command: where things stand.

A task is named by its id, or by a prefix of it that no other task has, 3 characters at least."""
_QUERIES: Final = """\
list, ready and blocked take a query. Its terms all have to hold; or, not (also - or ! in front) and
parentheses work as expected. A term is a field, a colon, and a value, or several with commas
between, of which one has to fit; fields that have an order take < <= > >= and ranges a..b, too. A
word without a field is looked for in title, description and labels; what stands in double quotes
is plain text."""
_DATES: Final = """\
Understood are 2026-12-01, 2026-12-01T14:00, today, tomorrow, a weekday (the next one strictly in
the future), next friday, in 3 days, +2w, eow and eom (the end of the week or month), and none. The
understood date is echoed; what is not understood is an error."""

_ENVIRONMENT: Final = {
    "GITLEDGER_LIST": "The task list, where --list names none.",
    "GITLEDGER_SESSION": "The session to act as, where --session names none; by default the one "
    "that the worktree is bound to (session start), or a name made of the user's, and in a linked "
    "worktree of its name too.",
    "GITLEDGER_REPO": "The repository that keeps the ledger, where --repo names none.",
    "GITLEDGER_AGENT": "The program that acts for the session; it is recorded in the history.",
    "CLAUDE_CODE_TASK_LIST_ID": "The task list, where there is one of that name.",
    "CLAUDE_CODE_SESSION_ID": "An AI session: the default session's name has a short form of it.",
    "NO_COLOR": "No colour, unless --color asks for it.",
    "GIT_PAGER, PAGER, GIT_EDITOR, VISUAL, EDITOR": "As in git.",
    "GITLEDGER_DEBUG": "Shows where a fault of the program comes from.",
}
_CONFIGURATION: Final = {
    "gitledger.list": "The task list; main if nothing names one.",
    "gitledger.repo": "The repository that keeps the ledger; by default the one we stand in.",
    "gitledger.remote": "The remote to share with; by default origin, or the only one.",
    "gitledger.REMOTE.namespace": "Where the lists stand on a remote that accepts nothing but "
    "branches: refs/heads/gitledger.",
    "gitledger.lease": "How long a session may be silent before its claims are stale, as 2h.",
    "gitledger.sessionRetention": "How long sessions that ended or are silent stay listed, and "
    "messages that were read stay; by default 30d.",
    "gitledger.maxClaims": "How many tasks a session may hold; by default any number.",
    "gitledger.review": "always: every task needs another session's approval.",
    "gitledger.autoSync": "off; claims: claim, start and handoff behave as with --sync; all: every "
    "operation is published, in the background.",
    "gitledger.durability": "full: an answered update survives a power failure; by default normal.",
    "gitledger.maintenance": "false: in the background, neither let git pack nor complete the "
    "index of a long history.",
    "gitledger.closeOn": "merge: a commit completes tasks once it is on the default branch; by "
    "default commit.",
    "gitledger.defaultBranch": "That branch, where git does not tell.",
    "gitledger.strictCommits": "true: refuse a commit that names an unknown task.",
    "gitledger.linkWords, gitledger.startWords, gitledger.completeWords": "Words of your own in "
    "commit messages, beside Task:, Starts: and Completes:.",
    "color.ui, core.pager, core.editor": "As in git.",
}
_EXIT_CODES: Final = {
    "0": "Done; an empty list, too.",
    "1": "Failed.",
    "2": "Wrong usage.",
    "3": "No such task, list or remote, nothing to take, or a prefix that several tasks have.",
    "4": "Lost: claimed by another session, not yours, blocked, or a claim that a sync lost.",
    "5": "No git repository, or no ledger in it.",
    "6": "The remote cannot be reached or refuses; local work is kept.",
    "130": "Interrupted.",
}
_EXAMPLES: Final = {
    "Begin, and bring in a plan:": ("git ledger init", "git ledger add --file plan.md"),
    "Take the next task, and finish it:": ("git ledger next --claim", "git ledger done 7f3k"),
    "Share with the others:": ("git ledger sync",),
    "Let commits complete tasks:": (
        "git ledger hooks install",
        'git commit -m "Add the schema" -m "Completes: 7f3k"',
    ),
}
_SPECIAL = re.compile(r"[\\\-]|[^\n -~]")


def main() -> None:
    """Print the manual as roff."""
    sys.stdout.write(manual())


def manual() -> str:
    """Return the manual as roff, with a newline at its end."""
    return _HEAD + "".join(f"{line}\n" for line in _lines())


def _lines() -> Iterator[str]:
    yield from _section(
        "NAME", [f"{escaped('git-ledger')} \\- a task ledger inside a git repository"]
    )
    yield from _section("SYNOPSIS", _synopsis())
    yield from _section("DESCRIPTION", _paragraphs(_ABOUT))
    yield from _section("OPTIONS", [*_option(_VERSION), *_option(_PLACE)])
    for panel in dict.fromkeys(command.panel for command in registry.commands()):
        members = (command for command in registry.commands() if command.panel == panel)
        yield from _section(panel.upper(), (line for each in members for line in _command(each)))
    about = ["They stand behind the command.", *(line for each in COMMON for line in _option(each))]
    yield from _section("COMMON OPTIONS", about)
    fields = {name: field.help for name, field in FIELDS.items()}
    yield from _section("QUERIES", [*_paragraphs(_QUERIES), *_table(fields)])
    yield from _section("DATES", _paragraphs(_DATES))
    yield from _section("EXIT STATUS", _table(_EXIT_CODES))
    yield from _section("ENVIRONMENT", _table(_ENVIRONMENT))
    yield from _section("CONFIGURATION", _table(_CONFIGURATION))
    yield from _section("EXAMPLES", _examples())
    yield from _section("SEE ALSO", [".BR git (1)"])


_VERSION: Final = Option("--version", help="Print the version.")
_PLACE: Final = Option("-C", metavar="PATH", help="Run as if started there; before the command.")


def _section(title: str, lines: Iterable[str]) -> Iterator[str]:
    yield f".SH {title}"
    yield from lines


def _synopsis() -> Iterator[str]:
    name = f"\\fB{escaped(PROGRAM)}\\fR"
    yield f"{name} [\\fB\\-C\\fR \\fIPATH\\fR] [\\fICOMMAND\\fR] [\\fIOPTIONS\\fR]"
    yield ".br"
    yield f"{name} \\fICOMMAND\\fR \\fB\\-h\\fR"


def _command(command: Command) -> Iterator[str]:
    yield f".SS \\fB{escaped(f'{PROGRAM} {command.verb}')}\\fR {_usage(command)}".rstrip()
    yield from _paragraphs(inspect.cleandoc(command.help))
    for argument in command.arguments:
        yield from _term(f"\\fI{escaped(argument.metavar)}\\fR", argument.help)
    for option in command.own:
        yield from _option(option)


def _usage(command: Command) -> str:
    """Return the arguments behind a command's name, and that it takes options of its own."""
    words = [_argument(argument) for argument in command.arguments]
    return " ".join([*(["[\\fIOPTIONS\\fR]"] if command.own else []), *words])


def _argument(argument: Argument) -> str:
    name = argument.metavar
    return escaped(argument.usage).replace(escaped(name), f"\\fI{escaped(name)}\\fR", 1)


def _option(option: Option) -> Iterator[str]:
    value = "" if option.metavar is None else f" \\fI{escaped(option.metavar)}\\fR"
    flags = sorted(option.flags, key=len)
    return _term(", ".join(f"\\fB{escaped(flag)}\\fR" for flag in flags) + value, option.help)


def _table(rows: Mapping[str, str]) -> Iterator[str]:
    for name, text in rows.items():
        yield from _term(f"\\fB{escaped(name)}\\fR", text)


def _term(name: str, text: str) -> Iterator[str]:
    yield ".TP"
    yield name
    yield escaped(text)


def _examples() -> Iterator[str]:
    for text, lines in _EXAMPLES.items():
        yield ".PP"
        yield escaped(text)
        yield from (".PP", ".RS 4", ".nf", *map(escaped, lines), ".fi", ".RE")


def _paragraphs(text: str) -> Iterator[str]:
    for number, paragraph in enumerate(text.split("\n\n")):
        yield from [".PP"] if number else []
        yield escaped(" ".join(paragraph.split()))


def escaped(text: str) -> str:
    """Return a line of text as roff shows it: no word of it is a request or an escape."""
    safe = _SPECIAL.sub(_escaped, text)
    return f"\\&{safe}" if safe[:1] in (".", "'") else safe


def _escaped(found: re.Match[str]) -> str:
    return {"\\": "\\e", "-": "\\-"}.get(found[0]) or f"\\[u{ord(found[0]):04X}]"


if __name__ == "__main__":
    main()
