"""Short forms of many ids: the same as of each by itself."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitledger.core import ids
from gitledger.core.task import Task
from gitledger.index.shortening import Shortening
from gitledger.store.base import Store
from tests.index.worlds import commit_tasks, index_of
from tests.ledgers import ledger_at


@pytest.fixture
def store(repo: Path) -> Store:
    return ledger_at(repo).repository.store


NAMES = st.text(alphabet="01z", min_size=10, max_size=10)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(there=st.sets(NAMES, min_size=1, max_size=8), others=st.sets(NAMES, max_size=3))
def test_many_ids_are_shortened_as_one_is(store: Store, there: set[str], others: set[str]) -> None:
    tip = commit_tasks(store, tuple(Task(id=name, title="x") for name in there))
    index = index_of(store, tip)
    asked = [*there, *others, "no id", ""]
    one_by_one = Shortening(index)
    wanted = [one_by_one(name) for name in asked]
    together = Shortening(index, 1000)
    assert [together(name) for name in asked] == wanted
    assert wanted[: len(there)] == [ids.shortest_prefix(name, there) for name in there]
