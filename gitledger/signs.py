"""Signs of life: when each session that holds a task was last heard of (contract, section 4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from gitledger.core.operation import parse_message
from gitledger.core.session import last_sign, lease_of, stale
from gitledger.core.task import Task
from gitledger.heartbeat import Heartbeats
from gitledger.snapshot import Snapshot
from gitledger.store.base import Store

_NEVER: Final = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Signs:
    """Where signs of life are looked for.

    Attributes:
        store: where the commits are.
        snapshot: the tasks and sessions.
        heartbeats: those of this machine.
        now: the time, UTC.
        lease: of sessions that have none of their own.
    """

    store: Store
    snapshot: Snapshot
    heartbeats: Heartbeats
    now: datetime
    lease: timedelta

    def seen(self, names: Collection[str], *, exact: bool = True) -> dict[str, datetime]:
        """Return when each session was last heard of, without those that never were.

        Args:
            names: which.
            exact: look up how long ago it is; without, it may be later for those that are silent
                for longer than their lease.
        """
        found = self._stamped(frozenset(names))
        silent = {name for name in names if self._silent(name, found.get(name))}
        if silent:
            since = self.now - max(self._lease(name) for name in silent)
            if exact:
                since = min([since, *(found[name] for name in silent if name in found)])
            for name, at in _operations(self.store, self.snapshot.commit, silent, since).items():
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
        return {name: self.now - seen.get(name, _NEVER) for name in silent}

    def acted_since(self, moments: Mapping[str, datetime]) -> frozenset[str]:
        """Return the sessions that have an operation after the moment that is given for each."""
        if not moments:
            return frozenset()
        since = min(moments.values())
        found = _operations(self.store, self.snapshot.commit, set(moments), since)
        return frozenset(name for name, at in found.items() if at > moments[name])

    def _stamped(self, names: frozenset[str]) -> dict[str, datetime]:
        """Return the signs that are quick to find: in tasks, heartbeats and registrations.

        What a session did to a task that another has changed since is not among them.
        """
        found: dict[str, datetime] = {}
        for task in self.snapshot.all():
            for name, at in _stamps(task):
                if name in names and at and (name not in found or at > found[name]):
                    found[name] = at
        for name in names:
            registered = self.snapshot.session(name)
            started = registered.started_at if registered else None
            sign = last_sign(found.get(name), self.heartbeats.last(name, self.now), started)
            if sign:
                found[name] = sign
        return found

    def _lease(self, name: str) -> timedelta:
        return lease_of(self.snapshot.session(name), self.lease)

    def _silent(self, name: str, sign: datetime | None) -> bool:
        return stale(sign, self._lease(name), self.now)


def _stamps(task: Task) -> Iterable[tuple[str | None, datetime | None]]:
    yield task.updated_by, task.updated_at
    yield task.created_by, task.created_at
    yield task.owner, task.claimed_at
    for note in task.notes:
        yield note.by, note.at


def _operations(
    store: Store, tip: str, sessions: set[str], since: datetime
) -> Mapping[str, datetime]:
    """Return the last operation of each session that had any since then."""
    found: dict[str, datetime] = {}
    for commit in store.history(tip):
        # The committer's time: a replay brings old operations in late.
        if commit.committer.time < since.timestamp() or len(found) == len(sessions):
            break
        session = parse_message(commit.message).session
        if session in sessions and session not in found:
            found[session] = datetime.fromtimestamp(commit.author.time, UTC)
    return found
