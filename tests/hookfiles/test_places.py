"""Where git takes hooks from: worktrees, bare repositories, submodules, core.hooksPath."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger import hookfiles
from gitledger.errors import LedgerError
from tests.conftest import MakeRepo, RunGit
from tests.hookfiles.places import (
    HOOKS,
    Recorder,
    commit,
    everything,
    install,
    opened,
    states,
    uninstall,
)

NAMED = "Work\n\nTask: 7f3k"
ALL_INSTALLED = dict.fromkeys(HOOKS, "installed")


def main_worktree(make_repo: MakeRepo, git: RunGit, tmp: Path) -> list[Path]:
    return [make_repo("repo")]


def linked_worktrees(make_repo: MakeRepo, git: RunGit, tmp: Path) -> list[Path]:
    repo = make_repo("repo")
    git(repo, "worktree", "add", "-q", "../linked")
    return [repo.parent / "linked", repo]


def bare_with_worktrees(make_repo: MakeRepo, git: RunGit, tmp: Path) -> list[Path]:
    git(make_repo("repo"), "clone", "-q", "--bare", "--template=", ".", "../bare")
    git(tmp / "bare", "worktree", "add", "-q", "../one", "main")
    git(tmp / "bare", "worktree", "add", "-q", "-b", "two", "../two")
    return [tmp / "bare", tmp / "one", tmp / "two"]


def submodule(make_repo: MakeRepo, git: RunGit, tmp: Path) -> list[Path]:
    top = make_repo("top")
    source = str(make_repo("source"))
    git(top, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", source, "sub")
    return [top / "sub"]


def separate_git_dir(make_repo: MakeRepo, git: RunGit, tmp: Path) -> list[Path]:
    repo = make_repo("repo")
    git(repo, "init", "-q", "--separate-git-dir", "../elsewhere.git")
    return [repo]


def settings_by_worktree(make_repo: MakeRepo, git: RunGit, tmp: Path) -> list[Path]:
    places = linked_worktrees(make_repo, git, tmp)
    git(places[0], "config", "extensions.worktreeConfig", "true")
    git(places[0], "config", "--worktree", "gitledger.list", "main")
    return places


PLACES = [
    main_worktree,
    linked_worktrees,
    bare_with_worktrees,
    submodule,
    separate_git_dir,
    settings_by_worktree,
]


@pytest.mark.parametrize("make", PLACES)
def test_hooks_run_in_every_kind_of_place_and_leave_no_trace(
    make_repo: MakeRepo, git: RunGit, tmp_path: Path, recorder: Recorder, make: type
) -> None:
    first, *rest = make(make_repo, git, tmp_path)
    before = everything(tmp_path)
    assert install(first) == ALL_INSTALLED
    for path in rest:
        assert states(path) == ALL_INSTALLED
    uninstall(first)
    assert everything(tmp_path) == before

    install(first)
    for path in (first, *rest):
        recorder.forget()
        if git(path, "rev-parse", "--is-bare-repository") == "false":
            git(path, "config", "user.email", "ada@example.com")
            assert commit(path, NAMED) == (0, "")
            assert recorder.starts == ["post-commit"]


def test_a_directory_outside_that_this_repository_names_is_used(
    repo: Path, git: RunGit, recorder: Recorder
) -> None:
    folder = repo.parent / "its hooks"
    git(repo, "config", "core.hooksPath", str(folder))
    assert install(repo) == ALL_INSTALLED
    assert commit(repo, NAMED) == (0, "")
    assert recorder.starts == ["post-commit"]
    assert not (repo / ".git/hooks").exists()
    uninstall(repo)
    assert not folder.exists()


@pytest.mark.parametrize("where", ["relative", "absolute", "of another worktree"])
def test_in_the_projects_own_files_nothing_is_changed(
    repo: Path, git: RunGit, recorder: Recorder, where: str
) -> None:
    folder = repo / ".githooks"
    folder.mkdir()
    git(repo, "config", "core.hooksPath", ".githooks" if where == "relative" else str(folder))
    place = repo
    if where == "of another worktree":
        git(repo, "worktree", "add", "-q", "../linked")
        place = repo.parent / "linked"
    before = everything(repo.parent)
    hooks = hookfiles.install(opened(place))
    assert everything(repo.parent) == before
    told = hooks.states[2]
    assert (told.name, told.state, told.file) == ("post-commit", "to add", folder / "post-commit")

    told.file.write_text(f"#!/bin/sh\n{told.line}\n")
    told.file.chmod(0o755)
    assert states(place)["post-commit"] == "chained"


@pytest.mark.parametrize(("code", "made"), [(0, True), (1, True), (3, False)])
def test_the_line_to_add_stops_a_commit_in_strict_mode_alone(
    repo: Path, git: RunGit, recorder: Recorder, monkeypatch: pytest.MonkeyPatch,
    code: int, made: bool,
) -> None:  # fmt: skip
    (repo / ".githooks").mkdir()
    git(repo, "config", "core.hooksPath", ".githooks")
    hooks = {each.name: each for each in hookfiles.install(opened(repo)).states}
    file, line = hooks["commit-msg"].file, hooks["commit-msg"].line
    assert file is not None
    file.write_text(f"#!/bin/sh -e\n{line}\n")
    file.chmod(0o755)
    recorder.does(f"exit {code}")
    assert commit(repo, NAMED, PATH="/usr/bin:/bin") == (0, "")
    assert recorder.starts == []
    path = f"{recorder.folder}:/usr/bin:/bin"
    assert (commit(repo, NAMED, PATH=path)[0] == 0) == made
    assert recorder.starts == ["commit-msg .git/COMMIT_EDITMSG"]


def test_the_directory_of_all_the_users_repositories_is_left_alone(
    repo: Path, git: RunGit, recorder: Recorder
) -> None:
    folder = repo.parent / "my-hooks"
    git(repo, "config", "--global", "core.hooksPath", str(folder))
    assert set(install(repo).values()) == {"to add"}
    assert not folder.exists()


def test_hooks_that_are_switched_off_cannot_be_installed(
    repo: Path, git: RunGit, recorder: Recorder
) -> None:
    git(repo, "config", "core.hooksPath", "/dev/null")
    with pytest.raises(LedgerError, match=r"switched off: core\.hooksPath is /dev/null"):
        install(repo)
    assert set(states(repo).values()) == {"absent"}
    assert set(uninstall(repo).values()) == {"absent"}
