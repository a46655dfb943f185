"""Three-way merge of sessions and messages, and of names that two machines gave apart."""

from __future__ import annotations

from itertools import count

from gitledger.core import records
from gitledger.core.dataclass import replace
from gitledger.core.message import Message
from gitledger.core.session import Session
from gitledger.core.task import Note, Task

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Final

_LONGEST: Final = 64
"""Characters in a session's name."""


def merge_sessions(
    base: Session | None, published: Session | None, mine: Session | None
) -> Session | None:
    """Return a session as both sides have it: where both changed a key, published wins.

    An edit wins over a removal. Sessions of one name but of different ids are not merged: see
    `name_taken`; of two such the one that goes on is kept.
    """
    if mine == base:
        return published
    if mine is None:
        return None if published == base else published
    if published is None or published == base:
        return mine
    if base is None or base.id != published.id:
        return mine if published.ended else published
    values = {
        key: getattr(mine if getattr(published, key) == getattr(base, key) else published, key)
        for key in (*records.keys(Session), "extra")
    }
    return replace(published, **values)


def merge_messages(
    base: Message | None, published: Message | None, mine: Message | None
) -> Message | None:
    """Return a message as both sides have it: read by whoever has read it on either.

    One that is tidied away on either side is gone.
    """
    if base is not None and (published is None or mine is None):
        return None
    if published is None or mine is None:
        return published or mine
    return replace(published, read=tuple(sorted({*published.read, *mine.read})))


def name_taken(base: Session | None, published: Session | None, mine: Session | None) -> bool:
    """Tell whether mine is new and another session of its name is published, and goes on."""
    if mine is None or published is None or published.ended or published.id == mine.id:
        return False
    return base is None or base.id != mine.id


def free_name(name: str, taken: Callable[[str], bool]) -> str:
    """Return the name with the first suffix that no session has: `frontend-2`."""
    suffixes = (f"-{number}" for number in count(2))
    names = (f"{name[: _LONGEST - len(suffix)]}{suffix}" for suffix in suffixes)
    return next(found for found in names if not taken(found))


def with_names(task: Task, names: Mapping[str, str]) -> Task:
    """Return the task with the new names of sessions, wherever it names one."""

    if not names:
        return task

    def new(name: str | None) -> str | None:
        return names.get(name, name) if name else name

    def renamed(note: Note) -> Note:
        return replace(note, by=names.get(note.by, note.by), to=new(note.to))

    return replace(
        task,
        owner=new(task.owner),
        created_by=new(task.created_by),
        updated_by=new(task.updated_by),
        notes=tuple(map(renamed, task.notes)),
    )
