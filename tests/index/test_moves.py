"""The moves that the index keeps: the same as a look at every file of every commit tells."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitledger.core import codec
from gitledger.core.spells import Move
from gitledger.core.task import FILE_LIMIT, STATUSES, Task
from gitledger.errors import InvalidTask
from gitledger.index import commits, filling, moves, states
from gitledger.index.operations import in_memory
from gitledger.store.base import Store
from gitledger.tree import task_path
from tests import strategies
from tests.conftest import RunGit
from tests.index.test_operations import IDS, World, table
from tests.ledgers import MAIN, commit_by_hand, ledger_at, ticking


@pytest.fixture
def world(repo: Path, tmp_path: Path) -> World:
    return World(repo, tmp_path)


@pytest.fixture
def _small() -> Iterator[None]:
    """Let few files be many, so that short histories take all the ways that long ones take."""
    with (
        patch.object(commits, "MANY", 2),
        patch.object(filling, "CHUNK", 5),
        patch.object(moves, "AT_ONCE", 3),
        patch.object(moves, "_MANY", 2),
        patch.object(moves, "_BYTES", 300),
    ):
        yield


def told(store: Store, tip: str) -> list[Move]:
    """Return the moves up to a tip, by decoding what each commit has."""
    found: list[Move] = []
    for task_id in IDS:
        known: tuple[Any, ...] = (None, None, "", (), None)
        for commit in reversed(list(store.history(tip))):
            entry = store.entry(commit.id, task_path(task_id))
            new = state(None if entry is None else store.read(entry.oid, FILE_LIMIT), task_id)
            if new != known:
                found.append(Move(task_id, commit.author.time, *new))
                known = new
    return found


def state(content: bytes | None, task_id: str) -> tuple[Any, ...]:
    try:
        task = codec.decode(content or b"", task_id)
    except InvalidTask:
        return None, None, "", (), None
    took = None
    if task.status == "completed" and task.started_at and task.completed_at:
        took = max(int((task.completed_at - task.started_at).total_seconds()), 0)
    return task.status, task.owner, task.type, task.labels, took


def small(task_id: str) -> st.SearchStrategy[bytes | None]:
    """A task's file that is often the same, now and then another, none, or no task."""
    plain = st.builds(
        Task,
        id=st.just(task_id),
        title=st.just("x"),
        status=st.sampled_from(STATUSES),
        owner=st.sampled_from((None, "ada")),
        labels=st.sampled_from(((), ("api", "web"))),
    )
    anything = st.one_of(plain, plain, plain, strategies.tasks(task_id)).map(codec.encode)
    return st.one_of(anything, anything, anything, st.sampled_from((None, b"no TOML", b"")))


FILES = st.lists(st.sampled_from(IDS), min_size=1, unique=True).flatmap(
    lambda ids: st.fixed_dictionaries({task_id: small(task_id) for task_id in ids})
)
COMMIT = st.tuples(st.just("commit"), FILES, st.booleans())
STEPS = st.lists(
    st.one_of(
        *(COMMIT, COMMIT, COMMIT, COMMIT),
        st.tuples(st.just("back"), st.integers(0, 40)),
        st.tuples(st.just("killed")),
    ),
    min_size=4,
    max_size=14,
)
"""What is done one after the other; behind a commit may be a look."""


@pytest.mark.usefixtures("_small")
def test_moves_that_are_led_on_equal_those_read_anew_and_the_files(world: World) -> None:
    numbers = count()

    @given(STEPS)
    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    def follow(steps: list[tuple[Any, ...]]) -> None:
        world.tips.clear()
        tip = world.commit(None, {}, [], name="init")
        path = world.folder / f"{next(numbers)}" / "x.sqlite"
        found = table(path, world.store, tip, world.repository)
        for step in steps:
            match step:
                case ("commit", files, look):
                    tip = world.commit(tip, dict(files), [])
                    found.follow(tip, lambda: world.store, lambda: world.repository.git)
                    assert not look or found.moves() == told(world.store, tip)
                case ("back", number):
                    tip = world.tips[number % len(world.tips)]
                case _:
                    with patch.object(moves, "put", killed), suppress(Killed):
                        found.moves()
            found.follow(tip, lambda: world.store, lambda: world.repository.git)
        expected = told(world.store, tip)
        assert found.moves() == expected
        assert table(path.with_name("anew"), world.store, tip, world.repository).moves() == expected
        assert in_memory(world.store, tip).moves() == expected

    follow()


class Killed(BaseException):
    """The process ends here."""


def killed(*_: object) -> None:
    raise Killed


def test_who_looks_at_an_older_tip_sees_no_later_move(world: World) -> None:
    first = world.commit(None, {IDS[0]: b'title = "x"\n'}, [])
    later = world.commit(first, {IDS[0]: b'title = "x"\nstatus = "completed"\n'}, [])
    path = world.folder / "i" / "x.sqlite"
    assert [m.status for m in table(path, world.store, later).moves()] == ["pending", "completed"]
    assert [m.status for m in table(path, world.store, first).moves()] == ["pending"]


def test_only_what_is_new_is_read(world: World) -> None:
    tip = world.grow(None, 20)
    path = world.folder / "i" / "x.sqlite"
    table(path, world.store, tip).moves()
    tip = world.commit(tip, {IDS[1]: b'title = "x"\n'}, [])
    with patch.object(moves, "state", wraps=states.state) as read:
        table(path, world.store, tip).moves()
    assert [call.args for call in read.call_args_list] == [(b'title = "x"\n',)]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'title = "x"\ndescription = """\nstatus = "completed"\n"""\n', "pending"),
        (b'title = "x"\ndescription = """\n[[notes]]\n"""\nstatus = "waiting"\n', "waiting"),
        (b'status = "waiting"\n', None),
        (b'title = "x"\nstatus = "odd"\n', None),
        (b'title = "x"\nstatus = 1\n', None),
        (b'title = "x"\nstatus = []\n', None),
        (b"\xff", None),
        (None, None),
    ],
)
def test_a_status_is_what_the_file_has_it_to_be(content: bytes | None, expected: str) -> None:
    assert states.state(content)[0] == expected


def test_a_file_that_is_too_large_is_no_task_however_it_is_read(
    world: World, repo: Path, git: RunGit
) -> None:
    ledger = ledger_at(repo, clock=ticking())
    ledger.add("Schema")
    large = 'title = "x"#' + "x" * FILE_LIMIT
    tip = commit_by_hand(git, repo, f"100644 {large}\t{task_path(IDS[0])}")
    for many in (1, 100):
        with patch.object(moves, "_MANY", many):
            found = table(world.folder / f"{many}" / "x", world.store, tip, world.repository)
            assert [move.task for move in found.moves()] == [ledger.tasks()[0].id]
    assert git(repo, "rev-parse", MAIN) == tip


def lose(repo: Path, oid: str) -> bytes:
    """Take an object out of a repository and return what its file holds."""
    path = repo / ".git" / "objects" / oid[:2] / oid[2:]
    content = path.read_bytes()
    path.unlink()
    return content


@pytest.mark.parametrize("many", [2, 1000])
def test_a_file_that_cannot_be_read_moves_nothing_until_it_can(
    world: World, repo: Path, many: int
) -> None:
    files = (b'title = "x"\n', b'title = "x"\nstatus = "waiting"\n', b'title = "y"\n')
    tip = None
    for content in (*files, b'title = "x"\nstatus = "completed"\n'):
        tip = world.commit(tip, {IDS[0]: content}, [])
    assert tip is not None
    oid = table(world.folder / "a", world.store, world.tips[1]).touched(world.tips[1])[IDS[0]]
    assert oid is not None
    content = lose(repo, oid)
    path = world.folder / "b" / "x.sqlite"

    def statuses() -> list[str | None]:
        fresh = World(repo, world.folder)
        found = table(path, fresh.store, tip, fresh.repository)
        return [move.status for move in found.moves()] + found.lost()

    with patch.object(moves, "_MANY", many):
        for _ in range(2):
            assert statuses() == ["pending", "completed", IDS[0]]
        there = repo / ".git" / "objects" / oid[:2] / oid[2:]
        there.parent.mkdir(exist_ok=True)
        there.write_bytes(content)
        assert statuses() == ["pending", "waiting", "pending", "completed"]
