"""The archive: put away and found, brought back, and merged; a task is in one place, always."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from gitledger.core.task import Task
from gitledger.errors import AmbiguousId, InvalidTask, NoSuchTask
from gitledger.index.commits import changed
from gitledger.ledger import Ledger
from gitledger.reader import Reader
from gitledger.snapshot import Snapshot
from gitledger.tree import archive_path, task_path
from tests.conftest import RunGit
from tests.ledgers import (
    MAIN,
    Team,
    commit_by_hand,
    ledger_at,
    numbered,
    place,
    subjects,
    team_fixture,
)

team = team_fixture()

FIRST, SECOND, THIRD = "0000000001", "0000000002", "0000000003"


@pytest.fixture
def ledger(repo: Path) -> Ledger:
    """Three tasks: the first is completed, the second waits for it, the third is cancelled."""
    ledger = ledger_at(repo, random_bytes=numbered())
    ledger.add("One")
    ledger.add("Two", blocked_by=[FIRST])
    ledger.add("Three")
    ledger.done(FIRST)
    ledger.cancel(THIRD)
    return ledger


def paths(git: RunGit, ledger: Ledger) -> list[str]:
    """Return the files of tasks."""
    printed = git(place(ledger), "ls-tree", "-r", "--name-only", MAIN, "tasks", "archive")
    return printed.splitlines()


def ids(tasks: tuple[Task, ...]) -> list[str]:
    return [task.id for task in tasks]


def test_finished_tasks_move_in_one_operation_and_their_files_stay_the_same(
    ledger: Ledger, git: RunGit
) -> None:
    repo = place(ledger)
    before = git(repo, "rev-parse", f"{MAIN}:{task_path(FIRST)}")
    assert ids(ledger.archive()) == [FIRST, THIRD]
    assert paths(git, ledger) == [archive_path(FIRST), archive_path(THIRD), task_path(SECOND)]
    assert git(repo, "rev-parse", f"{MAIN}:{archive_path(FIRST)}") == before
    assert subjects(git, ledger)[0] == "archive 2 tasks"
    tip = ledger.tip()
    assert (ledger.archive(), ledger.tip()) == ((), tip)


def test_only_what_was_finished_before_a_moment_moves(ledger: Ledger) -> None:
    completed = ledger.task(FIRST).completed_at
    assert completed is not None
    assert ledger.archive(completed) == ()
    assert ids(ledger.archive(completed + timedelta(seconds=1))) == [FIRST]


def test_archived_tasks_are_found_by_name_alone(ledger: Ledger) -> None:
    whole = ledger.task(FIRST)
    ledger.archive()
    assert ids(ledger.tasks()) == [SECOND]
    assert [view.id for view in ledger.views()] == [SECOND]
    assert ledger.task("0000000001") == whole
    assert ledger.task_id("0000000003") == THIRD
    view = ledger.view(FIRST)
    assert (view.archived, view.task, view.blocks) == (True, whole, (SECOND,))
    assert view.revision == ledger.tip()
    assert [entry.operation.name for entry in ledger.log(FIRST)] == ["archive", "done", "add"]
    with pytest.raises(AmbiguousId):
        ledger.task("000")
    assert ledger.short(FIRST) == FIRST


def test_archived_tasks_are_listed_the_last_changed_first(ledger: Ledger) -> None:
    ledger.archive()
    found, total = ledger.archived()
    assert ([view.id for view in found], total) == ([THIRD, FIRST], 2)
    found, total = ledger.archived(sort="title", limit=1)
    assert ([view.id for view in found], total) == ([FIRST], 2)


def test_what_waits_for_an_archived_task_can_be_done(ledger: Ledger) -> None:
    ledger.archive()
    assert [view.id for view in ledger.ready()] == [SECOND]
    assert ledger.next().id == SECOND
    assert ledger.graph().ready(SECOND)
    assert Reader.open(place(ledger)).explain_next()[0].id == SECOND
    assert ledger.claim(SECOND).owner == "ada"


def test_another_task_can_be_made_to_wait_for_an_archived_one(ledger: Ledger) -> None:
    ledger.archive()
    task = ledger.add("Four", blocked_by=[FIRST], parent=THIRD)
    assert ledger.view(task.id).ready


@pytest.mark.parametrize(
    "change",
    [
        lambda ledger: ledger.reopen(FIRST),
        lambda ledger: ledger.note(FIRST, "after all"),
        lambda ledger: ledger.edit(FIRST, priority="P0"),
        lambda ledger: ledger.link(FIRST, "1" * 40),
    ],
    ids=["reopen", "note", "edit", "link"],
)
def test_any_change_brings_an_archived_task_back_in_the_same_operation(
    ledger: Ledger, git: RunGit, change: Callable[[Ledger], Task]
) -> None:
    ledger.archive()
    count = len(subjects(git, ledger))
    task = change(ledger)
    assert len(subjects(git, ledger)) == count + 1
    assert paths(git, ledger) == [archive_path(THIRD), task_path(FIRST), task_path(SECOND)]
    assert ledger.tasks()[0] == task
    assert not ledger.view(FIRST).archived


def test_what_changes_nothing_leaves_it_archived(ledger: Ledger, git: RunGit) -> None:
    ledger.archive()
    tip = ledger.tip()
    ledger.edit(FIRST, priority="P2")
    ledger.done(FIRST)
    assert ledger.tip() == tip


def test_finished_and_archived_in_one_operation(ledger: Ledger, git: RunGit) -> None:
    with ledger.transaction("clear") as transaction:
        transaction.done(SECOND)
        transaction.archive()
        transaction.note(THIRD, "not this one")
    assert paths(git, ledger) == [archive_path(FIRST), archive_path(SECOND), task_path(THIRD)]
    assert ledger.task(SECOND).status == "completed"


def test_the_id_of_an_archived_task_is_never_given_again(repo: Path) -> None:
    ledger = ledger_at(repo, random_bytes=numbered())
    ledger.add("One")
    ledger.done(FIRST)
    ledger.archive()
    again = ledger_at(repo, random_bytes=numbered())
    assert again.add("Two").id == SECOND


def test_where_an_archived_task_came_from_is_known(ledger: Ledger) -> None:
    source = {"system": "jira", "key": "1"}
    task = ledger.done(ledger.add("Imported", source=source).id)
    ledger.archive()
    assert ledger.snapshot().find_source(tuple(sorted(source.items()))) == task


def test_the_history_knows_the_file_that_a_task_has_in_either_place(ledger: Ledger) -> None:
    store = ledger.repository.store
    for verb in (ledger.archive, lambda: ledger.note(FIRST, "back")):
        verb()
        commit = store.commit(ledger.tip() or "")
        places = (store.entry(commit.id, path(FIRST)) for path in (task_path, archive_path))
        (entry,) = filter(None, places)
        assert changed(store, commit)[FIRST] == entry.oid


# -- made by hand ------------------------------------------------------------------------------


def test_of_a_task_in_both_places_the_archived_one_does_not_count(
    ledger: Ledger, git: RunGit
) -> None:
    ledger.archive()
    by_hand = 'title = "Here"'
    commit_by_hand(git, place(ledger), f"100644 {by_hand}\t{task_path(FIRST)}")
    assert (ledger.task(FIRST).title, ledger.view(FIRST).archived) == ("Here", False)
    assert [view.id for view in ledger.archived()[0]] == [THIRD]
    assert not ledger.view(SECOND).ready
    snapshot = Snapshot(ledger.repository.store, ledger.tip() or "")
    assert ids(tuple(snapshot.archived())) == [THIRD]
    ledger.done(FIRST)
    ledger.archive()
    assert paths(git, ledger) == [archive_path(FIRST), archive_path(THIRD), task_path(SECOND)]
    assert ledger.task(FIRST).title == "Here"


@pytest.mark.parametrize(
    ("content", "reason"),
    [("title = ", "not valid TOML"), ('title = "One"', "archived, though it is pending")],
)
def test_an_archived_file_that_is_none_is_left_out_and_counts_as_finished(
    ledger: Ledger, git: RunGit, content: str, reason: str
) -> None:
    ledger.archive()
    commit_by_hand(git, place(ledger), f"100644 {content}\t{archive_path(FIRST)}")
    with pytest.raises(NoSuchTask, match=reason):
        ledger.task(FIRST)
    with pytest.raises(NoSuchTask, match=reason):
        ledger.view("0000000001")
    assert [view.id for view in ledger.archived()[0]] == [THIRD]
    assert ledger.snapshot().occupied(FIRST)
    assert ledger.view(SECOND).ready
    assert ledger.claim(SECOND).owner == "ada"


def test_a_task_does_not_come_back_to_where_something_else_stands(
    ledger: Ledger, git: RunGit
) -> None:
    ledger.archive()
    commit_by_hand(git, place(ledger), f"100644 title = \t{task_path(FIRST)}")
    with pytest.raises(InvalidTask, match=r"is archived, and .* is no valid task"):
        ledger.reopen(FIRST)


# -- shared ------------------------------------------------------------------------------------

Deed = Callable[[Ledger], object]


@pytest.fixture
def shared(team: Team) -> Team:
    """A team whose first task is completed, which both sides know."""
    team.ada.done(team.task.id)
    team.meet()
    return team


def stands(team: Team, git: RunGit) -> list[str]:
    """Return the folders in which the team's task stands, which are the same everywhere."""
    found = set()
    for ledger in (team.ada, team.grace):
        there = [path for path in paths(git, ledger) if team.task.id in path]
        found.add(tuple(path.partition("/")[0] for path in there))
    (folders,) = found
    return list(folders)


