"""Child processes, started without `subprocess`, whose import takes longer than git itself.

A short command writes into files in memory: they hold whatever it prints, and what it leaves
behind cannot keep us waiting, as it could with a pipe. A conversation goes on over pipes.

What a process has started is its own. A child that it forks has copies of the pipes and files, and
nothing to say: it can neither ask nor wait, and ends nothing.
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import BinaryIO

_SIGTERM, _SIGKILL = 15, 9
_SIGPIPE = 13
"""Which Python ignores; a child would inherit that. The numbers are the same on all systems, and
`signal` takes a third of Python's own start to import."""

_TICK = 0.01
"""Seconds between two looks whether a process that is to end has done so."""
_SAID = 65_536
"""Bytes of what a process says on standard error that are read at once."""


def find(program: str, environ: Mapping[str, str]) -> str:
    """Return the path of a program, looked for as the environment's `PATH` says.

    Raises:
        FileNotFoundError: there is none.
    """
    # As `os.get_exec_path` has it, which imports `warnings` at every call.
    for folder in environ.get("PATH", os.defpath).split(os.pathsep):
        path = os.path.join(folder, program)
        if os.path.isfile(path) and os.access(path, os.X_OK):
            return path
    raise FileNotFoundError(2, "No such file or directory", program)


def run(
    words: Sequence[str], environ: Mapping[str, str], given: bytes, *, session: bool
) -> tuple[int, bytes, bytes]:
    """Run a program to its end.

    Args, Returns, Raises: as `Running`.
    """
    return Running(words, environ, given, session=session).result()


class Running:
    """A program that runs to its end, whatever we do meanwhile.

    Args:
        words: its name and its arguments.
        environ: its environment.
        given: its standard input.
        session: give it a session of its own, without the terminal.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(
        self, words: Sequence[str], environ: Mapping[str, str], given: bytes, *, session: bool
    ) -> None:
        self._session = session
        self._owner = os.getpid()
        self._pid = 0
        self._files: list[int] = []
        self._files.append(file(given) if given else _apart(os.open(os.devnull, os.O_RDONLY)))
        self._files.append(file())
        self._files.append(file())
        self._pid = _start(words, environ, self._files, session=session)

    @property
    def is_ours(self) -> bool:
        """Whether this very process has started it, and can wait for it."""
        return self._owner == os.getpid()

    def result(self) -> tuple[int, bytes, bytes]:
        """Wait for its end; ask once.

        Returns:
            Its exit code (negative: the signal that ended it), standard output, standard error.
        """
        try:
            pid, self._pid = self._pid, 0
            code = _wait(pid, session=self._session)
            return code, content(self._files[1]), content(self._files[2])
        finally:
            self._close()

    def _close(self) -> None:
        files, self._files = self._files, []
        for each in files:
            os.close(each)

    def __del__(self) -> None:
        self._close()
        if self._pid and self.is_ours and not sys.is_finalizing():
            _end(self._pid, session=self._session)  # nobody has asked what it says


def leave(words: Sequence[str], environ: Mapping[str, str]) -> int:
    """Start a program that goes on without us, hears and says nothing, and return its process id.

    Args, Raises: as `run`.
    """
    nothing = _apart(os.open(os.devnull, os.O_RDWR))
    try:
        return _start(words, environ, [nothing] * 3, session=True, close=_inherited())
    finally:
        os.close(nothing)


class Conversation:
    """A program that is asked and answers, as long as this object lives.

    Args:
        words: its name and its arguments.
        environ: its environment.

    Raises:
        OSError: it cannot be started.
    """

    def __init__(self, words: Sequence[str], environ: Mapping[str, str]) -> None:
        theirs: list[int] = []
        ours: list[int] = []
        self._owner = os.getpid()
        self._pid = 0
        try:
            for writes in (False, True, True):
                ends = [_apart(end) for end in os.pipe()]
                theirs.append(ends[writes])
                ours.append(ends[not writes])
            self._pid = _start(words, environ, theirs, session=True)
        except BaseException:
            for end in ours:
                os.close(end)
            raise
        finally:
            for end in theirs:
                os.close(end)
        self._questions, answers, self._complaints = ours
        self.answers: BinaryIO = open(answers, "rb")  # noqa: SIM115  # closed with the object
        """What it writes to standard output."""
        os.set_blocking(self._complaints, False)

    @property
    def is_ours(self) -> bool:
        """Whether this very process has started it: two who ask would hear each other's answers."""
        return self._owner == os.getpid()

    def ask(self, question: bytes) -> None:
        """Write to its standard input.

        Raises:
            BrokenPipeError: it has ended.
        """
        while question:
            question = question[os.write(self._questions, question) :]

    def complaint(self) -> bytes:
        """Return what it has written to standard error since the last time, or its end."""
        said = b""
        try:
            while more := os.read(self._complaints, _SAID):
                said = more
        except BlockingIOError:
            pass
        return said

    def close(self) -> None:
        """End it, whatever it does: without its pipes it has nothing left to do.

        A process that has not started it lets go of its copies of the pipes.
        """
        if not self._pid:
            return
        os.close(self._questions)
        self.answers.close()
        os.close(self._complaints)
        pid, self._pid = self._pid, 0
        # A process that ends itself leaves it to the system: that is a millisecond less.
        if self.is_ours and not sys.is_finalizing():
            _end(pid, session=True)

    def __del__(self) -> None:
        self.close()


