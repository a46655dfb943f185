"""The repository that a ledger is kept in: found from where we stand, or named."""

from __future__ import annotations

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitledger.errors import NoRepository
from gitledger.ledger import Ledger
from gitledger.repository import Repository, repositories
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import ledger_at


def keeper(path: Path, repo: str | None = None, **env: str) -> Path | None:
    """Return the working tree of the repository that keeps the ledger."""
    _, kept = repositories(path, repo, {**os.environ, **env})
    return kept.location.worktree


def test_by_default_it_is_the_one_that_we_stand_in(repo: Path) -> None:
    standing, kept = repositories(repo / ".git", None, os.environ)
    assert standing is kept


def test_another_one_is_asked_for_named_by_environment_or_configuration(
    make_repo: MakeRepo, git: RunGit
) -> None:
    code, tasks, other = make_repo("code"), make_repo("tasks"), make_repo("other")
    git(code, "config", "gitledger.repo", "../tasks")

    assert keeper(code) == tasks
    assert keeper(code, GITLEDGER_REPO="../other") == other
    assert keeper(code, "../tasks", GITLEDGER_REPO="../other") == tasks
    assert keeper(code, str(other)) == other


def test_a_configured_path_means_the_same_in_every_worktree(
    make_repo: MakeRepo, git: RunGit, tmp_path: Path
) -> None:
    code, tasks = make_repo("code"), make_repo("tasks")
    git(code, "config", "gitledger.repo", "../tasks")
    git(code, "worktree", "add", "-q", str(tmp_path / "far" / "away" / "linked"))

    assert keeper(tmp_path / "far" / "away" / "linked") == tasks


def test_a_path_may_begin_at_home(make_repo: MakeRepo, git: RunGit, home: Path) -> None:
    code = make_repo("code")
    git(home, "init", "-q", "tasks")
    git(code, "config", "gitledger.repo", "~/tasks")
    assert keeper(code) == home / "tasks"


def test_in_a_hook_the_ledger_stays_in_the_other_repository(
    make_repo: MakeRepo, git: RunGit
) -> None:
    code, tasks = make_repo("code"), make_repo("tasks")
    git(code, "config", "gitledger.repo", str(tasks))
    hook = {"GIT_DIR": str(code / ".git"), "GIT_WORK_TREE": str(code), "GIT_INDEX_FILE": "index"}

    assert keeper(code, **hook) == tasks
    assert keeper(code, str(tasks), **hook) == tasks
    task = Ledger.init(code, environ={**os.environ, **hook})[0].add("Shared")
    assert ledger_at(tasks).tasks() == (task,)


def test_standing_nowhere_a_named_repository_does(repo: Path, tmp_path: Path) -> None:
    standing, kept = repositories(tmp_path, str(repo), os.environ)
    assert standing is kept


def test_a_repository_that_is_not_there_is_named_with_its_setting(repo: Path, git: RunGit) -> None:
    git(repo, "config", "gitledger.repo", "../gone")
    with pytest.raises(NoRepository) as error:
        repositories(repo, None, os.environ)
    assert "../gone" in error.value.message
    assert error.value.hint == "it is named by: git config gitledger.repo"


def test_one_ledger_serves_several_repositories(make_repo: MakeRepo, git: RunGit) -> None:
    tasks = ledger_at(make_repo("tasks"))
    for name in ("api", "web"):
        code = make_repo(name)
        git(code, "config", "gitledger.repo", "../tasks")
        Ledger.open(code).add(f"For the {name}")
    assert {task.title for task in tasks.tasks()} == {"For the api", "For the web"}


def test_people_are_as_configured_in_the_repository(repo: Path, git: RunGit) -> None:
    git(repo, "config", "author.name", "Grace")
    git(repo, "config", "committer.email", "ci@example.com")
    repository = Repository.open(repo, os.environ)
    noon = datetime(2026, 1, 1, 12, tzinfo=UTC)

    author, committer = repository.author(noon), repository.committer(noon)
    assert (author.name, author.email) == ("Grace", "ada@example.com")
    assert (committer.name, committer.email) == ("Ada", "ci@example.com")
    assert author.time == committer.time == 1767268800
    assert repository.user() == "Grace"


def test_a_process_without_standard_input_has_a_ledger_too(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    ledger_at(repo).add("Write the docs")
    assert len(Ledger.open(repo).tasks()) == 1


@pytest.mark.parametrize("packed", [False, True])
def test_git_gets_ready_for_packed_objects_where_there_are_any(
    repo: Path, git: RunGit, tmp_path: Path, packed: bool
) -> None:
    if packed:
        git(repo, "gc", "--quiet")
    trace = tmp_path / "trace"
    environ = os.environ | {"GIT_TRACE2_EVENT": str(trace)}
    repository = Repository.open(repo, environ, brief=True)
    repository.begin_objects()
    head = git(repo, "rev-parse", "HEAD")
    assert repository.store.commit(head).message == "first\n"
    assert trace.read_text().count('"cat-file","--batch"') == packed
