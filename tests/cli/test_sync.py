"""`git ledger sync`: what it asks, and what it exits with."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger.ledger import Ledger
from gitledger.tree import task_path
from tests.cli.program import Program
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import MAIN, Team, commit_by_hand, place


@pytest.fixture
def team(make_repo: MakeRepo, bare: Path, git: RunGit) -> Team:
    team = Team(make_repo, bare, git)
    for number in range(6):
        team.ada.add(f"Task {number}")
    team.ada.sync()
    team.grace.sync()
    return team


@pytest.fixture
def cli(team: Team, cli: Program) -> Program:
    """The program in Grace's clone."""
    return Program(place(team.grace), {**cli.environ, "GITLEDGER_SESSION": "grace"})


def remove(team: Team, ledger: Ledger, count: int) -> None:
    ids = [task.id for task in ledger.tasks() if task.title.startswith("Task")][:count]
    commit_by_hand(team.git, place(ledger), *(f"0 -\t{task_path(each)}" for each in ids))


def titles(ledger: Ledger) -> int:
    return sum(task.title.startswith("Task") for task in ledger.tasks())


# -- deletions ---------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["here", "on remote 'origin'"])
def test_many_deletions_are_refused_where_nobody_can_be_asked(
    team: Team, cli: Program, side: str
) -> None:
    team.ada.claim(team.task.id)
    team.grace.claim(team.task.id)
    remove(team, team.ada if side == "here" else team.grace, 6)
    team.ada.sync(allow_deletions=True)
    before, there = team.grace.tip(), team.published()

    result = cli("sync")

    assert result.code == 1
    assert f"error: this sync would remove 6 tasks {side}: " in result.stderr
    assert "hint: if that is meant: git ledger sync --yes" in result.stderr
    assert (team.grace.tip(), team.published()) == (before, there)
    result = cli("sync", "--yes")
    assert result.code == 4  # what a merge comes to is told when it is done, not lost
    assert "claim lost" in result.stdout
    assert titles(team.grace) == 0
    assert team.published() == team.grace.tip()


@pytest.mark.parametrize("side", ["here", "there"])
def test_some_deletions_pass(team: Team, cli: Program, side: str) -> None:
    remove(team, team.ada if side == "here" else team.grace, 5)
    team.ada.sync()
    assert cli("sync").code == 0
    assert titles(team.grace) == 1


@pytest.mark.parametrize(("typed", "left"), [("y\n", 0), ("n\n", 6), ("", 6)])
def test_on_a_terminal_many_deletions_are_asked_for(
    team: Team, cli: Program, typed: str, left: int
) -> None:
    remove(team, team.ada, 6)
    team.ada.sync(allow_deletions=True)
    result = cli("sync", stdin=typed, terminal=True)
    assert "Remove them? [y/N] " in result.stderr
    assert result.code == (1 if left else 0)
    assert titles(team.grace) == left


def test_a_claim_that_is_synced_meets_them_too(team: Team, cli: Program) -> None:
    remove(team, team.ada, 6)
    team.ada.sync(allow_deletions=True)
    result = cli("claim", team.task.id, "--sync")
    assert result.code == 1
    assert "git ledger sync --yes" in result.stderr
    assert titles(team.grace) == 6


# -- claims that are confirmed -----------------------------------------------------------------


@pytest.mark.parametrize("verb", ["claim", "start"])
def test_what_was_given_back_elsewhere_is_claimed_although_nobody_has_told_us(
    team: Team, cli: Program, verb: str
) -> None:
    team.ada.claim(team.task.id)
    team.meet()
    team.ada.release(team.task.id)
    team.ada.sync()
    assert cli(verb, team.task.id).code == 4  # as far as is known here, Ada has it
    cli.ok(verb, team.task.id, "--sync")
    assert team.grace.task(team.task.id).owner == "grace"
    assert team.published() == team.grace.tip()


def test_what_is_held_elsewhere_still_is_refused_by_what_the_remote_says_now(
    team: Team, cli: Program
) -> None:
    team.ada.claim(team.task.id)
    team.meet()
    team.ada.release(team.task.id)
    team.ada.sync()
    linus = team.join("linus")
    linus.claim(team.task.id)
    linus.sync()
    result = cli("claim", team.task.id, "--sync")
    assert result.code == 4
    assert "is claimed by linus" in result.stderr


def test_a_conflict_is_found_on_a_task_that_is_finished_too(team: Team, cli: Program) -> None:
    team.ada.done(team.task.id)
    team.ada.sync()
    team.grace.start(team.task.id)
    assert cli("sync").code == 4
    assert team.task.title in cli.ok("list", "is:conflicted").stdout
    assert team.task.title not in cli.ok("list").stdout
    cli.ok("resolve", team.task.id)
    assert team.task.title not in cli.ok("list", "is:conflicted").stdout


# -- what it exits with ------------------------------------------------------------------------


@pytest.mark.parametrize(("session", "code"), [("grace", 4), ("grace-2", 0)])
def test_only_the_callers_own_lost_claim_is_an_exit_code(
    team: Team, cli: Program, session: str, code: int
) -> None:
    team.ada.claim(team.task.id)
    team.ada.sync()
    Ledger.open(place(team.grace), session=session).claim(team.task.id)
    result = cli("sync")
    assert result.code == code
    assert f"ada has it, just now, not {session}" in result.stdout or "claim lost" in result.stdout
    inbox = Ledger.open(place(team.grace), session=session).inbox()
    assert [reply.note.field for reply in inbox.replies] == ["owner"]


def test_a_claim_on_a_task_that_is_gone_is_told_by_its_id(team: Team, cli: Program) -> None:
    task = team.grace.add("Only here")
    team.grace.claim(task.id)
    team.grace.sync()
    tip = team.grace.tip() or ""
    team.git(team.bare, "update-ref", MAIN, f"{MAIN}~2")
    result = cli("sync", "--accept-remote")
    assert result.code == 4, result.stderr
    assert f"claim lost: {task.id}: nobody has it any more, not grace" in result.stdout

    for ref in (MAIN, "refs/gitledger-remotes/origin/main"):  # as it was before, for programs
        team.git(place(team.grace), "update-ref", ref, tip)
    (lost,) = cli("sync", "--accept-remote", "--json").json["claims_lost"]
    assert (lost["task"], lost["session"], lost["owner"]) == (task.id, "grace", None)


# -- names that another machine has -------------------------------------------------------------


def test_a_session_whose_name_was_taken_elsewhere_is_told_its_new_one(
    team: Team, cli: Program
) -> None:
    there = Program(place(team.ada), {**cli.environ, "GITLEDGER_SESSION": "ada"})
    there.ok("session", "start", "builder", "--lease", "1h")
    cli.ok("session", "start", "builder", "--lease", "2h")
    there.ok("sync")
    result = cli.ok("sync")
    assert "session builder is now builder-2: another machine has that name\n" in result.stdout
    assert cli.ok("sync", "--json").json["sessions_renamed"] == {}
