"""JSON as text: as `json` has it, and harmless."""

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitledger.core import jsontext
from gitledger.core.text import escape

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(value=VALUES, indent=st.sampled_from([None, 0, 2]))
def test_it_writes_what_json_writes_with_escapes_for_what_is_harmful(
    value: Any, indent: int | None
) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=indent)
    assert jsontext.write(value, indent=indent) == "".join(map(harmless, text))


def harmless(sign: str) -> str:
    return sign if sign == "\n" or escape(sign) == sign else f"\\u{ord(sign):04x}"


@given(value=VALUES)
def test_it_reads_what_json_and_itself_write(value: Any) -> None:
    assert jsontext.read(json.dumps(value)) == value
    assert jsontext.read(json.dumps(value, ensure_ascii=False)) == value
    assert jsontext.read(jsontext.write(value)) == value
    assert jsontext.read(jsontext.compact(value)) == value
    assert jsontext.compact(value) == json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@pytest.mark.parametrize("text", ["", "{", "[1,]", "nul", "1 2", '{"a": 1} x', '"\n"'])
def test_what_is_no_json_is_not_read(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        jsontext.read(text)


def test_what_json_does_not_know_is_not_written() -> None:
    with pytest.raises(TypeError, match="set"):
        jsontext.write({"a": {1}})


def test_a_python_without_the_parts_in_c_writes_and_reads_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    value = {"a": ["é\u202e\x7f", 1, 2.5, None, True], "b": {}}
    known = jsontext.write(value, indent=2)
    try:
        with monkeypatch.context() as patched:
            patched.setitem(sys.modules, "_json", None)
            importlib.reload(jsontext)
        assert jsontext.write(value, indent=2) == known
        assert jsontext.read(known) == value
        assert jsontext.compact(value) == json.dumps(
            value, ensure_ascii=False, separators=(",", ":")
        )
    finally:
        importlib.reload(jsontext)
