"""Who holds what: the laws of claims, of sessions in one clone and in several."""

from __future__ import annotations

from collections.abc import Iterable

from gitledger.core.operation import parse_message
from gitledger.core.task import Note, Task
from gitledger.ledger import Ledger
from gitledger.snapshot import Snapshot
from tests.convergence.clones import Clone, Outcome, every_task
from tests.convergence.memory import Memory

Held = dict[str, str]
"""Session by task."""


class Claims:
    """The claims of all sessions.

    Args:
        remote: the remote's ledger.
        memory: what was taken back is noted there.
    """

    def __init__(self, remote: Ledger, memory: Memory) -> None:
        self._remote = remote
        self._memory = memory
        self._lost: set[tuple[str, str, str]] = set()

    # -- across a sync -------------------------------------------------------------------------

    def tentative(self, clone: Clone) -> Held:
        """Return the claims of a clone that are not published."""
        return {
            view.task.id: view.claim.session
            for view in clone.ledger.views()
            if view.claim and view.claim.state == "tentative"
        }

    def synced(self, clone: Clone, tentative: Held, outcome: Outcome) -> None:
        """A claim that a sync took away was reported by it, and waits in the inbox of its session.

        Args:
            clone: where.
            tentative: its unpublished claims before the sync.
            outcome: what the sync came to.
        """
        report, new = outcome
        told = {(lost.task, lost.session) for lost in report.claims_lost} if report else set()
        tasks = clone.tasks()
        for old, session in tentative.items():
            task = new.get(old, old)
            if session in clone.sessions and tasks[task].owner != session:
                assert report is None or (task, session) in told, "a claim was lost silently"
                told.add((task, session))
        for task, session in told:
            notes = [note.id for note in tasks[task].notes if _lost_by(note, session)]
            assert notes, "nothing tells of the lost claim"
            self._lost |= {(task, session, note) for note in notes}

    # -- at any time ---------------------------------------------------------------------------

    def check_confirmed(self, clones: Iterable[Clone]) -> None:
        """A confirmed claim is the one on the remote, for one session alone; unless it was taken
        by force, or the task removed by an undo, which the clone has not heard of yet."""
        tasks = every_task(self._remote.snapshot())
        for clone in clones:
            for view in clone.ledger.views():
                claim = view.claim
                if claim and claim.session in clone.sessions and claim.state == "confirmed":
                    if view.task.id not in tasks:
                        assert self._memory.removed(view.task.id)
                        continue
                    task = tasks[view.task.id]
                    if task.owner != claim.session:
                        assert any(_took(note, claim.session, view.task) for note in task.notes)

    # -- in the end ----------------------------------------------------------------------------

    def check_inboxes(self, clones: Iterable[Clone]) -> None:
        """A lost claim waits in the inbox until somebody resolves it, or it does not matter, or it
        is undone."""
        for clone in clones:
            tasks = clone.tasks()
            for session, ledger in clone.ledgers.items():
                waiting = {(reply.task.id, reply.note.id) for reply in ledger.inbox().replies}
                for task_id, loser, note_id in self._lost:
                    if note_id in self._memory.forgotten or task_id not in tasks:
                        continue
                    task = tasks[task_id]
                    (note,) = (note for note in task.notes if note.id == note_id)
                    over = note.resolved or task.finished or task.owner == session
                    assert loser != session or over or (task_id, note_id) in waiting

    def check_history(self) -> None:
        """In all that was ever published an owner came by his own hand, and went by his own or by
        force, of which a note tells; only an undo gives a task back to who had it."""
        store, tip = self._remote.repository.store, self._remote.tip()
        assert tip is not None
        after: Snapshot | None = None
        had: set[str] = set()  # tasks that were removed: who names one brings it back as it was
        commits = list(store.history(tip))
        for commit in reversed(commits):
            before, after = after, Snapshot(store, commit.id, after)
            if before is None:
                continue
            operation = parse_message(commit.message)
            session = operation.session
            was, now = every_task(before), every_task(after)
            had |= was.keys() - now.keys()
            for task in now.values():
                old = was.get(task.id)
                if (old.owner if old else None) != task.owner:
                    back = operation.undoes or task.id in had
                    assert task.owner in (None, session) or back, (commit, old, task)
                    assert old is None or old.owner in (None, session) or _forced(old, task)


def _lost_by(note: Note, session: str) -> bool:
    return note.kind == "conflict" and note.field == "owner" and note.dropped == session


def _took(note: Note, session: str, held: Task) -> bool:
    """Tell whether the note tells that the session lost what it held to somebody with force."""
    force = "--force" in note.text and note.text.endswith((session, f"{session} with --force"))
    return force and held.claimed_at is not None and note.at >= held.claimed_at


def _forced(old: Task, new: Task) -> bool:
    there = {note.id for note in old.notes}
    return any("--force" in note.text for note in new.notes if note.id not in there)
