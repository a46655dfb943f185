"""Tasks as TOML: both ways, and what is refused on either."""

from __future__ import annotations

import sys
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from time import process_time, tzset
from types import MappingProxyType
from typing import Any

import pytest
import rtoml
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gitledger.core.codec import decode, decode_version, encode, parse
from gitledger.core.dataclass import fields, replace
from gitledger.core.task import FILE_LIMIT, TASK_KEYS, Note, Task
from gitledger.core.view import TaskView, task_json
from gitledger.errors import InvalidInput, InvalidTask
from tests.strategies import tasks

bounded = settings(max_examples=100, deadline=None)

ID = "7f3k2m9q0d"
OTHER = "8g4m3n0r1e"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
PLAIN = Task(id=ID, title="Add login")

FULL = Task(
    id=ID,
    title="Add login",
    status="in_review",
    priority="P1",
    type="feature",
    description="Why\n\n- [ ] speed\n",
    labels=("auth", "ui"),
    blocked_by=(OTHER,),
    commits=("a1" * 20, "b2" * 20),
    parent=OTHER,
    owner="ana",
    role="builder",
    review=True,
    progress=60,
    estimate="4h",
    due=date(2026, 4, 1),
    branch="login",
    created_at=NOON,
    created_by="ana",
    updated_at=NOON,
    updated_by="ben",
    claimed_at=NOON,
    started_at=NOON,
    notes=(
        Note(id="0000000001", at=NOON, by="ben", kind="handoff", text="yours", to="ana"),
        Note(
            id="0000000002",
            at=NOON,
            by="ana",
            kind="conflict",
            text="two\nlines",
            field="labels",
            kept=["a", "b"],
            dropped={"x": 1},
            extra={"mood": "good"},
        ),
    ),
    metadata={"jira": {"key": "A-1", "points": [1, 2.5]}},
    source={"system": "file", "list": "plan.md", "key": "1.2"},
    extra={"sprint": 3, "team": {"name": "red"}},
)
FULL_FILE = '''\
title = "Add login"
status = "in_review"
priority = "P1"
type = "feature"
description = """
Why

- [ ] speed
"""
parent = "8g4m3n0r1e"
owner = "ana"
role = "builder"
review = true
progress = 60
estimate = "4h"
due = 2026-04-01
branch = "login"
created_at = 2026-03-02T12:00:00Z
created_by = "ana"
updated_at = 2026-03-02T12:00:00Z
updated_by = "ben"
claimed_at = 2026-03-02T12:00:00Z
started_at = 2026-03-02T12:00:00Z
sprint = 3
labels = [
    "auth",
    "ui",
]
blocked_by = ["8g4m3n0r1e"]
commits = [
    "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1",
    "b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2b2",
]

[[notes]]
id = "0000000001"
at = 2026-03-02T12:00:00Z
by = "ben"
kind = "handoff"
text = "yours"
to = "ana"

[[notes]]
id = "0000000002"
at = 2026-03-02T12:00:00Z
by = "ana"
kind = "conflict"
text = """
two
lines"""
field = "labels"
mood = "good"
kept = [
    "a",
    "b",
]

[notes.dropped]
x = 1

[metadata.jira]
key = "A-1"
points = [
    1,
    2.5,
]

[source]
system = "file"
list = "plan.md"
key = "1.2"

[team]
name = "red"
'''


def refusal(text: bytes | str) -> str:
    """Return why the text is no task; the title is given."""
    text = text if isinstance(text, bytes) else f'title = "T"\n{text}'.encode()
    with pytest.raises(InvalidTask) as refused:
        decode(text, ID)
    return refused.value.message


# -- both ways ---------------------------------------------------------------------------------


@bounded
@given(tasks())
def test_what_is_written_is_read_as_the_same_task(task: Task) -> None:
    assert decode(encode(task), task.id) == task


@bounded
@given(tasks())
def test_a_task_that_was_read_is_written_as_the_same_file(task: Task) -> None:
    file = encode(task)
    assert encode(decode(file, task.id)) == file


