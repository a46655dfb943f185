"""`next --wait`: it sleeps until there is something."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from gitledger import waiting
from gitledger.ledger import Ledger
from tests.cli.program import Program
from tests.conftest import RunGit

MINUTE = timedelta(minutes=1)
LONG = 5 * MINUTE
LEASE = 2 * LONG


class Night:
    """While the program sleeps its clock moves on, and something happens.

    Args:
        program: whose clock it is.
    """

    def __init__(self, program: Program) -> None:
        self._program = program
        self._begin = program.now
        self.events: list[tuple[timedelta, Callable[[], object]]] = []

    def clock(self) -> float:
        return self._program.now.timestamp()

    def sleep(self, seconds: float) -> None:
        self._program.now += timedelta(seconds=seconds)
        for at, event in list(self.events):
            if self._program.now - self._begin >= at:
                self.events.remove((at, event))
                event()


@pytest.fixture
def night(ledger: Program, monkeypatch: pytest.MonkeyPatch, git: RunGit) -> Night:
    git(ledger.cwd, "config", "gitledger.lease", "10m")
    night = Night(ledger)
    watch = partial(waiting.RefWatch, pause=night.sleep, clock=night.clock)
    monkeypatch.setattr(waiting, "RefWatch", watch)
    return night


def other(ledger: Program) -> Program:
    """Return the program once more, for what happens meanwhile."""
    return Program(ledger.cwd, dict(os.environ), now=ledger.now)


def test_it_takes_what_somebody_adds(ledger: Program, night: Night) -> None:
    night.events.append((LONG, lambda: other(ledger).add("Schema")))
    done = ledger.ok("next", "--claim", "--wait", "--session", "grace")
    assert done.stdout.startswith("claimed ")
    assert done.stderr == ""


def test_it_shows_what_somebody_adds(ledger: Program, night: Night) -> None:
    night.events.append((LONG, lambda: other(ledger).add("Schema")))
    assert "Schema" in ledger.ok("next", "--wait", "--explain").stdout


def test_a_task_for_another_role_does_not_end_it(ledger: Program, night: Night) -> None:
    night.events = [
        (LONG, lambda: other(ledger).add("Test", "--role", "tester")),
        (2 * LONG, lambda: other(ledger).add("Build", "--role", "builder")),
    ]
    assert "Build" in ledger.ok("next", "--wait", "--role", "builder").stdout


def test_after_its_time_there_is_nothing(ledger: Program, night: Night) -> None:
    done = ledger("next", "--wait", "--timeout", "10m", "--json")
    assert done.code == 3
    assert done.error["code"] == "nothing-to-take"
    assert done.error["message"] == "nothing is ready after 10m"


def test_a_lease_that_runs_out_wakes_it(ledger: Program, night: Night) -> None:
    task_id = ledger.add("Schema", "--session", "grace", "--claim")
    began = ledger.now
    done = ledger.ok("next", "--claim", "--take-over", "--wait", "--json")
    assert done.json["task"]["id"] == task_id
    assert done.json["task"]["owner"] == "ada"
    assert done.json["task"]["notes"][0]["text"] == "taken over from grace, silent for 10m"
    assert LEASE - 2 * MINUTE < ledger.now - began < LEASE + 2 * MINUTE


def test_without_take_over_it_does_not(ledger: Program, night: Night) -> None:
    ledger.add("Schema", "--session", "grace", "--claim")
    done = ledger("next", "--wait", "--timeout", "20m")
    assert done.code == 3
    assert "--take-over" in done.stderr


def test_an_owner_that_gives_signs_of_life_keeps_its_task(ledger: Program, night: Night) -> None:
    ledger.add("Schema", "--session", "grace", "--claim")
    night.events.append((LONG, lambda: other(ledger).ok("list", "--session", "grace")))
    began = ledger.now
    ledger.ok("next", "--claim", "--take-over", "--wait")
    assert ledger.now - began > LEASE + LONG - 2 * MINUTE


def test_who_waits_is_alive(ledger: Program, night: Night, repo: Path) -> None:
    ledger.ok("ask", ledger.add("Schema", "--session", "grace", "--claim"), "Why?")
    silent: list[object] = []

    def look() -> None:
        silent.append(Ledger.open(repo, session="ada", clock=lambda: ledger.now).silent())

    night.events.append((3 * LONG, look))
    assert ledger("next", "--wait", "--timeout", "20m", "--session", "grace").code == 3
    assert silent == [{}]


def test_ctrl_c_ends_it(ledger: Program, night: Night) -> None:
    def interrupt() -> None:
        raise KeyboardInterrupt

    night.events.append((LONG, interrupt))
    done = ledger("next", "--claim", "--wait")
    assert (done.code, done.stderr) == (130, "error: interrupted\n")


def test_on_a_terminal_it_says_that_it_waits(ledger: Program, night: Night) -> None:
    done = ledger("next", "--wait", "--timeout", "1m", terminal=True)
    assert done.stderr.startswith("waiting for a task; Ctrl-C ends it\n")
