"""pre-push: the ledger goes where the work goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import MakeRepo, RunGit
from tests.hooks.scene import Scene
from tests.ledgers import MAIN, clone, ledger_at, place

REFS = "refs/heads/main 1 refs/heads/main 0\n"


@pytest.fixture
def shared(make_repo: MakeRepo, bare: Path, git: RunGit) -> Scene:
    """Return a clone whose ledger was shared with its remote."""
    ledger = clone(make_repo, bare, "ada")
    ledger.add("Shared")
    ledger.sync()
    return Scene(place(ledger), git, ledger)


def published(git: RunGit, bare: Path) -> str:
    return git(bare, "for-each-ref", "--format=%(objectname)", MAIN)


def test_a_push_takes_the_ledger_along(shared: Scene, bare: Path) -> None:
    shared.add()
    assert shared.run("pre-push", "origin", str(bare), stdin=REFS) == []
    assert published(shared.git, bare) == shared.ledger.tip()


def test_a_remote_that_never_had_the_ledger_does_not_get_it(
    shared: Scene, bare: Path, tmp_path: Path
) -> None:
    shared.git(tmp_path, "init", "-q", "--bare", "public.git")
    shared.git(shared.path, "remote", "add", "public", str(tmp_path / "public.git"))
    assert shared.run("pre-push", "public", "…", stdin=REFS) == []
    assert published(shared.git, tmp_path / "public.git") == ""
    shared.git(shared.path, "config", "gitledger.remote", "public")
    assert shared.run("pre-push", "public", "…", stdin=REFS) == []
    assert published(shared.git, tmp_path / "public.git") == shared.ledger.tip()


def test_a_push_to_an_address_or_of_the_ledger_itself_syncs_nothing(
    shared: Scene, bare: Path
) -> None:
    before = published(shared.git, bare)
    shared.add()
    assert shared.run("pre-push", str(bare), str(bare), stdin=REFS) == []
    assert shared.run("pre-push", "origin", "…", stdin=f"{MAIN} 1 {MAIN} 0\n") == []
    assert published(shared.git, bare) == before


def test_a_remote_that_cannot_be_reached_is_one_line(shared: Scene, bare: Path) -> None:
    shared.add()
    bare.rename(bare.with_name("gone.git"))
    (line,) = shared.run("pre-push", "origin", str(bare), stdin=REFS)
    assert line.startswith("the ledger is not synced: ")


def test_a_claim_that_is_lost_is_told(
    shared: Scene, bare: Path, make_repo: MakeRepo, git: RunGit
) -> None:
    (task,) = shared.ledger.tasks()
    grace = clone(make_repo, bare, "grace")
    grace.sync()
    grace.claim(task.id)
    grace.sync()
    shared.ledger.claim(task.id)
    lines = shared.run("pre-push", "origin", str(bare), stdin=REFS, GITLEDGER_SESSION="ada")
    assert lines == [f"the claim of {task.id[:4]} Shared is lost"]


def test_a_push_completes_what_has_reached_the_default_branch(shared: Scene, bare: Path) -> None:
    """A rebase or a fast-forward brings commits there of which no other hook is told."""
    shared.git(shared.path, "config", "gitledger.closeOn", "merge")
    task = shared.add()
    shared.commit(f"Add\n\nCompletes: {task}")
    assert shared.run("pre-push", "origin", "…", stdin=REFS) == [f"completed {task[:4]} Schema"]
    assert published(shared.git, bare) == shared.ledger.tip()


def test_a_ledger_in_another_repository_goes_to_that_ones_remote(
    shared: Scene, bare: Path, make_repo: MakeRepo, git: RunGit
) -> None:
    code = make_repo("code")
    git(code, "config", "gitledger.repo", str(shared.path))
    shared.add()
    here = Scene(code, git, ledger_at(shared.path))
    assert here.run("pre-push", "upstream", "…", stdin=REFS) == []
    assert published(git, bare) == shared.ledger.tip()


def test_git_pushes_both_at_once_and_only_once(shared: Scene, bare: Path) -> None:
    """Our own push runs no hook: it would sync without end."""
    shared.install()
    shared.add()
    shared.commit("Add")
    shared.git(shared.path, "push", "-q", "origin", "main")
    assert published(shared.git, bare) == shared.ledger.tip()
    assert shared.git(bare, "rev-parse", "main") == shared.head()
