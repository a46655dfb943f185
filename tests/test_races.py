"""Many processes in many worktrees at the same moment: every task has one owner, no update is
lost, and the history has exactly one commit for each success."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from gitledger.ledger import Ledger
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import MAIN, clone, ledger_at, place, subjects

WORKERS = 16
TASKS = 50


@pytest.fixture
def worktrees(repo: Path, git: RunGit) -> list[Path]:
    """Four worktrees of one repository."""
    linked = [repo.parent / f"linked-{number}" for number in range(3)]
    for path in linked:
        git(repo, "worktree", "add", "-q", "--detach", str(path))
    return [repo, *linked]


@pytest.fixture
def ledger(repo: Path) -> Ledger:
    ledger = ledger_at(repo)
    with ledger.transaction("plan") as transaction:
        for number in range(TASKS):
            transaction.add(f"Task {number}")
    return ledger


def race(verb: str, worktrees: list[Path], workers: int = WORKERS) -> list[dict[str, Any]]:
    """Let workers in all worktrees do the verb at once, and return what came of each attempt."""
    places = [str(worktrees[number % len(worktrees)]) for number in range(workers)]
    done = subprocess.run(
        [sys.executable, "-m", "tests.racing", verb, *places],
        cwd=Path(__file__).parent.parent,
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stderr.decode()) == (0, "")
    return [json.loads(line) for line in done.stdout.splitlines()]


def is_sound(git: RunGit, ledger: Ledger) -> bool:
    return git(place(ledger), "fsck", "--strict", "--no-dangling") == ""


def test_each_task_is_claimed_once_and_every_loser_is_told_by_whom(
    ledger: Ledger, worktrees: list[Path], git: RunGit
) -> None:
    attempts = race("claim", worktrees)

    won = {attempt["task"]: attempt["session"] for attempt in attempts if attempt["code"] == 0}
    lost = [attempt for attempt in attempts if attempt["code"] != 0]
    assert won == {task.id: task.owner for task in ledger.tasks()}
    assert len(won) == TASKS
    assert len(lost) == (WORKERS - 1) * TASKS
    assert all((it["code"], it["owner"]) == (4, won[it["task"]]) for it in lost)
    assert Counter(subjects(git, ledger)) == Counter(
        [*(f"claim {task.id}: {task.title}" for task in ledger.tasks()), f"plan {TASKS} tasks"]
    )
    assert is_sound(git, ledger)


def test_the_next_task_is_handed_out_once(
    ledger: Ledger, worktrees: list[Path], git: RunGit
) -> None:
    taken = race("next", worktrees)

    assert Counter(attempt["task"] for attempt in taken) == Counter(
        task.id for task in ledger.tasks()
    )
    owners = {task.id: task.owner for task in ledger.tasks() if task.status == "completed"}
    assert owners == {attempt["task"]: attempt["session"] for attempt in taken}
    assert len(subjects(git, ledger)) == 1 + 2 * TASKS
    assert is_sound(git, ledger)


def test_no_note_of_anybody_is_lost(repo: Path, worktrees: list[Path], git: RunGit) -> None:
    ledger = ledger_at(repo)
    for number in range(5):
        ledger.add(f"Task {number}")

    race("note", worktrees)

    everybody = sorted(f"by worker-{number}" for number in range(WORKERS))
    assert all(sorted(note.text for note in task.notes) == everybody for task in ledger.tasks())
    assert len(subjects(git, ledger)) == 5 + 5 * WORKERS
    assert is_sound(git, ledger)


def test_syncs_at_once_from_worktrees_of_two_clones_lose_nothing(
    make_repo: MakeRepo, bare: Path, git: RunGit
) -> None:
    ada = clone(make_repo, bare, "ada")
    ada.add("Schema")
    ada.sync()
    grace = clone(make_repo, bare, "grace")
    grace.sync()
    git(place(ada), "worktree", "add", "-q", "../linked")

    race("share", [place(ada), place(grace), place(ada).parent / "linked"], workers=6)

    for ledger in (ada, grace, ada):
        ledger.sync()
    assert ada.tip() == grace.tip() == git(bare, "rev-parse", MAIN)
    everything = sorted(f"worker-{worker} {number}" for worker in range(6) for number in range(3))
    assert sorted(note.text for note in ada.tasks()[0].notes) == everything
    assert len(subjects(git, ada)) == 1 + 18
    assert is_sound(git, ada)


def test_the_command_itself_has_one_winner_and_exit_code_4(
    repo: Path, worktrees: list[Path], git: RunGit
) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Schema")
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "gitledger", "-C", str(path), "claim", task.id],
            env=None, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for path in worktrees
    ]  # fmt: skip
    said = [(*worker.communicate(timeout=60), worker.returncode) for worker in workers]

    assert sorted(code for _, _, code in said) == [0, 4, 4, 4]
    owner = ledger.task(task.id).owner
    for out, err, code in said:
        assert (f"claimed by {owner}" in err) == (code == 4)
        assert (out == "") == (code == 4)
    assert len(subjects(git, ledger)) == 2


def test_of_many_first_inits_at_once_every_one_finds_the_list(tmp_path: Path, git: RunGit) -> None:
    git(tmp_path, "init", "-q", "fresh")
    code = "import sys; from gitledger import Ledger; print(Ledger.init(sys.argv[1])[1])"
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "fresh")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(6)
    ]  # fmt: skip
    said = [worker.communicate(timeout=60) for worker in workers]

    assert sorted(said) == [("False\n", "")] * 5 + [("True\n", "")]
