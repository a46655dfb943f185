"""What may happen to a machine and to a process in the midst of a command.

The whole of it, at every step and at random moments, is tried in `tests/proof`; here one of each.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from tests.reliability.actor import PATIENCE, ROOT, Answer
from tests.reliability.damage import goes_on
from tests.reliability.declared import Back, Fault, Table
from tests.reliability.page import shown
from tests.reliability.scene import Scene

_NOTE: Final = "note {Measure the API} meanwhile"
_KILLED: Final = """\
import os, signal, sys
from gitledger.store.object_store import ObjectStore
from gitledger.__main__ import main
move = ObjectStore.move
def killed(*args):
    {deed}
    os.kill(os.getpid(), signal.SIGKILL)
ObjectStore.move = killed
sys.exit(main())
"""
"""The program, which is killed around the moment at which it moves a ref."""


def _trial(fault: Fault, scene: Scene) -> tuple[str, ...]:
    """Carry out the command in the midst of it, and look for everything when it is over."""
    scene.must("sync", "laptop")  # there is something to pull
    known = scene.facts("app")
    over = fault.inflict(scene)
    answer = _process(scene, fault.command)
    assert (answer.code,) == fault.codes
    if over:
        over()

    now = scene.facts("app")
    assert known <= now
    done = now != known
    assert done or answer.code != 0
    assert not (done and answer.code > 0)
    goes_on(scene, now)
    state = "the new state" if done else "the old state"
    if answer.code < 0:
        return "nothing", signal.Signals(-answer.code).name, state
    return shown(answer.line, scene), str(answer.code), state


TABLE = Table("the machine", ("what happens", "you see", "exit", "afterwards"), _trial, codes=(1,))


def _process(scene: Scene, command: str) -> Answer:
    """Run the program as a process of its own, or what the command has before `git ledger`."""
    before, _, line = command.rpartition("git ledger ")
    words = scene.typed(line)
    program = [sys.executable, "-m", "gitledger", *words]
    if before:
        program = [sys.executable, "-m", "tests.proof.machine", *before.split(), *words]
    if (killed := scene.folder / "killed.py").exists():
        program = [sys.executable, str(killed), *words]
    traps = scene.folder / "trap"
    path = f"{traps}:{os.environ['PATH']}" if traps.exists() else os.environ["PATH"]
    done = subprocess.run(
        program,
        cwd=scene.folder / "app",
        env={**scene.environ, "PATH": path, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE * 6,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert "unexpected" not in done.stderr, done.stderr
    return Answer(done.returncode, done.stdout, done.stderr)


def _trap(scene: Scene, line: str) -> Back:
    """Have a line of shell run before each git that the program starts."""
    git = scene.folder / "trap" / "git"
    git.parent.mkdir()
    git.write_text(f'#!/bin/sh\n{line}\nexec {shutil.which("git")} "$@"\n')
    git.chmod(0o755)
    return lambda: shutil.rmtree(git.parent)


def _at(command: str, act: str) -> str:
    """Return the line of shell that acts upon the program when it starts that command of git."""
    return f'for word; do test "$word" = {command} && {act}; done'


_LARGE: Final = "".join(sha256(b"%d" % number).hexdigest() for number in range(200))
"""A text that stays larger, compressed too, than the files that may be written on a full disk."""


@TABLE.fault("the disk is full", command=f"full 4096 git ledger note {{Measure the API}} {_LARGE}")
def _(scene: Scene) -> Back:
    return _trap(scene, "trap '' XFSZ")


@TABLE.fault("the disk is full during a sync", 6, command="full 4096 git ledger sync")
def _(scene: Scene) -> Back:
    scene.must(f"note {{Build the page}} {_LARGE}", "laptop")
    scene.must("sync", "laptop")
    return _trap(scene, "trap '' XFSZ")


@TABLE.fault("the git directory may not be written", command=f"readonly git ledger {_NOTE}")
def _(scene: Scene) -> Back:
    folders = [scene.git_dir, *(path for path in scene.git_dir.rglob("*") if path.is_dir())]

    def permit(mode: int) -> None:
        for folder in folders:
            folder.chmod(mode)

    permit(0o555)
    return lambda: permit(0o755)


@TABLE.fault("the clock is 27 years slow", 0, command=f"git ledger {_NOTE}")
def _(scene: Scene) -> None:
    scene.now = datetime(1999, 1, 1, tzinfo=UTC)


@TABLE.fault("a write is killed before it moves the ref", -9, command=f"git ledger {_NOTE}")
def _(scene: Scene) -> Back:
    return _kill(scene, "pass")


@TABLE.fault("a write is killed after it has moved the ref", -9, command=f"git ledger {_NOTE}")
def _(scene: Scene) -> Back:
    return _kill(scene, "move(*args)")


def _kill(scene: Scene, deed: str) -> Back:
    program = scene.folder / "killed.py"
    program.write_text(_KILLED.format(deed=deed))
    return program.unlink


def _orphan(scene: Scene, command: str) -> Back:
    """Kill the program when it starts that command of git, which goes on without it.

    What git is still unpacking looks incomplete: whoever looks has to let it come to its end, where
    the other side of a pipe is closed.
    """
    pipe = scene.folder / "orphan"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    free = _trap(scene, _at(command, f"exec 9>'{pipe}' && kill -KILL $PPID"))

    def over() -> None:
        os.set_blocking(reader, True)
        assert os.read(reader, 1) == b""
        os.close(reader)
        pipe.unlink()
        free()

    return over


@TABLE.fault("a sync is killed while it fetches", -9, command="git ledger sync")
def _(scene: Scene) -> Back:
    return _orphan(scene, "fetch")


@TABLE.fault("a sync is killed while it pushes", -9, command="git ledger sync")
def _(scene: Scene) -> Back:
    return _orphan(scene, "push")


@TABLE.fault("Ctrl-C during a sync", 130, command="git ledger sync")
def _(scene: Scene) -> Back:
    return _trap(scene, _at("fetch", "kill -INT $PPID"))
