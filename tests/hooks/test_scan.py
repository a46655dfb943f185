"""`hook scan`: commits that no hook has seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger.errors import InvalidInput, NoLedger
from tests.conftest import MakeRepo, RunGit
from tests.hooks.scene import Scene
from tests.ledgers import ledger_at


def test_commits_of_the_default_branch_are_linked_and_complete(scene: Scene) -> None:
    one, two = scene.add("One"), scene.add("Two")
    first = scene.commit(f"Add\n\nTask: {one}")
    second = scene.commit(f"Add\n\nCompletes: {two}\nTask: {one}")
    before = scene.operations()
    assert scene.scan() == [f"linked {one[:4]} One", f"completed {two[:4]} Two"]
    assert scene.task(one).commits == tuple(sorted((first, second)))
    assert scene.task(two).commits == (second,)
    assert scene.operations() == before + 1


def test_scanning_twice_changes_nothing(scene: Scene) -> None:
    one, two = scene.add("One"), scene.add("Two")
    first = scene.commit(f"Add\n\nCompletes: {one}")
    scene.commit(f"Add\n\nCompletes: {two}")
    scene.commit(f"Revert\n\nThis reverts commit {first}.")
    scene.scan()
    assert [scene.task(task).status for task in (one, two)] == ["pending", "completed"]
    before = scene.operations()
    assert scene.scan() == []
    assert scene.scan("HEAD") == []
    assert scene.operations() == before


@pytest.mark.parametrize("close_on", ["commit", "merge"])
def test_what_somebody_has_reopened_since_stays_open(scene: Scene, close_on: str) -> None:
    scene.git(scene.path, "config", "gitledger.closeOn", close_on)
    task = scene.add()
    scene.commit(f"Add\n\nCompletes: {task}")
    scene.scan()
    scene.ledger.reopen(task)
    assert scene.scan() == []
    assert scene.task(task).status == "pending"
    scene.commit(f"Add more\n\nCompletes: {task}")
    assert scene.scan() == [f"completed {task[:4]} Schema"]


def test_what_was_completed_again_after_a_revert_stays_so(scene: Scene) -> None:
    task = scene.add()
    first, _ = scene.committed(f"Add\n\nCompletes: {task}")
    scene.committed(f"Revert\n\nThis reverts commit {first}.")
    scene.ledger.done(task)
    assert scene.scan() == []
    assert scene.task(task).status == "completed"


def test_what_was_linked_on_its_branch_is_completed_when_it_has_arrived(scene: Scene) -> None:
    scene.git(scene.path, "config", "gitledger.closeOn", "merge")
    task = ledger_at(scene.path, "grace").start(scene.add()).id
    scene.git(scene.path, "switch", "-q", "-c", "feature")
    scene.committed(f"Add\n\nCompletes: {task}")
    assert scene.scan() == []
    assert scene.scan("main..feature") == []
    scene.git(scene.path, "switch", "-q", "main")
    scene.git(scene.path, "merge", "-q", "feature")
    assert scene.scan() == [f"completed {task[:4]} Schema"]
    assert scene.task(task).owner == "grace"


def test_a_range_says_which_commits(scene: Scene) -> None:
    one, two = scene.add("One"), scene.add("Two")
    scene.commit(f"Add\n\nCompletes: {one}")
    scene.commit(f"Add\n\nCompletes: {two}")
    assert scene.scan("HEAD~1..HEAD") == [f"completed {two[:4]} Two"]


def test_a_range_outside_of_the_default_branch_overrides_nobody(scene: Scene) -> None:
    task = ledger_at(scene.path, "grace").start(scene.add()).id
    scene.git(scene.path, "switch", "-q", "-c", "feature")
    scene.commit(f"Add\n\nCompletes: {task}")
    assert scene.scan("main..feature") == [
        f"linked, not completed: {task[:4]} 'Schema' belongs to grace"
    ]


def test_what_the_remotes_default_branch_has_counts(scene: Scene) -> None:
    git, path = scene.git, scene.path
    task = scene.add()
    git(path, "switch", "-q", "--detach")
    made = scene.commit(f"Add\n\nCompletes: {task}")
    git(path, "update-ref", "refs/remotes/origin/trunk", made)
    git(path, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")
    assert scene.scan() == [f"completed {task[:4]} Schema"]


def test_starts_and_progress_are_for_whoever_works(scene: Scene) -> None:
    task = scene.add()
    scene.commit(f"Add\n\nStarts: {task}\nProgress: {task} 60%")
    assert scene.scan() == [f"linked {task[:4]} Schema"]
    assert (scene.task(task).status, scene.task(task).progress) == ("pending", None)


def test_a_session_can_be_named(scene: Scene) -> None:
    task = scene.add()
    scene.commit(f"Add\n\nCompletes: {task}")
    scene.scan(session="ci")
    assert scene.task(task).updated_by == "ci"


@pytest.mark.parametrize("revisions", [("nowhere..HEAD",), ("--all",), ("1.0",)])
def test_a_range_that_is_none_is_an_error(scene: Scene, revisions: tuple[str, ...]) -> None:
    with pytest.raises(InvalidInput):
        scene.scan(*revisions)


def test_the_default_branch_may_be_at_the_remote_alone(scene: Scene) -> None:
    """As where CI has fetched one commit, and checked it out without a branch."""
    task = scene.add()
    made = scene.commit(f"Work\n\nCompletes: {task}")
    scene.git(scene.path, "update-ref", "refs/remotes/origin/main", made)
    scene.git(scene.path, "checkout", "-q", "--detach")
    scene.git(scene.path, "branch", "-q", "-D", "main")
    assert scene.scan() == [f"completed {task[:4]} Schema"]


def test_where_no_default_branch_is_known_it_has_to_be_named(scene: Scene) -> None:
    scene.git(scene.path, "branch", "-q", "-m", "work")
    with pytest.raises(InvalidInput, match="default branch") as refused:
        scene.scan()
    assert "gitledger.defaultBranch" in str(refused.value.hint)
    scene.git(scene.path, "config", "gitledger.defaultBranch", "work")
    assert scene.scan() == []


def test_without_a_ledger_a_scan_fails(make_repo: MakeRepo, git: RunGit, repo: Path) -> None:
    scene = Scene(make_repo("code"), git, ledger_at(repo))
    scene.commit("Add\n\nCompletes: 7f3k")
    with pytest.raises(NoLedger):
        scene.scan()
