"""Many processes at the same moment: each task has one owner, nothing is lost, nothing is twice.

The full size, which takes half a minute on two cores:

    python -m tests.proof.race
"""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from gitledger.ledger import Ledger
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import ledger_at, subjects
from tests.proof.checker import Evidence
from tests.proof.ground import ROOT, Ground, Race


@pytest.fixture
def ground(tmp_path: Path) -> Ground:
    return Ground(tmp_path)


def raced(ground: Ground, race: Race) -> Evidence:
    """Return the evidence of a race in which everything holds."""
    outcome = ground.run(race)
    assert outcome.violations == []
    return outcome.evidence


def verbs(evidence: Evidence) -> Counter[str]:
    """Count the operations of a history by verb, but for how it began."""
    return Counter(commit.verb for commit in evidence.commits[2:])


def test_the_documented_command_finds_that_everything_holds() -> None:
    sizes = {"processes": 6, "claims": 4, "worktrees": 3, "clones": 3, "operations": 4}
    words = [word for name, size in sizes.items() for word in (f"--{name}", str(size))]
    done = subprocess.run(
        [sys.executable, "-m", "tests.proof.race", *words],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    _, worktrees, unlocked, clones, verdict = done.stdout.splitlines()
    for line, attempts in ((worktrees, 6 * 4), (unlocked, 6 * 4), (clones, 3 * 4)):
        answers = line[len("worktrees") :].split()[-10:]
        assert sum(map(int, answers[:3])) == attempts
    assert verdict == "every acknowledged operation once, no other"


def test_the_next_task_is_handed_out_once(ground: Ground) -> None:
    worktrees = ground.worktrees("next", 3, tasks=12)
    places = [*worktrees, *worktrees]

    evidence = raced(ground, Race("next", "take", 12, places, worktrees[0]))

    assert verbs(evidence) == {"claim": 12, "done": 12}
    assert all(task["status"] == "completed" for task in evidence.final.values())


def test_no_note_of_anybody_is_lost(ground: Ground) -> None:
    worktrees = ground.worktrees("notes", 3, tasks=3)
    places = [*worktrees, *worktrees]

    evidence = raced(ground, Race("notes", "note", 6, places, worktrees[0]))

    assert [len(task["notes"]) for task in evidence.final.values()] == [6 * 2] * 3


def test_several_processes_of_each_clone_sync_at_once_and_lose_nothing(ground: Ground) -> None:
    bare, clones = ground.clones("shared", 2, tasks=1)
    places = [*clones, *clones]

    evidence = raced(ground, Race("shared", "share", 2, places, bare, clones, ["--settle"]))

    assert verbs(evidence) == {"note": 4 * 2}


def test_a_worker_that_breaks_down_is_found_out(ground: Ground) -> None:
    worktrees = ground.worktrees("empty", 1, tasks=0)

    outcome = ground.run(Race("empty", "note", 1, worktrees, worktrees[0]))

    assert outcome.violations == [
        "crashed: the workers ended with 1",
        "stopped: before its first attempt",
    ]


def test_the_command_itself_has_one_winner_and_exit_code_4(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Schema")
    worktrees = [repo, *(repo.parent / f"linked-{number}" for number in range(3))]
    for path in worktrees[1:]:
        git(repo, "worktree", "add", "-q", "--detach", str(path))
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "gitledger", "-C", str(path), "claim", task.id],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
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


def test_of_many_first_inits_at_once_every_one_finds_the_list(make_repo: MakeRepo) -> None:
    fresh = make_repo("fresh")
    code = "import sys; from gitledger import Ledger; print(Ledger.init(sys.argv[1])[1])"
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(fresh)],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for _ in range(6)
    ]  # fmt: skip
    said = [worker.communicate(timeout=60) for worker in workers]

    assert sorted(said) == [("False\n", "")] * 5 + [("True\n", "")]
    assert Ledger.open(fresh).tasks() == ()
