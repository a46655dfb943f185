"""A machine that fails: full disks, missing permissions, clocks that are wrong, `git gc` at any
moment, signals. Each leaves the old state or the new one, says what is wrong in one line, and is
over when it is over."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from gitledger.ledger import Ledger
from gitledger.store.failures import CHECK
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import MAIN, Team, clone, commit_by_hand, ledger_at, place, subjects, ticking

SOURCE = str(Path(__file__).parents[2])
GIT = shutil.which("git")
AMPLE = 1 << 24
"""Bytes: a disk with space."""


def run(*words: str, cwd: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """Run a module of ours in a place."""
    return subprocess.run(
        [sys.executable, "-m", *words],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": SOURCE},
        stdin=subprocess.DEVNULL,
        encoding="utf-8",
        check=False,
        timeout=60,
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, **more},
    )


def machine(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return run("tests.proof.machine", *words, cwd=cwd)


def is_sound(git: RunGit, path: Path) -> bool:
    return git(path, "fsck", "--strict", "--no-dangling") == ""


@pytest.fixture
def trap(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Return a function that has a line of shell run before each git that a program starts."""

    def set_trap(line: str) -> None:
        there = tmp_path / "trap" / "git"
        there.parent.mkdir(exist_ok=True)
        there.write_text(f'#!/bin/sh\n{line}\nexec {GIT} "$@"\n')
        there.chmod(0o755)
        monkeypatch.setenv("PATH", str(there.parent), prepend=os.pathsep)

    return set_trap


@pytest.fixture
def team(make_repo: MakeRepo, bare: Path, git: RunGit) -> Team:
    return Team(make_repo, bare, git)


# -- a full disk -------------------------------------------------------------------------------


@pytest.fixture
def fill(trap: Callable[[str], None]) -> Callable[..., list[dict[str, Any]]]:
    """Return a function that tries a verb on full disks of all sizes, and tells of each attempt."""
    trap("trap '' XFSZ")  # for git, too, writing on is an error and no signal

    def attempts(path: Path, verb: str, sizes: range) -> list[dict[str, Any]]:
        done = machine("filling", ".", verb, *map(str, sizes), cwd=path)
        assert (done.returncode, done.stderr) == (0, "")
        return [json.loads(line) for line in done.stdout.splitlines()]

    return attempts


@pytest.mark.parametrize("verb", ["note", "add"])
def test_a_full_disk_leaves_the_old_state_wherever_it_cuts_an_update(
    repo: Path, git: RunGit, fill: Callable[..., list[dict[str, Any]]], verb: str
) -> None:
    ledger = ledger_at(repo)
    ledger.add("Schema")
    tip, tasks = ledger.tip(), ledger.tasks()

    attempts = fill(repo, verb, range(0, 240, 20))

    # The last of them have space for the objects, and for half a line of the reflog.
    for attempt in attempts:
        assert attempt["error"].startswith("cannot write "), attempt
        assert ": File too large" in attempt["error"], attempt
    assert {attempt["hint"] for attempt in attempts} == {CHECK}
    assert (ledger.tip(), Ledger.open(repo).tasks()) == (tip, tasks)
    assert is_sound(git, repo)
    assert fill(repo, verb, range(AMPLE, AMPLE + 1)) == [{"size": AMPLE, "error": None}]
    assert len(subjects(git, ledger)) == 2
    assert is_sound(git, repo)


def test_a_full_disk_leaves_the_old_state_wherever_it_cuts_a_sync(
    team: Team, git: RunGit, fill: Callable[..., list[dict[str, Any]]]
) -> None:
    team.ada.note(team.task.id, "theirs")
    team.ada.sync()
    team.grace.note(team.task.id, "mine")
    path, tip, published = place(team.grace), team.grace.tip(), team.published()

    attempts = fill(path, "sync", range(0, 250, 60))

    assert all("fault" not in attempt for attempt in attempts)
    assert all(attempt["error"] and "\n" not in attempt["error"] for attempt in attempts), attempts
    assert attempts[0]["error"].endswith("; 1 operation unpublished")
    assert team.grace.tip() == tip
    assert team.published() == published
    assert is_sound(git, path)
    team.meet()
    assert [note.text for note in team.now().notes] == ["theirs", "mine"]
    assert is_sound(git, team.bare)


