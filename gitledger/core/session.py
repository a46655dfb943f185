"""The session: a named worker, as one file of the ledger keeps it (contract, section 7)."""

from __future__ import annotations

from datetime import datetime, timedelta

from gitledger.core.dataclass import dataclass, field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A registered session. Nothing in it is bound to a machine: no paths, no process ids.

    Attributes:
        name: the file's name.
        id: tells it from another one of the same name, and stays when it is renamed.
        role: which kind of work it takes.
        host: the name of its machine.
        repository: the name of the code repository that it works in.
        worktree: the name of its worktree's directory.
        branch: the branch that it began on.
        lease: for how long it may be silent, as `2h`; None takes the ledger's.
        agent: the program that acts for it.
        origin: the session that it was forked from.
        started_at: when it was registered.
        started_by: the person that registered it.
        ended_at: when it ended; None while it goes on.
        extra: keys that this version does not know.
    """

    name: str
    id: str
    role: str | None = None
    host: str | None = None
    repository: str | None = None
    worktree: str | None = None
    branch: str | None = None
    lease: str | None = None
    agent: str | None = None
    origin: str | None = None
    started_at: datetime | None = None
    started_by: str | None = None
    ended_at: datetime | None = None
    extra: Mapping[str, Any] = field(default_factory=dict, hash=False)

    @property
    def ended(self) -> bool:
        """Whether it has ended."""
        return self.ended_at is not None


def check_lease(lease: str) -> str:
    """Return a lease as it is kept, as `2h`.

    Raises:
        InvalidInput: it is no duration.
    """
    from gitledger.core.dates import parse_duration

    parse_duration(lease)
    return lease.strip().lower()


def last_sign(*signs: datetime | None) -> datetime | None:
    """Return a session's last sign of life: the latest of those that there are."""
    return max((sign for sign in signs if sign), default=None)


def stale(last_seen: datetime | None, lease: timedelta, now: datetime) -> bool:
    """Tell whether a session is silent for longer than its lease; never heard of is silent."""
    return last_seen is None or now - last_seen > lease


def lease_of(session: Session | None, default: timedelta) -> timedelta:
    """Return for how long a session may be silent; one that is not registered has the default."""
    if session is None or session.lease is None:
        return default
    from gitledger.core.dates import parse_duration

    return parse_duration(session.lease)


def is_past(
    session: Session, now: datetime, silent: timedelta | None, retention: timedelta
) -> bool:
    """Tell whether a session ended, or is silent, for longer than the retention.

    Args:
        session: as it is registered.
        now: the time, UTC.
        silent: for how long it is silent; None within its lease.
        retention: for how long sessions stay.
    """
    if session.ended_at is not None:
        return now - session.ended_at > retention
    return silent is not None and silent > retention
