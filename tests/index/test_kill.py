"""The index when a process is killed while it writes: the old one or the new one is there."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitledger.store.base import Store
from gitledger.tree import task_path
from tests.index.worlds import POOL, Counted, Files, changes, commit, file_index, index_of, tables
from tests.ledgers import ledger_at

TASKS: Files = {
    task_path(POOL[0]): b'title = "One"\n',
    task_path(POOL[1]): f'title = "Two"\nblocked_by = ["{POOL[0]}"]\n'.encode(),
}
KILLED = """
import os, signal, sys
from pathlib import Path
from gitledger.index import building, chains, making, open_index
from gitledger.repository import Repository

place, commit, moment = sys.argv[1:]
store = Repository.open(Path(place), os.environ).store

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

module, name = {
    "rows": (making, "made"),
    "chains": (chains, "follow"),
    "counts": (chains, "count_all"),
    "end": (building, "_end"),
}[moment]
setattr(module, name, die)
open_index(f"{place}/.git", "main").follow(commit, lambda: store)
"""


def killed(repo: Path, commit: str, moment: str) -> None:
    """Follow a commit in a process that is killed in the middle of it."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(repo), commit, moment], check=False)
    assert done.returncode == -signal.SIGKILL


@pytest.fixture
def store(repo: Path) -> Store:
    return ledger_at(repo).repository.store


@pytest.mark.parametrize("moment", ["rows", "counts", "end"])
def test_a_process_killed_while_it_makes_the_index_leaves_none(
    repo: Path, store: Store, moment: str
) -> None:
    tip = commit(store, None, TASKS)
    killed(repo, tip, moment)
    index = file_index(repo / ".git")
    index.follow(tip, lambda: store)
    assert tables(index) == tables(index_of(store, tip))


@given(st.lists(st.tuples(changes(), st.sampled_from(["rows", "chains", "end"])), max_size=4))
@settings(
    max_examples=3, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_a_process_killed_while_it_follows_leaves_the_index_as_it_was(
    repo: Path, store: Store, steps: list[tuple[Files, str]]
) -> None:
    tip = commit(store, None, TASKS)
    followed(repo, store, tip)
    for files, moment in steps:
        newer = commit(store, tip, files)
        killed(repo, newer, moment)
        untouched = Counted(store)
        index = file_index(repo / ".git")
        index.follow(tip, untouched)
        assert untouched.asked == 0
        assert tables(index) == tables(index_of(store, tip))
        index.close()
        tip = newer
        followed(repo, store, tip)


def followed(repo: Path, store: Store, tip: str) -> None:
    """Follow a commit in this process, in the file."""
    index = file_index(repo / ".git")
    index.follow(tip, lambda: store)
    assert tables(index) == tables(index_of(store, tip))
    assert not index._database.in_memory
    index.close()
