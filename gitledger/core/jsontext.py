"""JSON as text, written and read without `json`: importing that takes half of Python's own start.

Strings, and whole texts that are read, are left to the parts of `json` that are written in C.
Where Python has none, or others, `json` itself does the same.
"""

from __future__ import annotations

from gitledger.core.text import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any, TypeAlias

    _Parts: TypeAlias = tuple[
        Callable[[str], str], Callable[[Any], str], Callable[[str, int], tuple[Any, int]]
    ]


def write(value: Any, *, indent: int | None = None) -> str:
    """Return a value as JSON; what a terminal might act upon is written as an escape.

    Args:
        value: of dicts with strings as keys, lists, tuples, strings, numbers, booleans, None.
        indent: how far parts stand to the right of the whole; None writes all on one line.

    Raises:
        TypeError: it holds something else.
    """
    return _text(value, "\n" if indent is not None else "", " " * (indent or 0))


def parts(whole: Mapping[str, Any], *, indent: int | None = None) -> Iterator[str]:
    """Yield the text of an object part by part, none longer than one value of a long array.

    Args:
        whole: as the value of `write`; an iterator in it becomes the array of what it yields, each
            of which is taken when the ones before it are written.
        indent: as that of `write`.

    Raises: as `write`, and what iterators raise.
    """
    line, step = "\n" if indent is not None else "", " " * (indent or 0)
    inner = line + step if line else ""
    before = "{" + inner
    for key, value in whole.items():
        yield f"{before}{_string(key)}: "
        if hasattr(value, "__next__"):
            yield from _array(value, inner, step)
        else:
            yield _text(value, inner, step)
        before = f",{inner or ' '}"
    yield f"{line}}}" if whole else "{}"


def _array(values: Iterator[Any], line: str, indent: str) -> Iterator[str]:
    inner = line + indent if line else ""
    before = "[" + inner
    for value in values:
        yield before + _text(value, inner, indent)
        before = f",{inner or ' '}"
    yield "[]" if before == "[" + inner else f"{line}]"


def _text(value: Any, line: str, indent: str) -> str:
    put_down: list[str] = []
    _put(value, put_down.append, line, indent)
    return "".join(put_down)


def compact(value: Any) -> str:
    """Return a value as JSON on one line without blanks, to be read again; not for a terminal.

    Args:
        value: as that of `write`.
    """
    return _encode(value)


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
            put(before)
            put(_known.get(key) or _key(key))
            if isinstance(each, str):  # most are
                put(_string(each))
            else:
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


def _key(text: str) -> str:
    key = f"{_string(text)}: "
    if len(_known) < _MANY:
        _known[text] = key
    return key


def _string(text: str) -> str:
    quoted = _quoted(text)
    if quoted.isprintable():
        return quoted
    return "".join(sign if escape(sign) == sign else f"\\u{ord(sign):04x}" for sign in quoted)


_WORDS = {None: "null", True: "true", False: "false"}
_MANY = 256
"""Keys whose text is remembered: those that objects of a kind share, not what users made up."""
_known: dict[str, str] = {}


class _Rules:
    """How `json.loads` reads."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    parse_constant = float


def _from_c() -> _Parts:
    from _json import encode_basestring, make_encoder, make_scanner

    make: Any = make_encoder
    rules: Any = _Rules()
    encode = make(None, None, encode_basestring, None, ":", ",", False, False, True)
    return encode_basestring, lambda value: "".join(encode(value, 0)), make_scanner(rules)


def _from_json() -> _Parts:
    import json

    decoder: Any = json.JSONDecoder()
    without = json.JSONEncoder(ensure_ascii=False, check_circular=False, separators=(",", ":"))
    return json.JSONEncoder(ensure_ascii=False).encode, without.encode, decoder.scan_once


try:
    _quoted, _encode, _scan = _from_c()
except (ImportError, AttributeError, TypeError):
    _quoted, _encode, _scan = _from_json()
