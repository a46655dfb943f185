"""The settings that say where a repository's parts are, read from its own file without git.

git reads these few (`core.bare`, `core.worktree`, `extensions.*`) before anything else, from the
repository's file alone: no includes, no global file, no environment. So can we.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    import os

_ESCAPES = {"n": "\n", "t": "\t", "b": "\b"}
_WORD = "abcdefghijklmnopqrstuvwxyz0123456789-"


def read_settings(path: str | os.PathLike[str]) -> dict[str, str]:
    """Return what a configuration file sets, by lower-case `section.variable`.

    Sections that have a subsection are left out. A variable that stands alone is `true`. A file
    that does not exist sets nothing.
    """
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            text = file.read()
    except FileNotFoundError:
        return {}
    settings: dict[str, str] = {}
    section = ""
    for line in text.replace("\\\n", "").split("\n"):
        rest = line.strip()
        if rest.startswith("["):
            section, rest = _header(rest)
        name, equals, value = rest.partition("=")
        name = name.strip().lower()
        if section and name[:1].isalpha() and not name.strip(_WORD):
            settings[f"{section}.{name}"] = _plain(value.strip()) if equals else "true"
    return settings


def is_true(value: str | None) -> bool:
    """Tell whether a value means true to git."""
    return value is not None and value.lower() in ("true", "yes", "on", "1")


def _header(line: str) -> tuple[str, str]:
    """Return the section that a header begins, "" for one with a subsection, and what follows."""
    name, bracket, rest = line[1:].partition("]")
    if '"' not in name:
        return (name.strip().lower(), rest.strip()) if bracket else ("", "")
    place = line.index('"') + 1
    while place < len(line) and line[place] != '"':
        place += 2 if line[place] == "\\" else 1
    return "", line[place:].partition("]")[2].strip()


def _plain(value: str) -> str:
    """Return a value without its comment, the blanks before that, its quotes and escapes."""
    found: list[str] = []
    end = 0  # what is behind it are blanks that no quotes keep
    quoted = False
    signs = iter(value)
    for sign in signs:
        if sign == '"':
            quoted = not quoted
        elif sign in "#;" and not quoted:
            break
        elif sign == "\\":
            escaped = next(signs, "")
            found.append(_ESCAPES.get(escaped, escaped))
        else:
            found.append(sign)
        if quoted or not sign.isspace():
            end = len(found)
    return "".join(found[:end])
