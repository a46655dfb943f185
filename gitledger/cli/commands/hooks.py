"""`hooks`: git's hooks for the ledger."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from gitledger.cli.context import Context
from gitledger.cli.reply import Reply
from gitledger.cli.spec import Command

if TYPE_CHECKING:
    from gitledger.cli.style import Style
    from gitledger.hookfiles import Hooks
    from gitledger.repository import Repository

_PANEL = "Hooks"


def install(context: Context) -> Reply:
    """Put the hooks in place."""
    from gitledger import hookfiles

    hooks = hookfiles.install(_repository(context))
    return _report(hooks, failed=any(each.state == "to add" for each in hooks.states))


def uninstall(context: Context) -> Reply:
    """Take the hooks away."""
    from gitledger import hookfiles

    return _report(hookfiles.uninstall(_repository(context)), advise=False)


def status(context: Context) -> Reply:
    """Show which hooks are in place, and what git will do."""
    from gitledger import hookfiles

    repository = _repository(context)
    hooks = hookfiles.status(repository)
    return _report(hooks, outdated=hookfiles.is_outdated(repository, hooks))


def _repository(context: Context) -> Repository:
    from gitledger.repository import Repository

    return Repository.open(context.cwd, context.environ)


def _report(
    hooks: Hooks, *, failed: bool = False, outdated: bool = False, advise: bool = True
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

    return Reply(
        "hooks",
        data,
        lambda style: _lines(hooks, style),
        messages=[*_advice(hooks, outdated=outdated)] if advise else (),
        exit_code=1 if failed else 0,
    )


def _lines(hooks: Hooks, style: Style) -> Iterator[str]:
    from gitledger.core.text import escape

    for each in hooks.states:
        also = f"; also runs {', '.join(map(escape, each.others))}" if each.others else ""
        yield f"{each.name}: {each.state}{also}"
    yield f"directory: {escape(str(hooks.place.folder))}"
    if any(each.path for each in hooks.states):
        yield f"program: {escape(hooks.program or 'not found')}"


def _advice(hooks: Hooks, *, outdated: bool) -> Iterator[str]:
    """Yield what people have to do, for what is not ours to change."""
    from gitledger.core.text import escape

    adding = [each for each in hooks.states if each.state == "to add"]
    if adding:
        yield f"{_whose(hooks)}: add the line to each of these files, and make them executable"
    for each in adding:
        yield f"{escape(str(each.file))}: {each.line}"
    if any(each.state == "displaced" for each in hooks.states):
        yield "another tool has replaced hooks of ours: put them back with git ledger hooks install"
    if outdated:
        yield "the hooks are out of date: renew them with git ledger hooks install"
    if hooks.program is None and any(each.path for each in hooks.states):
        yield "the program is not where it was: renew the hooks with git ledger hooks install"


def _whose(hooks: Hooks) -> str:
    return {
        "husky": "husky makes this directory anew each time it is installed",
        "project": "the directory of hooks belongs to the project's files",
        "user": "the directory of hooks serves all of your repositories",
    }[str(hooks.place.keeper)]


COMMANDS = [
    Command(
        "hooks install",
        install,
        """Let commits link and complete tasks.

        A commit whose message has a line `Completes: ID` completes that task, `Task: ID` links
        the commit to it. Hooks that are there already go on running. Where the directory of
        hooks is not the repository's own (husky, core.hooksPath), it says what to add; the exit
        code is 1 then.
        """,
        panel=_PANEL,
    ),
    Command("hooks uninstall", uninstall, "Take the hooks away again.", panel=_PANEL),
    Command("hooks status", status, "Show which hooks are in place.", panel=_PANEL),
]
