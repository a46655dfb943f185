"""The git program: the one module that starts it."""

from __future__ import annotations

import os

from gitledger import spawn
from gitledger.core.value import Value
from gitledger.errors import GitFailed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from subprocess import Popen
    from typing import Final

    from gitledger.configuration import Configuration
    from gitledger.store.location import Location

_DROPPED: Final = frozenset(
    {
        "GIT_ALTERNATE_OBJECT_DIRECTORIES",
        "GIT_AUTHOR_DATE",
        "GIT_AUTHOR_EMAIL",
        "GIT_AUTHOR_NAME",
        "GIT_COMMITTER_DATE",
        "GIT_COMMITTER_EMAIL",
        "GIT_COMMITTER_NAME",
        "GIT_COMMON_DIR",
        "GIT_CONFIG",
        "GIT_DIR",
        "GIT_GRAFT_FILE",
        "GIT_IMPLICIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_INTERNAL_SUPER_PREFIX",
        "GIT_NAMESPACE",
        "GIT_NO_REPLACE_OBJECTS",
        "GIT_OBJECT_DIRECTORY",
        "GIT_PREFIX",
        "GIT_QUARANTINE_PATH",
        "GIT_REPLACE_REF_BASE",
        "GIT_SHALLOW_FILE",
        "GIT_WORK_TREE",
    }
)
"""What git tells its hooks about the command at hand: it would lead our git to another repository,
index or author. It is `git rev-parse --local-env-vars` without `GIT_CONFIG_PARAMETERS` and
`GIT_CONFIG_COUNT`: the settings of `git -c key=value ledger …` are meant for us."""

_CONFIGURATION: Final = ("config", "--list", "-z")
OBJECTS: Final = ("--no-replace-objects", "cat-file", "--batch")
"""The conversation in which git answers with objects, as they are."""
_FATAL: Final = 128
"""The exit code with which git gives up, also where it cannot go to a directory."""
_TICK: Final = 0.1
"""Seconds between two looks at what a git that is watched says."""
_TOLD: Final = 1024
"""Bytes of it that are looked at: some lines of progress."""


class Result(Value):
    """What a git command left: its exit code (negative: the signal that ended it) and output."""

    __slots__ = ("code", "stderr", "stdout")

    def __init__(self, code: int, stdout: bytes, stderr: str) -> None:
        self.code = code
        self.stdout = stdout
        self.stderr = stderr


