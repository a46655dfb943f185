"""Where sessions are on this machine: which worktree of the repository belongs to whom."""

from __future__ import annotations

import os
from collections.abc import Container
from pathlib import Path
from typing import TYPE_CHECKING

from gitledger import binding
from gitledger.binding import Binding
from gitledger.core.session import Session
from gitledger.errors import InvalidInput
from gitledger.git import Git
from gitledger.store.location import Location, locate

if TYPE_CHECKING:
    from gitledger.ledger import Ledger


def host() -> str:
    """Return the name of this machine."""
    return os.uname().nodename.partition(".")[0]


class Places:
    """The worktrees of the repository that we stand in, and the sessions that they belong to.

    Args:
        ledger: the list that the sessions are registered in.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def of(self, name: str) -> list[Binding]:
        """Return what is bound to a session."""
        return [place for place in self._all() if place.session == name]

    def worktrees(self, name: str) -> list[Path]:
        """Return where the worktrees of a session are that are still there."""
        return [place.worktree for place in self.of(name) if place.worktree]

    def free(self, names: Container[str]) -> None:
        """Let no worktree belong to any of these sessions."""
        for place in self._all():
            if place.session in names:
                binding.unbind(place.git_dir)

    def told(self, location: Location, branch: str | None) -> dict[str, str | None]:
        """Return what a list says of where a session is: names, and no path of this machine."""
        top = location.worktree
        return {
            "host": host(),
            "repository": self._ledger.standing.name,
            "agent": self._ledger.agent,
            "worktree": top.name if top else None,
            "branch": branch,
        }

    def require_free(self, name: str, hint: str) -> None:
        """Raise InvalidInput where this worktree belongs to another session that goes on.

        Args:
            name: the session that it is to belong to.
            hint: the way out; the name of the other session is put behind it.
        """
        other = binding.bound(self._ledger.standing.location.git_dir)
        if other is None or other == name:
            return
        registered = self._ledger.snapshot().session(other)
        if registered is not None and not registered.ended:
            raise InvalidInput(
                f"this worktree belongs to the session '{other}'", hint=f"{hint} {other}"
            )

    def gone(self) -> frozenset[str]:
        """Return the sessions whose worktree in this repository on this machine is gone.

        They were alive here, no worktree is bound to them any more, and they have not acted since
        from elsewhere: another clone on this machine may have the same name.
        """
        ledger, now = self._ledger, self._ledger.now()
        main = ledger.standing.location.common_dir
        here = {place.session for place in self._all() if place.worktree or place.git_dir == main}
        found = {}
        for session in ledger.snapshot().sessions().values():
            missing = session.worktree and not session.ended and session.name not in here
            ours = (session.host, session.repository) == (host(), ledger.standing.name)
            if missing and ours and (at := ledger.heartbeats.last(session.name, now)):
                found[session.name] = at
        return frozenset(found) - ledger.signs().acted_since(found)

    def is_elsewhere(self, session: Session) -> bool:
        """Tell whether a session goes on in a worktree that is not in this repository."""
        if session.ended or session.worktree is None or self.of(session.name):
            return False
        return self._ledger.heartbeats.last(session.name, self._ledger.now()) is None

    def main_git(self) -> Git:
        """Return git outside of any linked worktree, as that may be about to be removed."""
        standing = self._ledger.standing
        return Git.at(locate(standing.location.common_dir, {}), standing.environ)

    def _all(self) -> list[Binding]:
        return list(binding.bindings(self._ledger.standing.location.common_dir))