def _start(
    words: Sequence[str],
    environ: Mapping[str, str],
    files: Sequence[int],
    *,
    session: bool,
    close: Sequence[int] = (),
) -> int:
    actions: list[tuple[int, ...]] = [(os.POSIX_SPAWN_CLOSE, file) for file in close]
    actions += [(os.POSIX_SPAWN_DUP2, each, number) for number, each in enumerate(files)]
    program = find(words[0], environ)
    return os.posix_spawn(
        program, list(words), environ, file_actions=actions, setsid=session, setsigdef=[_SIGPIPE]
    )


def _inherited() -> list[int]:
    """Return the files beside the standard ones that a child would keep open: our parent's."""
    inherited = []
    for name in os.listdir("/dev/fd"):
        try:
            if int(name) > 2 and os.get_inheritable(int(name)):
                inherited.append(int(name))
        except OSError:
            pass  # the one that the list was read from
    return inherited


def _wait(pid: int, *, session: bool) -> int:
    try:
        return _code(os.waitpid(pid, 0)[1])
    except ChildProcessError:  # our parent had us ignore the end of children; so does subprocess
        return 0
    except BaseException:
        _end(pid, session=session)
        raise


def _end(pid: int, *, session: bool) -> None:
    """End a process, which may want to tidy up, and whatever it leaves behind in its session."""
    for number, seconds in ((_SIGTERM, 2.0), (_SIGKILL, 1.0)):
        try:
            os.killpg(pid, number) if session else os.kill(pid, number)
        except (ProcessLookupError, PermissionError):
            pass  # no such process: all are gone; not permitted: macOS says so of the dead
        if _has_ended(pid, seconds) and not session:
            return  # its number may be another's by now; that of a session is taken while it lasts


def _has_ended(pid: int, seconds: float) -> bool:
    """Tell whether a process ends within so many seconds."""
    end, pause = time.monotonic() + seconds, 0.0005
    while True:
        try:
            if os.waitpid(pid, os.WNOHANG)[0]:
                return True
        except ChildProcessError:
            return True
        if time.monotonic() >= end:
            return False
        time.sleep(pause)
        pause = min(pause * 2, _TICK)


def _code(status: int) -> int:
    return os.waitstatus_to_exitcode(status)


def file(given: bytes = b"") -> int:
    """Return a file without a name that holds what is given, to be read from its beginning.

    It is in memory, where the system has such files; whoever asks for it closes it.
    """
    try:
        made = _apart(os.memfd_create("gitledger"))
    except (AttributeError, OSError):  # another system than Linux, or one that allows none
        from tempfile import mkstemp

        made, path = mkstemp()
        os.unlink(path)
        made = _apart(made)
    left = given
    while left:
        left = left[os.write(made, left) :]
    if given:
        os.lseek(made, 0, os.SEEK_SET)
    return made


def _apart(descriptor: int) -> int:
    """Return the file under a number that no standard stream has, should ours be closed."""
    taken = []
    while descriptor <= 2:
        taken.append(descriptor)
        descriptor = os.dup(descriptor)
    for number in taken:
        os.close(number)
    return descriptor


def content(descriptor: int) -> bytes:
    """Return all that is in a file, wherever its offset stands."""
    # Not by seek: what was left behind may still write where the file's offset stands.
    parts: list[bytes] = []
    place = 0
    while part := os.pread(descriptor, 1 << 30, place):
        parts.append(part)
        place += len(part)
    return b"".join(parts)
