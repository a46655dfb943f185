"""Undo: operations are taken back, one after the other, and what came after them stays.

An undo is an operation like any other: it appends the inverse, and can be undone itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection

from gitledger.core import records
from gitledger.core.claims import held, owned, require_room
from gitledger.core.conflict import Conflict
from gitledger.core.dataclass import replace
from gitledger.core.draft import Draft
from gitledger.core.effect import Edit, Effect, Undone
from gitledger.core.graph import find_cycle
from gitledger.core.inverse import LIFE, invert, same
from gitledger.core.message import Message
from gitledger.core.needed import still_needed
from gitledger.core.session import Session
from gitledger.core.task import Task
from gitledger.core.union import unite_sets

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Any, Final

Later = Callable[[str], Collection[str] | None]
"""Returns the tasks that were changed after a commit; None where that is not known."""

_OWNERS: Final = (*LIFE, "progress")
"""What only a task's owner may change, or who overrides that (contract, section 4)."""


def undo(draft: Draft, effects: Sequence[Effect], later: Later, *, force: bool = False) -> Undone:
    """Take operations back.

    Args:
        draft: an empty one, where the changes go.
        effects: the operations, the newest first.
        later: tells which tasks were changed after an operation.
        force: although another session owns a task; a note records that.

    Raises:
        NotOwner: another session owns a task whose owner, status or progress would change, or
            which would be removed.
        TooManyClaims: the acting session would hold more tasks than it may.
    """
    undoing = _Undoing(draft, later)
    for effect in effects:
        undoing.take_back(effect)
    undoing.forget_what_is_as_before()
    undoing.check_owners(force=force)
    draft.undoes = tuple(effect.commit for effect in effects)
    return undoing.result(effects)