def on_task(team: Team, deed: str) -> Deed:
    task = team.task.id
    return {
        "note": lambda ledger: ledger.note(task, "a word"),
        "edit": lambda ledger: ledger.edit(task, title="Other"),
        "reopen": lambda ledger: ledger.reopen(task, force=True),
        "archive": lambda ledger: ledger.archive(),
        "nothing": lambda ledger: None,
    }[deed]


@pytest.mark.parametrize("deed", ["note", "edit", "reopen"])
@pytest.mark.parametrize("archived_first", [True, False])
def test_archived_here_and_changed_there_it_is_back_with_the_change(
    shared: Team, git: RunGit, deed: str, archived_first: bool
) -> None:
    first, second = ("archive", deed) if archived_first else (deed, "archive")
    on_task(shared, first)(shared.ada)
    on_task(shared, second)(shared.grace)
    shared.meet()
    assert stands(shared, git) == ["tasks"]
    task = shared.now()
    assert {
        "note": [note.text for note in task.notes][-1:] == ["a word"],
        "edit": task.title == "Other",
        "reopen": task.status == "pending",
    }[deed]


@pytest.mark.parametrize("second", ["archive", "nothing"])
def test_archived_on_both_sides_or_one_it_is_archived_once(
    shared: Team, git: RunGit, second: str
) -> None:
    on_task(shared, "archive")(shared.ada)
    on_task(shared, second)(shared.grace)
    shared.meet()
    assert stands(shared, git) == ["archive"]
    operations = [subject.split()[0] for subject in subjects(git, shared.grace)]
    assert operations.count("archive") == 1


