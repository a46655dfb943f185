"""The lock that lets the writers of a list take turns.

It is there for fairness alone: without it a writer among many could lose the compare-and-swap
again and again. Nothing goes wrong without it, so it never stops a writer for long.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from gitledger.errors import StoreFailed

PATIENCE: Final = 10.0
"""Seconds after which we go on without the lock: its holder may be stopped (Ctrl-Z)."""


@contextmanager
def lock(path: Path, *, patience: float = PATIENCE) -> Iterator[None]:
    """Hold the lock while the block runs. The system releases it when the process dies.

    Args:
        path: the file, in a folder of the common git directory; both are created on demand.
        patience: seconds to wait for the holder before going on without it.

    Raises:
        StoreFailed: the file cannot be created.
    """
    try:
        descriptor = _open(path)
    except OSError as error:
        raise StoreFailed(
            f"cannot write to {path.parent}: {error.strerror}",
            hint="the ledger writes to the git directory: check its permissions",
        ) from error
    try:
        _acquire(descriptor, patience)
        yield
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return _create(path)


def _create(path: Path) -> int:
    """Create the file; whoever may write to the git directory may lock (core.sharedRepository)."""
    mode = path.parent.parent.stat().st_mode & 0o7777
    with suppress(FileExistsError):
        path.parent.mkdir()
        path.parent.chmod(mode)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    with suppress(PermissionError):  # another user was faster and owns it
        os.fchmod(descriptor, mode & 0o666)
    return descriptor


def _acquire(descriptor: int, patience: float) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        _queue(descriptor, patience)
    except OSError:
        pass  # a file system without locks


def _queue(descriptor: int, patience: float) -> None:
    """Wait in the system's queue, which is fair, as trying now and then is not."""
    from threading import Thread

    # That wait has no time-out; a thread has one. Closing the file ends what is left of it.
    waiter = Thread(target=_wait, args=(descriptor,), daemon=True)
    waiter.start()
    waiter.join(patience)


def _wait(descriptor: int) -> None:
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
