"""Deeds: what a commit of the project does to a task, by the rules of the verbs."""

from __future__ import annotations

from gitledger.core import editing, lifecycle
from gitledger.errors import LedgerError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Final

    from gitledger.core.draft import Draft
    from gitledger.core.task import Task

_DONE: Final = ("completed", "in_review")


class Deed:
    """What commits do to one task. Every part is tried by itself: one that cannot be is told.

    Args:
        task: its whole id.

    Attributes:
        links: full ids of commits that are linked to it.
        unlinks: of such as are not any more, because a rewrite has replaced them.
        starts: begins to work on it.
        percent: how far the work is, or None.
        completes: completes it, or brings it to review.
        reopens: takes that back.
        unless: a commit; where the task is linked to it, its work was completed once already.
        reverts: the commits that are reverted; a task that is linked to others alone stays.
        branch: where the work happens; kept where the task names no branch.
        force: complete or reopen it although another session owns it, with a note.
        last: the commit that completes or reopens it.
    """

    def __init__(self, task: str) -> None:
        self.task = task
        self.links: set[str] = set()
        self.unlinks: set[str] = set()
        self.starts = False
        self.percent: int | None = None
        self.completes = False
        self.reopens = False
        self.unless: tuple[str, ...] = ()
        self.reverts: set[str] = set()
        self.branch: str | None = None
        self.force = False
        self.last: str | None = None


class Told:
    """What became of a deed.

    Attributes:
        did: the word for it: `linked`, `completed`, `linked, not completed`.
        task: the task as it is then.
        why: why a part of it could not be, or "".
    """

    __slots__ = ("did", "task", "why")

    def __init__(self, did: str, task: Task, why: str = "") -> None:
        self.did = did
        self.task = task
        self.why = why


def carry_out(draft: Draft, deed: Deed) -> Told | None:
    """Do to a task what the commits ask for; None where that changed nothing.

    A refusal is told once, with the link: the commits are linked whatever else cannot be.

    Args:
        draft: where the changes go.
        deed: what is asked for.

    Raises:
        NoSuchTask: there is no such task any more.
    """
    before = draft.get(deed.task)
    done, refused = _linked(draft, deed, before), ""
    for doing, part in _parts(deed, before):
        kept = draft.kept()
        try:
            at = draft.get(deed.task)
            now = part(draft)
        except LedgerError as error:
            draft.restore(kept)
            done, refused = f"{done or 'linked'}, not {doing}", error.message
            break
        if now is not at:
            done = "to be reviewed" if doing == "completed" and not now.finished else doing
    _learn_branch(draft, deed)
    after = draft.get(deed.task)
    return Told(done or "changed", after, refused) if after is not before else None


def _linked(draft: Draft, deed: Deed, before: Task) -> str:
    there = set(before.commits)
    gone = deed.unlinks & there
    for commit in deed.links - there:
        editing.link(draft, deed.task, commit)
    if gone:
        editing.unlink(draft, deed.task, gone - deed.links)
    return "linked" if draft.get(deed.task) is not before else ""


def _parts(deed: Deed, before: Task) -> list[tuple[str, Callable[[Draft], Task]]]:
    """Return what is to be done besides linking, in its order, with the word for it."""
    parts: list[tuple[str, Callable[[Draft], Task]]] = []
    task, percent = deed.task, deed.percent
    force = deed.force and before.owner is not None  # over its owner's head, not its blockers'
    if deed.starts and not (deed.completes and before.status in _DONE):
        parts.append(("started", lambda draft: lifecycle.start(draft, task)))
    if percent is not None:
        parts.append((f"{percent}%", lambda draft: lifecycle.progress(draft, task, percent)))
    if deed.completes and before.status not in _DONE and not _completed_once(deed, before):
        parts.append(("completed", lambda draft: lifecycle.done(draft, task, force=force)))
    if deed.reopens and before.status in _DONE and _was_theirs(deed, before):
        parts.append(("reopened", lambda draft: _reopened(draft, task, force=force)))
    return parts


def _completed_once(deed: Deed, task: Task) -> bool:
    return any(linked.startswith(deed.unless) for linked in task.commits) if deed.unless else False


def _was_theirs(deed: Deed, task: Task) -> bool:
    """Tell whether the commits that are reverted have completed the task, or nothing is known."""
    others = set(task.commits) - deed.links
    return not others or not others.isdisjoint(deed.reverts)


def _reopened(draft: Draft, name: str, *, force: bool) -> Task:
    task = draft.get(name)
    if task.status == "in_review":  # it is not finished: its owner goes on
        return lifecycle.start(draft, name, force=force)
    return lifecycle.reopen(draft, name, force=force)


def _learn_branch(draft: Draft, deed: Deed) -> None:
    task = draft.get(deed.task)
    mine = task.owner == draft.by and not task.finished
    if deed.branch and task.branch is None and mine:
        editing.edit(draft, task.id, branch=deed.branch)