def test_finished_and_archived_here_and_noted_on_there(team: Team, git: RunGit) -> None:
    team.ada.done(team.task.id)
    team.ada.archive()
    team.grace.note(team.task.id, "late")
    team.meet()
    assert stands(team, git) == ["tasks"]
    assert (team.now().status, team.now().notes[-1].text) == ("completed", "late")


@pytest.mark.parametrize("first", ["reopen", "note"])
def test_both_bring_it_back(shared: Team, git: RunGit, first: str) -> None:
    shared.ada.archive()
    shared.meet()
    on_task(shared, first)(shared.ada)
    on_task(shared, "edit")(shared.grace)
    shared.meet()
    assert stands(shared, git) == ["tasks"]
    assert shared.now().title == "Other"


@pytest.mark.parametrize("archived_first", [True, False])
def test_archived_here_and_waited_for_there(
    shared: Team, git: RunGit, archived_first: bool
) -> None:
    sides = (shared.ada, shared.grace) if archived_first else (shared.grace, shared.ada)
    sides[0].archive()
    waiting = sides[1].add("Waits", blocked_by=[shared.task.id])
    shared.meet()
    assert stands(shared, git) == ["archive"]
    for ledger in sides:
        assert ledger.view(waiting.id).ready


def test_changed_then_archived_here_and_archived_there(shared: Team, git: RunGit) -> None:
    shared.ada.archive()
    shared.grace.note(shared.task.id, "a word")
    shared.grace.archive()
    shared.meet()
    assert stands(shared, git) == ["archive"]
    assert shared.grace.task(shared.task.id).notes[-1].text == "a word"


def test_many_archived_tasks_are_no_deletions(team: Team, git: RunGit) -> None:
    for number in range(8):
        team.ada.add(f"Task {number}")
    for task in team.ada.tasks():
        team.ada.cancel(task.id, force=True)
    team.meet()
    team.ada.archive()
    team.grace.add("Another")
    team.meet()
    assert [task.title for task in team.grace.tasks()] == ["Another"]
    assert len(team.grace.archived()[0]) >= 8


def test_a_task_that_is_archived_here_is_not_imported_again_there(team: Team) -> None:
    source = {"system": "jira", "key": "1"}
    made = team.ada.add("Imported", source=source)
    team.ada.done(made.id)
    team.ada.archive()
    team.grace.add("Imported", source=source)
    report = team.meet()
    assert list(report.renamed.values()) == [made.id]
    assert team.grace.task(made.id).title == "Imported"
