"""The `<ref>.lock` file by which all who write a ref, git and libgit2 alike, exclude each other."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

PATIENCE: Final = 3.0
"""Seconds that one and the same lock file has to stand before its writer counts as dead."""
_GIVE_UP: Final = 0.1
"""Seconds after which a failure without any lock file is no contention."""
_LONGEST_PAUSE: Final = 0.1


class RefLock:
    """The lock file of one ref, in the eyes of a writer that was refused.

    A writer that is killed leaves its lock file for good, and git has no policy against it.

    Args:
        path: the lock file.
        patience: seconds; see `PATIENCE`.
    """

    def __init__(self, path: Path, *, patience: float = PATIENCE) -> None:
        self._path = path
        self._patience = patience
        self._pause = 0.001
        self._since = time.monotonic()
        self._seen = self._identity()

    def wait(self) -> bool:
        """Wait before another attempt, and remove the lock file of a writer that is dead.

        Returns:
            False when there is no point in another attempt: no lock file is in the way.

        Raises:
            OSError: the lock file cannot be removed.
        """
        there, now = self._identity(), time.monotonic()
        if there != self._seen:
            self._seen, self._since = there, now
        elif there is None and now - self._since > _GIVE_UP:
            return False
        elif there is not None and now - self._since > self._patience:
            self._path.unlink(missing_ok=True)
            return True
        time.sleep(self._pause)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        return True

    def _identity(self) -> tuple[int, int] | None:
        """Return what tells this lock file from a later one of the same name."""
        try:
            status = self._path.stat()
        except FileNotFoundError:
            return None
        return status.st_ino, status.st_mtime_ns
