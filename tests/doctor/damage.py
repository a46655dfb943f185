"""Damage, as crashes, full disks and other programs do it, and a doctor who looks at it."""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from pathlib import Path

from gitledger import doctor
from gitledger.core.task import Task
from gitledger.doctor import Finding
from gitledger.ledger import Ledger
from gitledger.repository import Repository
from tests.conftest import RunGit
from tests.ledgers import MAIN, ledger_at, place

TITLES = ("One", "Two", "Three", "Four")


def filled(path: Path) -> Ledger:
    """Return a new ledger with four tasks, the first of them edited by the last operation."""
    ledger = ledger_at(path)
    tasks = [ledger.add(title) for title in TITLES]
    ledger.edit(tasks[0].id, description="More of it.\n")
    return ledger


def titles(ledger: Ledger) -> list[str]:
    """Return the titles of all tasks, read by somebody who has just come."""
    return sorted(task.title for task in Ledger.open(place(ledger)).tasks())


def common_dir(ledger: Ledger) -> Path:
    return ledger.repository.location.common_dir


def ref_file(ledger: Ledger, ref: str = MAIN) -> Path:
    return common_dir(ledger) / ref


def object_file(ledger: Ledger, oid: str) -> Path:
    return common_dir(ledger) / "objects" / oid[:2] / oid[2:]


def cut(path: Path) -> None:
    """Truncate an object's file, as a crash does."""
    path.chmod(0o644)
    path.write_bytes(path.read_bytes()[:20])


def empty(path: Path) -> None:
    """Leave nothing of an object's file but its name."""
    path.chmod(0o644)
    path.write_bytes(b"")


def change(path: Path) -> None:
    """Let an object's file hold another object of the same kind and size, as well as it may."""
    path.chmod(0o644)
    content = bytearray(zlib.decompress(path.read_bytes()))
    # Near its end: a letter of a text, or a digit of an id.
    content[-2] ^= 1
    path.write_bytes(zlib.compress(content))


HARMS: dict[str, Callable[[Path], None]] = {"missing": Path.unlink, "cut": cut, "empty": empty}
"""What becomes of an object's file."""


def task_object(git: RunGit, ledger: Ledger, task: Task, commit: str = MAIN) -> str:
    """Return the id of the object that holds a task as of a commit."""
    tasks = git(place(ledger), "ls-tree", "-r", commit).splitlines()
    return next(line.split()[2] for line in tasks if task.id in line)


def examine(ledger: Ledger) -> list[Finding]:
    """Return what a doctor finds who has just come."""
    repository = Repository.open(place(ledger), os.environ)
    return doctor.examine(repository, doctor.names(repository))


def codes(ledger: Ledger) -> list[str]:
    return [finding.code for finding in examine(ledger)]


def mend(ledger: Ledger, code: str) -> str:
    """Mend the only finding, which is that one, and return what was done."""
    (finding,) = examine(ledger)
    assert finding.code == code
    assert finding.mend
    return finding.mend.do()


def is_healthy(git: RunGit, ledger: Ledger) -> bool:
    """Tell whether neither the doctor nor git finds anything."""
    assert git(place(ledger), "fsck", "--strict", "--no-dangling") == ""
    return examine(ledger) == []
