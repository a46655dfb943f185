"""`gitledger.autoSync = all`: every operation is shared, by a sync that nobody waits for."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from gitledger.cli import terminal
from tests.cli.program import Program
from tests.conftest import RunGit


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Return the command lines that were started in the background, which then do not run."""
    lines: list[list[str]] = []
    monkeypatch.setattr(terminal, "start_detached", lambda words, context: lines.append(words))
    return lines


def test_where_all_is_shared_a_sync_follows_every_operation_and_no_question(
    ledger: Program, bare: Path, git: RunGit, started: list[list[str]]
) -> None:
    git(ledger.cwd, "remote", "add", "origin", str(bare))
    ledger.ok("add", "One")
    git(ledger.cwd, "config", "gitledger.autoSync", "all")
    ledger.ok("add", "Two")
    ledger.ok("list")
    assert started == [["sync", "--list", "main"]]
    ledger.ok(*started[0])
    assert git(bare, "rev-parse", "refs/gitledger/main") == git(
        ledger.cwd, "rev-parse", "refs/gitledger/main"
    )


def test_without_a_remote_nothing_is_started(
    ledger: Program, git: RunGit, started: list[list[str]]
) -> None:
    git(ledger.cwd, "config", "gitledger.autoSync", "all")
    ledger.ok("add", "One", "--claim")
    assert started == []


def test_what_is_started_is_the_program_without_any_of_our_streams(
    ledger: Program, bare: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(ledger.cwd, "remote", "add", "origin", str(bare))
    git(ledger.cwd, "config", "gitledger.autoSync", "all")
    popen, processes = subprocess.Popen, []

    def start(*args: object, **options: object) -> object:
        processes.append(popen(*args, **options))  # type: ignore[call-overload]
        return processes[-1]

    monkeypatch.setattr(subprocess, "Popen", start)
    ledger.ok("add", "One")
    sync = processes[-1]
    assert (sync.stdin, sync.stdout, sync.stderr) == (None, None, None)
    assert sync.args[1:4] == ["-P", "-m", "gitledger"]
    sync.wait()


def test_a_setting_with_a_typing_error_is_told_before_anything_is_claimed(
    ledger: Program, git: RunGit
) -> None:
    ledger.ok("add", "One")
    git(ledger.cwd, "config", "gitledger.autoSync", "clams")
    result = ledger("next", "--claim")
    assert result.code == 2
    assert "did you mean 'claims'?" in result.stderr
    assert "@ada" not in ledger.ok("list").stdout


def test_who_accepts_what_was_handed_to_a_role_knows_that_it_stands(
    ledger: Program, bare: Path, git: RunGit
) -> None:
    git(ledger.cwd, "remote", "add", "origin", str(bare))
    ledger.ok("session", "start", "tess", "--role", "tester")
    task = ledger.add("Test it")
    ledger.ok("handoff", task, "--to", "role:tester", "-m", "Please", "--session", "ada")
    git(ledger.cwd, "config", "gitledger.autoSync", "claims")
    ledger.ok("accept", task)
    assert git(bare, "rev-parse", "refs/gitledger/main") == git(
        ledger.cwd, "rev-parse", "refs/gitledger/main"
    )
