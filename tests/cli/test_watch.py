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
from tests.conftest import RunGit


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


def last_line(ledger: Program) -> str:
    """Return the line of the newest operation, without its time and who did it."""
    return ledger.ok("watch", "--since", "now~1", "-n", "1").stdout.split(" ", 2)[2].rstrip("\n")


def commit(ledger: Program, git: RunGit, message: str) -> None:
    """Commit in the code repository, and run the hook that git would."""
    git(ledger.cwd, "commit", "-q", "--allow-empty", "-m", message)
    ledger.ok("hook", "post-commit")


def test_a_commit_of_the_code_is_told_as_what_it_did_to_the_task(
    ledger: Program, git: RunGit
) -> None:
    name = ledger.add("Schema")[:4]
    page = ledger.add("Page", "-b", name)[:4]
    commit(ledger, git, f"Look\n\nTask: {name}")
    assert last_line(ledger) == f"linked {name} Schema"
    commit(ledger, git, f"Begin\n\nStarts: {name}")
    assert last_line(ledger) == f"started {name} Schema"
    commit(ledger, git, f"More\n\nProgress: {name} 60%")
    assert last_line(ledger) == f"moved {name} Schema (progress: 60)"
    commit(ledger, git, f"All\n\nCompletes: {name}")
    assert last_line(ledger) == f"completed {name} Schema → unblocked 1"
    commit(ledger, git, f'Revert "All"\n\nThis reverts commit {git(ledger.cwd, "rev-parse", "@")}.')
    assert last_line(ledger) == f"reopened {name} Schema"
    ledger.ok("edit", page, "--review", "--remove-blocked-by", name)
    commit(ledger, git, f"Page\n\nCompletes: {page}")
    assert last_line(ledger) == f"brought to review {page} Page"


def test_a_commit_is_told_with_what_it_did_to_each_of_several_tasks(
    ledger: Program, git: RunGit
) -> None:
    one, two, three, four = (ledger.add(title)[:4] for title in ("One", "Two", "Three", "Four"))
    commit(ledger, git, f"First\n\nTask: {one}\nCompletes: {two}")
    assert last_line(ledger) == f"completed {two} Two, linked {one} One"
    commit(ledger, git, f"Others\n\nTask: {one}\nCompletes: {three}, {four}")
    assert last_line(ledger) == f"completed 2 tasks, linked {one} One"
    commit(ledger, git, f"Last\n\nTask: {three}, {four}")
    assert last_line(ledger) == "linked 2 tasks"


def test_what_is_done_and_waits_for_a_review_is_not_called_completed(ledger: Program) -> None:
    name = ledger.add("Schema", "--review")
    ledger.ok("done", name)
    assert last_line(ledger) == f"brought to review {name[:4]} Schema"


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
