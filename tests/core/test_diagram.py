from __future__ import annotations

import re
from collections.abc import Callable
from typing import NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from gitledger.core.diagram import TreeRow, to_dot, to_mermaid, tree_rows
from gitledger.core.graph import Graph
from gitledger.core.task import STATUSES, Task
from gitledger.core.text import escape

NASTY = (
    'say "hi"',
    'a "] --> evil["b',
    '"]; evil [label="',
    "C:\\new\\N\\",
    "trailing \\",
    "two\nlines\r\nand\ttab",
    "<b>bold</b> <script>alert(1)</script>",
    "&lt; &#34; #quot; #35;",
    '%%{init: {"theme": "dark"}}%%',
    "%% no comment",
    "`**markdown** _it_ ~no~`",
    "style x:y#z; classDef a:b#c;",
    'click t1 "javascript:x" | {x} (y) [z] ; end',
    "ünïcode 日本語 🎉 e\u0301 \u202eevil\u202c",
)
bounded = settings(max_examples=60, deadline=None)


def task(task_id: str, *blocked_by: str, **keys: object) -> Task:
    values = {"title": f"Task {task_id}", "blocked_by": tuple(sorted(blocked_by)), **keys}
    return Task(id=task_id, **values)  # type: ignore[arg-type]


def short(task_id: str) -> str:
    return task_id[:4]


# -- small parsers of the two languages --------------------------------------------------------


class Drawing(NamedTuple):
    """What a diagram says: label and look by node, and arrows between nodes."""

    nodes: dict[str, tuple[str, str]]
    arrows: list[tuple[str, str]]


DOT_HEAD = re.compile(r'  (rankdir=\w+|node \[(\w+=("[^"\\]*"|\w+)(, )?)+\]);')
DOT_NODE = re.compile(r'  (\w+) \[label="((?:[^"\\]|\\["\\])*)", fillcolor="(#[0-9a-f]{6})"\];')
DOT_ARROW = re.compile(r"  (\w+) -> (\w+);")

MERMAID_CLASS = re.compile(r"  classDef (\w+) fill:#\w{6},stroke:#\w{6},color:#\w{6}")
# Inside a label an entity may stand, and what means nothing to the language or to HTML.
MERMAID_NODE = re.compile(r'  (\w+)\["((?:[^"\[\]{}<>|\\`*_~#&%:;$]|#\d+;)*)"\]:::(\w+)')
MERMAID_ARROW = re.compile(r"  (\w+) --> (\w+)")


def from_dot(text: str) -> Drawing:
    first, *lines, last = text.split("\n")
    assert (first, last) == ("digraph ledger {", "}")
    drawing = Drawing({}, [])
    for line in lines:
        if found := DOT_NODE.fullmatch(line):
            label = re.sub(r"\\(.)", r"\1", found[2])
            assert not re.search(r"&(?!amp;)", label)
            drawing.nodes[found[1]] = (label.replace("&amp;", "&"), found[3])
        elif found := DOT_ARROW.fullmatch(line):
            drawing.arrows.append((found[1], found[2]))
        else:
            assert DOT_HEAD.fullmatch(line), line
    return drawing


def from_mermaid(text: str) -> Drawing:
    first, *lines = text.split("\n")
    assert first == "flowchart LR"
    drawing = Drawing({}, [])
    classes = set()
    for line in lines:
        if found := MERMAID_CLASS.fullmatch(line):
            classes.add(found[1])
        elif found := MERMAID_NODE.fullmatch(line):
            label = re.sub(r"#(\d+);", lambda entity: chr(int(entity[1])), found[2])
            drawing.nodes[found[1]] = (label, found[3])
        else:
            found = MERMAID_ARROW.fullmatch(line)
            assert found, line
            drawing.arrows.append((found[1], found[2]))
    assert {look for _, look in drawing.nodes.values()} == classes
    return drawing


def draw_dot(graph: Graph, *ids: str) -> Drawing:
    return from_dot(to_dot(graph, ids or graph.tasks, short))


def draw_mermaid(graph: Graph, *ids: str) -> Drawing:
    return from_mermaid(to_mermaid(graph, ids or graph.tasks, short))


both = pytest.mark.parametrize("draw", [draw_dot, draw_mermaid])
Draw = Callable[..., Drawing]


# -- diagrams ----------------------------------------------------------------------------------


