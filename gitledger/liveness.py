"""Liveness: which sessions show a sign of life, and which are silent for too long."""

from __future__ import annotations

from functools import cached_property

from gitledger.opening import Opening

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime, timedelta

    from gitledger.heartbeat import Heartbeats
    from gitledger.signs import Signs


class Liveness(Opening):
    """One task list, and the signs of life of its sessions (contract, section 4)."""

    @cached_property
    def lease(self) -> timedelta:
        """For how long a session may be silent that has no lease of its own."""
        from gitledger import settings

        return settings.lease(self.repository.configuration)

    @cached_property
    def heartbeats(self) -> Heartbeats:
        """The sessions' signs of life on this machine."""
        from gitledger.heartbeat import Heartbeats

        return Heartbeats(self.repository.location.common_dir_name)

    def silent(self, *, exact: bool = True, everybody: bool = False) -> Mapping[str, timedelta]:
        """Return for how long each session is silent that holds tasks beyond its lease.

        The session that looks is not among them: looking is a sign of life.

        Args:
            exact: look up how long; without, the time may be less, and which ones they are is
                known sooner.
            everybody: also sessions that are registered and hold nothing.
        """
        names = (self.workers() if everybody else self._owners()) - {self.session}
        return self.signs().silences(names, exact=exact) if names else {}

    def _silent_among(self, names: Collection[str]) -> Collection[str]:
        """Return which of these sessions are silent beyond their lease."""
        others = set(names) - {self.session}
        return self.signs().silences(others, exact=False) if others else ()

    def workers(self) -> set[str]:
        """Return the names of all sessions that are registered or hold an unfinished task."""
        return self._owners() | self.index().sessions().keys()

    def signs(self) -> Signs:
        """Return where signs of life are looked for, as of now."""
        from gitledger.signs import Signs

        return Signs(
            self.index(),
            self.heartbeats,
            self.now(),
            self.lease,
            self.operations(),
        )

    def next_silence(self) -> datetime | None:
        """Return when the next session that holds a task will be silent beyond its lease.

        It may be later, if the session gives a sign of life until then. None: no session will be.
        """
        from gitledger.core.session import lease_of

        index, lease, now = self.index(), self.lease, self.now()
        seen = self.signs().seen(self._owners() - {self.session}, exact=False)
        ends = (at + lease_of(index.session(name), lease) for name, at in seen.items())
        return min((end for end in ends if end >= now), default=None)

    def _owners(self) -> set[str]:
        return set(self.index().owners())
