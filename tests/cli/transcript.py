"""Transcripts: sessions of a terminal as files, which are played and compared.

A file has a line for everything that is typed and everything that comes back:

    # A remark on what follows.
    $ git ledger note 7f3k "It speaks
    > XML"
    noted on 7f3k Build the API
    ! hint: a line that begins with `! ` stands on standard error
    (exit 4)

- `$ ` begins a command, `> ` goes on with it. Everything up to the next command, or to the remarks
  and blank lines before it, is its output, in the order in which it was written.
- `(exit N)` is the exit code, where it is not 0.
- Each file is played in a scratch directory of its own, shown as `/scratch`, from `repo` in it: a
  repository with one commit. `cd` stays for the commands that follow.
- `git ledger …` runs in the test's process, a minute after the one before, with ids that follow
  from its words. Assignments may stand before it and `<FILE` behind it.
- All other commands are the shell's, with the same clock for git. Their two streams are one.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from typing import Any

from tests.cli.program import Program, Result

_ASSIGNMENT = re.compile(r"([A-Z_]+)=(.*)", re.DOTALL)
_KEPT_TEXT = re.compile(r"(/[0-9a-z]{10}-)\w{8}(\.toml)")
"""The name of a temporary file, which is another one each time."""


@dataclass(frozen=True)
class Step:
    """One command.

    Attributes:
        before: the lines of remarks and blank lines before it.
        command: what is typed, without prompts.
    """

    before: tuple[str, ...]
    command: str


def read_steps(text: str) -> Iterator[Step]:
    """Yield the commands of a transcript; what came back is left out."""
    seen: list[str] = []
    lines = text.splitlines()
    while lines:
        line = lines.pop(0)
        if not line.startswith("$ "):
            seen.append(line)
            continue
        before = list(takewhile(lambda each: not each or each.startswith("# "), reversed(seen)))
        more = list(takewhile(lambda each: each.startswith("> "), lines))
        del lines[: len(more)]
        command = "\n".join([line[2:], *(each[2:] for each in more)])
        yield Step(tuple(reversed(before)), command)
        seen = []


class Play:
    """One transcript, being played.

    Args:
        scratch: the directory that everything happens below.
        program: the program, standing in the transcript's first repository.
    """

    def __init__(self, scratch: Path, program: Program) -> None:
        self._scratch = scratch
        self._program = program
        self.ran: list[tuple[Sequence[str], Result, bool]] = []
        """Each `git ledger`: its words, what it left, and whether it wrote to a ledger."""

    def play(self, text: str) -> str:
        """Return the transcript with what really comes back."""
        lines: list[str] = []
        for step in read_steps(text):
            typed = step.command.replace("\n", "\n> ")
            lines += [*step.before, f"$ {typed}", *self._output(step.command)]
        return "".join(f"{line}\n" for line in lines)

    def _output(self, command: str) -> Iterator[str]:
        if command.startswith("cd "):
            self._program.cwd = (self._program.cwd / command[3:]).resolve()
            return
        words = shlex.split(command)
        ours = list(takewhile(_ASSIGNMENT.fullmatch, words))
        rest = words[len(ours) :]
        if rest[:2] == ["git", "ledger"]:
            result = self._ledger(rest[2:], dict(word.split("=", 1) for word in ours))
        else:
            result = self._shell(command)
        for stream, line in _lines(result.written):
            yield ("! " if stream == "err" else "") + self._shown(line)
        if result.code:
            yield f"(exit {result.code})"

    def _ledger(self, words: list[str], environ: dict[str, Any]) -> Result:
        stdin = b""
        if words and words[-1].startswith("<"):
            stdin = (self._program.cwd / words.pop()[1:]).read_bytes()
        before = self._refs()
        result = self._program(*words, stdin=stdin, **environ)
        self.ran.append((words, result, self._refs() != before))
        return result

    def _shell(self, command: str) -> Result:
        now = self._program.now.isoformat()
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=self._program.cwd,
            env={**self._program.environ, "GIT_AUTHOR_DATE": now, "GIT_COMMITTER_DATE": now},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="surrogateescape",
            check=False,
        )
        return Result(done.returncode, [("out", done.stdout)])

    def _refs(self) -> dict[str, bytes]:
        """Return the ledgers' refs in the repositories of the scratch directory."""
        folders = [*self._scratch.glob("*/.git/refs"), *self._scratch.glob("*.git/refs")]
        files = (path for folder in folders for path in folder.glob("gitledger*/**/*"))
        return {str(path): path.read_bytes() for path in files if path.is_file()}

    def _shown(self, line: str) -> str:
        line = line.replace(os.path.realpath(self._scratch), "/scratch")
        line = line.replace(tempfile.gettempdir(), "/tmp")
        return _KEPT_TEXT.sub(r"\1XXXXXXXX\2", line)


def _lines(written: Sequence[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield the lines, each with its stream; a line belongs to the stream that ends it."""
    begun = {"out": "", "err": ""}
    for stream, text in written:
        *whole, begun[stream] = (begun[stream] + text).split("\n")
        yield from ((stream, line) for line in whole)
    yield from ((stream, line) for stream, line in begun.items() if line)
