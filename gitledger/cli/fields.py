"""The options for a task's fields, which `add` and `edit` share."""

from __future__ import annotations

from datetime import date

from gitledger.cli.context import Context
from gitledger.cli.spec import Option

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

FIELDS = (
    Option("--description", "-d", metavar="TEXT", help="Markdown; - reads standard input."),
    Option("--priority", "-p", metavar="P", help="P0 (drop everything) to P4; default P2."),
    Option("--type", metavar="TYPE", help="task, bug, feature, chore, epic, or your own word."),
    Option("--parent", metavar="ID", help="The task that this is a part of."),
    Option("--role", metavar="ROLE", help="Which kind of session should take it."),
    Option("--estimate", metavar="TIME", help="30m, 4h, 2d."),
    Option("--due", metavar="WHEN", help="2026-12-01, tomorrow, friday, in 3 days, eom, none."),
    Option("--branch", metavar="NAME", help="The branch where the work happens."),
)


def given_fields(context: Context, values: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """Return the fields that were given, and messages that say how a date was understood.

    `none` unsets a field that may be unset.
    """
    given = {
        name: None if value == "none" and name not in ("description", "title") else value
        for name, value in values.items()
        if value is not None
    }
    messages = []
    if given.get("description") == "-":
        given["description"] = context.read_text("-")
    due = given.get("due")
    if due is not None:
        from gitledger.core.dates import describe_date

        given["due"] = parse_due(context, due)
        messages.append(f"due {describe_date(given['due'], context.now)}")
    return given, messages


def parse_due(context: Context, text: str) -> date | None:
    """Return the date that somebody wrote, seen from the user's clock."""
    from gitledger.core.dates import parse_date

    return parse_date(text, context.now)
