"""Fixtures of the command line: the program in this process, and as a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import pytest

import gitledger
from tests.cli.program import Program

SOURCE = {"PYTHONPATH": str(Path(gitledger.__file__).parent.parent)}
"""What lets a process find the package from wherever it starts."""


class RunProcess(Protocol):
    """Runs the real program; `shell` is a command line in which `"$@"` stands for it."""

    def __call__(
        self, *words: str, cwd: Path | None = None, shell: str = "", **environ: str
    ) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def cli(repo: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Return the program, standing in a repository without a ledger, on a machine called `desk`."""
    monkeypatch.setattr("gitledger.roster.host", lambda: "desk")
    return Program(repo, dict(os.environ))


@pytest.fixture
def ledger(cli: Program) -> Program:
    """Return the program, standing in a repository with an empty ledger."""
    cli.ok("init")
    return cli


class Prepared:
    """What tests begin with, made by the first of them and copied for all others.

    Args:
        folder: where it is kept.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "prepared"
        self._made: tuple[Any, datetime] | None = None

    def get(self, program: Program, make: Callable[[Program], Any]) -> Any:
        """Put all that `make` does into the directory that holds the program's repository.

        Returns:
            What `make` returned.
        """
        scratch = program.cwd.parent
        if self._made is None:
            self._made = make(program), program.now
            shutil.copytree(scratch, self._folder)
        else:
            shutil.copytree(self._folder, scratch, dirs_exist_ok=True)
        made, program.now = self._made
        return made


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    """Return what the tests of a module begin with."""
    return Prepared(tmp_path_factory.mktemp("prepared"))


@pytest.fixture
def process(repo: Path) -> RunProcess:
    """Return a function that runs the real program as a process."""

    def run(
        *words: str, cwd: Path | None = None, shell: str = "", **environ: str
    ) -> subprocess.CompletedProcess[str]:
        program = [sys.executable, "-m", "gitledger", *words]
        return subprocess.run(
            ["sh", "-c", shell, "sh", *program] if shell else program,
            cwd=cwd or repo,
            env={**os.environ, **SOURCE, **environ},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            check=False,
        )

    return run
