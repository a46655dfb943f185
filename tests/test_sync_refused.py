"""Remotes that refuse, break off or say nothing: a sentence for each, and all stays as it was."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from collections.abc import Callable
from copy import copy
from pathlib import Path
from typing import Any

import pytest

from gitledger.core.text import escape
from gitledger.diagnosis import Diagnosis
from gitledger.errors import RemoteFailed
from gitledger.ledger import Ledger
from gitledger.remote import Remote
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import MAIN, Team, install_hook, ledger_at, place, team_fixture

TRACKING = "refs/gitledger-remotes/origin/main"


def shared(team: Team) -> None:
    """Both sides have something that the other has not."""
    team.ada.note(team.task.id, "theirs")
    team.ada.sync()
    team.grace.note(team.task.id, "mine")


team = team_fixture(shared)


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
    monkeypatch.setattr("gitledger.remote._SILENCE", 0.3)
    gone = slow(team, key)
    error = failure(ledger_at(place(team.grace), "grace"))
    assert error.message == (
        "remote 'origin': it gave no sign of life for 0.3 s; 1 operation unpublished"
    )
    assert "to wait longer: git ledger sync --timeout 30m" in (error.hint or "")
    assert gone()


LINGERING = """\
#!{python} -SE
import os, sys
os.setsid()
os.execvp("git-receive-pack", ["git-receive-pack", *sys.argv[1:]])
"""


def test_a_push_that_the_server_takes_after_it_was_given_up_does_no_harm(
    team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitledger.remote._SILENCE", 0.3)
    folder = team.bare.parent
    for name in ("go", "taken"):
        os.mkfifo(folder / name)
    taken = os.open(folder / "taken", os.O_RDONLY | os.O_NONBLOCK)
    script = folder / "lingering"  # a server does not end with its client
    script.write_text(LINGERING.format(python=sys.executable))
    script.chmod(0o755)
    team.git(place(team.grace), "config", "remote.origin.receivepack", str(script))
    install_hook(team.bare, "pre-receive", f"read word <'{folder}/go'")
    committed = f"test \"$1\" != committed || echo >'{folder}/taken'"
    install_hook(team.bare, "reference-transaction", committed)

    error = failure(ledger_at(place(team.grace), "grace"))
    assert "no sign of life" in error.message
    (folder / "go").write_text("go\n")
    assert select.select([taken], [], [], 10)[0]

    report = ledger_at(place(team.grace), "grace").sync()
    assert (report.pulled, report.pushed) == (0, 0)
    assert team.published() == team.grace.tip()
    assert [note.text for note in team.grace.task(team.task.id).notes] == ["theirs", "mine"]


def watched(team: Team, monkeypatch: pytest.MonkeyPatch, **given: Any) -> None:
    """Let git say something new for 20 minutes, and then nothing for two days."""
    now = 0.0
    monkeypatch.setattr("gitledger.remote.monotonic", lambda: now)
    git = copy(team.grace.repository.git)
    git.terminal = given.pop("terminal", False)
    watch = Remote.configured("origin", "main", git, **given)._watch()
    for done in range(20):
        now += 60
        watch(f"Receiving objects: {done}% ({done}/100)")
    now += 100_000
    watch("Receiving objects: 19% (19/100)")


def test_whatever_git_says_is_a_sign_of_life(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[int] = []
    with pytest.raises(RemoteFailed, match="no sign of life for 300 s"):
        watched(team, monkeypatch, progress=lambda deed, done, total: told.append(done))
    assert told == list(range(20))


@pytest.mark.parametrize("given", [{"timeout": 1800.0}, {"terminal": True}])
def test_who_says_how_long_to_wait_or_sits_at_a_terminal_decides(
    team: Team, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any]
) -> None:
    watched(team, monkeypatch, **given)


# -- no room -----------------------------------------------------------------------------------

FULL = {
    "trap '' XFSZ": "the server could not store what was pushed",
    "": "the connection broke off",  # its programs are ended
}
"""What a server does at the first byte that it may not write any more, and what we say then."""


@pytest.mark.parametrize("prepare", FULL, ids=["told", "ended"])
def test_a_server_without_room_takes_nothing_and_the_next_push_makes_up_for_it(
    team: Team, prepare: str
) -> None:
    script = team.bare.parent / "full"
    script.write_text(f'#!/bin/sh\n{prepare}\nulimit -f 0\nexec git-receive-pack "$@"\n')
    script.chmod(0o755)
    team.git(place(team.grace), "config", "remote.origin.receivepack", str(script))
    there = team.published()
    error = failure(ledger_at(place(team.grace), "grace"))
    assert error.message == f"remote 'origin': {FULL[prepare]}; 1 operation unpublished"
    assert team.published() == there
    team.git(place(team.grace), "config", "--unset", "remote.origin.receivepack")
    team.meet()


@pytest.mark.parametrize(
    ("stdout", "stderr", "said"),
    [
        (
            "!\ta:refs/gitledger/main\t[remote rejected] (unpacker error)\n",
            "remote: fatal: write error: No space left on device\nerror: remote unpack failed",
            "there is no space left on the server",
        ),
        ("", "fatal: write error: No space left on device\n", "there is no space left"),
        (
            "",
            "fatal: unable to access: Could not resolve host: x\n",
            "its host cannot be found",
        ),
        ("", "fatal: Authentication failed for 'https://x'\n", "does not accept the credentials"),
    ],
)
def test_what_takes_a_real_server_is_read_from_its_words(
    stdout: str, stderr: str, said: str
) -> None:
    error = Diagnosis("origin", "refs/gitledger", stderr, stdout).error()
    assert said in error.message


@pytest.mark.parametrize("protocol", ["0", "2"])
@pytest.mark.parametrize("there", ["empty", "shared"])
@pytest.mark.parametrize(("mine", "theirs"), [("sha1", "sha256"), ("sha256", "sha1")])
def test_a_remote_of_another_object_format_is_told_with_the_way_out(
    tmp_path: Path, git: RunGit, mine: str, theirs: str, there: str, protocol: str
) -> None:
    def ledger_with(name: str, format_: str, kept: str) -> Ledger:
        """Return the ledger of a repository of that format whose remote has another one."""
        bare = tmp_path / f"{kept}.git"
        git(tmp_path, "init", "-q", "--bare", f"--object-format={kept}", str(bare))
        git(tmp_path, "init", "-q", f"--object-format={format_}", name)
        git(tmp_path / name, "remote", "add", "origin", str(bare))
        git(tmp_path / name, "config", "protocol.version", protocol)
        return ledger_at(tmp_path / name, name)

    if there == "shared":
        other = ledger_with("ada", theirs, theirs)
        other.add("Schema")
        other.sync()
    grace = ledger_with("grace", mine, theirs)
    grace.add("Page")
    error = failure(grace)
    said = "its repository has another object format than this one"
    assert error.message.startswith(f"remote 'origin': {said}; ")

    git(tmp_path, "init", "-q", "--bare", f"--object-format={mine}", "same.git")
    git(place(grace), "remote", "add", "same", str(tmp_path / "same.git"))
    assert error.hint
    command = error.hint.rpartition(": git ")[2].replace("NAME", "same")
    git(place(grace), *command.split())
    assert ledger_at(place(grace), "grace").sync().tip == grace.tip()
