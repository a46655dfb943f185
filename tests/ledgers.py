"""Ledgers for tests: with a clock that moves on by itself, shared through a remote, interrupted."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from copy import copy
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from gitledger.core.task import Task
from gitledger.ledger import Ledger
from gitledger.remote import Remote
from gitledger.store.base import Store
from gitledger.sync import SyncReport
from tests.conftest import MakeRepo, RunGit

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
MAIN = "refs/gitledger/main"


def ticking(start: datetime = NEW_YEAR) -> Callable[[], datetime]:
    """Return a clock that is a second further each time it is read."""
    seconds = count(1)
    return lambda: start + timedelta(seconds=next(seconds))


def numbered(first: int = 1) -> Callable[[int], bytes]:
    """Return a source of bytes that counts; ids that are made of them are known beforehand."""
    numbers = count(first)
    return lambda size: next(numbers).to_bytes(size, "big")


def ledger_at(path: Path, session: str = "ada", **given: Any) -> Ledger:
    """Return the ledger of a repository, made where there is none yet."""
    return Ledger.init(path, session=session, **{"clock": ticking(), **given})[0]


def clone(
    make_repo: MakeRepo, remote: Path, session: str, name: str | None = None, **given: Any
) -> Ledger:
    """Return the ledger of a new clone, of the session's name, whose origin is the remote."""
    path = make_repo(name or session)
    with (path / ".git/config").open("a") as config:
        config.write(f'[remote "origin"]\n\turl = {remote}\n')
        config.write("\tfetch = +refs/heads/*:refs/remotes/origin/*\n")
    return ledger_at(path, session, **given)


def place(ledger: Ledger) -> Path:
    """Return the directory of a ledger's repository."""
    location = ledger.repository.location
    return location.worktree or location.git_dir


def subjects(git: RunGit, ledger: Ledger) -> list[str]:
    """Return the operations in a list's history, the newest first, without the root."""
    printed = git(place(ledger), "log", "--format=%s", f"refs/gitledger/{ledger.list}", "--")
    return printed.splitlines()[:-1]