@pytest.mark.parametrize("size", [0, 20, 100])
def test_the_program_tells_of_a_full_disk_in_one_line(
    repo: Path, git: RunGit, trap: Callable[[str], None], size: int
) -> None:
    trap("trap '' XFSZ")
    ledger = ledger_at(repo)
    tip = ledger.tip()

    done = machine("full", str(size), "add", "Schema", cwd=repo)

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("error: ")
    assert "Traceback" not in done.stderr
    assert [line for line in done.stderr.splitlines()[1:] if not line.startswith("hint: ")] == []
    assert ledger.tip() == tip
    assert run("gitledger", "add", "Schema", cwd=repo).returncode == 0
    assert is_sound(git, repo)


# -- nothing may be written --------------------------------------------------------------------


@pytest.mark.parametrize("folder", ["objects", "refs", "."])
def test_what_may_not_be_written_is_said_in_one_line_and_can_be_read(
    team: Team, git: RunGit, folder: str
) -> None:
    path = place(team.grace)
    team.grace.note(team.task.id, "mine")
    team.ada.note(team.task.id, "theirs")
    team.ada.sync()
    tip = team.grace.tip()
    top = path / ".git" / folder
    folders = [each for each in (top, *top.rglob("*")) if each.is_dir()]

    for each in folders:
        each.chmod(0o555)
    listed = machine("readonly", "list", cwd=path)
    ends = [
        machine("readonly", *words, cwd=path)
        for words in (["add", "T"], ["done", team.task.id], ["sync"])
    ]
    # A list's first commit is there already: all that is written for another list is its ref.
    made = machine("readonly", "init", "--list", "new", cwd=path).returncode
    for each in folders:
        each.chmod(0o755)

    assert (listed.returncode, listed.stderr) == (0, "")
    assert "Schema" in listed.stdout
    assert [done.returncode for done in ends] == [1, 1, 6]
    assert made == (0 if folder == "objects" else 1)
    for done in ends:
        assert done.stdout == ""
        assert done.stderr.startswith("error: ")
        assert "ermission" in done.stderr or "cannot be written" in done.stderr
        assert done.stderr.count("\n") <= 2
    assert team.grace.tip() == tip
    team.meet()
    assert len(team.now().notes) == 2
    assert is_sound(git, path)


# -- clocks ------------------------------------------------------------------------------------

AGES = {
    "ada": datetime(2091, 5, 1, tzinfo=UTC),
    "grace": datetime(1970, 1, 1, tzinfo=UTC),  # a machine without a clock of its own
    "linus": datetime(2026, 3, 1, tzinfo=UTC),
}


def test_clocks_that_are_decades_apart_lose_nothing_and_order_comes_from_history(
    make_repo: MakeRepo, bare: Path, git: RunGit
) -> None:
    people = {
        name: clone(make_repo, bare, name, clock=ticking(start)) for name, start in AGES.items()
    }
    task = people["ada"].add("Schema", description="one\ntwo\nthree\n")
    for ledger in people.values():
        ledger.sync()
    people["grace"].claim(task.id)
    people["grace"].sync()
    people["linus"].edit(task.id, description="one\ntwo\nfour\n", add_labels=["sql"])
    people["linus"].sync()
    people["ada"].edit(task.id, description="zero\ntwo\nthree\n")
    report = people["ada"].sync()
    for ledger in [*people.values()] * 2:
        ledger.sync()

    assert (report.pulled, report.pushed, report.conflicts) == (2, 1, [])
    assert len({ledger.tip() for ledger in people.values()}) == 1
    merged = people["grace"].task(task.id)
    assert (merged.description, merged.labels) == ("zero\ntwo\nfour\n", ("sql",))
    assert merged.owner == "grace"
    assert [entry.operation.session for entry in people["linus"].log()][:4] == [
        "ada",
        "linus",
        "grace",
        "ada",
    ]
    assert people["grace"].done(task.id).status == "completed"
    assert people["grace"].sync().pushed == 1
    assert is_sound(git, bare)


def test_a_clock_that_is_set_back_changes_no_order(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo, clock=ticking(datetime(2040, 1, 1, tzinfo=UTC)))
    task = ledger.add("Schema")
    ledger.claim(task.id)
    past = Ledger.open(repo, session="ada", clock=ticking(datetime(2001, 1, 1, tzinfo=UTC)))
    past.note(task.id, "later")
    done = past.done(task.id)

    assert done.status == "completed"
    assert [entry.operation.name for entry in past.log()][:4] == ["done", "note", "claim", "add"]
    assert is_sound(git, repo)


# -- git gc ------------------------------------------------------------------------------------


