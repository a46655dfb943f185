"""The sessions of a ledger together with their worktrees on this machine (contract, section 7)."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from gitledger import binding, leftovers, roster, worktrees
from gitledger.beginning import Begun, Registering, begin, make
from gitledger.core import sessions as verbs
from gitledger.core.claims import held
from gitledger.core.draft import Draft
from gitledger.core.presence import SessionView
from gitledger.core.session import Session
from gitledger.ending import Ended, remove, require_removable
from gitledger.errors import InvalidInput
from gitledger.places import Places
from gitledger.store.location import locate

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from gitledger.ledger import Ledger
    from gitledger.leftovers import Tidied


class Sessions:
    """What can be done with sessions; each verb is one operation.

    Args:
        ledger: the list that they are registered in.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._places = Places(ledger)

    # -- in a worktree -------------------------------------------------------------------------

    def start(
        self,
        name: str,
        *,
        role: str | None = None,
        lease: str | None = None,
        worktree: Path | bool = False,
        branch: str | None = None,
        origin: str | None = None,
    ) -> Begun:
        """Register a session and bind it to the worktree that we stand in, or to a new one.

        What sessions have left behind that are past the retention is tidied away then.

        Args:
            name: its name.
            role: which kind of work it takes.
            lease: for how long it may be silent, as `2h`.
            worktree: make one, there or (True) beside the repository.
            branch: what is checked out in the new worktree; it may exist. None makes one of the
                session's name.
            origin: the session that it is forked from; role and lease are taken from it.

        Raises:
            InvalidInput: the name, the worktree, its place or its branch is taken, or a value
                breaks a rule; nothing is made then.
            NoSuchSession: there is no such origin.
        """
        ledger = self._ledger
        retention = roster.retention(ledger)
        values: dict[str, Any] = {"role": role, "lease": lease, "by_person": ledger.standing.user()}
        verb = verbs.start if origin is None else partial(verbs.fork, origin=origin)
        register: Registering = partial(verb, name=name, **values)
        register(ledger._looking())  # whatever is wrong is told before anything is made
        if branch is not None and not worktree:
            raise InvalidInput(
                "a session gets a branch with a worktree of its own",
                hint=f"git ledger session start {name} --worktree --branch {branch}",
            )
        if not worktree:
            hint = (
                f"take one of your own: git ledger session start {name} --worktree;"
                " or end that one: git ledger session end"
            )
            self._places.require_free(name, hint)
        made = make(ledger, name, worktree, branch) if worktree else None
        try:
            location = locate(made.path, {}) if made else ledger.standing.location
            current = made.branch if made else worktrees.current_branch(ledger.standing.git)
            session = begin(
                ledger,
                name,
                location,
                operation="session-start",
                register=register,
                place=self._places.told(location, current),
            )
        except BaseException:
            if made:
                worktrees.remove(ledger.standing.git, made)
            raise
        tidied = leftovers.tidy(ledger.as_session(name), self._places, retention)
        return Begun(session, location.worktree, made, tidied=tidied)

    def resume(self, name: str) -> Begun:
        """Let a registered session go on in the worktree that we stand in, and nowhere else.

        Raises:
            NoSuchSession: it is not registered.
            InvalidInput: the worktree belongs to another session.
        """
        ledger = self._ledger
        location = ledger.standing.location
        former = ledger.snapshot().session(name)
        register: Registering = partial(verbs.resume, name=name)
        register(ledger._looking())
        self._places.require_free(
            name, "resume it in another worktree; or end that one: git ledger session end"
        )
        others = [place for place in self._places.of(name) if place.git_dir != location.git_dir]
        session = begin(
            ledger,
            name,
            location,
            operation="session-resume",
            register=register,
            place=self._places.told(location, worktrees.current_branch(ledger.standing.git)),
        )
        for other in others:
            binding.unbind(other.git_dir)
        left = tuple(place.worktree for place in others if place.worktree)
        return Begun(session, location.worktree, former=former, left=left)

    # -- names and ends ------------------------------------------------------------------------

    def rename(self, old: str, new: str) -> Session:
        """Give a session another name, with its claims, messages and worktree.

        Raises:
            NoSuchSession: it is not registered.
            InvalidInput: the new name is taken or is none, or the session works elsewhere, where
                its worktree would go on under the old name.
        """
        ledger = self._ledger
        there = ledger.snapshot().session(old)
        if there and self._places.is_elsewhere(there):
            raise InvalidInput(
                f"the session '{old}' works in another repository, on {there.host}",
                hint="rename it there, where its worktree is",
            )
        acting = ledger.as_session(new) if ledger.session == old else ledger
        session = acting.rename_session(old, new)
        ledger.follow({old: new})
        return session

    def end(
        self,
        name: str,
        *,
        release: bool = False,
        to: str | None = None,
        text: str | None = None,
        keep: bool = False,
        remove_worktree: bool = False,
    ) -> Ended:
        """End a session.

        Args:
            name: its name.
            release: give back what it holds.
            to: hand that on to a session or `role:ROLE`.
            text: what the recipient should know.
            keep: leave its claims until the lease runs out.
            remove_worktree: remove its worktree, if nothing would be lost there.

        Raises:
            NoSuchSession: it is not registered.
            HoldsTasks: it holds tasks, and it is not said what becomes of them.
            InvalidInput: it has no worktree here to be removed, or something would be lost with
                it; nothing has ended then.
        """
        ledger = self._ledger

        def verb(draft: Draft) -> tuple[Session, list[str]]:
            tasks = [task.id for task in held(draft, name)]
            ended = verbs.end(draft, name, release=release, to=to, text=text, keep=keep)
            return ended, tasks

        verb(ledger._looking())
        there, main = self._places.worktrees(name), self._places.main_git()
        if remove_worktree:
            require_removable(main, name, there)
        session, tasks = ledger._do("session-end", verb)
        self._places.free({name})
        ledger.heartbeats.forget(name)
        removed, problem = remove(main, there) if remove_worktree else ((), None)
        left = tuple(path for path in there if path not in removed)
        after = tuple(task for each in tasks if (task := ledger.snapshot().find(each)))
        return Ended(session, after, removed, left, problem)

    def prune(self) -> Tidied:
        """Tidy away what sessions have left behind, as one operation.

        Sessions whose worktree on this machine is gone end, and what they hold is released. Those
        that ended or are silent for longer than `gitledger.sessionRetention` are removed, together
        with old messages; what they hold is released, too.
        """
        return leftovers.prune(self._ledger, self._places)

    # -- looking -------------------------------------------------------------------------------

    def views(self) -> list[SessionView]:
        """Return every session that is registered or holds a task, who needs attention first."""
        return roster.views(self._ledger)

    def listed(self) -> tuple[list[SessionView], list[SessionView]]:
        """Return the views that `session list` shows, and those that are past the retention."""
        return roster.listed(self._ledger)

    def worktree(self, name: str) -> Path | None:
        """Return where a session's worktree is in this repository on this machine, or None."""
        return next(iter(self._places.worktrees(name)), None)

    def gone(self) -> frozenset[str]:
        """Return the sessions whose worktree in this repository on this machine is gone."""
        return roster.gone(self._ledger)
