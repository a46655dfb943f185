"""Signs of life: when each session that holds a task was last heard of (contract, section 4)."""

from __future__ import annotations

from datetime import UTC, datetime

from gitledger.core.session import last_sign, lease_of, stale

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import timedelta
    from typing import Final

    from gitledger.heartbeat import Heartbeats
    from gitledger.index import Index
    from gitledger.index.operations import Operations
    from gitledger.snapshot import Snapshot

_FEW: Final = 4
"""Sessions that are looked up one by one."""
_NEVER: Final = datetime.fromtimestamp(0, UTC)


class Signs:
    """Where signs of life are looked for.

    Args:
        tasks: the tasks and sessions, as a snapshot or its index has them.
        heartbeats: those of this machine.
        now: the time, UTC.
        lease: of sessions that have none of their own.
        operations: those of the list up to the same commit.
    """

    __slots__ = ("_heartbeats", "_lease", "_now", "_operations", "_tasks")

    def __init__(
        self,
        tasks: Snapshot | Index,
        heartbeats: Heartbeats,
        now: datetime,
        lease: timedelta,
        operations: Operations,
    ) -> None:
        self._tasks = tasks
        self._heartbeats = heartbeats
        self._now = now
        self._lease = lease
        self._operations = operations

    def seen(self, names: Collection[str], *, exact: bool = True) -> dict[str, datetime]:
        """Return when each session was last heard of, without those that never were.

        That is its last operation, its registration, its heartbeat, or that a task became its own.

        Args:
            names: which.
            exact: look up how long ago it is; without, it may be later for those that are silent
                for longer than their lease, and a long history need not be read so far back.
        """
        if not names:
            return {}
        if len(names) > _FEW:
            self._tasks.sessions()  # read together, they take less time
        claims = self._tasks.last_claims(names)
        stamps = ((name, self._stamp(name, claims.get(name))) for name in names)
        found = {name: sign for name, sign in stamps if sign}
        for name, at in self._acted(names, self._since(names, found, exact=exact)).items():
            found[name] = max(at, found.get(name, at))
        return found

    def silences(self, names: Collection[str], *, exact: bool = True) -> dict[str, timedelta]:
        """Return which sessions are silent for longer than their lease, and for how long.

        Args:
            names: which sessions to look at.
            exact: as in `seen`.
        """
        seen = self.seen(names, exact=exact)
        silent = sorted(name for name in names if self._silent(name, seen.get(name)))
        return {name: self._now - seen.get(name, _NEVER) for name in silent}

    def acted_since(self, moments: Mapping[str, datetime]) -> frozenset[str]:
        """Return the sessions that have an operation after the moment that is given for each."""
        if not moments:
            return frozenset()
        found = self._acted(moments.keys(), min(moments.values()))
        return frozenset(name for name, at in found.items() if at > moments[name])

    def _stamp(self, name: str, claimed: datetime | None) -> datetime | None:
        """Return the last sign of a session that is no operation of its own.

        A task becomes one's own without one's doing: by a handoff.
        """
        registered = self._tasks.session(name)
        return last_sign(
            claimed,
            self._heartbeats.last(name, self._now),
            registered.started_at if registered else None,
        )

    def _since(
        self, names: Collection[str], found: Mapping[str, datetime], *, exact: bool
    ) -> datetime | None:
        """Return from when on operations matter: older ones tell no more than what was found."""
        since = self._now - max(self._lease_of(name) for name in names)
        silent = [name for name in names if self._silent(name, found.get(name))]
        if not exact or not silent:
            return since
        if any(name not in found for name in silent):
            return None
        return min(since, *(found[name] for name in silent))

    def _acted(self, names: Collection[str], since: datetime | None) -> dict[str, datetime]:
        """Return the last operation of each session that had any since then, perhaps of others."""
        came = None if since is None else int(since.timestamp())
        found = self._operations.last_operations(names, since=came)
        return {name: datetime.fromtimestamp(at, UTC) for name, at in found.items()}

    def _lease_of(self, name: str) -> timedelta:
        return lease_of(self._tasks.session(name), self._lease)

    def _silent(self, name: str, sign: datetime | None) -> bool:
        return stale(sign, self._lease_of(name), self._now)
