"""The graph as text: for Graphviz, for Mermaid, and as the rows of a tree."""

from __future__ import annotations

import re
from typing import NamedTuple

from gitledger.core.graph import Graph
from gitledger.core.text import escape

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from typing import Final

_FILL: Final = {
    "pending": "#ffffff",
    "in_progress": "#cfe5ff",
    "waiting": "#ffe9b5",
    "in_review": "#e7dcff",
    "completed": "#d6f0d6",
    "cancelled": "#e4e4e4",
    "missing": "#ffd5d5",
}
"""Background by status, light enough for black letters; `missing` is an id that names no task."""

_DOT_SPECIAL: Final = str.maketrans({"\\": "\\\\", '"': '\\"', "&": "&amp;"})
_MERMAID_SPECIAL: Final = re.compile(r"[^\w .,()'/-]|_")
_NODE_SPECIAL: Final = re.compile(r"[^0-9A-Za-z]")


class TreeRow(NamedTuple):
    """One task in a tree of parents and children.

    Attributes:
        depth: 0 for a task at the top.
        prefix: the guides to print before it, three characters for each step of depth.
        id: the task's id.
        waits_for: ids of the unfinished tasks that it waits for, sorted.
    """

    depth: int
    prefix: str
    id: str
    waits_for: tuple[str, ...]


def tree_rows(graph: Graph, root: str | None = None) -> list[TreeRow]:
    """Return the tasks, each once, as the rows of a tree; siblings by priority, age, id.

    Where parents go in a circle, one task of the circle stands at the top.

    Args:
        graph: the tasks.
        root: only this task and what is below it; None for all tasks.
    """
    if root is not None:
        return list(_tree(graph, root))
    rows = [row for top in graph.roots() for row in _tree(graph, top)]
    there = {row.id for row in rows}
    for task_id in graph.tasks:
        if task_id not in there:
            circle = list(_tree(graph, _top(graph, task_id)))
            there.update(row.id for row in circle)
            rows += circle
    return rows


def to_dot(graph: Graph, ids: Iterable[str], name: Callable[[str], str]) -> str:
    """Return the graph in Graphviz's language, an arrow from each blocker to what it blocks.

    Args:
        graph: where the tasks are.
        ids: the tasks to show; ids that they wait for and that name no task are shown too.
        name: returns the short form of a task's id.
    """
    nodes = _nodes(graph, ids, name)
    return "\n".join(
        [
            "digraph ledger {",
            "  rankdir=LR;",
            '  node [shape=box, style="rounded,filled", fontname="sans-serif"];',
            *(
                f'  {_node(task_id)} [label="{label.translate(_DOT_SPECIAL)}", '
                f'fillcolor="{_FILL[status]}"];'
                for task_id, (status, label) in nodes.items()
            ),
            *(f"  {_node(one)} -> {_node(other)};" for one, other in _edges(graph, nodes)),
            "}",
        ]
    )


def to_mermaid(graph: Graph, ids: Iterable[str], name: Callable[[str], str]) -> str:
    """Return the graph as a Mermaid flowchart, an arrow from each blocker to what it blocks.

    Args:
        graph: where the tasks are.
        ids: the tasks to show; ids that they wait for and that name no task are shown too.
        name: returns the short form of a task's id.
    """
    nodes = _nodes(graph, ids, name)
    used = {status for status, _ in nodes.values()}
    return "\n".join(
        [
            "flowchart LR",
            *(
                f"  classDef {status} fill:{fill},stroke:#666666,color:#000000"
                for status, fill in _FILL.items()
                if status in used
            ),
            *(
                f'  {_node(task_id)}["{_MERMAID_SPECIAL.sub(_entity, label)}"]:::{status}'
                for task_id, (status, label) in nodes.items()
            ),
            *(f"  {_node(one)} --> {_node(other)}" for one, other in _edges(graph, nodes)),
        ]
    )


def _tree(graph: Graph, top: str) -> Iterator[TreeRow]:
    below = [(top, 0, "", "")]
    while below:
        task_id, depth, prefix, guides = below.pop()
        yield TreeRow(depth, prefix, task_id, graph.blockers(task_id))
        # A task has one parent, so the top is the only one that a circle can lead back to.
        children = [child for child in graph.children(task_id) if child != top]
        for place, child in enumerate(reversed(children)):
            branch, guide = ("├─ ", "│  ") if place else ("└─ ", "   ")
            below.append((child, depth + 1, guides + branch, guides + guide))


def _top(graph: Graph, task_id: str) -> str:
    """Return a task of the circle of parents that this task is in or below."""
    climbed = set()
    while task_id not in climbed:
        climbed.add(task_id)
        task_id = graph.tasks[task_id].parent or task_id
    return task_id


def _nodes(
    graph: Graph, ids: Iterable[str], name: Callable[[str], str]
) -> dict[str, tuple[str, str]]:
    """Return status and label by id: of the tasks, then of the missing ids they wait for."""
    shown = list(ids)
    blockers = sorted(
        {other for one in shown if one in graph.tasks for other in graph.blockers(one)}
    )
    nodes = {}
    for task_id in (*shown, *(other for other in blockers if other not in graph.tasks)):
        task = graph.tasks.get(task_id)
        label = f"{name(task_id)} {task.title}" if task else f"{task_id} (missing)"
        nodes[task_id] = (task.status if task else "missing", escape(label))
    return nodes


def _edges(graph: Graph, nodes: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    for task_id in nodes:
        task = graph.tasks.get(task_id)
        for other in task.blocked_by if task else ():
            if other in nodes:
                yield other, task_id


def _node(task_id: str) -> str:
    """Return a name that is a plain word of both languages, for any text in `blocked_by` too."""
    return "t" + _NODE_SPECIAL.sub(lambda found: f"_{ord(found[0]):x}_", task_id)


def _entity(found: re.Match[str]) -> str:
    return f"#{ord(found[0])};"
