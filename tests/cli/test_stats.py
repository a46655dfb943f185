"""`stats`: a history of days, the forecast, what running tasks have to do with `session list`."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from xml.etree import ElementTree

import pytest

from gitledger.tree import task_path
from tests.cli.program import Program
from tests.conftest import RunGit


@pytest.fixture
def worked(ledger: Program) -> Program:
    """Return a ledger with ten days of work: one task a day, an hour each, and some left."""
    begin = ledger.now
    for day in range(10):
        task = ledger.add(f"Task {day}", "-l", "api" if day % 2 else "web")
        ledger.now = begin + timedelta(days=day, hours=1)
        ledger.ok("start", task)
        ledger.now += timedelta(minutes=59)
        ledger.ok("done", task)
    for number in range(4):
        ledger.add(f"Left {number}")
    return ledger


def test_a_history_of_days_gives_a_forecast_with_its_spread(worked: Program) -> None:
    lines = worked.ok("stats").stdout.splitlines()
    assert lines[0] == "throughput      10 done in 10 days, 1 a day, 7 a week"
    assert "  all                            10        1 h        1 h" in lines
    forecast = lines[lines.index(next(line for line in lines if line.startswith("forecast"))) :]
    assert forecast == [
        "forecast        4 tasks left; from 9 days of throughput",
        "  50 %          by Sat 2026-03-14",
        "  85 %          by Sat 2026-03-14",
        "  95 %          by Sat 2026-03-14",
    ]


@pytest.mark.parametrize("width", [40, 47, 52, 56, 60])
def test_figures_fit_on_a_narrow_terminal(worked: Program, width: int) -> None:
    worked.ok("start", worked.add("A title that goes on and on, far beyond what fits here"))
    asked = worked.add("Asked", "-l", "a-label-with-a-name")
    worked.ok("start", asked)
    worked.ok("ask", asked, "Which?")
    worked.now += timedelta(days=400)
    worked.ok("done", asked, "--force")
    worked.ok("ask", worked.add("Another"), "Which?")
    worked.now += timedelta(days=400)
    for words in ([], ["--since", "now"], ["--chart", "burnup"], ["--chart", "gantt"]):
        done = worked.ok("stats", *words, "--color", "never", terminal=True, COLUMNS=str(width))
        assert max(map(len, done.stdout.splitlines())) <= width


def test_on_a_narrow_terminal_figures_take_more_lines(ledger: Program) -> None:
    task = ledger.add(
        "A title that goes on and on, far beyond what fits here", "-l", "a-long-label"
    )
    for name in (task, ledger.add("Next")):
        ledger.ok("start", name, "--session", "grace-of-team-2")
    ledger.now += timedelta(hours=7)
    ledger.ok("done", task, "--session", "grace-of-team-2")
    ledger.ok("progress", ledger.add("Running"), "5")
    ledger.now += timedelta(days=3)
    narrow = ledger.ok("stats", "--color", "never", terminal=True, COLUMNS="40").stdout
    assert narrow.splitlines() == [
        "throughput      1 done in 4 days,",
        "                0.2 a day, 1.8 a week",
        "  by day        █▁▁▁",
        "    1 at most, from 2026-03-02",
        "cycle time       tasks   median     85 %",
        "  all                1      7 h      7 h",
        "  label a-long-label",
        "                     1      7 h      7 h",
        "time in status   tasks   median      now",
        "  pending            3    2 min        0",
        "  in_progress        3   3 days        2",
        "questions       none is open",
        "running         2 in progress",
        "  kk93 Next",
        "      @grace-of-team-2",
        "      expected 3 days ago",
        "  9m79 Running",
        "      @ada  5 %  expected in 8 weeks",
        "forecast        too little history: 1",
        "                done in 3 whole days",
        "                a forecast needs 5 in 7",
    ]


def test_what_is_said_of_a_task_fits_on_a_narrow_terminal(ledger: Program) -> None:
    task = ledger.add("A title that goes on and on, far beyond what fits here")
    ledger.ok("start", task, "--session", "a-session-with-a-long-name")
    ledger.ok("progress", task, "5", "--session", "a-session-with-a-long-name")
    ledger.now += timedelta(days=200)
    done = ledger.ok("stats", "--color", "never", terminal=True, COLUMNS="60")
    assert max(map(len, done.stdout.splitlines())) <= 60
    assert "    @a-session-with-a-long-name  5 %  expected in " in done.stdout


def test_an_svg_of_no_tasks_is_a_picture_too(ledger: Program) -> None:
    done = ledger.ok("stats", "--svg", "a.svg")
    assert done.stderr.splitlines() == ["no tasks", "wrote a.svg"]
    assert "nobody worked on a task" in (ledger.cwd / "a.svg").read_text()
    ElementTree.parse(ledger.cwd / "a.svg")
    ElementTree.fromstring(ledger.ok("stats", "label:nothing", "--svg", "-").stdout)


def test_an_svg_needs_a_file_to_be_in(worked: Program) -> None:
    for words, message in (("", "names no file"), (".", "is a directory")):
        failed = worked("stats", "--svg", words)
        assert failed.code in (1, 2)
        assert message in failed.stderr


def test_the_same_state_gives_the_same_forecast(worked: Program) -> None:
    for _ in range(3):
        worked.ok("done", worked.add("Quick"), "--force")
    worked.now += timedelta(days=1)
    first, second = (worked.ok("stats", "--json").json["forecast"] for _ in range(2))
    assert first == second
    assert [each["percent"] for each in first["dates"]] == [50, 85, 95]
    assert first["runs"] == 1000


def test_terms_and_a_time_restrict_what_is_counted(worked: Program) -> None:
    def figures(*words: str) -> Any:
        return worked.ok("stats", *words, "--json").json

    api = figures("label:api")
    assert api["throughput"]["completed_tasks"] == 5
    assert [each["label"] for each in api["cycle_time"]["by_label"]] == ["api"]
    late = figures("--since", "2026-03-09")
    assert (late["since"], late["throughput"]["completed_tasks"]) == ("2026-03-09T00:00:00Z", 3)


def test_stats_and_session_list_expect_the_same_end(worked: Program) -> None:
    names = [worked.add("Bar"), worked.add("Foo")]
    for name, session in zip(names, ("ada", "grace"), strict=True):
        worked.ok("start", name, "--session", session)
    worked.ok("progress", names[0], "25")
    frozen = worked.now
    running = worked.ok("stats", "--json").json["running"]
    worked.now = frozen
    sessions = worked.ok("session", "list", "--json").json["sessions"]
    expected = {each["task"]: each["expected_end"] for each in sessions}
    assert {each["task"]: each["expected_end"] for each in running} == expected
    assert expected.keys() == set(names)
    assert all(expected.values())


def test_what_history_has_is_what_tasks_say(worked: Program) -> None:
    whole = worked.ok("stats", "--chart", "cycle", "--json").json
    tasks = {task["id"]: task for task in worked.ok("list", "--all", "--json").json["tasks"]}
    for point in whole["chart"]["points"]:
        task = tasks[point["task"]]
        assert task["completed_at"] == point["completed_at"]
        start, end = (datetime.fromisoformat(task[f"{w}_at"]) for w in ("started", "completed"))
        assert (end - start).total_seconds() == point["took_seconds"]


def test_an_svg_takes_the_place_of_what_was_there(worked: Program) -> None:
    path = worked.cwd / "a.svg"
    path.write_text("x" * 100_000)
    assert worked.ok("stats", "--svg", "a.svg").stdout == ""
    ElementTree.fromstring(path.read_text(encoding="utf-8"))
    figures = worked.ok("stats", "--svg", "a.svg", "--json").json
    assert figures["counts"]["completed_tasks"] == 10


def test_removed_tasks_that_were_finished_still_count(worked: Program) -> None:
    from gitledger import Ledger
    from gitledger.tree import task_path

    ledger = Ledger.open(worked.cwd)
    gone = next(task for task in ledger.tasks() if task.finished)
    store, tip = ledger.repository.store, ledger.tip()
    assert tip is not None
    head = store.commit(tip)
    commit = store.write(tip, {task_path(gone.id): None}, "away\n", head.author, head.committer)
    assert store.move("refs/gitledger/main", tip, commit, "away")
    assert len(Ledger.open(worked.cwd).stats().completed) == 10


def test_a_damaged_old_file_is_left_out_and_said_so(worked: Program, git: RunGit) -> None:
    task = worked.add("Damaged once")
    tip = "refs/gitledger/main"
    oid = git(worked.cwd, "rev-parse", f"{tip}:{task_path(task)}")
    worked.ok("cancel", task)
    path = worked.cwd / ".git" / "objects" / oid[:2] / oid[2:]
    path.chmod(0o644)
    path.write_bytes(b"no object")
    warning = "warning: 1 file of the history is damaged and left out; see: git ledger doctor"
    done = worked.ok("stats")
    assert done.stdout.startswith("throughput      10 done")
    assert warning in done.stderr.splitlines()
    assert worked.ok("stats", "--json").stderr.splitlines() == [warning]
    assert "warning" not in worked.ok("stats", "label:api").stderr
