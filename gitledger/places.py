"""Where sessions are on this machine: which worktree of the repository belongs to whom."""

from __future__ import annotations

from pathlib import Path

from gitledger import binding, roster
from gitledger.binding import Binding
from gitledger.core.session import Session
from gitledger.errors import InvalidInput
from gitledger.git import Git
from gitledger.store.location import Location, locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Container

    from gitledger.ledger import Ledger


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
            "host": roster.host(),
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
