"""The index of a past commit: the list's own with what has changed since over it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitledger.core import criteria
from gitledger.index import Index
from gitledger.index.past import index_of_past
from gitledger.store.base import Store
from tests.index.test_following import agrees, commits, histories, steps
from tests.index.worlds import POOL, SOUND, Files, commit, file_index, index_of, tables
from tests.ledgers import ledger_at


@pytest.fixture
def store(repo: Path) -> Store:
    return ledger_at(repo).repository.store


def live_index(repo: Path, store: Store, tip: str) -> Index:
    """Return a list's own index, with its file."""
    index = file_index(repo / ".git")
    index.follow(tip, lambda: store)
    return index


def past_index(live: Index, store: Store, tip: str) -> Index:
    """Return an index of a past commit."""
    index = index_of_past(live)
    index.follow(tip, lambda: store)
    return index


@histories
@given(steps, st.sampled_from([256, 0]))
def test_it_is_as_one_that_is_made_anew(
    store: Store, repo: Path, plan: Sequence[tuple[str, Files]], few: int
) -> None:
    made = commits(store, plan)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("gitledger.index.past._FEW", few)
        live = live_index(repo, store, made[-1])
        for tip in made:
            past = past_index(live, store, tip)
            assert tables(past) == tables(index_of(store, tip))
            agrees(past, store, tip)
    assert tables(live) == tables(index_of(store, made[-1]))


def changed(store: Store, tip: str, *numbers: int) -> str:
    """Return a commit on top that changes some tasks of `SOUND`."""
    files = list(SOUND.items())
    titled = {
        path: (text or b"").replace(b"title", b"description = 'new'\ntitle")
        for path, text in (files[number] for number in numbers)
    }
    return commit(store, tip, titled)


def texts(index: Index) -> list[str | None]:
    return [row.data for row in index.select(criteria.EVERYTHING, order="id")]


def test_what_changes_meanwhile_changes_nothing_of_it(store: Store, repo: Path) -> None:
    first = commit(store, None, SOUND)
    second = changed(store, first, 0)
    wanted = texts(index_of(store, first))
    past = past_index(live_index(repo, store, second), store, first)
    assert texts(past) == wanted

    live_index(repo, store, changed(store, second, 1, 2))
    assert texts(past) == wanted


def test_what_says_nothing_else_is_read_in_the_lists_own_file(store: Store, repo: Path) -> None:
    first = commit(store, None, SOUND)
    past = past_index(live_index(repo, store, changed(store, first, 0)), store, first)
    copied = past.ask(lambda c: c.execute("SELECT count(*) FROM main.texts").fetchone())
    assert copied == (1,)
    assert len(texts(past)) == len(POOL)


def test_it_waits_for_nobody_who_writes(store: Store, repo: Path) -> None:
    first = commit(store, None, SOUND)
    live = live_index(repo, store, changed(store, first, 0))
    other = sqlite3.connect(live.path or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    past = past_index(live, store, first)
    assert past.path is not None, "it had to do without the file"
    assert texts(past) == texts(index_of(store, first))
    other.execute("INSERT INTO state VALUES ('x', 'y')")
    other.close()


def test_without_a_file_it_is_made_anew(store: Store, repo: Path) -> None:
    first = commit(store, None, SOUND)
    live = index_of(store, changed(store, first, 0))
    assert tables(past_index(live, store, first)) == tables(index_of(store, first))


def test_where_the_file_is_damaged_it_is_made_anew(store: Store, repo: Path) -> None:
    first = commit(store, None, SOUND)
    live = live_index(repo, store, changed(store, first, 0))
    past = index_of_past(live)
    live.close()
    Path(live.path or "").write_bytes(b"no database" * 1000)
    past.follow(first, lambda: store)
    assert tables(past) == tables(index_of(store, first))
