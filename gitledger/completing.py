"""Completing the index's history in the background, so that nobody waits until it is read.

The tables of operations and of moves are filled as far as somebody asks, and of a long history
that takes its time. So after a command, now and then, a process of its own begins to complete them:
with a low priority, one for each list, a slice at a time. It says nothing, and ends when it is
done, or when the list or its index is gone.
"""

from __future__ import annotations

import fcntl
import os
import sys
import time

from gitledger import spawn, upkeep
from gitledger.errors import LedgerError
from gitledger.following import Following
from gitledger.repository import Repository
from gitledger.store.location import Location

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

PAUSE: Final = 600.0
"""Seconds within which the same index is not looked at again."""

_STAMP: Final = ".history"
"""What the file is called after the index: its time is that of the last look, and the process that
completes the index has it locked."""
_NICE: Final = 10
"""Steps below the priority of a command. With the lowest, 19, a busy machine would let it wait in
the middle of a transaction, and with it all who write."""
_LONGEST: Final = 0.5
"""Seconds of a rest, at most."""
_RUN: Final = "import sys; sys.path[:] = sys.argv[6:]; from gitledger.completing import run; run()"


def after_command(repository: Repository, list_name: str) -> int | None:
    """Start completing the index of a list, which is large, where it is not complete.

    As a rule this is one look at the stamp file. Where that cannot be written, or no process can be
    started, readers wait for what they ask for, as ever.

    Args:
        repository: the repository that a command has looked at.
        list_name: the list.

    Returns:
        The process's id; None where it was not started.
    """
    try:
        following = Following(repository, list_name)
        index = following.index.path
        if index is None or not _is_due(index + _STAMP):
            return None
        tip = following.target()
        if tip is None or following.operations(tip).is_complete():
            return None
        return _start(repository, list_name) if upkeep.is_wanted(repository.git) else None
    except (OSError, LedgerError):
        return None


def _is_due(stamp: str) -> bool:
    try:
        if 0 <= time.time() - os.stat(stamp).st_mtime < PAUSE:
            return False
    except FileNotFoundError:
        pass  # nobody has looked yet
    upkeep.touch(stamp)  # first of all: what fails is not to be tried again with every command
    return True


def _start(repository: Repository, list_name: str) -> int | None:
    python = sys.executable or ""
    if not os.path.basename(python).startswith("python"):
        return None  # a program that Python is part of
    place = repository.location
    where = (place.git_dir_name, place.common_dir_name, place.worktree_name, place.start_name)
    words = [each or "" for each in where]
    # What this process imports, and nothing else: no file of the folder we stand in.
    paths = map(os.path.abspath, sys.path)
    return spawn.leave([python, "-IS", "-c", _RUN, *words, list_name, *paths], repository.environ)


# -- in the background -----------------------------------------------------------------------------


def run() -> None:
    """Complete the index that the words of this process's command line name."""
    *where, list_name = sys.argv[1:6]
    git_dir, common_dir, worktree, start = where
    os.nice(_NICE)
    repository = Repository(
        Location(git_dir, common_dir, worktree or None, start or None), os.environ, brief=True
    )
    try:
        complete(repository, list_name)
    except (OSError, LedgerError):
        pass  # whoever asks for what cannot be read is told


def complete(
    repository: Repository, list_name: str, rest: Callable[[float], object] | None = None
) -> bool:
    """Complete the index of a list.

    Args:
        repository: the repository.
        list_name: the list.
        rest: called after each transaction with the seconds that it took; None sleeps for as long.

    Returns:
        False where another process is at it, or it could not be brought to an end.

    Raises:
        StoreFailed, Damaged: a commit cannot be read.
        OSError: the stamp file cannot be opened.
    """
    following = Following(repository, list_name)
    path = following.index.path or ""
    lock = os.open(path + _STAMP, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        while _is_there(path, lock):
            tip = following.target()
            if tip is None or following.index.path is None:  # it cannot be written any more
                break
            if not following.operations(tip).complete(rest or _sleep):
                return True
        return False
    finally:
        os.close(lock)


def _is_there(path: str, lock: int) -> bool:
    """Tell whether the index and the stamp are where they were: nobody has removed them."""
    try:
        return os.path.exists(path) and os.path.samestat(os.stat(path + _STAMP), os.fstat(lock))
    except FileNotFoundError:
        return False


def _sleep(seconds: float) -> None:
    time.sleep(min(seconds, _LONGEST))
