"""The documents as programs: their examples are played, and their tables made from the code.

What the blocks of a document mean:

- `console` is a terminal. `$ COMMAND` is typed in the directory `app`, `laptop $ COMMAND` in the
  one that it names; a line that begins with `> ` goes on with the command; all else is output.
- `python` is run in `app`, a document's blocks as one program; the block `text` right behind it is
  what it prints.
- `toml` is a task, as the program writes it.
- `<!-- begin: NAME -->` to `<!-- end: NAME -->` is made from the code (`tests/tables.py`).
- Any other block is not played.

A document is one story, played in a scratch directory of its own with `origin.git` and two clones
of it: Ada's `app`, whose one commit has a `plan.md`, and Grace's `laptop`. Ids are drawn from the
command line itself, and each command comes a second after the one before it, so that an example
always says the same. Commits and times may differ all the same: a hook knows nothing of all this,
and a change of the format gives every commit another id.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, NamedTuple, TextIO

from gitledger.cli.context import Context
from gitledger.cli.main import run
from gitledger.core import codec

ROOT = Path(__file__).parent.parent
DOCUMENTS = tuple(
    path.relative_to(ROOT).as_posix() for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"))
)

_PLAN = """\
# Sign-in

- [ ] Write the schema [P1] #db
- [ ] Build the API [P1] #api [blockedBy: 1]
- [ ] Build the page #ui [blockedBy: 1]
- [ ] Write the docs [P3] [blockedBy: 2, 3]
"""
_NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
_PROMPT = re.compile(r"(?:([\w-]+) )?\$ (.*)")
_SHELL = re.compile(r"[|<>&;$`*(){}#\n\\]")
_FAILURE = re.compile(r'^(error:|claim lost:|  "kind": "error")', re.MULTILINE)
_VARYING = {
    r"(?:\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun) )?\b\d{4}-\d\d-\d\d"
    r"(?:[ T]\d\d:\d\d(?::\d\d)?(?:Z| ?[+-]\d\d:?\d\d)?)?": "<time>",
    r"\b[A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d\d:\d\d:\d\d \d{4} [+-]\d{4}": "<time>",
    r"\bjust now\b|\b\d min ago\b": "<ago>",
    r"\b[0-9a-f]{7,40}\b": "<commit>",
}


def normal(text: str) -> str:
    """Return output without commits and times."""
    for pattern, word in _VARYING.items():
        text = re.sub(pattern, word, text)
    return "\n".join(line.rstrip() for line in text.splitlines())


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
        code = "import sys, tests.documents as d; sys.exit(d.program(sys.argv[1:]))"
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
        cwd=cwd,
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


class Block(NamedTuple):
    """Lines `start` to `stop` of a document, without the fences or marks around them."""

    kind: str
    start: int
    stop: int


def blocks(lines: list[str]) -> Iterator[Block]:
    """Yield the fenced blocks of a document, and as `table NAME` what is made from the code."""
    start, kind, end = 0, "", ""
    for number, line in enumerate(lines):
        if end:
            if line == end:
                yield Block(kind, start, number)
                end = ""
        elif line.startswith("```"):
            kind, start, end = line[3:], number + 1, "```"
        elif made := re.fullmatch("<!-- begin: (.+) -->", line):
            kind, start, end = f"table {made[1]}", number + 1, f"<!-- end: {made[1]} -->"
    if end:
        raise Wrong(f"line {start} begins what is never ended by {end}")


def rewritten(
    text: str, scenery: Callable[[], Scenery], tables: Mapping[str, Callable[[], str]]
) -> str:
    """Return a document with what the program says now; what is equal but for times stays.

    Args:
        text: the document.
        scenery: returns fresh repositories.
        tables: returns the text of each table by its name.
    """
    lines = text.splitlines()
    new: list[str] = []
    done = 0
    player = _Player(scenery, tables)
    for block in blocks(lines):
        fresh = player.play(block, lines[block.start : block.stop])
        new += lines[done : block.start] + fresh
        done = block.stop
    return "\n".join([*new, *lines[done:], ""])


class _Player:
    """Plays the blocks of one document, in order."""

    def __init__(
        self, scenery: Callable[[], Scenery], tables: Mapping[str, Callable[[], str]]
    ) -> None:
        self._scenery = scenery
        self._tables = tables
        self._names: dict[str, Any] = {}
        self._printed: str | None = None

    def play(self, block: Block, lines: list[str]) -> list[str]:
        """Return the lines that the block should have."""
        printed, self._printed = self._printed, None
        if block.kind == "console":
            return _played(lines, self._stage)
        if block.kind == "python":
            self._printed = self._run("\n".join(lines))
        elif block.kind == "text" and printed is not None:
            return _kept(lines, printed)
        elif block.kind == "toml":
            return _written("\n".join([*lines, ""]))
        elif block.kind.startswith("table "):
            return ["", *self._tables[block.kind.removeprefix("table ")]().splitlines(), ""]
        return lines

    @cached_property
    def _stage(self) -> Scenery:
        return self._scenery()

    def _run(self, code: str) -> str:
        output = io.StringIO()
        with contextlib.chdir(self._stage.folder / "app"), contextlib.redirect_stdout(output):
            exec(compile(code, "example", "exec"), self._names)
        return output.getvalue()


def _written(text: str) -> list[str]:
    return codec.encode(codec.decode(text.encode(), "0000000000")).decode().splitlines()


def _played(lines: list[str], stage: Scenery) -> list[str]:
    """Return a terminal's lines with the commands' real output."""
    new: list[str] = []
    number = 0
    while number < len(lines):
        prompt = _PROMPT.fullmatch(lines[number])
        if not prompt:
            raise Wrong(f"no command stands before: {lines[number]}")
        typed = number
        number += 1
        while number < len(lines) and lines[number].startswith("> "):
            number += 1
        new += lines[typed:number]
        command = "\n".join([prompt[2], *(line[2:] for line in lines[typed + 1 : number])])
        shown = number
        while number < len(lines) and not _PROMPT.fullmatch(lines[number]):
            number += 1
        output = stage.play(prompt[1] or "app", command)
        new += _kept(lines[shown:number], output)
    return new


def _kept(old: list[str], output: str) -> list[str]:
    """Return the lines of an output: as they are written, if only commits and times differ."""
    written = "\n".join(old)
    return old if normal(written) == normal(output) else _lines(output)


def _lines(output: str) -> list[str]:
    """Return the lines without blanks at their ends."""
    return [line.rstrip() for line in output.splitlines()]
