"""What the hooks cost: `python -m benchmarks.hooks`, in throw-away repositories.

It takes turns between repositories with and without hooks, as a machine's speed drifts, and prints
medians, what the hooks add, and both as ratios to a bare `git commit` and to `python -c pass`. Then
it counts how often a rebase of 50 commits starts the program.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

_PLAIN = "Mend the login\n\nThe form lost what was typed\nwhen the session had ended.\n"


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--rebased", type=int, default=50, metavar="COMMITS")
    asked = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= _sealed(Path(folder))
        _commits(Path(folder), asked.rounds)
        _rebase(Path(folder), asked.rebased)


def _commits(folder: Path, rounds: int) -> None:
    bare, hooked = _repository(folder / "bare"), _repository(folder / "hooked")
    _ledger(hooked, "hooks", "install")
    task = _added(hooked)
    cases = {
        "python -c pass": (folder, [sys.executable, "-c", "pass"]),
        "bare git commit": (bare, _commit(_PLAIN)),
        "hooks, no task named": (hooked, _commit(_PLAIN)),
        "hooks, a task named": (hooked, _commit(f"{_PLAIN}\nTask: {task}\n")),
    }
    took: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(rounds):
        for name, (path, command) in cases.items():
            took[name].append(_seconds(path, command))
    median = {name: statistics.median(times) * 1000 for name, times in took.items()}
    python, plain = median["python -c pass"], median["bare git commit"]
    print(f"{'':22}{'median':>10}{'added':>10}{'x commit':>10}{'x python':>10}")
    for name, value in median.items():
        added = f"{value - plain:.1f} ms" if name.startswith("hooks") else ""
        ratios = f"{value / plain:>10.2f}{value / python:>10.2f}"
        print(f"{name:22}{value:>7.1f} ms{added:>10}{ratios}")


def _rebase(folder: Path, commits: int) -> None:
    path = _repository(folder / "rebased")
    record = folder / "starts"
    program = folder / "bin" / "git-ledger"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\necho "$2" >>"{record}"\nexec cat >/dev/null\n')
    program.chmod(0o755)
    _run(path, [sys.executable, "-c", _INSTALL, str(program)])
    _run(path, ["git", "checkout", "-q", "-b", "work"])
    for number in range(commits):
        (path / f"{number}").write_text("")
        _run(path, ["git", "add", "."])
        _run(path, _commit(f"Part {number}\n\nTask: 7f3k2m9q0d\n"))
    _run(path, ["git", "checkout", "-q", "main"])
    _run(path, _commit("Something else\n"))
    record.unlink()
    _run(path, ["git", "rebase", "-q", "main", "work"])
    starts = record.read_text().split()
    print(f"rebase of {commits} commits: {len(starts)} start of the program ({', '.join(starts)})")


_INSTALL = """
import sys
sys.argv = sys.argv[1:]
import os, pathlib
from gitledger import hookfiles
from gitledger.repository import Repository
hookfiles.install(Repository.open(pathlib.Path.cwd(), os.environ))
"""
"""Installs the hooks with a program that stands in for ours."""


def _sealed(folder: Path) -> dict[str, str]:
    for name in [name for name in os.environ if name.startswith(("GIT_", "GITLEDGER_"))]:
        del os.environ[name]
    settings = "[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n"
    (folder / "gitconfig").write_text(settings)
    return {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": str(folder / "gitconfig")}


def _repository(path: Path) -> Path:
    subprocess.run(["git", "init", "-q", "--template=", str(path)], check=True)
    _run(path, _commit("first\n"))
    return path


def _added(path: Path) -> str:
    _ledger(path, "init")
    _ledger(path, "add", "Schema")
    printed = _ledger(path, "list", "--json")
    identity: str = json.loads(printed)["tasks"][0]["id"]
    return identity


def _ledger(path: Path, *words: str) -> str:
    return _run(path, [sys.executable, "-m", "gitledger", *words])


def _commit(message: str) -> list[str]:
    return ["git", "commit", "-q", "--allow-empty", "-m", message]


def _seconds(path: Path, command: list[str]) -> float:
    start = time.perf_counter()
    _run(path, command)
    return time.perf_counter() - start


def _run(path: Path, command: list[str]) -> str:
    done = subprocess.run(command, cwd=path, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)}: {done.returncode}\n{done.stderr}")
    return done.stdout


if __name__ == "__main__":
    main()
