"""Rows are made of files here or by another process, and are the same in any case."""

from __future__ import annotations

import fcntl
import os
import resource
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gitledger.core import codec
from gitledger.core.task import Task
from gitledger.index import making
from gitledger.index.making import Process
from tests.index.worlds import POOL

if TYPE_CHECKING:
    from gitledger.index.making import Made, Raw

MANY = 10_000
PARTS: list[list[Raw]] = [
    [
        (codec.encode(Task(id=task_id, title=f"{number}", blocked_by=POOL[:1])), task_id)
        for task_id in POOL
    ]
    + [(b"no task", POOL[0])]
    for number in range(3)
]


def here(parts: list[list[Raw]]) -> list[Made]:
    return list(map(making.maker(0), parts))


@pytest.fixture
def process() -> Iterator[Process]:
    """A process that is ready; what it does not make is an error."""

    def never(_: object) -> Made:
        raise AssertionError("it was to be made by the other process")

    with closing(Process(never)) as other:
        wait(other)
        yield other


def wait(process: Process) -> None:
    """Wait until a process has answered."""
    assert process._talk is not None
    select.select([process._talk.answers], [], [])


def test_another_process_makes_the_same_rows(process: Process) -> None:
    found = []
    for part in PARTS:
        assert process.ask(part)
        found.append(process.answer())
    assert found == here(PARTS)


def test_another_process_is_asked_one_part_ahead(process: Process) -> None:
    assert [process.ask(part) for part in PARTS] == [True, True, False]
    assert [process.answer(), process.answer()] == here(PARTS[:2])
    assert process.ask(PARTS[2])
    assert process.answer() == here(PARTS)[2]


def test_nobody_waits_for_ever_where_files_are_large(process: Process) -> None:
    """What is sent ahead lies in a pipe: the one is full of an answer that nobody has read."""
    large = [
        (codec.encode(Task(id=task_id, title="large", description="word " * 12_000)), task_id)
        for task_id in POOL * (1 + 30 // len(POOL))
    ]
    parts = [large, PARTS[0], large]
    assert process.ask(parts[0])
    assert process.ask(parts[1])
    assert [process.answer(), process.answer()] == here(parts[:2])
    assert process.ask(PARTS[1])
    assert not process.ask(parts[2])
    assert process.answer() == here(PARTS)[1]
    assert process.ask(parts[2])
    assert process.answer() == here(parts)[2]


def test_a_program_with_thousands_of_open_files_has_rows_made_as_well(process: Process) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    assert process._talk is not None
    resource.setrlimit(resource.RLIMIT_NOFILE, (2048, hard))
    try:
        high = fcntl.fcntl(process._talk.answers, fcntl.F_DUPFD_CLOEXEC, 1500)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    process._talk.answers.close()
    process._talk.answers = open(high, "rb")  # noqa: SIM115  # closed with the process
    assert process.ask(PARTS[0])
    assert process.answer() == here(PARTS)[0]


def kill(process: Process) -> None:
    if process._talk is None:
        return
    os.kill(process._talk._pid, signal.SIGKILL)
    os.waitid(os.P_PID, process._talk._pid, os.WEXITED | os.WNOWAIT)


def test_what_a_process_was_killed_over_is_made_here(process: Process) -> None:
    process._make = making.maker(0)
    assert process.ask(PARTS[0])
    assert process.ask(PARTS[1])
    assert process.answer() == here(PARTS)[0]
    kill(process)
    assert process.answer() == here(PARTS)[1]
    assert not process.ask(PARTS[2])


def test_what_is_asked_of_a_killed_process_is_made_here(process: Process) -> None:
    process._make = making.maker(0)
    assert process.ask(PARTS[0])
    assert process.answer() == here(PARTS)[0]
    kill(process)
    assert not process.ask(PARTS[1])
    assert not process.asked


@pytest.fixture
def two_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "_processors", lambda: 2)


@pytest.mark.usefixtures("two_processors")
@pytest.mark.parametrize("turns", [(False, True, True), (True, False, True), (True, True, False)])
def test_every_part_is_made_once_whoever_makes_it(
    monkeypatch: pytest.MonkeyPatch, turns: tuple[bool, ...]
) -> None:
    left, ask = iter(turns), Process.ask

    def ask_in_turns(process: Process, part: list[Raw]) -> bool:
        if not next(left):
            return False
        if not process._room:
            wait(process)
        return ask(process, part)

    monkeypatch.setattr(Process, "ask", ask_in_turns)
    found = list(making.made(PARTS, MANY))
    assert sorted(found) == sorted(here(PARTS))


@pytest.mark.usefixtures("two_processors")
@pytest.mark.parametrize("does", ["exit 1", "exec cat", None])
def test_where_no_python_starts_all_is_made_here(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, does: str | None
) -> None:
    program = tmp_path / "python3"
    if does:
        program.write_text(f"#!/bin/sh\n{does}\n")
        program.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(program))
    found = list(making.made(PARTS, MANY))
    assert sorted(found) == sorted(here(PARTS))


def test_a_program_that_python_is_part_of_is_not_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/sh")
    assert Process(making.maker(0))._talk is None


def test_a_few_files_start_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(making, "Process", None)
    assert list(making.made(PARTS, 3)) == here(PARTS)


STARTED = """
import os, select, signal
from gitledger.index.making import Process
other = Process(None)
select.select([other._talk.answers], [], [])
print(other._talk._pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_the_process_ends_when_who_started_it_is_killed() -> None:
    with subprocess.Popen([sys.executable, "-c", STARTED], stdout=subprocess.PIPE) as started:
        assert started.stdout is not None
        pid = int(started.stdout.readline())
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return  # it was quick
    assert select.select([process], [], [], 30)[0]
    os.close(process)
