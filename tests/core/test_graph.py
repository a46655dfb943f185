from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core import graph as graph_module
from gitledger.core.graph import Graph, find_cycle, next_order
from gitledger.core.task import STATUSES, Task
from gitledger.errors import InvalidInput

DAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
NODES = "abcdefg"

Edges = Mapping[str, tuple[str, ...]]


def task(task_id: str, *blocked_by: str, **keys: object) -> Task:
    values = {"title": f"Task {task_id}", "blocked_by": tuple(sorted(blocked_by)), **keys}
    return Task(id=task_id, **values)  # type: ignore[arg-type]


def hours(estimate: str) -> float:
    if not estimate.endswith("h"):
        raise InvalidInput(f"'{estimate}' is no estimate")
    return float(estimate.removesuffix("h"))


def path_hours(graph: Graph, path: Iterable[str]) -> float:
    return sum(hours(graph.tasks[one].estimate or "1h") for one in path)


# -- brute force -------------------------------------------------------------------------------


def distances(edges: Edges) -> dict[tuple[str, str], int]:
    """Steps from each node to each that it reaches, by relaxing every pair over every node."""
    steps = {(one, other): 1 for one, others in edges.items() for other in others}
    nodes = {*edges, *itertools.chain.from_iterable(edges.values())}
    for middle, one, other in itertools.product(nodes, repeat=3):
        if (one, middle) in steps and (middle, other) in steps:
            around = steps[one, middle] + steps[middle, other]
            steps[one, other] = min(around, steps.get((one, other), around))
    return steps


def unfinished_edges(tasks: Iterable[Task]) -> dict[str, tuple[str, ...]]:
    by_id = {one.id: one for one in tasks}
    finished = {one.id for one in by_id.values() if one.finished}
    return {
        one.id: tuple(other for other in one.blocked_by if other not in finished)
        for one in by_id.values()
        if not one.finished
    }


def chains(graph: Graph, start: str) -> Iterator[tuple[str, ...]]:
    yield (start,)
    for other in graph.blocks(start):
        if not graph.tasks[other].finished:
            yield from ((start, *rest) for rest in chains(graph, other))


# -- strategies --------------------------------------------------------------------------------

digraphs = st.fixed_dictionaries(
    {node: st.sets(st.sampled_from(NODES), max_size=3).map(tuple) for node in NODES}
)


@st.composite
def task_lists(draw: st.DrawFn, *, acyclic: bool) -> list[Task]:
    """Seven tasks in any order; unless acyclic with cycles and ids that name no task."""
    tasks = []
    for place, node in enumerate(NODES):
        others = NODES[:place] if acyclic else f"{NODES}yz"
        waits = st.sets(st.sampled_from(others), max_size=2) if others else st.just(set())
        tasks.append(
            task(
                node,
                *draw(waits),
                status=draw(st.sampled_from(("pending", "pending", *STATUSES))),
                priority=draw(st.sampled_from(("P1", "P2"))),
                estimate=draw(st.sampled_from((None, "1h", "2h", "5h"))),
                created_at=draw(st.sampled_from((None, DAY, DAY + timedelta(hours=1)))),
            )
        )
    return draw(st.permutations(tasks))


any_tasks = task_lists(acyclic=True) | task_lists(acyclic=False)
bounded = settings(max_examples=60, deadline=None)

# -- find_cycle --------------------------------------------------------------------------------


def test_no_cycle_closes_where_the_start_is_not_reached() -> None:
    edges = {"b": ("c",), "c": ("d",), "d": ()}
    assert find_cycle("a", ["b"], edges.__getitem__) is None


def test_a_task_that_waits_for_itself_is_the_shortest_cycle() -> None:
    assert find_cycle("a", ["b", "a"], {"b": ("a",)}.__getitem__) == ("a", "a")


def test_a_cycle_is_told_from_the_start_to_the_start_and_each_waits_for_the_next() -> None:
    edges = {"b": ("c",), "c": ("d",), "d": ("a",)}
    assert find_cycle("a", ["b"], edges.__getitem__) == ("a", "b", "c", "d", "a")


def test_of_several_cycles_the_shortest_is_told() -> None:
    edges = {"b": ("c",), "c": ("a",), "d": ("a",)}
    assert find_cycle("a", ["b", "d"], edges.__getitem__) == ("a", "d", "a")


def test_of_equally_short_cycles_the_first_by_id_is_told_whatever_the_order() -> None:
    edges = dict.fromkeys("bcde", ("a",))
    for order in itertools.permutations("bcde"):
        assert find_cycle("a", order, edges.__getitem__) == ("a", "b", "a")


