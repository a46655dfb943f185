"""Where a repository is: found as git finds it, without starting git."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gitledger.errors import NoRepository, StoreFailed
from gitledger.store.settings import is_true, read_settings

_HEAD = re.compile(rb"ref:\s*refs/|[0-9a-f]{40}")


@dataclass(frozen=True, slots=True)
class Location:
    """The directories of a repository, absolute and without symbolic links.

    Attributes:
        git_dir: what belongs to this worktree alone (`HEAD`); `.git` in the main one.
        common_dir: what all worktrees share (objects, refs, configuration).
        worktree: the top of the working tree; None in a bare repository or inside `.git`.
        start: a directory from which git finds this repository by itself; None where the
            environment named the repository.
    """

    git_dir: Path
    common_dir: Path
    worktree: Path | None
    start: Path | None = None

    @property
    def linked(self) -> bool:
        """Whether this is a linked worktree; its name is then that of `git_dir`."""
        return self.git_dir != self.common_dir


def locate(path: Path, environ: Mapping[str, str]) -> Location:
    """Return the repository that a directory is in.

    Args:
        path: the directory; relative to the current one, as with `git -C`.
        environ: `GIT_DIR`, `GIT_COMMON_DIR`, `GIT_WORK_TREE`, `GIT_CEILING_DIRECTORIES` and
            `GIT_DISCOVERY_ACROSS_FILESYSTEM` count as they do in git.

    Raises:
        NoRepository: it is in none, or is no directory.
        StoreFailed: a directory on the way may not be read.
    """
    try:
        start = Path(os.path.realpath(path, strict=True))
        if not start.is_dir():
            raise NoRepository(f"not in a git repository: {path}", hint="it is no directory")
        return _Search(start, environ).run()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise NoRepository(
            f"not in a git repository: {path}", hint="there is no such directory"
        ) from error
    except OSError as error:
        raise StoreFailed(f"cannot read {error.filename}: {error.strerror}") from error


class _Search:
    """One search, from one directory with one environment."""

    def __init__(self, start: Path, environ: Mapping[str, str]) -> None:
        self._start = start
        self._environ = environ

    def run(self) -> Location:
        if named := self._environ.get("GIT_DIR"):
            git_dir = self._named(self._start / named)
            return self._location(git_dir, default=self._start, found=None)
        for folder in self._upwards():
            if dot_git := self._dot_git(folder / ".git"):
                return self._location(dot_git, default=folder, found=folder)
            if self._is_git_dir(folder):
                return self._location(folder, default=None, found=folder)
        raise NoRepository(f"not in a git repository: {self._start}", hint="make one: git init")

    def _upwards(self) -> Iterator[Path]:
        """Yield the directory and those above it, as far as git looks."""
        across = is_true(self._environ.get("GIT_DISCOVERY_ACROSS_FILESYSTEM"))
        ceilings = _ceilings(self._environ.get("GIT_CEILING_DIRECTORIES", ""))
        device = self._start.stat().st_dev
        yield self._start
        for folder in self._start.parents:
            if folder in ceilings or (not across and folder.stat().st_dev != device):
                return
            yield folder

    def _named(self, path: Path) -> Path:
        git_dir = _pointed_at(path) if path.is_file() else path
        if not self._is_git_dir(git_dir):
            raise NoRepository(
                f"not a git repository: {path}", hint="GIT_DIR names it; unset it, or correct it"
            )
        return git_dir.resolve()

    def _dot_git(self, path: Path) -> Path | None:
        if path.is_file():
            git_dir = _pointed_at(path)
            if not self._is_git_dir(git_dir):
                raise NoRepository(
                    f"not a git repository: {git_dir}, which {path} names",
                    hint="if the repository was moved: git worktree repair",
                )
            return git_dir.resolve()
        return path.resolve() if self._is_git_dir(path) else None

    def _is_git_dir(self, path: Path) -> bool:
        head = path / "HEAD"
        if head.is_symlink():
            if not str(head.readlink()).startswith("refs/"):
                return False
        elif not (head.is_file() and _HEAD.match(head.read_bytes())):
            return False
        common = self._common_dir(path)
        return (common / "objects").is_dir() and (common / "refs").is_dir()

    def _common_dir(self, git_dir: Path) -> Path:
        if named := self._environ.get("GIT_COMMON_DIR"):
            return (self._start / named).resolve()
        try:
            return (git_dir / _content(git_dir / "commondir")).resolve()
        except FileNotFoundError:
            return git_dir.resolve()

    def _location(self, git_dir: Path, default: Path | None, found: Path | None) -> Location:
        common_dir = self._common_dir(git_dir)
        if named := self._environ.get("GIT_WORK_TREE"):
            # git would not come upon this worktree by itself.
            return Location(git_dir, common_dir, (self._start / named).resolve())
        worktree = default
        if found is None and self._environ.get("GIT_IMPLICIT_WORK_TREE") == "0":
            worktree = None
        if git_dir == common_dir:
            worktree = _configured_worktree(git_dir, worktree)
        return Location(git_dir, common_dir, worktree, found)


def _configured_worktree(git_dir: Path, default: Path | None) -> Path | None:
    """Return the worktree of a repository that is no linked worktree, as its settings have it."""
    settings = read_settings(git_dir / "config")
    if is_true(settings.get("extensions.worktreeconfig")):
        settings |= read_settings(git_dir / "config.worktree")
    if worktree := settings.get("core.worktree"):
        return (git_dir / worktree).resolve()
    return None if is_true(settings.get("core.bare")) else default


def _pointed_at(gitfile: Path) -> Path:
    """Return the directory that a `.git` file names."""
    line = _content(gitfile)
    if not line.startswith("gitdir: "):
        raise NoRepository(f"not a git repository: {gitfile} does not say 'gitdir: …'")
    return gitfile.parent / line.removeprefix("gitdir: ")


def _content(path: Path) -> str:
    return os.fsdecode(path.read_bytes()).rstrip("\r\n")


def _ceilings(value: str) -> frozenset[Path]:
    """Return the directories that git does not look into on its way up.

    They are resolved up to the first empty entry, which says that the others need it not.
    """
    ceilings, resolve = set(), True
    for entry in value.split(os.pathsep):
        if not entry:
            resolve = False
        elif entry.startswith("/"):
            ceilings.add(Path(entry).resolve() if resolve else Path(entry))
    return frozenset(ceilings)
