"""Hooks in git's configuration, for git from 2.54.

What they do is seen with such a git: the one in PATH, or the one whose directory
GITLEDGER_TEST_GIT names. What is written is seen with any.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from gitledger import hookfiles
from gitledger.hookfiles import place
from tests.conftest import RunGit
from tests.hookfiles.places import (
    HOOKS,
    Recorder,
    commit,
    everything,
    install,
    opened,
    script,
    states,
    uninstall,
)
from tests.hookfiles.stand_ins import husky

NEWER = os.environ.get("GITLEDGER_TEST_GIT", "")
NAMED = "Work\n\nTask: 7f3k"
ALL_INSTALLED = dict.fromkeys(HOOKS, "installed")


@pytest.fixture
def path_of_newer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let git be one that knows hooks in its configuration."""
    if NEWER:
        monkeypatch.setenv("PATH", f"{NEWER}:{os.environ['PATH']}")
    printed = subprocess.run(["git", "version"], capture_output=True, text=True, check=True).stdout
    if tuple(map(int, printed.split()[2].split(".")[:2])) < (2, 54):
        pytest.skip("git is older than 2.54, and GITLEDGER_TEST_GIT names no newer one")


@pytest.fixture
def pretended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let git say that it is a newer one."""
    real = subprocess.run(
        ["sh", "-c", "command -v git"], capture_output=True, text=True, check=True
    ).stdout.strip()
    script(
        tmp_path / "newer" / "git",
        'for last in "$@"; do :; done\n'
        '[ "$last" != version ] || { echo git version 2.54.1.pretended; exit; }\n'
        f'exec {real} "$@"',
    )
    monkeypatch.setenv("PATH", f"{tmp_path / 'newer'}:{os.environ['PATH']}")


@pytest.mark.usefixtures("pretended")
@pytest.mark.parametrize("ending", ["", "[core]\n\tabbrev = 8", "[x]\n\ty = 1 ; end\n\n"])
def test_the_configuration_names_the_shims_and_comes_back_byte_for_byte(
    repo: Path, git: RunGit, recorder: Recorder, ending: str
) -> None:
    with (repo / ".git/config").open("a") as config:
        config.write(ending)
    before = everything(repo)
    assert install(repo) == ALL_INSTALLED
    assert not (repo / ".git/hooks").exists()
    shim = repo / ".git/gitledger/hooks/post-commit"
    assert os.access(shim, os.X_OK)
    assert git(repo, "config", "--get-all", "hook.gitledger-post-commit.event") == "post-commit"
    assert git(repo, "config", "hook.gitledger-post-commit.command") == f"[ ! -x {shim} ] || {shim}"
    installed = everything(repo)
    assert install(repo) == ALL_INSTALLED
    assert everything(repo) == installed
    uninstall(repo)
    after = everything(repo)
    # git ends a last line that was not ended; that is all.
    assert after.pop(".git/config")[1].rstrip(b"\n") == before.pop(".git/config")[1].rstrip(b"\n")
    assert after == before


@pytest.mark.usefixtures("pretended")
def test_with_husky_nothing_is_left_to_add(repo: Path, git: RunGit, recorder: Recorder) -> None:
    git(repo, "config", "core.hooksPath", ".husky/_")
    husky(repo, HOOKS)
    assert install(repo) == ALL_INSTALLED


def test_after_an_upgrade_of_git_hooks_are_moved_and_after_a_downgrade_back(
    repo: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(repo / ".git/hooks/post-commit", "echo own")
    before = everything(repo / ".git")
    monkeypatch.setattr(place, "_CONFIGURED", (99, 0))
    install(repo)
    monkeypatch.setattr(place, "_CONFIGURED", (2, 0))
    assert install(repo) == ALL_INSTALLED
    assert (repo / ".git/hooks/post-commit").read_text() == "#!/bin/sh\necho own\n"
    monkeypatch.setattr(place, "_CONFIGURED", (99, 0))
    assert states(repo)["post-commit"] == "another hook"
    assert install(repo) == ALL_INSTALLED
    assert "gitledger" not in (repo / ".git/config").read_text()
    monkeypatch.setattr(place, "_CONFIGURED", (2, 0))
    uninstall(repo)
    assert everything(repo / ".git") == before


@pytest.mark.usefixtures("path_of_newer")
def test_a_newer_git_runs_them_beside_the_files(
    repo: Path, git: RunGit, recorder: Recorder
) -> None:
    git(repo, "config", "core.hooksPath", ".husky/_")
    husky(repo, HOOKS)
    (repo / ".husky/post-commit").write_text("echo own\n")
    assert install(repo) == ALL_INSTALLED
    assert commit(repo, "Work") == (0, "own\n")
    assert recorder.starts == []
    assert commit(repo, NAMED) == (0, "own\n")
    assert recorder.starts == ["post-commit"]
    hooks = {each.name: each for each in hookfiles.status(opened(repo)).states}
    assert hooks["post-commit"].others == (str(repo / ".husky/_/post-commit"),)
    uninstall(repo)
    assert commit(repo, NAMED) == (0, "own\n")
    assert recorder.starts == ["post-commit"]


@pytest.mark.usefixtures("path_of_newer")
def test_a_newer_git_gives_them_words_and_input_and_hears_their_status(
    repo: Path, git: RunGit, recorder: Recorder
) -> None:
    install(repo)
    old = git(repo, "rev-parse", "HEAD")
    git(repo, "commit", "-q", "--amend", "-m", "first\n\nTask: 7f3k")
    recorder.forget()
    old = git(repo, "rev-parse", "HEAD")
    git(repo, "commit", "-q", "--amend", "-m", "first")
    assert recorder.starts == ["post-rewrite amend"]
    assert recorder.input.split() == [old, git(repo, "rev-parse", "HEAD")]
    git(repo, "config", "gitledger.strictCommits", "true")
    recorder.does("exit 3")
    assert commit(repo, NAMED)[0] == 1


@pytest.mark.usefixtures("path_of_newer")
def test_a_newer_git_commits_in_a_repository_that_was_moved(repo: Path, recorder: Recorder) -> None:
    install(repo)
    moved = repo.rename(repo.parent / "it's moved")
    assert commit(moved, NAMED) == (0, "")
    assert set(states(moved).values()) == {"absent"}
    assert install(moved) == ALL_INSTALLED
    commit(moved, NAMED)
    assert recorder.starts == ["post-commit"]
