"""A ref is moved in its own file, in the steps that git takes: lock, look, note, replace.

git does it in a process of its own, which takes a command 3 ms; libgit2 takes twice as long as
this.
"""

from __future__ import annotations

import os

from gitledger.store.failures import Unreadable
from gitledger.store.files import write_all
from gitledger.store.ref_files import read_ref
from gitledger.store.ref_lock import OwnLock

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from gitledger.configuration import Configuration

_HEEDED: Final = (
    *("core.sharedRepository", "core.fsync", "core.fsyncMethod"),
    *("core.hooksPath", "core.preferSymlinkRefs"),
)
_HOOK: Final = "reference-transaction"
"""The hook by which a repository follows its refs, or refuses what is done to them."""


def moves_as_we_do(configuration: Configuration) -> bool:
    """Tell whether git would move a ref just as `move_ref`: no setting says more about it.

    From git 2.54 on a hook, too, is set (`hook.<name>.event`).
    """
    events = (
        name for name in configuration if name.startswith("hook.") and name.endswith(".event")
    )
    return not (
        any(configuration.get_all(name) for name in _HEEDED)
        or (configuration.get("core.logAllRefUpdates") or "").lower() == "always"
        or any(_HOOK in configuration.get_all(event) for event in events)
    )


def move_ref(common_dir: str, ref: str, old: str, new: str, entry: str) -> bool:
    """Let a ref that has a file of its own name another commit, in the steps that git takes.

    Args:
        common_dir: the repository's.
        ref: its full name.
        old: the id that it has to name.
        new: the id that it shall name.
        entry: what is added to its reflog, if it has one: a line without its end.

    Returns:
        False where it has no file: it is packed, or gone.

    Raises:
        Unreadable: it names something else, or its file is damaged.
        OSError: another writer's lock file is there, or a file cannot be written.
    """
    path = os.path.join(common_dir, ref)
    try:
        lock = OwnLock(path, f"{new}\n".encode())
    except FileNotFoundError:
        return False
    with lock:
        if not os.path.isfile(path):
            return False
        _require(common_dir, ref, old)
        _add_entry(os.path.join(common_dir, "logs", ref), f"{entry}\n".encode())
        lock.replace()
        return True


def _require(common_dir: str, ref: str, old: str) -> None:
    there = read_ref(common_dir, ref)
    if there is None or there.is_symbolic or there.target != old:
        raise Unreadable("it names another commit by now")


def _add_entry(path: str, line: bytes) -> None:
    """Add a line to a reflog if there is one; where the disk is full, no part of it."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC)
    except (FileNotFoundError, IsADirectoryError):  # git, too, goes on without either
        return
    try:
        size = os.fstat(descriptor).st_size
        try:
            write_all(descriptor, line)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
    finally:
        os.close(descriptor)
