"""The files of refs, as all who use them know them: git, libgit2 and we."""

from __future__ import annotations

import os
import time

from gitledger.core.value import Value
from gitledger.store.failures import Unreadable

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

PATIENCE = 3.0
"""Seconds that one and the same lock file has to stand before its writer counts as dead."""
_GIVE_UP: Final = 0.1
"""Seconds after which a failure without any lock file is no contention."""
_LONGEST_PAUSE: Final = 0.1


_HEXADECIMAL: Final = b"0123456789abcdef"
_LENGTHS: Final = (40, 64)
"""Of an id, in hexadecimal digits: SHA-1, SHA-256."""
_NOT_IN_A_NAME: Final = frozenset(" ~^:?*[\\\x7f") | {chr(code) for code in range(32)}


class Reference(Value):
    """A ref, as it was read: the id that it names, or the ref that a symbolic one does."""

    __slots__ = ("is_symbolic", "target")

    def __init__(self, target: str, *, is_symbolic: bool = False) -> None:
        self.target = target
        self.is_symbolic = is_symbolic


def is_ref_name(name: str) -> bool:
    """Tell whether git takes a name for a ref's, as `git check-ref-format` says it."""
    parts = name.split("/")
    return (
        len(parts) > 1
        and not any(not part or part[0] == "." or part.endswith(".lock") for part in parts)
        and not name.endswith(".")
        and ".." not in name
        and "@{" not in name
        and not _NOT_IN_A_NAME.intersection(name)
    )


def read_ref(common_dir: str, ref: str) -> Reference | None:
    """Return a ref from its own file, else from that of the packed ones; None where it is in none.

    Args:
        common_dir: the repository's.
        ref: its full name, which is one.

    Raises:
        Unreadable: its file is damaged.
        OSError: a file cannot be read.
    """
    try:
        content = _bytes(os.path.join(common_dir, ref))
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
        line = b" %s\n" % os.fsencode(ref)
        packed = _packed(common_dir)
        oid = packed[: max(0, packed.find(line))].rpartition(b"\n")[2]
        return Reference(oid.decode()) if _is_id(oid) else None
    if content.startswith(b"ref:"):
        return Reference(os.fsdecode(content[4:].strip()), is_symbolic=True)
    oid, *_ = content.split(None, 1) or [b""]
    if content[:1].isspace() or not _is_id(oid):
        raise Unreadable("corrupted loose reference file")  # in the words of libgit2
    return Reference(oid.decode())


def ref_names(common_dir: str | os.PathLike[str], prefix: str) -> set[str]:
    """Return what may be the names of refs that start with the prefix, by their files alone.

    Nothing else is read: a repository may have ten thousand branches beside a few lists.
    Loose refs come first, so that one which is packed meanwhile is found where it went.
    """
    base = os.fspath(common_dir)
    names: set[str] = set()
    for folder, _, files in os.walk(os.path.join(base, prefix.rpartition("/")[0])):
        names.update(
            os.path.relpath(os.path.join(folder, name), base)
            for name in files
            if not name.endswith(".lock")
        )
    # A line is an id, a blank and a name.
    names.update(line.partition(" ")[2] for line in os.fsdecode(_packed(base)).splitlines())
    return {name for name in names if name.startswith(prefix)}


def packed_damage(common_dir: str, ref: str) -> bool:
    """Tell whether the file of packed refs is damaged, where a search in it did not find a ref.

    A search for the one line takes what is none for the absence of the ref.
    """
    packed = _packed(common_dir)
    cut = not packed.endswith(b"\n") if packed else False
    return cut or b"\0" in packed or b" %s\n" % os.fsencode(ref) in packed


def has_garbage(common_dir: str) -> bool:
    """Tell whether a line of the file of packed refs is none: git moves no ref then."""
    for line in _packed(common_dir).splitlines():
        oid, _, name = line.removeprefix(b"^").partition(b" ")
        if not line.startswith(b"#") and not (_is_id(oid) and bool(name) != line.startswith(b"^")):
            return True
    return False


def _packed(common_dir: str) -> bytes:
    try:
        return _bytes(os.path.join(common_dir, "packed-refs"))
    except FileNotFoundError:
        return b""


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _is_id(raw: bytes) -> bool:
    return len(raw) in _LENGTHS and not raw.strip(_HEXADECIMAL)


class RefLock:
    """The `<ref>.lock` file by which writers of a ref exclude each other, once it is in the way.

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
        status = os.stat(path)
    except FileNotFoundError:
        return None
    return status.st_ino, status.st_mtime_ns
