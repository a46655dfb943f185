"""`hook`: what git's hooks call, and `hook scan`, which looks through commits without them."""

from __future__ import annotations

from gitledger.cli.reply import Reply
from gitledger.cli.spec import Argument, Command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from gitledger.cli.context import Context

_STOPS = 3
"""What the shim of commit-msg stops a commit for; any other code is a fault of ours."""
_RESTORE = "restore"
"""What a shim asks for that has found lefthook's hooks in the place of others of ours."""


def hook(context: Context, *, name: str, args: list[str]) -> Reply:
    """Do what a hook does; git calls this through its shim."""
    from gitledger import hook as hooks

    options = context.ledger_options()
    environ = options.pop("environ")
    if name == "scan":
        lines = hooks.scan(args, path=context.place, environ=environ, **options)
        shown = [line.removeprefix("gitledger: ") for line in lines]
        return Reply("hook", lambda: {"lines": shown}, lambda style: shown)
    if name == _RESTORE:
        _restore(context, args)
        return Reply("hook", lambda: {"lines": []}, lambda style: [])
    lines, stops = hooks.run(
        name, args, path=context.place, environ=environ, stdin=lambda: _given(context), **options
    )
    code = _STOPS if stops else 0
    return Reply("hook", lambda: {"lines": lines}, lambda style: [], messages=lines, exit_code=code)


def _restore(context: Context, names: list[str]) -> None:
    from gitledger.hookfiles import restore
    from gitledger.repository import Repository

    restore(Repository.open(context.place, context.environ, brief=True), names)


def _given(context: Context) -> str:
    """Return what git writes to the hook's standard input; "" where a person sits there."""
    return "" if context.stdin.isatty() else context.stdin.read()


COMMANDS = [
    Command(
        "hook",
        hook,
        """Do what a git hook does; the installed hooks call this.

        `hook scan` links and completes what commits name that no hook has seen: in CI, in a
        repository without hooks, or with `gitledger.closeOn = merge`. It takes a range as `git
        rev-list` does, and without one looks at the newest commits of the default branch. Scanning
        twice changes nothing.
        """,
        [
            Argument("name", "The hook, or `scan`."),
            Argument("args", "What git gives it; which commits.", many=True, required=False),
        ],
        panel="Hooks",
    ),
]
