"""What a command works in: place, environment, streams, options, and the ledger."""

from __future__ import annotations

import os
from functools import cached_property

from gitledger.errors import InvalidInput, LedgerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path
    from typing import Any, TextIO

    from gitledger.cli.progress import Deed
    from gitledger.core.task import Task
    from gitledger.ledger import Ledger
    from gitledger.moment import Moment
    from gitledger.past import Past
    from gitledger.reader import Reader
    from gitledger.repository import Repository

STANDARD_INPUT = "standard input"
"""What `-` is called in messages."""


def utc_now() -> datetime:
    """Return the time."""
    from datetime import UTC, datetime

    return datetime.now(UTC)


class Context:
    """One run of the program.

    Attributes:
        place: the directory that it stands in.
        environ: its environment.
        stdin: where it reads.
        stdout: where data goes.
        stderr: where messages go.
        options: values of the common options by name.
        moment: as of when the ledger is read; None: as it is now.
        automatic: a program runs the command again and again: no sign that anybody works.
        brief: the command does one thing and ends; see `gitledger.store.open_store`.
    """

    def __init__(
        self,
        *,
        place: str,
        environ: Mapping[str, str],
        stdin: TextIO,
        stdout: TextIO,
        stderr: TextIO,
        clock: Callable[[], datetime] = utc_now,
        random_bytes: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.place = place
        self.environ = environ
        self.stdin = stdin
        self.stdout = stdout
        self.stderr = stderr
        self.options: Mapping[str, Any] = {}
        self.moment: Moment | None = None
        self.automatic = False
        self.brief = True
        self.clock = clock
        self.random_bytes = random_bytes
        self._building: Deed | None = None

    @property
    def cwd(self) -> Path:
        """The directory that it stands in."""
        from pathlib import Path

        return Path(self.place)

    @cached_property
    def reader(self) -> Reader:
        """The ledger that the options and the environment name, to be read."""
        from gitledger.reader import Reader

        reader = Reader.open(self.place, brief=self.brief, **self.ledger_options())
        reader.building = self._show_building
        return reader

    def look_back(self, when: str) -> Past:
        """Let the ledger be read as it was at a moment, from now on; that cannot be written."""
        from gitledger.hindsight import look_back

        past = look_back(self.reader, when)
        self.reader.close()
        self.__dict__["reader"] = past
        self.moment = past.moment
        return past

    @cached_property
    def ledger(self) -> Ledger:
        """The same ledger, to be written, too."""
        # Git takes its time to get ready, and so does what is imported.
        self.reader.repository.begin_objects()
        from gitledger.ledger import Ledger

        if isinstance(self.reader, Ledger):
            return self.reader
        ledger = Ledger.of(self.reader)
        ledger.building = self._show_building
        return ledger

    def _show_building(self, done: int, total: int) -> None:
        """Show to somebody who waits how much of the index is made anew."""
        if self.automatic or not self.stderr.isatty():
            return
        if self._building is None:
            from gitledger.cli.progress import Deed

            self._building = Deed("building the index", self.stderr, self.environ)
        self._building(done, total)

    def settle(self) -> None:
        """Leave nothing on the terminal that a command has not come to the end of."""
        if self._building is not None:
            self._building.close()

    def close(self) -> None:
        """Let go of the ledger, whose index others may have to themselves then."""
        for name in ("reader", "ledger"):
            if opened := self.__dict__.get(name):
                opened.close()

    def ledger_options(self) -> dict[str, Any]:
        """Return what `Ledger.open` and `Ledger.init` need besides the path."""
        return {
            "list": self.options.get("list"),
            "session": self.options.get("session"),
            "agent": self.options.get("agent"),
            "repo": self.options.get("repo"),
            "environ": self.environ,
            "clock": self.clock,
            "random_bytes": self.random_bytes,
        }

    @cached_property
    def repository(self) -> Repository:
        """The repository that keeps the ledger; there need not be a ledger in it yet."""
        from gitledger.repository import repositories

        if "reader" in self.__dict__:
            return self.reader.repository
        asked = self.options.get("repo")
        return repositories(self.place, asked, self.environ, brief=self.brief)[1]

    def setting(self, key: str) -> str | None:
        """Return a value of git's configuration, None where it is not set, or not to be had."""
        try:
            return self.repository.configuration.get(key)
        except LedgerError:
            return None

    @property
    def now(self) -> datetime:
        """The time in the user's zone."""
        return self.clock().astimezone()

    def call(self, task: Task) -> str:
        """Return how people read a task's name: its short id and its title, escaped."""
        from gitledger.core.text import escape

        return f"{self.ledger.short(task.id)} {escape(task.title)}"

    @property
    def can_ask(self) -> bool:
        """Whether somebody is there to be asked."""
        return not self.options.get("no_input") and self.stdin.isatty()

    def confirm(self, deed: str) -> bool:
        """Ask whether to do something, as `delete the list 'x'`.

        Raises:
            InvalidInput: nobody can be asked.
        """
        if self.options.get("yes"):
            return True
        if not self.can_ask:
            raise InvalidInput(f"will not {deed} unasked", hint="say yes to it: --yes")
        try:
            self.stderr.write(f"{deed[0].upper()}{deed[1:]}? [y/N] ")
            self.stderr.flush()
            return self.stdin.readline().strip().lower() in ("y", "yes")
        except KeyboardInterrupt:
            self.stderr.write("\n")
            raise

    def plan_name(self, file: str) -> str:
        """Return the name under which a file is imported: its path in the worktree, or its name.

        No path outside of the repository is kept, as it means nothing on another machine.
        """
        worktree = self.ledger.repository.location.worktree
        path = (self.cwd / file).resolve()
        if worktree and path.is_relative_to(worktree.resolve()):
            return path.relative_to(worktree.resolve()).as_posix()
        return path.name

    def words(self, words: Sequence[str]) -> str:
        """Return a text given as words of the command line, or on standard input for `-`."""
        return self.read_text("-").rstrip("\n") if list(words) == ["-"] else " ".join(words)

    def read_text(self, name: str) -> str:
        """Return the text of a file, or of standard input for `-`.

        Raises:
            InvalidInput: it cannot be read, or is no UTF-8.
        """
        shown = STANDARD_INPUT if name == "-" else name
        try:
            if name == "-":
                stream = getattr(self.stdin, "buffer", None)
                data = stream.read() if stream else self.stdin.read().encode()
            else:
                data = (self.cwd / name).read_bytes()
            return data.decode("utf-8-sig")
        except UnicodeDecodeError as wrong:
            line = data[: wrong.start].count(b"\n") + 1
            raise InvalidInput(
                f"{shown}:{line}: not UTF-8", hint="save the file as UTF-8 and import it again"
            ) from None
        except OSError as wrong:
            raise InvalidInput(f"{shown}: {(wrong.strerror or str(wrong)).lower()}") from None
