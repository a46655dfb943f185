"""Fixtures of the command line: the program in this process, and as a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Protocol

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
def cli(repo: Path) -> Program:
    """Return the program, standing in a repository without a ledger."""
    return Program(repo, dict(os.environ))


@pytest.fixture
def ledger(cli: Program) -> Program:
    """Return the program, standing in a repository with an empty ledger."""
    cli.ok("init")
    return cli


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