def commit_by_hand(
    git: RunGit, path: Path, *entries: str, message: str = "by hand", ref: str = MAIN
) -> str:
    """Commit entries to a list's ref with plain git.

    Args:
        git: runs git.
        path: the repository.
        entries: `<mode> <content or id><tab><path>` as for `update-index`; where the mode is that
            of a file or a symbolic link the content is written first, a mode of 0 removes.
        message: the commit's message.
        ref: the list's ref.
    """
    index = {"GIT_INDEX_FILE": str(path / "by-hand.index")}

    def run(*args: str, stdin: bytes = b"") -> str:
        done = subprocess.run(
            ["git", *args],
            cwd=path,
            env=os.environ | index,
            input=stdin,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    run("read-tree", ref)
    for entry in entries:
        mode, _, rest = entry.partition(" ")
        content, _, name = rest.partition("\t")
        if mode in ("100644", "100755", "120000"):
            content = run("hash-object", "-w", "--stdin", stdin=content.encode())
        elif mode == "0":
            content = "0" * 40
        run("update-index", "--index-info", stdin=f"{mode} {content}\t{name}\n".encode())
    (tree, parent) = run("write-tree"), run("rev-parse", ref)
    (path / "by-hand.index").unlink()
    commit = run("commit-tree", tree, "-p", parent, "-m", message)
    git(path, "update-ref", ref, commit)
    return commit


def claim_state(ledger: Ledger, task: Task) -> tuple[str, str] | None:
    """Return who holds a task, and whether that is tentative or confirmed; None: nobody."""
    claim = ledger.view(task.id).claim
    return claim and (claim.session, claim.state)


def install_hook(repository: Path, name: str, script: str) -> None:
    """Give a bare repository, or a git directory, a hook."""
    path = repository / "hooks" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """Let new files have no more than a mask leaves them."""
    previous = os.umask(mask)
    try:
        yield
    finally:
        os.umask(previous)


class Interrupted:
    """A store whose next moves of a ref another writer gets ahead of.

    Args:
        store: the store itself.
        intruders: each is called once, before one of the moves.
    """

    def __init__(self, store: Store, *intruders: Callable[[], object]) -> None:
        self._store = store
        self._intruders: Iterator[Callable[[], object]] = iter(intruders)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def move(self, ref: str, old: str | None, new: str, reason: str) -> bool:
        """Move the ref, after the intruder has."""
        if intruder := next(self._intruders, None):
            intruder()
        return self._store.move(ref, old, new, reason)


def interrupt(ledger: Ledger, *intruders: Callable[[], object]) -> None:
    """Let others write before the ledger's next moves of a ref.

    It loses its lock, too, behind which nobody could: that one is for fairness alone.
    """
    repository: Any = ledger.repository
    repository.store = Interrupted(repository.store, *intruders)
    unlocked: Any = ledger
    unlocked._lock = nullcontext


@contextmanager
def overtaken(ledger: Ledger, *others: Callable[[], object]) -> Iterator[list[str]]:
    """Let others publish, one right before each of the ledger's next pushes.

    Yields:
        The commits that the ledger tries to push, while it does.
    """
    waiting, push, pushed = list(others), Remote.push, list[str]()

    def slower(remote: Remote, commit: str) -> None:
        if remote.git is ledger.repository.git:
            pushed.append(commit)
            if waiting:
                waiting.pop(0)()
        push(remote, commit)

    with patch.object(Remote, "push", slower):
        yield pushed


class Team:
    """Clones of one remote: `ada` publishes first, so that her side wins."""

    def __init__(self, make_repo: MakeRepo, bare: Path, git: RunGit) -> None:
        self.bare = bare
        self.git = git
        self._make_repo = make_repo
        self.ada = clone(make_repo, bare, "ada")
        self.task = self.ada.add("Schema", description="one\ntwo\nthree\n")
        self.other = self.ada.add("Page")
        self.ada.sync()
        self.grace = self.join("grace")

    def join(self, name: str, **given: Any) -> Ledger:
        """Return a clone that has what is published."""
        ledger = clone(self._make_repo, self.bare, name, **given)
        ledger.sync()
        return ledger

    def copied(self, folder: Path, make_repo: MakeRepo) -> Team:
        """Return the same, copied to another directory; that is cheaper than to make it anew."""
        other = copy(self)
        other._make_repo = make_repo
        other.bare = _copied(self.bare, folder)
        for name in ("ada", "grace"):
            path = _copied(place(getattr(self, name)), folder)
            config = path / ".git/config"
            config.write_text(config.read_text().replace(str(self.bare), str(other.bare)))
            later = ticking(NEW_YEAR + timedelta(minutes=1))
            setattr(other, name, Ledger.open(path, session=name, clock=later))
        return other

    def meet(self) -> SyncReport:
        """Sync on both sides, and once more; return the first report of the side that lost."""
        self.ada.sync()
        report = self.grace.sync()
        for ledger in (self.ada, self.grace):
            ledger.sync()
        assert self.ada.tip() == self.grace.tip() == self.published()
        assert self.ada.tasks() == self.grace.tasks()
        assert self.git(place(self.grace), "fsck", "--strict", "--no-dangling") == ""
        return report

    def published(self) -> str:
        return self.git(self.bare, "rev-parse", MAIN)

    def now(self, task: Task | None = None) -> Task:
        """Return the task as everybody has it."""
        return self.ada.task((task or self.task).id)

    def kept(self, task: Task | None = None) -> list[object]:
        """Return the values that lost and are kept in notes."""
        return [note.dropped for note in self.now(task).notes if note.kind == "conflict"]


def _copied(path: Path, folder: Path) -> Path:
    shutil.rmtree(folder / path.name, ignore_errors=True)
    return shutil.copytree(path, folder / path.name)


def session_fixtures() -> tuple[Any, Any]:
    """Return the fixtures `ada` and `grace`: one list, as two processes of one repository have it.

    Grace's clock is an hour ahead, and each makes ids of its own.
    """

    @pytest.fixture
    def ada(repo: Path) -> Ledger:
        return ledger_at(repo, random_bytes=numbered())

    @pytest.fixture
    def grace(ada: Ledger) -> Ledger:
        later = ticking(NEW_YEAR + timedelta(hours=1))
        return ledger_at(place(ada), "grace", clock=later, random_bytes=numbered(100))

    return ada, grace


def team_fixture(prepare: Callable[[Team], object] = lambda team: None) -> Any:
    """Return a fixture that yields a team for each test, and makes it once.

    Args:
        prepare: what the team has done before.
    """
    made: list[Team] = []

    @pytest.fixture
    def team(
        make_repo: MakeRepo,
        bare: Path,
        git: RunGit,
        tmp_path: Path,
        tmp_path_factory: pytest.TempPathFactory,
    ) -> Team:
        if not made:
            first = Team(make_repo, bare, git)
            prepare(first)
            made.append(first.copied(tmp_path_factory.mktemp("team"), make_repo))
        return made[0].copied(tmp_path, make_repo)

    return team