class Git:
    """The git program, run on one repository.

    Args:
        directory: where git is started, and from where it looks for the repository.
        environ: what git inherits, apart from what leads to another repository, index or author.
        git_dir: the repository, where git would not find it from the directory.
        terminal: a person sits at the terminal, whom git may ask for a password.
    """

    def __init__(
        self,
        directory: str | Path,
        environ: Mapping[str, str],
        *,
        git_dir: str | Path | None = None,
        terminal: bool = False,
    ) -> None:
        self._directory = os.fspath(directory)
        self._settings: tuple[str, ...] = ()
        self._read: Configuration | None = None
        self._reading: spawn.Running | None = None
        self._talk: tuple[tuple[str, ...], spawn.Conversation] | None = None
        self.terminal = terminal
        self._environ = {key: value for key, value in environ.items() if key not in _DROPPED}
        self._environ |= {"LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}
        if git_dir is not None:
            self._environ["GIT_DIR"] = os.fspath(git_dir)
        if not terminal:
            self._environ["GIT_TERMINAL_PROMPT"] = "0"

    @classmethod
    def at(cls, location: Location, environ: Mapping[str, str], *, terminal: bool = False) -> Git:
        """Return git for the repository at a location.

        It starts where git itself found or would find the repository, so that git's own checks
        of its owner hold and relative addresses of remotes mean what they mean to the user.
        """
        if location.start_name is not None:
            return cls(location.start_name, environ, terminal=terminal)
        git_dir = location.git_dir_name
        directory = location.worktree_name or git_dir
        return cls(directory, environ, git_dir=git_dir, terminal=terminal)

    def using(self, settings: Sequence[str]) -> Git:
        """Return this git with settings, `name=value`, that each of its runs is given with `-c`.

        What was read of the configuration is handed on.
        """
        other = self._copy()
        other._settings = tuple(word for setting in settings for word in ("-c", setting))
        return other

    def as_committer(self, name: str, email: str) -> Git:
        """Return this git with somebody who commits and is named in reflogs."""
        return self._copy({"GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": email})

    def _copy(self, environ: Mapping[str, str] | None = None) -> Git:
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other._environ = self._environ | dict(environ or {})
        other._reading = other._talk = None
        return other

    def run(
        self,
        *args: str,
        input: bytes | None = None,  # noqa: A002  # as in subprocess
        timeout: float | None = None,
        check: bool = True,
        watch: Callable[[str], object] | None = None,
    ) -> Result:
        """Run `git ARGS` to its end.

        Args:
            args: the command and its arguments.
            input: its standard input; None is an empty one.
            timeout: seconds after which git and all that it started are ended; None waits.
            watch: is called ten times a second with the end of what git has written to standard
                error, where `--progress` tells how far it is.
            check: raise where git fails. Without it a failure, also by the timeout, is a code
                that is not 0 and a line in `stderr`.

        Raises:
            GitFailed: git cannot be started; or it failed and `check` is set.
        """
        if timeout is None and watch is None:
            result = self._finish(self._begin(args, input or b""))
        else:
            try:
                result = self._run(args, input or b"", timeout, watch)
            except OSError as error:
                raise self._not_started(error) from error
        return _checked(args, result) if check else result

    def configuration(self) -> Configuration:
        """Return git's configuration as it holds here; it is read once.

        Raises:
            GitFailed: a configuration file is broken.
        """
        if self._read is None:
            from gitledger.configuration import Configuration

            reading, self._reading = self._reading, None
            if reading is None or not reading.is_ours:
                reading = self._begin(_CONFIGURATION)
            printed = _checked(_CONFIGURATION, self._finish(reading))
            self._read = Configuration.parse(printed.stdout)
        return self._read

    def begin_configuration(self) -> None:
        """Let git print its configuration while we do something else, before we ask for it.

        Raises:
            GitFailed: git cannot be started.
        """
        if self._read is None and self._reading is None:
            self._reading = self._begin(_CONFIGURATION)

    def begin_conversation(self, *args: str) -> None:
        """Let git get ready while we do something else, before we `converse` in the same words.

        Raises:
            GitFailed: git cannot be started.
        """
        if self._talk is None:
            self._talk = args, self.converse(*args)

    def converse(self, *args: str) -> spawn.Conversation:
        """Start `git ARGS`, to be asked and to answer again and again; it never fetches.

        Raises:
            GitFailed: git cannot be started.
        """
        begun, self._talk = self._talk, None
        if begun is not None and begun[0] == args and begun[1].is_ours:
            return begun[1]
        # A partial clone's git would ask the remote for what is missing. The first is heard from
        # 2.44; to an older git no protocol is left to fetch with.
        environ = self._environ | {"GIT_NO_LAZY_FETCH": "1", "GIT_ALLOW_PROTOCOL": "none"}
        try:
            return spawn.Conversation(self._words(args), environ)
        except OSError as error:
            raise self._not_started(error) from error

    def leave(self, *args: str) -> int:
        """Start `git ARGS`, which goes on without us and says nothing; return its process id.

        Raises:
            GitFailed: git cannot be started.
        """
        try:
            return spawn.leave(self._words(args), self._environ)
        except OSError as error:
            raise self._not_started(error) from error

    def _words(self, args: Sequence[str]) -> list[str]:
        return ["git", "-C", self._directory, *self._settings, *args]

    def _begin(self, args: Sequence[str], given: bytes = b"") -> spawn.Running:
        words = self._words(args)
        try:
            return spawn.Running(words, self._environ, given, session=not self.terminal)
        except OSError as error:
            raise self._not_started(error) from error

    def _finish(self, running: spawn.Running) -> Result:
        code, out, said = running.result()
        if code == _FATAL and not os.path.isdir(self._directory):
            raise self._not_started(FileNotFoundError(self._directory))
        return Result(code, out, _told(code, said.decode(errors="replace")))

    def _run(
        self,
        args: Sequence[str],
        given: bytes,
        timeout: float | None,
        watch: Callable[[str], object] | None,
    ) -> Result:
        import subprocess

        # Files, not pipes: what git leaves behind (ssh's ControlPersist, a credential daemon)
        # keeps a pipe open, and reading it to its end would wait for that.
        files = [spawn.file(given), spawn.file(), spawn.file()]
        try:
            process = subprocess.Popen(
                ["git", *self._settings, *args],
                cwd=self._directory,
                env=self._environ,
                stdin=files[0],
                stdout=files[1],
                stderr=files[2],
                # A session of its own can be ended as a whole. It has no terminal, though.
                start_new_session=not self.terminal,
            )
            late = ""
            try:
                if watch is None:
                    process.wait(timeout)
                else:
                    _wait_watched(process, timeout, lambda: watch(_end_of(files[2])))
            except subprocess.TimeoutExpired:
                self._end(process)
                late = f"fatal: timed out after {timeout:g} s\n"
            except BaseException:
                self._end(process)
                raise
            said = spawn.content(files[2]).decode(errors="replace")
            # A git that could not be ended in time has no code yet.
            code = process.returncode or (-1 if late else 0)
            return Result(code, spawn.content(files[1]), _told(code, said + late))
        finally:
            for each in files:
                os.close(each)

    def _end(self, process: Popen[bytes]) -> None:
        """End git, which removes its lock files at SIGTERM, and then whatever it left behind."""
        import signal
        from contextlib import suppress
        from subprocess import TimeoutExpired

        for number, seconds in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 1.0)):
            # No such process: all are gone. Not permitted: macOS says so of the dead.
            with suppress(TimeoutExpired, ProcessLookupError, PermissionError):
                if self.terminal:
                    process.send_signal(number)
                else:
                    os.killpg(process.pid, number)
                process.wait(seconds)

    def _not_started(self, error: OSError) -> GitFailed:
        if not os.path.isdir(self._directory):
            return GitFailed(f"cannot run git: no such directory: {self._directory}")
        if error.filename == "git":
            return GitFailed(
                "cannot run git: it is not installed, or not in PATH",
                hint="install git: https://git-scm.com",
            )
        return GitFailed(f"cannot run git: {error.strerror or error}")


