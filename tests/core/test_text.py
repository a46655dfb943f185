"""Text that is safe to print (contract, section 9)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core.text import escape, escape_lines

_BIDI = {"LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI"}


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("größe ✓ 日本語 👩‍💻", "größe ✓ 日本語 👩‍💻"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\rc\td\0", "a\\x0ab\\x0dc\\x09d\\x00"),
        ("\x7f\x85\x9b", "\\x7f\\x85\\x9b"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\u2028b\u2029c\ufeffd\u200be", "a\\u2028b\\u2029c\\ufeffd\\u200be"),
        ("\ud800", "\\ud800"),
        ("", ""),
    ],
)
def test_control_and_bidirectional_characters_are_shown_escaped(line: str, shown: str) -> None:
    assert escape(line) == shown


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec=None), max_size=20))
def test_what_is_shown_is_printable_and_cannot_turn_the_line_around(line: str) -> None:
    shown = escape(line)
    assert shown.encode().decode() == shown
    assert len(shown.splitlines()) <= 1
    assert not any(
        unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") for character in shown
    )
    assert not any(unicodedata.bidirectional(character) in _BIDI for character in shown)
    assert escape(shown) == shown


def test_no_character_of_unicode_that_controls_anything_is_let_through() -> None:
    for code in range(0x110000):
        character = chr(code)
        if unicodedata.category(character) in ("Cc", "Zl", "Zp", "Cs") or (
            unicodedata.bidirectional(character) in _BIDI
        ):
            assert escape(character) != character


def test_a_text_is_shown_line_by_line() -> None:
    assert escape_lines("one\r\n\ttwo\n\nthree\x1b") == ["one", "    two", "", "three\\x1b"]


def test_a_carriage_return_within_a_line_cannot_hide_what_is_before_it() -> None:
    assert escape_lines("bad\rgood") == ["bad\\x0dgood"]


def test_an_empty_text_is_one_empty_line() -> None:
    assert escape_lines("") == [""]
