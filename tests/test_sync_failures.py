"""Sync where others are faster, where remotes fail, and beside all that is the user's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from unittest.mock import patch

import pytest

from gitledger.core.task import Task
from gitledger.errors import (
    InvalidInput,
    NewerFormat,
    NotFound,
    RemoteFailed,
)
from gitledger.ledger import Ledger
from gitledger.remote import Remote
from tests.ledgers import (
    MAIN,
    Team,
    claim_state,
    commit_by_hand,
    install_hook,
    interrupt,
    ledger_at,
    overtaken,
    place,
    team_fixture,
)

team = team_fixture()


# -- others are faster -------------------------------------------------------------------------


def test_a_push_that_came_too_late_is_done_again_on_what_is_there(team: Team) -> None:
    def ada_publishes(number: int) -> Callable[[], object]:
        return lambda: (team.ada.note(team.task.id, f"ada {number}"), team.ada.sync())

    team.grace.note(team.task.id, "grace")
    with overtaken(team.grace, *map(ada_publishes, range(8))) as pushed:
        report = team.grace.sync()

    assert len(pushed) == 9
    assert (report.pulled, report.pushed) == (8, 1)
    assert [note.text for note in team.grace.task(team.task.id).notes] == [
        *(f"ada {number}" for number in range(8)),
        "grace",
    ]


def test_a_claim_can_be_lost_in_the_last_moment(
    team: Team,
) -> None:
    team.grace.claim(team.task.id)
    with overtaken(team.grace, lambda: (team.ada.claim(team.task.id), team.ada.sync())):
        report = team.grace.sync()

    assert [lost.owner for lost in report.claims_lost] == ["ada"]
    assert claim_state(team.grace, team.task) == ("ada", "confirmed")


def test_an_id_that_is_taken_twice_is_reported_under_its_first_name(
    team: Team,
) -> None:
    source = {"system": "file", "list": "plan.md", "key": "1"}
    mine = team.grace.add("Mine", source=source)
    theirs: list[Task] = []

    def ada_publishes() -> None:
        theirs.append(team.ada.add("Mine", source=source))
        team.ada.sync()

    with overtaken(team.grace, ada_publishes):
        assert team.grace.sync().renamed == {mine.id: theirs[0].id}


def test_a_writer_in_the_same_repository_goes_on_during_a_sync(team: Team) -> None:
    other = Ledger.open(place(team.grace), session="grace-2")
    team.ada.note(team.task.id, "ada")
    team.ada.sync()
    team.grace.note(team.task.id, "grace")
    interrupt(team.grace, lambda: other.note(team.task.id, "meanwhile"))
    team.meet()
    assert [note.text for note in team.now().notes] == ["ada", "grace", "meanwhile"]


def test_what_is_written_between_replay_and_push_is_published_by_the_next_sync(
    team: Team,
) -> None:
    team.grace.note(team.task.id, "first")
    with overtaken(team.grace, lambda: team.grace.note(team.task.id, "second")):
        assert team.grace.sync().pushed == 1
    assert team.grace.sync().pushed == 1


def test_what_another_process_has_seen_further_on_is_not_taken_back(team: Team) -> None:
    other = Ledger.open(place(team.grace), session="grace-2")
    push = Remote.push

    def slower(remote: Remote, commit: str) -> None:
        push(remote, commit)
        if remote.git is team.grace.repository.git:
            team.ada.note(team.task.id, "ada")
            team.ada.sync()
            other.sync()

    team.grace.note(team.task.id, "grace")
    with patch.object(Remote, "push", slower):
        team.grace.sync()
    tracking = "refs/gitledger-remotes/origin/main"
    assert team.git(place(team.grace), "rev-parse", tracking) == team.published()


def test_a_sync_from_a_linked_worktree_is_the_same(team: Team) -> None:
    team.git(place(team.grace), "worktree", "add", "-q", "../linked")
    linked = Ledger.open(place(team.grace).parent / "linked", session="grace")
    linked.note(team.task.id, "from the worktree")
    assert linked.sync().pushed == 1
    assert team.grace.tip() == team.published()


# -- remotes that fail -------------------------------------------------------------------------


def test_a_remote_out_of_reach_leaves_all_in_place_and_says_what_is_unpublished(
    team: Team,
) -> None:
    team.grace.note(team.task.id, "one")
    team.grace.note(team.task.id, "two")
    tip = team.grace.tip()
    team.git(place(team.grace), "config", "remote.origin.url", "../gone.git")

    with pytest.raises(RemoteFailed) as error:
        Ledger.open(place(team.grace)).sync()

    assert error.value.exit_code == 6
    assert error.value.message == (
        "remote 'origin': there is no git repository at its address; 2 operations unpublished"
    )
    assert team.grace.tip() == tip
    team.git(place(team.grace), "config", "remote.origin.url", str(team.bare))
    assert Ledger.open(place(team.grace)).sync().pushed == 2


def test_a_declined_push_keeps_what_was_pulled_and_tells_of_lost_claims(team: Team) -> None:
    team.ada.claim(team.task.id)
    team.ada.sync()
    team.grace.claim(team.task.id)
    install_hook(team.bare, "pre-receive", "echo closed >&2; exit 1")

    with pytest.raises(RemoteFailed) as error:
        team.grace.sync()

    assert error.value.message == (
        "remote 'origin': a hook on the server declined the push;"
        " 1 operation unpublished; a claim was lost: git ledger inbox"
    )
    assert "closed" in error.value.detail
    assert team.grace.task(team.task.id).owner == "ada"
    install_hook(team.bare, "pre-receive", "exit 0")
    team.meet()
    assert team.kept() == ["grace"]


def test_a_push_that_is_refused_for_ever_is_given_up(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    monkeypatch.setattr("gitledger.exchange.sleep", pauses.append)
    (team.bare / f"{MAIN}.lock").touch()
    team.grace.note(team.task.id, "mine")

    with pytest.raises(RemoteFailed) as error:
        team.grace.sync()

    assert "the server could not update the ref; 1 operation unpublished" in error.value.message
    assert pauses == sorted(pauses)
    assert 1 < sum(pauses) < 10
    (team.bare / f"{MAIN}.lock").unlink()
    assert team.grace.sync().pushed == 1


def test_a_fetch_that_takes_too_long_is_given_up(team: Team, tmp_path: Path) -> None:
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 60\n")
    slow.chmod(0o755)
    team.git(place(team.grace), "config", "remote.origin.uploadpack", str(slow))
    team.grace.note(team.task.id, "mine")

    with pytest.raises(RemoteFailed, match="in time; 1 operation unpublished"):
        team.grace.sync(timeout=0.2)


def test_unpublished_work_is_not_put_on_a_newer_format(team: Team) -> None:
    commit_by_hand(team.git, place(team.ada), "100644 version = 2\n\tformat.toml")
    team.ada.sync()
    linus = team.join("linus")  # has nothing unpublished: what can be read is read
    assert linus.task(team.task.id) == team.task

    team.grace.note(team.task.id, "mine")
    tip = team.grace.tip()
    with pytest.raises(NewerFormat):
        team.grace.sync()
    assert team.grace.tip() == tip


# -- the remote's name -------------------------------------------------------------------------


def test_a_repository_without_a_remote_says_how_to_add_one(repo: Path) -> None:
    with pytest.raises(NotFound) as error:
        ledger_at(repo).sync()
    assert error.value.hint == "add it: git remote add origin URL"


@pytest.mark.parametrize("name", ["orign", "https://example.com/x.git", "ext::sh -c 'touch x'"])
def test_a_remote_that_is_none_is_not_contacted(team: Team, name: str) -> None:
    with pytest.raises(NotFound):
        team.grace.sync(name)


def test_a_name_that_is_an_option_is_refused_even_if_it_is_configured(team: Team) -> None:
    name = "--upload-pack=touch pwned"
    team.git(place(team.grace), "config", f"remote.{name}.url", str(team.bare))
    with pytest.raises(InvalidInput):
        Ledger.open(place(team.grace)).sync(name)
    assert not (place(team.grace) / "pwned").exists()


def test_a_default_remote_that_is_misconfigured_is_in_nobodys_way_until_it_is_used(
    team: Team,
) -> None:
    team.git(place(team.grace), "config", "gitledger.remote", "-x")
    grace = Ledger.open(place(team.grace))
    assert len(grace.views()) == 2
    with pytest.raises(InvalidInput):
        grace.sync()


# -- the user's own ----------------------------------------------------------------------------


def test_nothing_of_the_users_is_touched(team: Team) -> None:
    path = place(team.grace)
    team.git(team.bare, "branch", "news", "main")
    team.git(team.bare, "tag", "v9", "main")
    team.git(path, "config", "fetch.prune", "true")
    (path / ".git/FETCH_HEAD").write_text("the user's\n")
    (path / "hello.txt").write_text("changed\n")
    grace = Ledger.open(path, session="grace")
    grace.note(team.task.id, "mine")
    team.ada.note(team.task.id, "theirs")
    team.ada.sync()
    before = users_files(path)

    grace.sync()

    assert users_files(path) == before


def users_files(path: Path) -> dict[str, bytes]:
    files = (file for file in path.rglob("*") if file.is_file())
    ours = ("gitledger", "objects/")
    return {str(f): f.read_bytes() for f in files if not any(own in str(f) for own in ours)}