def test_a_cycle_among_others_is_not_the_starts_cycle() -> None:
    assert find_cycle("a", ["b"], {"b": ("c",), "c": ("b",)}.__getitem__) is None


def test_each_reachable_task_is_asked_for_once_and_the_others_never() -> None:
    edges = {"b": ("c", "d"), "c": ("e",), "d": ("e",), "e": (), "far": ("a",)}
    asked: Counter[str] = Counter()

    def count(node: str) -> tuple[str, ...]:
        asked[node] += 1
        return edges[node]

    find_cycle("a", ["b"], count)
    assert asked == {"b": 1, "c": 1, "d": 1, "e": 1}


def test_a_chain_of_ten_thousand_is_followed_to_its_end() -> None:
    cycle = find_cycle("0", ["1"], lambda node: [str((int(node) + 1) % 10_000)])
    assert cycle == (*map(str, range(10_000)), "0")


@bounded
@given(digraphs)
def test_a_cycle_is_found_exactly_where_the_start_reaches_itself(edges: Edges) -> None:
    steps = distances(edges)
    for start in edges:
        cycle = find_cycle(start, edges[start], edges.__getitem__)
        assert (cycle is not None) == ((start, start) in steps)
        if cycle:
            assert cycle[0] == cycle[-1] == start
            assert all(after in edges[before] for before, after in itertools.pairwise(cycle))
            assert len(cycle) - 1 == steps[start, start]


# -- one task ----------------------------------------------------------------------------------


def test_the_tasks_are_kept_by_id_in_order_of_id() -> None:
    assert list(Graph([task("b"), task("c"), task("a")]).tasks) == ["a", "b", "c"]


def test_a_task_blocks_all_that_name_it_the_finished_ones_too() -> None:
    graph = Graph([task("c", "x"), task("a", "x", status="completed"), task("b"), task("x")])
    assert graph.blocks("x") == ("a", "c")
    assert graph.blocks("b") == ()


@pytest.mark.parametrize("status", STATUSES)
def test_only_unfinished_tasks_block(status: str) -> None:
    graph = Graph([task("a", "b"), task("b", status=status)])
    free = status in ("completed", "cancelled")
    assert graph.blockers("a") == (() if free else ("b",))
    assert graph.blocked("a") is not free


def test_an_id_that_names_no_task_blocks() -> None:
    graph = Graph([task("a", "gone", "b"), task("b", status="completed")])
    assert graph.blockers("a") == ("gone",)
    assert graph.blocks("gone") == ("a",)
    assert not graph.ready("a")


def test_a_finished_task_waits_for_nothing() -> None:
    graph = Graph([task("a", "b", status="completed"), task("b")])
    assert graph.blockers("a") == ()
    assert not graph.blocked("a")


@pytest.mark.parametrize("status", STATUSES)
def test_only_a_pending_task_is_ready(status: str) -> None:
    assert Graph([task("a", status=status)]).ready("a") is (status == "pending")


def test_a_task_that_is_owned_or_blocked_is_not_ready() -> None:
    graph = Graph([task("a", owner="anna"), task("b", "c"), task("c")])
    assert [one for one in graph.tasks if graph.ready(one)] == ["c"]


# -- parents and children ----------------------------------------------------------------------


def test_children_and_roots_come_by_priority_then_age_then_id() -> None:
    older = {"created_at": DAY - timedelta(days=1)}
    for parent in (None, "top"):
        tasks = [
            task("a", parent=parent),
            task("b", parent=parent, created_at=DAY),
            task("c", parent=parent, created_at=DAY),
            task("d", parent=parent, **older),
            task("e", parent=parent, priority="P1"),
        ]
        graph = Graph(tasks if parent is None else [*tasks, task("top")])
        assert (graph.children(parent) if parent else graph.roots()) == tuple("edbca")


def test_a_task_whose_parent_is_not_in_the_list_is_a_root() -> None:
    graph = Graph([task("a", parent="gone"), task("b", parent="a"), task("c", parent="c")])
    assert graph.roots() == ("a",)
    assert graph.children("gone") == ("a",)


# -- waves and stuck ---------------------------------------------------------------------------


def test_a_wave_needs_only_earlier_waves_and_is_ordered_by_priority_age_id() -> None:
    tasks = [
        task("deploy", "test", "docs"),
        task("test", "build", priority="P1"),
        task("docs", "design"),
        task("build", "design", status="in_progress", owner="anna"),
        task("plan", priority="P0"),
        task("ask", created_at=DAY),
        task("design", status="completed"),
    ]
    assert Graph(tasks).waves() == (("plan", "ask", "build", "docs"), ("test",), ("deploy",))


