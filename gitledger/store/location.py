"""Where a repository is: found as git finds it, without starting git."""

from __future__ import annotations

import os

from gitledger.errors import NoRepository, StoreFailed
from gitledger.store.settings import is_true, read_settings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class Location:
    """The directories of a repository, absolute and without symbolic links.

    Each is there as a path and, named `…_name`, as a string: most commands need no more, and
    `pathlib` takes as long to import as Python itself takes to start.

    Args:
        git_dir: what belongs to this worktree alone (`HEAD`); `.git` in the main one.
        common_dir: what all worktrees share (objects, refs, configuration).
        worktree: the top of the working tree; None in a bare repository or inside `.git`.
        start: a directory from which git finds this repository by itself; None where the
            environment named the repository.
    """

    def __init__(
        self,
        git_dir: str | Path,
        common_dir: str | Path,
        worktree: str | Path | None,
        start: str | Path | None = None,
    ) -> None:
        self.git_dir_name = os.fspath(git_dir)
        self.common_dir_name = os.fspath(common_dir)
        self.worktree_name = None if worktree is None else os.fspath(worktree)
        self.start_name = None if start is None else os.fspath(start)

    @property
    def git_dir(self) -> Path:
        """What belongs to this worktree alone."""
        return _path(self.git_dir_name)

    @property
    def common_dir(self) -> Path:
        """What all worktrees share."""
        return _path(self.common_dir_name)

    @property
    def worktree(self) -> Path | None:
        """The top of the working tree, or None."""
        return None if self.worktree_name is None else _path(self.worktree_name)

    @property
    def start(self) -> Path | None:
        """A directory from which git finds this repository by itself, or None."""
        return None if self.start_name is None else _path(self.start_name)

    @property
    def linked(self) -> bool:
        """Whether this is a linked worktree; its name is then that of `git_dir`."""
        return self.git_dir_name != self.common_dir_name

    def _key(self) -> tuple[str | None, ...]:
        return self.git_dir_name, self.common_dir_name, self.worktree_name, self.start_name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Location) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def __repr__(self) -> str:
        return f"Location{self._key()}"


def locate(path: str | Path, environ: Mapping[str, str]) -> Location:
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
        start = os.path.realpath(path, strict=True)
        if not os.path.isdir(start):
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

    def __init__(self, start: str, environ: Mapping[str, str]) -> None:
        self._start = start
        self._environ = environ

    def run(self) -> Location:
        if named := self._environ.get("GIT_DIR"):
            git_dir = self._named(os.path.join(self._start, named))
            return self._location(git_dir, default=self._start, found=None)
        for folder in self._upwards():
            if dot_git := self._dot_git(os.path.join(folder, ".git")):
                return self._location(dot_git, default=folder, found=folder)
            if self._is_git_dir(folder):
                return self._location(folder, default=None, found=folder)
        raise NoRepository(f"not in a git repository: {self._start}", hint="make one: git init")

    def _upwards(self) -> Iterator[str]:
        """Yield the directory and those above it, as far as git looks."""
        across = is_true(self._environ.get("GIT_DISCOVERY_ACROSS_FILESYSTEM"))
        ceilings = _ceilings(self._environ.get("GIT_CEILING_DIRECTORIES", ""))
        folder, device = self._start, os.stat(self._start).st_dev
        while True:
            yield folder
            below, folder = folder, os.path.dirname(folder)
            if folder == below or folder in ceilings:
                return
            if not across and os.stat(folder).st_dev != device:
                return

    def _named(self, path: str) -> str:
        git_dir = _pointed_at(path) if os.path.isfile(path) else path
        if not self._is_git_dir(git_dir):
            raise NoRepository(
                f"not a git repository: {path}", hint="GIT_DIR names it; unset it, or correct it"
            )
        return os.path.realpath(git_dir)

    def _dot_git(self, path: str) -> str | None:
        if os.path.isfile(path):
            git_dir = _pointed_at(path)
            if not self._is_git_dir(git_dir):
                raise NoRepository(
                    f"not a git repository: {git_dir}, which {path} names",
                    hint="if the repository was moved: git worktree repair",
                )
            return os.path.realpath(git_dir)
        return os.path.realpath(path) if self._is_git_dir(path) else None

    def _is_git_dir(self, path: str) -> bool:
        head = os.path.join(path, "HEAD")
        if os.path.islink(head):
            if not os.readlink(head).startswith("refs/"):
                return False
        elif not (os.path.isfile(head) and _is_head(_bytes(head))):
            return False
        common = self._common_dir(path)
        return all(os.path.isdir(os.path.join(common, name)) for name in ("objects", "refs"))

    def _common_dir(self, git_dir: str) -> str:
        if named := self._environ.get("GIT_COMMON_DIR"):
            return os.path.realpath(os.path.join(self._start, named))
        try:
            named = _content(os.path.join(git_dir, "commondir"))
        except FileNotFoundError:
            return os.path.realpath(git_dir)
        return os.path.realpath(os.path.join(git_dir, named))

    def _location(self, git_dir: str, default: str | None, found: str | None) -> Location:
        common_dir = self._common_dir(git_dir)
        if named := self._environ.get("GIT_WORK_TREE"):
            # git would not come upon this worktree by itself.
            worktree = os.path.realpath(os.path.join(self._start, named))
            return Location(git_dir, common_dir, worktree)
        place = default
        if found is None and self._environ.get("GIT_IMPLICIT_WORK_TREE") == "0":
            place = None
        if git_dir == common_dir:
            place = _configured_worktree(git_dir, place)
        return Location(git_dir, common_dir, place, found)


def _configured_worktree(git_dir: str, default: str | None) -> str | None:
    """Return the worktree of a repository that is no linked worktree, as its settings have it."""
    settings = read_settings(os.path.join(git_dir, "config"))
    if is_true(settings.get("extensions.worktreeconfig")):
        settings |= read_settings(os.path.join(git_dir, "config.worktree"))
    if worktree := settings.get("core.worktree"):
        return os.path.realpath(os.path.join(git_dir, worktree))
    return None if is_true(settings.get("core.bare")) else default


def _pointed_at(gitfile: str) -> str:
    """Return the directory that a `.git` file names."""
    line = _content(gitfile)
    if not line.startswith("gitdir: "):
        raise NoRepository(f"not a git repository: {gitfile} does not say 'gitdir: …'")
    return os.path.join(os.path.dirname(gitfile), line.removeprefix("gitdir: "))


def _is_head(content: bytes) -> bool:
    """Tell whether a file's content is that of `HEAD`: a ref, or a commit's id."""
    if content.startswith(b"ref:"):
        return content[4:].lstrip().startswith(b"refs/")
    return len(content) >= 40 and not content[:40].strip(b"0123456789abcdef")


def _content(path: str) -> str:
    return os.fsdecode(_bytes(path)).rstrip("\r\n")


def _bytes(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _path(name: str) -> Path:
    from pathlib import Path

    return Path(name)


def _ceilings(value: str) -> frozenset[str]:
    """Return the directories that git does not look into on its way up.

    They are resolved up to the first empty entry, which says that the others need it not.
    """
    ceilings, resolve = set(), True
    for entry in value.split(os.pathsep):
        if not entry:
            resolve = False
        elif entry.startswith("/"):
            ceilings.add(os.path.realpath(entry) if resolve else os.path.normpath(entry))
    return frozenset(ceilings)
