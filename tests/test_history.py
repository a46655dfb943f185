"""The history: operations as they stand in the ref's commits."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from gitledger import history
from gitledger.index.operations import in_memory
from gitledger.tree import task_path
from tests.conftest import RunGit
from tests.ledgers import MAIN, commit_by_hand, ledger_at, numbered, ticking


def test_operations_come_newest_first_with_who_did_what_and_when(repo: Path) -> None:
    ledger = ledger_at(repo, random_bytes=numbered())
    ledger.add("Schema")
    ledger_at(repo, "grace").start("0000000001")

    start, add, init = ledger.log()
    assert (start.operation.name, start.operation.session) == ("start", "grace")
    assert start.operation.tasks == ("0000000001",)
    assert start.author == "Ada <ada@example.com>"
    assert start.commit == ledger.tip()
    assert (add.subject, add.at.isoformat()) == (
        "add 0000000001: Schema",
        "2026-01-01T00:00:01+00:00",
    )
    assert (init.operation.name, init.operation.tasks) == ("init", ())


def test_the_history_of_a_task_leaves_out_what_others_are_about(repo: Path) -> None:
    ledger = ledger_at(repo)
    schema, page = ledger.add("Schema"), ledger.add("Page")
    ledger.note(page.id, "Hello")
    with ledger.transaction("both") as transaction:
        transaction.claim(schema.id)
        transaction.claim(page.id)

    assert [entry.operation.name for entry in ledger.log(schema.id)] == ["both", "add"]
    assert [entry.operation.name for entry in ledger.log(page.id)] == ["both", "note", "add"]


def test_a_commit_by_hand_counts_by_what_it_changes(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo, random_bytes=numbered())
    ledger.add("Schema")
    other = ledger.add("Page")
    path = task_path("0000000001")
    tip = commit_by_hand(git, repo, f'100644 title = "By hand"\t{path}', message="fix a typo")

    newest = next(ledger.log("0000000001"))
    assert (newest.subject, newest.operation.session) == ("fix a typo", "")
    assert ledger.view("0000000001").revision == tip
    assert [entry.subject for entry in ledger.log(other.id)] == [f"add {other.id}: Page"]


def test_the_revision_of_a_task_is_the_commit_that_last_changed_it(repo: Path) -> None:
    ledger = ledger_at(repo)
    schema = ledger.add("Schema")
    made = ledger.tip()
    page = ledger.add("Page")
    last = ledger.tip()

    views = ledger.views([schema.id, page.id], revisions=True)
    assert [view.revision for view in views] == [made, last]


def test_a_message_that_names_a_task_which_its_commit_leaves_alone_is_not_believed(
    repo: Path, git: RunGit
) -> None:
    ledger = ledger_at(repo, random_bytes=numbered())
    with ledger.transaction("both") as transaction:
        transaction.add("Schema")
        transaction.add("Page")
    made = ledger.tip()
    message = git(repo, "log", "-1", "--format=%B", MAIN).replace("both", "edit")
    entry = f'100644 title = "Page 2"\t{task_path("0000000002")}'
    last = commit_by_hand(git, repo, entry, message=message)

    store = ledger.repository.store
    found = in_memory(store, last).revisions(["0000000001", "0000000002"])
    assert found == {"0000000001": made, "0000000002": last}
    assert [entry.commit for entry in ledger.log("0000000001")] == [made]


def test_a_task_that_nobody_ever_wrote_has_no_revision(repo: Path) -> None:
    ledger = ledger_at(repo)
    tip = ledger.tip() or ""
    assert in_memory(ledger.repository.store, tip).revisions(["zzzzzzzzzz"]) == {}


def test_a_handoff_says_to_whom_and_a_later_end_of_a_session_does_not(repo: Path) -> None:
    clock = ticking()
    ada, grace = ledger_at(repo, "ada", clock=clock), ledger_at(repo, "grace", clock=clock)
    for ledger in (ada, grace):
        ledger.start_session(ledger.session)
    task = ada.add("Schema", claim=True)
    ada.handoff(task.id, "grace", "please")
    grace.decline(task.id, "no time")
    ada.handoff(task.id, "role:tester", "please")
    ada.sessions.end("ada", release=True)

    told = [
        (entry.operation.name, entry.to) for entry in ada.log() if entry.operation.name != "add"
    ]
    assert told[:4] == [
        ("session-end", None),
        ("handoff", "role:tester"),
        ("decline", "ada"),
        ("handoff", "grace"),
    ]
    assert all(to is None for _, to in told[4:])


def test_the_end_of_a_session_says_to_whom_its_tasks_went(repo: Path) -> None:
    ada = ledger_at(repo, "ada")
    ada.start_session("ada")
    ada.start_session("grace")
    ada.add("Schema", claim=True)
    ada.sessions.end("ada", to="grace", text="over to you")
    assert next(ada.log()).to == "grace"


def test_operations_are_found_by_who_when_and_what(repo: Path) -> None:
    clock = ticking()
    ada, grace = ledger_at(repo, "ada", clock=clock), ledger_at(repo, "grace", clock=clock)
    task = ada.add("Schema")
    grace.note(task.id, "one")
    middle = grace.tip()
    ada.note(task.id, "two")
    grace.claim(task.id)
    operations = in_memory(ada.repository.store, ada.tip() or "")

    def found(**given: Any) -> list[tuple[str, str]]:
        return [
            (entry.operation.session, entry.operation.name)
            for entry in history.log(operations, **given)
        ]

    whole = found()
    assert whole == [
        ("grace", "claim"),
        ("ada", "note"),
        ("grace", "note"),
        ("ada", "add"),
        ("", "init"),
    ]
    assert found(task_id=task.id) == whole[:4]
    assert found(session="grace", name="note") == [whole[2]]
    assert found(after=middle) == whole[:2]
    assert found(agent="nobody") == []
    at = [entry.at for entry in history.log(operations)]
    assert found(since=at[2]) == whole[:3]
    assert found(since=at[2] + timedelta(milliseconds=1)) == whole[:2]
    assert found(until=at[2], limit=2) == whole[2:4]
