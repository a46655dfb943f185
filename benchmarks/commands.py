"""The command lines that are measured, with their budgets, and what each needs to run again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from benchmarks.tables import VERBS
from benchmarks.timing import Command, used_up

PROGRAM: Final = Path(sys.executable).parent / "git-ledger"
"""The program as it is installed: git, hooks and prompts start this file. `python -m gitledger`
is the same without the few lines of the installer's script, which may import more than they need;
it is measured beside it."""

_ASKED_BY_PROGRAMS: Final = {"10k": 3.0, "100k": 4.0}
_READ: Final = {"10k": 8.0, "100k": 10.0}
_WRITTEN: Final = {"10k": 10.0, "100k": 12.0}
BUDGETS: Final[Mapping[str, Mapping[str, float]]] = {
    **dict.fromkeys(
        ("statusline", "hook post-commit", "ready --json --limit 20"), _ASKED_BY_PROGRAMS
    ),
    **dict.fromkeys(
        ("list --limit 50", "ready --limit 50", "next", "show OLD", "log OLD", "blame OLD"), _READ
    ),
    **dict.fromkeys(("show OLD --at PAST", "session list"), _READ),
    **dict.fromkeys(("add -p P2 -l api TITLE", "done ID", "claim ID", "note ID TEXT"), _WRITTEN),
    "list": {},
    "list --at PAST": {},
    "list --all --json": {},
    "python -m gitledger statusline": {},
}
"""How many times the bare interpreter each command line may take, by size. `ID` is a task that is
ready, another one in each run; `PAST` is the commit that has `BACK` operations above it; `OLD` is a
task that was completed then, always the same."""
BACK: Final = 300


class Commands:
    """The command lines on one repository.

    Args:
        place: the repository.
        environ: the environment that they run in.
        runs: how often each will be run.

    Attributes:
        ready: tasks that are ready, as many as will be needed, as JSON shows them.
        lines: the command lines of `BUDGETS`, by their names.
    """

    def __init__(self, place: Path, environ: Mapping[str, str], runs: int) -> None:
        self._place, self._environ = place, environ
        self.ready = self._tasks("ready", "--limit", str(8 * runs))
        self._free = used_up([task["id"] for task in self.ready])
        latest = self._answer("log", "--limit", str(10 * BACK))["operations"]
        self._past = latest[len(latest) // 10]["commit"]
        then = ("--at", self._past)
        self._old = self._tasks("list", "status:completed", "--limit", "1", *then)[0]["id"]
        self.lines = {name: Command(partial(self._words, name), place, environ) for name in BUDGETS}

    def all(self) -> list[dict[str, Any]]:
        """Return every task, as JSON shows them."""
        return self._tasks("list", "--all")

    def compared(self) -> dict[str, Command]:
        """Return the command lines that peers are compared with, by the name of their verbs."""
        named = {name.partition(" ")[0]: line for name, line in self.lines.items()}
        return {verb: named[verb] for verb in VERBS} | {"list": self.lines["list"]}

    def _words(self, name: str) -> list[str]:
        if name.startswith("python "):
            return [sys.executable, *name.split()[1:]]
        given = {"OLD": self._old, "PAST": self._past, "TITLE": "Fix the cache of the API"}
        words = [given.get(word, word) for word in name.split()]
        return [str(PROGRAM), *(next(self._free) if word == "ID" else word for word in words)]

    def _tasks(self, *words: str) -> list[dict[str, Any]]:
        tasks: list[dict[str, Any]] = self._answer(*words)["tasks"]
        return tasks

    def _answer(self, *words: str) -> dict[str, Any]:
        done = subprocess.run(
            [PROGRAM, *words, "--json"],
            cwd=self._place,
            env=self._environ,
            check=False,
            capture_output=True,
        )
        if done.returncode:
            raise SystemExit(done.stderr.decode())
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer
