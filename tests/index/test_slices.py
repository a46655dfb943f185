"""Slices: the tables of operations and of moves, completed bit by bit beside those who use them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from gitledger.core import codec
from gitledger.core.task import STATUSES, Task
from gitledger.index import commits, filling, line, moves, slices
from gitledger.index.operations import Operations, in_memory
from tests.index.test_operations import IDS, World, agree, table


class Long(World):
    """A history that is long for tables of which little is many."""

    def __init__(self, repo: Path, folder: Path) -> None:
        super().__init__(repo, folder)
        self.tip = self.commit(None, {}, [], name="init")
        self.path = folder / "index" / "x.sqlite"

    def go_on(self, number: int) -> None:
        """Commit that often, each time another status of a task."""
        for turn in range(number):
            task = Task(id=IDS[turn % len(IDS)], title="x", status=STATUSES[turn % 5])
            self.tip = self.commit(self.tip, {task.id: codec.encode(task)}, [task.id])

    def table(self) -> Operations:
        """Return the operations up to the tip, in a file that all of them share."""
        return table(self.path, self.store, self.tip, self.repository)

    def check(self) -> None:
        """Assert that the tables say what the commits say."""
        agree(self.table(), self.store, self.tip)
        assert self.table().moves() == in_memory(self.store, self.tip).moves()


@pytest.fixture
def long(repo: Path, tmp_path: Path) -> Iterator[Long]:
    with (
        patch.object(commits, "MANY", 2),
        patch.object(filling, "CHUNK", 16),
        patch.object(moves, "AT_ONCE", 16),
        patch.object(moves, "_MANY", 2),
        patch.object(slices, "AT_ONCE", 4),
    ):
        world = Long(repo, tmp_path)
        world.go_on(50)
        yield world


def _no_rest(_: float) -> None:
    pass


def _complete(found: Operations, rest: Callable[[float], object] = _no_rest) -> None:
    while found.complete(rest):
        pass


def test_slices_complete_what_nobody_has_asked_for(long: Long) -> None:
    found = long.table()
    assert not found.is_complete()
    _complete(found)
    assert found.is_complete()
    with (
        patch.object(commits, "line", side_effect=AssertionError),
        patch.object(commits, "of_task", side_effect=AssertionError),
        patch.object(moves, "put", side_effect=AssertionError),
    ):
        assert len(list(found.newest(task=IDS[0]))) == 13
        assert found.moves()
    long.check()


def test_slices_go_on_where_the_tables_end(long: Long) -> None:
    found = long.table()
    list(found.newest(limit=20))
    assert found.complete(_no_rest)
    _complete(found)
    long.check()


def test_slices_bring_in_what_has_come_since(long: Long) -> None:
    _complete(long.table())
    long.go_on(40)
    found = long.table()
    assert not found.is_complete()
    with patch.object(line, "begin", side_effect=AssertionError("the line is thrown away")):
        _complete(found)
    assert found.is_complete()
    long.check()


def test_what_was_put_is_kept_when_the_rest_never_comes(long: Long) -> None:
    put: list[float] = []

    def killed(seconds: float) -> None:
        put.append(seconds)
        if len(put) == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _complete(long.table(), killed)
    kept = _rows(long.table(), "operations")
    assert kept >= 5
    assert long.table().complete(_no_rest)
    assert _rows(long.table(), "operations") > kept
    _complete(long.table())
    long.check()


def test_no_transaction_puts_many_rows(long: Long) -> None:
    rows = [0]
    found = long.table()
    _complete(found, lambda _: rows.append(_rows(long.table(), "operations", "changes", "moves")))
    assert max(after - before for before, after in pairwise(rows)) <= 6
    assert rows[-1] > 100


@pytest.mark.parametrize("after", [1, 4, 9, 20, 30])
def test_somebody_who_reads_all_meanwhile_takes_nothing_away(long: Long, after: int) -> None:
    rests = [0]

    def others(_: float) -> None:
        rests[0] += 1
        if rests[0] == after:
            assert long.table().moves()

    found = long.table()
    _complete(found, others)
    assert rests[0] >= min(after, 5)
    assert found.is_complete()
    long.check()


def test_who_reads_all_keeps_what_slices_have_not_put_by_then(long: Long) -> None:
    found, put = long.table(), line.insert
    list(found.newest(limit=1))
    puts: list[int] = []

    def slower(git: Any, part: list[str]) -> list[commits.Deed]:
        """Read as ever, while a slice puts the first of the same commits."""
        deeds = read(git, part)
        if not puts:
            puts.append(0)
            with pytest.raises(KeyboardInterrupt):
                long.table().complete(_killed)
        return deeds

    def counted(connection: Any, records: list[line.Record], highest: int) -> None:
        puts.append(len(records))
        put(connection, records, highest)

    read = commits.read
    with patch.object(commits, "read", slower), patch.object(line, "insert", counted):
        list(found.newest(limit=17))
    assert puts[1] < 5
    assert puts[2] == 16 - puts[1]
    long.check()


def test_who_leads_all_moves_on_keeps_what_slices_have_not_put_by_then(long: Long) -> None:
    found, end, put = long.table(), moves.Reading.end, moves.put
    list(found.newest())
    puts: list[int] = []

    def slower(reading: moves.Reading, begun: Any, changes: moves.Changes) -> Any:
        """Read as ever, while a slice puts the first of the same moves."""
        states = end(reading, begun, changes)
        if not puts:
            puts.append(-len(changes))
            with pytest.raises(KeyboardInterrupt):
                long.table().complete(_killed)
        return states

    def counted(connection: Any, changes: moves.Changes, states: Any) -> None:
        puts.append(len(changes))
        put(connection, changes, states)

    with patch.object(moves.Reading, "end", slower), patch.object(moves, "put", counted):
        found.moves()
    assert puts[1] < puts[2]
    assert sum(puts[:3]) == 0, "some of what was read is put by nobody, or read again"
    assert sum(puts[1:]) == _rows(found, "changes")
    long.check()


def _killed(_: float) -> None:
    raise KeyboardInterrupt


def _rows(found: Operations, *tables: str) -> int:
    return sum(
        found._read(lambda c, name=name: c.execute(f"SELECT count(*) FROM {name}").fetchone()[0])  # type: ignore[misc]  # mypy knows no defaults of lambdas
        for name in tables
    )
