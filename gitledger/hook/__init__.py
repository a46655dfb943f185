"""What git's hooks do with the ledger. The shims in `hooks/` call it: `git-ledger hook NAME`.

A hook never changes the outcome of the user's git command, the strict mode of commit-msg aside:
whatever goes wrong is one line, and it is over after some seconds.
"""

from __future__ import annotations

from gitledger.errors import InvalidInput, LedgerError, NoLedger, did_you_mean

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from typing import Any, Final

    from gitledger.hook.place import Place

NAMES: Final = (
    "prepare-commit-msg",
    "commit-msg",
    "post-commit",
    "post-applypatch",
    "post-rewrite",
    "post-merge",
    "post-checkout",
    "pre-push",
)
"""The hooks of git that something is done for."""
_PUSHES: Final = 3
"""Of the time of a hook, a fetch or push gets one part of these."""


def run(
    name: str,
    args: Sequence[str],
    *,
    path: str | Path,
    environ: Mapping[str, str],
    stdin: Callable[[], str] = str,
    **options: Any,
) -> tuple[list[str], bool]:
    """Do what a hook of git does.

    Args:
        name: the hook.
        args: what git gives it.
        path: where git started it.
        environ: its environment, as git made it.
        stdin: returns what git gives it on standard input; asked for where it is of use.
        options: of `Ledger.open`, as `session`.

    Returns:
        Lines for people, and whether the hook stops git.

    Raises:
        InvalidInput: there is no such hook.
    """
    if name not in NAMES:
        hint = did_you_mean(name, [*NAMES, "scan"]) or f"one of: {', '.join(NAMES)}, scan"
        raise InvalidInput(f"unknown hook '{name}'", hint=hint)
    from gitledger.core.text import escape
    from gitledger.hook.limit import Bounded, TookTooLong, limit
    from gitledger.hook.place import Place

    seconds = limit(environ)
    try:
        with Bounded(seconds):
            place = Place(path, environ, **options)
            return _do(place, name, [*args, "", "", ""], stdin, seconds)
    except TookTooLong:
        return [f"gitledger: {name} took too long and was left undone"], False
    except NoLedger as error:
        # Where hooks are switched on for all repositories, most have no ledger.
        return ([f"gitledger: {error.message}"] if name == "post-commit" else []), False
    except LedgerError as error:
        return [f"gitledger: {escape(error.message)}"], False
    except OSError as error:
        return [f"gitledger: {escape((error.strerror or str(error)).lower())}"], False
    except Exception as error:
        if environ.get("GITLEDGER_DEBUG"):
            raise
        return [f"gitledger: {name} failed: {type(error).__name__}: {escape(str(error))}"], False


def scan(
    revisions: Sequence[str], *, path: str | Path, environ: Mapping[str, str], **options: Any
) -> list[str]:
    """Link and complete what commits name that no hook has seen.

    Args:
        revisions: which commits; none: the newest of the default branch.
        path: where we stand.
        environ: the environment.
        options: of `Ledger.open`, as `session`.

    Returns:
        A line for each task that was changed.

    Raises:
        InvalidInput: there are no such commits, or no default branch is known.
        NoLedger: there is no ledger.
    """
    from gitledger.hook.arrivals import scan as scanned
    from gitledger.hook.place import Place

    return scanned(Place(path, environ, **options), *revisions)


def _do(
    place: Place, name: str, args: Sequence[str], stdin: Callable[[], str], seconds: float
) -> tuple[list[str], bool]:
    stops = False
    if name == "prepare-commit-msg":
        from gitledger.hook.messages import prepare_commit_msg

        lines = prepare_commit_msg(place, args[0], args[1])
    elif name == "commit-msg":
        from gitledger.hook.messages import commit_msg

        lines, stops = commit_msg(place, args[0])
    elif name == "post-rewrite":
        from gitledger.hook.rewrites import post_rewrite

        lines = post_rewrite(place, args[0], stdin())
    elif name == "post-merge":
        from gitledger.hook.branches import post_merge

        lines = post_merge(place, args[0])
    elif name == "post-checkout":
        from gitledger.hook.branches import post_checkout

        lines = post_checkout(place, args[2])
    elif name == "pre-push":
        from gitledger.hook.pre_push import pre_push

        lines = pre_push(place, args[0], stdin(), seconds / _PUSHES)
    else:
        from gitledger.hook.post_commit import post_commit

        lines = post_commit(place)
    return lines, stops