def test_tasks_behind_a_cycle_or_a_missing_id_are_stuck_and_in_no_wave() -> None:
    tasks = [
        task("a", "b"),
        task("b", "a"),
        task("behind-a", "a"),
        task("self", "self"),
        task("orphan", "gone"),
        task("behind-orphan", "orphan", "free"),
        task("free"),
        task("done", "gone", status="completed"),
    ]
    graph = Graph(tasks)
    assert graph.stuck() == ("a", "b", "behind-a", "behind-orphan", "orphan", "self")
    assert graph.waves() == (("free",),)


def test_an_empty_list_has_no_waves_and_no_critical_path() -> None:
    graph = Graph([])
    assert graph.waves() == graph.stuck() == graph.critical_path(hours) == ()


@bounded
@given(any_tasks)
def test_waves_respect_every_edge_and_begin_as_early_as_they_can(tasks: list[Task]) -> None:
    graph = Graph(tasks)
    wave_of = {one: number for number, wave in enumerate(graph.waves()) for one in wave}
    for one, number in wave_of.items():
        assert number == max((wave_of[other] + 1 for other in graph.blockers(one)), default=0)


@bounded
@given(any_tasks)
def test_every_unfinished_task_is_in_one_wave_or_stuck(tasks: list[Task]) -> None:
    graph = Graph(tasks)
    told = [*itertools.chain.from_iterable(graph.waves()), *graph.stuck()]
    assert sorted(told) == sorted(one.id for one in tasks if not one.finished)


@bounded
@given(any_tasks)
def test_exactly_what_reaches_a_cycle_or_a_missing_id_is_stuck(tasks: list[Task]) -> None:
    edges = unfinished_edges(tasks)
    steps = distances(edges)
    bad = {node for one, node in steps if node not in edges or (node, node) in steps}
    stuck = {one for one in edges if one in bad or any((one, node) in steps for node in bad)}
    assert set(Graph(tasks).stuck()) == stuck


# -- unblocks ----------------------------------------------------------------------------------


def test_a_task_unblocks_each_that_waits_for_it_once_through_others_too() -> None:
    tasks = [task("top"), task("left", "top"), task("right", "top"), task("end", "left", "right")]
    graph = Graph([*tasks, task("done", "top", status="completed"), task("other")])
    counts = {one: graph.unblocks(one) for one in graph.tasks}
    assert counts == {"top": 3, "left": 1, "right": 1, "end": 0, "done": 0, "other": 0}


def test_a_task_unblocks_nothing_that_is_stuck() -> None:
    graph = Graph([task("a"), task("b", "a", "gone"), task("c", "b")])
    assert graph.unblocks("a") == 0
    assert graph.unblocks("gone") == 0


@bounded
@given(any_tasks, st.integers(1, 8))
def test_unblocks_counts_what_reaches_the_task_whatever_the_round(
    tasks: list[Task], size: int
) -> None:
    graph = Graph(tasks)
    steps = distances(unfinished_edges(tasks))
    waves = set(itertools.chain.from_iterable(graph.waves()))
    with patch.object(graph_module, "_ROUND", size):
        counts = {one: graph.unblocks(one) for one in waves}
    assert counts == {one: sum((other, one) in steps for other in waves) for one in waves}


# -- critical path -----------------------------------------------------------------------------


def test_the_critical_path_is_the_longest_by_hours_not_by_number() -> None:
    tasks = [
        task("a", estimate="1h"),
        task("b", "a", estimate="1h"),
        task("c", "b", estimate="1h"),
        task("x", estimate="16h"),
        task("y", "x", "a"),
    ]
    assert Graph(tasks).critical_path(hours) == ("x", "y")


def test_a_task_without_an_estimate_counts_as_one_hour() -> None:
    tasks = [task("a"), task("b", "a"), task("c", "b"), task("x", estimate="2.5h")]
    assert Graph(tasks).critical_path(hours) == ("a", "b", "c")


def test_an_estimate_that_nobody_understands_counts_as_none() -> None:
    tasks = [task("a", estimate="soon"), task("b", "a"), task("x", estimate="1.5h")]
    assert Graph(tasks).critical_path(hours) == ("a", "b")


