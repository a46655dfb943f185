"""Hooks of ours in whose place lefthook has put its own: a command that writes puts them back.

The shims do that by themselves as long as one of them is left to be run. Where lefthook has a hook
for everything that comes with a commit, none is.
"""

from __future__ import annotations

import os

from gitledger.errors import LedgerError
from gitledger.hook import NAMES

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from gitledger.repository import Repository

_SEEN: Final = "gitledger/lefthook"
"""The file whose time tells which of lefthook's installations was looked at."""
_LEFTHOOKS: Final = b"\ncall_lefthook run "
_OURS: Final = b"# gitledger: "


def put_back(repository: Repository, installed: str) -> None:
    """Put ours back, lefthook's behind them, once after each time that lefthook installs itself.

    What cannot be done is left: `hooks status` tells, and the command has done what it was for.

    Args:
        repository: where we stand.
        installed: the file that lefthook writes at the end of an installation.
    """
    common_dir = repository.location.common_dir_name
    try:
        if not _is_new(installed, os.path.join(common_dir, _SEEN)):
            return
        if not any(_is_displaced(os.path.join(common_dir, "hooks"), name) for name in NAMES):
            return
        from gitledger import hookfiles, upkeep

        # First of all: what fails is not to be tried again with every command.
        upkeep.touch(os.path.join(common_dir, _SEEN))
        hookfiles.restore(repository, NAMES)
    except (OSError, LedgerError):
        return


def _is_new(installed: str, seen: str) -> bool:
    try:
        return os.stat(seen).st_mtime_ns < os.stat(installed).st_mtime_ns
    except FileNotFoundError:
        return True


def _is_displaced(hooks: str, name: str) -> bool:
    """Tell whether lefthook's hook is where ours was: ours is put aside, or was kept by ours."""
    path = os.path.join(hooks, name)
    if _LEFTHOOKS not in _content(path) or _is_ours(path):
        return False
    return _is_ours(f"{path}.old") or os.path.lexists(f"{hooks}.gitledger-kept/{name}")


def _is_ours(path: str) -> bool:
    _, _, rest = _content(path).partition(b"\n")
    return rest.startswith(_OURS)


def _content(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""
