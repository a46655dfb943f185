"""A snapshot: the tasks of one commit, whole or one by one, and what is no task."""

from __future__ import annotations

import gc
import weakref
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitledger.core import ids
from gitledger.errors import AmbiguousId, NewerFormat, NoSuchTask
from gitledger.ledger import Ledger
from gitledger.snapshot import Snapshot
from gitledger.store.base import Signature, Store
from gitledger.tree import path_task, task_path
from tests.conftest import RunGit
from tests.ledgers import commit_by_hand, ledger_at, numbered
from tests.strategies import task_ids

ADA = Signature("Ada", "ada@example.com", 1_700_000_000)


def commit(store: Store, files: dict[str, bytes | None], parent: str | None = None) -> str:
    return store.write(parent, files, "test\n", ADA, ADA)


def title(text: str) -> bytes:
    return f'title = "{text}"\n'.encode()


@pytest.fixture
def store(repo: Path) -> Store:
    return ledger_at(repo).repository.store


# -- where files stand -------------------------------------------------------------------------


@given(task_ids)
def test_a_path_names_its_task(task_id: str) -> None:
    assert path_task(task_path(task_id)) == task_id


@pytest.mark.parametrize(
    "path",
    [
        "tasks/7/f/7f3k2m9q0d",
        "tasks/7/7f3k2m9q0d.toml",
        "tasks/8/f/7f3k2m9q0d.toml",
        "tasks/7/f/7F3K2M9Q0D.toml",
        "tasks/7/f/7f3k2m9q0.toml",
        "other/7/f/7f3k2m9q0d.toml",
        "tasks/7/f/7f3k2m9q0d.toml/x",
        "tasks/7/f/7f3k2m9q0d.toml\n",
        "",
    ],
)
def test_no_other_path_does(path: str) -> None:
    assert path_task(path) is None


def test_a_hundred_thousand_tasks_leave_every_tree_small() -> None:
    folders: dict[str, set[str]] = {}
    for number in range(100_000):
        parts = task_path(ids.derived_id("task", str(number))).split("/")
        for depth in range(1, len(parts)):
            folders.setdefault("/".join(parts[:depth]), set()).add(parts[depth])
    assert max(map(len, folders.values())) < 200


# -- the format --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "is_ledgers"),
    [
        ({"format.toml": b"version = 1\n"}, True),
        ({task_path("7f3k000000"): b"title = 'One'\n"}, True),
        ({"README.md": b"A project.\n"}, False),
        ({"format.toml/x": b"", "tasks": b"a file\n"}, False),
        ({}, False),
    ],
)
def test_a_commit_of_a_ledger_has_the_formats_file_or_tasks(
    store: Store, files: dict[str, bytes | None], is_ledgers: bool
) -> None:
    assert Snapshot(store, commit(store, files)).is_ledgers() is is_ledgers


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (b"version = 2\n", "this ledger has format 2; this gitledger writes format 1"),
        (b"\xff\xfe", "format.toml cannot be read: perhaps a newer gitledger wrote it"),
        (b"", "format.toml cannot be read: perhaps a newer gitledger wrote it"),
    ],
)
def test_what_another_gitledger_has_written_is_not_written_to(
    store: Store, text: bytes, message: str
) -> None:
    with pytest.raises(NewerFormat) as refused:
        Snapshot(store, commit(store, {"format.toml": text})).require_writable()
    assert refused.value.message == message


# -- names -------------------------------------------------------------------------------------


@pytest.fixture(params=["one by one", "loaded as a whole"])
def three(request: pytest.FixtureRequest, store: Store) -> Snapshot:
    """A snapshot of three tasks, two of which begin alike."""
    files = {task_path(name): title(name) for name in ("7f3k000000", "7f3kzzzzzz", "8hqm000000")}
    snapshot = Snapshot(store, commit(store, dict(files)))
    if request.param == "loaded as a whole":
        snapshot.all()
    return snapshot


def test_a_unique_prefix_of_three_characters_names_a_task(three: Snapshot) -> None:
    assert three.resolve("8hq") == "8hqm000000"
    assert three.resolve("8HQM") == "8hqm000000"
    assert three.resolve("7f3kz") == "7f3kzzzzzz"
    assert three.resolve("7f3k000000") == "7f3k000000"


def test_a_prefix_of_several_names_them_all(three: Snapshot) -> None:
    with pytest.raises(AmbiguousId) as error:
        three.resolve("7f3")
    assert error.value.matches == ("7f3k000000", "7f3kzzzzzz")
    assert error.value.hint == "say more of the id: 7f3k0, 7f3kz"
    assert error.value.exit_code == 3


