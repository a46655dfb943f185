"""What holds of every merge of a task, whatever the two sides did to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core import task as rules
from gitledger.core.codec import decode, encode
from gitledger.core.dataclass import replace
from gitledger.core.merge import Merged, merge_tasks
from gitledger.core.task import Note, Task
from gitledger.core.view import note_json
from tests.strategies import edits, sessions, tasks, times

bounded = settings(max_examples=35, deadline=None)

SETS = ("labels", "blocked_by", "commits")
TABLES = ("metadata", "source", "extra")
SCALARS = (
    "title",
    "status",
    "priority",
    "type",
    "parent",
    "owner",
    "role",
    "review",
    "progress",
    "estimate",
    "due",
    "branch",
)


class Replay(NamedTuple):
    """A task at a commit's parent, at the published tip and at the commit."""

    base: Task
    published: Task
    mine: Task
    at: datetime
    by: str

    def merge(self) -> Merged:
        return self.of(self.base, self.published, self.mine)

    def of(self, base: Task | None, published: Task | None, mine: Task | None) -> Merged:
        return merge_tasks(base, published, mine, at=self.at, by=self.by, seed="f00d")

    def merged(self) -> Task:
        merged = self.merge().task
        assert merged is not None
        return merged


@st.composite
def replays(draw: st.DrawFn) -> Replay:
    base = draw(tasks())
    return Replay(base, draw(edits(base)), draw(edits(base)), draw(times), draw(sessions))


def new_notes(replay: Replay) -> list[Note]:
    """The notes that the merge itself makes."""
    known = {*by_id(replay.published), *by_id(replay.mine)}
    return [note for note in replay.merged().notes if note.id not in known]


def set_aside(replay: Replay) -> list[tuple[str | None, Any]]:
    """Field and value of all that lost and is in a note."""
    return [(note.field, note.dropped) for note in new_notes(replay)]


def by_id(task: Task) -> dict[str, Note]:
    return {note.id: note for note in task.notes}


def lines(task: Task) -> set[str]:
    return {*(task.description or "").split("\n"), ""}


@bounded
@given(replays())
def test_what_one_side_alone_did_is_taken_as_it_is(replay: Replay) -> None:
    base, side = replay.base, replay.mine
    assert replay.of(base, base, base) == Merged(base)
    assert replay.of(base, side, base) == Merged(side)
    assert replay.of(base, base, side) == Merged(side)
    assert replay.of(base, side, side) == Merged(side)
    assert replay.of(None, side, side) == Merged(side)


@bounded
@given(replays())
def test_a_merge_that_was_merged_already_changes_nothing(replay: Replay) -> None:
    merged = replay.merged()
    assert replay.of(replay.mine, merged, replay.mine) == Merged(merged)
    assert replay.of(replay.published, merged, replay.published) == Merged(merged)


@bounded
@given(replays())
def test_a_commit_that_is_replayed_again_leaves_no_further_notes(replay: Replay) -> None:
    # The same lines added again are more lines: a text is the one thing that may clash anew.
    replay = replay._replace(mine=replace(replay.mine, description=replay.base.description))
    merged = replay.merged()
    again = replay.of(replay.base, merged, replay.mine).task
    assert again == merged


@bounded
@given(replays())
def test_a_merged_task_is_valid_and_can_be_written(replay: Replay) -> None:
    merged = replay.merged()
    assert rules.check_title(merged.title) == merged.title
    assert rules.check_description(merged.description) == merged.description
    assert rules.check_status(merged.status) == merged.status
    assert rules.check_priority(merged.priority) == merged.priority
    assert rules.check_labels(merged.labels) == merged.labels
    assert merged.progress is None or rules.check_progress(merged.progress) == merged.progress
    assert len(by_id(merged)) == len(merged.notes)
    assert decode(encode(merged), merged.id) == merged


@bounded
@given(replays())
def test_a_merged_task_is_coherent(replay: Replay) -> None:
    merged = replay.merged()
    assert merged.finished == (merged.completed_at is not None)
    assert (merged.owner is None) == (merged.claimed_at is None)
    assert merged.status != "in_progress" or merged.owner is not None


@bounded
@given(replays())
def test_no_scalar_is_lost(replay: Replay) -> None:
    merged = replay.merged()
    dropped = set_aside(replay)
    lost_work = ("status", "branch") if replay.merge().lost_claim else ()
    for side in (replay.published, replay.mine):
        for field in SCALARS:
            value = getattr(side, field)
            if value == getattr(replay.base, field) or (side is replay.mine and field in lost_work):
                continue
            assert getattr(merged, field) == value or (field, value) in dropped


def below(field: str, side: Task) -> Iterator[tuple[str, Any]]:
    """Yield the path and the value of all that is in a table or among the notes."""
    values: Mapping[str, Any] = by_id(side) if field == "notes" else getattr(side, field)
    for key, value in values.items():
        yield key if field == "extra" else ".".join(filter(None, (field, key))), value


@bounded
@given(replays())
def test_no_note_and_no_value_of_a_table_is_lost(replay: Replay) -> None:
    merged = replay.merged()
    dropped = set_aside(replay)
    for field in ("notes", *TABLES):
        before, after = dict(below(field, replay.base)), dict(below(field, merged))
        for side in (replay.published, replay.mine):
            for path, value in below(field, side):
                if value not in (before.get(path), after.get(path)):
                    kept = (value.text, note_json(value)) if isinstance(value, Note) else (value,)
                    assert any((path, form) in dropped for form in kept)


@bounded
@given(replays())
def test_no_line_of_a_description_is_lost(replay: Replay) -> None:
    merged = replay.merged()
    there = lines(merged)
    for field, dropped in set_aside(replay):
        if field == "description":
            there |= {*(dropped or "").split("\n")}
    for side in (replay.published, replay.mine):
        assert lines(side) - lines(replay.base) <= there


@bounded
@given(replays())
def test_what_either_side_removed_is_gone_and_what_either_added_is_there(replay: Replay) -> None:
    merged = replay.merged()
    for field in SETS:
        base, now = {*getattr(replay.base, field)}, {*getattr(merged, field)}
        for side in (replay.published, replay.mine):
            there = {*getattr(side, field)}
            assert there - base <= now
            assert not (base - there) & now


@bounded
@given(replays())
def test_every_conflict_has_its_note(replay: Replay) -> None:
    assert [(lost.field, lost.dropped) for lost in replay.merge().conflicts] == set_aside(replay)
    for note in new_notes(replay):
        assert (note.kind, note.at, note.by) == ("conflict", replay.at, replay.by)


@bounded
@given(replays())
def test_these_fields_do_not_depend_on_which_side_is_published(replay: Replay) -> None:
    swapped = replay._replace(published=replay.mine, mine=replay.published)
    one, other = replay.merged(), swapped.merged()
    for field in (*SETS, "updated_at", "updated_by"):
        assert getattr(one, field) == getattr(other, field)
    assert said(replay) == said(swapped)
    if not replay.base.finished:
        assert (one.progress, one.finished) == (other.progress, other.finished)


def said(replay: Replay) -> dict[str, Note]:
    """The notes of both sides, without those that clashed."""
    clashed = {field for field, _ in set_aside(replay)}
    ours = {note.id for note in new_notes(replay)}
    return {
        key: note
        for key, note in by_id(replay.merged()).items()
        if key not in ours and f"notes.{key}" not in clashed
    }
