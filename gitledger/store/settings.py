"""The settings that say where a repository's parts are, read from its own file without git.

git reads these few (`core.bare`, `core.worktree`, `extensions.*`) before anything else, from the
repository's file alone: no includes, no global file, no environment. So can we.
"""

from __future__ import annotations

import re
from pathlib import Path

_SECTION = re.compile(r"\[([\w.-]+)\s*(\"(?:[^\"\\]|\\.)*\")?\]")
_VARIABLE = re.compile(r"([A-Za-z][\w-]*)\s*(?:=\s*(.*))?")
_BEFORE_COMMENT = re.compile(r'(?:"(?:[^"\\]|\\.)*"|\\.|[^"\\#;])*')
_QUOTING = re.compile(r'\\(.)|"')
_ESCAPES = {"n": "\n", "t": "\t", "b": "\b"}


def read_settings(path: Path) -> dict[str, str]:
    """Return what a configuration file sets, by lower-case `section.variable`.

    Sections that have a subsection are left out. A variable that stands alone is `true`. A file
    that does not exist sets nothing.
    """
    try:
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
    except FileNotFoundError:
        return {}
    settings: dict[str, str] = {}
    section = None
    for line in text.replace("\\\n", "").split("\n"):
        rest = line.strip()
        if header := _SECTION.match(rest):
            section = None if header[2] else header[1].lower()
            rest = rest[header.end() :].strip()
        if section and (variable := _VARIABLE.fullmatch(rest)):
            name, value = variable.groups()
            settings[f"{section}.{name.lower()}"] = "true" if value is None else _plain(value)
    return settings


def is_true(value: str | None) -> bool:
    """Tell whether a value means true to git."""
    return value is not None and value.lower() in ("true", "yes", "on", "1")


def _plain(value: str) -> str:
    """Return a value without its comment, the blanks before that, its quotes and escapes."""
    match = _BEFORE_COMMENT.match(value)
    raw = match[0].rstrip() if match else ""
    return _QUOTING.sub(lambda found: _ESCAPES.get(found[1], found[1] or ""), raw)
