"""Where git takes the hooks of a repository from, and whose that place is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from gitledger.errors import NoRepository
from gitledger.repository import Repository
from gitledger.store.location import locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

_CONFIGURED: Final = (2, 54)
"""The first git that takes hooks from its configuration, too (git's release notes)."""


class Place(NamedTuple):
    """The place of a repository's hooks.

    Attributes:
        folder: the directory that `git rev-parse --git-path hooks` names; it need not be there.
        configured: whether this git also takes hooks from its configuration.
        keeper: who keeps the directory, as far as hooks are put there by others than us: `husky`,
            `project` (it is in the working tree), `user` (all repositories share it), `nobody`
            (hooks are switched off); None where it is the repository's own.
        setting: what `core.hooksPath` says, None where it is not set.
        lefthook: the file that is there as long as lefthook is installed.
    """

    folder: Path
    configured: bool
    keeper: str | None
    setting: str | None
    lefthook: Path

    @property
    def kept(self) -> Path:
        """Where what was there before is kept: beside the directory.

        In a directory of its own a file keeps its name, and in one at the same depth relative
        links and paths lead to where they did.
        """
        return self.folder.with_name(f"{self.folder.name}.gitledger-kept")

    def edited(self, name: str) -> Path:
        """Return the file that people edit for a hook."""
        return (self.folder.parent if self.keeper == "husky" else self.folder) / name


def place_of(repository: Repository) -> Place:
    """Return where the hooks of a repository are.

    Raises:
        GitFailed: git cannot be asked.
    """
    printed = repository.git.run("rev-parse", "--path-format=absolute", "--git-path", "hooks")
    folder = Path(os.fsdecode(printed.stdout.rstrip(b"\n")))
    setting = repository.configuration.get("core.hooksPath")
    return Place(
        folder,
        _version(repository) >= _CONFIGURED,
        _keeper(repository, folder),
        setting,
        repository.location.common_dir / "info" / "lefthook.checksum",
    )


def _keeper(repository: Repository, folder: Path) -> str | None:
    if folder.exists() and not folder.is_dir():
        return "nobody"
    if folder.name == "_" and any((folder / file).is_file() for file in ("h", "husky.sh")):
        return "husky"
    if _in_working_tree(folder):
        return "project"
    common = repository.location.common_dir
    if folder.resolve().is_relative_to(common) or _is_set_here(repository):
        return None
    return "user"


def _in_working_tree(folder: Path) -> bool:
    """Tell whether a directory is among the files of some repository."""
    there = next((path for path in (folder, *folder.parents) if path.is_dir()), folder)
    try:
        found = locate(there, {})
    except NoRepository:
        return False
    there = there.resolve()
    return (
        found.worktree is not None
        and there.is_relative_to(found.worktree)
        and not there.is_relative_to(found.common_dir)
    )


def _is_set_here(repository: Repository) -> bool:
    """Tell whether `core.hooksPath` is set for this repository, not for all of the user's."""
    shown = repository.git.run("config", "--show-scope", "--get", "core.hooksPath", check=False)
    return shown.stdout.split(b"\t")[0] not in (b"global", b"system")


def _version(repository: Repository) -> tuple[int, ...]:
    """Return git's version: `git version 2.39.5 (Apple Git-154)` is (2, 39)."""
    word = repository.git.run("version").stdout.decode().split()[2]
    return tuple(int(part) for part in word.split(".")[:2] if part.isdecimal())
