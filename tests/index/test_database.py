"""The index's file: whatever is wrong with it, the answers are right and nobody is told."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gitledger.core import criteria
from gitledger.core.task import Task
from gitledger.errors import StoreFailed
from gitledger.index import Index, database, open_index, place
from gitledger.index.schema import VERSION
from gitledger.store.base import Store
from tests.forking import forked
from tests.index.worlds import Counted, commit_tasks, file_index, index_of, tables
from tests.ledgers import ledger_at

ONE = Task(id="aaaaaaaaaa", title="One")
TWO = Task(id="bbbbbbbbbb", title="Two", blocked_by=("aaaaaaaaaa",))


@pytest.fixture
def store(repo: Path) -> Store:
    return ledger_at(repo).repository.store


@pytest.fixture
def tip(store: Store) -> str:
    return commit_tasks(store, (ONE, TWO))


@pytest.fixture
def path(repo: Path) -> Path:
    return repo / ".git/gitledger/index/main.sqlite"


def answers(index: Index) -> list[str]:
    return [row.id for row in index.select(criteria.READY)]


def in_memory(index: Index) -> bool:
    return index._database.in_memory


def opened(repo: Path, store: Callable[[], Store], commit: str) -> Index:
    index = file_index(repo / ".git")
    index.follow(commit, store)
    return index


def test_it_is_made_once_and_then_read_without_the_store(
    repo: Path, store: Store, tip: str, path: Path
) -> None:
    first, second = Counted(store), Counted(store)
    index = opened(repo, first, tip)
    index.close()
    again = opened(repo, second, tip)
    assert answers(again) == [ONE.id]
    assert (first.asked, second.asked) == (1, 0)
    assert path.is_file()
    assert not in_memory(again)


def garbage(path: Path) -> None:
    path.write_bytes(b"no database" * 1000)


def truncated(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def overwritten(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * 4096 * 8)


def of_another_version(path: Path) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    connection.close()


def of_another_program(path: Path) -> None:
    path.unlink()
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE tasks (x)")
    connection.close()


def deleted(path: Path) -> None:
    path.unlink()


@pytest.mark.parametrize(
    "spoil",
    [
        garbage,
        truncated,
        emptied,
        overwritten,
        of_another_version,
        of_another_program,
        deleted,
    ],
)
def test_a_file_that_is_of_no_use_is_made_anew(
    repo: Path, store: Store, tip: str, path: Path, spoil: Callable[[Path], None]
) -> None:
    opened(repo, lambda: store, tip).close()
    spoil(path)
    index = opened(repo, lambda: store, tip)
    assert answers(index) == [ONE.id]
    assert tables(index) == tables(index_of(store, tip))
    assert not in_memory(index)
    index.close()
    counted = Counted(store)
    assert answers(opened(repo, counted, tip)) == [ONE.id]
    assert counted.asked == 0


def test_a_file_that_is_spoilt_while_it_is_open_is_made_anew_too(
    repo: Path, store: Store, path: Path
) -> None:
    many = tuple(Task(id=f"{n:010}", title="x" * 400) for n in range(200))
    tip = commit_tasks(store, many)
    index = opened(repo, lambda: store, tip)
    index = file_index(repo / ".git")
    index.follow(tip, lambda: store)
    overwritten(path)
    assert len(index.select(criteria.EVERYTHING)) == 200
    assert len(answers(index)) == 200


def test_a_spoilt_file_that_another_process_has_open_is_left_alone(
    repo: Path, store: Store, tip: str, path: Path
) -> None:
    opened(repo, lambda: store, tip).close()  # all is in the file then, and nothing in its log
    other = opened(repo, lambda: store, tip)
    garbage(path)
    index = opened(repo, lambda: store, tip)
    assert answers(index) == [ONE.id]
    assert in_memory(index)
    assert path.read_bytes().startswith(b"no database")
    other.close()


@pytest.mark.parametrize("in_the_way", ["gitledger", "gitledger/index"])
def test_where_no_file_can_be_it_is_in_memory(
    repo: Path, store: Store, tip: str, in_the_way: str
) -> None:
    folder = repo / ".git/gitledger"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    if in_the_way == "gitledger":
        folder.rmdir()
    (repo / ".git" / in_the_way).write_text("")
    index = opened(repo, lambda: store, tip)
    assert answers(index) == [ONE.id]
    assert in_memory(index)


def test_a_file_that_another_process_keeps_locked_is_done_without(
    repo: Path, store: Store, tip: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened(repo, lambda: store, tip).close()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(database, "PATIENCE", 0)
    reads = opened(repo, lambda: store, tip)
    assert answers(reads) == [ONE.id]
    assert not in_memory(reads)
    newer = commit_tasks(store, (Task(id="aaaaaaaaaa", title="One", status="completed"),), tip)
    index = opened(repo, lambda: store, newer)
    assert answers(index) == [TWO.id]
    assert in_memory(index)
    other.rollback()
    other.close()
    assert not in_memory(opened(repo, lambda: store, newer))


def test_what_a_killed_process_has_left_unfinished_is_removed(
    repo: Path, store: Store, tip: str, path: Path
) -> None:
    path.parent.mkdir(parents=True)
    unfinished = Path(place.unfinished(str(path)))
    unfinished.write_text("half")
    index = opened(repo, lambda: store, tip)
    assert answers(index) == [ONE.id]
    assert not in_memory(index)
    assert not unfinished.exists()


def test_a_process_that_makes_it_is_waited_for(
    repo: Path, store: Store, tip: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = making(path)
    looks = 0

    def look(_: float) -> None:
        """Go on making the file instead of waiting, and be done at last."""
        nonlocal looks
        looks += 1
        Path(place.unfinished(str(path))).write_text("x" * looks)
        if looks == 5:
            os.close(other)

    monkeypatch.setattr("time.sleep", look)
    monkeypatch.setattr("time.monotonic", lambda: looks * database.PATIENCE)
    index = opened(repo, lambda: store, tip)
    assert answers(index) == [ONE.id]
    assert not in_memory(index)
    assert looks == 5


def test_a_process_that_makes_it_and_does_not_get_on_is_done_without(
    repo: Path, store: Store, tip: str, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = making(path)
    monkeypatch.setattr(database, "PATIENCE", 0)
    index = opened(repo, lambda: store, tip)
    assert answers(index) == [ONE.id]
    assert in_memory(index)
    assert not path.exists()
    os.close(other)
    assert not in_memory(opened(repo, lambda: store, tip))


def making(path: Path) -> int:
    """Begin to make the file, as another process; it has ended once the descriptor is closed."""
    path.parent.mkdir(parents=True)
    return place.maker(str(path), 0)


def test_answers_stay_those_of_a_commit_while_others_take_the_file_along(
    repo: Path, store: Store, tip: str
) -> None:
    newer = commit_tasks(store, (Task(id="aaaaaaaaaa", title="One", status="completed"),), tip)
    slow, quick = opened(repo, lambda: store, tip), opened(repo, lambda: store, newer)
    for _ in range(2):
        assert answers(slow) == [ONE.id]
        assert answers(quick) == [TWO.id]


def test_a_commit_that_cannot_be_read_changes_nothing(repo: Path, store: Store, tip: str) -> None:
    index = opened(repo, lambda: store, tip)
    with pytest.raises(StoreFailed):
        index.follow("1" * 40, lambda: store)
    assert index.commit == tip
    assert answers(index) == [ONE.id]


def test_a_tip_that_is_gone_is_no_obstacle(repo: Path, store: Store, tip: str) -> None:
    index = opened(repo, lambda: store, tip)
    index._database.run(
        lambda c: c.execute("UPDATE state SET value = ? WHERE key = 'tip'", ("1" * 40,)),
        current=lambda c: True,
        bring=lambda c: None,
        writes=True,
    )
    assert answers(index) == [ONE.id]


def test_making_it_tells_how_far_it_is(repo: Path, store: Store, tip: str) -> None:
    told: list[tuple[int, int]] = []
    index = file_index(repo / ".git")
    index.follow(tip, lambda: store, lambda done, total: told.append((done, total)))
    assert told == [(0, 2), (2, 2)]


def test_who_may_use_the_git_directory_may_use_the_index(
    repo: Path, store: Store, tip: str, path: Path
) -> None:
    (repo / ".git").chmod(0o2775)
    shutil.rmtree(repo / ".git/gitledger", ignore_errors=True)
    index = opened(repo, lambda: store, tip)
    assert path.parent.stat().st_mode & 0o7777 == 0o2775
    for name in ("main.sqlite", "main.sqlite-wal", "main.sqlite.lock", "main.sqlite.new.lock"):
        assert path.with_name(name).stat().st_mode & 0o777 == 0o664
    index.close()


def test_the_index_of_another_list_is_shared_too(
    repo: Path, store: Store, tip: str, path: Path
) -> None:
    (repo / ".git").chmod(0o2775)
    opened(repo, lambda: store, tip).close()
    other = open_index(str(repo / ".git"), "other")
    other.follow(tip, lambda: store)
    for name in ("other.sqlite", "other.sqlite.lock", "other.sqlite.new.lock"):
        assert path.with_name(name).stat().st_mode & 0o777 == 0o664
    other.close()


def test_an_index_that_nobody_needs_any_more_has_no_file_open(
    repo: Path, store: Store, tip: str
) -> None:
    before = os.listdir("/dev/fd")
    index = opened(repo, lambda: store, tip)
    assert len(os.listdir("/dev/fd")) > len(before)
    del index
    assert os.listdir("/dev/fd") == before


MAKES = """
import os, sys
from pathlib import Path
from gitledger.core import criteria
from gitledger.index import open_index
from gitledger.repository import Repository