@pytest.mark.parametrize("word", ["", "8", "8h"])
def test_less_than_three_characters_are_too_short(three: Snapshot, word: str) -> None:
    with pytest.raises(AmbiguousId, match="too short"):
        three.resolve(word)


@pytest.mark.parametrize("word", ["8hz", "8hqm000000x", "8h/", "ulo", "8hqm00000\n", "a/../b"])
def test_what_names_no_task_is_not_found(three: Snapshot, word: str) -> None:
    with pytest.raises(NoSuchTask):
        three.resolve(word)
    assert three.find(word) is None


def test_a_short_name_has_four_characters_or_as_many_as_it_takes(three: Snapshot) -> None:
    assert three.short("8hqm000000") == "8hqm"
    assert three.short("7f3k000000") == "7f3k0"
    assert three.short("7f3kzzzzzz") == "7f3kz"
    assert three.short("not an id") == "not an id"


# -- from one commit to the next ---------------------------------------------------------------

_CONTENTS = st.sampled_from(
    [None, title("One"), title("Two"), b"title = ", b"# bare", b'title = "x"\nreview = "maybe"\n']
)
_PATHS = st.sampled_from(
    [*map(task_path, ("7f3k000000", "7f3kzzzzzz", "8hqm000000")), "tasks/stray", "format.toml"]
)


@given(st.lists(st.dictionaries(_PATHS, _CONTENTS, max_size=3), min_size=1, max_size=5))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_reading_only_the_differences_comes_to_the_same(
    store: Store, steps: list[dict[str, bytes | None]]
) -> None:
    at, before = None, None
    for files in steps:
        at = commit(store, files, at)
        step, fresh = Snapshot(store, at, before), Snapshot(store, at)
        assert step.all() == fresh.all()
        assert step.quarantined() == fresh.quarantined()
        assert step.version() == fresh.version()
        before = step


def test_a_merge_of_the_ref_by_hand_is_read_right(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo, random_bytes=numbered())
    ledger.add("First")
    other = commit_by_hand(git, repo, '100644 title = "Theirs"\ttasks/0/0/00000000zz.toml')
    git(repo, "update-ref", "refs/gitledger/main", f"{other}~1")
    ledger.add("Second")
    assert [task.title for task in ledger.tasks()] == ["First", "Second"]
    mine = ledger.tip() or ""
    tree = git(repo, "merge-tree", "--write-tree", mine, other)
    merge = git(repo, "commit-tree", tree, "-p", mine, "-p", other, "-m", "merge by hand")
    git(repo, "update-ref", "refs/gitledger/main", merge)

    assert [task.title for task in ledger.tasks()] == ["First", "Second", "Theirs"]


def test_one_by_one_and_as_a_whole_tasks_are_the_same(repo: Path) -> None:
    ledger = ledger_at(repo)
    made = [ledger.add(f"Task {number}") for number in range(20)]
    snapshot = Ledger.open(repo).snapshot()

    assert [snapshot.find(task.id) for task in made] == made
    assert snapshot.all() == tuple(sorted(made, key=lambda task: task.id))
    assert [snapshot.find(task.id) for task in made] == made


def test_the_newest_snapshot_does_not_keep_the_earlier_ones_alive(repo: Path) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Write the docs")
    first = weakref.ref(ledger.snapshot())
    for number in range(3):
        ledger.note(task.id, str(number))
    gc.collect()

    assert first() is None


def test_the_task_of_a_source_is_found(repo: Path) -> None:
    ledger = ledger_at(repo)
    source = {"system": "jira", "key": "A-1"}
    task = ledger.add("Imported", source=source)
    ledger.add("Our own")

    assert ledger.snapshot().find_source(tuple(sorted(source.items()))) == task
    assert ledger.snapshot().find_source((("system", "jira"),)) is None


# -- what is no task ---------------------------------------------------------------------------


def test_a_place_is_occupied_by_what_is_no_task(store: Store) -> None:
    good, bad, below, free = "7f3k000000", "7f3kzzzzzz", "8hqm000000", "9000000000"
    snapshot = Snapshot(
        store,
        commit(
            store,
            {
                task_path(good): title("One"),
                task_path(bad): b"title = ",
                f"{task_path(below)}/file": b"in a folder of the task's name",
            },
        ),
    )
    assert [snapshot.occupied(name) for name in (good, bad, below, free)] == [
        False,
        True,
        True,
        False,
    ]


