"""Nothing that a ledger, a commit or a server holds acts upon a terminal (contract, section 9)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.cli.conftest import Prepared
from tests.cli.program import Program
from tests.conftest import RunGit
from tests.ledgers import commit_by_hand

EVIL = (
    "\x1b[31mred\x1b]0;title\x07 \x9b2J \x7f\x08\x0b\r \u202eright\u202c \u2066x\u2069 \u200f\u061c"
)
SINGLE_LINE = "\x9b2J red \u202eright\u202c \u2066x\u2069 \u200f\u061c \ufeff"
"""What a title may hold, which is one line without the control characters of ASCII."""

ACTING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]"
)


def quoted(text: str) -> str:
    """Return the text as a TOML string."""
    return json.dumps(text).replace("\x7f", "\\u007f")


FIRST, SECOND, BROKEN = "aaaa000000", "bbbb000000", "cccc000000"
TASK = f"""\
title = {quoted("First " + SINGLE_LINE)}
status = "pending"
priority = "P1"
type = "task"
description = {quoted(EVIL)}
role = "builder"
branch = {quoted(SINGLE_LINE)}
blocked_by = ["{BROKEN}"]

[[notes]]
id = "dddd000000"
at = 2026-01-01T00:00:00Z
by = "ada"
kind = "question"
text = {quoted(EVIL)}

[[notes]]
id = "eeee000000"
at = 2026-01-01T00:00:00Z
by = "ada"
kind = "conflict"
text = {quoted(EVIL)}
field = {quoted(EVIL)}
kept = {quoted(EVIL)}
dropped = {quoted(EVIL)}

[metadata]
{quoted(EVIL)} = {quoted(EVIL)}
list = [{quoted(EVIL)}]
table = {{ {quoted(EVIL)} = {quoted(EVIL)} }}

[source]
system = {quoted(EVIL)}
list = {quoted(EVIL)}
key = {quoted(EVIL)}
"""
WAITING = f"""\
title = {quoted("Second " + SINGLE_LINE)}
status = "waiting"
priority = "P0"
type = "task"
owner = "ada"
parent = "{FIRST}"
labels = ["ünï"]

[[notes]]
id = "ffff000000"
at = 2026-01-01T00:00:00Z
by = "grace"
kind = "question"
text = {quoted(EVIL)}
"""


@pytest.fixture
def hostile(cli: Program, prepared: Prepared, git: RunGit) -> Program:
    """Return the program, in a repository whose ledger somebody has written with ill will."""
    prepared.get(cli, lambda program: write_hostile(program, git))
    return cli


def write_hostile(program: Program, git: RunGit) -> None:
    program.ok("init")
    commit_by_hand(
        git,
        program.cwd,
        f"100644 {TASK}\ttasks/a/a/{FIRST}.toml",
        f"100644 {WAITING}\ttasks/b/b/{SECOND}.toml",
        f"100644 title = {quoted(EVIL)}\ttasks/c/c/{BROKEN}.toml",
        message=f"{EVIL}\n\nLedger-Op: {EVIL}\nLedger-Session: {EVIL}\nLedger-Task: {EVIL}\n",
    )
    commit_by_hand(
        git,
        program.cwd,
        f"100644 # by hand\n{TASK}\ttasks/a/a/{FIRST}.toml",
        message=f"x {FIRST}: {EVIL}\n\nLedger-Op: {SINGLE_LINE}\nLedger-Session: {SINGLE_LINE}\n"
        f"Ledger-Task: {FIRST}\nLedger-Agent: {SINGLE_LINE}\n",
    )


@pytest.mark.parametrize("terminal", [False, True])
@pytest.mark.parametrize(
    "line",
    [
        "status",
        "list --all",
        "ready",
        "blocked",
        "next",
        f"show {FIRST} {SECOND}",
        f"log {FIRST}",
        "log",
        "log --patch",
        f"blame {FIRST}",
        "diff now~1",
        f"show {FIRST} --at now",
        "list --at now",
        "undo --last 9 --by grace --dry-run",
        "undo --last 9 --force",
        "tree",
        "graph",
        "graph --format dot",
        "graph --format mermaid",
        "inbox",
        "inbox --read",
        "next --explain",
        "prime",
        "statusline",
        "lists",
        f"claim {FIRST}",
        f"done {SECOND} --session grace",
        f"answer {SECOND} Yes",
        f"edit {FIRST} -p P3",
        f"edit {FIRST} -b {SECOND} --parent {SECOND}",
        f"edit {FIRST} --remove-blocked-by {SECOND}",
    ],
)
def test_no_command_prints_what_acts_upon_a_terminal(
    hostile: Program, line: str, terminal: bool
) -> None:
    result = hostile(*line.split(), "--color=never", terminal=terminal)
    assert not ACTING.search(result.stdout + result.stderr)
    assert result.stdout or result.stderr


@pytest.mark.parametrize("line", ["status", "list", f"show {FIRST}", "log", "tree", "inbox"])
def test_json_keeps_the_text_and_prints_it_as_escapes(hostile: Program, line: str) -> None:
    result = hostile(*line.split(), "--json")
    assert not ACTING.search(result.stdout + result.stderr)
    assert EVIL in str_values(result.json) or SINGLE_LINE in " ".join(str_values(result.json))


def str_values(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for item in value.values() for text in str_values(item)]
    if isinstance(value, list):
        return [text for item in value for text in str_values(item)]
    return [value] if isinstance(value, str) else []


def test_a_task_that_is_none_is_left_out_and_counted(hostile: Program) -> None:
    result = hostile("list")
    assert BROKEN[:4] not in result.stdout.replace(f"waits for {BROKEN[:4]}", "")
    assert "warning: 1 file is no valid task and left out; see: git ledger doctor" in result.stderr


@pytest.mark.parametrize(
    "line",
    [
        ["show", EVIL],
        ["add", EVIL],
        ["list", f"owner:{EVIL}", f'"{EVIL}'],
        [EVIL],
        ["list", f"--{EVIL}"],
    ],
)
def test_what_was_typed_is_escaped_in_the_answer(ledger: Program, line: list[str]) -> None:
    for more in ([], ["--json"]):
        result = ledger(*line, *more)
        assert result.code in (2, 3)
        assert not ACTING.search(result.stdout + result.stderr)


def test_what_a_server_says_is_escaped(ledger: Program, bare: Path, git: RunGit) -> None:
    hook = bare / "hooks" / "pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\nprintf '%s\\n' '{EVIL}' >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    git(ledger.cwd, "remote", "add", "origin", str(bare))
    ledger.add("Write the schema")
    for more in ([], ["-v"], ["--json"]):
        result = ledger("sync", *more)
        assert result.code == 6
        assert "red" in result.stderr or more != ["-v"]
        assert not ACTING.search(result.stdout + result.stderr)


def test_a_plan_is_escaped_in_messages(ledger: Program) -> None:
    plan = f"- [ ] {SINGLE_LINE}\n- [ ] Two [blockedBy: {SINGLE_LINE}]\n"
    for content in (plan, plan.splitlines()[0]):
        result = ledger("add", "--file", "-", stdin=content)
        assert not ACTING.search(result.stdout + result.stderr)
