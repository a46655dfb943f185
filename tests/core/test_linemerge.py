"""The three-way merge of texts by lines."""

from __future__ import annotations

from collections.abc import Iterable
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core.linemerge import merge_lines

bounded = settings(max_examples=150, deadline=None)

# Few different lines, so that texts have much in common and lines come twice.
some_lines = st.lists(st.sampled_from(("", "a", "b", "c", "d\r", "e\u2028f")), max_size=8)
texts = st.builds(
    lambda parts, end: "\n".join(parts) + end, some_lines, st.sampled_from(("", "\n"))
)


def text(letters: Iterable[str]) -> str:
    """A text of one line a letter."""
    return "".join(f"{letter}\n" for letter in letters)


def lines(content: str) -> list[str]:
    return content.split("\n")


# -- examples ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("base", "published", "mine", "merged"),
    [
        pytest.param("abcde", "Xbcde", "abcdY", "XbcdY", id="lines-far-apart"),
        pytest.param("ab", "Xb", "aY", "XY", id="neighbouring-lines"),
        pytest.param("abc", "Xabc", "abcY", "XabcY", id="one-before-one-after"),
        pytest.param("abc", "ab", "bc", "b", id="each-removes-another"),
        pytest.param("ab", "a", "b", "", id="until-nothing-is-left"),
        pytest.param("abc", "aXbc", "aYc", "aXYc", id="an-insertion-before-a-change"),
        pytest.param("abc", "aYc", "abXc", "aYXc", id="an-insertion-after-a-change"),
        pytest.param("abc", "aXc", "aXc", "aXc", id="the-same-change-is-taken-once"),
        pytest.param("abcde", "aXcde", "aXcdY", "aXcdY", id="the-same-change-and-one-more"),
        pytest.param("", "ab", "ab", "ab", id="the-same-text-from-nothing"),
        pytest.param("ab", "", "abc", "c", id="everything-removed-and-a-line-added"),
    ],
)
def test_changes_of_different_lines_are_both_taken(
    base: str, published: str, mine: str, merged: str
) -> None:
    assert merge_lines(text(base), text(published), text(mine)) == (text(merged), False)


@pytest.mark.parametrize(
    ("base", "published", "mine", "merged"),
    [
        pytest.param("abc", "aXc", "aYc", "aXc", id="the-same-line"),
        pytest.param("a", "aX", "aY", "aX", id="both-append"),
        pytest.param("", "X", "Y", "X", id="both-write-the-first-text"),
        pytest.param("abc", "ac", "aYc", "ac", id="removed-and-changed"),
        pytest.param("abcd", "aXXd", "aYcd", "aXXd", id="a-part-of-the-same-lines"),
        pytest.param("abcd", "ad", "abYcd", "ad", id="an-insertion-amid-what-is-removed"),
        pytest.param("abcde", "aXcde", "aYcdZ", "aXcdZ", id="what-does-not-clash-is-still-taken"),
    ],
)
def test_where_lines_clash_those_of_published_win(
    base: str, published: str, mine: str, merged: str
) -> None:
    assert merge_lines(text(base), text(published), text(mine)) == (text(merged), True)


@pytest.mark.parametrize(
    ("base", "published", "mine", "merged"),
    [
        pytest.param("a\nb", "X\nb", "a\nb\nc", "X\nb\nc", id="no-side-has-a-last-newline"),
        pytest.param("a\nb", "a\nb\n", "X\nb", "X\nb\n", id="published-adds-it"),
        pytest.param("a\nb\n", "X\nb\n", "a\nb", "X\nb", id="mine-removes-it"),
        pytest.param("a", "a\nb\n", "X", "X\nb\n", id="with-a-line-after-it"),
        pytest.param("a\n", "", "a\nb\n", "b\n", id="an-empty-text-has-no-say"),
        pytest.param("a\n", "a\n\n", "X\n", "X\n\n", id="a-blank-line-is-a-line"),
    ],
)
def test_the_newline_at_the_end_is_merged_like_a_field(
    base: str, published: str, mine: str, merged: str
) -> None:
    assert merge_lines(base, published, mine) == (merged, False)


# -- laws --------------------------------------------------------------------------------------


@bounded
@given(texts, texts)
def test_what_one_side_alone_changed_is_taken_as_it_is(base: str, side: str) -> None:
    assert merge_lines(base, side, base) == (side, False)
    assert merge_lines(base, base, side) == (side, False)
    assert merge_lines(base, side, side) == (side, False)


@bounded
@given(some_lines, some_lines)
def test_a_change_elsewhere_leaves_the_other_sides_change_whole(
    before: list[str], after: list[str]
) -> None:
    base, changed = [*before, "last"], [*after, "last"]
    merged, clashed = merge_lines(
        "\n".join(base), "\n".join(changed), "\n".join([*before, "other"])
    )
    assert (lines(merged), clashed) == ([*after, "other"], False)


@bounded
@given(texts, texts, texts)
def test_every_added_line_is_there_or_is_one_of_mine_that_clashed(
    base: str, published: str, mine: str
) -> None:
    merged, clashed = merge_lines(base, published, mine)
    there = {*lines(merged), ""}
    assert {*lines(published)} - {*lines(base)} <= there
    assert clashed or {*lines(mine)} - {*lines(base)} <= there


@bounded
@given(texts, texts, texts)
def test_no_line_comes_from_nowhere(base: str, published: str, mine: str) -> None:
    merged, _ = merge_lines(base, published, mine)
    assert {*lines(merged)} <= {*lines(base), *lines(published), *lines(mine), ""}


@bounded
@given(texts, texts, texts)
def test_only_a_clash_depends_on_which_side_is_published(
    base: str, published: str, mine: str
) -> None:
    merged, clashed = merge_lines(base, published, mine)
    swapped, swapped_clashed = merge_lines(base, mine, published)
    assert clashed == swapped_clashed
    assert clashed or merged == swapped


# -- large texts -------------------------------------------------------------------------------

KIB_60 = 60 * 1024


def every_other(tag: str, count: int, repeat: int) -> str:
    """Lines of which every other one is the same in all texts of this kind, some repeatedly."""
    return text([f"{n % repeat}" if n % 2 else f"{tag}{n}" for n in range(count)])


@pytest.mark.parametrize(
    ("base", "published", "mine"),
    [
        pytest.param("\n" * KIB_60, "X" + "\n" * KIB_60, "\n" * KIB_60 + "Y", id="blank-lines"),
        pytest.param(*(every_other(tag, 1900, 103) for tag in "abc"), id="repeated-lines"),
        pytest.param(*(every_other(tag, 1900, 1) for tag in "abc"), id="one-repeated-line"),
        pytest.param(*(every_other(tag, 10_000, 10_000) for tag in "abc"), id="short-lines"),
        pytest.param(
            *(text([f"{n * step % 9973}" for n in range(9972)]) for step in (1, 71, 997)),
            id="shuffled-lines",
        ),
    ],
)
def test_the_largest_texts_are_merged_in_seconds(base: str, published: str, mine: str) -> None:
    began = process_time()
    merged, _ = merge_lines(base, published, mine)
    assert process_time() - began < 4
    assert {*lines(published)} - {*lines(base)} <= {*lines(merged)}


def test_changes_at_both_ends_of_a_long_text_are_both_taken() -> None:
    base = [f"line {number}" for number in range(8000)]
    published, mine = ["first", *base[1:]], [*base[:-1], "last"]
    merged, clashed = merge_lines("\n".join(base), "\n".join(published), "\n".join(mine))
    assert (lines(merged), clashed) == (["first", *base[1:-1], "last"], False)
