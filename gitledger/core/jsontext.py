"""JSON as text, written and read without `json`: importing that takes half of Python's own start.

Strings, and whole texts that are read, are left to the parts of `json` that are written in C.
Where Python has none, or others, `json` itself does the same.
"""

from __future__ import annotations

from gitledger.core.text import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


def write(value: Any, *, indent: int | None = None) -> str:
    """Return a value as JSON; what a terminal might act upon is written as an escape.

    Args:
        value: of dicts with strings as keys, lists, tuples, strings, numbers, booleans, None.
        indent: how far parts stand to the right of the whole; None writes all on one line.

    Raises:
        TypeError: it holds something else.
    """
    parts: list[str] = []
    _put(value, parts.append, "\n" if indent is not None else "", " " * (indent or 0))
    return "".join(parts)


def read(text: str) -> Any:
    """Return the value of a text that `json.dumps` wrote.

    Raises:
        ValueError: it is none.
    """
    try:
        value, end = _scan(text, 0)
    except StopIteration:
        raise ValueError("no JSON") from None
    if end != len(text):
        raise ValueError("no JSON from there on")
    return value


def _put(value: Any, put: Callable[[str], object], line: str, indent: str) -> None:
    """Put down the parts of a value's text.

    Args:
        value: the value.
        put: is given each part.
        line: how a new line of it begins, with the end of the one before; "" keeps one line.
        indent: how far its parts stand to the right of it.
    """
    if isinstance(value, str):
        put(_string(value))
    elif value is None or value is True or value is False:
        put(_WORDS[value])
    elif isinstance(value, (int, float)):
        put(repr(value))
    elif not isinstance(value, (dict, list, tuple)):
        raise TypeError(f"no JSON: {type(value).__name__}")
    elif not value:
        put("{}" if isinstance(value, dict) else "[]")
    else:
        _put_several(value, put, line, indent)


def _put_several(
    value: dict[str, Any] | list[Any] | tuple[Any, ...],
    put: Callable[[str], object],
    line: str,
    indent: str,
) -> None:
    inner = line + indent if line else ""
    between = f",{inner or ' '}"
    before = inner
    if isinstance(value, dict):
        put("{")
        for key, each in value.items():
            put(f"{before}{_string(key)}: ")
            _put(each, put, inner, indent)
            before = between
        put(line + "}")
    else:
        put("[")
        for each in value:
            put(before)
            _put(each, put, inner, indent)
            before = between
        put(line + "]")


def _string(text: str) -> str:
    quoted = _quoted(text)
    if quoted.isprintable():
        return quoted
    return "".join(sign if escape(sign) == sign else f"\\u{ord(sign):04x}" for sign in quoted)


_WORDS = {None: "null", True: "true", False: "false"}


class _Rules:
    """How `json.loads` reads."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float
    memo: dict[str, str] = {}  # noqa: RUF012


def _from_c() -> tuple[Callable[[str], str], Callable[[str, int], tuple[Any, int]]]:
    from _json import encode_basestring, make_scanner

    rules: Any = _Rules()
    return encode_basestring, make_scanner(rules)


def _from_json() -> tuple[Callable[[str], str], Callable[[str, int], tuple[Any, int]]]:
    import json

    decoder: Any = json.JSONDecoder()
    return json.JSONEncoder(ensure_ascii=False).encode, decoder.scan_once


try:
    _quoted, _scan = _from_c()
except (ImportError, AttributeError, TypeError):
    _quoted, _scan = _from_json()