@bounded
@given(tasks(), st.data())
def test_a_file_that_no_hand_touched_is_written_anew(task: Task, data: st.DataObject) -> None:
    other = data.draw(tasks(task.id))
    assert encode(other, encode(task)) == encode(other)


def test_the_file_has_its_keys_in_a_fixed_order_with_one_item_a_line() -> None:
    assert encode(FULL).decode() == FULL_FILE
    assert decode(FULL_FILE.encode(), ID) == FULL


def test_the_keys_stand_in_the_contracts_order_values_before_arrays_before_tables() -> None:
    arrays = ["labels", "blocked_by", "commits"]
    tables = ["notes", "metadata", "source"]
    values = [key for key in TASK_KEYS if key not in (*arrays, *tables)]
    full = replace(FULL, extra={}, completed_at=NOON)
    assert list(rtoml.loads(encode(full).decode())) == [*values, *arrays, *tables]


def test_what_is_not_set_is_not_in_the_file() -> None:
    assert encode(PLAIN).decode() == (
        'title = "Add login"\nstatus = "pending"\npriority = "P2"\ntype = "task"\n'
    )


def test_a_title_is_all_that_a_file_needs() -> None:
    assert decode(b"title = 'Add login'", ID) == PLAIN


def test_values_that_differ_from_their_default_alone_are_written() -> None:
    task = replace(PLAIN, progress=0, review=False)
    file = encode(task).decode()
    assert "progress = 0" in file
    assert "review" not in file


@pytest.mark.parametrize(
    "text", ['"""', "'''", "\\", "a\\\n b", "\r\n", "\r", "\x7f\x01\x1b", "\u2028\ufeff", "\n\n x"]
)
def test_a_text_survives_whatever_its_characters(text: str) -> None:
    note = Note(id="0000000001", at=NOON, by="ana", text=f"{text} and {text}")
    task = replace(PLAIN, description=f"{text} and {text}", notes=(note,))
    assert decode(encode(task), ID) == task


# -- what people write -------------------------------------------------------------------------


def test_values_by_hand_are_read_in_their_normal_form() -> None:
    file = b"""
title = "  Add login "
status = "In-Progress"
priority = "p1"
labels = ["ui", "auth", "ui"]
description = "  "
created_at = 2026-03-02T14:00:00+02:00
claimed_at = 2026-03-02T12:00:00
due = 2026-03-02 12:00:00
"""
    assert decode(file, ID) == replace(
        PLAIN,
        status="in_progress",
        priority="P1",
        labels=("auth", "ui"),
        created_at=NOON,
        claimed_at=NOON,
        due=NOON,
    )


def test_times_are_read_as_utc() -> None:
    task = decode(b'title = "T"\ncreated_at = 2026-03-02T14:00:00+02:00', ID)
    assert task.created_at is not None
    assert (task.created_at.tzinfo, task.created_at.hour) == (UTC, 12)


def test_times_without_a_zone_are_utc_wherever_we_are(monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Asia/Tokyo")
        tzset()
        assert decode(b'title = "T"\ndue = 2026-03-02T12:00:00', ID).due == NOON
    tzset()


def test_whole_numbers_of_64_bits_are_kept() -> None:
    task = replace(PLAIN, metadata={"least": -(2**63), "most": 2**63 - 1})
    assert decode(encode(task), ID) == task


def test_toml_of_version_1_1_is_read() -> None:
    task = decode(b'title = "T"\ndue = 2026-03-02T12:00Z\nmetadata = { a = 1,\n }', ID)
    assert (task.due, task.metadata) == (NOON, {"a": 1})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("labels", "two words"),
        ("blocked_by", "no id"),
        ("estimate", "soon"),
        ("type", "user story"),
    ],
)
def test_words_that_a_command_would_refuse_hide_no_task(key: str, value: str) -> None:
    several = key in ("labels", "blocked_by")
    task = decode(rtoml.dumps({"title": "T", key: [value] if several else value}).encode(), ID)
    assert getattr(task, key) == ((value,) if several else value)
    assert decode(encode(task), ID) == task


