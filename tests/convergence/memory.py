"""What has been acknowledged, who knew of it, and what of that has to be there in the end."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from gitledger.core.dataclass import dataclass, replace
from gitledger.core.task import Task
from tests.convergence.values import (
    NAMES,
    SCALARS,
    Values,
    difference,
    kept,
    kept_values,
    values,
)

_WORK: Final = ("status", "branch")
"""What goes with a claim that is lost: the work under it."""

Tasks = Mapping[str, Task]


@dataclass(frozen=True, slots=True)
class Write:
    """What one acknowledged operation did to one slot of a task.

    Attributes:
        number: its own.
        session: who did it.
        task: the task's id.
        slot: see `values`.
        added: values that stand there since.
        removed: values that do not stand there any more: they were seen, and replaced.
        past: the writes that the session's clone knew of, as a set of bits.
    """

    number: int
    session: str
    task: str
    slot: str
    added: Values
    removed: Values
    past: int

    def knew(self, other: Write) -> bool:
        return bool(self.past >> other.number & 1)


@dataclass(frozen=True, slots=True)
class Removal:
    """A task that an undo removed, and the writes that its session's clone knew of."""

    task: str
    past: int

    def took_back(self, write: Write) -> bool:
        """Tell whether it took a write back knowingly."""
        return self.task == write.task and bool(self.past >> write.number & 1)


class Memory:
    """All acknowledged writes, and which of them are known where.

    Attributes:
        forgotten: the ids of notes that an undo has taken away.
    """

    def __init__(self) -> None:
        self.forgotten: set[str] = set()
        self._writes: list[Write] = []
        self._removals: list[Removal] = []
        self._known: dict[str, int] = defaultdict(int)
        self._published: dict[str, int] = {}

    # -- what happens --------------------------------------------------------------------------

    def record(self, clone: str, session: str, before: Tasks, after: Tasks) -> None:
        """Note what an operation of a session did to the tasks of its clone."""
        past = self._known[clone]
        for task_id, task in after.items():
            old = before.get(task_id)
            changes = [(slot, *change) for slot, change in difference(old, task).items()]
            if old:
                there = {note.id for note in task.notes}
                gone = [note for note in old.notes if note.id not in there]
                self.forgotten |= {note.id for note in gone}
                changes += [(n.field, frozenset(), kept_values(n)) for n in gone if n.field]
            for slot, added, removed in changes:
                number = len(self._writes)
                self._writes.append(Write(number, session, task_id, slot, added, removed, past))
                self._known[clone] |= 1 << number
        self._removals += [Removal(task_id, past) for task_id in before.keys() - after.keys()]

    def removed(self, task_id: str) -> bool:
        """Tell whether an undo has ever removed a task."""
        return any(removal.task == task_id for removal in self._removals)

    def learn(self, clone: str, published: str | None) -> None:
        """A clone has got what was published with this commit."""
        self._known[clone] |= self._published.get(published or "", 0)

    def publish(self, clone: str, tip: str) -> None:
        """All that a clone knows is published with this commit."""
        self._published[tip] = self._known[clone]

    def is_published(self, commit: str) -> bool:
        """Tell whether somebody has published this very commit as a tip."""
        return commit in self._published

    def rename(self, new: Mapping[str, str]) -> None:
        """Tasks have other ids now, wherever they are named."""

        def renamed(slot: str, named: Values) -> Values:
            return frozenset(new.get(str(n), n) for n in named) if slot in NAMES else named

        if new:
            self._writes = [
                replace(
                    write,
                    task=new.get(write.task, write.task),
                    added=renamed(write.slot, write.added),
                    removed=renamed(write.slot, write.removed),
                )
                for write in self._writes
            ]
            self._removals = [
                replace(removal, task=new.get(removal.task, removal.task))
                for removal in self._removals
            ]

    # -- what holds of the tasks that everybody has in the end ---------------------------------

    def check(self, tasks: Tasks) -> None:
        """Raise where one of the laws is broken; all writes are published everywhere."""
        slots = self._slots()
        for (task_id, slot), written in slots.items():
            writes = self._standing(written)
            if task_id not in tasks:
                assert not writes, ("it is gone, with somebody's work", writes)
                continue
            task = tasks[task_id]
            for write in writes:
                for value in write.added:
                    assert _accounted(task, write, value, writes), (write, value)
            if slot == "status":
                assert _finished(task, writes), (task, writes)
        for task in tasks.values():
            for slot, there in values(task).items():
                if slot == "description":  # where lines clash, published's stand as a whole
                    continue
                written = slots.get((task.id, slot), [])
                for value in there:
                    assert self._chosen(task, slot, value, written), (task, slot, value, written)

    def _chosen(self, task: Task, slot: str, value: object, written: list[Write]) -> bool:
        """Nothing is made up and nothing comes back: somebody put the value there, and of those who
        knew nobody replaced it, unless what they put in its place lost and is kept in a conflict,
        or was taken back."""
        if slot == "status" and value == "pending" and task.owner is None:
            return True  # released where somebody else went to work meanwhile: see `merge`
        writes = self._standing(written)
        if not any(value in write.added for write in written):
            unset = slot in SCALARS and value in values(Task(id=task.id, title=""))[slot]
            return unset and all(_lost(task, write) for write in _last(writes))
        for write in written:
            if value in write.added:
                after = [other for other in writes if value in other.removed and other.knew(write)]
                if all(_lost(task, other) for other in after):
                    return True
        return False

    def _standing(self, writes: Iterable[Write]) -> list[Write]:
        """Return the writes that no removal of their task took back."""
        return [
            write for write in writes if not any(each.took_back(write) for each in self._removals)
        ]

    def _slots(self) -> Mapping[tuple[str, str], list[Write]]:
        slots = defaultdict(list)
        for write in self._writes:
            slots[write.task, write.slot].append(write)
        return slots


def _accounted(task: Task, write: Write, value: object, writes: Iterable[Write]) -> bool:
    """Nothing is lost: the value stands there, or a conflict keeps it, or somebody replaced it.

    Whoever replaced it saw this value, and did so after this write, or without knowing of it.
    With a lost claim goes the work under it, which the note of the claim tells.
    """
    if value in values(task).get(write.slot, ()) or value in kept(task, write.slot):
        return True
    if write.slot in _WORK and write.session in kept(task, "owner"):
        return True
    return any(value in other.removed and not write.knew(other) for other in writes)


def _last(writes: list[Write]) -> Iterator[Write]:
    for write in writes:
        if not any(other.knew(write) for other in writes):
            yield write


def _lost(task: Task, write: Write) -> bool:
    given_up = write.slot in _WORK and write.session in kept(task, "owner")
    return given_up or (bool(write.added) and write.added <= kept(task, write.slot))


def _finished(task: Task, writes: list[Write]) -> bool:
    """What is finished stays finished until somebody reopens it."""
    done = frozenset({"completed", "cancelled"})
    for write in writes:
        if write.added & done and not any(
            other.removed & done and not write.knew(other) for other in writes
        ):
            return task.finished
    return True
