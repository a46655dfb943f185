"""Remotes that refuse, break off or say nothing: a sentence for each, and all stays as it was."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from gitledger.core.text import escape
from gitledger.errors import RemoteFailed
from gitledger.ledger import Ledger
from gitledger.remote import Remote
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import MAIN, Team, install_hook, ledger_at, place

TRACKING = "refs/gitledger-remotes/origin/main"


@pytest.fixture
def team(make_repo: MakeRepo, bare: Path, git: RunGit) -> Team:
    """Both sides have something that the other has not."""
    team = Team(make_repo, bare, git)
    team.ada.note(team.task.id, "theirs")
    team.ada.sync()
    team.grace.note(team.task.id, "mine")
    return team


def failure(ledger: Ledger, **given: float) -> RemoteFailed:
    with pytest.raises(RemoteFailed) as error:
        ledger.sync(**given)  # type: ignore[arg-type]  # a timeout is all that is given here
    assert error.value.exit_code == 6
    assert all(line == escape(line) for line in error.value.detail.splitlines())
    return error.value


def hooked(name: str, script: str) -> Callable[[Team], object]:
    return lambda team: install_hook(team.bare, name, script)


def configured(key: str, value: str) -> Callable[[Team], object]:
    return lambda team: team.git(team.bare, "config", key, value)


def occupied(team: Team) -> None:
    """Let the list stand below a branch's name."""
    team.git(team.bare, "branch", "gitledger", "main")
    for ledger in (team.ada, team.grace):
        key = "gitledger.origin.namespace"
        team.git(place(ledger), "config", key, "refs/heads/gitledger")


LONG = "i=0; while [ $i -lt 300 ]; do echo 'no, no, no'; i=$((i+1)); done; exit 1"
REFUSALS = {
    "pre-receive": (hooked("pre-receive", "exit 1"), "a hook on the server declined the push"),
    "update": (hooked("update", "exit 1"), "a hook on the server declined the push"),
    "long": (hooked("pre-receive", LONG), "a hook on the server declined the push"),
    "escapes": (
        hooked("pre-receive", r"printf '\033]0;x\007\033[31m\302\233 \342\200\256 no\r\n'; exit 1"),
        "a hook on the server declined the push",
    ),
    "size": (
        configured("receive.maxInputSize", "100"),
        "the server does not accept as much at once",
    ),
    "hidden": (
        configured("receive.hideRefs", "refs/gitledger"),
        "the server does not accept refs of the ledger's name space",
    ),
    "name": (occupied, "the ref refs/heads/gitledger stands in the way there"),
}


@pytest.mark.parametrize("why", REFUSALS)
def test_a_refusal_is_one_sentence_of_ours(team: Team, why: str) -> None:
    refuse, said = REFUSALS[why]
    refuse(team)
    there = team.git(team.bare, "for-each-ref")
    error = failure(ledger_at(place(team.grace), "grace"))
    assert error.message == f"remote 'origin': {said}; 1 operation unpublished"
    assert team.git(team.bare, "for-each-ref") == there
    assert "100%" not in error.detail


def test_the_way_out_of_a_name_that_is_taken_works(team: Team) -> None:
    occupied(team)
    grace = ledger_at(place(team.grace), "grace")
    hint = failure(grace).hint or ""
    command = hint.partition(": git ")[2].split()
    team.git(place(grace), *command)
    assert ledger_at(place(grace), "grace").sync().pushed == 3
    assert team.git(team.bare, "rev-parse", "refs/heads/gitledger-lists/main") == grace.tip()


def test_a_server_that_takes_no_rewriting_takes_every_sync(team: Team) -> None:
    for key in ("receive.denyNonFastForwards", "receive.denyDeletes"):
        team.git(team.bare, "config", key, "true")
    team.meet()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.parametrize("may", ["nothing", "read"])
def test_permissions_that_are_missing_are_named(team: Team, may: str) -> None:
    """The server's programs run as somebody who may read the repository, or not even that."""
    chown = ["chmod", "-R", "a+rX,go-w" if may == "read" else "go-rwx", str(team.bare)]
    subprocess.run(chown, check=True)
    for folder in team.bare.parents[:-2]:
        folder.chmod(0o755)
    for program in ("uploadpack", "receivepack"):
        name = f"git-{program.removesuffix('pack')}-pack"
        script = team.bare.parent / program
        script.write_text(
            "#!/bin/sh\nexport GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_COUNT=1"
            " GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'\n"
            f'exec setpriv --reuid=65534 --regid=65534 --clear-groups {name} "$@"\n'
        )
        script.chmod(0o755)
        team.git(place(team.grace), "config", f"remote.origin.{program}", str(script))
    error = failure(ledger_at(place(team.grace), "grace"))
    wanted = "permission denied" if may == "read" else "there is no git repository at its address"
    assert wanted in error.message, error.detail
    assert error.message.endswith("1 operation unpublished")


