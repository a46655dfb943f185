"""Heartbeats: signs of life that stay on their machine, outside of every ref.

One small file a session in the common git directory. Its time is when the session last ran a
command here; a command that waits for long writes down its process, which is alive as long as
that very process runs.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from gitledger.core.names import check_session
from gitledger.errors import InvalidInput

_FOLDER: Final = Path("gitledger", "heartbeats")
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")
_START: Final = 21
"""The place of a process's start time in `/proc/PID/stat`, behind its name (proc(5): field 22)."""


class Heartbeats:
    """The heartbeats of one repository's sessions on this machine.

    Args:
        common_dir: the common git directory.
    """

    def __init__(self, common_dir: Path) -> None:
        self._folder = common_dir / _FOLDER

    def beat(self, session: str, now: datetime, *, waits: bool = False) -> None:
        """Note that a session is alive; where the directory cannot be written, do without.

        Args:
            session: its name.
            now: the time.
            waits: this process goes on for long, and is a sign of life as long as it runs.
        """
        path = self._folder / session
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            if waits:
                path.write_text(_identity(os.getpid()) or "")
            else:
                path.touch()
            os.utime(path, (now.timestamp(), now.timestamp()))

    def last(self, session: str, now: datetime) -> datetime | None:
        """Return when a session was last alive here; None when it never was."""
        path = self._folder / session
        try:
            if _runs(path.read_text()):
                return now
            return datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except (OSError, ValueError, OverflowError):
            return None

    def sessions(self) -> tuple[str, ...]:
        """Return the sessions that have ever been alive here, sorted."""
        found = []
        with suppress(OSError):
            for name in os.listdir(self._folder):  # names, not paths
                with suppress(InvalidInput):
                    found.append(check_session(name))
        return tuple(sorted(found))

    def rename(self, old: str, new: str) -> None:
        """Go on under another name."""
        with suppress(OSError):
            (self._folder / old).replace(self._folder / new)

    def forget(self, session: str) -> None:
        """Remove a session's heartbeat."""
        with suppress(OSError):
            (self._folder / session).unlink()


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
        start = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[_START - 2]
        return f"{pid} {start} {_BOOT.read_text().strip()}"
    except (OSError, IndexError):
        return None
