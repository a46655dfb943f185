"""Task ids and their prefixes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core import ids
from tests.strategies import task_ids

bounded = settings(max_examples=60, deadline=None)


def test_the_alphabet_is_crockford_base32() -> None:
    assert "".join(sorted(ids.ALPHABET)) == ids.ALPHABET
    assert set("0123456789abcdefghijklmnopqrstuvwxyz") - set(ids.ALPHABET) == set("ilou")


@bounded
@given(st.binary(min_size=7, max_size=7))
def test_an_id_is_made_of_50_random_bits(random: bytes) -> None:
    task_id = ids.new_id(lambda count: random[:count])
    assert ids.is_id(task_id)
    number = 0
    for character in task_id:
        number = number * 32 + ids.ALPHABET.index(character)
    assert number == int.from_bytes(random, "big") % 2**50


def test_a_derived_id_is_always_the_same() -> None:
    assert ids.derived_id("c0ffee", "title") == "s5mnmkekwa"


def test_a_derived_id_depends_on_every_word_and_where_it_ends() -> None:
    words = [("ab", "c"), ("a", "bc"), ("abc",), ("ab", "c", ""), ("c", "ab")]
    assert len({ids.derived_id(*each) for each in words}) == len(words)


@pytest.mark.parametrize("word", ["7f3k2m9q0d", "0000000000", "zzzzzzzzzz"])
def test_a_whole_id_is_ten_characters_of_the_alphabet(word: str) -> None:
    assert ids.is_id(word)
    assert ids.is_prefix(word)


@pytest.mark.parametrize(
    "word",
    ["", "7f3k2m9q0", "7f3k2m9q0dx", "7F3K2M9Q0D", "7f3k2m9q0l", "7f3k2m9q0d\n", "٣f3k2m9q0d"],
)
def test_nothing_else_is_a_whole_id(word: str) -> None:
    assert not ids.is_id(word)


@pytest.mark.parametrize("word", ["7f3", "7F3K", "7f3k2m9q0", "aaa"])
def test_a_prefix_has_three_to_ten_characters_in_any_case(word: str) -> None:
    assert ids.is_prefix(word)


@pytest.mark.parametrize("word", ["", "7f", "7f3k2m9q0dx", "fix", "7f-3", "7f3\n", "../"])
def test_nothing_else_is_a_prefix(word: str) -> None:
    assert not ids.is_prefix(word)


def test_an_id_is_shown_with_at_least_four_characters() -> None:
    assert ids.shortest_prefix("7f3k2m9q0d", []) == "7f3k"
    assert ids.shortest_prefix("7f3k2m9q0d", ["7f3a2m9q0d", "8f3k2m9q0d"]) == "7f3k"


def test_an_id_is_shown_with_as_many_characters_as_tell_it_from_all_others() -> None:
    others = ["7f3k2m0000", "7f3k000000", "7f3k2m9q0d"]
    assert ids.shortest_prefix("7f3k2m9q0d", others) == "7f3k2m9"


@bounded
@given(task_ids, st.lists(task_ids, max_size=5), st.integers(4, 10))
def test_a_shown_prefix_is_unique_and_no_longer_than_it_must(
    task_id: str, others: list[str], common: int
) -> None:
    others = [task_id[:common] + other[common:] for other in others]
    shown = ids.shortest_prefix(task_id, others)
    assert task_id.startswith(shown)
    rivals = [other for other in others if other != task_id]
    assert not any(other.startswith(shown) for other in rivals)
    if len(shown) > ids.SHORTEST_SHOWN:
        assert any(other.startswith(shown[:-1]) for other in rivals)
