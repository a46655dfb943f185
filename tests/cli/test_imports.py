"""A command imports what it uses: a start costs milliseconds that an import would double."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.cli.conftest import RunProcess
from tests.cli.program import Program

_IMPORTED = re.compile(r"^import time:.*\| +([\w.]+)$", re.MULTILINE)

LIGHT = {
    *("collections", "errno", "fcntl", "functools", "gc", "itertools", "keyword", "operator"),
    *("pwd", "reprlib", "types"),
}
"""Of Python's own what every command may import."""
TIME = {"datetime", "math"}
TASKS = TIME | {
    *("ast", "bisect", "contextlib", "copy", "copyreg", "dataclasses", "dis", "enum"),
    *("importlib", "inspect", "json", "linecache", "opcode", "org", "re"),
    *("token", "tokenize", "typing", "warnings", "weakref"),
}
"""What a task as a whole needs, which is a dataclass."""
FILES = {
    *("fnmatch", "glob", "grp", "ipaddress", "nt", "ntpath", "pathlib", "rtoml", "string"),
    *("urllib", "zlib"),
}
"""What a task's file needs: the parser, and what that imports."""

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

NEVER_TO_WRITE = {
    *(
        "argparse",
        "asyncio",
        "click",
        "dateutil",
        "difflib",
        "email",
        "hashlib",
        "http",
        "pydantic",
    ),
    *("pygit2", "rich", "shutil", "subprocess", "tempfile", "tomlkit", "typer"),
}
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


@pytest.mark.parametrize("line", ["add Page", "claim {id}", "done {id}", "note {id} Begun"])
def test_a_command_that_writes_imports_nothing_that_it_does_not_use(
    line: str, ledger: Program, process: RunProcess
) -> None:
    task_id = ledger.add("Write the schema")
    modules = imported(process, *line.format(id=task_id).split())
    libraries = {name.partition(".")[0] for name in modules - at_the_start()}
    assert libraries & NEVER_TO_WRITE == set()
    assert modules & named(HELP_AND_OTHERS) == set()
    known = LIGHT | TASKS | FILES | {"gitledger", "unicodedata"}
    assert {name for name in libraries if not name.startswith("_")} <= known


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
