"""The sessions of a ledger together with their worktrees on this machine (contract, section 7)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gitledger import binding, settings, worktrees
from gitledger.core import sessions as verbs
from gitledger.core.presence import SessionView, session_views
from gitledger.core.session import Session
from gitledger.errors import InvalidInput
from gitledger.git import Git
from gitledger.store.location import locate

if TYPE_CHECKING:
    from gitledger.ledger import Ledger
    from gitledger.worktrees import Worktree


class Begun(NamedTuple):
    """A session that goes on in a worktree from now on.

    Attributes:
        session: as it is registered.
        worktree: the top of its worktree; None in a bare repository.
        made: whether the worktree was made for it.
    """

    session: Session
    worktree: Path | None
    made: bool


class Sessions:
    """What can be done with sessions; each verb is one operation of the session that it is about.

    Args:
        ledger: the list that they are registered in.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

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
        values: dict[str, Any] = {"role": role, "lease": lease, **self._here()}

        def register(**place: str | None) -> Any:
            if origin is None:
                return lambda draft: verbs.start(draft, name, **values, **place)
            return lambda draft: verbs.fork(draft, origin, name, **values, **place)

        register()(ledger._looking())  # whatever is wrong is told before anything is made
        if branch is not None and not worktree:
            raise InvalidInput(
                "a session gets a branch with a worktree of its own",
                hint=f"git ledger session start {name} --worktree --branch {branch}",
            )
        made = self._make(name, worktree, branch) if worktree else None
        try:
            location = locate(made.path, {}) if made else ledger.standing.location
            self._require_free(location.git_dir, name)
            top = location.worktree
            place = {"worktree": top.name if top else None, "branch": self._branch(made)}
            acting = ledger.as_session(name)
            session: Session = acting._do("session-start", register(**place))
            binding.bind(location.git_dir, name)
        except BaseException:
            if made:
                worktrees.remove(ledger.standing.git, made)
            raise
        self._beat(name)
        return Begun(session, top, made is not None)

    def resume(self, name: str) -> Begun:
        """Let a registered session go on in the worktree that we stand in, and nowhere else.

        Raises:
            NoSuchSession: it is not registered.
            InvalidInput: the worktree belongs to another session.
        """
        ledger = self._ledger
        location = ledger.standing.location
        self._require_free(location.git_dir, name)
        top = location.worktree
        place = {"worktree": top.name if top else None, "branch": self._branch(None)}
        here = {key: value for key, value in self._here().items() if key != "by_person"}
        acting = ledger.as_session(name)
        session: Session = acting._do(
            "session-resume", lambda draft: verbs.resume(draft, name, **place, **here)
        )
        for other in self._bindings(name):
            if other.git_dir != location.git_dir:
                binding.unbind(other.git_dir)
        binding.bind(location.git_dir, name)
        self._beat(name)
        return Begun(session, top, made=False)

    def rename(self, old: str, new: str) -> Session:
        """Give a session another name, with its claims, messages and worktree.

        Raises:
            NoSuchSession: it is not registered.
            InvalidInput: the new name is taken or is none.
        """
        ledger = self._ledger
        acting = ledger.as_session(old)
        session: Session = acting._do("session-rename", lambda draft: verbs.rename(draft, old, new))
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
    ) -> Session:
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
            InvalidInput, GitFailed: the worktree is not to be removed; nothing has ended then.
        """
        ledger = self._ledger
        places = list(self._bindings(name))
        removed = [place.worktree for place in places if remove_worktree and place.worktree]
        for path in removed:
            worktrees.require_removable(self._main_git(), path)
        session: Session = ledger.as_session(name)._do(
            "session-end",
            lambda draft: verbs.end(draft, name, release=release, to=to, text=text, keep=keep),
        )
        for place in places:
            binding.unbind(place.git_dir)
        for path in removed:
            worktrees.remove_clean(self._main_git(), path)
        ledger.heartbeats.forget(name)
        return session

    def prune(self) -> verbs.Pruned:
        """Tidy away sessions that ended or are silent for longer than `gitledger.sessionRetention`.

        Worktrees that were deleted by hand are not bound to their session any more.
        """
        ledger = self._ledger
        kept = settings.retention(ledger.repository.configuration)
        pruned: verbs.Pruned = ledger._do(
            "session-prune",
            lambda draft: verbs.prune(draft, retention=kept, silent=ledger.silent(everybody=True)),
        )
        for name in pruned.sessions:
            for place in self._bindings(name):
                binding.unbind(place.git_dir)
            ledger.heartbeats.forget(name)
        return pruned

    def views(self) -> list[SessionView]:
        """Return every session that is registered or holds a task, who needs attention first."""
        ledger = self._ledger
        snapshot = ledger.snapshot()
        return session_views(
            snapshot.all(),
            snapshot.sessions(),
            seen=ledger.signs().seen(ledger.workers()),
            lease=ledger.policy.lease,
            now=ledger.now(),
            gone=self.gone(),
        )

    def gone(self) -> frozenset[str]:
        """Return the sessions of this machine and repository whose worktree is gone."""
        here = self._here()
        there = {place.session for place in self._all_bindings() if place.worktree}
        return frozenset(
            session.name
            for session in self._ledger.snapshot().sessions().values()
            if session.worktree
            and not session.ended
            and (session.host, session.repository) == (here["host"], here["repository"])
            and session.name not in there
        )

    def _make(self, name: str, worktree: Path | bool, branch: str | None) -> Worktree:
        standing = self._ledger.standing
        default = worktrees.default_path(standing.location, name)
        path = worktree if isinstance(worktree, Path) else default
        return worktrees.add(standing.git, path, branch or name, existing=branch is not None)

    def _require_free(self, git_dir: Path, name: str) -> None:
        """Raise InvalidInput where a worktree belongs to another session that goes on."""
        other = binding.bound(git_dir)
        if other is None or other == name:
            return
        registered = self._ledger.snapshot().session(other)
        if registered is not None and not registered.ended:
            raise InvalidInput(
                f"this worktree belongs to the session '{other}'",
                hint=f"take one of your own: git ledger session start {name} --worktree;"
                f" or end that one: git ledger session end {other}",
            )

    def _here(self) -> dict[str, str | None]:
        ledger = self._ledger
        return {
            "host": os.uname().nodename.partition(".")[0],
            "repository": ledger.standing.name,
            "agent": ledger.agent,
            "by_person": ledger.standing.user(),
        }

    def _branch(self, made: Worktree | None) -> str | None:
        return made.branch if made else worktrees.current_branch(self._ledger.standing.git)

    def _all_bindings(self) -> Iterator[binding.Binding]:
        return binding.bindings(self._ledger.standing.location.common_dir)

    def _bindings(self, name: str) -> Iterator[binding.Binding]:
        return (place for place in list(self._all_bindings()) if place.session == name)

    def _main_git(self) -> Git:
        """Return git outside of any linked worktree: it may be about to be removed."""
        standing = self._ledger.standing
        return Git.at(locate(standing.location.common_dir, {}), standing.environ)

    def _beat(self, name: str) -> None:
        self._ledger.heartbeats.beat(name, self._ledger.now())
