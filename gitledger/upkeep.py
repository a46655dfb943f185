"""Upkeep: git's own maintenance of the repository, started in the background now and then.

A write leaves about five loose objects, and libgit2 never packs any. git packs what its own
commands leave, in the background, too; the ledger's writes are not among those.
"""

from __future__ import annotations

import os
import time

from gitledger.errors import LedgerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    from gitledger.git import Git

SETTING: Final = "gitledger.maintenance"
"""False turns it off."""
PAUSE: Final = 600.0
"""Seconds after a start within which there is no other, whatever is there."""
DAY: Final = 86_400.0
"""Seconds after which git is asked in any case: it may be set up to pack earlier than usual."""
MANY: Final = 27
"""Files in one of the 256 folders of loose objects that say it is time: git's own measure, where
`gc.auto` is what it is by default, 6,700 in all (git-gc(1))."""

_STAMP: Final = "gitledger/upkeep"
_ONE_FOLDER: Final = "objects/17"
"""The one that git counts in, as well."""
_IN_SIGHT: Final = ("-c", "gc.autoDetach=false", "-c", "maintenance.autoDetach=false")
"""git stays in the process that holds its lock (`objects/maintenance.lock`), so that another one
gives up, instead of leaving the work to a process of its own."""


def after_write(git: Git, common_dir: str) -> int | None:
    """Start `git maintenance run --auto` where it is time, and do not wait for it.

    As a rule this is one look at the stamp file, which tells when it was last started. Where that
    cannot be written or git cannot be started, the ledger does without.

    Args:
        git: the git program on the repository that was written to.
        common_dir: its common git directory.

    Returns:
        git's process id; None where it was not started.
    """
    stamp = os.path.join(common_dir, _STAMP)
    try:
        if not _is_due(stamp, common_dir):
            return None
        # First of all: what fails is not to be tried again with every command.
        touch(stamp)
        return (
            git.leave(*_IN_SIGHT, "maintenance", "run", "--auto", "--quiet")
            if is_wanted(git)
            else None
        )
    except (OSError, LedgerError):
        return None


def _is_due(stamp: str, common_dir: str) -> bool:
    try:
        age = time.time() - os.stat(stamp).st_mtime
    except FileNotFoundError:
        touch(stamp)  # the first write here; nothing has piled up yet
        return False
    if 0 <= age < PAUSE:
        return False
    return not 0 <= age < DAY or _are_many(common_dir)


def _are_many(common_dir: str) -> bool:
    try:
        return len(os.listdir(os.path.join(common_dir, _ONE_FOLDER))) > MANY
    except FileNotFoundError:
        return False


def touch(path: str) -> None:
    """Give a file the present time; it is made where it is missing.

    Raises:
        OSError: it cannot be.
    """
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CLOEXEC))
    except FileNotFoundError:
        from gitledger.store.shared import make_folder, share

        make_folder(os.path.dirname(path))
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666))
        share(path)
    os.utime(path)


def is_wanted(git: Git) -> bool:
    """Tell whether nobody has turned it off; `maintenance.auto` is for all that git would start.

    Raises:
        GitFailed: a configuration file is broken.
    """
    configuration = git.configuration()
    return all(configuration.get_bool(name, True) for name in (SETTING, "maintenance.auto"))