place, *commits = sys.argv[1:]
store = Repository.open(Path(place), os.environ).store
sys.stdin.readline()
index = open_index(f"{place}/.git", "main")
for commit in commits * 5:
    index.follow(commit, lambda: store)
    print(*(row.id for row in index.select(criteria.READY)), sep=",")
"""


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Return a function that starts processes, which end with the test."""
    running: list[subprocess.Popen[str]] = []

    def start(*args: str) -> subprocess.Popen[str]:
        pipe = subprocess.PIPE
        running.append(subprocess.Popen(args, stdin=pipe, stdout=pipe, text=True))
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def test_processes_that_make_it_and_follow_at_once_all_answer_right(
    repo: Path, store: Store, tip: str, started: Callable[..., subprocess.Popen[str]]
) -> None:
    newer = commit_tasks(store, (Task(id="aaaaaaaaaa", title="One", status="completed"),), tip)
    both = [
        started(sys.executable, "-c", MAKES, str(repo), *order)
        for order in ((tip, newer), (newer, tip))
    ]
    said = [process.communicate("\n")[0].split() for process in both]
    assert said == [[ONE.id, TWO.id] * 5, [TWO.id, ONE.id] * 5]


def test_a_forked_child_has_a_connection_of_its_own_and_leaves_the_parents_open(
    repo: Path, store: Store, tip: str
) -> None:
    index = opened(repo, lambda: store, tip)
    assert answers(index) == [ONE.id]
    inherited = index._database._connection

    def ask() -> None:
        assert answers(index) == [ONE.id]
        assert index._database._connection not in (None, inherited)
        index.close()
        assert inherited is not None
        assert inherited.execute("SELECT count(*) FROM tasks").fetchone() == (2,)

    forked(ask)
    assert answers(index) == [ONE.id]
    assert index._database._connection is inherited


def test_a_forked_child_that_only_ends_closes_nothing(repo: Path, store: Store, tip: str) -> None:
    index = opened(repo, lambda: store, tip)
    inherited = index._database._connection

    def end() -> None:
        index.close()
        assert inherited is not None
        inherited.execute("SELECT 1")

    forked(end)
    assert answers(index) == [ONE.id]
