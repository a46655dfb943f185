"""Plans: files that describe tasks, read into values that the ledger can carry out.

`item` has the values, `markdown`, `checklist` and `marks` read Markdown, `tables` TOML and JSON,
`references` finds what the tasks of a plan wait for, `matching` what a second import updates.
What is read is checked here as far as a plan by itself can be: an error names file and line.
"""

from __future__ import annotations

import re

from gitledger.core.plan.item import Plan, PlanItem
from gitledger.core.plan.matching import match_plan
from gitledger.errors import InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

__all__ = ["Plan", "PlanItem", "match_plan", "parse_plan"]

_FORMATS: Final = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".txt": "markdown",
    ".toml": "toml",
    ".json": "json",
}
_EXAMPLES: Final = {
    "markdown": "a task is a line such as: - [ ] Title [P1] #label [blockedBy: 1]",
    "toml": "a task is a table [[tasks]] with a title",
    "json": 'a task is an object with a title: {"tasks": [{"title": "…"}]}',
}
_JSON = re.compile(r"\s*(?:\{|\[\s*\{)")
# Comments of TOML look like headings of Markdown, but no Markdown goes on like this.
_TOML = re.compile(r"(?:[ \t]*(?:#.*)?\n)*[ \t]*(?:\[\[\s*tasks\s*\]\]|tasks\s*=)")


def parse_plan(text: str, name: str) -> Plan:
    """Return the tasks that a plan's text describes.

    Args:
        text: the whole file.
        name: the file's name, for messages. Its suffix tells the format: `.md`, `.markdown` and
            `.txt` are Markdown, `.toml` and `.json` what they say; for any other, and for `-`,
            the text tells.

    Raises:
        InvalidInput: the text holds no tasks, or something in it is wrong; the message names file
            and line, or the task's place where the format gives no lines.
        Cycle: tasks of the plan wait for each other.
    """
    from gitledger.core.plan.references import linked

    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    _, dot, suffix = name.lower().rpartition(".")
    form = _FORMATS.get(dot + suffix) or _detected(text)
    if form == "markdown":
        from gitledger.core.plan.checklist import read_checklist

        entries = read_checklist(text, name)
    else:
        from gitledger.core.plan.tables import read_json, read_toml

        entries = read_json(text, name) if form == "json" else read_toml(text, name)
    if not entries:
        raise InvalidInput(f"{name}: no tasks found", hint=_EXAMPLES[form])
    return linked(entries, name)


def _detected(text: str) -> str:
    if _JSON.match(text):
        return "json"
    return "toml" if _TOML.match(text) else "markdown"
