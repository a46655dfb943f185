"""Repositories for examples to be played in, and the program as it runs there.

`origin.git` is bare and has two clones: Ada's `app`, whose one commit has a `plan.md`, and Grace's
`laptop`. Ids are drawn from the command line itself, and each command comes a second after the one
before it: what an example says is always the same.
"""

from __future__ import annotations

import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TextIO

from gitledger.cli.context import Context
from gitledger.cli.main import run

ROOT = Path(__file__).parent.parent

_PLAN = """\
# Sign-in

- [ ] Write the schema [P1] #db
- [ ] Build the API [P1] #api [blockedBy: 1]
- [ ] Build the page #ui [blockedBy: 1]
- [ ] Write the docs [P3] [blockedBy: 2, 3]
"""
_NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
_SHELL = re.compile(r"[|<>&;$`*(){}#\n\\]")
_FAILURE = re.compile(r'^(error:|claim lost:|  "kind": "error")', re.MULTILINE)


class Wrong(AssertionError):
    """An example does not do what a document says, beyond its output."""


class Scenery:
    """The repositories that examples are played in.

    Args:
        folder: an empty directory.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._now = _NOON
        self._environ = {
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "PATH": f"{folder / 'bin'}:{_path()}",
            "PYTHONPATH": str(ROOT),
            "TZ": "UTC",
        }

    def build(self) -> None:
        """Make the repositories, and `git ledger` for commands that need a shell."""
        program = self.folder / "bin" / "git-ledger"
        program.parent.mkdir()
        code = "import sys, tests.scenery as s; sys.exit(s.program(sys.argv[1:]))"
        program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -c "{code}" "$@"\n')
        program.chmod(0o755)
        (self.folder / ".gitconfig").write_text(
            "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n"
        )
        self._must(".", "git init -q --bare origin.git && git clone -q origin.git app 2>&1")
        (self.folder / "app" / "plan.md").write_text(_PLAN)
        self._must("app", "git add plan.md && git commit -q -m 'Plan the sign-in'")
        self._must("app", "git push -q origin HEAD && cd .. && git clone -q origin.git laptop")
        self._must("laptop", "git config user.name Grace")
        self._must("laptop", "git config user.email grace@example.org")
        for name in ("app", "laptop"):
            self._must(name, "git remote set-url origin ../origin.git")

    def copied(self, folder: Path) -> Scenery:
        """Return the same scenery in another directory, which must not exist."""
        shutil.copytree(self.folder, folder)
        return Scenery(folder)

    def play(self, where: str, command: str) -> str:
        """Carry out a command line and return its output.

        Raises:
            Wrong: it failed without a word of it in the output.
        """
        self._now += timedelta(seconds=1)
        plain = command.startswith("git ledger") and not _SHELL.search(command)
        output, code = (self._ledger if plain else self._shell)(where, command)
        output = output.replace(str(self.folder), "~")
        told = bool(_FAILURE.search(output))
        # A shell's command line may go on after a failure.
        unlike = (code != 0 and not told) or (plain and code == 0 and told)
        if unlike or "error: unexpected" in output:
            raise Wrong(f"{where} $ {command}\nexited with {code}:\n{output}")
        return output

    def _ledger(self, where: str, command: str) -> tuple[str, int]:
        """Run the program within this process, which is twenty times as fast."""
        output = io.StringIO()
        environ = {**self._environ, **self._reproducible(where, command)}
        context = _context(self.folder / where, environ, io.StringIO(), output, output)
        code = run(shlex.split(command)[2:], context)
        return output.getvalue(), code

    def _reproducible(self, where: str, command: str) -> dict[str, str]:
        now = self._now.isoformat()
        return {
            "EXAMPLE": f"{where}: {command}",
            "EXAMPLE_TIME": now,
            "GIT_AUTHOR_DATE": now,
            "GIT_COMMITTER_DATE": now,
        }

    def _shell(self, where: str, command: str) -> tuple[str, int]:
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self.folder / where,
            env={**self._environ, **self._reproducible(where, command)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            check=False,
        )
        return done.stdout, done.returncode

    def _must(self, where: str, command: str) -> None:
        output, code = self._shell(where, command)
        if code:
            raise Wrong(f"{command} exited with {code}: {output}")


def program(words: list[str]) -> int:
    """Run `git ledger` in the shell of an example and return its exit code."""
    return run(words, _context(Path.cwd(), os.environ, sys.stdin, sys.stdout, sys.stderr))


def _context(
    cwd: Path, environ: Mapping[str, str], stdin: TextIO, stdout: TextIO, stderr: TextIO
) -> Context:
    now = datetime.fromisoformat(environ["EXAMPLE_TIME"])
    return Context(
        place=str(cwd),
        environ=environ,
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        clock=lambda: now,
        random_bytes=Random(environ["EXAMPLE"]).randbytes,
    )


def _path() -> str:
    """Return the directories of git and of the shell's commands."""
    found = (shutil.which(name) for name in ("git", "sh", "cat"))
    return ":".join(dict.fromkeys(str(Path(path).parent) for path in found if path))
