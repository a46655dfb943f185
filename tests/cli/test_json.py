"""`--json`: one object, whatever the command, and nothing else on its stream."""

from __future__ import annotations

import json
import re
import time
from typing import Any

import pytest

from gitledger.cli import registry
from gitledger.cli.route import find_route
from gitledger.core.task import TASK_KEYS
from tests.cli.program import Program
from tests.conftest import RunGit

TASK = {
    "id",
    "list",
    *TASK_KEYS,
    *("ready", "blocked", "stale", "overdue", "blocks", "claim", "revision"),
}
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

ONE = (
    "add Title",
    "add Title -p P1 -l api --due 2026-04-01 --claim",
    "show {a}",
    "next",
    "next --claim",
    "edit {a} -p P1",
    "edit {a} -p P2",
    "claim {a}",
    "start {a}",
    "release {a}",
    "progress {a} 50",
    "done {a}",
    "cancel {a}",
    "reopen {a}",
    "ask {a} Why?",
    "answer {asked} Because",
    "note {a} Text",
    "resolve {a}",
    "approve {reviewed} --session grace",
    "reject {reviewed} -m No --session grace",
)
MANY = (
    "list",
    "list --all",
    "ready",
    "blocked",
    "show {a} {b}",
    "edit {a} {b} -p P1",
    "claim {a} {b}",
    "start {a} {b}",
    "release {a} {b}",
    "done {a} {b}",
    "cancel {a} {b}",
    "reopen {a} {b}",
    "add --file -",
)
OTHERS = {
    "": ("status", {"list", "session", "counts", "mine", "ready", "waiting"}),
    "status": ("status", {"list", "session", "counts", "mine", "ready", "waiting"}),
    "init": ("init", {"list", "created", "joined", "tip"}),
    "inbox": ("inbox", {"questions", "replies"}),
    "tree": ("tree", {"tasks"}),
    "graph": ("graph", {"waves", "critical_path", "stuck", "edges"}),
    "log": ("log", {"operations"}),
    "lists": ("lists", {"lists"}),
    "lists create other": ("lists", {"lists"}),
    "lists archive main": ("lists", {"lists"}),
    "lists delete main --yes": ("lists", {"lists"}),
    "hooks status": ("hooks", {"hooks"}),
    "hooks install": ("hooks", {"hooks"}),
    "hooks uninstall": ("hooks", {"hooks"}),
    "hook post-commit": ("hook", {"lines"}),
    "sync": (
        "sync",
        {"remote", "pulled", "pushed", "conflicts", "claims_lost", "renamed", "tip"},
    ),
}


@pytest.fixture
def ids(ledger: Program, git: RunGit) -> dict[str, str]:
    """Return the ids of some tasks: two of them plain, a question, and one in review."""
    git(ledger.cwd, "init", "--quiet", "--bare", "../shared.git")
    git(ledger.cwd, "remote", "add", "origin", "../shared.git")
    names = {name: ledger.add(f"Task {name}") for name in ("a", "b", "asked")}
    names["reviewed"] = ledger.add("Task reviewed", "--review")
    ledger.ok("ask", names["asked"], "Which?")
    ledger.ok("done", names["reviewed"])
    return names


def answer(ledger: Program, ids: dict[str, str], line: str) -> dict[str, Any]:
    words = line.format(**ids).split()
    result = ledger.ok(*words, "--json", stdin="- [ ] From a plan\n  - [ ] A part of it\n")
    assert result.stderr == ""
    whole = result.json
    assert isinstance(whole, dict)
    assert list(whole)[:2] == ["schema_version", "kind"]
    assert whole["schema_version"] == 1
    return whole


@pytest.mark.parametrize("line", ONE)
def test_a_command_that_names_one_task_answers_with_it(
    ledger: Program, ids: dict[str, str], line: str
) -> None:
    whole = answer(ledger, ids, line)
    assert set(whole) == {"schema_version", "kind", "task"}
    assert whole["kind"] == "task"
    check_task(whole["task"])


@pytest.mark.parametrize("line", MANY)
def test_a_command_that_names_several_answers_with_a_list(
    ledger: Program, ids: dict[str, str], line: str
) -> None:
    whole = answer(ledger, ids, line)
    assert set(whole) == {"schema_version", "kind", "tasks"}
    assert whole["kind"] == "task-list"
    for task in whole["tasks"]:
        check_task(task)


