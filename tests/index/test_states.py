"""States of tasks by their files: as the parser has it, whatever the files look like."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitledger.core import codec
from gitledger.core.task import Note, Task
from gitledger.index import states
from tests import strategies

NOON = datetime(2026, 1, 30, 12, tzinfo=UTC)
TASK = Task(
    id="3r18000000",
    title="Größer",
    status="completed",
    type="bug",
    description='with "quotes"\nand more\n',
    owner="ada",
    labels=("api", "web"),
    blocked_by=("3r18000001",),
    created_at=NOON,
    created_by="ada",
    started_at=NOON,
    completed_at=NOON.replace(hour=14),
    notes=(Note(id="en5ddj4aqv", at=NOON, by="ada", kind="note", text="x"),),
)


@given(strategies.tasks())
def test_a_file_of_the_program_is_read_as_the_parser_reads_it(task: Task) -> None:
    content = codec.encode(task)
    assert states.state(content) == states._parsed_state(content)


def test_the_usual_file_is_not_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    content = codec.encode(TASK)
    monkeypatch.setattr(codec, "parse", None)
    assert states.state(content) == ("completed", "ada", "bug", "api\nweb", 7200)


@given(st.data())
def test_a_file_that_was_changed_by_hand_is_read_as_the_parser_reads_it(
    data: st.DataObject,
) -> None:
    content = codec.encode(TASK)
    lines = content.splitlines(keepends=True)
    odd = st.sampled_from(
        (
            *(
                b'"',
                b"'",
                b'"""',
                b"\\",
                b"\\u0041",
                b"\xff",
                b"\x00",
                b"\r",
                b"[",
                b"]",
                b"29",
                b"T",
            ),
            *(b"\n[[notes]]\n", b"# x\n", b'status = "waiting"\n', b"owner = 1\n", *lines),
        )
    )
    begin = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(begin, min(begin + 3, len(content))))
    changed = content[:begin] + data.draw(odd) + content[end:]
    assert states.state(changed) == states._parsed_state(changed)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"2026-01-30", b"2026-02-30"),  # no such day
        (b"2026-01-30", b"2026-02-29"),
        (b"2026-01-30", b"0000-01-30"),
        (b"T12:00:00Z", b"T24:00:00Z"),
        (b'"ada"\n', b'"ada" # me\n'),
        (b'"api"', b'"api", "api"'),
        (b"Gr\xc3\xb6", b"Gr\xf6"),  # no UTF-8
        (b'type = "bug"', b'type = ""'),
        (b'status = "completed"', b'status = "done"'),
        (b'title = "Gr', b'titel = "Gr'),
    ],
)
def test_what_looks_nearly_as_usual_is_read_as_the_parser_reads_it(old: bytes, new: bytes) -> None:
    content = codec.encode(TASK)
    assert old in content
    changed = content.replace(old, new)
    assert states.state(changed) == states._parsed_state(changed)
