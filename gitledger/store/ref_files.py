"""The files of refs, as all who use them know them: git, libgit2 and we."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Final

PATIENCE = 3.0
"""Seconds that one and the same lock file has to stand before its writer counts as dead."""
_GIVE_UP: Final = 0.1
"""Seconds after which a failure without any lock file is no contention."""
_LONGEST_PAUSE: Final = 0.1


def ref_names(common_dir: Path, prefix: str) -> set[str]:
    """Return what may be the names of refs that start with the prefix, by their files alone.

    Nothing else is read: a repository may have ten thousand branches beside a few lists.
    Loose refs come first, so that one which is packed meanwhile is found where it went.
    """
    folder = common_dir / prefix.rpartition("/")[0]
    files = (path for path in folder.rglob("*") if path.suffix != ".lock" and path.is_file())
    names = {str(path.relative_to(common_dir)) for path in files}
    try:
        packed = (common_dir / "packed-refs").read_bytes()
    except FileNotFoundError:
        packed = b""
    # A line is an id, a blank and a name.
    names.update(line.partition(" ")[2] for line in os.fsdecode(packed).splitlines())
    return {name for name in names if name.startswith(prefix)}


class RefLock:
    """The `<ref>.lock` file by which writers of a ref exclude each other, once it is in the way.

    A writer that is killed leaves it for good, and git removes none.

    Args:
        path: the lock file.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._pause = 0.001
        self._since = time.monotonic()
        self._seen = self._identity()

    def wait(self) -> bool:
        """Wait before another attempt; remove the lock file of a writer that is dead.

        Returns:
            False when another attempt is pointless: no lock file is in the way.

        Raises:
            OSError: the lock file cannot be removed.
        """
        there, now = self._identity(), time.monotonic()
        if there != self._seen:
            self._seen, self._since = there, now
        elif there is None and now - self._since > _GIVE_UP:
            return False
        elif there is not None and now - self._since > PATIENCE:
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
