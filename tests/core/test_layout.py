"""Files that somebody laid out by hand, and what an update leaves of that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from difflib import ndiff
from typing import Any

import pytest
import tomlkit
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core.codec import as_data, decode, encode
from gitledger.core.dataclass import replace
from gitledger.core.layout import with_changes
from gitledger.core.task import Note, Task
from tests.strategies import edits, tasks

bounded = settings(max_examples=40, deadline=None)

ID = "7f3k2m9q0d"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ANSWER = Note(id="0000000002", at=NOON, by="ben", kind="answer", text="yes")

BY_HAND = """\
# my own task
priority = "p1"   # urgent
title    = 'Add login'
labels = ["ui", "auth"] # on one line
review = false
blocked_by = []
created_at = 2026-03-02T14:00:00+02:00
claimed_at = 2026-03-02T12:00:00
sprint = 3 # not a key of ours

[metadata] # for the bridge
url = "https://example.com"
jira.key = "A-1"
jira.points = 3
votes = { up = 1, down = 2 } # inline
other-tool = [ 1,2 ]

# what was said
[[notes]]
by = "ana"
id = "0000000001"
at = 2026-03-02T12:00:00Z
text = "hello"
mood = "good" # not a key of ours either
"""


def changed(change: Callable[[Task], dict[str, Any]], file: str = BY_HAND) -> list[str]:
    """Return the lines that a change takes away from the file and adds to it, in its order."""
    task = decode(file.encode(), ID)
    edited = replace(task, **change(task))
    written = encode(edited, file.encode())
    assert decode(written, ID) == edited
    lines = ndiff(file.splitlines(), written.decode().splitlines())
    return [line for line in lines if line[0] in "+-"]


# -- what stays --------------------------------------------------------------------------------


def test_a_task_that_did_not_change_keeps_its_file_byte_by_byte() -> None:
    assert encode(decode(BY_HAND.encode(), ID), BY_HAND.encode()) == BY_HAND.encode()


@pytest.mark.parametrize(
    "file",
    [
        'title = "T"',
        'title = "T" # no line end',
        'title = "T"\r\nowner = "ana"\r\n',
        '\ufefftitle = "T"\n',
        'title = "T"\n[metadata.b]\nc = 1\n[source]\nsystem = "x"\n[metadata.a]\nd = 1\n',
        'title = "T"\nmetadata.a.b = 1\nmetadata.c = 2\n',
        'status = "pending"\ntitle = "T"\npriority = "P2"\ntype = "task"\n',
    ],
)
def test_whatever_its_layout_a_file_that_did_not_change_stays(file: str) -> None:
    assert encode(decode(file.encode(), ID), file.encode()) == file.encode()


@pytest.mark.parametrize(
    ("change", "lines"),
    [
        (
            lambda task: {"title": "Fix login"},
            ["- title    = 'Add login'", '+ title    = "Fix login"'],
        ),
        (
            lambda task: {"priority": "P0"},
            ['- priority = "p1"   # urgent', '+ priority = "P0"   # urgent'],
        ),
        (lambda task: {"owner": "ana"}, ['+ owner = "ana"']),
        (lambda task: {"review": True}, ["- review = false", "+ review = true"]),
        (
            lambda task: {"labels": ("auth", "db", "ui")},
            [
                '- labels = ["ui", "auth"] # on one line',
                *("+ labels = [", '+     "auth",', '+     "db",', '+     "ui",'),
                "+ ] # on one line",
            ],
        ),
        (
            lambda task: {"labels": ("ui",)},
            ['- labels = ["ui", "auth"] # on one line', '+ labels = ["ui"] # on one line'],
        ),
        (
            lambda task: {"description": "Why\n\nSpeed\n"},
            ['+ description = """Why', "+ ", "+ Speed", '+ """'],
        ),
        (
            lambda task: {"metadata": {**task.metadata, "url": "https://example.org"}},
            ['- url = "https://example.com"', '+ url = "https://example.org"'],
        ),
        (
            lambda task: {"metadata": {**task.metadata, "jira": {"key": "A-2", "points": 3}}},
            ['- jira.key = "A-1"', '+ jira.key = "A-2"'],
        ),
        (
            lambda task: {"metadata": {**task.metadata, "votes": {"up": 2, "down": 2}}},
            [
                "- votes = { up = 1, down = 2 } # inline",
                "+ votes = { up = 2, down = 2 } # inline",
            ],
        ),
        (
            lambda task: {"extra": {"sprint": 4}},
            ["- sprint = 3 # not a key of ours", "+ sprint = 4 # not a key of ours"],
        ),
        (lambda task: {"extra": {}}, ["- sprint = 3 # not a key of ours"]),
        (
            lambda task: {"notes": (*task.notes, ANSWER)},
            [
                *("+ [[notes]]", '+ id = "0000000002"', "+ at = 2026-03-02T12:00:00Z"),
                *('+ by = "ben"', '+ kind = "answer"', '+ text = "yes"'),
            ],
        ),
        (
            lambda task: {"notes": (*task.notes, replace(ANSWER, text="two\nlines"))},
            [
                *("+ [[notes]]", '+ id = "0000000002"', "+ at = 2026-03-02T12:00:00Z"),
                *('+ by = "ben"', '+ kind = "answer"', '+ text = """two', '+ lines"""'),
            ],
        ),
        (lambda task: {"source": {"system": "x"}}, ["+ ", "+ [source]", '+ system = "x"']),
        (
            lambda task: {"metadata": {**task.metadata, "url": [1, 2]}},
            ['- url = "https://example.com"', "+ url = [", "+     1,", "+     2,", "+ ]"],
        ),
        (
            lambda task: {"metadata": {**task.metadata, "votes": 3}},
            ["- votes = { up = 1, down = 2 } # inline", "+ votes = 3 # inline"],
        ),
    ],
)
def test_only_the_lines_of_what_differs_change(
    change: Callable[[Task], dict[str, Any]], lines: list[str]
) -> None:
    assert changed(change) == lines


def test_arrays_written_out_over_lines_stay_so() -> None:
    file = 'title = "T"\nlabels = [\n  # why\n  "ui", "auth",\n]\n'
    assert changed(lambda task: {"owner": "ana"}, file) == ['+ owner = "ana"']


def test_dotted_keys_stay_dotted() -> None:
    file = 'title = "T"\nsource.system = "file"\nsource.list = "a.md"\n'
    lines = changed(lambda task: {"source": {**task.source, "list": "b.md"}}, file)
    assert lines == ['- source.list = "a.md"', '+ source.list = "b.md"']


def test_a_note_is_added_to_notes_that_stand_in_one_line() -> None:
    file = 'title = "T"\nnotes = [{id = "1", at = 2026-03-02T12:00:00Z, by = "ana"}] # one line\n'
    removed, added = changed(lambda task: {"notes": (*task.notes, ANSWER)}, file)
    assert removed.startswith('- notes = [{id = "1",')
    assert added.startswith('+ notes = [{id = "1", at = 2026-03-02T12:00:00Z, by = "ana"}, {')
    assert added.endswith("] # one line")


def test_arrays_of_tables_and_other_values_are_written_anew() -> None:
    file = 'title = "T" # by hand\nmetadata.a = [{ b = 1 }, 2]\n'
    lines = changed(lambda task: {"metadata": {"a": [{"b": 2}, {"b": 3}]}}, file)
    assert [line for line in lines if line.startswith("-")] == ["- metadata.a = [{ b = 1 }, 2]"]


def test_the_first_notes_become_tables_of_their_own() -> None:
    file = 'title = "T" # by hand\n'
    lines = changed(lambda task: {"notes": (ANSWER, replace(ANSWER, id="3"))}, file)
    assert [line for line in lines if "[" in line] == ["+ [[notes]]", "+ [[notes]]"]
    assert not [line for line in lines if line.startswith("-")]


def test_of_a_note_that_is_corrected_only_that_line_changes() -> None:
    lines = changed(lambda task: {"notes": (replace(task.notes[0], text="hi"), ANSWER)})
    assert lines[:2] == ['- text = "hello"', '+ text = "hi"']
    assert not [line for line in lines[2:] if line.startswith("-")]


def test_a_note_that_is_removed_costs_no_comment_outside_of_the_notes() -> None:
    file = BY_HAND + '[[notes]]\nid = "3"\nat = 2026-03-02T12:00:00Z\nby = "ana"\n'
    lines = changed(lambda task: {"notes": task.notes[1:]}, file)
    assert '- text = "hello"' in lines
    assert not [line for line in lines if "#" in line and "either" not in line]


def test_comments_behind_a_byte_order_mark_stay() -> None:
    file = '\ufefftitle = "T" # by hand\n'
    task = replace(decode(file.encode(), ID), owner="ana")
    assert encode(task, file.encode()) == b'title = "T" # by hand\nowner = "ana"\n'


def test_a_text_that_changes_keeps_its_place_and_its_comment() -> None:
    file = b"description = '''\na\nb''' # why\ntitle = 'T'\n"
    task = replace(decode(file, ID), description="a\nc")
    assert encode(task, file) == b'description = """a\nc""" # why\ntitle = \'T\'\n'


def test_unknown_keys_of_tasks_notes_and_metadata_survive_every_update() -> None:
    task = decode(BY_HAND.encode(), ID)
    file = BY_HAND.encode()
    for change in (
        {"owner": "ana", "claimed_at": NOON},
        {"notes": (*task.notes, ANSWER)},
        {"metadata": {**task.metadata, "new": 1}},
        {"owner": None, "labels": ()},
    ):
        task = replace(task, **change)
        file = encode(task, file)
        read = decode(file, ID)
        assert read.extra == {"sprint": 3}
        assert read.notes[0].extra == {"mood": "good"}
        assert read.metadata["other-tool"] == [1, 2]
    for comment in ("# my own task", "# urgent", "# not a key of ours", "# for the bridge"):
        assert comment in file.decode()


# -- what holds of every edit ------------------------------------------------------------------


@st.composite
def by_hand(draw: st.DrawFn, task: Task) -> str:
    """The task's file with its keys in another order, and a comment at each."""
    document = tomlkit.document()
    document.add(tomlkit.comment("by hand"))
    data = as_data(task)
    simple = [key for key, value in data.items() if not isinstance(value, dict | list)]
    tables = [key for key in data if key not in simple]
    for key in (*draw(st.permutations(simple)), *draw(st.permutations(tables))):
        item = tomlkit.item(data[key])
        if key in simple:
            item.comment(f"about {key}")
        document.add(key, item)
    return document.as_string()