class _Undoing:
    """One undo, on its way.

    What it has touched it keeps as that was at first; what has to stay it keeps by what and field.
    """

    def __init__(self, draft: Draft, later: Later) -> None:
        self._draft = draft
        self._later = later
        self._tasks: dict[str, tuple[Task | None, bool]] = {}
        self._sessions: dict[str, Session | None] = {}
        self._messages: dict[str, Message | None] = {}
        self._left: dict[tuple[str, str], Conflict] = {}

    def take_back(self, effect: Effect) -> None:
        """Take one operation back, on top of what there is now."""
        now = {edit.id: self._draft.find(edit.id) for edit in effect.edits}
        for edit in effect.edits:
            there = now[edit.id]
            self._tasks.setdefault(edit.id, (there, self._draft.is_archived(edit.id)))
            if edit.before is not None:
                self._change_back(edit, edit.before, there)
        self._remove(effect, now)
        for task_id, there in now.items():
            self._leave_out_edges(task_id, there)
        for name, old, new in effect.sessions:
            self._session(name, old, new)
        for message_id, told, known in effect.messages:
            self._message(message_id, told, known)
        for path in effect.others:
            self._leave(path, "file", path, None)

    # -- tasks ---------------------------------------------------------------------------------

    def _change_back(self, edit: Edit, before: Task, now: Task | None) -> None:
        """Bring a task back to what it was, or back at all."""
        if edit.after is None:
            self._bring_back(edit, before, now)
        elif now is None:
            self._leave(edit.id, "task", None, edit.id)
        else:
            inverse, exact = invert(before, edit.after, now), same(now, edit.after)
            for conflict in inverse.left:
                self._left[conflict.task, conflict.field] = conflict
            archived = self._archived_again(edit, inverse.task, exact=exact)
            if not same(now, inverse.task) or archived != self._draft.is_archived(edit.id):
                self._put(inverse.task, archived=archived, layout=edit.layout if exact else None)

    def _bring_back(self, edit: Edit, before: Task, now: Task | None) -> None:
        if now is not None:
            if not same(now, before):
                self._leave(edit.id, "task", edit.id, None)
        elif twin := self._twin(before):
            self._leave(edit.id, "task", twin.id, edit.id)
        else:
            self._put(before, archived=edit.was_archived, layout=edit.layout)

    def _archived_again(self, edit: Edit, task: Task, *, exact: bool) -> bool:
        """Tell whether a task belongs into the archive: not where it has changed since."""
        there = self._draft.is_archived(edit.id)
        if edit.was_archived == edit.is_archived or there != edit.is_archived:
            return there and task.finished
        return edit.was_archived and exact and task.finished

    def _twin(self, task: Task) -> Task | None:
        """Return the task that was imported meanwhile from where this one comes from."""
        source = task.source
        if not source:
            return None
        found = self._draft.imported(source.get("system", ""), source.get("list", ""))
        return next((other for other in found if other.source == source), None)

    def _put(self, task: Task, *, archived: bool, layout: bytes | None = None) -> None:
        task = self._draft.put_back(task, layout)
        if archived:
            self._draft.archive(task)

    # -- tasks that the operation made ---------------------------------------------------------

    def _remove(self, effect: Effect, now: dict[str, Task | None]) -> None:
        """Remove the tasks that an operation made, but those that somebody has worked on since.

        Named by another task, as what that one waits for or is part of, is worked on, too.
        """
        made = {edit.id: edit.after for edit in effect.edits if edit.before is None}
        there = {task_id: task for task_id in made if (task := now[task_id])}
        if not there:
            return
        kept = {task_id for task_id, task in there.items() if not same(task, made[task_id])}
        staying = [*self._others(effect.commit, there), *map(there.__getitem__, kept)]
        kept |= {task.id for task in still_needed(there.keys() - kept, there.get, staying)}
        for task_id, task in there.items():
            if task_id in kept:
                self._leave(task_id, "task", task_id, None)
            else:
                self._draft.remove(task)

    def _others(self, commit: str, made: Collection[str]) -> Iterator[Task]:
        """Yield the tasks that may name what an operation made: they were changed after it."""
        changed = self._later(commit)
        if changed is None:
            yield from (task for task in self._draft.all() if task.id not in made)
            return
        for task_id in {*changed, *self._draft.changed} - set(made):
            if task := self._draft.find(task_id):
                yield task

    # -- the graph -----------------------------------------------------------------------------

    def _leave_out_edges(self, task_id: str, now: Task | None) -> None:
        """Leave out what would close a cycle, or name a task that is gone."""
        draft, task = self._draft, self._draft.find(task_id)
        if task is None:
            return
        there, kept = set(now.blocked_by) if now else set(), list[str]()
        for other in task.blocked_by:
            if other in there or self._may_name(task_id, other, self._blocked_by):
                kept.append(other)
        if len(kept) < len(task.blocked_by):
            self._leave(task_id, "blocked_by", tuple(kept), task.blocked_by)
        parent, was = task.parent, now.parent if now else None
        if parent not in (None, was) and not self._may_name(task_id, parent, self._parent):
            self._leave(task_id, "parent", was, parent)
            parent = was
        if (tuple(kept), parent) != (task.blocked_by, task.parent):
            left = replace(task, blocked_by=tuple(kept), parent=parent)
            self._put(left, archived=draft.is_archived(task_id))

    def _may_name(
        self, task_id: str, other: str | None, edges: Callable[[str], Iterable[str]]
    ) -> bool:
        return bool(other and self._draft.find(other)) and not find_cycle(
            task_id, [other or ""], edges
        )

    def _blocked_by(self, task_id: str) -> tuple[str, ...]:
        task = self._draft.find(task_id)
        return task.blocked_by if task else ()

    def _parent(self, task_id: str) -> tuple[str, ...]:
        task = self._draft.find(task_id)
        return (task.parent,) if task and task.parent else ()

    # -- sessions and messages -----------------------------------------------------------------

    def _session(self, name: str, before: Session | None, after: Session | None) -> None:
        draft, now = self._draft, self._draft.session(name)
        self._sessions.setdefault(name, now)
        if now == before:
            return
        if now == after and before is not None:
            draft.put_session(before)
        elif now == after and not draft.owned_by(name):
            draft.drop_session(name)
        elif before is None or after is None or now is None or now.id != after.id:
            self._leave(name, "session", now and now.name, before and before.name)
        else:
            keys = (*records.keys(Session), "extra")
            values = {key: getattr(now, key) for key in keys}
            for key in keys:
                if values[key] == getattr(after, key):
                    values[key] = getattr(before, key)
                elif getattr(before, key) not in (values[key], getattr(after, key)):
                    self._leave(name, "session", values[key], getattr(before, key))
            draft.put_session(replace(now, **values))

    def _message(self, message_id: str, before: Message | None, after: Message | None) -> None:
        draft, now = self._draft, self._draft.message(message_id)
        self._messages.setdefault(message_id, now)
        if now == before:
            return
        if now == after and before is None:
            draft.drop_message(message_id)
        elif before is not None and now == after:
            draft.put_message(before)
        elif before is None or after is None or now is None:
            self._leave(message_id, "message", now and now.text, before and before.text)
        else:
            read = unite_sets(after.read, now.read, before.read)[0]
            draft.put_message(replace(now, read=read))

    # -- what it comes to ----------------------------------------------------------------------

    def _leave(self, what: str, field: str, kept: Any, dropped: Any) -> None:
        self._left[what, field] = Conflict(what, field, kept, dropped)

    def forget_what_is_as_before(self) -> None:
        """Take out of the draft what several operations together have not changed."""
        draft = self._draft
        for task_id, (first, archived) in self._tasks.items():
            if same(first, draft.find(task_id)) and archived == draft.is_archived(task_id):
                draft.forget(task_id)
        for name, session in self._sessions.items():
            if draft.session(name) == session:
                draft.sessions.pop(name, None)
        for message_id, message in self._messages.items():
            if draft.message(message_id) == message:
                draft.messages.pop(message_id, None)

    def check_owners(self, *, force: bool) -> None:
        """Refuse to change what belongs to others, or let a note say that it was done."""
        draft, taken = self._draft, False
        for task_id, (first, _) in self._tasks.items():
            now = draft.find(task_id)
            taken |= now is not None and now.owner == draft.by and not _holds(first, draft.by)
            if first is None or (
                now and all(getattr(first, n) == getattr(now, n) for n in _OWNERS)
            ):
                continue
            audited = owned(draft, first, "undone", force=force)
            if now is not None and audited is not first:
                noted = replace(now, notes=(*now.notes, audited.notes[-1]))
                self._put(noted, archived=draft.is_archived(task_id))
        limit = draft.policy.max_claims
        if taken and limit is not None:
            there = [task for task in held(draft, draft.by) if task.status != "in_review"]
            if len(there) > limit:
                require_room(draft)

    def result(self, effects: Sequence[Effect]) -> Undone:
        """Return what is in the draft by now."""
        draft = self._draft
        changed = {*draft.changed, *draft.archived, *draft.removed}
        return Undone(
            tuple(effects),
            tuple(
                (first, draft.find(task_id))
                for task_id, (first, _) in self._tasks.items()
                if task_id in changed
            ),
            moved=tuple(
                (task_id, draft.is_archived(task_id))
                for task_id, (first, archived) in self._tasks.items()
                if first and draft.find(task_id) and draft.is_archived(task_id) != archived
            ),
            sessions=tuple(draft.sessions),
            messages=tuple(draft.messages),
            left=tuple(self._left.values()),
        )


def _holds(task: Task | None, session: str) -> bool:
    return task is not None and task.owner == session and not task.finished
