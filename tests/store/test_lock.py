"""Writers take turns, and nobody waits for ever."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from gitledger.errors import StoreFailed
from gitledger.store.lock import lock

_HOLDER = """
import sys, pathlib
from gitledger.store.lock import lock
with lock(pathlib.Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Return where a list's lock stands in a git directory."""
    (tmp_path / "git").mkdir()
    return tmp_path / "git" / "gitledger" / "main.lock"


def _is_held(path: Path) -> bool:
    descriptor = os.open(path, os.O_RDWR)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


@contextmanager
def _held_by_another_process(path: Path) -> Iterator[subprocess.Popen[str]]:
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    command = [sys.executable, "-c", _HOLDER, str(path)]
    with subprocess.Popen(
        command, env=environ, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        yield holder


def test_the_lock_is_held_while_the_block_runs_and_no_longer(path: Path) -> None:
    with lock(path):
        assert _is_held(path)
    assert not _is_held(path)


def test_the_lock_is_released_when_the_block_fails(path: Path) -> None:
    with pytest.raises(ZeroDivisionError), lock(path):
        raise ZeroDivisionError
    assert not _is_held(path)


def test_who_waits_gets_the_lock_when_its_holder_is_killed(path: Path) -> None:
    with _held_by_another_process(path) as holder:
        assert _is_held(path)
        holder.kill()
        with lock(path):
            assert holder.wait() != 0
            assert _is_held(path)


def test_a_holder_that_does_not_go_on_is_not_waited_for(path: Path) -> None:
    with _held_by_another_process(path) as holder:
        with lock(path, patience=0.01):
            pass
        assert _is_held(path)
        assert holder.stdin
        holder.stdin.close()
    with lock(path):  # what still waited in vain has let go of it, too
        assert _is_held(path)


def test_a_file_system_without_locks_does_without(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", unsupported)
    with lock(path):
        pass
    assert path.exists()


def test_whoever_shares_the_git_directory_shares_the_lock(path: Path) -> None:
    path.parent.parent.chmod(0o2770)
    with lock(path):
        pass

    assert path.parent.stat().st_mode & 0o7777 == 0o2770
    assert path.stat().st_mode & 0o7777 == 0o660


def test_a_git_directory_that_cannot_be_written_is_named(path: Path) -> None:
    path.parent.write_text("a file where the folder would be")

    with pytest.raises(StoreFailed, match=str(path.parent)) as failed, lock(path):
        pytest.fail("there is no lock to hold")
    assert failed.value.hint