@bounded
@given(st.data())
def test_an_edit_of_a_file_by_hand_is_read_as_that_edit(data: st.DataObject) -> None:
    task = data.draw(tasks())
    file = data.draw(by_hand(task)).encode()
    assert encode(task, file) == file
    edited = data.draw(edits(task))
    written = encode(edited, file)
    assert decode(written, task.id) == edited


@bounded
@given(st.data())
def test_an_edit_of_one_field_keeps_the_comments_of_all_others(data: st.DataObject) -> None:
    task = data.draw(tasks())
    file = data.draw(by_hand(task))
    written = encode(replace(task, title="Another"), file.encode()).decode()
    for line in file.splitlines():
        if "# about" in line and not line.startswith("title"):
            assert line in written.splitlines()


# -- where it cannot be done -------------------------------------------------------------------


def test_a_text_that_tomlkit_refuses_has_no_layout_to_keep() -> None:
    text = "a" + ".a" * 120 + " = 1\n"
    assert with_changes(text, {}, {"b": 1}) is None


def test_a_value_that_tomlkit_refuses_leaves_the_text_alone() -> None:
    assert with_changes("a = 1\n", {"a": 1}, {"a": object()}) is None


@pytest.mark.parametrize("made", [None, "title = 'other'", "title = ''", "no toml", "\ud800"])
def test_a_layout_that_would_not_say_the_same_is_given_up(
    made: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gitledger.core.layout.with_changes", lambda *_: made)
    task = replace(decode(BY_HAND.encode(), ID), owner="ana")
    assert encode(task, BY_HAND.encode()) == encode(task)