def test_keys_of_a_newer_format_are_kept_apart() -> None:
    file = b"""
title = "T"
id = "not mine"
extra = [1, 2]
[sprint]
name = "red"
[[notes]]
id = "0000000001"
at = 2026-03-02T12:00:00Z
by = "ana"
extra = 1
mood = { good = true }
"""
    task = decode(file, ID)
    assert task.id == ID
    assert task.extra == {"id": "not mine", "extra": [1, 2], "sprint": {"name": "red"}}
    assert task.notes[0].extra == {"extra": 1, "mood": {"good": True}}
    assert decode(encode(task), ID) == task


# -- what is no task ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"", "the key 'title' is missing"),
        (b'title = "T"\xff', "not UTF-8 (byte 12)"),
        (b"title = \x00", "not valid TOML: "),
        (b"title", "not valid TOML: "),
        (b'title = "T"\ntitle = "T"', "not valid TOML: duplicate key"),
        (b'title = ""', "a title cannot be empty"),
        (b'title = "a\\nb"', "a title is one line, without control characters"),
        (b'title = "T"\n' + b"#" * FILE_LIMIT, "larger than 65536 bytes"),
        ('status = "done"', "unknown status 'done'"),
        ('priority = "P9"', "unknown priority 'P9'"),
        ("progress = 101", "progress is a number from 0 to 100, not 101"),
        ("progress = -1", "progress is a number from 0 to 100, not -1"),
        (f"progress = {10**30}", f"progress is a number from 0 to 100, not {10**30}"),
        (f"progress = {'9' * 5000}", "not valid TOML: "),
        ('description = "\\u0000"', "a description holds characters that are not text"),
        (f'description = "{"x" * 61441}"', "a description has at most 61440 bytes, not 61441"),
        ('description = "\\ud800"', "not valid TOML: "),
        ("created_at = 0000-01-01T00:00:00Z", "not valid TOML: "),
        ("created_at = 2026-02-30T00:00:00Z", "not valid TOML: "),
        ("created_at = 0001-01-01T00:00:00+01:00", "'created_at' is out of range"),
        ("due = 9999-12-31T23:59:59-01:00", "'due' is out of range"),
        ("notes = [{ at = 2026-03-02T12:00:00Z, by = 'a' }]", "a note has no 'id'"),
        ("notes = [{ id = '1', by = 'a' }]", "a note has no 'at'"),
        ("notes = [{ id = '1', at = 2026-03-02T12:00:00Z }]", "a note has no 'by'"),
        ("metadata.a = [{ b = nan }]", "'metadata.a.b' is not a number"),
        ("x = -nan", "'x' is not a number"),
        (f"metadata.a = {2**63}", "'metadata.a' takes more than 64 bits"),
        (f"x = {-(2**63) - 1}", "'x' takes more than 64 bits"),
        ("x.y = 9999-12-31T23:59:59-01:00", "'x.y' is out of range"),
        ("source.key = 1", "'source.key' is not a string"),
        ("source.key.a = 'b'", "'source.key' is not a string"),
    ],
)
def test_what_breaks_a_rule_is_no_task(text: bytes | str, message: str) -> None:
    assert refusal(text).startswith(message)


_FORMS = {
    **dict.fromkeys(
        ("title", "status", "priority", "type", "description", "parent", "owner", "role"),
        "a string",
    ),
    **dict.fromkeys(("estimate", "branch", "created_by", "updated_by"), "a string"),
    **dict.fromkeys(("labels", "blocked_by", "commits"), "an array"),
    **dict.fromkeys(
        ("created_at", "updated_at", "claimed_at", "started_at", "completed_at"), "a date-time"
    ),
    "due": "a date or date-time",
    "review": "true or false",
    "progress": "a whole number",
    "notes": "an array of tables",
    "metadata": "a table",
    "source": "a table",
}
_VALUES: dict[str, Any] = {
    "a string": "x",
    "a whole number": 1,
    "a float": 1.5,
    "true or false": True,
    "a date": date(2026, 3, 2),
    "a date-time": NOON,
    "an array": [],
    "an array of numbers": [1],
    "an array of tables": [{}],
    "a table": {},
}
_FITTING = {
    "a date or date-time": ("a date", "a date-time"),
    "an array of tables": ("an array of tables", "an array"),
}


