"""Hypothesis strategies for valid tasks and notes, and for edits of a task.

Values come from small pools more often than from all that is valid, so that two edits of a task
meet on the same label, key or line now and then.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from gitledger.core import ids
from gitledger.core.dataclass import replace
from gitledger.core.task import FINISHED, NOTE_KINDS, PRIORITIES, STATUSES, TYPES, Note, Task

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
_ID_POOL = tuple(ids.derived_id("pool", str(number)) for number in range(6))
_COMMIT_POOL = (*(f"{number:040x}" for number in (0xA1, 0xB2, 0xC3, 0xD4)), "e5" * 32)

# Characters that a text may hold: all but NUL and lone surrogates.
_characters = st.characters(exclude_categories=("Cs",), exclude_characters="\0")
_line_characters = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))

task_ids = st.integers(0, 2**50 - 1).map(ids.encode)
sessions = st.sampled_from(("ana", "ben", "build-1", "Jürgen.K", "worker_2+x"))
times = st.integers(0, 10**7).map(lambda seconds: NEW_YEAR + timedelta(seconds=seconds))
dates = st.integers(0, 400).map(lambda days: (NEW_YEAR + timedelta(days=days)).date())
words = st.sampled_from(("auth", "ui", "ops", "v1.2", "area/db", "größe")) | st.text(
    "abcxyz019_.+/-", min_size=1, max_size=8
).filter(lambda word: word[0].isalnum())
texts = st.text(_characters, min_size=1, max_size=30).filter(str.strip)
titles = st.sampled_from(("Add login", "Fix login", "Write docs")) | st.text(
    _line_characters, min_size=1, max_size=30
).map(str.strip).filter(bool)
lines = st.sampled_from(
    ("", "- [ ] one", "- [ ] two", "- [x] one", "Why: speed", "tail")
) | st.text(_line_characters, max_size=10)
descriptions = st.builds(
    lambda parts, end: "\n".join(parts) + end,
    st.lists(lines, max_size=8),
    st.sampled_from(("", "\n")),
).map(lambda text: text if text.strip() else None)
statuses = st.sampled_from(STATUSES)
estimates = st.builds("{}{}".format, st.integers(1, 99999), st.sampled_from("mhdw"))

_atoms = st.one_of(
    st.text(_characters, max_size=8),
    st.integers(-(2**63), 2**63 - 1),
    st.booleans(),
    st.floats(allow_nan=False, allow_infinity=False),
    times,
    dates,
)
keys = st.sampled_from(("jira", "url", "two words", "", 'ключ"')) | st.text(_characters, max_size=5)
toml_values = st.recursive(
    _atoms,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(keys, inner, max_size=2),
    max_leaves=3,
)
tables = st.dictionaries(keys, toml_values, max_size=3)
sources = st.dictionaries(st.sampled_from(("system", "list", "key")), titles)
# Keys of a newer format; none that this one knows.
extras = st.dictionaries(st.sampled_from(("x-one", "sprint", "votes")), toml_values, max_size=2)


def _sets(items: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.sets(items, max_size=4).map(sorted).map(tuple)


@st.composite
def notes(draw: st.DrawFn, note_id: str | None = None) -> Note:
    """A valid note of any kind, with the keys of its kind."""
    kind = draw(st.sampled_from(NOTE_KINDS))
    note = Note(
        id=note_id or draw(task_ids),
        at=draw(times),
        by=draw(sessions),
        kind=kind,
        text=draw(texts),
        extra=draw(extras) if draw(st.integers(0, 5)) == 5 else {},
    )
    if kind == "handoff":
        return replace(note, to=draw(sessions))
    if kind == "conflict":
        kept, dropped = draw(st.none() | titles), draw(st.none() | titles)
        return replace(note, field="title", kept=kept, dropped=dropped)
    return note


@st.composite
def arguments(draw: st.DrawFn) -> Note:
    """A note that somebody may have to see: of few sessions, most often ana and ben."""
    kind = draw(st.sampled_from(NOTE_KINDS))
    return Note(
        id=draw(task_ids),
        at=NEW_YEAR + timedelta(hours=draw(st.integers(0, 3))),
        by=draw(st.sampled_from(("ana", "ben", "eve"))),
        kind=kind,
        text=draw(st.sampled_from(_AUDITED)) if kind == "note" else "x",
        to=draw(st.sampled_from(("ana", "ben", "role:tester", None))),
        field=draw(st.sampled_from(("owner", "title", None))),
        dropped=draw(st.sampled_from(("ana", "ben", None, 7))),
        resolved=draw(st.sampled_from((None, None, True))),
    )


_AUDITED = (
    "taken over from ana with --force",
    "released from ben, silent for 3h",
    "done with --force while owned by ana",
)


@st.composite
def argued(draw: st.DrawFn) -> Task:
    """A task on which there is something that somebody may have to see."""
    who = st.sampled_from(("ana", "ben", None))
    return Task(
        id=draw(task_ids),
        title="T",
        status=draw(statuses),
        owner=draw(who),
        updated_by=draw(who),
        claimed_at=draw(st.sampled_from((None, NEW_YEAR + timedelta(hours=1)))),
        notes=tuple(draw(st.lists(arguments(), max_size=2, unique_by=lambda note: note.id))),
    )


@st.composite
def lives(draw: st.DrawFn) -> dict[str, Any]:
    """The fields that the life of a task sets, such that they agree with each other."""
    status = draw(statuses)
    owned = status == "in_progress" or draw(st.booleans())
    started = status == "in_progress" or draw(st.booleans())
    return {
        "status": status,
        "owner": draw(sessions) if owned else None,
        "claimed_at": draw(times) if owned else None,
        "started_at": draw(times) if started else None,
        "completed_at": draw(times) if status in FINISHED else None,
    }


FIELDS: Mapping[str, st.SearchStrategy[Any]] = {
    "title": titles,
    "priority": st.sampled_from(PRIORITIES),
    "type": st.sampled_from(TYPES) | words,
    "description": descriptions,
    "labels": _sets(words),
    "blocked_by": _sets(st.sampled_from(_ID_POOL)),
    "commits": _sets(st.sampled_from(_COMMIT_POOL)),
    "parent": st.none() | st.sampled_from(_ID_POOL),
    "role": st.none() | words,
    "review": st.booleans(),
    "progress": st.none() | st.integers(0, 100),
    "estimate": st.none() | estimates,
    "due": st.none() | dates | times,
    "branch": st.none() | st.sampled_from(("main", "feature/login", "fix-1")) | titles,
    "metadata": tables,
    "source": sources,
    "extra": extras,
}
"""Valid values of each field that does not depend on others."""


@st.composite
def tasks(draw: st.DrawFn, task_id: str | None = None) -> Task:
    """A valid task, with any of its fields set."""
    made = draw(times)
    task = Task(
        id=task_id or draw(task_ids),
        title=draw(titles),
        created_at=made,
        created_by=draw(sessions),
        updated_at=made + timedelta(seconds=draw(st.integers(0, 10**6))),
        updated_by=draw(sessions),
        notes=tuple(draw(st.lists(notes(), max_size=3, unique_by=lambda note: note.id))),
        **draw(lives()),
    )
    return replace(task, **draw(_values()))


@st.composite
def edits(draw: st.DrawFn, task: Task) -> Task:
    """The same task, valid still, after a session changed some of it (perhaps nothing)."""
    edited = replace(task, **draw(_values()))
    if draw(st.booleans()):
        edited = replace(edited, **draw(lives()))
    if draw(st.booleans()):
        edited = replace(edited, notes=draw(_edited_notes(task.notes)))
    if edited == task:
        return task
    updated_at = (task.updated_at or NEW_YEAR) + timedelta(seconds=draw(st.integers(0, 10**5)))
    return replace(edited, updated_at=updated_at, updated_by=draw(sessions))


@st.composite
def _values(draw: st.DrawFn) -> dict[str, Any]:
    chosen = draw(st.lists(st.sampled_from(sorted(FIELDS)), max_size=6, unique=True))
    return {field: draw(FIELDS[field]) for field in chosen}


@st.composite
def _edited_notes(draw: st.DrawFn, there: tuple[Note, ...]) -> tuple[Note, ...]:
    kept = []
    for note in there:
        fate = draw(st.sampled_from(("stays", "stays", "edited", "removed")))
        if fate != "removed":
            kept.append(note if fate == "stays" else replace(note, text=draw(texts)))
    there_ids = {note.id for note in there}
    added = draw(st.lists(notes(), max_size=2, unique_by=lambda note: note.id))
    return (*kept, *(note for note in added if note.id not in there_ids))
