"""What sessions leave behind: which of them are past, and how that is tidied away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from gitledger import settings
from gitledger.core import sessions as verbs
from gitledger.core.claims import held
from gitledger.core.draft import Draft
from gitledger.core.presence import SessionView
from gitledger.core.task import Task

if TYPE_CHECKING:
    from gitledger.ledger import Ledger
    from gitledger.places import Places


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


def retention(ledger: Ledger) -> timedelta:
    """Return for how long sessions stay that ended or are silent: `gitledger.sessionRetention`.

    Raises:
        InvalidInput: the setting is no span of time.
    """
    return settings.retention(ledger.repository.configuration)


def prune(ledger: Ledger, places: Places) -> Tidied:
    """Tidy away what sessions have left behind, as one operation; see `Sessions.prune`."""

    def verb(draft: Draft) -> tuple[list[str], list[str], verbs.Pruned]:
        gone = sorted(filter(draft.session, places.gone()))
        freed = [task.id for name in gone for task in held(draft, name)]
        for name in gone:
            verbs.end(draft, name, release=True)
        return gone, freed, _prune(ledger, draft, retention(ledger))

    gone, freed, pruned = ledger._do("session-prune", verb)
    _forget(ledger, places, pruned)
    places.free(gone)
    snapshot = ledger.snapshot()
    ended = [task for each in freed if (task := snapshot.find(each))]
    return Tidied(tuple(gone), pruned.sessions, (*ended, *pruned.tasks), pruned.messages)


def tidy(ledger: Ledger, places: Places, span: timedelta) -> verbs.Pruned:
    """Tidy away only what is left of sessions that ended or are silent for longer than the span."""
    pruned = ledger._do("session-prune", lambda draft: _prune(ledger, draft, span))
    _forget(ledger, places, pruned)
    return pruned


def parted(
    views: Iterable[SessionView], ledger: Ledger
) -> tuple[list[SessionView], list[SessionView]]:
    """Return the sessions that stay, and those that `prune` would remove."""
    stay: list[SessionView] = []
    past: list[SessionView] = []
    span, now = retention(ledger), ledger.now()
    for view in views:
        silent = None
        if view.status == "stale":
            silent = now - view.last_seen if view.last_seen else timedelta.max
        # A name that is not registered and holds a task is tidied away by nobody.
        over = view.session is not None and verbs.is_past(view.session, now, silent, span)
        (past if over else stay).append(view)
    return stay, past


def _prune(ledger: Ledger, draft: Draft, span: timedelta) -> verbs.Pruned:
    return verbs.prune(draft, retention=span, silent=ledger.silent(everybody=True))


def _forget(ledger: Ledger, places: Places, pruned: verbs.Pruned) -> None:
    places.free(pruned.sessions)
    for name in pruned.sessions:
        ledger.heartbeats.forget(name)