def test_an_entry_is_good_again_once_it_is_mended(store: Store) -> None:
    path = task_path("7f3k000000")
    broken = commit(store, {path: b"title = "})
    before = Snapshot(store, broken)
    assert [bad.path for bad in before.quarantined()] == [path]
    assert before.quarantined()[0].reason.startswith("not valid TOML")

    mended = Snapshot(store, commit(store, {path: title("One")}, broken), before)
    assert mended.quarantined() == ()
    assert [task.title for task in mended.all()] == ["One"]


# -- folders without end -----------------------------------------------------------------------


def bomb(store: Store, git: RunGit, repo: Path, place: str, *, levels: int, width: int) -> str:
    """Return a commit with one task, and at the place folders that repeat each other."""
    one = commit(store, {task_path("zz00000000"): title("One")})
    blob = git(repo, "rev-parse", "HEAD:hello.txt")
    tree = git(repo, "mktree", stdin=f"100644 blob {blob}\tx\n")
    for _ in range(levels):
        lines = "".join(f"040000 tree {tree}\t{at:04}\n" for at in range(width))
        tree = git(repo, "mktree", stdin=lines)
    top = git(repo, "rev-parse", f"{one}^{{tree}}")
    top = _put(git, repo, top, place.split("/"), tree)
    return git(repo, "commit-tree", "-m", "bomb", top)


def _put(git: RunGit, repo: Path, tree: str, names: list[str], folder: str) -> str:
    """Return a tree with a folder put in, which an index could not hold."""
    items = git(repo, "ls-tree", tree).splitlines()
    rest = [item for item in items if item.partition("\t")[2] != names[0]]
    if names[1:]:
        inside = next((item.split()[2] for item in items if item not in rest), None)
        empty = git(repo, "mktree", stdin="")
        folder = _put(git, repo, inside or empty, names[1:], folder)
    lines = [*rest, f"040000 tree {folder}\t{names[0]}"]
    return git(repo, "mktree", stdin="".join(f"{line}\n" for line in lines))


@pytest.mark.parametrize("place", ["tasks/7/f/deep", "tasks/7/f/7f3k000000.toml"])
def test_what_is_deeper_than_any_task_is_one_entry(
    store: Store, repo: Path, git: RunGit, place: str
) -> None:
    at = bomb(store, git, repo, place, levels=10, width=10)
    snapshot = Snapshot(store, at)

    assert [task.id for task in snapshot.all()] == ["zz00000000"]
    assert [(bad.path, bad.reason) for bad in snapshot.quarantined()] == [
        (f"{place}/", "a folder where none belongs")
    ]
    assert snapshot.resolve("zz0") == "zz00000000"
    assert snapshot.occupied("7f3k000000") == place.endswith(".toml")


@pytest.mark.parametrize("place", ["tasks/7/f", "tasks/7", "tasks/odd", "messages/7", "sessions"])
def test_folders_that_repeat_each_other_leave_the_other_tasks_usable(
    store: Store, repo: Path, git: RunGit, place: str
) -> None:
    snapshot = Snapshot(store, bomb(store, git, repo, place, levels=10, width=500))

    assert [task.id for task in snapshot.all()] == ["zz00000000"]
    assert 0 < len(snapshot.quarantined()) < 20_000


def test_folders_come_and_go_in_the_differences_too(store: Store, repo: Path, git: RunGit) -> None:
    first = commit(store, {task_path("zz00000000"): title("One")})
    hurt = bomb(store, git, repo, "tasks/7", levels=10, width=500)
    mended = commit(store, {task_path("7f3k000000"): title("Two")}, first)
    before = Snapshot(store, first)
    before.all()
    for at in (hurt, mended, hurt, first):
        step, fresh = Snapshot(store, at, before), Snapshot(store, at)
        assert step.all() == fresh.all()
        assert step.quarantined() == fresh.quarantined()
        before = step


def test_what_is_found_to_be_no_session_is_not_forgotten_when_the_tasks_are_read(
    store: Store,
) -> None:
    first = commit(store, {task_path("zz00000000"): title("One"), "sessions/a.toml": b"= 1\n"})
    before = Snapshot(store, first)
    assert len(before.quarantined()) == 1
    second = commit(
        store,
        {"sessions/b.toml": b"= 2\n", "messages/7/f/odd": b"", "sessions/a.toml": None},
        first,
    )
    step, fresh = Snapshot(store, second, before), Snapshot(store, second)

    step.sessions()
    step.messages()
    step.all()
    assert [bad.path for bad in step.quarantined()] == ["messages/7/f/odd", "sessions/b.toml"]
    assert step.quarantined() == fresh.quarantined()
