"""Claims across machines: tentative, confirmed, lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger.errors import (
    AlreadyClaimed,
    NotOwner,
)
from gitledger.ledger import Ledger
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import (
    Team,
    claim_state,
    clone,
    ledger_at,
    place,
    team_fixture,
)

team = team_fixture()


# -- claims ------------------------------------------------------------------------------------


def test_a_claim_is_tentative_until_it_is_published(team: Team) -> None:
    team.ada.claim(team.task.id)
    assert claim_state(team.ada, team.task) == ("ada", "tentative")
    team.ada.sync()
    assert claim_state(team.ada, team.task) == ("ada", "confirmed")
    team.grace.sync()
    assert claim_state(team.grace, team.task) == ("ada", "confirmed")


def test_without_a_remote_a_claim_is_confirmed_at_once(repo: Path) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Schema", claim=True)
    assert claim_state(ledger, task) == ("ada", "confirmed")


def test_with_a_remote_that_has_nothing_yet_it_is_not(make_repo: MakeRepo, bare: Path) -> None:
    ledger = clone(make_repo, bare, "ada")
    task = ledger.add("Schema", claim=True)
    assert claim_state(ledger, task) == ("ada", "tentative")


def test_with_several_remotes_the_one_that_has_the_list_confirms(
    make_repo: MakeRepo, bare: Path, git: RunGit
) -> None:
    ledger = clone(make_repo, bare, "ada")
    git(place(ledger), "remote", "rename", "origin", "upstream")
    git(place(ledger), "remote", "add", "backup", "../nowhere")
    ledger = Ledger.open(place(ledger), session="ada")
    task = ledger.add("Schema", claim=True)
    assert claim_state(ledger, task) == ("ada", "tentative")
    ledger.sync("upstream")
    assert claim_state(ledger, task) == ("ada", "confirmed")


def test_of_two_claims_the_published_one_wins_and_the_loser_is_told(team: Team) -> None:
    team.ada.claim(team.task.id)
    team.grace.start(team.task.id)
    team.grace.note(team.task.id, "half done")
    assert claim_state(team.grace, team.task) == ("grace", "tentative")
    report = team.meet()

    (lost,) = report.claims_lost
    assert (lost.task, lost.session, lost.owner) == (team.task.id, "grace", "ada")
    assert lost.at == team.now().claimed_at
    assert claim_state(team.grace, team.task) == ("ada", "confirmed")
    assert "half done" in [note.text for note in team.now().notes]
    assert [reply.note.field for reply in team.grace.inbox().replies] == ["owner"]
    with pytest.raises(NotOwner):
        team.grace.done(team.task.id)


def test_whoever_fetches_first_loses_the_claim_at_once(team: Team) -> None:
    team.ada.claim(team.task.id)
    team.ada.sync()
    team.grace.sync()
    with pytest.raises(AlreadyClaimed):
        team.grace.claim(team.task.id)


def test_claims_of_different_tasks_are_all_kept(team: Team) -> None:
    team.ada.claim(team.task.id)
    team.grace.claim(team.other.id)
    assert team.meet().claims_lost == []
    assert (team.now().owner, team.now(team.other).owner) == ("ada", "grace")
