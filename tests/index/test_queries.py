"""Queries that the index answers: the same tasks in the same order as one by one."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitledger.core import criteria, derive
from gitledger.core.graph import Graph
from gitledger.core.ordering import SORT_KEYS, sort_views
from gitledger.core.query import QueryContext, parse_query
from gitledger.core.task import TASK_KEYS, Task
from gitledger.core.view import TaskView, task_json
from gitledger.store.base import Store
from tests.index.worlds import POOL, commit_tasks, index_of, lists
from tests.ledgers import ledger_at
from tests.strategies import NEW_YEAR

TERMS = (
    "status:pending",
    "status:waiting,completed",
    "status!=pending",
    "is:ready",
    "is:blocked",
    "is:mine",
    "is:claimed",
    "is:unclaimed",
    "is:finished",
    "is:unfinished",
    "is:conflicted",
    "is:question",
    "is:overdue",
    "is:stale",
    "is:in-review",
    "owner:me",
    "owner:none",
    "owner:B*",
    "owner!=ana",
    "label:ui",
    "label:none",
    "label:a*,none",
    "priority:P0",
    "priority>=P1",
    "priority:P0..P3",
    "type:BUG",
    "role:builder",
    "role:none",
    f"parent:{POOL[0]}",
    "parent:none",
    f"id:{POOL[1][:3]}",
    f"blocks:{POOL[2]}",
    f"blocked-by:{POOL[3]}",
    "blocked-by:none",
    "title:log",
    "title:STRASSE",
    "description:none",
    "text:login",
    "log",
    '"/"',
    "due:none",
    "due<=2026-02-01",
    "created:none",
    "review:yes",
    "progress>=50",
    "metadata.jira:none",
)
"""One of each field, exact and not."""

EXACT = {term for term in TERMS if term.startswith(("status", "owner", "label", "priority"))} | {
    "is:ready",
    "is:blocked",
    "is:mine",
    "is:claimed",
    "is:unclaimed",
    "is:finished",
    "is:unfinished",
    "is:conflicted",
    "is:question",
    "is:in-review",
    "type:BUG",
    "role:builder",
    "role:none",
    f"parent:{POOL[0]}",
    "parent:none",
    f"id:{POOL[1][:3]}",
    "due:none",
    "review:yes",
}

NOW = NEW_YEAR + timedelta(days=60)
CONTEXT = QueryContext(me="ana", now=NOW, resolve=lambda name: name)

queries = st.recursive(
    st.sampled_from(TERMS),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from((" ", " or ")), inner).map(lambda p: f"({''.join(p)})"),
        inner.map(lambda text: f"not {text}"),
    ),
    max_leaves=4,
)
orders = st.sampled_from([sign + key for key in SORT_KEYS for sign in ("", "-")])
searches = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture
def store(repo: Path) -> Store:
    return ledger_at(repo).repository.store


def views(tasks: tuple[Task, ...]) -> list[TaskView]:
    return derive.views(
        tasks, Graph(tasks), list_name="main", published=None, now=NOW, stale={"ben"}
    )


@given(lists, st.lists(st.tuples(queries, orders), min_size=6, max_size=6))
@searches
def test_a_query_finds_the_same_in_the_index(
    store: Store, tasks: tuple[Task, ...], asked: list[tuple[str, str]]
) -> None:
    index = index_of(store, commit_tasks(store, tasks))
    seen = {view.task.id: view for view in views(tasks)}
    for text, order in asked:
        query = parse_query([text], CONTEXT)
        expected = [
            view.task.id for view in sort_views(seen.values(), order) if query.matches(view)
        ]
        widest, narrowest = query.criterion.widest(), query.criterion.narrowest()
        maybe = [row.id for row in index.select(widest, order=order)]
        assert [task_id for task_id in maybe if query.matches(seen[task_id])] == expected, text
        assert [row.id for row in index.each(widest, order=order)] == maybe
        assert {row.id for row in index.select(narrowest)} <= {*expected}
        if query.criterion.exact:
            assert maybe == expected
            assert index.count(query.criterion) == len(expected)
            assert [row.id for row in index.select(widest, order=order, limit=2)] == expected[:2]


@pytest.mark.parametrize("term", TERMS)
def test_a_term_is_exact_where_the_columns_can_tell(term: str) -> None:
    query = parse_query([term], CONTEXT)
    assert query.criterion.exact == (term in EXACT)
    assert query.criterion.widest().exact
    assert query.criterion.narrowest().exact


@pytest.mark.parametrize("count", [1, 100, 101, 40_000])
def test_any_number_of_values_can_be_asked_for(store: Store, count: int) -> None:
    made = (
        Task(id="aaaaaaaaaa", title="x", owner="n0"),
        Task(id="bbbbbbbbbb", title="x", owner=f"n{count - 1}"),
        Task(id="cccccccccc", title="x", owner="other"),
    )
    index = index_of(store, commit_tasks(store, made))
    names = criteria.Among("owner", [f"n{number}" for number in range(count)])
    both = criteria.Every((names, criteria.Some((names, names))))
    assert index.ids(both) == ["aaaaaaaaaa", "bbbbbbbbbb"]


def test_what_is_not_exact_is_refused_rather_than_answered_wrongly(store: Store) -> None:
    index = index_of(store, commit_tasks(store, ()))
    with pytest.raises(ValueError, match="exact"):
        index.select(criteria.UNKNOWN)
    with pytest.raises(ValueError, match="exact"):
        index.count(criteria.Negation(criteria.UNKNOWN))


@given(lists)
@searches
def test_a_task_comes_out_of_the_index_as_it_went_in(store: Store, tasks: tuple[Task, ...]) -> None:
    index = index_of(store, commit_tasks(store, tasks))
    found = {row.id: row for row in index.rows(POOL)}
    for view in views(tasks):
        row, task = found[view.task.id], view.task
        assert row.task() == task
        expected: dict[str, Any] = {key: task_json(view)[key] for key in TASK_KEYS}
        assert list(row.keys().items()) == list(expected.items())
        assert (row.status, row.priority, row.owner, row.role) == (
            task.status,
            task.priority,
            task.owner,
            task.role,
        )


def test_ids_are_found_by_their_beginning_and_nothing_else_is(store: Store) -> None:
    made = tuple(
        Task(id=task_id, title="x") for task_id in ("0000000000", "00z0000000", "zzzzzzzzzz")
    )
    index = index_of(store, commit_tasks(store, made))
    assert index.starting_with("00") == ["0000000000", "00z0000000"]
    assert index.starting_with("00z") == ["00z0000000"]
    assert index.starting_with("zzzzzzzzzz") == ["zzzzzzzzzz"]
    assert index.starting_with("") == [task.id for task in made]
    assert index.neighbours("zz0") == ["zzzzzzzzzz"]
    for odd in ("0u", "ZZ", "00000000000", "é"):
        assert index.starting_with(odd) == []
        assert index.find(odd) is None
    assert [row.id for row in index.rows(["zzzzzzzzzz", "0000000001", "0000000000"])] == [
        "zzzzzzzzzz",
        "0000000000",
    ]


def test_what_tasks_name_is_listed(store: Store) -> None:
    source = {"system": "md", "key": "1"}
    made = (
        Task(id="aaaaaaaaaa", title="x", owner="ben", role="tester", source=source),
        Task(id="bbbbbbbbbb", title="x", owner="ben", role="builder", source=source),
        Task(id="cccccccccc", title="x", owner="ana", role="builder"),
        Task(id="dddddddddd", title="x", owner="eve", status="completed"),
    )
    index = index_of(store, commit_tasks(store, made))
    assert index.owners() == {"ana": 1, "ben": 2}
    assert index.roles() == ["builder", "tester"]
    found = index.find_source({"key": "1", "system": "md"})
    assert found is not None
    assert found.id == "bbbbbbbbbb"
    assert index.find_source({"key": "2"}) is None