def test_finished_and_stuck_tasks_are_not_on_the_critical_path() -> None:
    tasks = [
        task("a", estimate="9h", status="completed"),
        task("b", "a"),
        task("c", "b", "gone", estimate="9h"),
    ]
    assert Graph(tasks).critical_path(hours) == ("b",)


def test_of_equally_long_paths_priority_then_age_then_id_decide_from_the_beginning() -> None:
    tasks = [task("a"), task("b"), task("x", "a"), task("y", "b", priority="P0")]
    assert Graph(tasks).critical_path(hours) == ("a", "x")
    older = task("b", created_at=DAY)
    assert Graph([*tasks, older]).critical_path(hours) == ("b", "y")
    urgent = task("a", priority="P1")
    assert Graph([*tasks, older, urgent]).critical_path(hours) == ("a", "x")


@bounded
@given(task_lists(acyclic=True))
def test_the_critical_path_is_a_path_and_none_is_longer(tasks: list[Task]) -> None:
    graph = Graph(tasks)
    path = graph.critical_path(hours)
    assert not any(graph.tasks[one].finished for one in path)
    assert all(before in graph.blockers(after) for before, after in itertools.pairwise(path))
    starts = [one.id for one in tasks if not one.finished]
    every = [chain for start in starts for chain in chains(graph, start)]
    assert path_hours(graph, path) == max((path_hours(graph, one) for one in every), default=0)


# -- next --------------------------------------------------------------------------------------

ORDER = [
    task("k", owner="me", priority="P4"),
    task("j", priority="P0"),
    task("i", due=datetime(2026, 3, 5, 9, tzinfo=UTC)),
    task("h", due=date(2026, 3, 5)),
    task("g", due=datetime(2026, 3, 6, 0, tzinfo=UTC)),
    task("f"),
    task("e", created_at=DAY),
    task("d", created_at=DAY + timedelta(seconds=1)),
    task("b"),
    task("c", owner="you"),
    task("m", priority="P3"),
]
WAITING = [task("x", "f"), task("y", "x")]


@pytest.mark.parametrize(
    ("before", "after"), list(itertools.pairwise(ORDER)), ids=lambda one: one.id
)
def test_next_is_handed_then_urgent_then_due_then_unblocking_then_old(
    before: Task, after: Task
) -> None:
    key = next_order(Graph([*ORDER, *WAITING]), "me")
    assert min([after, before], key=key) is before


def test_a_due_date_at_the_end_of_the_calendar_comes_before_none() -> None:
    last = task("b", due=datetime.max.replace(tzinfo=UTC))
    for due in (last, task("b", due=date.max)):
        tasks = [task("a", created_at=DAY), due]
        order = next_order(Graph(tasks), None)
        assert [one.id for one in sorted(tasks, key=order)] == ["b", "a"]


def test_a_task_of_mine_that_is_already_at_work_is_not_handed_to_me() -> None:
    mine = task("a", owner="me", status="in_progress")
    urgent = task("b", priority="P0")
    assert min([mine, urgent], key=next_order(Graph([mine, urgent]), "me")) is urgent


def test_without_a_session_nothing_is_handed_to_anybody() -> None:
    unowned, urgent = task("a"), task("b", owner="anna", priority="P0")
    assert min([unowned, urgent], key=next_order(Graph([unowned, urgent]), None)) is urgent


@bounded
@given(any_tasks, st.randoms(use_true_random=False))
def test_the_order_of_next_does_not_depend_on_the_order_of_the_tasks(
    tasks: list[Task], shuffler: random.Random
) -> None:
    shuffled = list(tasks)
    shuffler.shuffle(shuffled)
    once = sorted(tasks, key=next_order(Graph(tasks), "me"))
    again = sorted(shuffled, key=next_order(Graph(shuffled), "me"))
    assert once == again


# -- size --------------------------------------------------------------------------------------


def test_a_chain_of_ten_thousand_tasks_is_no_deeper_than_any_other() -> None:
    names = [f"{number:05}" for number in range(10_000)]
    tasks = [task(names[0]), *(task(one, other) for other, one in itertools.pairwise(names))]
    graph = Graph(tasks)
    assert graph.waves() == tuple((one,) for one in names)
    assert graph.critical_path(hours) == tuple(names)
    assert [graph.unblocks(one) for one in names] == list(reversed(range(10_000)))


def test_a_cycle_of_ten_thousand_tasks_is_stuck() -> None:
    names = [f"{number:05}" for number in range(10_000)]
    graph = Graph([task(one, names[place - 1]) for place, one in enumerate(names)])
    assert graph.stuck() == tuple(names)
    assert graph.critical_path(hours) == ()
