"""Crashes: a process that dies before or after any step that others could see the effect of.

A step is a call of the store that writes (`write`, `move`, `remove`), or a fetch or a push. A crash
after a push is a push that the server took, of which we never heard.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final
from unittest.mock import patch

from gitledger.ledger import Ledger
from gitledger.remote import Remote

WRITES: Final = ("write", "move", "remove")
"""The store's methods that change the repository."""


class Crash(BaseException):
    """The process is gone; like a kill, it is no exception that a program could catch."""


class _Fuse:
    """Counts the places at which a process may die, and lets it die at one of them.

    Args:
        step: the place: 2n is right before the n-th step, 2n+1 right after it; n counts from 0.
    """

    def __init__(self, step: int) -> None:
        self._left = step
        self.blown = False

    def around(self, act: Callable[[], Any]) -> Any:
        """Take a step."""
        self._burn()
        result = act()
        self._burn()
        return result

    def alive(self) -> None:
        """A process that is gone does nothing more, not even in the `finally` of its code."""
        if self.blown:
            raise Crash

    def _burn(self) -> None:
        self.alive()
        self.blown = self._left == 0
        self._left -= 1
        self.alive()


class _Mortal:
    """A store whose process may die."""

    def __init__(self, store: Any, fuse: _Fuse) -> None:
        self._store = store
        self._fuse = fuse

    def __getattr__(self, name: str) -> Any:
        self._fuse.alive()
        method = getattr(self._store, name)
        if name not in WRITES:
            return method
        return lambda *args, **given: self._fuse.around(lambda: method(*args, **given))


@contextmanager
def crashing(ledger: Ledger, step: int) -> Iterator[None]:
    """Let the process that uses this ledger die; with fewer steps than that it lives on.

    Locks go with the process. The object is of no use afterwards: open the ledger anew, as the
    next process would.

    Args:
        ledger: the ledger.
        step: where it dies: 2n is right before its n-th step, 2n+1 right after it; from 0.

    Raises:
        Crash: it died there.
    """
    fuse = _Fuse(step)
    repository: Any = ledger.repository
    store = repository.store
    repository.store = _Mortal(store, fuse)

    def mortal(name: str) -> Any:
        method = getattr(Remote, name)

        def act(remote: Remote, *args: Any, **given: Any) -> Any:
            if remote.git is not ledger.repository.git:
                return method(remote, *args, **given)
            return fuse.around(lambda: method(remote, *args, **given))

        return patch.object(Remote, name, act)

    try:
        with mortal("fetch"), mortal("push"):
            yield
    finally:
        if not fuse.blown:
            repository.store = store