@pytest.mark.parametrize("line", OTHERS)
def test_other_commands_have_kinds_of_their_own(
    ledger: Program, ids: dict[str, str], line: str
) -> None:
    kind, keys = OTHERS[line]
    whole = answer(ledger, ids, line)
    assert whole["kind"] == kind
    assert set(whole) == {"schema_version", "kind", *keys}


def check_task(task: dict[str, Any]) -> None:
    """Check the keys of a task and what they hold (contract, sections 2 and 6)."""
    assert set(task) == TASK
    assert re.fullmatch("[0-9a-hjkmnp-tv-z]{10}", task["id"])
    assert re.fullmatch("[0-9a-f]{40}", task["revision"])
    for key in TASK:
        if key.endswith("_at") and task[key] is not None:
            assert MOMENT.fullmatch(task[key])
    assert all(isinstance(task[key], bool) for key in ("ready", "blocked", "stale", "overdue"))
    assert all(isinstance(task[key], list) for key in ("labels", "blocked_by", "blocks", "notes"))
    assert all(isinstance(task[key], dict) for key in ("metadata", "source"))
    if task["claim"] is not None:
        assert set(task["claim"]) == {"session", "at", "state"}


def test_what_is_unset_is_null_or_empty(ledger: Program) -> None:
    task = ledger.ok("add", "Write the schema", "--json").json["task"]
    unset = {key for key, value in task.items() if value in (None, [], {})}
    assert unset == {
        *("description", "labels", "blocked_by", "commits", "parent", "owner", "role", "progress"),
        *("estimate", "due", "branch", "claimed_at", "started_at", "completed_at", "notes"),
        *("metadata", "source", "blocks", "claim"),
    }


def test_times_are_utc_whatever_the_zone_of_the_user(
    ledger: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    task = ledger.ok("add", "x", "--due", "2026-04-01T14:00", "--json").json["task"]
    assert task["due"] == "2026-04-01T05:00:00Z"
    assert task["created_at"] == "2026-03-02T09:01:00Z"
    lines = ledger.ok("show", task["id"]).stdout
    assert "due         2026-04-01 14:00" in lines


@pytest.mark.parametrize(
    ("line", "code", "exit_code"),
    [
        ("show zzzz", "no-such-task", 3),
        ("list nothing:x", "invalid-input", 2),
        ("list --nothing", "invalid-input", 2),
        ("done", "invalid-input", 2),
        ("nothing", "invalid-input", 2),
        ("lists create", "invalid-input", 2),
        ("hooks", "invalid-input", 2),
        ("list --list nowhere", "no-such-list", 3),
        ("sync", "not-found", 3),
    ],
)
def test_an_error_is_an_object_on_standard_error(
    ledger: Program, line: str, code: str, exit_code: int
) -> None:
    result = ledger(*line.split(), "--json")
    assert (result.code, result.stdout, result.error["code"]) == (exit_code, "", code)
    assert set(result.error) == {"code", "message", "hint"}


def test_an_error_is_an_object_wherever_json_is_asked_for(ledger: Program) -> None:
    for words in (["--json", "list"], ["list", "--json", "--nothing"], ["--json", "nothing"]):
        result = ledger(*words)
        assert (result.code, result.error["code"]) == (2, "invalid-input")


def test_the_word_json_behind_two_dashes_is_no_option(ledger: Program) -> None:
    assert ledger("note", "zzzz", "--", "--json").stderr.startswith("error: ")


def test_a_plan_that_dropped_a_task_warns_programs_too(ledger: Program) -> None:
    (ledger.cwd / "plan.md").write_text("- [ ] One\n- [ ] Two\n", encoding="utf-8")
    ledger.ok("add", "--file", "plan.md")
    (ledger.cwd / "plan.md").write_text("- [ ] One\n", encoding="utf-8")
    result = ledger.ok("add", "--file", "plan.md", "--json")
    assert [task["title"] for task in result.json["tasks"]] == ["One"]
    assert result.stderr.startswith("warning: no longer in plan.md, left as it is: ")


def test_text_beyond_ascii_stays_as_it_is(ledger: Program) -> None:
    result = ledger.ok("add", "日本語 — naïve", "--json")
    assert "日本語 — naïve" in result.stdout
    assert json.loads(result.stdout)["task"]["title"] == "日本語 — naïve"


def test_these_are_all_commands() -> None:
    lines = (*ONE, *MANY, *OTHERS)
    assert {find_route(line.split()).verb for line in lines} == {*registry.verbs()} - {"demo"}
