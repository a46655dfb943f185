"""How a session begins to work in a worktree: bound to it, and registered as being there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from gitledger import binding, worktrees
from gitledger.core.session import Session
from gitledger.core.sessions import Pruned

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from gitledger.ledger import Ledger
    from gitledger.store.location import Location
    from gitledger.worktrees import Worktree

Registering = Callable[..., Session]
"""A verb of a draft that registers a session; where it is, is given by keywords."""


class Begun(NamedTuple):
    """A session that goes on in a worktree from now on.

    Attributes:
        session: as it is registered.
        worktree: the top of its worktree; None in a bare repository.
        made: the worktree that was made for it, None where it stood there before.
        former: as it was registered before it was resumed; None for a new one.
        left: the worktrees that were its own until now.
        tidied: what others left behind and a start tidied away.
    """

    session: Session
    worktree: Path | None
    made: Worktree | None = None
    former: Session | None = None
    left: tuple[Path, ...] = ()
    tidied: Pruned = Pruned((), (), 0)


def make(ledger: Ledger, name: str, worktree: Path | bool, branch: str | None) -> Worktree:
    """Make a worktree for a session; see `Sessions.start`."""
    standing = ledger.standing
    if isinstance(worktree, Path):
        path = worktree.resolve()
    else:
        path = worktrees.default_path(standing.location, name)
    return worktrees.add(standing.git, path, branch or name, existing=branch is not None)


def begin(
    ledger: Ledger,
    name: str,
    location: Location,
    *,
    operation: str,
    register: Registering,
    place: Mapping[str, str | None],
) -> Session:
    """Bind a worktree to a session and register that; on failure neither is done.

    Args:
        ledger: the list that it is registered in.
        name: the session's name.
        location: the worktree.
        operation: what this is called in the history.
        register: registers the session.
        place: where that is; what the verb is given.

    Raises:
        StoreFailed: the worktree's git directory cannot be written.
    """
    before = binding.bound(location.git_dir)
    # Killed between the two steps, this leaves a worktree whose session is not registered:
    # the same command again registers it. The other way round its claims would be nobody's.
    binding.bind(location.git_dir, name)
    try:
        session = ledger.as_session(name)._do(operation, lambda draft: register(draft, **place))
    except BaseException:
        if before is None:
            binding.unbind(location.git_dir)
        else:
            binding.bind(location.git_dir, before)
        raise
    ledger.heartbeats.beat(name, ledger.now())
    return session
