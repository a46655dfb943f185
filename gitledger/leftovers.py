"""What sessions leave behind: which of them are past, and how that is tidied away."""

from __future__ import annotations

from datetime import timedelta

from gitledger import roster
from gitledger.core import sessions as verbs
from gitledger.core.claims import held
from gitledger.core.dataclass import dataclass
from gitledger.core.draft import Draft
from gitledger.core.task import Task

TYPE_CHECKING = False
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


def prune(ledger: Ledger, places: Places) -> Tidied:
    """Tidy away what sessions have left behind, as one operation; see `Sessions.prune`."""

    def verb(draft: Draft) -> tuple[list[str], list[str], verbs.Pruned]:
        gone = sorted(filter(draft.session, roster.gone(ledger)))
        freed = [task.id for name in gone for task in held(draft, name)]
        for name in gone:
            verbs.end(draft, name, release=True)
        return gone, freed, _prune(ledger, draft, roster.retention(ledger))

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


def _prune(ledger: Ledger, draft: Draft, span: timedelta) -> verbs.Pruned:
    return verbs.prune(draft, retention=span, silent=ledger.silent(everybody=True))


def _forget(ledger: Ledger, places: Places, pruned: verbs.Pruned) -> None:
    places.free(pruned.sessions)
    for name in pruned.sessions:
        ledger.heartbeats.forget(name)
