"""Sessions and messages of several machines: merged, and of one name told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger.binding import bind
from gitledger.core.dataclass import replace
from gitledger.core.draft import Draft
from gitledger.core.session import Session
from gitledger.ledger import Ledger
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import Team, place


@pytest.fixture
def team(make_repo: MakeRepo, bare: Path, git: RunGit) -> Team:
    return Team(make_repo, bare, git)


def register(ledger: Ledger, name: str, **values: str) -> Session:
    def verb(draft: Draft) -> Session:
        return draft.put_session(
            Session(name=name, id=draft.new_id(), started_at=draft.now, **values)
        )

    return ledger._do("session-start", verb)


def change(ledger: Ledger, name: str, **values: object) -> None:
    def verb(draft: Draft) -> Session:
        return draft.put_session(replace(draft.session(name), **values))

    ledger._do("session-edit", verb)


def test_sessions_and_messages_come_to_every_machine(team: Team) -> None:
    frontend = register(team.ada, "frontend", role="builder")
    told = team.ada._do("tell", lambda draft: draft.tell("all", "Hello"))
    team.grace.note(team.task.id, "meanwhile")
    team.meet()
    assert team.grace.snapshot().session("frontend") == frontend
    assert team.grace.snapshot().messages() == {told.id: told}


def test_what_both_machines_changed_of_a_session_is_merged(team: Team) -> None:
    register(team.ada, "frontend")
    team.meet()
    change(team.ada, "frontend", branch="one", role="builder")
    change(team.grace, "frontend", branch="two", lease="1h")
    team.meet()
    merged = team.grace.snapshot().session("frontend")
    assert merged is not None
    assert (merged.branch, merged.role, merged.lease) == ("one", "builder", "1h")


def test_of_two_sessions_of_one_name_the_unpublished_one_gets_a_suffix_with_its_claims(
    team: Team,
) -> None:
    theirs = register(team.ada, "frontend", host="one")
    mine = register(team.grace, "frontend", host="two")
    worker = Ledger.open(place(team.grace), session="frontend")
    worker.claim(team.task.id)
    worker.note(team.task.id, "mine")
    worker.release(team.other.id)
    worker.done(team.task.id)

    report = team.meet()

    assert report.sessions_renamed == {"frontend": "frontend-2"}
    assert report.conflicts == []
    registered = team.ada.snapshot().sessions()
    assert registered == {
        "frontend": theirs,
        "frontend-2": replace(mine, name="frontend-2"),
    }
    task = team.now()
    assert (task.owner, task.updated_by, task.status) == ("frontend-2", "frontend-2", "completed")
    assert [note.by for note in task.notes] == ["frontend-2"]
    sessions = {entry.operation.session for entry in team.ada.log(task.id)}
    assert sessions == {"ada", "frontend-2"}


def test_a_worktree_goes_on_as_the_session_under_its_new_name(team: Team) -> None:
    register(team.ada, "frontend")
    register(team.grace, "frontend")
    bind(place(team.grace) / ".git", "frontend")
    worker = Ledger.open(place(team.grace))
    worker.heartbeats.beat("frontend", worker.now())
    team.ada.sync()
    worker.sync()
    assert worker.session == Ledger.open(place(team.grace)).session == "frontend-2"
    assert worker.heartbeats.sessions() == ("frontend-2",)


def test_both_sessions_of_one_name_may_hold_tasks(team: Team) -> None:
    register(team.ada, "frontend")
    Ledger.open(place(team.ada), session="frontend").start(team.task.id)
    register(team.grace, "frontend")
    Ledger.open(place(team.grace), session="frontend").start(team.other.id)
    team.meet()
    assert team.now(team.task).owner == "frontend"
    assert team.now(team.other).owner == "frontend-2"
    assert team.kept(team.task) == team.kept(team.other) == []


def test_one_task_that_both_claimed_is_lost_under_the_new_name(team: Team) -> None:
    register(team.ada, "frontend")
    Ledger.open(place(team.ada), session="frontend").start(team.task.id)
    register(team.grace, "frontend")
    Ledger.open(place(team.grace), session="frontend").start(team.task.id)
    report = team.meet()
    assert [(lost.session, lost.owner) for lost in report.claims_lost] == [
        ("frontend-2", "frontend")
    ]


def test_a_session_that_has_ended_leaves_its_name_free(team: Team) -> None:
    register(team.ada, "frontend", host="one")
    change(team.ada, "frontend", ended_at=team.ada.now())
    mine = register(team.grace, "frontend", host="two")
    assert team.meet().sessions_renamed == {}
    assert team.ada.snapshot().session("frontend") == mine


def test_a_message_is_read_on_all_machines_by_whoever_read_it_on_one(team: Team) -> None:
    told = team.ada._do("tell", lambda draft: draft.tell("all", "Hello"))
    team.meet()
    for ledger in (team.ada, team.grace):
        read = replace(ledger.snapshot().messages()[told.id], read=(ledger.session,))
        ledger._do("inbox", lambda draft, read=read: draft.put_message(read))
    team.meet()
    assert team.ada.snapshot().messages()[told.id].read == ("ada", "grace")
