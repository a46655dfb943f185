"""Waiting for a ref to move, and for a task."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gitledger.errors import NothingToTake
from gitledger.ledger import Ledger
from gitledger.waiting import RefWatch, wait_for
from tests.conftest import RunGit
from tests.ledgers import MAIN, ledger_at

NOW = 1_700_000_000.0
PROJECT = Path(__file__).parent.parent


class Night:
    """A clock that moves on while somebody sleeps, and what happens then.

    Attributes:
        now: the time, in seconds.
        pauses: how long each sleep was.
        events: what happens in the sleep of that number, from 1.
    """

    def __init__(self) -> None:
        self.now = NOW
        self.pauses: list[float] = []
        self.events: dict[int, Callable[[], object]] = {}

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.pauses.append(seconds)
        self.events.pop(len(self.pauses), int)()

    def watch(self, common_dir: Path, ref: str = MAIN) -> RefWatch:
        return RefWatch(common_dir, ref, pause=self.sleep, clock=self)


@pytest.fixture
def night() -> Night:
    return Night()


@pytest.fixture
def refs(tmp_path: Path) -> Path:
    """Return a directory with a loose ref and packed ones, both of long ago."""
    write(tmp_path / MAIN, "a" * 40)
    write(tmp_path / "packed-refs", "# pack-refs with: peeled\n")
    return tmp_path


def write(path: Path, text: str, at: float = NOW - 1000) -> None:
    """Write a file as git does: beside it, and then in its place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f"{path.name}.lock")
    new.write_text(text)
    os.utime(new, (at, at))
    new.rename(path)


def test_nothing_moves_and_the_files_are_looked_at_a_few_times_a_second(
    refs: Path, night: Night
) -> None:
    assert not night.watch(refs).wait(NOW + 10)
    assert night.now == NOW + 10
    assert 120 < len(night.pauses) < 130


@pytest.mark.parametrize(
    "event",
    [
        lambda refs: write(refs / MAIN, "b" * 40),
        lambda refs: write(refs / MAIN, "b" * 40, at=NOW),
        lambda refs: write(refs / "packed-refs", "# pack-refs with: peeled fully-peeled\n"),
        lambda refs: (refs / MAIN).unlink(),
        lambda refs: (refs / "packed-refs").unlink(),
        lambda refs: write(refs / "reftable" / "tables.list", "0x1-0x2.ref\n"),
    ],
    ids=["written", "written now", "packed", "ref gone", "packed ones gone", "reftable"],
)
def test_what_may_be_a_move_ends_the_wait_at_once(
    refs: Path, night: Night, event: Callable[[Path], object]
) -> None:
    night.events[3] = lambda: event(refs)
    assert night.watch(refs).wait()
    assert len(night.pauses) == 3


