"""The real program, as a process: how it is started, its streams, and its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import gitledger
from tests.cli.conftest import SOURCE, RunProcess
from tests.cli.program import Program
from tests.conftest import RunGit


@pytest.fixture
def task_id(ledger: Program) -> str:
    """Return the id of the only task in the repository's ledger."""
    return ledger.add("Write the schema")


# -- how it is started -------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["git-ledger", "gitledger"])
def test_the_program_has_two_names(name: str) -> None:
    program = Path(sys.executable).parent / name
    done = subprocess.run([program, "--version"], capture_output=True, check=True, text=True)
    assert done.stdout == f"gitledger {gitledger.__version__}\n"


def test_git_finds_it_as_a_command_of_its_own(
    task_id: str, repo: Path, tmp_path: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "git-ledger"
    program.parent.mkdir()
    place = SOURCE["PYTHONPATH"]
    program.write_text(
        f'#!/bin/sh\nPYTHONPATH="{place}" exec "{sys.executable}" -m gitledger "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
    (repo / "deep").mkdir()
    assert git(repo / "deep", "ledger", "list") == f"{task_id[:4]} ○ P2 Write the schema"
    assert git(tmp_path, "-C", "repo", "ledger", "list").endswith("Write the schema")
    assert git(repo, "-c", "color.ui=always", "ledger", "list").startswith("\x1b[36m")


@pytest.mark.parametrize(
    ("words", "code"), [(["list"], 0), (["nothing"], 2), (["show", "zzzz"], 3), (["sync"], 3)]
)
def test_the_exit_code_is_the_commands(
    task_id: str, process: RunProcess, words: list[str], code: int
) -> None:
    assert process(*words).returncode == code


def test_ids_are_random(task_id: str, process: RunProcess) -> None:
    made = {process("add", "The same").stdout.split()[1] for _ in range(3)}
    assert len(made) == 3


def test_the_clock_is_the_systems(task_id: str, process: RunProcess) -> None:
    process("note", task_id, "Hello")
    assert "note by ada, just now" in process("show", task_id).stdout


@pytest.mark.parametrize("line", ["list", "add Another", "log", "list --at now"])
def test_a_command_closes_the_index_before_it_ends(
    process: RunProcess, repo: Path, line: str
) -> None:
    for each in ("init", "add One", line):
        assert process(*each.split()).returncode == 0
    there = os.listdir(repo / ".git" / "gitledger" / "index")
    assert "main.sqlite" in there
    assert not [name for name in there if name.endswith(("-wal", "-shm"))]


# -- streams -----------------------------------------------------------------------------------


def test_a_reader_that_leaves_early_is_no_error(ledger: Program, process: RunProcess) -> None:
    plan = "".join(f"- [ ] {number} {'x' * 400}\n" for number in range(300))
    ledger.ok("add", "--file", "-", stdin=plan)
    done = process("list", shell='{ "$@"; echo "code $?" >&2; } | head -n 1')
    assert done.stdout.count("\n") == 1
    assert done.stderr == "code 0\n"


def test_a_full_disk_is_an_error_in_one_line(task_id: str, process: RunProcess) -> None:
    done = process("list", shell='"$@" >/dev/full')
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "error: no space left on device"
    assert "Traceback" not in done.stderr


def test_an_error_that_nobody_hears_has_its_exit_code(task_id: str, repo: Path) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    words = [sys.executable, "-m", "gitledger", "show", "zzzz"]
    done = subprocess.run(words, cwd=repo, env=os.environ | SOURCE, stderr=writer, check=False)
    os.close(writer)
    assert done.returncode == 3


def test_an_answer_whose_hint_nobody_hears_is_no_error(task_id: str, process: RunProcess) -> None:
    done = process("next", shell='"$@" 2>/dev/full')
    assert (done.returncode, task_id[:4] in done.stdout) == (0, True)


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_streams_may_be_closed(task_id: str, process: RunProcess, closed: str) -> None:
    done = process("note", task_id, "Hello", shell=f'"$@" {closed}')
    assert (done.returncode, done.stderr) == (0, "")
    assert "Hello" in process("show", task_id).stdout


def test_an_output_that_knows_only_ascii_shows_what_it_can(
    ledger: Program, process: RunProcess
) -> None:
    ledger.add("naïve 日本語")
    done = process("list", PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stdout.split(" ", 1)[1]) == (0, "o P2 na?ve ???\n")


def test_the_current_directory_may_be_gone(process: RunProcess, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = process("list", cwd=gone, shell='rmdir ../gone; "$@"')
    assert done.returncode == 5
    assert done.stderr.startswith("error: not in a git repository: ")


# -- interruption ------------------------------------------------------------------------------


class Terminal:
    """The program on a terminal: what it shows there can be read, and a person can type."""

    def __init__(self, cwd: Path, *words: str, **environ: str) -> None:
        self._screen, end = os.openpty()
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gitledger", *words],
            cwd=cwd,
            env={**os.environ, **SOURCE, "TERM": "xterm", "LINES": "10", **environ},
            stdin=end,
            stdout=end,
            stderr=end,
            start_new_session=True,
        )
        os.close(end)

    def read_until(self, mark: str) -> str:
        """Return what is shown up to a mark, or up to the end."""
        shown = b""
        while mark.encode() not in shown:
            try:
                more = os.read(self._screen, 1000)
            except OSError:  # the other end is closed
                break
            if not more:
                break
            shown += more
        return shown.decode().replace("\r\n", "\n")

    def end(self) -> int:
        """Wait for the program's end and return its exit code."""
        return self.process.wait(20)

    def close(self) -> None:
        """Switch the terminal off."""
        self.process.kill()
        self.process.wait()
        os.close(self._screen)


@pytest.fixture
def terminal(repo: Path) -> Iterator[Callable[..., Terminal]]:
    """Return a function that starts the program on a terminal, in the repository."""
    started: list[Terminal] = []

    def start(*words: str, **environ: str) -> Terminal:
        started.append(Terminal(repo, *words, **environ))
        return started[-1]

    yield start
    for each in started:
        each.close()


def test_ctrl_c_ends_a_command_with_130(task_id: str, terminal: Callable[..., Terminal]) -> None:
    screen = terminal("lists", "delete", "main")
    assert "unfinished task? [y/N] " in screen.read_until("[y/N] ")
    screen.process.send_signal(signal.SIGINT)
    assert screen.end() == 130
    assert screen.read_until("interrupted") == "\nerror: interrupted\n"


def test_ctrl_c_in_the_pager_is_the_pagers(
    ledger: Program, terminal: Callable[..., Terminal]
) -> None:
    ledger.ok("add", "--file", "-", stdin="".join(f"- [ ] Task {n}\n" for n in range(30)))
    screen = terminal("list", NO_COLOR="1", GIT_PAGER="kill -INT $PPID; cat; echo end")
    assert screen.read_until("end").count("Task ") == 30
    assert screen.end() == 0


def test_ctrl_c_in_the_editor_is_the_editors(task_id: str, process: RunProcess) -> None:
    editor = "kill -INT $PPID; sed -i s/schema/model/"
    done = process("edit", task_id, GIT_EDITOR=editor)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"edited {task_id[:4]} Write the model\n"
