"""A repository with a ledger, in which commits are made and hooks are run by hand or by git."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from gitledger import hook
from gitledger.core.task import Task
from gitledger.hookfiles import install
from gitledger.ledger import Ledger
from gitledger.repository import Repository
from tests.conftest import RunGit
from tests.ledgers import ledger_at, subjects


class Scene:
    """A repository whose hooks are tried.

    Args:
        path: its worktree.
        git: runs git.

    Attributes:
        ledger: its ledger, as the session of the worktree uses it.
    """

    def __init__(self, path: Path, git: RunGit, ledger: Ledger | None = None) -> None:
        self.path = path
        self.git = git
        self.ledger = ledger or ledger_at(path)

    def add(self, title: str = "Schema", **values: Any) -> str:
        """Make a task and return its id."""
        return self.ledger.add(title, **values).id

    def task(self, task_id: str) -> Task:
        return self.ledger.task(task_id)

    def commit(self, message: str, *args: str) -> str:
        """Commit without any hook of ours and return the commit's id."""
        self.git(self.path, "commit", "-q", "--allow-empty", "-m", message, *args)
        return self.head()

    def head(self) -> str:
        return self.git(self.path, "rev-parse", "HEAD")

    def run(self, name: str, *args: str, stdin: str = "", **environ: str) -> list[str]:
        """Run a hook as git does, and return its lines without the name that each begins with."""
        lines, stops = self.run_strictly(name, *args, stdin=stdin, **environ)
        assert not stops
        return lines

    def run_strictly(
        self, name: str, *args: str, stdin: str = "", **environ: str
    ) -> tuple[list[str], bool]:
        """Run a hook and return its lines, and whether it stops git."""
        given = {**os.environ, "GIT_INDEX_FILE": ".git/index", **environ}
        lines, stops = hook.run(name, args, path=self.path, environ=given, stdin=lambda: stdin)
        assert all(line.startswith("gitledger: ") for line in lines)
        return [line.removeprefix("gitledger: ") for line in lines], stops

    def committed(self, message: str, *args: str) -> tuple[str, list[str]]:
        """Commit, run post-commit, and return the commit's id and the lines."""
        return self.commit(message, *args), self.run("post-commit")

    def scan(self, *revisions: str, **options: Any) -> list[str]:
        lines = hook.scan(revisions, path=self.path, environ=os.environ, **options)
        return [line.removeprefix("gitledger: ") for line in lines]

    def operations(self) -> int:
        """Return how many operations the list has seen."""
        return len(subjects(self.git, self.ledger))

    def install(self) -> None:
        """Let git run the hooks by itself."""
        install(Repository.open(self.path, os.environ))

    def message(self, ref: str = "HEAD") -> str:
        return self.git(self.path, "log", "-1", "--format=%B", ref).rstrip("\n")
