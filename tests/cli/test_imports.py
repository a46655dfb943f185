"""A command imports what it uses: a start costs milliseconds that an import would double."""

from __future__ import annotations

import re

import pytest

from tests.cli.conftest import RunProcess
from tests.cli.program import Program

_IMPORTED = re.compile(r"^import time:.*\| +([\w.]+)$", re.MULTILINE)

ALWAYS = {"cli", "cli.main", "cli.parse", "cli.registry", "cli.route", "cli.spec", "errors"}
"""What every start imports of gitledger."""

HELP_AND_ERRORS = {"typer", "rich", "click", "cli.app", "cli.usage", "cli.manpage", "difflib"}
REST = {"tomlkit", "dateutil", "argparse", "email", "http", "asyncio", "sqlite3", "pydantic"}
SHARING = {"sync", "replay", "core.merge", "core.reconcile", "core.linemerge"}
PLANS = {"core.plan.markdown", "core.plan.tables", "core.planning", "core.matching"}
DATES = {"core.dates"}
QUERIES = {"core.query", "core.queryfields", "core.queryvalues"}
LINES = {"cli.rows", "cli.style", "cli.terminal", "unicodedata"}
DETAIL = {"cli.detail", "core.diagram", "core.inbox", "hook", "hookfiles", "doctor"}

FORBIDDEN = {
    "list --json": HELP_AND_ERRORS | REST | SHARING | PLANS | LINES | DETAIL,
    "list": HELP_AND_ERRORS | REST | SHARING | PLANS | DETAIL | {"json"},
    "statusline": HELP_AND_ERRORS | REST | SHARING | PLANS | DETAIL | DATES | QUERIES | {"json"},
    "claim {id}": HELP_AND_ERRORS | REST | SHARING | PLANS | DETAIL | DATES | QUERIES | {"json"},
    "done {id}": HELP_AND_ERRORS | REST | SHARING | PLANS | DETAIL | DATES | QUERIES | {"json"},
    "claim {id} --json": HELP_AND_ERRORS
    | REST
    | SHARING
    | PLANS
    | LINES
    | DETAIL
    | DATES
    | QUERIES,
}
"""What a command has no use for."""


@pytest.mark.parametrize("line", FORBIDDEN)
def test_a_command_imports_nothing_that_it_does_not_use(
    line: str, ledger: Program, process: RunProcess
) -> None:
    task_id = ledger.add("Write the schema")
    assert imported(process, *line.format(id=task_id).split()) & FORBIDDEN[line] == set()


def test_the_version_imports_next_to_nothing(process: RunProcess) -> None:
    modules = imported(process, "--version")
    ours = {name for name in modules if name.split(".")[0] in OURS}
    assert ours <= ALWAYS | {"cli.context", "cli.nearest"}
    assert modules & (HELP_AND_ERRORS | REST | {"pygit2", "rtoml", "subprocess", "json"}) == set()


OURS = {"cli", "core", "store", "errors", "ledger", "verbs", "repository", "git", "snapshot"}


def imported(process: RunProcess, *words: str) -> set[str]:
    """Return the modules that a command line imports; ours without `gitledger.`."""
    done = process(*words, PYTHONPROFILEIMPORTTIME="1")
    assert done.returncode == 0, done.stderr
    names = _IMPORTED.findall(done.stderr)
    assert "gitledger.cli.main" in names
    return {name.removeprefix("gitledger.") for name in names}
