"""Signs of life: from tasks, the history, and heartbeats."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from unittest.mock import patch

from gitledger.index import commits
from gitledger.index.operations import in_memory
from gitledger.ledger import Ledger
from gitledger.signs import Signs
from gitledger.snapshot import Snapshot
from gitledger.store.base import Commit
from tests.ledgers import NEW_YEAR, ledger_at, place

HOUR = timedelta(hours=1)
LEASE = timedelta(hours=2)


class At:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NEW_YEAR

    def __call__(self) -> datetime:
        return self.now


def sessions(repo: Path, at: At, *names: str) -> list[Ledger]:
    return [ledger_at(repo, name, clock=at) for name in names]


def test_a_session_that_holds_a_task_is_silent_after_its_lease(repo: Path) -> None:
    at = At()
    ada, grace = sessions(repo, at, "ada", "grace")
    task = ada.add("Schema")
    ada.claim(task.id)
    at.now += LEASE
    assert grace.silent() == {}
    at.now += HOUR
    assert grace.silent() == {"ada": LEASE + HOUR}


def test_who_holds_nothing_unfinished_is_never_silent(repo: Path) -> None:
    at = At()
    ada, grace = sessions(repo, at, "ada", "grace")
    ada.done(ada.add("Schema").id)
    ada.add("Page")
    at.now += 9 * HOUR
    assert grace.silent() == {}


def test_any_operation_is_a_sign_of_life_also_one_that_others_have_written_over(repo: Path) -> None:
    at = At()
    ada, grace = sessions(repo, at, "ada", "grace")
    ada.claim(ada.add("Schema").id)
    page = ada.add("Page")
    at.now += 3 * HOUR
    ada.edit(page.id, priority="P1")
    assert grace.silent() == {}
    grace.edit(page.id, priority="P0")  # no task tells of ada's edit any more
    at.now += HOUR
    assert grace.silent() == {}
    at.now += 2 * HOUR
    assert grace.silent() == {"ada": 3 * HOUR}


def test_a_heartbeat_is_a_sign_of_life_and_makes_no_commit(repo: Path) -> None:
    at = At()
    ada, grace = sessions(repo, at, "ada", "grace")
    ada.claim(ada.add("Schema").id)
    tip = ada.tip()
    at.now += 9 * HOUR
    ada.heartbeats.beat("ada", at.now)
    at.now += HOUR
    assert grace.silent() == {}
    assert ada.tip() == tip


def test_the_lease_is_a_setting(repo: Path) -> None:
    at = At()
    with (repo / ".git" / "config").open("a") as config:
        config.write("[gitledger]\n\tlease = 30m\n")
    ada, grace = sessions(repo, at, "ada", "grace")
    ada.claim(ada.add("Schema").id)
    at.now += HOUR
    assert grace.silent() == {"ada": HOUR}
    assert Ledger.open(place(grace), clock=at).policy.lease == timedelta(minutes=30)


def test_what_is_handed_to_a_session_counts_from_then_on(repo: Path) -> None:
    at = At()
    ada, grace, linus = sessions(repo, at, "ada", "grace", "linus")
    ada.start_session("ada")
    grace.start_session("grace")
    task = ada.add("Schema", claim=True)
    at.now += 9 * HOUR
    ada.handoff(task.id, "grace", "please")
    at.now += LEASE
    assert linus.silent() == {}
    at.now += HOUR
    assert linus.silent() == {"grace": LEASE + HOUR}


def test_a_session_that_holds_nothing_was_last_heard_of_when_it_last_did_something(
    repo: Path,
) -> None:
    at = At()
    ada, grace = sessions(repo, at, "ada", "grace")
    ada.start_session("ada")
    at.now += 9 * HOUR
    ada.add("Schema")
    at.now += 3 * HOUR
    assert grace.silent(everybody=True) == {"ada": 3 * HOUR}
    assert grace.signs().seen(["ada", "nobody"]) == {"ada": at.now - 3 * HOUR}
    assert grace.signs().acted_since({"ada": NEW_YEAR + 8 * HOUR}) == {"ada"}
    assert grace.signs().acted_since({"ada": NEW_YEAR + 9 * HOUR}) == frozenset()


def test_operations_are_looked_for_as_far_back_as_they_matter(repo: Path) -> None:
    at = At()
    ada, grace = sessions(repo, at, "ada", "grace")
    for number in range(9):
        ada.add(f"Old {number}")
    task = ada.add("Schema", claim=True)
    for _ in range(9):
        grace.note(task.id, "old")
    at.now += 9 * HOUR
    for _ in range(3):
        grace.note(task.id, "new")
    store, tip = grace.repository.store, grace.tip() or ""
    read: list[str] = []
    history = store.history

    def noted(tip: str) -> Iterator[Commit]:
        for commit in history(tip):
            read.append(commit.id)
            yield commit

    def signs() -> Signs:
        read.clear()
        return Signs(Snapshot(store, tip), grace.heartbeats, at.now, LEASE, in_memory(store, tip))

    with patch.object(store, "history", noted), patch.object(commits, "MANY", 2):
        assert signs().silences(["ada"], exact=False) == {"ada": 9 * HOUR}
        assert len(read) == 5
        assert signs().silences(["ada"]) == {"ada": 9 * HOUR}
        assert len(read) == 15  # down to the claim