def _wait_watched(process: Popen[bytes], timeout: float | None, tell: Callable[[], object]) -> None:
    """Wait as `Popen.wait` does, and tell now and then."""
    from math import inf
    from subprocess import TimeoutExpired
    from time import monotonic

    end = inf if timeout is None else monotonic() + timeout
    while True:
        try:
            process.wait(max(0.0, min(_TICK, end - monotonic())))
        except TimeoutExpired:
            if monotonic() >= end:
                raise
            tell()
        else:
            return


def _end_of(descriptor: int) -> str:
    begin = max(0, os.fstat(descriptor).st_size - _TOLD)
    return os.pread(descriptor, _TOLD, begin).decode(errors="replace")


def _checked(args: Sequence[str], result: Result) -> Result:
    if result.code != 0:
        raise GitFailed(f"git {args[0]}: {_reason(result)}")
    return result


def _told(code: int, said: str) -> str:
    """Return what git said; of one that a signal has ended before it could, which signal."""
    if code >= 0 or said:
        return said
    from signal import strsignal

    return f"fatal: ended by a signal: {strsignal(-code)}\n"


def _reason(result: Result) -> str:
    """Return the line in which git says why it failed."""
    lines = [line.strip() for line in result.stderr.splitlines() if line.strip()]
    blamed = [line for line in lines if line.startswith(("fatal:", "error:"))] or lines[-1:]
    if blamed:
        from gitledger.core.text import escape

        return escape(blamed[0].removeprefix("fatal: ").removeprefix("error: "))
    return f"it ended with code {result.code}"
