"""Plans in TOML and JSON: an array `tasks` of tables, which may hold such arrays themselves.

A table's `key` is the name that other tables use for it. JSON as `git ledger list --json` prints
it is a plan too; there the `id` is that name, and `parent` may stand in place of nesting.
"""

from __future__ import annotations

import re

from gitledger.core.dataclass import dataclass
from gitledger.core.plan import tablevalues
from gitledger.core.plan.entry import Entry, naming
from gitledger.core.plan.tablevalues import NESTED
from gitledger.errors import Cycle, InvalidInput

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Final

_TOP: Final = ("tasks", "schema_version", "kind")
_PARSER_SAYS = re.compile(r"(.*) at line ([0-9]+) column ([0-9]+)", re.DOTALL)


def read_toml(text: str, name: str) -> list[Entry]:
    """Return the tasks of a TOML plan, parents before their sub-tasks.

    Args:
        text: TOML.
        name: the file's name, for messages.

    Raises:
        InvalidInput: the text is no TOML, or something in it is wrong.
        Cycle: tasks are sub-tasks of each other.
    """
    import rtoml

    try:
        data = rtoml.loads(text)
    except (ValueError, RecursionError) as wrong:
        raise _unreadable("TOML", str(wrong), name) from None
    return _entries(data, name)


def read_json(text: str, name: str) -> list[Entry]:
    """Return the tasks of a JSON plan, parents before their sub-tasks.

    Args:
        text: JSON: an object with `tasks`, or an array of tasks.
        name: the file's name, for messages.

    Raises:
        InvalidInput: the text is no JSON, or something in it is wrong.
        Cycle: tasks are sub-tasks of each other.
    """
    import json

    try:
        data = json.loads(text)
    except json.JSONDecodeError as wrong:
        said = f"{wrong.msg} at line {wrong.lineno} column {wrong.colno}"
        raise _unreadable("JSON", said, name) from None
    except (ValueError, RecursionError) as wrong:
        raise _unreadable("JSON", str(wrong), name) from None
    return _entries({"tasks": data} if isinstance(data, list) else data, name)


def _unreadable(form: str, said: str, name: str) -> InvalidInput:
    """Return the error for text that a parser refuses, with the line if the parser names one."""
    found = _PARSER_SAYS.fullmatch(said)
    if not found:
        return InvalidInput(f"{name}: not valid {form}: {' '.join(said.split())}")
    what = " ".join(found[1].split())
    return InvalidInput(f"{name}:{found[2]}: not valid {form}: {what} (column {found[3]})")


@dataclass(slots=True)
class _Node:
    """A table of the plan and the node that it is nested in.

    `position` is where it stands in the file, written as a place: `2.1` is the first table in
    the second one. A `parent` key moves it elsewhere in the plan, but not in the file.
    """

    table: Mapping[str, Any]
    position: str
    parent: int | None
    keys: tuple[str, ...] = ()


def _entries(data: object, name: str) -> list[Entry]:
    if not isinstance(data, dict):
        raise InvalidInput(f"{name}: a plan is an object or an array", hint='{"tasks": […]}')
    with naming(name):
        tablevalues.refuse_unknown(data, _TOP)
        nodes = _nodes(data)
        _find_parents(nodes)
        placed = _placed(nodes)
    index = {number: order for order, number in enumerate(placed)}
    entries = []
    for number, place in placed.items():
        node = nodes[number]
        where = f"{name}: task {place}"
        with naming(where):
            values, waits_for = tablevalues.read_table(node.table)
        entries.append(
            Entry(
                where=where,
                place=place,
                line=0,
                parent=None if node.parent is None else index[node.parent],
                values=values,
                waits_for=waits_for,
                keys=node.keys,
            )
        )
    return entries


def _nodes(plan: Mapping[str, Any]) -> list[_Node]:
    """Return the tables in the order of the file."""
    nodes: list[_Node] = []
    left = _nested(plan, None, "")
    while left:
        node = left.pop()
        with naming(f"task {node.position}"):
            node.keys = tablevalues.names(node.table)
            left += _nested(node.table, len(nodes), f"{node.position}.")
        nodes.append(node)
    return nodes


def _nested(table: Mapping[str, Any], parent: int | None, above: str) -> list[_Node]:
    """Return the tables that stand in a table, the last one first."""
    tables = [inner for key in NESTED for inner in tablevalues.tables(table, key)]
    nodes = [_Node(inner, f"{above}{count}", parent) for count, inner in enumerate(tables, 1)]
    return nodes[::-1]


def _find_parents(nodes: Sequence[_Node]) -> None:
    named: dict[str, int] = {}
    for number, node in enumerate(nodes):
        for key in node.keys:
            if (first := named.setdefault(key, number)) != number:
                other = nodes[first].position
                raise InvalidInput(f"task {node.position}: '{key}' is the key of task {other} too")
    for node in nodes:
        with naming(f"task {node.position}"):
            parent = tablevalues.name(node.table, "parent")
            if parent is None:
                continue
            if parent not in named:
                raise InvalidInput(
                    f"the parent '{parent}' is no task of the plan",
                    hint="a parent is named by its key; 'list --all --json' leaves none out",
                )
            if node.parent not in (None, named[parent]):
                raise InvalidInput(f"it stands in another task than its parent '{parent}'")
            node.parent = named[parent]


def _placed(nodes: Sequence[_Node]) -> dict[int, str]:
    """Return the place of each node by its number, parents before their sub-tasks."""
    below: dict[int | None, list[int]] = {}
    for number, node in enumerate(nodes):
        below.setdefault(node.parent, []).append(number)
    placed: dict[int, str] = {}
    left = [(number, str(count)) for count, number in enumerate(below.get(None, ()), 1)][::-1]
    while left:
        number, place = left.pop()
        placed[number] = place
        inner = [
            (child, f"{place}.{count}") for count, child in enumerate(below.get(number, ()), 1)
        ]
        left += reversed(inner)
    if len(placed) < len(nodes):
        _refuse_circle(nodes, next(n for n in range(len(nodes)) if n not in placed))
    return placed


def _refuse_circle(nodes: Sequence[_Node], number: int | None) -> None:
    """Raise for a node that is below itself, or below one that is."""
    seen: dict[int, int] = {}
    while number is not None and number not in seen:
        seen[number] = len(seen)
        number = nodes[number].parent
    if number is not None:
        way = [*list(seen)[seen[number] :], number]
        places = [nodes[member].position for member in way]
        raise Cycle(f"tasks {' → '.join(places)} are sub-tasks of each other", path=places)
