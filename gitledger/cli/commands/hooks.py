"""`hooks`: git's hooks for the ledger."""

from __future__ import annotations

from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any

    from gitledger.hookfiles import Hooks
    from gitledger.repository import Repository

_PANEL = "Hooks"


def install(context: Context) -> Reply:
    """Put the hooks in place."""
    from gitledger import hookfiles

    hooks = hookfiles.install(_repository(context))
    return _reply(hooks, _by_state(hooks), messages=[*_advice(hooks, context)])


def uninstall(context: Context) -> Reply:
    """Take the hooks away."""
    from gitledger import hookfiles

    hooks = hookfiles.uninstall(_repository(context))
    return _reply(hooks, _by_state(hooks))


def status(context: Context) -> Reply:
    """Show which hooks are in place, and what git will do."""
    from gitledger import hookfiles

    repository = _repository(context)
    hooks = hookfiles.status(repository)
    outdated = hookfiles.is_outdated(repository, hooks)
    advice = [*_advice(hooks, context, outdated=outdated)]
    return _reply(hooks, _each(hooks, context), messages=advice, outdated=outdated)


def _repository(context: Context) -> Repository:
    from gitledger.repository import Repository

    return Repository.open(context.place, context.environ, brief=True)


def _reply(
    hooks: Hooks,
    lines: Iterable[str],
    *,
    messages: Sequence[str] = (),
    outdated: bool = False,
) -> Reply:
    def data() -> dict[str, Any]:
        return {
            "hooks": [
                {
                    "name": each.name,
                    "state": each.state,
                    "path": each.path and str(each.path),
                    "others": list(each.others),
                    "file": each.file and str(each.file),
                    "line": each.line,
                }
                for each in hooks.states
            ],
            "directory": str(hooks.place.folder),
            "kept_by": hooks.place.keeper,
            "configuration": hooks.place.configured,
            "program": hooks.program,
            "outdated": outdated,
        }

    return Reply("hooks", data, lambda style: lines, messages=messages)


def _by_state(hooks: Hooks) -> Iterator[str]:
    """Yield a line for each state that there is, with the hooks that are in it."""
    for state in dict.fromkeys(each.state for each in hooks.states):
        yield f"{state}: {', '.join(each.name for each in hooks.states if each.state == state)}"


def _each(hooks: Hooks, context: Context) -> Iterator[str]:
    """Yield what git does, hook by hook, and where it takes them from."""
    for each in hooks.states:
        also = "".join(f"; runs {_shown(other, context)}" for other in each.others)
        yield f"{each.name}: {each.state}{also}"
    where = f"directory: {_shown(str(hooks.place.folder), context)}"
    configured = any(each.path and each.path.parent != hooks.place.folder for each in hooks.states)
    yield f"{where}; ours stand in git's configuration" if configured else where


def _advice(hooks: Hooks, context: Context, *, outdated: bool = False) -> Iterator[str]:
    """Yield what people have to do, for what is not ours to change."""
    adding = [each for each in hooks.states if each.state == "to add"]
    if adding:
        yield f"{_WHOSE[str(hooks.place.keeper)]}: add these lines, to executable files"
    for each in adding:
        yield f"{_shown(str(each.file), context)}: {each.line}"
    if any(each.state == "displaced" for each in hooks.states):
        yield "another tool has replaced hooks of ours: put them back with git ledger hooks install"
    if outdated:
        yield "the hooks are out of date: renew them with git ledger hooks install"
    if hooks.program is None and any(each.path for each in hooks.states):
        yield "the program is not where it was: renew the hooks with git ledger hooks install"


def _shown(path: str, context: Context) -> str:
    """Return a path as people read it: from where they stand, if it is below."""
    from gitledger.core.text import escape

    return escape(path.removeprefix(f"{context.place}/"))


_WHOSE = {
    "husky": "husky makes this directory anew each time it is installed",
    "project": "the directory of hooks belongs to the project's files",
    "user": "the directory of hooks serves all of your repositories",
}
"""Why a directory is left as it is, by who keeps it."""


COMMANDS = [
    Command(
        "hooks install",
        install,
        """Let commits link and complete tasks.

        A commit whose message has a line `Completes: ID` completes that task, `Task: ID` links
        the commit to it. Hooks that are there already go on running. Where the directory of
        hooks is not the repository's own (husky, core.hooksPath), it says what to add.
        """,
        panel=_PANEL,
    ),
    Command("hooks uninstall", uninstall, "Take the hooks away again.", panel=_PANEL),
    Command("hooks status", status, "Show which hooks are in place.", panel=_PANEL),
]
