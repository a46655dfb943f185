"""Upkeep: git packs what the ledger has written, in the background, now and then."""

from __future__ import annotations

import hashlib
import itertools
import os
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gitledger import upkeep
from gitledger.git import Git
from tests.conftest import RunGit
from tests.ledgers import install_hook, ledger_at, umask

Due = Callable[[], None]


@pytest.fixture
def upkept(repo: Path, git: RunGit) -> Git:
    """Return git on a repository with a ledger, of which git packs whatever is loose."""
    ledger_at(repo).add("Schema")
    git(repo, "config", "gc.auto", "1")
    _fill(repo, git, 2)
    return Git(repo, os.environ)


@pytest.fixture
def due(repo: Path) -> Due:
    """Return a function that lets a day go by since the last start."""
    return lambda: _last_started(repo, upkeep.DAY + 1)


def _last_started(repo: Path, seconds: float) -> None:
    stamp = repo / ".git/gitledger/upkeep"
    stamp.parent.mkdir(exist_ok=True)
    stamp.touch()
    then = stamp.stat().st_mtime - seconds
    os.utime(stamp, (then, then))


def _after_write(git: Git, repo: Path) -> int | None:
    return upkeep.after_write(git, str(repo / ".git"))


def _end(pid: int | None) -> None:
    """Wait until git has ended, and hold it to that it went well."""
    assert pid is not None
    assert os.waitpid(pid, 0)[1] == 0


def _loose(repo: Path, git: RunGit) -> int:
    return int(git(repo, "count-objects").partition(" ")[0])


def _fill(repo: Path, git: RunGit, count: int) -> None:
    """Write so many blobs that belong into the folder in which loose objects are counted."""
    texts = (f"{number}\n" for number in itertools.count())
    counted = (text for text in texts if _blob_id(text).startswith("17"))
    for text in itertools.islice(counted, count):
        git(repo, "hash-object", "-w", "--stdin", stdin=text)


def _blob_id(text: str) -> str:
    return hashlib.sha1(f"blob {len(text)}\0{text}".encode(), usedforsecurity=False).hexdigest()


class Halt:
    """git at a standstill: a hook that it calls before it packs waits until it is let go.

    git may call it several times in one run; only the first call waits.
    """

    def __init__(self, repo: Path, folder: Path) -> None:
        self._begun, self._go = folder / "begun", folder / "go"
        os.mkfifo(self._begun)
        os.mkfifo(self._go)
        self._calls = folder / "calls"
        install_hook(
            repo / ".git",
            "pre-auto-gc",
            f'echo >>"{self._calls}"\n[ "$(wc -l <"{self._calls}")" -eq 1 ] || exit 0\n'
            f': >"{self._begun}"\n: <"{self._go}"\n: >"{self._begun}"',
        )

    @property
    def calls(self) -> int:
        """How often the hook was called so far."""
        return len(self._calls.read_text())

    def wait(self) -> None:
        """Wait until git stands still, or, where it was let go, goes on."""
        # Without a writer an ordinary open would wait for ever, should git never come to the hook.
        begun = os.open(self._begun, os.O_RDONLY | os.O_NONBLOCK)
        assert select.select([begun], [], [], 60)[0], "git has not called the hook"
        os.close(begun)

    def let_go(self) -> None:
        self._go.write_text("")
        self.wait()


def test_loose_objects_are_packed_and_the_ledger_reads_on(
    repo: Path, upkept: Git, due: Due, git: RunGit
) -> None:
    ledger = ledger_at(repo)
    tasks = [ledger.add(f"Task {number}") for number in range(5)]
    due()
    _end(_after_write(upkept, repo))
    unreachable = 2
    assert _loose(repo, git) == unreachable
    assert [ledger.task(task.id) for task in tasks] == tasks
    ledger.note(tasks[0].id, "still here")
    assert ledger_at(repo).task(tasks[0].id).notes[0].text == "still here"
    git(repo, "fsck", "--strict", "--no-dangling")


def test_the_first_write_starts_nothing_and_is_remembered(repo: Path, upkept: Git) -> None:
    assert _after_write(upkept, repo) is None
    _last_started(repo, upkeep.DAY - 60)
    assert _after_write(upkept, repo) is None


def test_it_is_started_once_a_day(repo: Path, upkept: Git, due: Due) -> None:
    due()
    _end(_after_write(upkept, repo))
    assert _after_write(upkept, repo) is None


def test_it_is_started_earlier_where_much_has_piled_up(
    repo: Path, upkept: Git, git: RunGit
) -> None:
    _last_started(repo, upkeep.PAUSE + 1)
    few = upkeep.MANY - len(list((repo / ".git/objects/17").iterdir())) + 2
    _fill(repo, git, few)
    assert _after_write(upkept, repo) is None
    _fill(repo, git, few + 1)
    _end(_after_write(upkept, repo))


