"""The operations that the index keeps: the same as a walk over the commits finds."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import count, islice
from pathlib import Path
from typing import Any, NamedTuple
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitledger.core.operation import Operation, parse_message
from gitledger.errors import Damaged, GitFailed
from gitledger.index import commits, filling, line, operations, slices, trees
from gitledger.index.commits import changed
from gitledger.index.database import Database
from gitledger.index.line import OperationRow
from gitledger.index.operations import Operations, in_memory
from gitledger.index.schema import VERSION
from gitledger.repository import Repository
from gitledger.store.base import Commit, Signature, Store
from gitledger.tree import path_task, task_path
from tests.conftest import RunGit
from tests.ledgers import MAIN, commit_by_hand, ledger_at, ticking

IDS = [f"{number:010}" for number in range(4)]
SESSIONS = ["ada", "grace", "linus"]


class Told(NamedTuple):
    """One operation as a walk over the commits finds it."""

    commit: str
    at: int
    operation: Operation
    changed: frozenset[str]


def walk(store: Store, tip: str) -> list[Told]:
    """Return the operations up to a tip, newest first, by comparing all that there is."""
    return [
        Told(
            commit.id,
            commit.author.time,
            parse_message(commit.message),
            frozenset(
                task_id
                for path, _ in _files(store, commit.id) ^ _files(store, commit.parent)
                if (task_id := path_task(path))
            ),
        )
        for commit in store.history(tip)
    ]


def _files(store: Store, commit: str | None) -> set[tuple[str, object]]:
    entries = store.entries(commit, "tasks", depth=2) if commit else ()
    return {(entry.path, (entry.oid, entry.mode)) for entry in entries}


def table(path: Path, store: Store, tip: str, repository: Repository | None = None) -> Operations:
    """Return the operations in a file, up to a tip."""
    found = Operations(Database(str(path), version=VERSION, schema=line.SCHEMA))
    git = repository.git if repository else None
    found.follow(tip, lambda: store, (lambda: git) if git else None)
    return found


def told(row: OperationRow) -> tuple[object, ...]:
    return row.commit, row.at, row.name, row.session, row.agent, row.tasks


def as_told(each: Told) -> tuple[object, ...]:
    did = each.operation
    return each.commit, each.at, did.name, did.session, did.agent, did.tasks


class World:
    """A history that grows, is cut back, and is looked at in a table that follows."""

    def __init__(self, repo: Path, folder: Path) -> None:
        self.repository = Repository.open(repo, {})
        self.store = self.repository.store
        self.folder = folder
        self.tips: list[str] = []
        self.seconds = count(1_700_000_000, 10)

    def commit(
        self,
        parent: str | None,
        files: dict[str, bytes | None],
        named: Sequence[str],
        session: str = "ada",
        name: str = "edit",
    ) -> str:
        """Commit files, with a message that names these tasks."""
        moment = Signature("Ada", "ada@example.com", next(self.seconds))
        paths = {task_path(task_id): text for task_id, text in files.items()}
        message = Operation(name=name, tasks=tuple(named), session=session).message()
        oid = self.store.write(parent, paths, message, moment, moment)
        self.tips.append(oid)
        return oid

    def grow(self, tip: str | None, number: int) -> str:
        """Commit that often, each a task of its turn."""
        for turn in range(number):
            task_id = IDS[turn % len(IDS)]
            text = str(next(self.seconds)).encode()
            tip = self.commit(tip, {task_id: text}, [task_id], SESSIONS[turn % len(SESSIONS)])
        assert tip is not None
        return tip


@pytest.fixture
def world(repo: Path, tmp_path: Path) -> World:
    return World(repo, tmp_path)


@pytest.fixture
def _small() -> Iterator[None]:
    """Let few commits be many, so that short histories take all the ways that long ones take."""
    with (
        patch.object(commits, "MANY", 2),
        patch.object(commits, "_PART", 4),
        patch.object(filling, "CHUNK", 5),
        patch.object(operations, "_PAGES", (1, 3)),
        patch.object(slices, "AT_ONCE", 4),
    ):
        yield


def agree(found: Operations, store: Store, tip: str) -> None:
    """Assert that the table answers as the walk does, whatever is asked."""
    expected = walk(store, tip)
    assert [told(row) for row in found.newest()] == [as_told(each) for each in expected]
    last: dict[str, int] = {}
    revisions: dict[str, str] = {}
    for each in expected:
        last.setdefault(each.operation.session, each.at)
        for task_id in each.changed:
            revisions.setdefault(task_id, each.commit)
    assert found.last_operations(SESSIONS) == {n: at for n, at in last.items() if n in SESSIONS}
    assert found.revisions(IDS) == revisions
    for task_id in IDS:
        of_task = [each.commit for each in expected if task_id in each.changed]
        assert [row.commit for row in found.newest(task=task_id)] == of_task
    middle = expected[len(expected) // 2]
    above = [each for each in expected if expected.index(each) < expected.index(middle)]
    assert found.changed_since(middle.commit) == frozenset().union(*(e.changed for e in above))
    for each in expected:
        assert found.touched(each.commit).keys() == each.changed
    wanted: dict[str, Any] = {"session": "ada", "since": middle.at}
    assert [row.commit for row in found.newest(**wanted, limit=3)] == [
        each.commit for each in expected if each.operation.session == "ada" and each.at >= middle.at
    ][:3]
    assert [row.commit for row in found.newest(until=middle.at, name="edit")] == [
        each.commit for each in expected if each.at <= middle.at and each.operation.name == "edit"
    ]
    assert [row.commit for row in found.newest(after=middle.commit)] == [e.commit for e in above]


STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("commit"),
            st.dictionaries(st.sampled_from(IDS), st.sampled_from([b"one", b"two", None])),
            st.lists(st.sampled_from(IDS), max_size=2),
            st.sampled_from(SESSIONS),
        ),
        st.tuples(st.just("grow"), st.integers(1, 14)),
        st.tuples(st.just("back"), st.integers(0, 40)),
        st.tuples(st.just("look"), st.integers(1, 6)),
        st.tuples(st.just("other"), st.integers(0, 40)),
        st.tuples(st.just("complete"), st.integers(1, 4)),
        st.tuples(st.just("killed")),
    ),
    max_size=8,
)


@pytest.mark.usefixtures("_small")
def test_a_table_that_follows_equals_one_built_anew_and_the_walk(world: World) -> None:
    numbers = count()

    @given(STEPS)
    def follow(steps: list[tuple[Any, ...]]) -> None:
        world.tips.clear()
        tip = world.commit(None, {}, [], name="init")
        path = world.folder / f"{next(numbers)}" / "x.sqlite"
        found = table(path, world.store, tip, world.repository)
        for step in steps:
            match step:
                case ("commit", files, named, session):
                    tip = world.commit(tip, files, named, session)
                case ("grow", number):
                    tip = world.grow(tip, number)
                case ("back", number):
                    tip = world.tips[number % len(world.tips)]
                case ("look", number):
                    list(found.newest(limit=number))
                case ("other", number):
                    older = world.tips[number % len(world.tips)]
                    list(table(path, world.store, older, world.repository).newest(limit=4))
                case ("complete", number):
                    for _ in range(number):
                        found.complete(lambda _: None)
                case _:
                    with patch.object(line, "insert", killed), suppress(Killed):
                        found.revisions(["zzzzzzzzzz"])
            found.follow(tip, lambda: world.store, lambda: world.repository.git)
            assert [row.commit for row in found.newest(limit=3)] == [
                commit.id for commit in islice(world.store.history(tip), 3)
            ]
        agree(found, world.store, tip)
        anew = table(path.with_name("anew.sqlite"), world.store, tip, world.repository)
        agree(anew, world.store, tip)
        agree(in_memory(world.store, tip), world.store, tip)

    follow()


class Killed(BaseException):
    """The process ends here."""


def killed(*_: object) -> None:
    raise Killed


# -- commits with what they changed ------------------------------------------------------------


def both_ways(world: World, tip: str) -> list[dict[str, str | None]]:
    """Return what the commits changed, as git tells it; and see that the store tells the same."""
    git, store = world.repository.git, world.store
    found = commits.read(git, commits.line(git, tip))
    expected = [(commit, changed(store, commit)) for commit in store.history(tip)]
    assert [(deed.commit, dict(deed.changes)) for deed in found] == expected
    return [dict(deed.changes) for deed in found]


def test_git_and_the_store_tell_the_same_of_odd_trees(
    world: World, repo: Path, git: RunGit
) -> None:
    ledger = ledger_at(repo, clock=ticking())
    ledger.add("Schema")
    here = task_path(IDS[1])
    for entries in (
        [f"100644 one\t{here}", f"100644 one\t{task_path(IDS[2])}"],
        [f"120000 elsewhere\t{here}"],  # no plain file any more
        [f"0 \t{here}", f"100644 deep\t{here}/deeper/{IDS[3]}.toml"],  # a folder in a file's place
        [f"0 \t{here}/deeper/{IDS[3]}.toml", f"100755 two\t{here}"],
        [f"100644 odd\ttasks/0/0/0/{IDS[3]}.toml", f"100644 odd\ttasks/x/0/{IDS[3]}.toml"],
        ["100644 odd\ttasks/0/0/new\tline.toml", "100644 odd\telsewhere/0/0/0000000003.toml"],
        ["0 \tformat.toml"],
    ):
        commit_by_hand(git, repo, *entries)
    found = both_ways(world, git(repo, "rev-parse", MAIN))
    with patch.object(trees, "_all_at_once", side_effect=GitFailed("these have no end")):
        assert both_ways(world, git(repo, "rev-parse", MAIN)) == found
    assert [sorted(changes) for changes in found[:7]] == [
        [],
        [],
        [],
        [IDS[1]],
        [IDS[1]],
        [IDS[1]],
        [IDS[1], IDS[2]],
    ]
    assert found[5] == {IDS[1]: None}


def test_of_a_merge_the_first_parent_counts_alone(world: World) -> None:
    root = world.commit(None, {}, [])
    one = world.commit(root, {IDS[0]: b"one"}, [])
    other = world.commit(root, {IDS[1]: b"other"}, [])
    who = Signature("Ada", "ada@example.com", 1)
    files = {task_path(IDS[1]): b"other"}
    merge = world.store.write(one, files, "merge", who, who, merged=[other])
    assert [sorted(changes) for changes in both_ways(world, merge)] == [[IDS[1]], [IDS[0]], []]


def test_a_commit_is_read_as_it_is_stored(world: World, repo: Path, git: RunGit) -> None:
    root = world.commit(None, {}, [])
    tree = git(repo, "rev-parse", f"{root}^{{tree}}")
    odd = (
        f"tree {tree}\nparent {root}\nauthor Ad\u00e4 <> 99999999999999999999 +0000\n"
        "committer nobody\nencoding ISO-8859-1\n\n\nbehind a blank\n\nLedger-Op: odd\n"
    )
    oid = git(repo, "hash-object", "-t", "commit", "-w", "--literally", "--stdin", stdin=odd)
    git(repo, "replace", oid, root)
    git(repo, "config", "log.showSignature", "true")
    assert both_ways(world, oid) == [{}, {}]
    [row, _] = table(world.folder / "i" / "x.sqlite", world.store, oid).newest()
    assert (row.name, row.author, row.subject) == ("odd", "Ad\u00e4 <>", "")
    assert row.at == 253_402_300_799  # the end of the year 9999


@pytest.mark.parametrize("at_once", [1, 3, 100])
def test_plain_trees_are_compared_in_one_go(world: World, at_once: int) -> None:
    tip = world.grow(None, 20)
    with (
        patch.object(trees, "_by_levels", side_effect=AssertionError),
        patch.object(trees, "_AT_ONCE", at_once),
    ):
        both_ways(world, tip)


def test_trees_of_which_git_says_too_much_are_compared_level_by_level(world: World) -> None:
    tip = world.grow(None, 20)
    with (
        patch.object(trees, "_BYTES", -1),
        patch.object(trees, "_by_levels", wraps=trees._by_levels) as levels,
    ):
        both_ways(world, tip)
    assert levels.called


@patch.object(trees, "_PATIENCE", 0.2)  # what becomes of it is the same
def test_trees_that_have_no_end_are_not_entered(world: World, repo: Path, git: RunGit) -> None:
    tree = git(repo, "mktree", stdin="")
    for _ in range(40):
        tree = git(repo, "mktree", stdin=f"040000 tree {tree}\ta\n040000 tree {tree}\tb\n")
    names = "".join(f"040000 tree {tree}\t{name}\n" for name in ("0", "1", "sub"))
    for _ in range(3):
        names = f"040000 tree {git(repo, 'mktree', stdin=names)}\ttasks\n"
    tree = git(repo, "mktree", stdin=names)
    assert both_ways(world, git(repo, "commit-tree", tree, "-m", "bomb")) == [{}]


# -- how much is read, and what cannot be ------------------------------------------------------


def reading(store: Store, read: list[str]) -> Any:
    """Note down which commits are walked over."""
    history = store.history

    def noted(tip: str, **given: Any) -> Iterator[Commit]:
        for commit in history(tip, **given):
            read.append(commit.id)
            yield commit

    return patch.object(store, "history", noted)


def test_the_newest_operations_are_found_without_reading_the_whole_history(world: World) -> None:
    tip = world.grow(None, 300)
    read: list[str] = []
    with reading(world.store, read):
        found = in_memory(world.store, tip)
        assert len(list(found.newest(limit=5))) == 5
        assert found.last_operations(["ada"]).keys() == {"ada"}
        since = 1_700_000_000 + 10 * 580
        assert found.last_operations(["nobody"], since=since) == {}
    assert len(read) <= commits.MANY + 1


@pytest.mark.usefixtures("_small")
def test_the_operations_on_one_task_are_found_without_reading_all_of_them(world: World) -> None:
    tip = world.grow(None, 40)
    found = table(world.folder / "i" / "x.sqlite", world.store, tip, world.repository)
    whole = in_memory(world.store, tip)
    asked: list[dict[str, Any]] = [
        *({"task": task_id} for task_id in (*IDS, "zzzzzzzzzz")),
        {"task": IDS[1], "session": "ada"},
        {"task": IDS[1], "name": "edit", "limit": 3},
        {"task": IDS[1], "until": 1_700_000_100, "since": 1_700_000_020},
    ]
    with patch.object(operations, "CHUNK", 5):
        for each in asked:
            rows = [(*told(row), row.blob) for row in found.newest(**each)]
            assert rows == [(*told(row), row.blob) for row in whole.newest(**each)]
        numbers = [row.number for row in found.newest(task=IDS[1])]
        assert numbers == sorted(numbers, reverse=True)
        assert found.revisions([*IDS, "zzzzzzzzzz"]) == whole.revisions(IDS)
        for task_id in (*IDS, "zzzzzzzzzz"):
            assert found.revisions([task_id]) == whole.revisions([task_id])
        assert found._read(line.count) < 20
        list(found.newest())
        agree(found, world.store, tip)


@pytest.mark.usefixtures("_small")
def test_what_was_found_below_the_table_is_remembered_until_the_table_is_another(
    world: World,
) -> None:
    def long_ago(turns: int) -> str:
        """Return a tip far above the commits that changed all tasks but the first."""
        tip = world.grow(None, len(IDS))
        for turn in range(turns):
            tip = world.commit(tip, {IDS[0]: str(turn).encode()}, [IDS[0]], "ada")
        return tip

    tip, other = long_ago(30), long_ago(25)
    path = world.folder / "i" / "x.sqlite"
    asked = [*IDS, "zzzzzzzzzz"]
    with patch.object(operations, "CHUNK", 5):
        for each in (tip, world.commit(tip, {IDS[1]: b"new"}, [IDS[1]], "ada"), other):
            found = table(path, world.store, each, world.repository)
            known = {task: found.revisions([task]) for task in asked}
            expected = in_memory(world.store, each)
            assert known == {task: expected.revisions([task]) for task in asked}
            with patch.object(commits, "of_task", side_effect=AssertionError):
                again = table(path, world.store, each, world.repository)
                assert {task: again.revisions([task]) for task in asked} == known
        assert found._read(line.count) < 20


@pytest.mark.usefixtures("_small")
def test_the_operations_on_one_task_are_not_looked_for_where_a_graft_hides_some(
    world: World, repo: Path
) -> None:
    tip = world.grow(None, 40)
    (repo / ".git" / "info").mkdir(exist_ok=True)
    (repo / ".git" / "info" / "grafts").write_text(f"{world.tips[20]} {world.tips[10]}\n")
    found = table(world.folder / "i" / "x.sqlite", world.store, tip, world.repository)
    whole = in_memory(world.store, tip)
    with patch.object(operations, "CHUNK", 5):
        commits_of = [row.commit for row in found.newest(task=IDS[1])]
    assert commits_of == [row.commit for row in whole.newest(task=IDS[1])]


def test_one_more_operation_costs_one_more_commit(world: World) -> None:
    tip = world.grow(None, 30)
    path = world.folder / "i" / "x.sqlite"
    list(table(path, world.store, tip).newest())
    tip = world.grow(tip, 1)
    read: list[str] = []
    with reading(world.store, read):
        assert len(list(table(path, world.store, tip).newest())) == 31
    assert len(read) == 2


@pytest.mark.usefixtures("_small")
def test_what_was_read_is_kept_when_the_process_is_killed(world: World) -> None:
    tip = world.grow(None, 30)
    path = world.folder / "i" / "x.sqlite"
    insert, put = line.insert, count()

    def third_time_killed(*args: Any) -> None:
        insert(*args)
        if next(put) == 2:
            raise Killed

    with patch.object(line, "insert", third_time_killed), pytest.raises(Killed):
        table(path, world.store, tip, world.repository).revisions(["zzzzzzzzzz"])
    again = table(path, world.store, tip, world.repository)
    assert again._read(line.count) == 2 + 5
    agree(again, world.store, tip)


@pytest.mark.usefixtures("_small")
def test_a_commit_that_is_damaged_is_an_error_for_who_asks_that_far(
    world: World, repo: Path
) -> None:
    tip = world.grow(None, 20)
    lost = world.tips[8]
    (repo / ".git" / "objects" / lost[:2] / lost[2:]).unlink()
    store = Repository.open(repo, {}).store  # the other one remembers what it has written
    found = table(world.folder / "i" / "x.sqlite", store, tip, world.repository)
    rows = found.newest()
    assert [row.commit for row in islice(rows, 10)] == world.tips[:9:-1]
    with pytest.raises(Damaged):
        list(rows)
    assert found.revisions([IDS[3]]).keys() == {IDS[3]}
    assert found.changed_since(world.tips[15]) == frozenset(IDS)
    with pytest.raises(Damaged):
        found.revisions(["zzzzzzzzzz"])


@pytest.mark.usefixtures("_small")
def test_a_reader_goes_on_when_another_process_takes_the_table_to_another_line(
    world: World,
) -> None:
    root = world.grow(None, 6)
    one, other = world.grow(root, 9), world.grow(root, 11)
    path = world.folder / "i" / "x.sqlite"
    mine = table(path, world.store, one, world.repository)
    theirs = table(path, world.store, other, world.repository)
    rows = mine.newest()
    found = list(islice(rows, 4))
    assert len(list(theirs.newest())) == 17
    assert theirs.changed_since(one) is None
    found += rows
    assert [row.commit for row in found] == [commit.id for commit in world.store.history(one)]


@pytest.mark.usefixtures("_small")
def test_two_processes_may_read_on_at_the_same_time(world: World) -> None:
    tip = world.grow(None, 30)
    path = world.folder / "i" / "x.sqlite"
    mine, theirs = (table(path, world.store, tip, world.repository) for _ in range(2))
    list(mine.newest(limit=1))
    file = path.stat().st_ino
    read, faster = commits.read, [lambda: theirs.revisions(["zzzzzzzzzz"])]

    def overtaken(*args: Any) -> Any:
        if faster:
            faster.pop()()
        return read(*args)

    with patch.object(commits, "read", overtaken):
        agree(mine, world.store, tip)
    assert faster == []
    assert (path.stat().st_ino, mine._database.in_memory) == (file, False)  # it was not spoilt


def test_an_earlier_tip_is_answered_from_a_table_that_has_later_ones(world: World) -> None:
    earlier = world.grow(None, 5)
    later = world.grow(earlier, 5)
    path = world.folder / "i" / "x.sqlite"
    list(table(path, world.store, later).newest())
    agree(table(path, world.store, earlier), world.store, earlier)
    assert table(path, world.store, later)._read(line.count) == 10


def test_how_far_it_is_is_told_while_a_long_history_is_read(world: World) -> None:
    tip = world.grow(None, 30)
    progress: list[tuple[int, int]] = []
    found = table(world.folder / "i" / "x.sqlite", world.store, tip)
    with patch.object(commits, "MANY", 2), patch.object(filling, "CHUNK", 8):
        found.follow(
            tip,
            lambda: world.store,
            lambda: world.repository.git,
            lambda done, of: progress.append((done, of)),
        )
        list(found.newest())
    assert progress == [(10, 30), (18, 30), (26, 30)]


def test_importing_it_costs_next_to_nothing() -> None:
    code = "import sys, gitledger.index.operations; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-S", "-c", code], capture_output=True, check=True)
    heavy = {"re", "dataclasses", "typing", "pathlib", "subprocess", "json", "pygit2"}
    assert heavy & set(done.stdout.decode().split()) == set()


def test_who_makes_a_commit_takes_it_down_where_the_one_below_is_there(world: World) -> None:
    tip = world.grow(None, 9)
    path = world.folder / "i" / "x.sqlite"
    before = table(path, world.store, tip, world.repository)
    before.take_down()
    assert before._read(line.count) == 0  # nobody has asked for anything yet
    list(before.newest())

    for number in (1, 2):
        newer = world.grow(tip, number)
        found = table(path, world.store, newer, world.repository)
        found.take_down()
        found.take_down()
        assert found._has(newer) is (number == 1)
        agree(found, world.store, newer)
        tip = newer