def test_garbage_collection_beside_writers_loses_nothing_and_reaches_nobody(
    repo: Path, git: RunGit
) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Schema")
    environ = os.environ | {"PYTHONPATH": SOURCE}
    writers = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.proof.machine", "writing", str(repo), "30"],
            env=environ | {"GITLEDGER_SESSION": f"writer-{number}"},
            stderr=subprocess.PIPE,
        )
        for number in range(3)
    ]
    turns = 0
    while any(writer.poll() is None for writer in writers):
        git(repo, "gc", "--quiet")
        git(repo, "pack-refs", "--all")
        git(repo, "repack", "-a", "-d", "-q")
        turns += 1
        # A process that stays open reads from what the collections have left.
        assert ledger.task(task.id).title == "Schema"
    said = [writer.communicate()[1].decode().splitlines()[-1:] for writer in writers]

    assert said == [[]] * 3
    assert [writer.returncode for writer in writers] == [0] * 3
    assert turns
    told = sorted(note.text for note in ledger.task(task.id).notes)
    assert told == sorted(
        f"writer-{writer} {number}" for writer in range(3) for number in range(30)
    )
    assert len(subjects(git, ledger)) == 1 + 3 * 30
    assert is_sound(git, repo)


def test_a_process_that_stays_finds_what_was_packed_behind_its_back(
    repo: Path, git: RunGit
) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Schema")
    for turn in range(3):
        ledger.note(task.id, f"note {turn}")
        git(repo, "gc", "--quiet", "--prune=now")
        commit_by_hand(git, repo, f"100644 {turn}\n\tturn.txt")
        git(repo, "repack", "-a", "-d", "-q")
        git(repo, "pack-refs", "--all")
        assert len(ledger.task(task.id).notes) == turn + 1
        assert git(repo, "rev-parse", MAIN) == ledger.tip()
    assert is_sound(git, repo)


# -- signals -----------------------------------------------------------------------------------


def at(command: str, act: str) -> str:
    """Return the line of shell that acts upon the program when it starts that command of git."""
    return f'for word; do test "$word" = {command} && {act}; done'


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("config", ["add", "Another"]),
        ("update-ref", ["init", "--list", "new"]),
        ("fetch", ["sync"]),
        ("push", ["sync"]),
    ],
)
@pytest.mark.parametrize(("name", "codes"), [("INT", (130,)), ("TERM", (-signal.SIGTERM, 143))])
def test_a_signal_ends_the_program_and_the_next_command_works(
    team: Team,
    git: RunGit,
    trap: Callable[[str], None],
    command: str,
    words: list[str],
    name: str,
    codes: tuple[int, ...],
) -> None:
    path = place(team.grace)
    team.grace.note(team.task.id, "mine")
    tip, before = team.grace.tip(), team.published()
    trap(at(command, f"kill -{name} $PPID"))
    done = run("gitledger", *words, cwd=path)
    trap(":")

    assert done.returncode in codes
    assert (done.stdout, done.stderr) == ("", "error: interrupted\n" if name == "INT" else "")
    assert team.grace.tip() == tip
    assert team.published() in (before, tip)
    assert run("gitledger", *words, cwd=path).returncode == 0
    team.meet()
    assert [note.text for note in team.now().notes] == ["mine"]
    assert is_sound(git, path)


@pytest.mark.parametrize("moment", ["before", "after"])
def test_ctrl_c_around_the_decisive_step_leaves_the_old_state_or_the_new(
    repo: Path, git: RunGit, moment: str
) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Schema")
    store: Any = ledger.repository.store
    move = store.move

    def interrupted(*args: Any) -> bool:
        if moment == "before":
            raise KeyboardInterrupt
        move(*args)
        raise KeyboardInterrupt

    store.move = interrupted
    with pytest.raises(KeyboardInterrupt):
        ledger.note(task.id, "Hello")
    del store.move

    assert len(Ledger.open(repo).task(task.id).notes) == (moment == "after")
    ledger.note(task.id, "again")
    assert ledger.task(task.id).notes[-1].text == "again"
    assert is_sound(git, repo)


@pytest.fixture
def closed() -> Iterator[int]:
    """Return the end of a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    yield writer
    os.close(writer)


def test_an_update_is_done_even_if_nobody_reads_the_answer(
    repo: Path, closed: int, git: RunGit
) -> None:
    ledger = ledger_at(repo)
    done = run("gitledger", "add", "Schema", cwd=repo, stdout=closed)

    assert (done.returncode, done.stderr) == (0, "")
    assert [task.title for task in ledger.tasks()] == ["Schema"]
    assert is_sound(git, repo)