@pytest.mark.parametrize("where", ["there", "here"])
def test_a_lock_file_that_a_killed_git_left_is_named(
    team: Team, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("exchange", "remote"):
        monkeypatch.setattr(f"gitledger.{module}.sleep", lambda seconds: None)
    path = team.bare / f"{MAIN}.lock"
    if where == "here":
        path = place(team.grace) / ".git" / f"{TRACKING}.lock"
    path.touch()
    error = failure(team.grace)
    said = {
        "there": "the server could not update the ref",
        "here": "its tracking ref is locked here",
    }
    assert error.message == f"remote 'origin': {said[where]}; 1 operation unpublished"
    hint = error.hint or ""
    subprocess.run(["sh", "-c", hint[hint.index("rm '") :]], check=True)
    assert not path.exists()
    team.meet()


def test_a_push_address_that_is_another_repository_is_said(
    team: Team, make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitledger.exchange.sleep", lambda seconds: None)
    other = make_repo("elsewhere")
    team.git(other, "fetch", "-q", str(place(team.ada)), f"{MAIN}:{MAIN}")
    team.ada.note(team.task.id, "more")
    team.git(other, "fetch", "-q", str(place(team.ada)), f"{MAIN}:{MAIN}")
    team.git(place(team.grace), "config", "remote.origin.pushurl", str(other))
    error = failure(ledger_at(place(team.grace), "grace"))
    assert "where it is pushed to, there is more than where it is fetched from" in error.message


# -- cut in the middle -------------------------------------------------------------------------

CUT = """\
#!{python} -SE
import os, subprocess, sys
left = {bytes}
pipe = {{"std{side}": subprocess.PIPE}}
server = subprocess.Popen(["git", {program!r}, *sys.argv[1:]], **pipe)
if server.stdin:
    while left and (piece := os.read(0, left)):
        os.write(server.stdin.fileno(), piece)
        left -= len(piece)
else:
    while left and (piece := os.read(server.stdout.fileno(), left)):
        os.write(1, piece)
        left -= len(piece)
server.kill()
"""


def cut(team: Team, program: str, side: str, size: int) -> None:
    """Let the connection break after so many bytes, from the server (out) or to it (in)."""
    script = team.bare.parent / "cut"
    script.write_text(CUT.format(python=sys.executable, bytes=size, program=program, side=side))
    script.chmod(0o755)
    key = program.replace("-", "")
    team.git(place(team.grace), "config", f"remote.origin.{key}", str(script))


SIZES = (0, 3, 4, 50, 200, 450, 600, 900)


@pytest.mark.parametrize("size", SIZES)
def test_a_fetch_that_is_cut_leaves_all_as_it_was(team: Team, size: int) -> None:
    before = team.git(place(team.grace), "for-each-ref")
    cut(team, "upload-pack", "out", size)
    error = failure(ledger_at(place(team.grace), "grace"))
    assert error.message == "remote 'origin': the connection broke off; 1 operation unpublished"
    assert team.git(place(team.grace), "for-each-ref") == before
    team.git(place(team.grace), "config", "--unset", "remote.origin.uploadpack")
    team.meet()


@pytest.mark.parametrize("side", ["in", "out"])
@pytest.mark.parametrize("size", [0, 3, 150, 250])
def test_a_push_that_is_cut_is_made_up_for_by_the_next_one(
    team: Team, side: str, size: int
) -> None:
    cut(team, "receive-pack", side, size)
    tracking = team.git(place(team.ada), "rev-parse", TRACKING)
    error = failure(ledger_at(place(team.grace), "grace"))
    assert error.message == "remote 'origin': the connection broke off; 1 operation unpublished"
    assert team.git(place(team.grace), "rev-parse", TRACKING) == tracking
    team.git(place(team.grace), "config", "--unset", "remote.origin.receivepack")
    team.meet()
    assert {note.text for note in team.now().notes} == {"theirs", "mine"}


# -- slow --------------------------------------------------------------------------------------


def slow(team: Team, key: str) -> Callable[[], bool]:
    """Let a side of the remote never answer, and return what tells whether it is gone."""
    script, pipe = team.bare.parent / "slow", team.bare.parent / "alive"
    os.mkfifo(pipe)
    end = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    script.write_text(f"#!/bin/sh\nexec 3>'{pipe}'\nsleep 60 & wait\n")
    script.chmod(0o755)
    team.git(place(team.grace), "config", f"remote.origin.{key}", str(script))

    def gone() -> bool:
        readable, _, _ = select.select([end], [], [], 10)
        return bool(readable) and os.read(end, 1) == b""

    return gone


@pytest.mark.parametrize("key", ["uploadpack", "receivepack"])
def test_a_timeout_holds_for_fetch_and_push_and_ends_all_that_was_started(
    team: Team, key: str
) -> None:
    gone = slow(team, key)
    error = failure(ledger_at(place(team.grace), "grace"), timeout=1.5)
    assert error.message == "remote 'origin': it did not answer in time; 1 operation unpublished"
    assert gone()
    team.git(place(team.grace), "config", "--unset", f"remote.origin.{key}")
    team.meet()


@pytest.mark.parametrize("key", ["uploadpack", "receivepack"])
def test_without_a_timeout_a_remote_without_a_sign_of_life_is_given_up(
    team: Team, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitledger.remote._SILENCE", 0.5)
    gone = slow(team, key)
    error = failure(ledger_at(place(team.grace), "grace"))
    assert error.message == "remote 'origin': it did not answer in time; 1 operation unpublished"
    assert gone()


def test_whatever_git_says_is_a_sign_of_life(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    minutes = count(0, 60)
    monkeypatch.setattr("gitledger.remote.monotonic", lambda: next(minutes))
    remote = Remote.configured("origin", "main", team.grace.repository.git)
    watch = remote._watch()
    for done in range(20):
        watch(f"Receiving objects: {done}% ({done}/100)")
    for _ in range(3):
        watch("Receiving objects: 19% (19/100)")
    monkeypatch.setattr("gitledger.remote.monotonic", lambda: 1e9)
    with pytest.raises(RemoteFailed, match="it did not answer in time"):
        watch("Receiving objects: 19% (19/100)")
