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
from tests.cli.conftest import Prepared
from tests.cli.program import Program
from tests.conftest import RunGit
from tests.ledgers import MAIN

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
    "handoff {b} --to role:tester -m Text",
    "wait {reviewed} --for in_review",
    "accept {handed}",
    "decline {handed} -m No",
)
MANY = (
    "list",
    "list --all",
    "list --archived",
    "archive",
    "archive --completed-before tomorrow",
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
    "handoff {a} {b} --to role:tester -m Text",
    "release --stale",
    "wait {a} {reviewed} --for pending --any",
)
SESSION = {"session", "path", "inbox"}
HOOKS = {"hooks", "directory", "kept_by", "configuration", "program", "outdated"}
UNDONE = {"dry_run", "operations", "changes", "sessions", "messages", "left", "tasks"}
STATS = {
    *("at", "since", "counts", "throughput", "cycle_time", "statuses", "questions", "running"),
    *("forecast", "chart"),
}
OTHERS = {
    "": ("status", {"list", "session", "counts", "mine", "ready", "waiting"}),
    "status": ("status", {"list", "session", "counts", "mine", "ready", "waiting"}),
    "init": ("init", {"list", "created", "joined", "tip"}),
    "inbox": ("inbox", {"questions", "replies", "handoffs", "messages"}),
    "inbox --read": ("inbox", {"questions", "replies", "handoffs", "messages"}),
    "tell all Hello": ("message", {"message"}),
    "prime": (
        "prime",
        {
            *("list", "session", "role", "owned", "inbox", "ready", "ready_count"),
            *("review_count", "commands"),
        },
    ),
    "statusline": (
        "statusline",
        {"list", "session", "ready", "questions", "task", "title", "progress"},
    ),
    "session start api": ("session", {*SESSION, "made", "tidied"}),
    "session fork api --from web": ("session", {*SESSION, "made", "tidied"}),
    "session resume web": ("session", {*SESSION, "made", "tidied"}),
    "session rename web api": ("session", SESSION),
    "session show": ("session", SESSION),
    "session end web": (
        "session",
        {*SESSION, "released", "handed_on", "kept", "removed", "left"},
    ),
    "session list": ("session-list", {"sessions"}),
    "session prune": ("session-prune", {"ended", "removed", "released", "messages"}),
    "tree": ("tree", {"tasks"}),
    "graph": ("graph", {"waves", "critical_path", "stuck", "edges"}),
    "log": ("log", {"operations"}),
    "log {a} --patch": ("log", {"operations"}),
    "blame {a}": ("blame", {"id", "title", "fields"}),
    "diff now~3": ("diff", {"from", "to", "tasks"}),
    "show {a} --at {a}~0": ("task", {"task", "as_of"}),
    "list --at now~1": ("task-list", {"tasks", "as_of"}),
    "stats": ("stats", STATS),
    "stats --chart burnup": ("stats", STATS),
    "undo": ("undo", UNDONE),
    "undo --dry-run": ("undo", UNDONE),
    "redo": ("undo", UNDONE),
    "watch --since now~1 -n 1": (
        "change",
        {
            *("commit", "at", "author", "op", "tasks", "session", "agent", "to", "subject"),
            *("ready", "patch"),
        },
    ),
    "lists": ("lists", {"lists"}),
    "lists create other": ("lists", {"lists"}),
    "lists archive main": ("lists", {"lists"}),
    "lists delete main --yes": ("lists", {"lists"}),
    "hooks status": ("hooks", HOOKS),
    "hooks install": ("hooks", HOOKS),
    "hooks uninstall": ("hooks", HOOKS),
    "doctor": ("doctor", {"findings"}),
    "hook post-commit": ("hook", {"lines"}),
    "sync": (
        "sync",
        {
            "remote",
            "pulled",
            "pushed",
            "conflicts",
            "claims_lost",
            "renamed",
            "sessions_renamed",
            "restored",
            "backup",
            "tip",
        },
    ),
}


