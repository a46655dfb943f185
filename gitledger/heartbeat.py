"""Heartbeats: signs of life that stay on their machine, outside of every ref.

One small file a session in the common git directory. Its time is when the session last ran a
command here; a command that waits for long writes down its process, which is alive as long as
that very process runs.
"""

from __future__ import annotations

import os

from gitledger.core.names import check_session
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path
    from typing import Final

_FOLDER: Final = "gitledger/heartbeats"
_BOOT: Final = "/proc/sys/kernel/random/boot_id"
_START: Final = 21
"""The place of a process's start time in `/proc/PID/stat`, behind its name (proc(5): field 22)."""


class Heartbeats:
    """The heartbeats of one repository's sessions on this machine.

    Args:
        common_dir: the common git directory.
    """

    def __init__(self, common_dir: str | Path) -> None:
        self._folder = os.path.join(common_dir, _FOLDER)

    def beat(self, session: str, now: datetime, *, waits: bool = False) -> None:
        """Note that a session is alive; where the directory cannot be written, do without.

        Args:
            session: its name.
            now: the time.
            waits: this process goes on for long, and is a sign of life as long as it runs.
        """
        path = self._path(session)
        try:
            if not os.path.isdir(self._folder):
                from gitledger.store.shared import make_folder

                make_folder(self._folder)
            with open(path, "w" if waits else "a", encoding="utf-8") as file:
                file.write(_identity(os.getpid()) or "" if waits else "")
            os.utime(path, (now.timestamp(), now.timestamp()))
        except OSError:
            pass

    def last(self, session: str, now: datetime) -> datetime | None:
        """Return when a session was last alive here; None when it never was."""
        from datetime import UTC, datetime

        path = self._path(session)
        try:
            if _runs(_text(path)):
                return now
            return datetime.fromtimestamp(os.stat(path).st_mtime, UTC)
        except (OSError, ValueError, OverflowError):
            return None

    def sessions(self) -> tuple[str, ...]:
        """Return the sessions that have ever been alive here, sorted."""
        try:
            names = os.listdir(self._folder)  # names, not paths
        except OSError:
            return ()
        found = []
        for name in names:
            try:
                found.append(check_session(name))
            except InvalidInput:
                pass  # nobody's
        return tuple(sorted(found))

    def rename(self, old: str, new: str) -> None:
        """Go on under another name."""
        try:
            os.replace(self._path(old), self._path(new))
        except OSError:
            pass  # it has none

    def forget(self, session: str) -> None:
        """Remove a session's heartbeat."""
        try:
            os.unlink(self._path(session))
        except OSError:
            pass  # it has none

    def _path(self, session: str) -> str:
        return os.path.join(self._folder, session)


def _runs(identity: str) -> bool:
    """Tell whether the process still runs that a heartbeat names: it, and no later one."""
    pid = identity.partition(" ")[0]
    return pid.isdecimal() and _identity(int(pid)) == identity


def _identity(pid: int) -> str | None:
    """Return what no other process ever has: pid, time of its start, and the system's.

    None where the system does not tell (or there is no such process): then the time of the
    heartbeat alone counts.
    """
    try:
        # The name, in brackets, may hold blanks and brackets itself.
        start = _text(f"/proc/{pid}/stat").rpartition(")")[2].split()[_START - 2]
        return f"{pid} {start} {_text(_BOOT).strip()}"
    except (OSError, IndexError):
        return None


def _text(path: str) -> str:
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
