"""The index after every step of a history: as if it were made anew, and as the rules have it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from statistics import median

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitledger.core import codec, ids
from gitledger.core.graph import Graph, candidates
from gitledger.core.parties import concerned
from gitledger.core.task import Task, age
from gitledger.index import Index
from gitledger.snapshot import Snapshot
from gitledger.store.base import Store
from gitledger.tree import task_path
from tests.index.worlds import (
    POOL,
    SOUND,
    Files,
    chains,
    changes,
    commit,
    file_index,
    index_of,
    tables,
)
from tests.ledgers import ledger_at

steps = st.lists(st.tuples(st.sampled_from("++++++-|"), changes()), min_size=1, max_size=6)
"""What each commit changes; `-` is one on the second last commit, `|` one without any past."""

histories = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def store(repo: Path) -> Store:
    return ledger_at(repo).repository.store


def commits(store: Store, plan: Sequence[tuple[str, Files]]) -> list[str]:
    """Make the commits of a plan, whose moves are not always forward."""
    made = [commit(store, None, SOUND)]
    for move, files in plan:
        parent = {"+": made[-1:], "-": made[-2:-1], "|": []}[move]
        made.append(commit(store, parent[0] if parent else None, files))
    return made


def graph_of(store: Store, tip: str) -> Graph:
    """Return the dependencies among the tasks of a commit."""
    snapshot = Snapshot(store, tip)
    return Graph(snapshot.all(), snapshot.is_archived)


def agrees(index: Index, store: Store, tip: str) -> None:
    """Hold an index against the snapshot and the graph of its commit."""
    snapshot = Snapshot(store, tip)
    tasks = {task.id: task for task in snapshot.all()}
    graph = Graph(tasks.values(), snapshot.is_archived)
    rows = index.rows(POOL)
    assert {row.id: row.task() for row in rows} == tasks
    assert {row.id: (row.ready, row.blocked, row.finished) for row in rows} == {
        task.id: (graph.ready(task.id), graph.blocked(task.id), task.finished)
        for task in tasks.values()
    }
    assert index.blockers(tasks) == {task_id: graph.blockers(task_id) for task_id in tasks}
    assert index.blocks(tasks) == {task_id: graph.blocks(task_id) for task_id in tasks}
    named = [task_id for task_id in POOL if task_id in tasks or snapshot.is_archived(task_id)]
    assert [each for each in index.starting_with("") if each in POOL] == named
    assert {each for each in POOL if index.is_archived(each)} == {*named} - {*tasks}
    for task_id in (*tasks, *POOL):
        assert ids.shortest_prefix(task_id, index.beside(task_id)) == snapshot.short(task_id)
    agrees_on_sessions(index, snapshot)
    assert index.quarantined() == snapshot.quarantined()
    assert list(index.sessions().items()) == list(snapshot.sessions().items())
    assert list(index.messages().items()) == list(snapshot.messages().items())
    if known := chains(index):
        unblocks, stuck = known
        assert stuck == set(graph.stuck())
        assert unblocks == {task_id: graph.unblocks(task_id) for task_id in unblocks}


def agrees_on_sessions(index: Index, snapshot: Snapshot) -> None:
    """Hold what an index says of sessions against all tasks."""
    tasks = snapshot.all()
    for name in ("ana", "ben", "all", "role:tester"):
        mine = [task.id for task in tasks if name in concerned(codec.as_data(task))]
        assert [row.id for row in index.concerning([name])] == mine
    assert index.writers() == snapshot.writers()
    assert index.last_claims(("ana", "ben", "eve")) == snapshot.last_claims(("ana", "ben", "eve"))
    held = sorted(
        (task for task in tasks if task.owner is not None and not task.finished),
        key=lambda task: (task.priority, age(task)),
    )
    assert index.held() == [(t.id, t.owner, t.status, t.priority, t.type) for t in held]
    types = {task.type for task in tasks}
    assert index.typical(types) == {
        kind: median(took) for kind in types if (took := spans(tasks, kind))
    }
    for name in ("x", 'a "b"', "\udcff"):
        found = snapshot.imported("file", name)
        assert [row.id for row in index.imported("file", name)] == [task.id for task in found]


def spans(tasks: Sequence[Task], kind: str) -> list[float]:
    """Return the seconds that the completed tasks of a type took."""
    return [
        max((task.completed_at - task.started_at).total_seconds(), 0)
        for task in tasks
        if task.type == kind and task.status == "completed"
        if task.started_at and task.completed_at
    ]


@given(steps)
@histories
def test_a_followed_index_is_as_one_that_is_made_anew(
    store: Store, repo: Path, plan: list[tuple[str, Files]]
) -> None:
    index = file_index(repo / ".git")
    for tip in commits(store, plan):
        index.follow(tip, lambda: store)
        assert tables(index) == tables(index_of(store, tip))
        agrees(index, store, tip)
    index.close()


@given(steps, st.sampled_from([None, "builder"]), st.sampled_from([(), ("ben",)]), st.data())
@histories
def test_what_to_do_next_is_what_the_rules_say(
    store: Store,
    repo: Path,
    plan: list[tuple[str, Files]],
    role: str | None,
    silent: tuple[str, ...],
    data: st.DataObject,
) -> None:
    index = file_index(repo / ".git")
    for tip in commits(store, plan):
        index.follow(tip, lambda: store)
        asked = data.draw(st.sampled_from([None, 0, 1, 2]))
        expected = candidates(graph_of(store, tip), "ana", role, silent)
        found = index.candidates("ana", role, silent=silent, limit=asked)
        assert [row.id for row in found] == [task.id for task in expected][:asked]
        agrees(index, store, tip)
    index.close()


def test_a_cycle_that_closes_and_opens_again_is_noticed(store: Store, repo: Path) -> None:
    index = file_index(repo / ".git")
    tip = commit(store, None, SOUND)
    first, last = task_path(POOL[0]), POOL[-1]
    for content in (f'title = "x"\nblocked_by = ["{last}"]\n', 'title = "x"\n'):
        index.follow(tip, lambda: store)
        assert [row.unblocks for row in index.candidates("ana")] == [5]
        tip = commit(store, tip, {first: content.encode()})
        index.follow(tip, lambda: store)
        expected = candidates(graph_of(store, tip), "ana", None, ())
        assert [row.id for row in index.candidates("ana")] == [task.id for task in expected]
        agrees(index, store, tip)
        tip = commit(store, tip, SOUND)
