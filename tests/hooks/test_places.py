"""The hooks as git runs them: in every kind of worktree, and from every kind of program."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from gitledger.ledger import Ledger
from tests.conftest import MakeRepo, RunGit
from tests.hooks.scene import Scene
from tests.ledgers import ledger_at


def main_worktree(make_repo: MakeRepo, git: RunGit) -> Path:
    return make_repo("code")


def linked_worktree(make_repo: MakeRepo, git: RunGit) -> Path:
    git(make_repo("code"), "worktree", "add", "-q", "../linked")
    return make_repo("other").parent / "linked"


def worktree_of_a_bare_repository(make_repo: MakeRepo, git: RunGit) -> Path:
    top = make_repo("code").parent
    git(top, "clone", "-q", "--bare", "code", "code.git")
    git(top / "code.git", "worktree", "add", "-q", "../linked", "main")
    return top / "linked"


def submodule(make_repo: MakeRepo, git: RunGit) -> Path:
    code, around = make_repo("code"), make_repo("around")
    git(around, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(code), "sub")
    return around / "sub"


PLACES = [main_worktree, linked_worktree, worktree_of_a_bare_repository, submodule]


@pytest.mark.parametrize("place", PLACES)
def test_a_task_is_begun_worked_on_and_completed_by_commits(
    make_repo: MakeRepo, git: RunGit, place: Callable[[MakeRepo, RunGit], Path]
) -> None:
    path = place(make_repo, git)
    scene = Scene(path, git, Ledger.init(path)[0])
    scene.install()
    task = scene.add()
    below = path / "below"
    below.mkdir()
    git(path, "switch", "-q", "-C", "main", "--ignore-other-worktrees")
    git(below, "commit", "-q", "--allow-empty", "-m", f"Begin\n\nStarts: {task}")
    git(path, "switch", "-q", "-c", "feature")
    git(below, "commit", "-q", "--allow-empty", "-m", "More")
    assert scene.message() == f"More\n\nTask: {task}"
    git(path, "commit", "-q", "--allow-empty", "-m", f"End\n\nCompletes: {task}")
    git(path, "commit", "-q", "--allow-empty", "-m", "Else")
    assert scene.message() == "Else"
    after = scene.task(task)
    assert (after.status, after.branch) == ("completed", "feature")
    assert after.commits == tuple(
        sorted(git(path, "rev-list", "--skip=1", "--max-count=3", "HEAD").split())
    )


def test_each_worktree_names_its_own_task(hooked: Scene) -> None:
    git, path = hooked.git, hooked.path
    git(path, "worktree", "add", "-q", "../linked")
    linked = path.parent / "linked"
    one = hooked.ledger.start(hooked.add("One")).id
    two = Ledger.open(linked).start(hooked.add("Two")).id
    for where, task in ((path, one), (linked, two)):
        git(where, "commit", "-q", "--allow-empty", "-m", "Work")
        assert git(where, "log", "-1", "--format=%b").strip() == f"Task: {task}"


def test_a_commit_of_a_program_with_a_strange_environment_counts(hooked: Scene) -> None:
    """As programs with windows start git: no home, no terminal, nothing to read, and elsewhere."""
    task = hooked.add()
    environ = {
        "PATH": os.environ["PATH"],
        "LANG": "C",
        "GIT_DIR": f"{hooked.path.name}/.git",
        "GIT_WORK_TREE": hooked.path.name,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    for name, value in (("user.name", "Ada"), ("user.email", "ada@example.com")):
        hooked.git(hooked.path, "config", name, value)
    subprocess.run(
        f"git commit -q --allow-empty -m 'Wörter' -m 'Completes: {task}' <&-",
        shell=True, cwd=hooked.path.parent, env=environ, check=True,
    )  # fmt: skip
    assert hooked.task(task).status == "completed"


def test_a_commit_without_verification_counts_too(hooked: Scene) -> None:
    task = hooked.add()
    hooked.commit(f"Work\n\nCompletes: {task}", "--no-verify")
    assert hooked.task(task).status == "completed"


def test_a_commit_of_another_hook_counts_too(hooked: Scene) -> None:
    """It runs in the environment of the command whose hook that is."""
    task = hooked.add()
    mine = hooked.path / ".git/hooks/pre-rebase"
    mine.write_text(f"#!/bin/sh\ngit commit -q --allow-empty -m 'Work [{task}]'\nexit 1\n")
    mine.chmod(0o755)
    with pytest.raises(AssertionError, match="pre-rebase"):
        hooked.git(hooked.path, "rebase", "--force-rebase", "HEAD")
    assert hooked.task(task).commits == (hooked.head(),)


def test_a_patch_that_am_applies_counts(hooked: Scene) -> None:
    git, path = hooked.git, hooked.path
    task = hooked.add()
    (path / "new").write_text("new")
    git(path, "add", "new")
    git(path, "-c", "core.hooksPath=/nowhere", "commit", "-q", "-m", f"Add\n\nCompletes: {task}")
    patch = git(path, "format-patch", "-1", "--stdout")
    git(path, "reset", "-q", "--hard", "HEAD~1")
    git(path, "am", "-q", stdin=patch)
    assert (hooked.task(task).status, hooked.task(task).commits) == ("completed", (hooked.head(),))


def test_a_pick_and_a_revert_by_git_count(hooked: Scene) -> None:
    git, path = hooked.git, hooked.path
    task = hooked.add()
    git(path, "switch", "-q", "-c", "feature")
    (path / "new").write_text("new")
    git(path, "add", "new")
    git(path, "commit", "-q", "-m", f"Add\n\nCompletes: {task}")
    git(path, "revert", "--no-edit", "HEAD")
    assert hooked.task(task).status == "pending"
    git(path, "switch", "-q", "main")
    git(path, "cherry-pick", "feature~1")
    assert hooked.task(task).status == "completed"
    assert hooked.head() in hooked.task(task).commits


def test_whoever_leaves_the_editor_without_a_word_makes_no_commit(
    hooked: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    hooked.ledger.start(hooked.add())
    before = hooked.head()
    monkeypatch.setenv("GIT_EDITOR", "true")
    done = subprocess.run(["git", "commit", "--allow-empty"], cwd=hooked.path, check=False,
                          capture_output=True, text=True)  # fmt: skip
    assert (done.returncode, hooked.head()) == (1, before)
    assert "empty commit message" in done.stderr


def test_a_message_that_is_typed_in_the_editor_keeps_its_trailer(
    hooked: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = hooked.ledger.start(hooked.add()).id
    monkeypatch.setenv("GIT_EDITOR", "sed -i '1s/^/Typed/'")
    hooked.git(hooked.path, "commit", "-q", "--allow-empty", "--verbose")
    assert hooked.message() == f"Typed\n\nTask: {task}"


def test_strict_mode_stops_a_commit_and_no_verify_lets_it_be(hooked: Scene) -> None:
    hooked.git(hooked.path, "config", "gitledger.strictCommits", "true")
    before = hooked.head()
    with pytest.raises(AssertionError, match="no task '9999'"):
        hooked.commit("Work\n\nTask: 9999")
    assert hooked.head() == before
    assert hooked.commit("Work\n\nTask: 9999", "--no-verify") != before


@pytest.mark.parametrize("damage", ["garbage\n", "0" * 40 + "\n"])
def test_a_broken_ledger_is_in_nobodys_way(hooked: Scene, damage: str) -> None:
    task = hooked.ledger.start(hooked.add()).id
    (hooked.path / ".git/refs/gitledger/main").write_text(damage)
    before = hooked.head()
    assert hooked.commit(f"Work\n\nCompletes: {task}") != before
    hooked.git(hooked.path, "switch", "-q", "-c", "feature")
    hooked.git(hooked.path, "commit", "-q", "--amend", "--no-edit", "--allow-empty")


def test_a_ledger_of_several_repositories_gets_the_commits_of_each(
    make_repo: MakeRepo, git: RunGit
) -> None:
    tasks = ledger_at(make_repo("tasks"))
    code = make_repo("code")
    git(code, "config", "gitledger.repo", "../tasks")
    scene = Scene(code, git, tasks)
    scene.install()
    task = Ledger.open(code).start(tasks.add("Schema").id).id
    made = scene.commit("Work")
    assert scene.message() == f"Work\n\nTask: {task}"
    assert tasks.task(task).commits == (made,)
