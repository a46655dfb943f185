"""Ledgers to measure with: as large as one likes, the same every time, made in one stream.

    python -m benchmarks.ledgers TASKS DIRECTORY

makes a repository in the directory, with a ledger of that many tasks and with the history of
`benchmarks.lives`. The files, paths and messages are gitledger's own; `git fast-import` turns
them into commits, since an operation at a time would take most of an hour at 100,000 tasks.

    python -m benchmarks.ledgers --copy REPOSITORY DIRECTORY

copies one in a moment.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Final

from benchmarks.lives import Step, steps
from gitledger import Ledger, lists
from gitledger.core import codec, records
from gitledger.core.operation import Operation
from gitledger.tree import message_path, session_path, task_path

REF: Final = lists.ref(lists.DEFAULT)
_SETTINGS: Final = {
    "user.name": "Ada",
    "user.email": "ada@example.com",
    # The dates are fixed. Whenever this is measured, the ledger is to be one that is in use.
    "gitledger.lease": "5000w",
    "gitledger.sessionRetention": "5000w",
    "gitledger.maintenance": "false",
    "gc.auto": "0",
}


def build(path: Path, tasks: int) -> Path:
    """Make a repository with a commit on `main` and a ledger of that many tasks, and return it."""
    git(path.parent, "init", "--quiet", path.name)
    for name, value in _SETTINGS.items():
        git(path, "config", name, value)
    git(path, "commit", "--quiet", "--allow-empty", "--message=first")
    Ledger.init(path, session="ada")
    with subprocess.Popen(
        ["git", "fast-import", "--quiet", "--force"], cwd=path, stdin=subprocess.PIPE
    ) as process:
        assert process.stdin
        with process.stdin as stream:
            start = f"from {REF}^0\n"
            for step in steps(tasks):
                stream.write(_commit(step, start))
                start = ""
    if process.returncode:
        raise SystemExit(f"git fast-import: {process.returncode}")
    # As `git gc` leaves it. The chains of the stream's own pack begin with the oldest version of a
    # file, and reading the newest ones takes ten times as long.
    git(path, "repack", "-adfq")
    git(path, "commit-graph", "write", "--reachable", "--no-progress")
    return path


def copied(path: Path, to: Path) -> Path:
    """Return a copy of a repository that shares its packs, which git never changes."""

    def copy(one: str, other: str) -> None:
        if "/objects/pack/" in one:
            with suppress(OSError):  # on another disk
                os.link(one, other)
                return
        shutil.copy2(one, other)

    return shutil.copytree(path, to, copy_function=copy)


def git(path: Path, *args: str) -> str:
    """Run git in a directory and return its output without the last newline."""
    done = subprocess.run(["git", *args], cwd=path, check=True, capture_output=True, text=True)
    return done.stdout.removesuffix("\n")


def _commit(step: Step, start: str) -> bytes:
    """Return a step as a command of `git fast-import` (git-fast-import(1))."""
    operation = Operation(
        name=step.name,
        tasks=tuple(task.id for task in step.tasks),
        title=step.tasks[0].title if step.tasks else "",
        about=next(iter([*(s.name for s in step.sessions), *(m.to for m in step.messages)]), ""),
        session=step.session,
    )
    who = f"Ada <ada@example.com> {int(step.at.timestamp())} +0000"
    files = {task_path(task.id): codec.encode(task) for task in step.tasks}
    files |= {session_path(session.name): records.encode(session) for session in step.sessions}
    files |= {message_path(message.id): records.encode(message) for message in step.messages}
    return b"".join(
        (
            f"commit {REF}\nauthor {who}\ncommitter {who}\n".encode(),
            _data(operation.message().encode()),
            start.encode(),
            *(b"M 100644 inline %b\n%b" % (path.encode(), _data(files[path])) for path in files),
        )
    )


def _data(content: bytes) -> bytes:
    return b"data %d\n%b\n" % (len(content), content)


if __name__ == "__main__":
    if sys.argv[1] == "--copy":
        copied(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        build(Path(sys.argv[2]).absolute(), int(sys.argv[1]))