def test_a_dot_graph_reads_as_one_line_for_each_node_and_arrow() -> None:
    graph = Graph([task("7f3k2m9q0d", title="Parse"), task("9a00000000", "7f3k2m9q0d")])
    assert to_dot(graph, graph.tasks, short).split("\n")[3:] == [
        '  t7f3k2m9q0d [label="7f3k Parse", fillcolor="#ffffff"];',
        '  t9a00000000 [label="9a00 Task 9a00000000", fillcolor="#ffffff"];',
        "  t7f3k2m9q0d -> t9a00000000;",
        "}",
    ]


def test_a_mermaid_graph_reads_as_one_line_for_each_node_and_arrow() -> None:
    graph = Graph([task("7f3k2m9q0d", title="Parse"), task("9a00000000", "7f3k2m9q0d")])
    assert to_mermaid(graph, graph.tasks, short).split("\n") == [
        "flowchart LR",
        "  classDef pending fill:#ffffff,stroke:#666666,color:#000000",
        '  t7f3k2m9q0d["7f3k Parse"]:::pending',
        '  t9a00000000["9a00 Task 9a00000000"]:::pending',
        "  t7f3k2m9q0d --> t9a00000000",
    ]


@both
def test_an_arrow_goes_from_each_blocker_to_what_it_blocks(draw: Draw) -> None:
    graph = Graph([task("a", "b", "c"), task("b", "c", status="completed"), task("c")])
    assert sorted(draw(graph).arrows) == [("tb", "ta"), ("tc", "ta"), ("tc", "tb")]


@both
def test_only_the_tasks_that_are_asked_for_are_shown_each_once(draw: Draw) -> None:
    drawing = draw(Graph([task("a", "b"), task("b", "c"), task("c")]), "a", "b", "a")
    assert list(drawing.nodes) == ["ta", "tb"]
    assert drawing.arrows == [("tb", "ta")]


@both
def test_a_cycle_is_drawn_as_it_is(draw: Draw) -> None:
    drawing = draw(Graph([task("a", "b"), task("b", "a"), task("c", "c")]))
    assert sorted(drawing.arrows) == [("ta", "tb"), ("tb", "ta"), ("tc", "tc")]


@both
def test_every_status_has_a_look_of_its_own_and_so_has_a_missing_task(draw: Draw) -> None:
    tasks = [task(str(place), status=status) for place, status in enumerate(STATUSES)]
    drawing = draw(Graph([*tasks, task("a", "gone")]))
    looks = {name: look for name, (_, look) in drawing.nodes.items() if name != "ta"}
    assert len(set(looks.values())) == len(looks) == len(STATUSES) + 1


@both
def test_what_a_task_waits_for_and_names_no_task_is_drawn_as_missing(draw: Draw) -> None:
    tasks = [task("a", "gone"), task("b", "gone", "a"), task("c", "lost", status="completed")]
    drawing = draw(Graph(tasks))
    assert drawing.nodes.keys() == {"ta", "tb", "tc", "tgone"}
    assert drawing.nodes["tgone"][0] == "gone (missing)"
    assert sorted(drawing.arrows) == [("ta", "tb"), ("tgone", "ta"), ("tgone", "tb")]


@both
def test_an_empty_graph_is_a_diagram_without_nodes(draw: Draw) -> None:
    assert draw(Graph([])) == ({}, [])


@both
@pytest.mark.parametrize("title", NASTY)
def test_a_label_is_the_short_id_and_the_whole_title_safe_to_print(draw: Draw, title: str) -> None:
    graph = Graph([task("aaaaaa", title=title), task("b", "aaaaaa")])
    drawing = draw(graph)
    assert {name: label for name, (label, _) in drawing.nodes.items()} == {
        "taaaaaa": escape(f"aaaa {title}"),
        "tb": "b Task b",
    }
    assert drawing.arrows == [("taaaaaa", "tb")]


@both
@bounded
@given(title=st.text() | st.text(alphabet='"\\#&%{}[]<>-;:`\n x1'))
def test_no_title_breaks_the_syntax(draw: Draw, title: str) -> None:
    drawing = draw(Graph([task("a", title=title)]))
    assert drawing.nodes.keys() == {"ta"}
    assert drawing.nodes["ta"][0] == escape(f"a {title}")


