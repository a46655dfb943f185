"""Killing writers and syncs: a few kills here, a thousand by `python -m tests.proof.kill`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gitledger.ledger import Ledger
from tests.conftest import RunGit
from tests.ledgers import MAIN, ledger_at
from tests.proof.deeds import start
from tests.proof.promises import Fact, Log, Promises, Seen, Told

KILLS = 6


def test_killed_writers_and_syncs_lose_nothing_and_leave_the_next_command_working() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.proof.kill", "--kills", str(KILLS)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    told = dict(line.rsplit(maxsplit=1) for line in done.stdout.splitlines()[:-1])
    assert told["kills"] == str(KILLS)
    assert int(told["acknowledged"]) >= KILLS
    assert done.stdout.endswith("all kept\n")


# -- what it would tell ------------------------------------------------------------------------


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def seen(path: Path) -> Seen:
    ledger = Ledger.open(path)
    return Seen(ledger.tasks(), ledger.lists())


def test_an_acknowledged_update_that_is_gone_is_named(repo: Path, git: RunGit, log: Path) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Schema")
    with Log(log).deed("note", Fact("note", "Schema", "Hello")):
        ledger.note(task.id, "Hello")
    promises = Promises()
    promises.add(Told.by(log).acknowledged)
    assert promises.broken(seen(repo)) == []

    git(repo, "update-ref", MAIN, f"{MAIN}~1")
    assert promises.broken(seen(repo)) == ["acknowledged and lost: note 'Hello' of 'Schema'"]


def test_of_a_field_the_last_acknowledged_value_counts(repo: Path) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Schema", branch="new")
    promises = Promises()
    promises.add([Fact("branch", "Schema", "old"), Fact("branch", "Schema", "new")])
    assert promises.broken(seen(repo)) == []
    ledger.edit(task.id, branch="old")
    assert promises.broken(seen(repo)) == ["acknowledged and lost: branch 'new' of 'Schema'"]


def test_a_task_that_is_there_twice_and_a_list_that_is_not_are_named(repo: Path) -> None:
    ledger = ledger_at(repo)
    ledger.add("Schema")
    ledger.add("Schema")
    promises = Promises()
    promises.add([Fact("list", "", "other")])
    assert promises.broken(seen(repo)) == [
        "acknowledged and lost: list other",
        "there twice: 'Schema'",
    ]


def test_a_deed_in_flight_may_be_there_or_not_but_never_in_part(repo: Path) -> None:
    ledger_at(repo).add("One")
    one, two, promises = Fact("task", "One", "One"), Fact("task", "Two", "Two"), Promises()
    assert promises.settle("add", [one], seen(repo)) == (True, [])
    assert promises.settle("add", [two], seen(repo)) == (False, [])
    assert promises.settle("batch", [one, two], seen(repo)) == (
        False,
        ["batch in part: there is task 'One' of 'One', there is not task 'Two' of 'Two'"],
    )
    assert list(promises) == [one]


def test_the_log_of_a_killed_process_tells_what_it_had_begun(log: Path) -> None:
    def live() -> None:
        own = Log(log)
        with own.deed("add", Fact("task", "One", "One")):
            pass
        with own.deed("add", Fact("task", "Two", "Two")):
            os.kill(os.getpid(), signal.SIGKILL)

    assert os.WTERMSIG(os.waitpid(start(live, Log(log)), 0)[1]) == signal.SIGKILL
    told = Told.by(log)
    assert (told.deeds, told.acknowledged) == (1, [Fact("task", "One", "One")])
    assert told.in_flight == ("add", [Fact("task", "Two", "Two")])
    assert told.failed == []


def test_a_process_that_fails_tells_why(log: Path) -> None:
    own = Log(log)

    def live() -> None:
        with own.deed("add"):
            raise ValueError("no")

    assert os.waitstatus_to_exitcode(os.waitpid(start(live, own), 0)[1]) == 1
    assert Told.by(log).failed == ["add: ValueError: no"]
