"""The program in a process beside the test, which is given up when it does not answer.

One process plays many commands, one after another, each as if it had just been started: what hangs
in C, and what a damaged repository does to a library, stays in that process.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from tests.cli.program import Program

ROOT: Final = Path(__file__).parent.parent.parent
PATIENCE: Final = 5.0
"""Seconds within which every command answers, whatever stands in the repository."""


class Hung(AssertionError):
    """A command did not answer in time."""


@dataclass(frozen=True)
class Answer:
    """What a command answered.

    Attributes:
        code: its exit code.
        out: what it wrote on standard output.
        err: what it wrote on standard error.
    """

    code: int
    out: str
    err: str

    @property
    def line(self) -> str:
        """The first line that tells of something wrong, else the first line."""
        lines = [*self.err.splitlines(), *self.out.splitlines()]
        telling = (line for line in lines if line.startswith(("error:", "warning:", "claim lost:")))
        return next(telling, lines[0] if lines else "")


class Actor:
    """A process that plays commands."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def play(
        self,
        cwd: Path,
        words: Sequence[str],
        now: datetime,
        environ: Mapping[str, str],
        stdin: str = "",
    ) -> Answer:
        """Carry out a command line and return what it answered.

        Args:
            cwd: where it stands.
            words: without the program's name.
            now: the time that it sees.
            environ: the whole of its environment.
            stdin: what it finds on standard input.

        Raises:
            Hung: it did not answer.
        """
        task = [str(cwd), list(words), now.isoformat(), dict(environ), stdin]
        process = self._process = self._process or self._started()
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(task).encode() + b"\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], PATIENCE)[0]:
            self.close()
            raise Hung(f"no answer within {PATIENCE:g} s: git ledger {' '.join(words)}")
        return Answer(**json.loads(process.stdout.readline()))

    def close(self) -> None:
        """End the process."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.reliability.actor"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )


def _act(cwd: str, words: list[str], now: str, environ: dict[str, str], stdin: str) -> Any:
    program = Program(Path(cwd), environ, datetime.fromisoformat(now))
    result = program(*words, stdin=stdin.encode(errors="surrogateescape"))
    return {"code": result.code, "out": result.stdout, "err": result.stderr}


def main() -> None:
    """Play the commands that come on standard input, one JSON array a line."""
    import pygit2
    from pygit2.enums import ConfigLevel

    from gitledger import exchange
    from gitledger.store import ref_lock

    # What is waited for in earnest is tested where it is waited for; here it only takes time.
    vars(exchange)["sleep"] = lambda _seconds: None
    ref_lock.PATIENCE = 0.2
    home = os.environ["HOME"]
    for level in (ConfigLevel.GLOBAL, ConfigLevel.XDG, ConfigLevel.SYSTEM):
        pygit2.settings.search_path[level] = home if level == ConfigLevel.GLOBAL else ""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps(_act(*json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