def test_the_form_of_every_key_is_known() -> None:
    assert set(_FORMS) == set(TASK_KEYS)


@pytest.mark.parametrize("key", TASK_KEYS)
def test_a_value_of_another_type_than_its_key_has_makes_no_task(key: str) -> None:
    form = _FORMS[key]
    for kind, value in _VALUES.items():
        if kind in (form, *_FITTING.get(form, ())):
            continue
        file = rtoml.dumps({"title": "T", key: value}).encode()
        assert refusal(file).startswith((f"'{key}' is not {form}", "'notes' is not a table")), kind


@pytest.mark.parametrize("key", ["id", "by", "kind", "text", "to", "field", "at"])
def test_a_value_of_another_type_than_its_key_has_makes_no_note(key: str) -> None:
    note = {"id": "0000000001", "at": NOON, "by": "ana", key: 1}
    form = "a date-time" if key == "at" else "a string"
    file = rtoml.dumps({"title": "T", "notes": [note]}).encode()
    assert refusal(file) == f"'notes.{key}' is not {form}"


@pytest.mark.parametrize(
    "bomb",
    [
        "a" + ".a" * 32000 + " = 1",
        "[" + "a." * 32000 + "a]",
        "a = " + "[" * 32000 + "]" * 32000,
        "a = " + "{a=" * 16000 + "1" + "}" * 16000,
        "a = 0x" + "f" * 60000,
        "a = " + "9" * 60000,
    ],
    ids=lambda bomb: bomb[:8],
)
def test_a_file_made_to_hurt_is_refused(bomb: str) -> None:
    started = process_time()
    assert refusal(bomb).startswith("not valid TOML: ")
    assert process_time() - started < 2  # some parsers take 18 seconds and 4 GB