@pytest.fixture
def ids(cli: Program, prepared: Prepared, git: RunGit) -> dict[str, str]:
    """Return the ids of some tasks: two plain ones, a question, one in review, one handed over.

    A session `web` has ended.
    """

    def make(program: Program) -> dict[str, str]:
        git(program.cwd, "init", "--quiet", "--bare", "../shared.git")
        git(program.cwd, "remote", "add", "origin", "../shared.git")
        program.ok("init")
        names = {name: program.add(f"Task {name}") for name in ("a", "b", "asked")}
        names["reviewed"] = program.add("Task reviewed", "--review")
        program.ok("ask", names["asked"], "Which?")
        program.ok("done", names["reviewed"])
        names["handed"] = program.add("Task handed", "--session", "grace")
        program.ok("handoff", names["handed"], "--to", "ada", "-m", "Yours", "--session", "grace")
        program.ok("session", "start", "web")
        program.ok("session", "end", "web")
        program.ok("add", "Undone")
        program.ok("undo")
        return names

    found: dict[str, str] = prepared.get(cli, make)
    return found


def answer(cli: Program, ids: dict[str, str], line: str) -> dict[str, Any]:
    words = line.format(**ids).split()
    result = cli.ok(*words, "--json", stdin="- [ ] From a plan\n  - [ ] A part of it\n")
    assert result.stderr == ""
    whole = result.json
    assert isinstance(whole, dict)
    assert list(whole)[:2] == ["schema_version", "kind"]
    assert whole["schema_version"] == 1
    return whole


@pytest.mark.parametrize("line", ONE)
def test_a_command_that_names_one_task_answers_with_it(
    cli: Program, ids: dict[str, str], line: str
) -> None:
    whole = answer(cli, ids, line)
    assert set(whole) == {"schema_version", "kind", "task"}
    assert whole["kind"] == "task"
    check_task(whole["task"])


@pytest.mark.parametrize("line", MANY)
def test_a_command_that_names_several_answers_with_a_list(
    cli: Program, ids: dict[str, str], line: str
) -> None:
    whole = answer(cli, ids, line)
    assert set(whole) == {"schema_version", "kind", "tasks"}
    assert whole["kind"] == "task-list"
    for task in whole["tasks"]:
        check_task(task)


@pytest.mark.parametrize("line", OTHERS)
def test_other_commands_have_kinds_of_their_own(
    cli: Program, ids: dict[str, str], line: str
) -> None:
    kind, keys = OTHERS[line]
    whole = answer(cli, ids, line)
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


def test_a_sync_that_lost_a_claim_answers_and_exits_with_4(
    cli: Program, ids: dict[str, str], git: RunGit
) -> None:
    cli.ok("sync")
    git(cli.cwd, "clone", "--quiet", "--no-checkout", "../shared.git", "../other")
    other = Program(cli.cwd.parent / "other", cli.environ, now=cli.now)
    other.ok("init")
    for program, session, priority in ((cli, "ada", "P0"), (other, "grace", "P4")):
        program.ok("claim", ids["a"], "--session", session)
        program.ok("edit", ids["a"], "-p", priority, "--session", session)
    cli.ok("sync")
    result = other("sync", "--json", "--session", "grace")
    assert (result.code, result.stderr) == (4, "")
    lost, conflict = result.json["claims_lost"], result.json["conflicts"]
    assert [(each["task"], each["session"], each["owner"]) for each in lost] == [
        (ids["a"], "grace", "ada")
    ]
    assert {"task": ids["a"], "field": "priority", "kept": "P0", "dropped": "P4"} in conflict
    assert (result.json["pulled"], result.json["tip"]) == (2, git(other.cwd, "rev-parse", MAIN))


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
    assert {find_route(line.split())[0] for line in lines} == {*registry.verbs()} - {"demo"}
