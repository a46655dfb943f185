"""The `<ref>.lock` files by which writers of a ref exclude each other: git, libgit2 and we."""

from __future__ import annotations

import errno
import os
import time

from gitledger.store.files import write_all

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PATIENCE = 3.0
"""Seconds that one and the same lock file has to stand before its writer counts as dead."""
_GIVE_UP: Final = 0.1
"""Seconds after which a failure without any lock file is no contention."""
_LONGEST_PAUSE: Final = 0.1


class OwnLock:
    """A lock file of ours, which holds what the file that it locks is to hold; a context.

    Args:
        path: the file that it locks.
        content: what that is to hold.

    Raises:
        FileNotFoundError: there is no folder for it.
        OSError: another writer's lock file is there (FileExistsError), or it cannot be written.
    """

    def __init__(self, path: str, content: bytes) -> None:
        self._locked = path
        self._path = f"{path}.lock"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor = os.open(self._path, flags, 0o666)
        try:
            write_all(descriptor, content)
        except BaseException:
            os.unlink(self._path)
            raise
        finally:
            self._identity = _told_by(os.fstat(descriptor))
            os.close(descriptor)

    def replace(self) -> None:
        """Put it in the place of the file that it locks, and so unlock that.

        Raises:
            OSError: it is gone. Who is stopped for long is taken for dead; then another writer's
                may be there, who has not looked yet at what it replaces.
        """
        if _identity(self._path) != self._identity:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), self._path)
        os.rename(self._path, self._locked)

    def __enter__(self) -> None:
        pass

    def __exit__(self, *_: object) -> None:
        self.remove()

    def remove(self) -> None:
        """Unlock the file, which stays as it is; where that has been replaced, do nothing."""
        _remove(self._path, self._identity)


class RefLock:
    """The lock file of a ref, once it is in the way.

    A writer that is killed leaves it for good, and git removes none.

    Args:
        common_dir: the repository's.
        ref: the full name of the ref.
    """

    def __init__(self, common_dir: str | os.PathLike[str], ref: str) -> None:
        self._common_dir = os.fspath(common_dir)
        self._path = os.path.join(common_dir, f"{ref}.lock")
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
            from gitledger.store.lock import lock

            # One at a time: of two that have waited the second would remove the lock file of a
            # writer that came after the first. Lists' lock files end with `.lock`; this is none.
            with lock(os.path.join(self._common_dir, "gitledger", "stale-refs")):
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
        packed = os.path.join(self._common_dir, "packed-refs.lock")
        return f"if no git is at work here: rm {packed}" if os.path.exists(packed) else None


def _remove(path: str, seen: tuple[int, int]) -> None:
    """Remove the lock file that was seen, and no other.

    Between a look and the removal its writer, if it is not dead after all, may finish, and another
    begin. So the file is taken aside first, and put back where it turns out to be another.
    """
    if _identity(path) != seen:
        return
    # In the same folder, which is on the same file system; git overlooks what ends like this.
    aside = f"{path}.{os.urandom(8).hex()}.lock"
    try:
        os.rename(path, aside)
    except FileNotFoundError:
        return
    try:
        if _identity(aside) != seen:
            os.link(aside, path)
    except FileExistsError:
        pass  # yet another writer has come meanwhile
    finally:
        os.unlink(aside)


def _identity(path: str) -> tuple[int, int] | None:
    """Return what tells this lock file from a later one of the same name."""
    try:
        return _told_by(os.stat(path))
    except FileNotFoundError:
        return None


def _told_by(status: os.stat_result) -> tuple[int, int]:
    return status.st_ino, status.st_mtime_ns
