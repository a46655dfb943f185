"""Programs are started, asked and ended without `subprocess`."""

from __future__ import annotations

import os
import select
import subprocess
import sys
from pathlib import Path

import pytest

from gitledger import spawn
from tests.forking import forked

PATH = {"PATH": os.environ["PATH"]}


def shell(script: str, given: bytes = b"") -> tuple[int, bytes, bytes]:
    """Run a shell script in a session of its own."""
    return spawn.run(["sh", "-c", script], PATH, given, session=True)


def test_a_program_gives_its_code_and_what_it_wrote() -> None:
    assert shell("cat; echo said >&2; exit 3", b"given") == (3, b"given", b"said\n")
    assert shell("kill -TERM $$")[0] == -15


def test_input_and_output_may_be_larger_than_any_pipe() -> None:
    large = os.urandom(1 << 20)
    assert shell("cat; cat <&- >&2; true", large)[:2] == (0, large)


def test_without_files_in_memory_others_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "memfd_create", raising=False)
    assert shell("cat", b"given") == (0, b"given", b"")


def test_a_child_may_be_ended_by_a_pipe_that_nobody_reads() -> None:
    assert shell("kill -PIPE $$; echo alive")[:2] == (-13, b"")


def test_the_path_decides_which_program_it_is(tmp_path: Path) -> None:
    for folder, mode in (("one", 0o644), ("two", 0o755), ("three", 0o755)):
        (tmp_path / folder).mkdir()
        program = tmp_path / folder / "git"
        program.write_text(f"#!/bin/sh\necho {folder}\n")
        program.chmod(mode)
    folders = [str(tmp_path / name) for name in ("none", "one", "two", "three")]

    found = spawn.run(["git"], {"PATH": os.pathsep.join(folders)}, b"", session=True)
    assert found == (0, b"two\n", b"")
    with pytest.raises(FileNotFoundError) as missing:
        spawn.find("git", {"PATH": folders[0]})
    assert missing.value.filename == "git"


def test_nothing_of_ours_is_open_in_a_child(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w"):
        listed = shell("ls -l /dev/fd/")[1].decode()
    assert str(tmp_path) not in listed


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_it_works_where_standard_streams_are_closed(tmp_path: Path, closed: str) -> None:
    program = (
        "import os, sys\n"
        "from gitledger import spawn\n"
        "found = spawn.run(['sh', '-c', 'cat; echo said >&2'], os.environ, b'x', session=True)\n"
        "talk = spawn.Conversation(['cat'], os.environ)\n"
        "talk.ask(b'asked\\n')\n"
        "open(sys.argv[1], 'w').write(repr((found, talk.answers.readline())))\n"
    )
    out = tmp_path / "out"
    environ = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    words = ["sh", "-c", f'exec "$@" {closed}', "sh", sys.executable, "-c", program, str(out)]
    subprocess.run(words, env=environ, check=True)

    assert out.read_text() == repr(((0, b"x", b"said\n"), b"asked\n"))


def test_an_interrupt_ends_the_program_and_what_it_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    waitpid = os.waitpid

    def interrupted(pid: int, options: int) -> tuple[int, int]:
        monkeypatch.setattr(os, "waitpid", waitpid)
        select.select([reading], [], [])  # both are at work
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "waitpid", interrupted)
    with pytest.raises(KeyboardInterrupt):
        shell(f"exec 3>{pipe}; sleep 60 & echo begun >&3; wait")
    assert os.read(reading, 100) == b"begun\n"
    assert select.select([reading], [], [], 10)[0]  # nobody is left who could write
    assert os.read(reading, 100) == b""
    os.close(reading)


def test_a_forked_child_does_not_end_what_its_parent_runs(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "go")
    go = os.open(tmp_path / "go", os.O_RDWR)
    words = ["sh", "-c", f"read word < '{tmp_path}/go'; echo $word"]
    running = spawn.Running(words, PATH, b"", session=True)

    forked(running.__del__)
    os.write(go, b"went\n")
    assert running.result() == (0, b"went\n", b"")
    os.close(go)


# -- conversations ---------------------------------------------------------------------------------


def test_a_conversation_goes_on_until_it_is_closed() -> None:
    talk = spawn.Conversation(["sh", "-c", "while read it; do echo got $it; done"], PATH)
    for word in (b"one", b"two"):
        talk.ask(word + b"\n")
        assert talk.answers.readline() == b"got " + word + b"\n"
    pid = talk._pid
    talk.close()
    talk.close()
    _assert_gone(pid)


def test_what_a_conversation_says_on_standard_error_can_be_heard_at_any_time() -> None:
    talk = spawn.Conversation(["sh", "-c", "read it; echo $it >&2; echo done; read it"], PATH)
    assert talk.complaint() == b""
    talk.ask(b"why\n")
    assert talk.answers.readline() == b"done\n"
    assert talk.complaint() == b"why\n"


def test_a_conversation_ends_with_its_object_though_it_has_more_to_say() -> None:
    talk = spawn.Conversation(["sh", "-c", "trap '' TERM; while :; do echo more; done"], PATH)
    assert talk.answers.readline() == b"more\n"
    pid = talk._pid
    del talk
    _assert_gone(pid)


def test_a_forked_child_ends_no_conversation_of_its_parent() -> None:
    talk = spawn.Conversation(["sh", "-c", "while read it; do echo got $it; done"], PATH)

    def let_go() -> None:
        assert not talk.is_ours
        before = len(os.listdir("/dev/fd"))
        talk.close()
        assert len(os.listdir("/dev/fd")) == before - 3

    forked(let_go)
    assert talk.is_ours
    talk.ask(b"one\n")
    assert talk.answers.readline() == b"got one\n"


def test_a_program_that_has_ended_cannot_be_asked() -> None:
    talk = spawn.Conversation(["true"], PATH)
    os.waitid(os.P_PID, talk._pid, os.WEXITED | os.WNOWAIT)
    with pytest.raises(BrokenPipeError):
        talk.ask(b"still there?\n")


def test_a_program_that_cannot_be_started_leaves_nothing_open() -> None:
    before = os.listdir("/dev/fd")
    with pytest.raises(FileNotFoundError):
        spawn.Conversation(["no-such-program"], PATH)
    assert os.listdir("/dev/fd") == before


def _assert_gone(pid: int) -> None:
    """Hold that a process has ended, and that its end was taken notice of."""
    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)
