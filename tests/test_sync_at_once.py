"""Syncs at the same time, by processes of one repository and of several."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from multiprocessing import get_context
from multiprocessing.synchronize import Barrier
from pathlib import Path

from gitledger.ledger import Ledger
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import Team, place

_ROUNDS = 4


def test_syncs_of_worktrees_and_clones_at_once_lose_nothing_and_accuse_no_remote(
    make_repo: MakeRepo, bare: Path, git: RunGit
) -> None:
    team = Team(make_repo, bare, git)
    git(place(team.grace), "worktree", "add", "-q", "../linked")
    places = [place(team.ada), place(team.grace), place(team.grace).parent / "linked"]
    begin = get_context("fork").Barrier(len(places))

    said = at_once([partial(_work, at, team.task.id, begin) for at in places])

    assert said == []
    team.meet()
    notes = [note.text for note in team.now().notes]
    assert sorted(notes) == sorted(
        f"{at.name} {number}" for at in places for number in range(_ROUNDS)
    )


def _work(at: Path, task: str, begin: Barrier) -> None:
    ledger = Ledger.open(at, session=at.name)
    begin.wait(20)
    for number in range(_ROUNDS):
        ledger.note(task, f"{at.name} {number}")
        ledger.sync()


def at_once(acts: list[Callable[[], None]]) -> list[str]:
    """Do each in a process of its own, and return what went wrong."""
    context = get_context("fork")
    wrong = context.SimpleQueue()

    def run(act: Callable[[], None]) -> None:
        try:
            act()
        except BaseException as error:  # told, whatever it is
            wrong.put(f"{type(error).__name__}: {error}")

    processes = [context.Process(target=run, args=(act,)) for act in acts]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    told = []
    while not wrong.empty():
        told.append(wrong.get())
    return told
