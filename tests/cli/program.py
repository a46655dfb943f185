"""The command line, run in this process: in a place, an environment and at a time of its own."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from gitledger.cli.context import Context
from gitledger.cli.main import run

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
"""When the first command runs, a Monday; each further one runs a minute later."""


@dataclass(frozen=True)
class Result:
    """What a command left.

    Attributes:
        code: its exit code.
        written: what it wrote, in order: `out` or `err`, and a text.
    """

    code: int
    written: list[tuple[str, str]]

    @property
    def stdout(self) -> str:
        return "".join(text for name, text in self.written if name == "out")

    @property
    def stderr(self) -> str:
        return "".join(text for name, text in self.written if name == "err")

    @property
    def json(self) -> Any:
        """The object on standard output."""
        return json.loads(self.stdout)

    @property
    def error(self) -> Any:
        """The error in the object on standard error."""
        whole = json.loads(self.stderr)
        assert (whole["schema_version"], whole["kind"]) == (1, "error")
        return whole["error"]


class Stream(io.StringIO):
    """One end of a pipe, or of a terminal, that notes what is written to it."""

    def __init__(self, name: str, written: list[tuple[str, str]], *, terminal: bool) -> None:
        super().__init__()
        self._name = name
        self._written = written
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal

    def write(self, text: str) -> int:
        super().write(text)
        if text:
            self._written.append((self._name, text))
        return len(text)

    def writelines(self, lines: Any) -> None:
        for line in lines:
            self.write(line)


class Input(io.TextIOWrapper):
    """Standard input that holds some bytes."""

    def __init__(self, content: bytes, *, terminal: bool) -> None:
        super().__init__(io.BytesIO(content), encoding="utf-8")
        self._terminal = terminal

    def isatty(self) -> bool:
        return self._terminal


@dataclass
class Program:
    """`git ledger` in this process.

    Attributes:
        cwd: where it stands.
        environ: its environment.
        now: when the next command runs.
    """

    cwd: Path
    environ: Mapping[str, str]
    now: datetime = START
    _made: int = field(default=0, repr=False)

    def __call__(
        self, *words: str, stdin: bytes | str = "", terminal: bool = False, **environ: str
    ) -> Result:
        """Run a command line.

        Args:
            words: without the program's name.
            stdin: what it finds on standard input.
            terminal: whether its streams are a terminal's.
            environ: further variables of its environment.
        """
        written: list[tuple[str, str]] = []
        content = stdin.encode() if isinstance(stdin, str) else stdin
        context = Context(
            place=str(self.cwd),
            environ={**self.environ, **environ},
            stdin=Input(content, terminal=terminal),
            stdout=Stream("out", written, terminal=terminal),
            stderr=Stream("err", written, terminal=terminal),
            clock=lambda: self.now,
            random_bytes=named_bytes("\0".join(words)),
        )
        try:
            return Result(run(words, context), written)
        finally:
            self.now += timedelta(minutes=1)

    def ok(self, *words: str, **more: Any) -> Result:
        """Run a command line that has to succeed."""
        result = self(*words, **more)
        assert result.code == 0, result.stderr
        return result

    def add(self, title: str, *words: str) -> str:
        """Make a task and return its id."""
        task_id = self.ok("add", title, *words, "--json").json["task"]["id"]
        assert isinstance(task_id, str)
        return task_id


def named_bytes(name: str) -> Callable[[int], bytes]:
    """Return a source of bytes that gives every name bytes of its own, the same on each run.

    Which ids a command makes thus depends on nothing but its own words.
    """
    drawn = 0

    def draw(count: int) -> bytes:
        nonlocal drawn
        drawn += 1
        return sha256(f"{drawn}\0{name}".encode(errors="surrogateescape")).digest()[:count]

    return draw