@both
@bounded
@given(waits=st.sets(st.text(max_size=8) | st.sampled_from(NASTY), max_size=4))
@example(waits={"a-b", "a_b", "a_2d_b", "a b", ""})
def test_no_missing_id_breaks_the_syntax_or_stands_for_another(draw: Draw, waits: set[str]) -> None:
    waits = {one for one in waits if one.isprintable()} - {"x"}
    drawing = draw(Graph([task("x", *waits)]))
    labels = [label for name, (label, _) in drawing.nodes.items() if name != "tx"]
    assert sorted(labels) == sorted(escape(f"{one} (missing)") for one in waits)
    assert len(set(drawing.arrows)) == len(waits)


# -- trees -------------------------------------------------------------------------------------


def shown(graph: Graph, root: str | None = None) -> list[str]:
    return [f"{row.prefix}{row.id}" for row in tree_rows(graph, root)]


FAMILY = Graph(
    [
        task("epic"),
        task("api", parent="epic", priority="P1"),
        task("route", parent="api"),
        task("parse", parent="api"),
        task("docs", "route", "gone", parent="epic"),
        task("draft", parent="docs"),
        task("other", parent="elsewhere"),
    ]
)


def test_a_tree_shows_children_below_their_parent_with_guides() -> None:
    assert shown(FAMILY) == [
        "epic",
        "├─ api",
        "│  ├─ parse",
        "│  └─ route",
        "└─ docs",
        "   └─ draft",
        "other",
    ]


def test_a_tree_below_one_task_begins_with_it() -> None:
    assert shown(FAMILY, "api") == ["api", "├─ parse", "└─ route"]


def test_a_row_tells_what_its_task_waits_for() -> None:
    waits = {row.id: row.waits_for for row in tree_rows(FAMILY) if row.waits_for}
    assert waits == {"docs": ("gone", "route")}


def test_parents_in_a_circle_are_cut_open_at_one_task() -> None:
    tasks = [task("leaf", parent="y"), task("x", parent="z"), task("y", parent="x")]
    graph = Graph([*tasks, task("z", parent="y"), task("self", parent="self"), task("a")])
    assert shown(graph) == ["a", "y", "├─ leaf", "└─ z", "   └─ x", "self"]
    assert shown(graph, "z") == ["z", "└─ x", "   └─ y", "      └─ leaf"]


def test_a_deep_tree_does_not_recurse() -> None:
    names = [f"{number:05}" for number in range(2_000)]
    parents = [None, *names]
    rows = tree_rows(
        Graph([task(one, parent=above) for one, above in zip(names, parents, strict=False)])
    )
    assert [row.depth for row in rows] == list(range(2_000))


@st.composite
def families(draw: st.DrawFn) -> Graph:
    """Up to nine tasks with any parents: none, each other, themselves, one that is not there."""
    names = "abcdefghi"[: draw(st.integers(0, 9))]
    parents = st.none() | st.sampled_from(f"{names}z")
    return Graph([task(one, parent=draw(parents)) for one in names])


@bounded
@given(families())
def test_every_task_is_in_the_tree_once(graph: Graph) -> None:
    assert sorted(row.id for row in tree_rows(graph)) == list(graph.tasks)


@bounded
@given(families())
def test_a_row_stands_below_its_tasks_parent(graph: Graph) -> None:
    above: list[str] = []
    for row in tree_rows(graph):
        del above[row.depth :]
        assert len(above) == row.depth
        if row.depth:
            assert above[-1] == graph.tasks[row.id].parent
        above.append(row.id)


@bounded
@given(families())
def test_only_a_task_without_a_parent_or_in_a_circle_of_parents_is_at_the_top(
    graph: Graph,
) -> None:
    for row in tree_rows(graph):
        if row.depth == 0 and row.id not in graph.roots():
            above = row.id
            climbed = [above := graph.tasks[above].parent or "" for _ in graph.tasks]
            assert row.id in climbed


def has_next_sibling(rows: list[TreeRow], place: int, depth: int) -> bool:
    """Tell whether another row of this depth follows before one that is less deep."""
    after = (row.depth for row in rows[place + 1 :] if row.depth <= depth)
    return next(after, 0) == depth


@bounded
@given(families())
def test_a_guide_runs_down_to_the_last_sibling_and_no_further(graph: Graph) -> None:
    rows = tree_rows(graph)
    for place, row in enumerate(rows):
        on = [has_next_sibling(rows, place, depth) for depth in range(1, row.depth + 1)]
        guides = ["│  " if one else "   " for one in on[:-1]]
        branch = ["├─ " if one else "└─ " for one in on[-1:]]
        assert row.prefix == "".join(guides + branch)
