"""A task's file, written and read without rtoml, whose import takes half of Python's own start.

What is written here is what rtoml writes, byte for byte. What it is not known of is left to rtoml:
strings with quotes or signs that are escaped, names that need quotes, values of any type. What is
read here is a file that would be written again as it is: so rtoml reads the same.
"""

from __future__ import annotations

from datetime import UTC, date, datetime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

_BARE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-")
"""What a key is made of that needs no quotes (TOML 1.0)."""


class _NotPlain(Exception):
    """A value that only rtoml can write."""


def written(data: Mapping[str, Any]) -> str | None:
    """Return the text of a file, None where only rtoml can write it.

    Args:
        data: its values in their order; see `gitledger.core.codec.as_data`.
    """
    values: dict[str, Any] = {}
    tables: list[str] = []
    try:
        for key, value in data.items():
            if isinstance(value, dict):
                tables += ["", f"[{_key(key)}]", *_lines(value)]
            elif key == "notes" and isinstance(value, list):
                for note in value:
                    tables += ["", "[[notes]]", *_lines(note)]
            else:
                values[key] = value
        lines = _lines(values)
    except _NotPlain:
        return None
    return "\n".join([*lines, *tables, ""])


def read(text: str) -> dict[str, Any] | None:
    """Return the values of a file, None where only rtoml can read it."""
    try:
        data = _values(iter(text.split("\n")))
    except (ValueError, IndexError, StopIteration):
        return None
    return data if written(data) == text else None


def _values(lines: Iterator[str]) -> dict[str, Any]:
    """Return what lines say if they are plain; of others it may be anything.

    Raises:
        ValueError, IndexError, StopIteration: they are not plain.
    """
    data: dict[str, Any] = {}
    table = data
    for line in lines:
        if line == "[[notes]]":
            table = {}
            data.setdefault("notes", []).append(table)
        elif line.startswith("["):
            table = data[_not_notes(line[1:-1])] = {}
        elif line:
            key, _, said = line.partition(" = ")
            table[_not_notes(key)] = _said(said, lines)
    return data


def _not_notes(key: str) -> str:
    if key == "notes":
        raise ValueError("notes are tables, each of its own")
    return key


def _said(said: str, lines: Iterator[str]) -> object:
    if said.startswith('"'):
        return "\n".join(_until(lines, said)) if said == '"""' else said[1:-1]
    if said.startswith("["):
        return [item[5:-2] for item in _until(lines, "]")[:-1]] if said == "[" else [said[2:-2]]
    if said in ("true", "false"):
        return said == "true"
    if "T" in said:
        return datetime.fromisoformat(said)
    return date.fromisoformat(said) if said.count("-") > 1 else int(said)


def _until(lines: Iterator[str], end: str) -> list[str]:
    """Return lines up to the one that ends like this, which is without it then."""
    found = [next(lines)]
    while not found[-1].endswith(end):
        found.append(next(lines))
    return [*found[:-1], found[-1].removesuffix(end)]


def _lines(table: Mapping[str, Any]) -> list[str]:
    """Return a line for each key, arrays behind all others."""
    if not table:
        raise _NotPlain
    arrays = [key for key, value in table.items() if isinstance(value, list)]
    others = [key for key in table if key not in arrays]
    return [f"{_key(key)} = {_value(table[key])}" for key in [*others, *arrays]]


def _key(key: str) -> str:
    if not key or not _BARE.issuperset(key):
        raise _NotPlain
    return key


def _value(value: object) -> str:
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        if value.tzinfo is not UTC or value.microsecond or value.year < 1000:
            raise _NotPlain
        return f"{value:%Y-%m-%dT%H:%M:%SZ}"
    if isinstance(value, date) and value.year >= 1000:
        return value.isoformat()
    if isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return _array([_string(item) for item in value])
    raise _NotPlain


def _array(items: list[str]) -> str:
    if len(items) == 1:
        return f"[{items[0]}]"
    return "[\n" + "".join(f"    {item},\n" for item in items) + "]"


def _string(text: str) -> str:
    if '"' in text or "\\" in text:
        raise _NotPlain
    if text.isprintable():
        return f'"{text}"'
    if all(line.isprintable() for line in text.split("\n")):
        return f'"""\n{text}"""'
    raise _NotPlain
