"""Where the index's file is: made there by one process, used by many, removed when nobody has it.

Nobody may replace a file that others have open. A log that outlives its file, or a file that is
made anew beside the log of another process, would mix two indexes. Hence two locks, each on a file
of its own: all who use the index share the one, and only who makes it has the other.
"""

from __future__ import annotations

import fcntl
import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_LOOK: Final = 0.02
"""Seconds between two looks at what another process makes."""


def guard(path: str) -> int:
    """Return a descriptor that keeps others from removing the file, until it is closed.

    Raises:
        OSError: there is no place for the file.
    """
    try:
        descriptor = _lockable(f"{path}.lock")
    except FileNotFoundError:
        from gitledger.store.shared import make_folder

        make_folder(os.path.dirname(path))
        descriptor = _lockable(f"{path}.lock")
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    except OSError:  # a file system without locks, where nobody removes the file either
        return descriptor
    return descriptor


def maker(path: str, patience: float) -> int:
    """Return a descriptor that keeps others from making the file, until it is closed; or -1.

    Who makes it is waited for, as long as what it makes grows.

    Args:
        path: where the file is to be; it is made at `unfinished(path)`.
        patience: seconds to wait for one that does not get on, as one that is stopped (Ctrl-Z).

    Returns:
        -1 on a file system without locks.

    Raises:
        TimeoutError: it did not get on.
        OSError: there is no place for the file.
    """
    descriptor = _lockable(f"{path}.new.lock")
    try:
        _wait(descriptor, unfinished(path), patience)
    except TimeoutError:
        os.close(descriptor)
        raise
    except OSError:
        os.close(descriptor)
        return -1
    return descriptor


def _wait(descriptor: int, made: str, patience: float) -> None:
    from time import monotonic, sleep

    seen, since = _state(made), monotonic()
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            pass
        else:
            return
        if (state := _state(made)) != seen:
            seen, since = state, monotonic()
        elif monotonic() - since > patience:
            raise TimeoutError
        sleep(_LOOK)


def _state(path: str) -> tuple[int, int]:
    try:
        found = os.stat(path)
    except OSError:
        return 0, 0
    return found.st_size, found.st_mtime_ns


def unfinished(path: str) -> str:
    """Return where the file is made."""
    return f"{path}.new"


def clear(path: str) -> None:
    """Remove a file that nobody uses, and what SQLite keeps beside it.

    Raises:
        OSError: it cannot be removed.
    """
    for name in (f"{path}-wal", f"{path}-shm", path):
        if os.path.lexists(name):
            os.unlink(name)


def finish(path: str) -> None:
    """Put the file that was made where it belongs; it is whole, even after a power failure.

    Raises:
        OSError: it cannot be put there.
    """
    from gitledger.store.shared import share

    made = unfinished(path)
    share(made)
    descriptor = os.open(made, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    os.rename(made, path)


def remove(path: str) -> bool:
    """Remove the file with its log, unless somebody has it open; tell whether it is gone."""
    try:
        descriptor = _lockable(f"{path}.lock")
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        clear(path)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True


def _lockable(path: str) -> int:
    flags = os.O_RDWR | os.O_CLOEXEC
    try:
        return os.open(path, flags)
    except FileNotFoundError:
        from gitledger.store.shared import share

        descriptor = os.open(path, flags | os.O_CREAT, 0o666)
        share(path)
        return descriptor