_FRAGMENTS = st.sampled_from(
    [
        *("title", "notes", "metadata", "source", "due", "labels", "progress", "a", "é"),
        *(" = ", "=", ".", ",", "\n", "\r\n", " ", "# c\n", "{", "}", "[", "]", '"', "'", '"""'),
        *("1", "-0", "1e400", "nan", "inf", "0x1f", "9" * 40, "true", "\\u0041", "\\ud800", "\0"),
        *("2026-01-01", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00+01:00", "10:00:00"),
        *('title = "t"\n', "[metadata]\n", "[metadata.a]\n", "[[notes]]\n", "[[a.b]]\n"),
        *('id = "1"\n', "at = 2026-01-01T00:00:00Z\n", 'by = "a"\n', "metadata.x.y = 1\n"),
    ]
)


@bounded
@given(st.lists(_FRAGMENTS, max_size=20).map("".join))
@example('title = "t"\n[[notes]]\nid = "1"\nat = 2026-01-01T00:00:00Z\nby = "a"\n')
def test_text_that_looks_like_toml_is_a_task_or_refused(text: str) -> None:
    with suppress(InvalidTask):
        task = decode(text.encode(), ID)
        assert decode(encode(task), ID) == task
        assert encode(task, text.encode()) == text.encode()
        assert task_json(TaskView(task=task, list="main", ready=False, blocked=False))


@bounded
@given(st.binary(max_size=60))
def test_any_bytes_are_a_task_or_refused(file: bytes) -> None:
    for text in (file, b'title = "T"\n' + file, b'title = "' + file + b'"'):
        with suppress(InvalidTask):
            task = decode(text, ID)
            assert decode(encode(task), ID) == task


# -- what cannot be written --------------------------------------------------------------------

_ITSELF: list[Any] = []
_ITSELF.append(_ITSELF)


@pytest.mark.parametrize(
    "value",
    [
        None,
        [None],
        {"a": None},
        {"a": {1: 2}},
        {"a": {None: 2}},
        float("nan"),
        2**63,
        -(2**63) - 1,
        2**200,
        "\ud800",
        b"bytes",
        (1, 2),
        {1, 2},
        object,
        1j,
        timedelta(hours=1),
        datetime.max.replace(tzinfo=timezone(-timedelta(hours=1))),
        datetime(2026, 3, 2, tzinfo=timezone(timedelta(seconds=30))),
        _ITSELF,
    ],
    ids=repr,
)
def test_a_value_that_toml_does_not_have_is_refused(value: Any) -> None:
    for task in (
        replace(PLAIN, metadata={"key": value}),
        replace(PLAIN, extra={"key": value}),
        replace(PLAIN, notes=(Note(id="0000000001", at=NOON, by="a", extra={"key": value}),)),
    ):
        for previous in (None, encode(PLAIN), b"title = 'Add login' # by hand\n"):
            with pytest.raises(InvalidInput):
                encode(task, previous)


def test_the_field_that_cannot_be_written_is_named() -> None:
    with pytest.raises(InvalidInput, match="'metadata' holds a value that cannot be kept as TOML"):
        encode(replace(PLAIN, metadata={"key": None}))


@pytest.mark.parametrize(
    "values",
    [
        {"title": ""},
        {"title": "a\nb"},
        {"status": "done"},
        {"progress": 101},
        {"labels": ("b", "a")},
        {"source": {"key": 1}},
        {"description": "x\0"},
        {"created_at": NOON.replace(tzinfo=None)},
        {"due": "tomorrow"},
        {"owner": "\udc80"},
        {"extra": {"title": "other"}},
    ],
)
def test_what_would_not_be_read_again_is_not_written(values: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        encode(replace(PLAIN, **values))


def test_a_file_over_64_kib_is_not_written() -> None:
    long = replace(PLAIN, description="x" * 60000)
    assert len(encode(long)) < FILE_LIMIT
    note = Note(id="0000000001", at=NOON, by="ana", text="x" * 6000)
    with pytest.raises(InvalidInput) as refused:
        encode(replace(long, notes=(note,)))
    assert refused.value.message == "the task would take 66176 bytes; a task has at most 65536"
    assert refused.value.hint == "go on in a new task: git ledger add TITLE"


def test_a_file_of_64_kib_is_still_a_task() -> None:
    rest = FILE_LIMIT - len(encode(replace(PLAIN, description="x" * 60000, branch="b")))
    full = replace(PLAIN, description="x" * 60000, branch="b" * (rest + 1))
    assert len(encode(full)) == FILE_LIMIT
    assert decode(encode(full), ID) == full
    with pytest.raises(InvalidInput):
        encode(replace(full, branch=f"{full.branch}b"))
    with pytest.raises(InvalidTask):
        decode(encode(full) + b"\n", ID)


def test_any_mapping_is_a_table() -> None:
    tables = MappingProxyType({"system": "x"})
    task = replace(PLAIN, metadata=tables, source=tables, extra=MappingProxyType({"sprint": 3}))
    assert decode(encode(task), ID) == task


def test_a_file_that_is_no_task_is_not_written_over() -> None:
    with pytest.raises(InvalidTask):
        encode(PLAIN, b"title = 1")


# -- the version of the format -----------------------------------------------------------------


def test_the_version_of_the_format_is_read() -> None:
    assert decode_version(b"version = 7\nmore = 1\n") == 7


@pytest.mark.parametrize("text", [b"", b"version = 'x'", b"version = true", b"\xff", b"version"])
def test_a_version_that_cannot_be_read_is_none(text: bytes) -> None:
    assert decode_version(text) is None


def test_every_field_of_a_task_is_in_the_full_example() -> None:
    unset = {f.name for f in fields(Task) if getattr(FULL, f.name) == f.default}
    assert unset == {"completed_at"}


def test_with_and_without_rtoml_a_file_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    task = Task(id="7f3k2m9q0d", title="Add login", labels=("a", "b"), description="one\ntwo")
    odd = replace(task, title='Say "yes"')
    whole = [encode(each) for each in (task, odd)]
    monkeypatch.delitem(sys.modules, "rtoml")
    assert encode(task) == whole[0]
    assert parse(whole[0])["labels"] == ["a", "b"]
    assert "rtoml" not in sys.modules
    assert encode(odd) == whole[1]
    assert "rtoml" in sys.modules
