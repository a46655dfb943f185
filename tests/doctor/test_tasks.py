"""What the doctor says of tasks and settings; none of it is changed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitledger import doctor
from gitledger.core import codec
from gitledger.core.dataclass import replace
from gitledger.core.graph import Graph
from gitledger.doctor import Finding
from gitledger.doctor.tasks import cycles
from gitledger.ledger import Ledger
from gitledger.repository import Repository
from gitledger.tree import archive_path, task_path
from tests.conftest import RunGit
from tests.core.fakes import task_id
from tests.doctor.damage import cut, examine, filled, object_file
from tests.ledgers import MAIN, commit_by_hand, ledger_at


def wait_by_hand(git: RunGit, ledger: Ledger, repo: Path, edges: dict[str, list[str]]) -> None:
    """Let tasks wait for others, by title, as no verb would let them; what is no title stays."""
    ids = {task.title: task.id for task in ledger.tasks()}
    for title, blockers in edges.items():
        task = ledger.task(ids[title])
        waiting = replace(task, blocked_by=tuple(sorted(ids.get(each, each) for each in blockers)))
        text = codec.encode(waiting).decode()
        commit_by_hand(git, repo, f"100644 {text}\t{task_path(task.id)}")


def only(found: list[Finding]) -> Finding:
    """Return the only finding, which is a warning that nobody can mend by a program."""
    (finding,) = found
    assert (finding.severity, finding.mend) == ("warning", None)
    return finding


def test_a_quarantined_entry_is_named_with_its_reason_and_left_as_it_is(
    repo: Path, git: RunGit
) -> None:
    ledger = filled(repo)
    tip = commit_by_hand(git, repo, "100644 nonsense\ttasks/my plan.toml")

    finding = only(examine(ledger))
    assert (finding.code, finding.subject) == ("quarantined", "tasks/my plan.toml")
    assert finding.problem.endswith("its name is no task id, or it stands in the wrong place")
    assert finding.advice == f"look at it: git show '{MAIN}:tasks/my plan.toml'"
    assert git(repo, "show", f"{MAIN}:tasks/my plan.toml") == "nonsense"
    assert ledger.tip() == tip


def test_a_blocker_that_is_no_task_is_named(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    wait_by_hand(git, ledger, repo, {"One": ["Two", "zzzzzzzzzz"]})

    finding = only(examine(ledger))
    task = next(task for task in ledger.tasks() if task.title == "One")
    assert (finding.code, finding.subject) == ("missing-blocker", task.id)
    assert "'One' waits for zzzzzzzzzz" in finding.problem
    assert "--remove-blocked-by zzzzzzzzzz" in finding.advice


def test_a_blocker_that_cannot_be_read_is_told_once(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    wait_by_hand(git, ledger, repo, {"One": ["zzzzzzzzzz"]})
    commit_by_hand(git, repo, f"100644 nonsense\t{task_path('zzzzzzzzzz')}")
    assert only(examine(ledger)).code == "quarantined"


def test_a_finished_task_waits_for_nothing(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    wait_by_hand(git, ledger, repo, {"One": ["zzzzzzzzzz"]})
    one = next(task for task in ledger.tasks() if task.title == "One")
    ledger.cancel(one.id)
    assert examine(ledger) == []


def test_a_cycle_is_named_once_and_what_waits_for_it_is_not(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    edges = {"One": ["Two"], "Two": ["Three"], "Three": ["One"], "Four": ["One"]}
    wait_by_hand(git, ledger, repo, edges)

    finding = only(examine(ledger))
    assert finding.code == "cycle"
    assert finding.problem.count(" → ") == 3
    assert finding.subject != next(task.id for task in ledger.tasks() if task.title == "Four")


def test_cycles_apart_are_all_found(repo: Path) -> None:
    ledger = filled(repo)
    some = ledger.tasks()[0]
    waits = {1: [2], 2: [1], 3: [3], 4: [1, 3], 5: [6], 6: [7]}
    tasks = [
        replace(some, id=task_id(number), blocked_by=tuple(task_id(other) for other in others))
        for number, others in {**waits, 7: []}.items()
    ]
    assert list(cycles(Graph(tasks))) == [(task_id(1), task_id(2)), (task_id(3),)]


@pytest.mark.parametrize(
    ("text", "code"), [("version = 9\n", "newer-format"), ("nonsense", "unreadable-format")]
)
def test_another_format_is_named(repo: Path, git: RunGit, text: str, code: str) -> None:
    ledger = filled(repo)
    commit_by_hand(git, repo, f"100644 {text}\tformat.toml")
    assert only(examine(ledger)).code == code


def test_a_remote_whose_refspec_overwrites_lists_is_named(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    git(repo, "remote", "add", "--mirror=fetch", "copy", "../copy.git")

    finding = only(examine(ledger))
    assert (finding.code, finding.subject) == ("dangerous-remote", "copy")
    assert "+refs/*:refs/*" in finding.problem


def test_a_list_is_examined_by_itself_where_it_alone_is_asked_for(repo: Path, git: RunGit) -> None:
    filled(repo)
    ledger_at(repo, list="other")
    commit_by_hand(git, repo, "100644 nonsense\ttasks/x.toml")
    repository = Repository.open(repo, os.environ)
    assert doctor.names(repository) == ["main", "other"]
    assert doctor.examine(repository, ["other"]) == []
    assert len(doctor.examine(repository, ["main"])) == 1


def test_tasks_are_examined_although_history_is_damaged(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    commit_by_hand(git, repo, "100644 nonsense\ttasks/x.toml")
    cut(object_file(ledger, git(repo, "rev-parse", f"{MAIN}~2")))
    assert [finding.code for finding in examine(ledger)] == ["damaged-history", "quarantined"]


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("archive/odd", "x", "its name is no task id, or it stands in the wrong place"),
        (archive_path("zzzzzzzzzz"), "nonsense", "not valid TOML"),
        (archive_path("zzzzzzzzzz"), 'title = "x"', "archived, though it is pending"),
    ],
)
def test_what_is_no_archived_task_is_named_and_nobody_waits_for_it(
    repo: Path, git: RunGit, path: str, content: str, reason: str
) -> None:
    ledger = filled(repo)
    wait_by_hand(git, ledger, repo, {"One": ["zzzzzzzzzz"]} if "zz" in path else {})
    commit_by_hand(git, repo, f"100644 {content}\t{path}")
    finding = only(examine(ledger))
    assert (finding.code, finding.subject) == ("quarantined", path)
    assert reason in finding.problem


def test_a_task_in_both_places_is_named_until_it_is_archived_again(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    one = next(task for task in ledger.tasks() if task.title == "One")
    text = codec.encode(replace(one, status="completed")).decode()
    commit_by_hand(git, repo, f"100644 {text}\t{archive_path(one.id)}")
    finding = only(examine(ledger))
    assert (finding.code, finding.subject) == ("archived-twice", one.id)
    assert archive_path(one.id) in finding.problem
    ledger.cancel(one.id)
    ledger.archive()
    assert examine(ledger) == []
