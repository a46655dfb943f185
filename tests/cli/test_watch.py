"""`watch` and `wait` as processes: what they print, when, and how they end."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import pytest

from tests.cli.conftest import SOURCE
from tests.cli.program import Program
from tests.cli.test_json import check_task


class Start(Protocol):
    """Starts the real program, and leaves it running."""

    def __call__(self, *words: str) -> subprocess.Popen[str]: ...


@pytest.fixture
def start(repo: Path) -> Iterator[Start]:
    """Return a function that starts the real program; all are ended with the test."""
    started: list[subprocess.Popen[str]] = []

    def begin(*words: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "gitledger", *words],
            cwd=repo,
            env={**os.environ, **SOURCE},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    """Return the next line that comes; the process ends without another one."""
    assert process.stdout
    return process.stdout.readline().rstrip("\n")


def test_each_line_comes_at_once_from_every_process(ledger: Program, start: Start) -> None:
    name = ledger.add("Schema")
    watch = start("watch", "--since", "now~1")
    assert line(watch).endswith(f"ada added {name[:4]} Schema")
    for number in range(3):
        name = ledger.add(f"Task {number}", "--session", "grace")
        assert line(watch).endswith(f"grace added {name[:4]} Task {number}")


def test_json_is_one_object_a_line(ledger: Program, start: Start) -> None:
    schema = ledger.add("Schema")
    page = ledger.add("Page", "-b", schema)
    watch = start("watch", "--json", "--since", "now~1")
    assert json.loads(line(watch))["op"] == "add"
    ledger.ok("done", schema, "--agent", "robot 2")
    change = json.loads(line(watch))
    assert list(change)[:2] == ["schema_version", "kind"]
    assert (change["schema_version"], change["kind"]) == (1, "change")
    assert set(change) == {
        *("schema_version", "kind", "commit", "at", "author", "session", "agent", "op", "to"),
        *("subject", "tasks", "ready", "patch"),
    }
    assert (change["op"], change["session"], change["agent"]) == ("done", "ada", "robot 2")
    assert change["ready"] == [page]
    (task,) = change["tasks"]
    check_task(task)
    assert (task["id"], task["status"], task["revision"]) == (
        schema,
        "completed",
        change["commit"],
    )
    (patch,) = change["patch"]
    assert (patch["id"], patch["what"]) == (schema, "completed")
    assert {"field": "status", "old": "pending", "new": "completed"} in patch["changes"]


def test_ctrl_c_ends_it_without_a_word(ledger: Program, start: Start) -> None:
    ledger.add("Schema")
    watch = start("watch", "--since", "now~1")
    line(watch)
    watch.send_signal(signal.SIGINT)
    assert watch.communicate(timeout=60) == ("", "")
    assert watch.returncode == 130


def test_a_reader_that_leaves_ends_it_though_nothing_happens(ledger: Program, start: Start) -> None:
    ledger.add("Schema")
    watch = start("watch", "--since", "now~1")
    line(watch)
    assert watch.stdout
    watch.stdout.close()
    assert watch.wait(timeout=60) == 0
    assert watch.stderr
    assert watch.stderr.read() == ""


def test_a_list_that_is_archived_is_told_and_waited_for(ledger: Program, start: Start) -> None:
    ledger.add("Schema")
    watch = start("watch", "--since", "now~1")
    line(watch)
    ledger.ok("lists", "archive", "main")
    assert watch.stderr
    assert watch.stderr.readline() == (
        "warning: the list 'main' was archived; waiting for it to come back\n"
    )
    ledger.ok("init")
    name = ledger.add("Page")
    assert line(watch).endswith(f"ada added {name[:4]} Page")


def test_wait_ends_with_another_process(ledger: Program, start: Start) -> None:
    schema = ledger.add("Schema")
    wait = start("wait", schema, "--json")
    watch = start("watch", "--since", "now~1", "--limit", "2")
    line(watch)
    ledger.ok("done", schema)
    out, err = wait.communicate(timeout=60)
    assert (wait.returncode, err) == (0, "")
    assert json.loads(out)["task"]["status"] == "completed"
    assert line(watch).endswith(f"completed {schema[:4]} Schema")
    assert watch.wait(timeout=60) == 0


def test_a_terminal_is_told_how_to_end_it(ledger: Program) -> None:
    ledger.add("Schema")
    done = ledger("watch", "--since", "now~1", "-n", "1", terminal=True)
    assert done.stderr == "watching the list 'main'; Ctrl-C ends it\n"
