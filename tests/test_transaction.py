"""A transaction: many verbs, one commit, or nothing at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger.errors import AlreadyClaimed, InvalidInput, NoSuchTask
from gitledger.transaction import Tape
from tests.conftest import RunGit
from tests.ledgers import commit_by_hand, interrupt, ledger_at, numbered, subjects


def test_many_verbs_are_one_commit_and_see_each_others_results(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo)
    with ledger.transaction("split") as transaction:
        parent = transaction.add("Sign-in", type="epic")
        first = transaction.add("Schema", parent=parent.id)
        second = transaction.add("Page", parent=parent.id, blocked_by=[first.id])
        transaction.start(first.id)
        assert transaction.task(first.id).status == "in_progress"

    assert subjects(git, ledger) == ["split 3 tasks"]
    assert ledger.task(second.id).blocked_by == (first.id,)
    assert ledger.task(first.id).owner == "ada"


def test_nothing_is_seen_outside_before_the_end(repo: Path) -> None:
    ledger, other = ledger_at(repo), ledger_at(repo, "grace")
    with ledger.transaction("split") as transaction:
        transaction.add("Schema")
        assert other.tasks() == ledger.tasks() == ()
    assert len(other.tasks()) == 1


def test_an_exception_inside_writes_nothing(repo: Path) -> None:
    ledger = ledger_at(repo)
    tip = ledger.tip()
    with pytest.raises(ZeroDivisionError), ledger.transaction("split") as transaction:
        raise ZeroDivisionError(transaction.add("Schema").title)
    assert ledger.tip() == tip


def test_a_verb_that_fails_leaves_no_trace_and_the_others_stand(repo: Path) -> None:
    ledger = ledger_at(repo)
    with ledger.transaction("split") as transaction:
        kept = transaction.add("Schema")
        with pytest.raises(NoSuchTask):
            transaction.add("Page", blocked_by=["zzzz"])
    assert ledger.tasks() == (kept,)


def test_without_any_change_nothing_is_written(repo: Path) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Schema", claim=True)
    tip = ledger.tip()
    with ledger.transaction("nothing") as transaction:
        transaction.claim(task.id)
    assert ledger.tip() == tip


def test_a_transaction_that_has_ended_takes_no_more_verbs(repo: Path) -> None:
    ledger = ledger_at(repo)
    with ledger.transaction("split") as transaction:
        transaction.add("Schema")
    with pytest.raises(InvalidInput, match="ended"):
        transaction.add("Page")
    with pytest.raises(ZeroDivisionError), ledger.transaction("split") as broken:
        raise ZeroDivisionError
    with pytest.raises(InvalidInput, match="ended"):
        broken.add("Page")


def test_a_tip_that_moves_during_the_transaction_keeps_both_with_the_same_ids(
    repo: Path, git: RunGit
) -> None:
    ledger, other = ledger_at(repo), ledger_at(repo, "grace")
    task = ledger.add("Schema")
    with ledger.transaction("split") as transaction:
        page = transaction.add("Page", blocked_by=[task.id])
        transaction.note(task.id, "split off")
        other.note(task.id, "in between")

    assert [note.text for note in ledger.task(task.id).notes] == ["in between", "split off"]
    assert ledger.task(page.id).title == "Page"
    assert len(subjects(git, ledger)) == 3


def test_ids_stay_even_if_an_earlier_verb_now_takes_more_of_them(repo: Path) -> None:
    ledger, other = ledger_at(repo, random_bytes=numbered()), ledger_at(repo, "grace")
    task = ledger.add("Schema")
    with ledger.transaction("take") as transaction:
        transaction.start(task.id, force=True)
        page = transaction.add("Page")
        other.claim(task.id)  # now the start takes the task over, which a note records

    taken = ledger.task(task.id)
    assert taken.owner == "ada"
    assert [note.text for note in taken.notes] == ["taken over from grace with --force"]
    assert [task.title for task in ledger.tasks() if task.id == page.id] == ["Page"]


def test_a_claim_that_is_no_longer_possible_fails_at_the_end_and_writes_nothing(
    repo: Path,
) -> None:
    ledger, other = ledger_at(repo), ledger_at(repo, "grace")
    task = ledger.add("Schema")

    def take() -> None:
        with ledger.transaction("take") as transaction:
            assert transaction.claim(task.id).owner == "ada"
            transaction.add("Page")
            other.claim(task.id)

    with pytest.raises(AlreadyClaimed) as error:
        take()
    assert error.value.owner == "grace"
    assert [(task.title, task.owner) for task in ledger.tasks()] == [("Schema", "grace")]


# -- compare-and-swap: another writer between read and move --------------------------------------


def test_a_note_is_added_on_top_of_whatever_came_in_between(repo: Path, git: RunGit) -> None:
    ledger, other = ledger_at(repo), ledger_at(repo, "grace")
    task = ledger.add("Schema")
    texts = [f"{number} in between" for number in range(5)]
    interrupt(ledger, *(lambda text=text: other.note(task.id, text) for text in texts))

    noted = ledger.note(task.id, "mine")

    assert [note.text for note in noted.notes] == [*texts, "mine"]
    assert ledger.task(task.id) == noted
    assert len(subjects(git, ledger)) == 7


def test_of_two_claims_at_the_same_moment_one_wins(repo: Path, git: RunGit) -> None:
    ledger, other = ledger_at(repo), ledger_at(repo, "grace")
    task = ledger.add("Schema")
    interrupt(ledger, lambda: other.claim(task.id))

    with pytest.raises(AlreadyClaimed) as error:
        ledger.claim(task.id)

    assert error.value.owner == "grace"
    assert subjects(git, ledger)[0] == f"claim {task.id}: Schema"
    assert ledger.task(task.id).owner == "grace"


def test_the_next_task_is_another_one_when_the_first_is_taken_in_between(repo: Path) -> None:
    ledger, other = ledger_at(repo), ledger_at(repo, "grace")
    first, second = ledger.add("Schema", priority="P0"), ledger.add("Page")
    interrupt(ledger, other.claim_next)

    assert ledger.claim_next().id == second.id
    assert ledger.task(first.id).owner == "grace"


def test_a_task_that_is_removed_in_between_is_not_there_any_more(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo, random_bytes=numbered())
    ledger.add("Schema")
    interrupt(ledger, lambda: commit_by_hand(git, repo, "0 -\ttasks/0/0/0000000001.toml"))
    with pytest.raises(NoSuchTask):
        ledger.note("0000000001", "Hello")
    assert ledger.tasks() == ()


def test_two_new_tasks_at_the_same_moment_never_share_an_id(repo: Path) -> None:
    ledger, other = (
        ledger_at(repo, random_bytes=numbered()),
        ledger_at(repo, random_bytes=numbered()),
    )
    interrupt(ledger, lambda: other.add("Theirs"))

    mine = ledger.add("Mine")

    assert mine.id == "0000000002"
    assert [task.title for task in ledger.tasks()] == ["Theirs", "Mine"]


# -- the tape ------------------------------------------------------------------------------------


def test_a_reel_plays_what_was_recorded_and_goes_on_with_what_is_fresh() -> None:
    tape, reel = Tape(numbered()), list[bytes]()
    tape.play(reel)
    first = [tape.draw(2), tape.draw(2)]
    tape.play([])
    tape.draw(2)
    tape.play(reel)
    assert [tape.draw(2), tape.draw(2)] == first
    assert tape.draw(2) == (4).to_bytes(2, "big")
