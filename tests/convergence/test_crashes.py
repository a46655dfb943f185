"""Crashes do what they say: the process dies at its step, and not at a later one."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger.ledger import Ledger
from tests.conftest import MakeRepo
from tests.crashes import Crash, crashing
from tests.ledgers import clone, ledger_at, place


@pytest.mark.parametrize(
    ("step", "there"), [(0, False), (1, False), (2, False), (3, True)], ids="0123"
)
def test_a_verb_dies_before_and_after_its_commit_and_its_move(
    repo: Path, step: int, there: bool
) -> None:
    ledger = ledger_at(repo)
    with pytest.raises(Crash), crashing(ledger, step):
        ledger.add("Schema")
    with pytest.raises(Crash):
        ledger.tasks()
    assert [task.title for task in Ledger.open(repo).tasks()] == ["Schema"] * there


def test_with_fewer_steps_the_process_lives_on(repo: Path) -> None:
    ledger = ledger_at(repo)
    with crashing(ledger, 4):
        ledger.add("Schema")
    assert [task.title for task in ledger.tasks()] == ["Schema"]


def test_a_server_may_take_a_push_of_which_its_sender_never_hears(
    make_repo: MakeRepo, bare: Path
) -> None:
    ledger = clone(make_repo, bare, "ada")
    task = ledger.add("Schema", claim=True)
    with pytest.raises(Crash), crashing(ledger, 3):  # right after the second step: fetch, push
        ledger.sync()
    again = Ledger.open(place(ledger), session="ada")
    assert ledger_at(bare, "remote").tip() == again.tip()
    (claim,) = (view.claim for view in again.views())
    assert claim is not None
    assert claim.state == "tentative"
    again.sync()
    (claim,) = (view.claim for view in again.views([task.id]))
    assert claim is not None
    assert claim.state == "confirmed"
