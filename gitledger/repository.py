"""One git repository as a ledger uses it: place, settings, people, objects."""

from __future__ import annotations

import os
import sys
from functools import cached_property

from gitledger import identity, lists
from gitledger.errors import Damaged, NoRepository
from gitledger.git import OBJECTS, Git
from gitledger.store import durability, open_store
from gitledger.store.location import Location, locate
from gitledger.store.ref_storage import open_refs

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime
    from pathlib import Path

    from gitledger.configuration import Configuration
    from gitledger.store.base import Signature, Store
    from gitledger.store.refs import Refs


class Repository:
    """A git repository, opened at a place in it.

    Args:
        location: where its directories are.
        environ: the environment that settings are read from.
        brief: this process does one thing and ends; see `gitledger.store.open_store`.

    Attributes:
        location: where its directories are.
        environ: the environment that settings are read from.
    """

    def __init__(
        self, location: Location, environ: Mapping[str, str], *, brief: bool = False
    ) -> None:
        self.location = location
        self.environ = environ
        self._brief = brief

    @classmethod
    def open(
        cls, path: str | Path, environ: Mapping[str, str], *, brief: bool = False
    ) -> Repository:
        """Return the repository that the path is in.

        Args:
            path: a place in it.
            environ: the environment that settings are read from.
            brief: this process does one thing and ends.

        Raises:
            NoRepository: the path is in none.
        """
        return cls(locate(path, environ), environ, brief=brief)

    @property
    def worktree_name(self) -> str | None:
        """The name of the linked worktree that we stand in, None in the main one."""
        return os.path.basename(self.location.git_dir_name) if self.location.linked else None

    @cached_property
    def name(self) -> str:
        """What people call it: the last word of origin's address, else its directory's name."""
        common = self.location.common_dir
        folder = common.parent.name if common.name == ".git" else common.name
        address = self.configuration.get("remote.origin.url") or folder
        word = address.rstrip("/").replace(":", "/").rpartition("/")[2].removesuffix(".git")
        return word or folder

    @cached_property
    def git(self) -> Git:
        """The git program, run on this repository, as durable as its settings ask for."""
        return self._git.using(durability.settings(self._git)) if self._durable else self._git

    @cached_property
    def configuration(self) -> Configuration:
        """git's configuration as it holds here."""
        return self._git.configuration()

    def begin_configuration(self) -> None:
        """Let git print its configuration while we do something else, before we ask for it."""
        self._git.begin_configuration()

    def begin_objects(self) -> None:
        """Let git get ready to read packed objects, where there are any, while we do other things.

        Only the store of a brief process asks it.
        """
        if self._brief and _has_packs(self.location.common_dir_name):
            self.git.begin_conversation(*OBJECTS)

    @cached_property
    def store(self) -> Store:
        """Commits, trees and refs."""
        return open_store(self.location, self.git, brief=self._brief)

    def target(self, ref: str) -> str | None:
        """Return the id that a ref names, None when there is no such ref; no object is read.

        Raises:
            StoreFailed: it cannot be read.
            Damaged: it is damaged, or a symbolic ref.
        """
        if "store" in self.__dict__:
            return self.store.target(ref)
        return self._refs.target(ref)

    @cached_property
    def _refs(self) -> Refs:
        return open_refs(self.location, self.git)

    @cached_property
    def _git(self) -> Git:
        terminal = sys.stdin is not None and sys.stdin.isatty()
        return Git.at(self.location, self.environ, terminal=terminal)

    @cached_property
    def _durable(self) -> bool:
        return durability.is_full(self.configuration)

    def lists(self) -> dict[str, str]:
        """Return the task lists by name, with their tips."""
        refs = self.store.refs(lists.REFS)
        named = {name.removeprefix(lists.REFS): tip for name, tip in sorted(refs.items())}
        return {name: tip for name, tip in named.items() if lists.is_name(name)}

    def require_not_lost(self, name: str) -> None:
        """Raise Damaged when a list that is not there was never deleted: its ref is lost."""
        from gitledger.store import reflog

        ref = lists.ref(name)
        last = reflog.last(self.location.common_dir, ref)
        # git notes down a value before the ref has it. Of a list that was just being made nothing
        # can be lost; and one that was not there a moment ago may be there by now.
        if last is None or last.deletes or last.creates:
            return
        if self.store.tip(ref) is None:
            raise Damaged(
                f"the list '{name}' was here, and its ref is gone",
                subject=ref,
                hint="get it back from the reflog: git ledger doctor --fix",
            )

    def author(self, now: datetime) -> Signature:
        """Return who is acting, for a commit made now."""
        return _signature(self._author, now)

    def committer(self, now: datetime) -> Signature:
        """Return who is recorded as committer of a commit made now."""
        return _signature(self._committer, now)

    def user(self) -> str:
        """Return the acting person's name."""
        return self._author[0]

    @cached_property
    def _author(self) -> tuple[str, str]:
        return identity.author(self.configuration, self.environ)

    @cached_property
    def _committer(self) -> tuple[str, str]:
        return identity.committer(self.configuration, self.environ)


