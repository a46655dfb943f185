"""Where a race is run: repositories with nothing around them, workers, and the evidence."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.proof import attempts
from tests.proof.checker import Evidence, violations
from tests.proof.history import sealed

ROOT = Path(__file__).parent.parent.parent

_PLAN = """\
import sys
from gitledger import Ledger
ledger = Ledger.init(sys.argv[1], session="planner")[0]
with ledger.transaction("plan") as transaction:
    for number in range(int(sys.argv[2])):
        transaction.add(f"Task {number}")
if sys.argv[3:]:
    ledger.sync()
"""


@dataclass(frozen=True)
class Race:
    """A race: who runs where, and what is shared.

    Attributes:
        name: what the table calls it.
        errand: what each worker does (`tests/proof/errands.py`).
        turns: how often.
        places: where each worker stands.
        options: of `tests/proof/workers.py`.
        shared: the repository that all work in, or their remote.
        clones: its clones.
    """

    name: str
    errand: str
    turns: int
    places: Sequence[Path]
    shared: Path
    clones: Sequence[Path] = ()
    options: Sequence[str] = ()


@dataclass(frozen=True)
class Outcome:
    """What a race came to: how long it took, what is known of it, and what does not hold."""

    seconds: float
    evidence: Evidence
    violations: Sequence[str]


class Ground:
    """Where races are run: a directory with a home of its own.

    Args:
        folder: an empty directory.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # Nothing of the machine's or the user's settings, the reflog as witness of every move.
        (folder / ".gitconfig").write_text(
            "[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n"
            "[core]\n\tlogAllRefUpdates = always\n"
        )
        path = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
        self._environ = {**sealed(folder), "PYTHONPATH": path}

    def worktrees(self, name: str, number: int, *, tasks: int) -> list[Path]:
        """Make a repository with a ledger of so many tasks, and return its worktrees."""
        main = self._repository(name)
        linked = [self._folder / f"{name}-{each}" for each in range(1, number)]
        for path in linked:
            self._git(main, "worktree", "add", "-q", "--detach", str(path))
        self._plan(main, tasks)
        return [main, *linked]

    def clones(self, name: str, number: int, *, tasks: int) -> tuple[Path, list[Path]]:
        """Make a bare repository with a ledger of so many tasks, and return it and its clones."""
        bare, first, *others = (
            self._folder / each for each in (f"{name}.git", *(f"{name}-{n}" for n in range(number)))
        )
        self._git(self._folder, "clone", "-q", "--bare", str(self._repository(name)), str(bare))
        for clone in (first, *others):
            self._git(self._folder, "clone", "-q", str(bare), str(clone))
        self._plan(first, tasks, "sync")
        for clone in others:
            self._git(clone, "fetch", "-q", "origin", "refs/gitledger/main:refs/gitledger/main")
        return bare, [first, *others]

    def run(self, race: Race) -> Outcome:
        """Let the workers race, and check what came of it."""
        logs = self._folder / f"{race.name} logs"
        logs.mkdir()
        words = [race.errand, str(race.turns), str(logs), *map(str, race.places), *race.options]
        done = self._python("-m", "tests.proof.workers", *words)
        # One that fails otherwise than by an error of gitledger's own has said so itself.
        failed = [f"crashed: the workers ended with {done.returncode}"] if done.returncode else []
        evidence = Evidence.gather(attempts.read(logs), race.shared, race.clones)
        return Outcome(float(done.stdout or "nan"), evidence, [*failed, *violations(evidence)])

    def _repository(self, name: str) -> Path:
        """Make a repository with one commit."""
        path = self._folder / name
        self._git(self._folder, "init", "-q", name)
        self._git(path, "commit", "-q", "--allow-empty", "-m", "first")
        return path

    def _plan(self, path: Path, tasks: int, *sync: str) -> None:
        self._python("-c", _PLAN, str(path), str(tasks), *sync).check_returncode()

    def _git(self, path: Path, *args: str) -> None:
        subprocess.run(["git", *args], cwd=path, env=self._environ, check=True)

    def _python(self, *args: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, *args],
            cwd=self._folder,
            env=self._environ,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
