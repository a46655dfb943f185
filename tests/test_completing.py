"""Completing the index in the background: begun by a command, ended by itself, seen by nobody."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import pytest

from gitledger import completing, following
from gitledger.index import commits
from gitledger.repository import Repository
from tests.cli.program import Program
from tests.conftest import RunGit
from tests.ledgers import ledger_at

STAMP = ".git/gitledger/index/main.sqlite.history"


@pytest.fixture
def repository(repo: Path) -> Iterator[Repository]:
    """Return a repository with a ledger of which more is to be read than any command has."""
    ledger = ledger_at(repo)
    for number in range(5):
        ledger.note(ledger.add(f"Task {number}").id, "a note")
    with patch.object(commits, "MANY", 2):
        list(ledger.log(limit=1))
        yield Repository(ledger.repository.location, dict(os.environ), brief=True)


@pytest.fixture
def large() -> Iterator[None]:
    """Let every index be a large one."""
    with patch.object(following, "_LARGE", 1):
        yield


def is_complete(repository: Repository) -> bool:
    found = following.Following(repository, "main")
    return found.operations(found.target() or "").is_complete()


def no_rest(_: float) -> None:
    pass


def age(repo: Path, seconds: float) -> None:
    """Let so many seconds go by since the last look."""
    then = (repo / STAMP).stat().st_mtime - seconds
    os.utime(repo / STAMP, (then, then))


def test_a_process_completes_the_index_and_ends(repository: Repository, repo: Path) -> None:
    assert not is_complete(repository)
    pid = completing.after_command(repository, "main")
    assert pid is not None
    assert os.getsid(pid) == pid
    assert os.waitpid(pid, 0)[1] == 0
    assert is_complete(repository)


def test_it_has_a_low_priority_and_says_nothing(repository: Repository) -> None:
    where = repository.location
    words = [where.git_dir_name, where.common_dir_name, "", where.start_name or "", "main"]
    code = (
        "import atexit, os, sys; from gitledger import completing\n"
        "atexit.register(lambda: print(os.nice(0)))\ncompleting.run()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    assert (done.stdout, done.stderr) == ("10\n", "")
    assert is_complete(repository)


def test_a_list_that_cannot_be_read_ends_it_without_a_word(
    repository: Repository, repo: Path, git: RunGit
) -> None:
    first = git(repo, "rev-list", "refs/gitledger/main").split()[-2]
    (repo / ".git/objects" / first[:2] / first[2:]).unlink()
    pid = completing.after_command(repository, "main")
    assert pid is not None
    assert os.waitpid(pid, 0)[1] == 0


def test_what_is_complete_starts_nothing(repository: Repository) -> None:
    assert completing.complete(repository, "main", no_rest)
    os.unlink(repository.location.common_dir / "gitledger/index/main.sqlite.history")
    assert completing.after_command(repository, "main") is None


def test_it_is_looked_after_now_and_then(repository: Repository, repo: Path) -> None:
    with patch.object(completing, "_start", return_value=7):
        assert completing.after_command(repository, "main") == 7
        assert completing.after_command(repository, "main") is None
        age(repo, completing.PAUSE - 60)
        assert completing.after_command(repository, "main") is None
        age(repo, 120)
        assert completing.after_command(repository, "main") == 7
        age(repo, -10 * completing.PAUSE)  # a clock that was wrong
        assert completing.after_command(repository, "main") == 7


@pytest.mark.parametrize("name", ["gitledger.maintenance", "maintenance.auto"])
def test_a_setting_turns_it_off(name: str, repository: Repository, repo: Path, git: RunGit) -> None:
    git(repo, "config", name, "false")
    assert completing.after_command(repository, "main") is None


@pytest.mark.parametrize("value", ["perhaps", "2"])
def test_a_setting_that_is_no_boolean_is_no_error_of_the_command(
    value: str, repository: Repository, repo: Path, git: RunGit
) -> None:
    git(repo, "config", "gitledger.maintenance", value)
    with patch.object(completing, "_start", return_value=7):
        assert completing.after_command(repository, "main") == (7 if value == "2" else None)


def test_a_stamp_that_cannot_be_written_starts_nothing(repository: Repository, repo: Path) -> None:
    (repo / STAMP).mkdir()
    os.utime(repo / STAMP, (0, 0))
    assert completing.after_command(repository, "main") is None


def test_there_are_never_two(repository: Repository) -> None:
    others: list[bool] = []

    def rest(_: float) -> None:
        others.append(completing.complete(repository, "main", no_rest))

    assert completing.complete(repository, "main", rest)
    assert set(others) == {False}
    assert is_complete(repository)


def test_two_lists_are_completed_side_by_side(repository: Repository, repo: Path) -> None:
    other = ledger_at(repo, list="other")
    other.add("Elsewhere")
    list(other.log(limit=1))
    others: list[bool] = []

    def rest(_: float) -> None:
        others.append(completing.complete(repository, "other", no_rest))

    assert completing.complete(repository, "main", rest)
    assert set(others) == {True}


@pytest.mark.parametrize("gone", [STAMP, ".git/refs/gitledger/main", ".git/gitledger/index"])
def test_it_ends_when_the_list_or_its_index_is_gone(
    gone: str, repository: Repository, repo: Path
) -> None:
    rests: list[float] = []

    def rest(seconds: float) -> None:
        rests.append(seconds)
        if len(rests) == 1:
            (repo / gone).rename(repo / "gone")

    assert not completing.complete(repository, "main", rest)
    (repo / "gone").rename(repo / gone)
    assert completing.complete(repository, "main", no_rest)


@pytest.mark.usefixtures("large")
@pytest.mark.parametrize("words", [("list",), ("ready", "--json"), ("add", "Another"), ("log",)])
def test_a_command_begins_it_in_a_large_ledger(
    words: tuple[str, ...], repository: Repository, repo: Path
) -> None:
    with patch.object(completing, "_start", return_value=7) as start:
        Program(repo, dict(os.environ)).ok(*words)
    assert start.call_count == 1


@pytest.mark.usefixtures("large")
def test_what_runs_again_and_again_begins_nothing(repository: Repository, repo: Path) -> None:
    with patch.object(completing, "_start", return_value=7) as start:
        Program(repo, dict(os.environ)).ok("statusline")
    assert start.call_count == 0


def test_a_small_ledger_is_left_alone(repository: Repository, repo: Path) -> None:
    with patch.object(completing, "after_command", side_effect=AssertionError):
        Program(repo, dict(os.environ)).ok("list")
    assert not (repo / STAMP).exists()
