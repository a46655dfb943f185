"""One git repository as a ledger uses it: place, settings, people, objects."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path

from gitledger import identity, lists
from gitledger.errors import NoRepository
from gitledger.git import Configuration, Git
from gitledger.store import open_store
from gitledger.store.base import Signature, Store
from gitledger.store.location import Location, locate


class Repository:
    """A git repository, opened at a place in it.

    Attributes:
        location: where its directories are.
        environ: the environment that settings are read from.
    """

    def __init__(self, location: Location, environ: Mapping[str, str]) -> None:
        self.location = location
        self.environ = environ

    @classmethod
    def open(cls, path: Path, environ: Mapping[str, str]) -> Repository:
        """Return the repository that the path is in.

        Raises:
            NoRepository: the path is in none.
        """
        return cls(locate(path, environ), environ)

    @property
    def worktree_name(self) -> str | None:
        """The name of the linked worktree that we stand in, None in the main one."""
        return self.location.git_dir.name if self.location.linked else None

    @cached_property
    def git(self) -> Git:
        """The git program, run on this repository."""
        return Git.at(self.location, self.environ, terminal=sys.stdin.isatty())

    @cached_property
    def configuration(self) -> Configuration:
        """git's configuration as it holds here."""
        return self.git.configuration()

    @cached_property
    def store(self) -> Store:
        """Commits, trees and refs."""
        return open_store(self.location, self.git)

    def lists(self) -> dict[str, str]:
        """Return the task lists by name, with their tips."""
        refs = self.store.refs(lists.REFS)
        return {name.removeprefix(lists.REFS): tip for name, tip in sorted(refs.items())}

    def author(self, now: datetime) -> Signature:
        """Return who is acting, for a commit made now."""
        name, email = identity.author(self.configuration, self.environ)
        return Signature(name, email, int(now.timestamp()))

    def user(self) -> str:
        """Return the acting person's name."""
        return identity.author(self.configuration, self.environ)[0]


def repositories(
    path: Path, repo: str | None, environ: Mapping[str, str]
) -> tuple[Repository, Repository]:
    """Return the repository that the path is in, and the one that keeps its ledger.

    They differ where `repo`, `GITLEDGER_REPO` or `gitledger.repo` names another one, so that
    several code repositories share a ledger.

    Raises:
        NoRepository: there is no repository at one of the places.
    """
    if other := repo or environ.get("GITLEDGER_REPO"):
        keeper = Repository.open(path / other, environ)
        try:
            return Repository.open(path, environ), keeper
        except NoRepository:
            return keeper, keeper
    standing = Repository.open(path, environ)
    if other := standing.configuration.get("gitledger.repo"):
        base = standing.location.worktree or standing.location.common_dir
        try:
            return standing, Repository.open(base / other, environ)
        except NoRepository as missing:
            raise NoRepository(
                f"the repository of the ledger is not there: {other}",
                hint="it is named by: git config gitledger.repo",
            ) from missing
    return standing, standing