def test_a_move_that_no_time_tells_is_noticed(
    refs: Path, night: Night, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitledger.waiting._stat", lambda path: None)
    night.events[3] = lambda: write(refs / MAIN, "b" * 40)
    assert night.watch(refs).wait(NOW + 60)
    assert len(night.pauses) == 3


def test_a_ref_that_is_made_is_noticed(tmp_path: Path, night: Night) -> None:
    night.events[2] = lambda: write(tmp_path / MAIN, "a" * 40)
    assert night.watch(tmp_path).wait()


def test_a_young_file_is_worth_a_second_look_and_no_third(refs: Path, night: Night) -> None:
    write(refs / MAIN, "b" * 40, at=NOW - 0.1)  # may be written again, and look like this
    watch = night.watch(refs)
    assert watch.wait(NOW + 60)
    assert night.now == NOW + 2
    watch.begin()
    assert not watch.wait(NOW + 60)


def test_a_file_from_the_future_is_none(refs: Path, night: Night) -> None:
    write(refs / MAIN, "b" * 40, at=NOW + 9000)  # another machine's clock wrote it
    assert not night.watch(refs).wait(NOW + 60)


def nothing() -> str:
    raise NothingToTake("nothing is ready")


def test_nobody_looks_while_nothing_has_moved(refs: Path, night: Night) -> None:
    looks = []

    def look() -> str:
        looks.append(night.now)
        return nothing()

    with pytest.raises(NothingToTake):
        wait_for(look, night.watch(refs), end=NOW + 3600)
    assert looks == [NOW, NOW + 3600]


def test_what_moves_during_the_look_is_looked_at_again(refs: Path, night: Night) -> None:
    looks = []

    def look() -> str:
        looks.append(night.now)
        if len(looks) == 2:
            return "a task"
        write(refs / MAIN, "b" * 40)
        return nothing()

    assert wait_for(look, night.watch(refs), end=NOW + 60) == "a task"
    assert looks == [NOW, NOW]


def test_the_alarm_makes_it_look(refs: Path, night: Night) -> None:
    def look() -> str:
        return "a task" if night.now >= NOW + 90 else nothing()

    wait_for(look, night.watch(refs), end=NOW + 600, alarm=lambda: NOW + 90)
    assert night.now == NOW + 90


def test_who_waits_gives_a_sign_of_life_each_minute(refs: Path, night: Night) -> None:
    signs: list[float] = []
    with pytest.raises(NothingToTake):
        wait_for(
            nothing,
            night.watch(refs),
            end=NOW + 300,
            beat=lambda: signs.append(night.now),
        )
    assert [sign - NOW for sign in signs] == [0, 60, 120, 180, 240, 300]


@pytest.mark.parametrize("packed", [False, True])
def test_a_task_that_somebody_adds_is_taken(
    repo: Path, git: RunGit, night: Night, packed: bool
) -> None:
    grace, ada = ledger_at(repo, "grace"), ledger_at(repo)
    if packed:
        git(repo, "pack-refs", "--all")
    night.now = (repo / ".git").stat().st_mtime + 1000
    night.events[5] = lambda: ada.add("Schema")
    watch = night.watch(grace.repository.location.common_dir)
    assert wait_for(grace.claim_next, watch, end=night.now + 60).title == "Schema"
    assert len(night.pauses) == 5


def test_refs_that_are_packed_lose_nothing(repo: Path, git: RunGit, night: Night) -> None:
    grace, ada = ledger_at(repo, "grace"), ledger_at(repo)
    night.now = (repo / ".git").stat().st_mtime + 1000
    night.events[2] = lambda: git(repo, "pack-refs", "--all")
    night.events[4] = lambda: ada.add("Schema")
    watch = night.watch(grace.repository.location.common_dir)
    assert wait_for(grace.claim_next, watch, end=night.now + 60).title == "Schema"


# -- many who wait ------------------------------------------------------------------------------

WORKER = """
import sys, time
from gitledger import lists
from gitledger.errors import NothingToTake
from gitledger.ledger import Ledger
from gitledger.waiting import RefWatch, wait_for

ledger = Ledger.open(sys.argv[1], session=sys.argv[2])
def look():
    tip = ledger.tip()
    try:
        return ledger.claim_next()
    except NothingToTake:
        print("nothing", tip, flush=True)
        raise
watch = RefWatch(
    ledger.repository.location.common_dir,
    lists.ref("main"),
    pause=lambda seconds: time.sleep(seconds / 10),
)
print("claimed", wait_for(look, watch).id, flush=True)
"""


def test_one_of_many_who_wait_gets_the_task(repo: Path) -> None:
    ada = ledger_at(repo)
    schema = ada.add("Schema", claim=True)
    blocked = ada.add("Page", blocked_by=[schema.id])
    before = ada.tip()
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(repo), f"w{number}"],
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
        )
        for number in range(6)
    ]
    try:
        for worker in workers:
            assert read(worker) == f"nothing {before}"
        ada.done(schema.id)
        said = [later(worker, f"nothing {before}") for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
            worker.communicate()
    assert sorted(line.split()[0] for line in said) == ["claimed", *["nothing"] * 5]
    assert f"claimed {blocked.id}" in said
    owner = Ledger.open(repo).task(blocked.id).owner
    assert owner == f"w{said.index(f'claimed {blocked.id}')}"


def read(worker: subprocess.Popen[str]) -> str:
    assert worker.stdout
    return worker.stdout.readline().strip()


def later(worker: subprocess.Popen[str], before: str) -> str:
    """Return what a worker says of the list as it is by now."""
    while (line := read(worker)) == before:
        continue
    return line
