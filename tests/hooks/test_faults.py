"""Whatever goes wrong in a hook: git goes on, and one line says so."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gitledger import hook
from gitledger.errors import InvalidInput
from tests.conftest import MakeRepo, RunGit
from tests.hooks.scene import Scene
from tests.ledgers import MAIN, clone, place


def test_a_repository_without_a_ledger_is_one_line_where_a_task_is_named(
    repo: Path, git: RunGit
) -> None:
    git(repo, "commit", "-q", "--allow-empty", "-m", "Work\n\nCompletes: 7f3k")
    assert hook.run("post-commit", [], path=repo, environ=os.environ) == (
        ["gitledger: this repository has no ledger"],
        False,
    )
    for name in hook.NAMES:
        if name != "post-commit":
            lines, stops = hook.run(name, ["x", "y", "1"], path=repo, environ=os.environ)
            assert (len(lines) <= 1, stops) == (True, False)


def test_no_repository_is_one_line(tmp_path: Path) -> None:
    for name in hook.NAMES:
        lines, stops = hook.run(name, ["x", "y", "1"], path=tmp_path, environ=os.environ)
        assert (len(lines), stops) == (1, False)


def test_a_broken_ledger_is_one_line(scene: Scene) -> None:
    task = scene.add()
    (scene.path / ".git" / MAIN).write_text("garbage\n")
    assert len(scene.committed(f"Work\n\nCompletes: {task}")[1]) == 1


def test_a_broken_setting_is_one_line(scene: Scene) -> None:
    task = scene.add()
    scene.commit(f"Work\n\nCompletes: {task}")
    (scene.path / ".git/config").write_text("[broken\n")
    assert len(scene.run("post-commit")) == 1


def test_a_ref_that_cannot_be_moved_is_one_line(scene: Scene) -> None:
    """As in a repository that is read-only: another one's lock never goes away."""
    task = scene.add()
    scene.commit(f"Work\n\nCompletes: {task}")
    folder = scene.path / ".git/refs/gitledger"
    (folder / "main.lock").mkdir()
    (line,) = scene.run("post-commit", GITLEDGER_HOOK_TIMEOUT="1")
    assert line
    assert scene.task(task).commits == ()


def test_a_fault_of_ours_is_one_line(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*args: object) -> None:
        raise KeyError("x")

    monkeypatch.setattr("gitledger.hook.post_commit.post_commit", broken)
    assert scene.run("post-commit") == ["post-commit failed: KeyError: 'x'"]
    with pytest.raises(KeyError):
        scene.run("post-commit", GITLEDGER_DEBUG="1")


def test_an_unknown_hook_is_an_error_that_names_the_nearest(scene: Scene) -> None:
    with pytest.raises(InvalidInput) as refused:
        scene.run("post-comit")
    assert refused.value.hint == "did you mean 'post-commit'?"


def test_a_hung_remote_is_given_up_and_the_push_goes_on(
    make_repo: MakeRepo, bare: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = clone(make_repo, bare, "ada")
    ledger.sync()
    scene = Scene(place(ledger), git, ledger)
    scene.install()
    # git's own push goes through, what the ledger is fetched with never ends.
    silent = scene.path.parent / "silent"
    silent.write_text("#!/bin/sh\nexec sleep 600\n")
    silent.chmod(0o755)
    git(scene.path, "config", "remote.origin.uploadpack", str(silent))
    monkeypatch.setenv("GITLEDGER_HOOK_TIMEOUT", "1.5")
    scene.commit("Work")
    git(scene.path, "push", "-q", "origin", "main")
    assert git(bare, "rev-parse", "main") == scene.head()
    (line,) = scene.run("pre-push", "origin", str(bare))
    assert "the ledger is not synced: " in line


HANGING = """
import os, sys
from gitledger import hook
from gitledger.hook import post_commit
post_commit.post_commit = lambda place: {}
print(hook.run("post-commit", [], path=".", environ={{"GITLEDGER_HOOK_TIMEOUT": "0.5"}}))
"""


def hanging(repo: Path, how: str) -> subprocess.CompletedProcess[str]:
    code = HANGING.format(how)
    return subprocess.run([sys.executable, "-c", code], cwd=repo, capture_output=True, text=True,
                          check=False, timeout=60)  # fmt: skip


def test_a_hook_that_hangs_is_interrupted(repo: Path) -> None:
    done = hanging(repo, "[None for _ in iter(int, 1)]")
    assert "post-commit took too long and was left undone" in done.stdout
    assert done.returncode == 0


def test_a_hook_that_hangs_in_a_library_is_ended(repo: Path) -> None:
    """Python's own signal handlers wait until such a call comes back."""
    done = hanging(repo, "sum(iter(int, 1))")
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")
