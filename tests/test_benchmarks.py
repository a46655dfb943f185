"""The benchmarks run, on ledgers that are valid; what they measure is for people to read."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks import commands, ledgers, lives, peers, replay, report, speed, timing, watch
from benchmarks.report import Cells
from gitledger import Ledger
from tests.conftest import RunGit
from tests.ledgers import MAIN, ledger_at

TASKS = 100


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """Return a repository with a small ledger of the kind that is measured."""
    return ledgers.build(tmp_path / "built", TASKS)


def _program(path: Path, script: str) -> Path:
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_replay_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    replay.main(operations=8, tasks=20)
    printed = capsys.readouterr().out
    assert printed.startswith("20 tasks, 8 unpublished over 8 published operations\n")
    assert printed.count("budget") == 2


def test_the_watch_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    watch.main(updates=10, idle=0.01, pause=0)
    printed = capsys.readouterr().out
    assert printed.startswith("10 updates: 0 missed, 0 told twice, in order\n")
    assert printed.count("budget") == 2


# -- ledgers ---------------------------------------------------------------------------------------


def test_a_ledger_to_measure_is_valid(built: Path, git: RunGit) -> None:
    ledger = Ledger.open(built, session="ada")
    assert len(ledger.tasks()) == TASKS
    assert ledger.quarantined() == ()
    assert git(built, "fsck", "--strict", "--no-dangling") == ""
    first = git(built, "rev-list", "--max-parents=0", MAIN)
    other = ledger_at(built.parent / "built", list="other")
    assert other.tip() == first


def test_every_task_has_ten_operations_in_its_history(built: Path) -> None:
    entries = list(Ledger.open(built, session="ada").log())
    changed = Counter(task for entry in entries for task in entry.operation.tasks)
    assert set(changed.values()) == {10}
    assert len(changed) == TASKS
    assert len(entries) > 2 * TASKS


def test_the_same_ledger_is_made_every_time(built: Path, tmp_path: Path, git: RunGit) -> None:
    again = ledgers.build(tmp_path / "again", TASKS)
    assert git(again, "rev-parse", MAIN) == git(built, "rev-parse", MAIN)


def test_what_is_finished_waits_for_nothing_unfinished() -> None:
    tasks = {task.id: task for step in lives.steps(2000) for task in step.tasks}
    finished = [task for task in tasks.values() if task.finished]
    assert 0.5 < len(finished) / len(tasks) < 0.7
    assert all(tasks[other].finished for task in finished for other in task.blocked_by)
    assert {task.status for task in tasks.values()} == {
        *("pending", "in_progress", "waiting", "in_review", "completed", "cancelled")
    }


def test_a_copy_can_be_written_and_leaves_the_original_as_it_is(
    built: Path, tmp_path: Path, git: RunGit
) -> None:
    before = git(built, "for-each-ref")
    copy = ledgers.copied(built, tmp_path / "copy")
    Ledger.open(copy, session="ada").add("One more")
    git(copy, "gc", "--quiet", "--prune=now")
    assert git(built, "for-each-ref") == before
    assert git(built, "fsck", "--strict", "--no-dangling") == ""


# -- speed -----------------------------------------------------------------------------------------


def test_everything_is_measured_and_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("before\n<!-- begin: speed -->\nold\n<!-- end: speed -->\nafter\n")
    monkeypatch.setattr(report, "README", readme)
    monkeypatch.setattr(speed, "SIZES", {"tiny": TASKS})
    monkeypatch.setattr(speed, "PEER_SIZES", ("tiny",))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")
    for peer in peers.PEERS:
        monkeypatch.setattr(peer, "program", "not-installed")
    kept = tmp_path / "kept"
    speed.main(["--sizes", "tiny", "--runs", "1", "--peers", "--ledgers", str(kept)])
    printed = capsys.readouterr().out
    assert "python -m benchmarks.speed --sizes tiny --runs 1 --peers" in printed
    for name in (*commands.BUDGETS, "peak memory", "`ready` right after", "the index made anew"):
        assert name in printed
    assert "Not installed, and left out: Taskwarrior, Backlog.md." in printed
    written = readme.read_text()
    assert written.startswith("before\n<!-- begin: speed -->\n\n```sh\n")
    assert written.endswith("\n\n<!-- end: speed -->\nafter\n")
    assert printed.strip() in written
    assert "old" not in written
    assert [path.name for path in kept.iterdir()] == ["tiny"]


def test_a_figure_stands_beside_its_budget() -> None:
    cells = Cells()
    assert cells.figure(2.96, "x", 3.0, "38 ms") == "3.0 x, budget 3: met; 38 ms"
    assert cells.figure(7.0, "x", None) == "7.0 x"
    assert not cells.exceeded
    assert cells.figure(0.25, "x", 0.1) == "0.25 x, budget 0.1: **exceeded**"
    assert cells.exceeded


def test_a_document_without_a_place_for_the_tables_is_left_alone(tmp_path: Path) -> None:
    readme = tmp_path / "README.md"
    readme.write_text("nothing\n")
    with pytest.raises(SystemExit, match="begin: speed"):
        report.write("speed", ["a table"], readme)
    assert readme.read_text() == "nothing\n"


def test_times_are_shown_with_their_middle_half() -> None:
    assert timing.spread([0.04, 0.05, 0.06]) == "50 ms (45-55)"
    assert timing.spread([0.002]) == "2.00 ms (2.00-2.00)"
    assert timing.spread([12.0, 14.0]) == "13.0 s (12.5-13.5)"


def test_a_command_that_fails_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="3: no such thing"):
        timing.timed(["sh", "-c", "echo no such thing >&2; exit 3"], tmp_path, os.environ)


def test_when_the_tasks_are_used_up_that_is_said() -> None:
    names = timing.used_up(["one"])
    assert next(names) == "one"
    with pytest.raises(SystemExit, match="fewer --runs"):
        next(names)


def test_memory_is_that_of_the_process(tmp_path: Path) -> None:
    # A child begins with the memory of its parent: measured by one of its own, not by the tests.
    script = (
        "import os, sys; from pathlib import Path; from benchmarks import timing\n"
        "for code in ('pass', \"b'x' * 300_000_000\"):\n"
        "    words = [sys.executable, '-c', code]\n"
        "    print(timing.timed(words, Path(sys.argv[1]), os.environ).megabytes)"
    )
    words = [sys.executable, "-c", script, str(tmp_path)]
    place = Path(__file__).parent.parent
    done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=True)
    small, large = map(float, done.stdout.split())
    assert large > small + 200


# -- peers -----------------------------------------------------------------------------------------


def test_taskwarrior_gets_the_same_tasks(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = f'echo "$@" >>"{tmp_path}/words"\n[ "$1" != import ] || cat >"{tmp_path}/given"'
    monkeypatch.setenv("TASKWARRIOR", str(_program(tmp_path / "task", script)))
    tasks = _as_json(built)
    peer = peers.Taskwarrior(tmp_path, os.environ)
    peer.make(tasks)
    given = {task["description"]: task for task in json.loads((tmp_path / "given").read_text())}
    for task in tasks:
        other = given[task["title"]]
        assert len(other.get("depends", ())) == len(task["blocked_by"])
        assert (other["status"] == "completed") == (task["completed_at"] is not None)
    ready = [task for task in tasks if task["ready"]]
    done = peer.commands(ready)["done"].words
    assert [done()[1], done()[1]] == [given[task["title"]]["uuid"] for task in ready[:2]]


def test_backlog_gets_the_same_tasks(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BACKLOG", str(_program(tmp_path / "backlog.sh", "mkdir -p backlog")))
    tasks = _as_json(built)
    peer = peers.Backlog(tmp_path, os.environ)
    peer.make(tasks)
    files = [path.read_text() for path in (tmp_path / "backlog/tasks").iterdir()]
    assert len(files) == TASKS
    done = sum("\nstatus: Done\n" in text for text in files)
    assert done == sum(task["completed_at"] is not None for task in tasks)
    needed = sum(text.count('"TASK-') for text in files)
    assert needed == sum(len(task["blocked_by"]) for task in tasks)


def _as_json(place: Path) -> list[dict[str, Any]]:
    from io import StringIO

    from gitledger.cli.context import Context
    from gitledger.cli.main import run

    out = StringIO()
    context = Context(
        place=str(place), environ=os.environ, stdin=StringIO(), stdout=out, stderr=StringIO()
    )
    assert run(["list", "--all", "--json"], context) == 0
    tasks: list[dict[str, Any]] = json.loads(out.getvalue())["tasks"]
    return tasks