def test_what_cannot_be_packed_starts_it_again_only_after_a_pause(
    repo: Path, upkept: Git, git: RunGit
) -> None:
    _fill(repo, git, upkeep.MANY + 1)
    _last_started(repo, upkeep.PAUSE - 60)
    assert _after_write(upkept, repo) is None


def test_a_clock_that_was_wrong_does_not_stop_it_for_ever(repo: Path, upkept: Git) -> None:
    _last_started(repo, -10 * upkeep.DAY)
    _end(_after_write(upkept, repo))
    assert _after_write(upkept, repo) is None


@pytest.mark.parametrize("name", ["gitledger.maintenance", "maintenance.auto"])
def test_a_setting_turns_it_off(name: str, repo: Path, upkept: Git, due: Due, git: RunGit) -> None:
    git(repo, "config", name, "false")
    due()
    assert _after_write(upkept, repo) is None


def test_a_setting_that_is_no_boolean_does_not_undo_a_write(
    repo: Path, upkept: Git, due: Due, git: RunGit
) -> None:
    git(repo, "config", "gitledger.maintenance", "perhaps")
    due()
    assert _after_write(upkept, repo) is None


def test_without_a_git_program_the_ledger_does_without(repo: Path, upkept: Git, due: Due) -> None:
    upkept.configuration()
    due()
    missing = Git(repo, {**os.environ, "PATH": str(repo)})
    assert _after_write(missing, repo) is None


def test_a_stamp_that_cannot_be_written_starts_nothing(repo: Path, upkept: Git) -> None:
    stamp = repo / ".git/gitledger/upkeep"
    stamp.mkdir(parents=True)
    os.utime(stamp, (0, 0))
    assert _after_write(upkept, repo) is None


def test_nobody_waits_for_it_and_there_are_never_two(
    repo: Path, upkept: Git, due: Due, tmp_path: Path
) -> None:
    halt = Halt(repo, tmp_path)
    due()
    first = _after_write(upkept, repo)
    halt.wait()
    assert first is not None
    assert os.waitpid(first, os.WNOHANG) == (0, 0)
    due()
    _end(_after_write(upkept, repo))
    assert halt.calls == 1
    halt.let_go()
    _end(first)


def test_it_survives_the_program_and_holds_none_of_its_files(
    repo: Path, upkept: Git, due: Due, tmp_path: Path
) -> None:
    halt = Halt(repo, tmp_path)
    due()
    code = (
        "import os, sys; from gitledger import upkeep; from gitledger.git import Git\n"
        "print(upkeep.after_write(Git(sys.argv[1], os.environ), sys.argv[1] + '/.git'))\n"
    )
    reads, writes = os.pipe()
    with os.fdopen(reads) as inherited:
        # Both pipes have an end when nobody holds their other end any more.
        program = subprocess.run(
            [sys.executable, "-c", code, str(repo)],
            pass_fds=(writes,),
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        os.close(writes)
        assert select.select([inherited], [], [], 60)[0], "git holds what our parent gave us"
    assert program.stderr == ""
    pid = int(program.stdout)
    assert os.getsid(pid) == pid
    halt.wait()
    halt.let_go()


def test_a_command_that_writes_looks_after_git_and_one_that_reads_does_not(
    repo: Path, upkept: Git, due: Due, tmp_path: Path
) -> None:
    halt = Halt(repo, tmp_path)
    due()
    _run(repo, "list")
    assert not (tmp_path / "calls").exists()
    _run(repo, "add", "Another")
    halt.wait()
    halt.let_go()
    assert halt.calls > 0


def _run(repo: Path, *words: str) -> None:
    subprocess.run([sys.executable, "-m", "gitledger", *words], cwd=repo, check=True)


def test_a_group_that_shares_the_repository_may_renew_the_stamp(
    tmp_path: Path, git: RunGit
) -> None:
    with umask(0o077):
        git(tmp_path, "init", "-q", "--shared=group", "shared")
        stamp = tmp_path / "shared/.git/gitledger/upkeep"
        upkeep.touch(str(stamp))
    modes = [oct(path.stat().st_mode & 0o7777) for path in (stamp.parent, stamp)]
    assert modes == ["0o2770", "0o660"]


def test_a_stamp_gets_the_present_time(repo: Path, due: Due) -> None:
    due()
    stamp = repo / ".git/gitledger/upkeep"
    before = stamp.stat().st_mtime
    upkeep.touch(str(stamp))
    assert stamp.stat().st_mtime > before
