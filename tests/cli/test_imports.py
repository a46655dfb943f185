"""A command imports what it uses: a start costs milliseconds that an import would double."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import RunProcess
from tests.cli.program import Program
from tests.conftest import RunGit

_IMPORTED = re.compile(r"^import time:.*\| +([\w.]+)$", re.MULTILINE)

LIGHT = {
    *("collections", "errno", "fcntl", "functools", "gc", "itertools", "keyword", "operator"),
    *("pwd", "reprlib", "types"),
}
"""Of Python's own what every command may import."""
TIME = {"datetime", "math"}
WRITING = LIGHT | TIME | {"contextlib", "zlib"}
"""What a write needs."""

START = {
    *("cli", "cli.context", "cli.main", "cli.output", "cli.parse", "cli.registry", "cli.reply"),
    *("cli.route", "cli.spec", "configuration", "core", "core.ids", "core.text", "core.value"),
    *("errors", "git", "identity", "lists", "repository", "spawn", "store", "store.durability"),
    *("store.location", "store.ref_storage", "store.settings"),
}
READING = START | {
    "cli.commands",
    *("binding", "core.criteria", "core.names", "current", "following", "index"),
    *(
        "index.conditions",
        "index.database",
        "index.line",
        "index.place",
        "index.rows",
        "index.schema",
        "liveness",
    ),
    *("opening", "reader", "session", "store.extensions", "store.failures", "store.lock"),
    *("store.files", "store.ref_files", "store.refs"),
}
LINES = {"cli.style", "cli.terminal"}
VIEWS = {"cli.answers", "core.view", "heartbeat", "listing", "views"}

MAY_IMPORT = {
    "hook post-commit": (
        LIGHT | {"enum", "faulthandler", "signal"},
        START
        | {"cli.commands", "cli.commands.hook"}
        | LINES
        | {"core.trailers", "hook", "hook.arrivals", "hook.limit", "hook.place", "hook.plan"}
        | {"hook.post_commit", "hook.project", "hook.rewrites", "settings"},
    ),
    "statusline": (LIGHT | {"unicodedata"}, READING | LINES | {"cli.commands.statusline"}),
    "ready --json": (
        LIGHT | TIME,
        READING
        | VIEWS
        | {"cli.commands.list", "core.jsontext", "index.filling", "index.operations"},
    ),
    "list": (
        LIGHT | TIME | {"unicodedata"},
        READING
        | LINES
        | VIEWS
        | {"cli.commands.list", "cli.rows", "core.jsontext", "index.shortening"},
    ),
}
"""What some commands may import: of Python's own and of libraries, and of ours."""

HELP_AND_OTHERS = {
    *("cli.app", "cli.detail", "cli.manpage", "cli.usage", "core.merge"),
    *("core.planning", "core.query", "doctor", "hookfiles", "replay", "sync"),
}


@pytest.mark.parametrize("line", MAY_IMPORT)
def test_what_is_asked_most_imports_what_is_listed_and_nothing_else(
    line: str, ledger: Program, process: RunProcess
) -> None:
    ledger.add("Write the schema")
    process("status")  # which brings the index up to date
    modules = imported(process, *line.split()) - at_the_start()
    libraries, ours = MAY_IMPORT[line]
    assert {name for name in modules if name.startswith("gitledger.")} <= named(ours)
    others = {name.partition(".")[0] for name in modules if not name.startswith("gitledger")}
    assert {name for name in others if not name.startswith("_")} <= libraries


@pytest.mark.parametrize(
    "line", ["add Page", "claim {id}", "done {id}", "note {id} Begun", "edit {id} -p P1"]
)
def test_a_command_that_writes_imports_nothing_that_it_does_not_use(
    line: str, ledger: Program, process: RunProcess, repo: Path, git: RunGit
) -> None:
    git(repo, "config", "gitledger.lease", "4h")
    task_id = ledger.add("Write the schema")
    modules = imported(process, *line.format(id=task_id).split())
    libraries = {name.partition(".")[0] for name in modules - at_the_start()}
    assert modules & named(HELP_AND_OTHERS) == set()
    assert {name for name in libraries if not name.startswith("_")} <= WRITING | {"gitledger"}


@pytest.mark.parametrize("shared", [False, True])
def test_a_list_with_claims_reads_no_object_where_nothing_is_unpublished(
    ledger: Program, process: RunProcess, repo: Path, git: RunGit, shared: bool
) -> None:
    ledger.ok("claim", ledger.add("Write the schema"))
    if shared:
        git(repo, "remote", "add", "origin", str(repo))
        git(repo, "update-ref", "refs/gitledger-remotes/origin/main", "refs/gitledger/main")
    process("status")  # which brings the index up to date
    assert imported(process, "list") & named({"store.git_store", "store.object_store"}) == set()


def test_the_version_imports_next_to_nothing(process: RunProcess) -> None:
    modules = imported(process, "--version") - at_the_start()
    assert {name for name in modules if name.startswith("gitledger.")} <= named(START)
    assert modules & {"pygit2", "rtoml", "subprocess", "json", "re", "sqlite3"} == set()


def named(ours: set[str]) -> set[str]:
    """Return the full names of modules of ours."""
    return {f"gitledger.{name}" for name in ours} | {"gitledger.__main__"}


def at_the_start() -> set[str]:
    """Return what Python has imported before it comes to a program, run as one is with `-m`."""
    words = [sys.executable, "-X", "importtime", "-m", "this"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return set(_IMPORTED.findall(done.stderr)) - {"this"}


def imported(process: RunProcess, *words: str) -> set[str]:
    """Return the modules that a command line imports."""
    done = process(*words, PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0, done.stderr
    names = _IMPORTED.findall(done.stderr)
    assert "gitledger.cli.main" in names
    return set(names)
