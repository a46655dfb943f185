"""The sessions of a ledger together with their worktrees on this machine (contract, section 7)."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from gitledger import binding, settings, worktrees
from gitledger.core import sessions as verbs
from gitledger.core.claims import held
from gitledger.core.draft import Draft
from gitledger.core.presence import SessionView, session_views
from gitledger.core.session import Session
from gitledger.core.task import Task
from gitledger.errors import GitFailed, InvalidInput
from gitledger.git import Git
from gitledger.store.location import Location, locate

if TYPE_CHECKING:
    from gitledger.ledger import Ledger
    from gitledger.worktrees import Worktree


def host() -> str:
    """Return the name of this machine."""
    return os.uname().nodename.partition(".")[0]


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
    tidied: verbs.Pruned = verbs.Pruned((), (), 0)


class Ended(NamedTuple):
    """A session that has ended.

    Attributes:
        session: as it is registered.
        tasks: what it held until then.
        removed: the worktrees that were removed.
        left: its worktrees that are still there.
        problem: why one of them could not be removed after all.
    """

    session: Session
    tasks: tuple[Task, ...]
    removed: tuple[Path, ...]
    left: tuple[Path, ...]
    problem: str | None = None


@dataclass(frozen=True, slots=True)
class Tidied:
    """What was tidied away.

    Attributes:
        ended: the sessions that ended, as their worktrees on this machine are gone; sorted.
        sessions: the sessions that were removed; sorted.
        tasks: the tasks that they held and nobody holds now.
        messages: how many messages were removed.
    """

    ended: tuple[str, ...]
    sessions: tuple[str, ...]
    tasks: tuple[Task, ...]
    messages: int


class Sessions:
    """What can be done with sessions; each verb is one operation.

    Args:
        ledger: the list that they are registered in.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

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
        ledger, retention = self._ledger, self._retention()
        values: dict[str, Any] = {"role": role, "lease": lease, "by_person": ledger.standing.user()}

        def register(**place: str | None) -> Callable[[Draft], Session]:
            if origin is None:
                return lambda draft: verbs.start(draft, name, **values, **place)
            return lambda draft: verbs.fork(draft, origin, name, **values, **place)

        register()(ledger._looking())  # whatever is wrong is told before anything is made
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
            self._require_free(name, hint)
        made = self._make(name, worktree, branch) if worktree else None
        try:
            location = locate(made.path, {}) if made else ledger.standing.location
            session = self._begin("session-start", name, location, register, made)
        except BaseException:
            if made:
                worktrees.remove(ledger.standing.git, made)
            raise
        tidied = ledger.as_session(name).sessions.tidy(retention)
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

        def register(**place: str | None) -> Callable[[Draft], Session]:
            return lambda draft: verbs.resume(draft, name, **place)

        register()(ledger._looking())
        self._require_free(
            name, "resume it in another worktree; or end that one: git ledger session end"
        )
        others = [place for place in self._bindings(name) if place.git_dir != location.git_dir]
        session = self._begin("session-resume", name, location, register)
        for other in others:
            binding.unbind(other.git_dir)
        left = tuple(place.worktree for place in others if place.worktree)
        return Begun(session, location.worktree, former=former, left=left)

    def _begin(
        self,
        operation: str,
        name: str,
        location: Location,
        register: Callable[..., Callable[[Draft], Session]],
        made: Worktree | None = None,
    ) -> Session:
        """Bind a worktree to a session and register that; on failure neither is done."""
        ledger = self._ledger
        top = location.worktree
        place = {
            "host": host(),
            "repository": ledger.standing.name,
            "agent": ledger.agent,
            "worktree": top.name if top else None,
            "branch": made.branch if made else worktrees.current_branch(ledger.standing.git),
        }
        before = binding.bound(location.git_dir)
        # Killed between the two steps, this leaves a worktree whose session is not registered:
        # the same command again registers it. The other way round its claims would be nobody's.
        binding.bind(location.git_dir, name)
        try:
            session: Session = ledger.as_session(name)._do(operation, register(**place))
        except BaseException:
            if before is None:
                binding.unbind(location.git_dir)
            else:
                binding.bind(location.git_dir, before)
            raise
        ledger.heartbeats.beat(name, ledger.now())
        return session

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
        if there and self._is_elsewhere(there):
            raise InvalidInput(
                f"the session '{old}' works in another repository, on {there.host}",
                hint="rename it there, where its worktree is",
            )
        acting = ledger.as_session(new) if ledger.session == old else ledger
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
        places = self._bindings(name)
        there = [place.worktree for place in places if place.worktree]
        if remove_worktree:
            self._require_removable(name, there)
        main = self._main_git()
        session, tasks = ledger._do("session-end", verb)
        for place in places:
            binding.unbind(place.git_dir)
        ledger.heartbeats.forget(name)
        removed, problem = [], None
        try:
            for path in there if remove_worktree else ():
                worktrees.remove_clean(main, path)
                removed.append(path)
        except GitFailed as failed:
            problem = failed.message
        left = tuple(path for path in there if path not in removed)
        after = tuple(task for each in tasks if (task := ledger.snapshot().find(each)))
        return Ended(session, after, tuple(removed), left, problem)

    # -- what is left behind -------------------------------------------------------------------

    def prune(self) -> Tidied:
        """Tidy away what sessions have left behind, as one operation.

        Sessions whose worktree on this machine is gone end, and what they hold is released. Those
        that ended or are silent for longer than `gitledger.sessionRetention` are removed, together
        with old messages; what they hold is released, too.
        """
        gone = sorted(self.gone())
        freed: list[str] = []

        def verb(draft: Draft) -> verbs.Pruned:
            freed[:] = [task.id for name in gone for task in held(draft, name)]
            for name in filter(draft.session, gone):
                verbs.end(draft, name, release=True)
            return self._pruned(draft, self._retention())

        pruned: verbs.Pruned = self._ledger._do("session-prune", verb)
        self._forget(pruned.sessions)
        for place in self._all_bindings():
            if place.session in gone:
                binding.unbind(place.git_dir)
        snapshot = self._ledger.snapshot()
        ended = [task for each in freed if (task := snapshot.find(each))]
        return Tidied(tuple(gone), pruned.sessions, (*ended, *pruned.tasks), pruned.messages)

    def tidy(self, retention: timedelta) -> verbs.Pruned:
        """Tidy away only what is left of sessions that ended or are silent for that long."""
        pruned: verbs.Pruned = self._ledger._do(
            "session-prune", lambda draft: self._pruned(draft, retention)
        )
        self._forget(pruned.sessions)
        return pruned

    def _pruned(self, draft: Draft, retention: timedelta) -> verbs.Pruned:
        silent = self._ledger.silent(everybody=True)
        return verbs.prune(draft, retention=retention, silent=silent)

    def _forget(self, names: tuple[str, ...]) -> None:
        for name in names:
            for place in self._bindings(name):
                binding.unbind(place.git_dir)
            self._ledger.heartbeats.forget(name)

    # -- looking -------------------------------------------------------------------------------

    def views(self) -> list[SessionView]:
        """Return every session that is registered or holds a task, who needs attention first."""
        ledger = self._ledger
        snapshot, names = ledger.snapshot(), ledger.workers()
        seen = ledger.signs().seen(names)
        if ledger.session in names:
            seen[ledger.session] = ledger.now()  # looking is a sign of life
        return session_views(
            snapshot.all(),
            snapshot.sessions(),
            seen=seen,
            lease=ledger.policy.lease,
            now=ledger.now(),
            gone=self.gone(),
        )

    def listed(self) -> tuple[list[SessionView], list[SessionView]]:
        """Return the views that `session list` shows, and those that are past the retention.

        Those that have ended stand behind the others.
        Past it are those that `prune` would remove. A name that is not registered and holds a task
        is always shown: no one tidies it away.
        """
        shown: list[SessionView] = []
        past: list[SessionView] = []
        for view in self.views():
            (past if self._is_past(view) else shown).append(view)
        return sorted(shown, key=lambda view: view.status == "ended"), past

    def worktree(self, name: str) -> Path | None:
        """Return where a session's worktree is in this repository on this machine, or None."""
        return next((place.worktree for place in self._bindings(name) if place.worktree), None)

    def gone(self) -> frozenset[str]:
        """Return the sessions whose worktree in this repository on this machine is gone.

        They were alive here, no worktree is bound to them any more, and they have not acted since
        from elsewhere: another clone on this machine may have the same name.
        """
        ledger, now = self._ledger, self._ledger.now()
        main = ledger.standing.location.common_dir
        here = {
            place.session
            for place in self._all_bindings()
            if place.worktree or place.git_dir == main
        }
        found = {}
        for session in ledger.snapshot().sessions().values():
            missing = session.worktree and not session.ended and session.name not in here
            ours = (session.host, session.repository) == (host(), ledger.standing.name)
            if missing and ours and (at := ledger.heartbeats.last(session.name, now)):
                found[session.name] = at
        return frozenset(found) - ledger.signs().acted_since(found)

    def _is_past(self, view: SessionView) -> bool:
        if view.session is None:
            return False
        since = view.session.ended_at
        if since is None and view.status == "stale":
            since = view.last_seen
        return since is not None and self._ledger.now() - since > self._retention()

    # -- parts ---------------------------------------------------------------------------------

    def _retention(self) -> timedelta:
        return settings.retention(self._ledger.repository.configuration)

    def _make(self, name: str, worktree: Path | bool, branch: str | None) -> Worktree:
        standing = self._ledger.standing
        path = worktree if isinstance(worktree, Path) else None
        path = path.resolve() if path else worktrees.default_path(standing.location, name)
        return worktrees.add(standing.git, path, branch or name, existing=branch is not None)

    def _require_free(self, name: str, hint: str) -> None:
        """Raise InvalidInput where this worktree belongs to another session that goes on."""
        other = binding.bound(self._ledger.standing.location.git_dir)
        if other is None or other == name:
            return
        registered = self._ledger.snapshot().session(other)
        if registered is not None and not registered.ended:
            raise InvalidInput(
                f"this worktree belongs to the session '{other}'", hint=f"{hint} {other}"
            )

    def _require_removable(self, name: str, there: list[Path]) -> None:
        if not there:
            raise InvalidInput(
                f"the session '{name}' has no worktree here",
                hint="end it without --remove-worktree, or where its worktree is",
            )
        for path in there:
            worktrees.require_removable(self._main_git(), path)

    def _is_elsewhere(self, session: Session) -> bool:
        """Tell whether a session goes on in a worktree that is not in this repository."""
        if session.ended or session.worktree is None or self._bindings(session.name):
            return False
        return self._ledger.heartbeats.last(session.name, self._ledger.now()) is None

    def _all_bindings(self) -> list[binding.Binding]:
        return list(binding.bindings(self._ledger.standing.location.common_dir))

    def _bindings(self, name: str) -> list[binding.Binding]:
        return [place for place in self._all_bindings() if place.session == name]

    def _main_git(self) -> Git:
        """Return git outside of any linked worktree: it may be about to be removed."""
        standing = self._ledger.standing
        return Git.at(locate(standing.location.common_dir, {}), standing.environ)
