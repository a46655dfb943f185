"""Repositories with hooks, for tests: a program that records its starts, and what is on disk."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from gitledger import hookfiles
from gitledger.repository import Repository

HOOKS = hookfiles.HOOKS


class Recorder:
    """A program in the place of ours, which notes down how it is started.

    Args:
        folder: where it and its records are; the name has all that a shell may trip over.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "it's a $folder"
        self.folder.mkdir()
        self.path = self.folder / "git-ledger"
        self.does("exit 0")

    def does(self, script: str) -> None:
        """Let it end so after each start."""
        self.path.write_text(
            f'#!/bin/sh\nhere="$(dirname -- "$0")"\necho "$*" >>"$here/starts"\n'
            f'printf %s "${{GITLEDGER_IN_HOOK-}}" >"$here/inside"\n'
            f'case $2 in post-rewrite | pre-push) cat >>"$here/input" ;; esac\n{script}\n'
        )
        self.path.chmod(0o755)

    @property
    def starts(self) -> list[str]:
        """The words of each start, without `hook`."""
        record = self.folder / "starts"
        lines = record.read_text().splitlines() if record.exists() else []
        assert all(line.startswith("hook ") for line in lines)
        return [line.removeprefix("hook ") for line in lines]

    @property
    def input(self) -> str:
        """All that it was given on standard input."""
        return (self.folder / "input").read_text()

    def forget(self) -> None:
        """Remove what is recorded."""
        for name in ("starts", "input"):
            (self.folder / name).unlink(missing_ok=True)


def opened(path: Path) -> Repository:
    return Repository.open(path, os.environ)


def install(path: Path) -> dict[str, str]:
    """Install the hooks, and return the state of each."""
    return _states(hookfiles.install(opened(path)))


def uninstall(path: Path) -> dict[str, str]:
    return _states(hookfiles.uninstall(opened(path)))


def states(path: Path) -> dict[str, str]:
    return _states(hookfiles.status(opened(path)))


def _states(hooks: hookfiles.Hooks) -> dict[str, str]:
    return {each.name: each.state for each in hooks.states}


def everything(path: Path) -> dict[str, tuple[int, bytes]]:
    """Return all that is below a directory: modes, and contents or targets."""
    found = {}
    for each in path.rglob("*"):
        mode = each.lstat().st_mode
        content = os.readlink(each).encode() if each.is_symlink() else b""
        if each.is_file() and not each.is_symlink():
            content = each.read_bytes()
        found[str(each.relative_to(path))] = (mode, content)
    return found


def script(path: Path, text: str, mode: int = 0o755) -> Path:
    """Write a hook of somebody's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(mode)
    return path


def run(path: Path, *args: str, stdin: str = "", **environ: str) -> tuple[int, str]:
    """Run git, and return its exit code and all that it and the hooks said."""
    done = subprocess.run(
        ["git", *args],
        cwd=path,
        env={**os.environ, **environ},
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def commit(path: Path, message: str = "Work", *args: str, **environ: str) -> tuple[int, str]:
    return run(path, "commit", "-q", "--allow-empty", "-m", message, *args, **environ)
