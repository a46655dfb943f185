"""`inbox`: what a session finds there that the tasks alone do not tell."""

from __future__ import annotations

import pytest

from tests.cli.program import Program
from tests.conftest import RunGit


@pytest.fixture
def handed(ledger: Program, git: RunGit) -> tuple[Program, str]:
    """Return the program and a task that `web`, on the branch `page`, is about to hand off."""
    git(ledger.cwd, "checkout", "--quiet", "-b", "page")
    ledger.ok("session", "start", "web")
    return ledger, ledger.add("Build the page")


def test_work_that_was_begun_is_on_the_branch_of_who_hands_it_off(
    handed: tuple[Program, str],
) -> None:
    ledger, task = handed
    ledger.ok("start", task)
    ledger.add("For grace to be known", "--session", "grace")
    ledger.ok("handoff", task, "--to", "grace", "-m", "Half done")
    assert "branch page\n" in ledger.ok("inbox", "--session", "grace").stdout
    ledger.ok("edit", task, "--branch", "topic")
    assert "branch topic\n" in ledger.ok("inbox", "--session", "grace").stdout


def test_work_that_was_not_begun_is_on_no_branch(handed: tuple[Program, str]) -> None:
    ledger, task = handed
    ledger.add("For grace to be known", "--session", "grace")
    ledger.ok("handoff", task, "--to", "grace", "-m", "Not begun")
    assert "branch" not in ledger.ok("inbox", "--session", "grace").stdout
