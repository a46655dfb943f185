"""The verbs of sessions: each is one operation, decided again when the list has moved on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from gitledger.errors import AlreadyClaimed, NothingToTake
from gitledger.ledger import Ledger
from tests.conftest import RunGit
from tests.ledgers import interrupt, ledger_at


def silence(ledger: Ledger, monkeypatch: pytest.MonkeyPatch, **hours: int) -> None:
    """Let a ledger find sessions silent."""
    spans: Mapping[str, timedelta] = {n: timedelta(hours=h) for n, h in hours.items()}
    monkeypatch.setattr(ledger, "_silent", lambda: spans)


def test_a_task_is_handed_off_declined_and_accepted(repo: Path, git: RunGit) -> None:
    ada, grace = ledger_at(repo, "ada"), ledger_at(repo, "grace")
    grace.start_session("grace")
    task = ada.add("Write the docs", claim=True)
    ada.handoff(task.id, "grace", "the index is left")
    assert grace.decline(task.id, "no time").owner == "ada"
    ada.handoff(task.id, "grace", "please")
    accepted = grace.accept(task.id)
    assert (accepted.owner, accepted.status) == ("grace", "in_progress")
    assert accepted.notes == Ledger.open(repo).task(task.id).notes


def test_what_is_told_is_read_once(repo: Path) -> None:
    ada, grace = ledger_at(repo, "ada"), ledger_at(repo, "grace")
    grace.start_session("grace")
    ada.tell("grace", "Lunch?")
    assert [message.text for message in grace.read_inbox()] == ["Lunch?"]
    tip = grace.tip()
    assert grace.read_inbox() == ()
    assert grace.tip() == tip


def test_stale_claims_are_taken_over_and_released(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, grace = ledger_at(repo, "ada"), ledger_at(repo, "grace")
    tasks = [ada.add(f"Task {number}", claim=True) for number in range(3)]
    with pytest.raises(AlreadyClaimed):
        grace.claim(tasks[0].id, take_over=True)
    silence(grace, monkeypatch, ada=3)
    with pytest.raises(NothingToTake):
        grace.claim_next()
    assert grace.claim(tasks[0].id, take_over=True).owner == "grace"
    grace.start(tasks[0].id)
    assert grace.claim_next(take_over=True).id in {task.id for task in tasks[1:]}
    assert len(grace.release_stale()) == 1


def test_a_session_that_came_back_meanwhile_keeps_its_claim(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, grace = ledger_at(repo, "ada"), ledger_at(repo, "grace")
    task = ada.add("Write the docs", claim=True)
    silence(grace, monkeypatch, ada=3)

    def back() -> None:
        ada.progress(task.id, 50)
        silence(grace, monkeypatch)

    interrupt(grace, back)
    with pytest.raises(AlreadyClaimed):
        grace.claim(task.id, take_over=True)
