"""Looking back: a list as it was, who set what, and what differs between two moments."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitledger.blame import Blamed
from gitledger.core.view import TaskView
from gitledger.errors import InvalidInput, LedgerError, NoSuchList, NoSuchTask, NotFound
from gitledger.index.operations import Operations
from gitledger.ledger import Ledger
from gitledger.past import Past
from gitledger.tree import task_path
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import NEW_YEAR, clone, commit_by_hand, ledger_at, numbered, place, ticking

ONE, TWO, THREE = "0000000001", "0000000002", "0000000003"


@pytest.fixture
def ledger(repo: Path) -> Ledger:
    """A ledger with a clock of a minute an operation, from New Year on."""
    minutes = count()
    return ledger_at(
        repo,
        clock=lambda: NEW_YEAR + timedelta(minutes=next(minutes)),
        random_bytes=numbered(),
    )


def titles(views: list[TaskView]) -> list[str]:
    return [view.task.title for view in views]


# -- at ----------------------------------------------------------------------------------------


def state(ledger: Any) -> tuple[Any, ...]:
    """Return all that a list says of its tasks: first of each by itself, then of all."""
    ids = [task.id for task in ledger.tasks()]
    put_away = [task.id for task in ledger.snapshot().archived()]
    alone = [ledger.view(task_id) for task_id in (*ids, *put_away)]
    subs = [ledger.children(task_id) for task_id in (*ids, *put_away)]
    history = [[entry.commit for entry in ledger.log(task_id)] for task_id in (*ids, *put_away)]
    if isinstance(ledger, Past):
        assert ledger._index.commit is None, "no index is made to look at single tasks"
    together = ledger.views(revisions=True)
    assert alone[: len(ids)] == together
    return ledger.tasks(), alone, subs, history, together, ledger.search(sort="-updated")


deeds = st.lists(
    st.tuples(
        st.sampled_from(("add", "wait", "start", "done", "reopen", "note", "parent", "archive")),
        st.integers(0, 5),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=12,
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(deeds, st.sampled_from((0, 500)))
def test_a_list_at_each_moment_is_what_it_was_then(
    make_repo: MakeRepo, tmp_path: Path, history: list[tuple[str, int, int]], in_trees: int
) -> None:
    ledger = ledger_at(make_repo(f"repo{len(list(tmp_path.iterdir()))}"))
    snapshots: dict[str, tuple[Any, ...]] = {}
    for deed in [("add", 0, 0), *history]:
        play(ledger, *deed)
        commit = ledger.tip()
        assert commit is not None
        snapshots[commit] = state(ledger)

    commits = list(snapshots)
    for back, commit in enumerate(reversed(commits)):
        past = ledger.at(f"now~{back}")
        assert past.tip() == commit
        with patch("gitledger.past._IN_TREES", in_trees):
            assert state(past) == snapshots[commit]
    # The list itself has not gone back.
    assert state(ledger) == snapshots[commits[-1]]


def play(ledger: Ledger, deed: str, first: int, second: int) -> None:
    tasks = ledger.tasks()
    if deed == "add" or not tasks:
        ledger.add(f"Task {len(tasks)}")
        return
    one, other = tasks[first % len(tasks)].id, tasks[second % len(tasks)].id
    verbs: dict[str, Callable[[], object]] = {
        "wait": lambda: ledger.edit(one, add_blocked_by=[other]),
        "start": lambda: ledger.start(one),
        "done": lambda: ledger.done(one),
        "reopen": lambda: ledger.reopen(one),
        "note": lambda: ledger.note(one, "Text"),
        "parent": lambda: ledger.edit(one, parent=other),
        "archive": ledger.archive,
    }
    with suppress(LedgerError):  # what the rules refuse changes nothing
        verbs[deed]()


def test_a_time_is_the_last_operation_that_came_by_then(ledger: Ledger) -> None:
    ledger.add("One")
    first = ledger.tip()
    at = next(ledger.log()).at
    ledger.add("Two")

    assert ledger.at(at.isoformat()).tip() == first
    assert titles(ledger.at(at.isoformat()).views()) == ["One"]
    assert titles(ledger.at("now").views()) == ["One", "Two"]


def test_the_history_decides_what_was_last_not_the_clock(repo: Path) -> None:
    times = [NEW_YEAR + timedelta(hours=hour) for hour in (5, 1, 9)]
    now = [times[0]]
    ledger = ledger_at(repo, clock=lambda: now[0], random_bytes=numbered())
    commits = []
    for time in times:
        now[0] = time
        ledger.add("Task")
        commits.append(ledger.tip())

    # By five o'clock both were there, as the one of one o'clock came after it.
    assert ledger.at("2026-01-01 05:00").tip() == commits[1]
    assert ledger.at("2026-01-01 04:00").tip() == commits[1]
    assert ledger.at("2026-01-01 09:00").tip() == commits[2]


def test_a_moment_is_named_by_operations_too(ledger: Ledger) -> None:
    ledger.add("One")
    ledger.add("Two")
    ledger.start(ONE)
    ledger.note(TWO, "Hello")
    note, start, two, one, root = (entry.commit for entry in ledger.log())

    named = {
        "now~0": note,
        "NOW~": start,
        "now~4": root,
        f"{ONE}~0": start,
        f"{ONE}~": two,
        "0000000001~2": root,
        f"{two[:8]}": two,
        f"{two}": two,
        f"{two[:9].upper()}~1": one,
        "NOW": note,
        "list:main": note,
    }
    assert {word: ledger.moment(word).commit for word in named} == named


@pytest.mark.parametrize(
    ("word", "error"),
    [
        ("now~9", NotFound),
        (f"{ONE}~3", NotFound),
        ("zzzz~1", NoSuchTask),
        ("zzzz", InvalidInput),
        ("now~x", InvalidInput),
        ("~1", InvalidInput),
        ("now~1~2", InvalidInput),
        ("tomorrow", InvalidInput),
        ("2025-12-31", NotFound),
        ("0123abcd", NotFound),
        ("0" * 40, NotFound),
        ("list:other", NoSuchList),
        ("list:../x", InvalidInput),
        ("", InvalidInput),
        ("none", InvalidInput),
    ],
)
def test_what_names_no_moment_is_an_error_with_a_way_out(
    ledger: Ledger, word: str, error: type[LedgerError]
) -> None:
    ledger.add("One")
    with pytest.raises(error) as raised:
        ledger.at(word)
    assert type(raised.value) is error
    assert raised.value.hint or word == "list:../x"


def test_a_commit_of_the_project_is_no_moment(ledger: Ledger, repo: Path, git: RunGit) -> None:
    with pytest.raises(NotFound, match="no commit of a ledger"):
        ledger.at(git(repo, "rev-parse", "HEAD"))


def test_a_task_that_was_not_there_yet_is_an_error(ledger: Ledger) -> None:
    ledger.add("One")
    ledger.add("Two")
    with pytest.raises(NoSuchTask, match=f"no task '{TWO}' as of 'now~1'"):
        ledger.at("now~1").view(TWO)


def test_what_named_a_task_then_is_known_although_it_does_not_now(ledger: Ledger) -> None:
    ledger.add("One")
    ledger.add("Two", blocked_by=[ONE])
    ledger.add("Three", parent=ONE)
    before = state(ledger)
    ledger.edit(TWO, remove_blocked_by=[ONE])
    ledger.edit(THREE, parent=None)

    past = ledger.at("now~2")
    assert past.view(ONE).blocks == (TWO,)
    assert past.children(ONE) == [THREE]
    assert (ledger.view(ONE).blocks, ledger.children(ONE)) == ((), [])
    assert state(ledger.at("now~2")) == before


def test_a_look_at_a_task_a_little_back_reads_no_history_below(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger.add("One")
    ledger.add("Two", blocked_by=[ONE])
    ledger.edit(TWO, remove_blocked_by=[ONE])
    read: list[object] = []
    monkeypatch.setattr(Operations, "reach_the_root", lambda _: False)  # as of a long history
    monkeypatch.setattr(Operations, "_read_all", read.append)
    assert ledger.at("now~1").view(ONE).blocks == (TWO,)
    assert ledger.at("now").view(ONE).blocks == ()
    assert read == []


def test_a_task_that_waited_for_what_was_not_there_was_blocked(
    ledger: Ledger, repo: Path, git: RunGit
) -> None:
    text = f'title = "One"\nblocked_by = ["{TWO}"]\n'
    commit_by_hand(git, repo, f"100644 {text}\t{task_path(ONE)}")
    before = state(ledger)
    assert ledger.view(ONE).blockers == (TWO,)
    ledger.note(ONE, "Hello")
    assert state(ledger.at("now~1")) == before


def test_looking_back_leaves_the_index_where_it_is(ledger: Ledger) -> None:
    for number in range(3):
        ledger.add(f"Task {number}")
    ledger.views()
    ledger.at("now~2").views()
    assert list(ledger.at("now~1").log(ONE))
    index = Ledger.open(place(ledger))._index
    ledger.repository.store  # noqa: B018  # the same repository
    assert ledger._index.commit == ledger.tip()
    index.follow(ledger.tip() or "", _never)


def _never() -> Any:
    raise AssertionError("the index had gone elsewhere")


def test_the_past_of_another_list_and_of_a_remote_can_be_read(
    make_repo: MakeRepo, bare: Path
) -> None:
    ada = clone(make_repo, bare, "ada", random_bytes=numbered())
    ada.add("Shared")
    ada.sync()
    ada.add("Here alone")
    other = ledger_at(place(ada), list="other", random_bytes=numbered(9))
    other.add("Elsewhere")

    assert titles(ada.at("origin").views()) == ["Shared"]
    assert titles(ada.at("list:other").views()) == ["Elsewhere"]
    assert [each.title for each in ada.diff("origin")] == ["Here alone"]
    assert sorted(each.what for each in ada.diff("now", "list:other")) == [
        "created",
        "removed",
        "removed",
    ]
    with pytest.raises(NotFound, match="it is not known what 'origin' has of the list 'other'"):
        other.at("origin")


def test_a_claim_was_confirmed_once_the_remote_has_that_commit(
    make_repo: MakeRepo, bare: Path
) -> None:
    ada = clone(make_repo, bare, "ada", random_bytes=numbered())
    ada.add("One")
    ada.start(ONE)
    assert claim_at(ada, "now") == "tentative"
    ada.sync()
    ada.start(ada.add("Two").id)
    ada.done(ONE)

    assert claim_at(ada, f"{ONE}~1") == "tentative"
    assert claim_at(ada, f"{ONE}~2") is None
    assert claim_at(ada, "origin") == "confirmed"
    ada.sync()
    assert claim_at(ada, f"{ONE}~1") == "confirmed"


def claim_at(ledger: Ledger, when: str) -> str | None:
    past = ledger.at(when)
    claim = past.view(ONE).claim
    assert claim == past.views()[0].claim
    return claim.state if claim else None


# -- log ---------------------------------------------------------------------------------------


def test_operations_are_found_by_who_what_and_when(repo: Path) -> None:
    ledger = ledger_at(repo, random_bytes=numbered())
    ledger.add("One")
    grace = ledger_at(repo, "grace", clock=ticking(NEW_YEAR + timedelta(hours=1)))
    grace.start(ONE)
    grace.done(ONE)

    def names(**given: Any) -> list[str]:
        return [entry.operation.name for entry in ledger.log(**given)]

    assert names(session="grace") == ["done", "start"]
    assert names(operation="start") == ["start"]
    assert names(since=NEW_YEAR + timedelta(minutes=30)) == ["done", "start"]
    assert names(until=NEW_YEAR + timedelta(minutes=30), session="ada") == ["add"]
    assert names(limit=1) == ["done"]


def test_a_program_is_found_with_all_its_sessions(repo: Path) -> None:
    for agent in ("claude", "claude-code", "claude-code 1f2e", "claude-code 3d4c"):
        ledger_at(repo, agent=agent, random_bytes=numbered(len(agent) * 9)).add(agent)
    ledger = ledger_at(repo)

    def titles(agent: str) -> list[str]:
        return [entry.operation.title for entry in ledger.log(agent=agent)]

    assert titles("claude-code") == ["claude-code 3d4c", "claude-code 1f2e", "claude-code"]
    assert titles("claude-code 1f2e") == ["claude-code 1f2e"]
    assert titles("claude") == ["claude"]
    assert titles("claud") == []


def test_the_history_of_a_task_that_is_gone_is_there(
    ledger: Ledger, repo: Path, git: RunGit
) -> None:
    ledger.add("One")
    ledger.note(ONE, "Hello")
    commit_by_hand(git, repo, f"0 \t{task_path(ONE)}", message="remove it")

    assert [entry.subject for entry in ledger.log(ONE[:9])] == [
        "remove it",
        f"note {ONE}: One",
        f"add {ONE}: One",
    ]
    assert ledger.at(f"{ONE}~1").task(ONE).title == "One"
    assert [each.what for each in ledger.diff("now~1")] == ["removed"]


def test_the_history_follows_a_task_to_the_new_id_that_a_sync_gave_it(
    make_repo: MakeRepo, bare: Path
) -> None:
    ada = clone(make_repo, bare, "ada", random_bytes=numbered())
    grace = clone(make_repo, bare, "grace", random_bytes=numbered())
    ada.add("Hers")
    grace.add("Mine")
    grace.note(ONE, "Hello")
    ada.sync()
    grace.sync()

    (task_id,) = (task.id for task in grace.tasks() if task.title == "Mine")
    assert task_id != ONE
    assert [entry.operation.name for entry in grace.log(task_id)] == ["note", "add"]
    assert {each.row.session for each in grace.blame(task_id)} == {"grace"}


def test_an_operation_tells_what_it_did_to_each_task(ledger: Ledger) -> None:
    ledger.add("One")
    ledger.add("Two")
    with ledger.transaction("both") as transaction:
        transaction.start(ONE)
        transaction.edit(TWO, priority="P0")

    one, two = ledger.patch(next(ledger.log()))
    assert (one.id, one.what) == (ONE, "changed")
    assert [change.field for change in two.changes] == ["priority", "updated_at"]


# -- diff --------------------------------------------------------------------------------------


def test_tasks_differ_in_the_words_of_tasks(ledger: Ledger) -> None:
    for title in ("Done", "Given up", "Reopened", "Changed", "Same"):
        ledger.add(title)
    done, given_up, reopened, changed, same = (task.id for task in ledger.tasks())
    ledger.done(reopened)
    before = ledger.tip() or ""
    ledger.done(done)
    ledger.cancel(given_up)
    ledger.reopen(reopened)
    ledger.edit(changed, priority="P1")
    ledger.note(same, "Hello")
    ledger.add("New")

    assert [(each.what, each.title) for each in ledger.diff(before)] == [
        ("created", "New"),
        ("completed", "Done"),
        ("cancelled", "Given up"),
        ("reopened", "Reopened"),
        ("changed", "Changed"),
        ("changed", "Same"),
    ]
    assert [each.what for each in ledger.diff("now", before)][-1] == "removed"


def test_a_task_that_was_put_away_is_archived(ledger: Ledger) -> None:
    ledger.add("One")
    ledger.done(ONE)
    ledger.archive()
    assert [each.what for each in ledger.diff("now~1")] == ["archived"]
    assert [each.what for each in ledger.diff("now~2")] == ["completed"]
    assert [each.what for each in ledger.diff("now", "now~1")] == ["unarchived"]
    assert [entry.operation.name for entry in ledger.log(ONE)] == ["archive", "done", "add"]


def test_a_task_that_stood_in_both_places_and_then_in_the_archive_was_archived(
    ledger: Ledger, repo: Path, git: RunGit
) -> None:
    ledger.add("One")
    ledger.done(ONE)
    text = git(repo, "show", f"refs/gitledger/main:{task_path(ONE)}")
    ledger.archive()
    commit_by_hand(git, repo, f"100644 {text}\n\t{task_path(ONE)}")
    commit_by_hand(git, repo, f"0 \t{task_path(ONE)}")
    assert [each.what for each in ledger.diff("now~1")] == ["archived"]
    assert [each.what for each in ledger.diff("now", "now~1")] == ["unarchived"]


def test_a_file_that_is_no_task_any_more_is_gone(ledger: Ledger, repo: Path, git: RunGit) -> None:
    ledger.add("One")
    commit_by_hand(git, repo, f"100644 title = \t{task_path(ONE)}")
    assert [each.what for each in ledger.diff("now~1")] == ["removed"]
    assert [each.what for each in ledger.diff("now", "now~1")] == ["created"]


# -- blame -------------------------------------------------------------------------------------


def said(found: list[Blamed]) -> list[tuple[str, Any, str]]:
    return [(each.field, each.value, each.row.name) for each in found]


def test_each_field_label_and_line_has_who_set_it(ledger: Ledger) -> None:
    ledger.add("One", description="one\ntwo\nthree\n", labels=["api", "ui"])
    ledger.add("Two")
    ledger.edit(ONE, priority="P1", description="one\n2\nthree\nfour\n", add_labels=["web"])
    ledger.claim(ONE)
    ledger.release(ONE)
    ledger.note(ONE, "Hello")

    (note,) = ledger.task(ONE).notes
    assert said(ledger.blame(ONE)) == [
        ("title", "One", "add"),
        ("status", "pending", "add"),
        ("priority", "P1", "edit"),
        ("type", "task", "add"),
        ("description", "one", "add"),
        ("description", "2", "edit"),
        ("description", "three", "add"),
        ("description", "four", "edit"),
        ("labels", "api", "add"),
        ("labels", "ui", "add"),
        ("labels", "web", "edit"),
        ("owner", None, "release"),
        ("notes", note, "note"),
    ]
    assert [each.line for each in ledger.blame(ONE) if each.field == "description"] == [1, 2, 3, 4]


def test_what_was_taken_away_has_who_took_it(ledger: Ledger) -> None:
    ledger.add("One", description="one\n", labels=["api"])
    ledger.edit(ONE, description=None, remove_labels=["api"])
    found = said(ledger.blame(ONE))
    assert ("description", None, "edit") in found
    assert ("labels", None, "edit") in found


def test_a_version_that_was_no_task_is_passed_over(ledger: Ledger, repo: Path, git: RunGit) -> None:
    ledger.add("One")
    text = git(repo, "show", f"refs/gitledger/main:{task_path(ONE)}")
    commit_by_hand(git, repo, f"100644 title = \t{task_path(ONE)}")
    commit_by_hand(git, repo, f"100644 {text}\n\t{task_path(ONE)}", message="mended")
    assert {each.row.name for each in ledger.blame(ONE)} == {"add"}


def test_a_task_that_came_back_is_of_who_brought_it_back(
    ledger: Ledger, repo: Path, git: RunGit
) -> None:
    ledger.add("One")
    text = git(repo, "show", f"refs/gitledger/main:{task_path(ONE)}")
    commit_by_hand(git, repo, f"0 \t{task_path(ONE)}")
    commit_by_hand(git, repo, f"100644 {text}\n\t{task_path(ONE)}", message="back")
    assert {each.row.name for each in ledger.blame(ONE)} == {"back"}


def test_a_moment_tells_its_operation_and_the_time_that_was_asked_for(ledger: Ledger) -> None:
    ledger.add("One")
    later = Ledger.open(place(ledger), clock=lambda: NEW_YEAR + timedelta(days=2))
    moment = later.moment("yesterday")
    assert moment.time == datetime(2026, 1, 2, tzinfo=UTC)
    assert moment.entry.subject == f"add {ONE}: One"
