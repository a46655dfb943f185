"""Pictures in the terminal: within its width, in ASCII where that is all there is."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitledger.cli.charts import bars, chart_lines
from gitledger.cli.style import Style, columns
from gitledger.core.chart import KINDS, chart
from tests.core.test_chart import HOSTILE
from tests.core.test_stats import THREE, done, moves, stats

_PAINT = re.compile(r"\x1b\[[\d;]*m")


def drawn(kind: str, style: Style, title: str = "Title", session: str = "ada") -> list[str]:
    found = stats(
        *THREE,
        done("d", 100, 210, session=session),
        moves("e", (60, "in_progress"), (61, "waiting")),
        titles=lambda ids: dict.fromkeys(ids, title),
    )
    return list(chart_lines(chart(kind, found), found, style))


@given(
    st.sampled_from(KINDS),
    st.integers(30, 200),
    st.text(max_size=60),
    st.text(min_size=1, max_size=30),
    st.booleans(),
)
def test_no_line_is_wider_than_the_terminal(
    kind: str, width: int, title: str, session: str, color: bool
) -> None:
    style = Style(width=width, color=color)
    for line in drawn(kind, style, title, session):
        assert columns(_PAINT.sub("", line)) <= width


@pytest.mark.parametrize("kind", KINDS)
def test_ascii_is_enough(kind: str) -> None:
    lines = drawn(kind, Style(width=80, unicode=False))
    assert all(line.isascii() for line in lines)
    assert len(lines) > 3


@pytest.mark.parametrize("kind", KINDS)
def test_colour_changes_nothing_but_colour(kind: str) -> None:
    plain = drawn(kind, Style(width=80))
    painted = [_PAINT.sub("", line).rstrip() for line in drawn(kind, Style(width=80, color=True))]
    assert painted == [line.rstrip() for line in plain]


@pytest.mark.parametrize("words", HOSTILE)
def test_what_a_terminal_might_act_upon_is_escaped(words: str) -> None:
    text = "\n".join(drawn("gantt", Style(width=160), words, words))
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", text)


def test_a_bar_holds_the_name_of_its_task_where_it_finds_a_place() -> None:
    lines = drawn("gantt", Style(width=80), "Write the schema")
    assert "┣━ d Write the schema ━" in "\n".join(lines)
    assert any(line.startswith("grace") for line in lines)


def test_small_pictures_tell_nothing_from_little() -> None:
    assert bars([0, 1, 50, 100], Style()) == "▁▂▅█"
    assert bars([0, 0], Style()) == "▁▁"
    assert bars([0, 1, 100], Style(unicode=False)) == "_.#"
