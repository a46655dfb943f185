"""The world of the killed: two clones of a bare remote, and what they have acknowledged."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random
from typing import Final

from gitledger.errors import RemoteFailed
from gitledger.ledger import Ledger
from tests.proof.deeds import Worker, start
from tests.proof.life import Life
from tests.proof.promises import Fact, Log, Promises, Seen, Told

CLONE_OF: Final = {"ada": "ada", "linked": "ada", "grace": "grace"}
"""The places of work, which are also the sessions' names, and the clone that each belongs to."""
FSCK_EVERY: Final = 25
REAL_EVERY: Final = 10
"""Rounds after which the next command is a whole program, not a process forked from this one."""
NOTED: Final = 12
"""Earlier tasks that a worker writes on, too."""


@dataclass
class Tally:
    """What has happened so far."""

    counts: Counter[str] = field(default_factory=Counter)
    slowest: float = 0.0
    wrong: list[str] = field(default_factory=list)


class World:
    """Two clones of a bare remote, one with a linked worktree, and what they have acknowledged.

    Args:
        path: where they are made; removed at the end by whoever made it.
        random: decides.
        tally: what happens is counted there.
    """

    def __init__(self, path: Path, random: Random, tally: Tally) -> None:
        self._path = path
        self._random = random
        self._tally = tally
        self._round = 0
        self._published: list[str] = []
        self._locks: set[tuple[str, int]] = set()
        self._promises = {"ada": Promises(), "grace": Promises()}
        self._tasks: dict[str, dict[str, str]] = {}
        _git(path, "init", "-q", "--bare", "bare.git")
        for clone in self._promises:
            _git(path, "init", "-q", clone)
            _git(path / clone, "commit", "-q", "--allow-empty", "-m", "first")
            _git(path / clone, "remote", "add", "origin", "../bare.git")
            ledger = Ledger.init(path / clone, session=clone)[0]
            for number in range(3):
                ledger.add(f"task {clone} {number}")
            self._look(clone)
        _git(path / "ada", "push", "-q", "origin", "HEAD")
        _git(path / "ada", "worktree", "add", "-q", "--detach", "../linked")

    def kill_two(self) -> None:
        """Let two workers live and die, and look at what they leave."""
        self._round += 1
        places = self._random.sample(sorted(CLONE_OF), 2)
        lives = [
            Life(place, self._worker, self._log(place), Random(self._random.getrandbits(64)))
            for place in places
        ]
        for life in lives:
            life.begin()
        born = time.monotonic()
        for life in sorted(lives, key=lambda life: life.span):
            time.sleep(max(0.0, born + life.span - time.monotonic()))
            life.end()
        for life in lives:
            self._tally.counts["kills"] += 1
            self._tally.counts["kills with all of git" if life.whole else "kills, git alone"] += 1
        self._count_locks()
        for life in lives:
            self._bury(life)
        if self._tally.counts["kills"] % FSCK_EVERY < 2:
            self._fsck()

    def finish(self) -> None:
        """Sync both clones, and check that all is in both, and that all three are sound."""
        for place in ("ada", "grace", "ada", "grace"):
            self._shared(place)
        tips = {clone: Ledger.open(self._path / clone).tip() for clone in self._promises}
        tips["bare"] = _git(self._path / "bare.git", "rev-parse", "refs/gitledger/main")
        if len(set(tips.values())) > 1:
            self._wrong(f"the clones do not meet: {tips}")
        everything = Promises()
        for promises in self._promises.values():
            everything.add(fact for fact in promises if fact.kind != "list")
        for clone in self._promises:
            self._tally.wrong += everything.broken(self._look(clone))
        known = _git(self._path / "bare.git", "rev-list", "refs/gitledger/main").split()
        for tip in set(self._published).difference(known):
            self._wrong(f"a sync answered with {tip}, which is not published")
        self._fsck()
        self._clean()

    def _log(self, name: str) -> Path:
        """Return where somebody logs in this round."""
        return self._path / f"{self._round}-{name}.log"

    def _worker(self, place: str, random: Random) -> Worker:
        """Return a worker for a place; called in its own process."""
        others = list(self._tasks[CLONE_OF[place]].items())[-NOTED:]
        name = f"{place} {self._round}"
        return Worker(
            self._path / place,
            place,
            name=name,
            others=dict(others),
            log=Log(self._log(place)),
            random=random,
        )

    # -- after the kill ------------------------------------------------------------------------

    def _bury(self, life: Life) -> None:
        """Do the next command in its place, and hold its ledger to what it has told."""
        told, tally = Told.by(self._log(life.place)), self._tally
        if not life.killed:
            self._wrong(f"the worker in {life.place} came to an end by itself")
        tally.wrong += told.failed
        tally.counts["refused syncs"] += len(told.refused)
        tally.counts["acknowledged"] += told.deeds
        tally.counts[f"died in: {told.in_flight[0] if told.in_flight else 'between'}"] += 1
        self._published += told.published
        clone = CLONE_OF[life.place]
        promises = self._promises[clone]
        promises.add(told.acknowledged)
        self._next_command(life.place)
        if told.in_flight and told.in_flight[0] == "sync":
            self._shared(life.place)
        seen = self._look(clone)
        if told.in_flight and told.in_flight[1]:
            whole, wrong = promises.settle(*told.in_flight, seen)
            tally.counts["in flight, there" if whole else "in flight, absent"] += 1
            tally.wrong += wrong
        tally.wrong += promises.broken(seen)

    def _next_command(self, place: str) -> None:
        """Write a note by a process of its own, which nobody kills."""
        title, task = list(self._tasks[CLONE_OF[place]].items())[-1]
        text = f"note after {place} {self._round}"
        began = time.monotonic()
        if self._round % REAL_EVERY:
            self._by_itself(place, lambda: self._ledger(place).note(task, text))
        else:
            words = ("-m", "gitledger", "-C", str(self._path / place), "note", task, text)
            done = subprocess.run([sys.executable, *words], capture_output=True, check=False)
            if done.returncode or done.stderr:
                self._wrong(f"the program in {place}: {done.returncode}: {done.stderr.decode()}")
        self._took(began)
        self._promises[CLONE_OF[place]].add([Fact("note", title, text)])
        self._tally.counts["acknowledged"] += 1

    def _shared(self, place: str) -> None:
        """Sync by a process of its own; a lock file of a dead git in the remote is its owner's."""
        began = time.monotonic()
        log = self._log(f"{place}-sync-{began}")
        self._by_itself(place, partial(_sync, self._path / place, log))
        self._took(began)
        if told := Told.by(log).refused:
            locks = list((self._path / "bare.git" / "refs").rglob("*.lock"))
            for lock in locks:
                lock.unlink()
                self._tally.counts["locks cleared by hand in the remote"] += 1
            if not locks:
                self._wrong(f"sync in {place} refused: {told[0]}")
                return
            self._shared(place)

    def _by_itself(self, place: str, deed: Callable[[], object]) -> None:
        log = self._log(f"{place}-alone")
        child = start(deed, Log(log))
        if os.waitpid(child, 0)[1]:
            self._tally.wrong += [f"next command in {place}: {it}" for it in Told.by(log).failed]

    def _took(self, began: float) -> None:
        seconds = time.monotonic() - began
        self._tally.slowest = max(self._tally.slowest, seconds)
        self._tally.counts["next commands that waited for a lock"] += seconds > 2

    # -- looking -------------------------------------------------------------------------------

    def _ledger(self, place: str) -> Ledger:
        return Ledger.open(self._path / place, session=place)

    def _look(self, clone: str) -> Seen:
        ledger = self._ledger(clone)
        tasks = ledger.tasks()
        known = self._tasks.setdefault(clone, {})
        known |= {task.title: task.id for task in tasks if not task.finished}
        return Seen(tasks, ledger.lists())

    def _count_locks(self) -> None:
        """Count the lock files of refs that the dead have left."""
        for where in ("ada/.git", "grace/.git", "bare.git"):
            for lock in (self._path / where / "refs").rglob("*.lock"):
                key = (str(lock), lock.stat().st_ino)
                kind = "remote" if where == "bare.git" else lock.relative_to(self._path).parts[3]
                self._tally.counts[f"lock files left: {kind}"] += key not in self._locks
                self._locks.add(key)

    def _fsck(self) -> None:
        for where in ("ada", "grace", "bare.git"):
            args = ("git", "fsck", "--strict", "--no-dangling", "--no-progress")
            done = subprocess.run(args, cwd=self._path / where, capture_output=True, check=False)
            self._tally.counts["fsck"] += 1
            if done.returncode or done.stdout or done.stderr:
                said = (done.stdout + done.stderr).decode()
                self._wrong(f"git fsck in {where}: {done.returncode}: {said}")

    def _clean(self) -> None:
        """Check that a garbage collection takes away what the dead left half-written."""
        for where in ("ada/.git", "grace/.git", "bare.git"):
            objects = self._path / where / "objects"
            self._tally.counts["temporary files left"] += len(_temporary(objects))
            _git(self._path / where, "prune", "--expire=now")
            for path in _temporary(objects):
                self._wrong(f"git does not take away {path}")

    def _wrong(self, line: str) -> None:
        self._tally.wrong.append(line.strip())


def _temporary(objects: Path) -> list[Path]:
    return [path for path in objects.rglob("*tmp_*") if path.exists()]


def _sync(place: Path, log: Path) -> None:
    try:
        Ledger.open(place).sync()
    except RemoteFailed as refused:
        Log(log).refused(refused)


def _git(path: Path, *args: str) -> str:
    done = subprocess.run(["git", *args], cwd=path, capture_output=True, check=True, text=True)
    return done.stdout.strip()