def _has_packs(common_dir: str) -> bool:
    """Tell whether objects may be packed, here or in another repository that lends its own."""
    objects = os.path.join(common_dir, "objects")
    try:
        packs = os.listdir(os.path.join(objects, "pack"))
    except OSError:
        packs = []
    return bool(packs) or os.path.exists(os.path.join(objects, "info/alternates"))


def _signature(person: tuple[str, str], now: datetime) -> Signature:
    from gitledger.store.base import Signature

    return Signature(*person, int(now.timestamp()))


def repositories(
    path: str | Path,
    repo: str | None,
    environ: Mapping[str, str],
    *,
    brief: bool = False,
    meanwhile: Callable[[], object] = lambda: None,
) -> tuple[Repository, Repository]:
    """Return the repository that the path is in, and the one that keeps its ledger.

    They differ where `repo`, `GITLEDGER_REPO` or `gitledger.repo` names another one, so that
    several code repositories share a ledger.

    Args:
        path: the place where we stand.
        repo: another repository, relative to the path, or None.
        environ: the environment; a path in `GITLEDGER_REPO` is relative to where we stand.
        brief: this process does one thing and ends.
        meanwhile: what there is to do while git prints its configuration.

    Raises:
        NoRepository: there is no repository at one of the places.
    """
    if other := repo or environ.get("GITLEDGER_REPO"):
        place = os.path.join(path, os.path.expanduser(other))
        keeper = Repository.open(place, _elsewhere(environ), brief=brief)
        try:
            return Repository.open(path, environ, brief=brief), keeper
        except NoRepository:
            return keeper, keeper
    standing = Repository.open(path, environ, brief=brief)
    standing.begin_configuration()
    meanwhile()
    other = standing.configuration.get("gitledger.repo")
    return standing, _configured(standing, other, brief=brief) if other else standing


def _configured(standing: Repository, other: str, *, brief: bool) -> Repository:
    """Return the repository that `gitledger.repo` names: for all worktrees the same one."""
    location = standing.location
    base = location.worktree_name or location.common_dir_name
    if location.linked:
        folder, name = os.path.split(location.common_dir_name)
        base = folder if name == ".git" else location.common_dir_name
    place = os.path.join(base, os.path.expanduser(other))
    try:
        return Repository.open(place, _elsewhere(standing.environ), brief=brief)
    except NoRepository as missing:
        raise NoRepository(
            f"the repository of the ledger is not there: {other}",
            hint="it is named by: git config gitledger.repo",
        ) from missing


def _elsewhere(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the environment without what leads git to the repository that we stand in."""
    return {name: value for name, value in environ.items() if name not in _PLACE}


_PLACE = frozenset(
    ("GIT_DIR", "GIT_COMMON_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE")
)
