"""The lock that lets the writers of a list take turns.

It is there for fairness alone: without it a writer among many could lose the compare-and-swap
again and again. Nothing goes wrong without it, so it never stops a writer for long.
"""

from __future__ import annotations

import fcntl
import os

from gitledger.errors import StoreFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PATIENCE: Final = 10.0
"""Seconds after which we go on without the lock: its holder may be stopped (Ctrl-Z)."""


def lock(path: str | os.PathLike[str], *, patience: float = PATIENCE) -> Lock:
    """Return a context that holds the lock; the system releases it when the process dies.

    Args:
        path: the file, in a folder of the common git directory; both are created on demand.
        patience: seconds to wait for the holder before going on without it.

    Raises:
        StoreFailed: the file cannot be created. It is raised when the context is entered.
    """
    return Lock(os.fspath(path), patience)


class Lock:
    """See `lock`."""

    def __init__(self, path: str, patience: float) -> None:
        self._path = path
        self._patience = patience
        self._descriptor = -1

    def __enter__(self) -> None:
        try:
            self._descriptor = _open(self._path)
        except OSError as error:
            raise StoreFailed(
                f"cannot write to {os.path.dirname(self._path)}: {error.strerror}",
                hint="the ledger writes to the git directory: check its permissions",
            ) from error
        try:
            _acquire(self._descriptor, self._patience)
        except BaseException:
            os.close(self._descriptor)
            raise

    def __exit__(self, *_: object) -> None:
        os.close(self._descriptor)


def _open(path: str) -> int:
    try:
        return os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return _create(path)


def _create(path: str) -> int:
    """Create the file; whoever may write to the git directory may lock (core.sharedRepository)."""
    from gitledger.store.shared import make_folder, share

    make_folder(os.path.dirname(path))
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    share(path)
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
    from contextlib import suppress

    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_EX)
