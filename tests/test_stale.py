"""Stale claims as a ledger shows and frees them, and the code repository that a task names."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from gitledger.core.task import REPOSITORY
from gitledger.errors import AlreadyClaimed, InvalidInput, NothingToTake
from gitledger.ledger import Ledger
from gitledger.reader import Reader
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import NEW_YEAR, ledger_at, subjects

HOUR = timedelta(hours=1)


def later(repo: Path, hours: float, session: str = "grace") -> Ledger:
    return Ledger.open(repo, session=session, clock=lambda: NEW_YEAR + hours * HOUR)


def test_a_view_says_that_the_owner_is_silent(repo: Path) -> None:
    ada = ledger_at(repo)
    ada.add("Mine", claim=True)
    ada.add("Nobody's")
    ada.done(ada.add("Finished").id)
    shown = {view.task.title: view.stale for view in later(repo, 3).views()}
    assert shown == {"Mine": True, "Nobody's": False, "Finished": False}
    assert not any(view.stale for view in later(repo, 1).views())


def test_who_looks_is_not_silent(repo: Path) -> None:
    ledger_at(repo).add("Mine", claim=True)
    ada = later(repo, 3, session="ada")
    assert not ada.views()[0].stale
    assert ada.release_stale() == ()


def test_a_limit_that_cannot_be_hinders_claims_alone(repo: Path, git: RunGit) -> None:
    ada = ledger_at(repo)
    ada.add("Mine", claim=True)
    free = ada.add("Nobody's")
    git(repo, "config", "gitledger.maxClaims", "many")
    git(repo, "config", "gitledger.review", "allways")
    grace = later(repo, 3)
    assert [view.stale for view in grace.views()].count(True) == 1
    assert grace.next() == grace.task(free.id) == free
    assert grace.next_silence() is None
    with pytest.raises(InvalidInput):
        grace.claim(free.id)


def test_signs_of_life_are_not_looked_for_where_nobody_holds_anything(repo: Path) -> None:
    ada = ledger_at(repo)
    ada.add("Nobody's")
    ada.done(ada.add("Finished").id)
    with patch.object(Reader, "signs", side_effect=AssertionError):
        assert len(later(repo, 3).views()) == 2


def test_releasing_all_is_one_operation_and_none_where_nobody_is_stale(
    repo: Path, git: RunGit
) -> None:
    ada = ledger_at(repo)
    ids = {ada.add(title, claim=True).id for title in ("One", "Two")}
    before = len(subjects(git, ada))
    assert later(repo, 1).release_stale() == ()
    assert {task.id for task in later(repo, 3).release_stale()} == ids
    assert later(repo, 3).release_stale() == ()
    assert len(subjects(git, ada)) == before + 1
    assert {note.text for task in ada.tasks() for note in task.notes} == {
        "released from ada, silent for 2h"
    }


def test_a_transaction_knows_who_is_silent(repo: Path) -> None:
    ada = ledger_at(repo)
    ids = [ada.add(title, claim=True).id for title in ("One", "Two")]
    with pytest.raises(AlreadyClaimed), later(repo, 1).transaction("claim") as transaction:
        transaction.claim(ids[0], take_over=True)
    with later(repo, 3).transaction("claim") as transaction:
        for task_id in ids:
            assert transaction.claim(task_id, take_over=True).owner == "grace"
    assert {task.owner for task in ada.tasks()} == {"grace"}


def test_next_names_what_can_be_taken_over_only_when_asked(repo: Path) -> None:
    ada = ledger_at(repo)
    task = ada.add("Schema", claim=True)
    grace = later(repo, 3)
    with pytest.raises(NothingToTake):
        grace.next()
    assert grace.next(take_over=True).id == task.id
    found, why = grace.explain_next(take_over=True)
    assert found.id == task.id
    assert why == (
        "ada, who holds it, is silent for 2h.",
        "Nothing else can be done now.",
    )


def test_when_the_next_lease_ends(repo: Path) -> None:
    ada = ledger_at(repo)
    grace = later(repo, 0)
    assert grace.next_silence() is None
    ada.add("Schema", claim=True)
    claimed = ada.tasks()[0].claimed_at
    assert claimed
    assert later(repo, 1).next_silence() == claimed + 2 * HOUR
    assert later(repo, 3).next_silence() is None
    assert later(repo, 1, session="ada").next_silence() is None


def test_a_task_names_the_code_repository_where_the_ledger_is_in_another(
    repo: Path, make_repo: MakeRepo, git: RunGit
) -> None:
    ledger_at(repo)
    backend = make_repo("backend")
    git(backend, "config", "gitledger.repo", "../repo")
    there = Ledger.open(backend)
    assert there.add("API").metadata == {REPOSITORY: "backend"}
    with there.transaction("split") as transaction:
        assert transaction.add("Page").metadata == {REPOSITORY: "backend"}
    assert Ledger.open(repo).add("Schema").metadata == {}


def test_the_ledgers_own_repository_is_not_named_in_any_of_its_worktrees(
    repo: Path, git: RunGit
) -> None:
    ledger_at(repo)
    git(repo, "worktree", "add", "--quiet", "../side")
    assert Ledger.open(repo.parent / "side").add("Schema").metadata == {}
    git(repo, "config", "gitledger.repo", ".")
    assert Ledger.open(repo.parent / "side").add("Page").metadata == {}
