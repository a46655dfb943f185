"""The files of refs, as all who use them know them: git, libgit2 and we."""

from __future__ import annotations

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from gitledger.store.lock import lock

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


def packed_damage(common_dir: Path, ref: str) -> bool:
    """Tell whether the file of packed refs is damaged, where a search in it did not find a ref.

    libgit2 searches for the one line, and takes what is none for the absence of the ref.
    """
    try:
        packed = (common_dir / "packed-refs").read_bytes()
    except FileNotFoundError:
        return False
    cut = not packed.endswith(b"\n") if packed else False
    return cut or b"\0" in packed or b" %s\n" % os.fsencode(ref) in packed


class RefLock:
    """The `<ref>.lock` file by which writers of a ref exclude each other, once it is in the way.

    A writer that is killed leaves it for good, and git removes none.

    Args:
        common_dir: the repository's.
        ref: the full name of the ref.
    """

    def __init__(self, common_dir: Path, ref: str) -> None:
        self._common_dir = common_dir
        self._path = common_dir / f"{ref}.lock"
        self._pause = 0.001
        self._since = time.monotonic()
        self._seen = _identity(self._path)

    def is_there(self) -> bool:
        """Tell whether it is in the way now."""
        return _identity(self._path) is not None

    def wait(self) -> bool:
        """Wait before another attempt; remove the lock file of a writer that is dead.

        Returns:
            False when another attempt is pointless: no lock file is in the way.

        Raises:
            OSError: the lock file cannot be removed.
        """
        there, now = _identity(self._path), time.monotonic()
        if there != self._seen:
            self._seen, self._since = there, now
        elif there is None and now - self._since > _GIVE_UP:
            return False
        elif there is not None and now - self._since > PATIENCE:
            # One at a time: of two that have waited the second would remove the lock file of a
            # writer that came after the first. Lists' lock files end with `.lock`; this is none.
            with lock(self._common_dir / "gitledger" / "stale-refs"):
                _remove(self._path, there)
            return True
        time.sleep(self._pause)
        self._pause = min(self._pause * 2, _LONGEST_PAUSE)
        return True

    def hint(self) -> str | None:
        """Return what stands in the way of git besides, or None.

        All refs are in `packed-refs`, and packing them may take long: its lock file is removed
        by nobody but a person who knows that no git is at work.
        """
        packed = self._common_dir / "packed-refs.lock"
        return f"if no git is at work here: rm {packed}" if packed.exists() else None


def _remove(path: Path, seen: tuple[int, int]) -> None:
    """Remove the lock file that was seen, and no other.

    Between a look and the removal its writer, if it is not dead after all, may finish, and another
    begin. So the file is taken aside first, and put back where it turns out to be another.
    """
    if _identity(path) != seen:
        return
    # In the same folder, which is on the same file system; git overlooks what ends like this.
    aside = path.with_name(f"{path.name}.{os.urandom(8).hex()}.lock")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return
    try:
        if _identity(aside) != seen:
            with suppress(FileExistsError):
                os.link(aside, path)
    finally:
        aside.unlink()


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells this lock file from a later one of the same name."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns
