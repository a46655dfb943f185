"""Files as gitledger writes them are taken apart as `codec` reads them, others not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitledger.core import codec
from gitledger.core.task import DESCRIPTION_LIMIT, Note, Task
from gitledger.core.view import plain
from gitledger.errors import InvalidTask
from gitledger.index import files
from gitledger.index.files import File
from gitledger.index.written import taken_apart
from tests import strategies
from tests.index.worlds import POOL, small_tasks
from tests.strategies import NEW_YEAR

ID = POOL[0]
decode_many = files.decode_many()
FULL = Task(
    id=ID,
    title="Log in",
    status="in_progress",
    priority="P1",
    description='Two lines,\none with "quotes" and Straße.\n',
    labels=("auth", "ui"),
    blocked_by=(POOL[1],),
    parent=POOL[2],
    owner="ada",
    role="builder",
    review=True,
    progress=40,
    estimate="2h",
    due=NEW_YEAR.date(),
    branch="work/log-in",
    created_at=NEW_YEAR,
    created_by="ada",
    notes=(
        Note(id="x", at=NEW_YEAR, by="ada", text='a "word"'),
        Note(id="y", at=NEW_YEAR, by="ada", kind="handoff", text="C:\\x", to="grace"),
    ),
    metadata={"url": "https://example.com"},
    source={"system": "file", "list": "x", "key": "1.2"},
)
CONTENT = codec.encode(FULL)

characters = st.characters(exclude_categories=("Cs",))
strings = st.text(
    st.sampled_from("abc \"'\\\n\t\r\x7f\x1b\x85\u2028é😀") | characters,
    max_size=12,
)


def by_law(content: bytes) -> File | str:
    """Return what `codec` makes of a file, or why it is none."""
    try:
        return files.decode(content, ID)
    except InvalidTask as wrong:
        return wrong.message


def quickly(content: bytes) -> File | str:
    """Return the same of the quick way."""
    try:
        return decode_many(content, ID)
    except InvalidTask as wrong:
        return wrong.message


def test_a_file_with_everything_is_taken_apart() -> None:
    assert taken_apart(CONTENT) == plain(codec.as_data(FULL))


@given(st.one_of(strategies.tasks(ID), small_tasks(ID), small_tasks(POOL[3])))
def test_what_is_written_is_read_the_same_either_way(task: Task) -> None:
    content = codec.encode(task)
    assert quickly(content) == by_law(content)


@given(strings, strings, strings)
def test_any_text_is_read_the_same_either_way(title: str, description: str, said: str) -> None:
    note = Note(id="x", at=NEW_YEAR, by="ada", text=said)
    task = Task(id=ID, title=title, description=description, labels=(said,), notes=(note, note))
    content = codec.dump(task).encode()
    assert quickly(content) == by_law(content)


@given(st.data())
def test_a_file_that_was_changed_anywhere_is_read_the_same_either_way(data: st.DataObject) -> None:
    text = CONTENT.decode()
    for _ in range(data.draw(st.integers(1, 3))):
        begin = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(begin, min(len(text), begin + 3)))
        put = data.draw(strings | st.sampled_from(PIECES))
        text = text[:begin] + put + text[end:]
    assert quickly(text.encode()) == by_law(text.encode())


@given(st.lists(st.sampled_from(CONTENT.decode().splitlines(keepends=True)), max_size=30))
def test_lines_in_any_order_are_read_the_same_either_way(lines: list[str]) -> None:
    content = "".join(['title = "x"\n', *lines]).encode()
    assert quickly(content) == by_law(content)


PIECES = (
    '"',
    '"""',
    "'''",
    "\n",
    "\n\n",
    "\\",
    "# x\n",
    "[[notes]]\n",
    "[source]\n",
    '"a",\n',
    "9",
)


@pytest.mark.parametrize(
    "content",
    [
        b'title = "x"\ntitle = "y"\n',
        b'title = "x" y"\n',
        b'title = """x"""\n',
        b'title = " x"\n',
        b'title = ""\n',
        b'title = "\xc2\x85"\n',
        b'title = "a\xc2\x85b"\n',
        b'title = "a\xe2\x80\xa8b"\n',
        b'title = "\xff"\n',
        b'\xef\xbb\xbftitle = "x"\n',
        b'title = "x"\r\n',
        b'title = "x"',
        f'title = "{"x" * 501}"\n'.encode(),
        f'title = "x"\ndescription = "{"x" * DESCRIPTION_LIMIT}"\n'.encode(),
        f'title = "x"\ndescription = "{"x" * (DESCRIPTION_LIMIT + 1)}"\n'.encode(),
        b'title = "x"\ndescription = " "\n',
        b'title = "x"\ndescription = """\nx\n""""\n',
        b'title = "x"\ndescription = """\na"""b"""\n',
        b'title = "x"\nprogress = 007\n',
        b'title = "x"\nprogress = 101\n',
        b'title = "x"\ndue = 2026-02-29\n',
        b'title = "x"\ndue = 2028-02-29\n',
        b'title = "x"\ndue = 2026-01-01T10:00:00Z\n',
        b'title = "x"\ncreated_at = 2026-02-30T00:00:00Z\n',
        b'title = "x"\ncreated_at = 2026-02-03T24:00:00Z\n',
        b'title = "x"\ncreated_at = 2026-02-03T23:59:60Z\n',
        b'title = "x"\ncreated_at = 0000-01-01T00:00:00Z\n',
        b'title = "x"\nlabels = ["b", "a"]\n',
        b'title = "x"\nlabels = [\n    "b",\n    "a",\n]\n',
        b'title = "x"\nlabels = [\n    "a",\n    "a",\n]\n',
        b'title = "x"\n\n[source]\nkey = "1"\nkey = "2"\n',
        b'title = "x"\n\n[source]\nkey = 1\n',
        b'title = "x"\n\n[source]\nkey = "1"\n\n[metadata]\nx = "y"\n',
        b'title = "x"\n\n[[notes]]\nid = "x"\nat = 2026-02-30T00:00:00Z\nby = "ada"\n',
        b'title = "x"\n\n[[notes]]\nid = "x"\nat = 2026-02-03T00:00:00Z\n',
    ],
    ids=repr,
)
def test_what_is_odd_is_read_the_same_either_way(content: bytes) -> None:
    assert quickly(content) == by_law(content)
