"""A plain file is the one that rtoml writes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
import rtoml
from hypothesis import example, given
from hypothesis import strategies as st

from gitledger.core import codec, plainfile
from gitledger.core.task import Note, Task

NOON = datetime(2026, 7, 1, 12, tzinfo=UTC)
SIGNS = st.text("abc \n\"'\\\té\u00a0\u200b\x7f{}[]#=,0", max_size=12) | st.text(max_size=8)
TIMES = st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=2))]))
VALUES = (
    SIGNS | st.booleans() | st.integers(-(2**63), 2**63 - 1) | TIMES | st.dates() | st.lists(SIGNS)
)
KEYS = st.sampled_from(["title", "due", "labels", "a-b", "x_1", "", "a.b", "ä", '"'])
TABLES = st.dictionaries(KEYS, VALUES, min_size=1, max_size=4)


@given(values=TABLES, notes=st.lists(TABLES, max_size=3), tables=st.dictionaries(KEYS, TABLES))
@example(values={"title": "a\nb"}, notes=[{"text": "\n\nx\n"}], tables={})
def test_what_it_writes_rtoml_writes_too(
    values: dict[str, Any], notes: list[dict[str, Any]], tables: dict[str, dict[str, Any]]
) -> None:
    data = {**values, **({"notes": notes} if notes else {}), **tables}
    text = plainfile.written(data)
    assert text is None or text == rtoml.dumps(data, pretty=True)


@pytest.mark.parametrize(
    "task",
    [
        Task(id="7f3k2m9q0d", title="Add login"),
        Task(id="7f3k2m9q0d", title="Größe", description="one\ntwo\n\n- three's\n", review=True),
        Task(
            id="7f3k2m9q0d",
            title="Add login",
            labels=("api",),
            blocked_by=("8g4m3n0r1e", "9h5n4p1s2f"),
            progress=60,
            due=date(2026, 8, 1),
            created_at=NOON,
            notes=(Note(id="1", at=NOON, by="ada", text="a\nb"), Note(id="2", at=NOON, by="ada")),
            metadata={"key": "value", "number": 3},
            source={"system": "s", "list": "l", "key": "1"},
        ),
    ],
)
def test_what_a_task_has_as_a_rule_is_plain(task: Task) -> None:
    text = plainfile.written(codec.as_data(task))
    assert text == rtoml.dumps(codec.as_data(task), pretty=True)
    assert codec.decode(codec.encode(task), task.id) == task


@pytest.mark.parametrize(
    "value",
    ['say "so"', "a\\b", "a\tb", "\x7f", 1.5, [], [1], {}, None, NOON.replace(tzinfo=None)],
)
def test_what_it_does_not_know_is_left_to_rtoml(value: object) -> None:
    assert plainfile.written({"metadata": {"a": value}}) is None


@given(
    values=TABLES,
    notes=st.lists(TABLES, max_size=3),
    tables=st.dictionaries(KEYS, TABLES),
    cut=st.integers(0, 60),
    put=st.text('ab"=[]\n 0T-', max_size=6),
)
def test_what_it_reads_rtoml_reads_too_whatever_hand_has_been_at_it(
    values: dict[str, Any],
    notes: list[dict[str, Any]],
    tables: dict[str, dict[str, Any]],
    cut: int,
    put: str,
) -> None:
    data = {**values, **({"notes": notes} if notes else {}), **tables}
    text = rtoml.dumps(data, pretty=True)
    if plainfile.written(data) is not None:
        assert plainfile.read(text) == rtoml.loads(text)
    for touched in (text[:cut] + put + text[cut:], text[:cut] + text[cut + len(put) :]):
        read = plainfile.read(touched)
        assert read is None or read == rtoml.loads(touched)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "\n",
            "title",
            "title = ",
            'title = "',
            'title = "a" # why\n',
            "a = [\n",
            'a = """\n',
        ),
        *('notes = "x"\n', '[notes]\na = "b"\n\n[[notes]]\na = "b"\n', 'a = "b"\na = "b"\n'),
        *(
            "a = 1_000\n",
            "a = +1\n",
            "a = 1.0\n",
            "a = 2026-01-01T00:00:00+02:00\n",
            "[[a]]\nb = 1\n",
        ),
        "a = " + "1" * 5000 + "\n",
    ],
)
def test_what_is_not_plain_is_not_read(text: str) -> None:
    assert plainfile.read(text) is None
