"""Watching a list: every operation is told once, in order, whatever becomes of the ref."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from gitledger import lists
from gitledger.core.query import QueryContext, parse_query
from gitledger.errors import InvalidInput, NotFound
from gitledger.ledger import Ledger
from gitledger.told import Told
from gitledger.updates import Update
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import (
    MAIN,
    NEW_YEAR,
    Team,
    ledger_at,
    numbered,
    place,
    session_fixtures,
    team_fixture,
)

team = team_fixture()
ada, grace = session_fixtures()


def done(update: Update) -> str:
    """Return what was done to which task: `add Schema`."""
    titles = " ".join(task.title for task in update.tasks)
    return f"{update.operation.name} {titles}".strip()


def take(updates: Iterator[Update], count: int) -> list[str]:
    return [done(next(updates)) for _ in range(count)]


def rest(updates: Iterator[Update]) -> list[str]:
    """Return what there is to be told; such a watch has a time-out of 0."""
    return [done(update) for update in updates]


def test_what_others_do_is_told_from_the_call_on(ada: Ledger, grace: Ledger) -> None:
    ada.add("Before")
    updates = ada.watch()
    task = grace.add("Schema")
    grace.start(task.id)
    assert take(updates, 2) == ["add Schema", "start Schema"]
    ada.add("Page")
    update = next(updates)
    assert (update.commit, update.operation.session) == (ada.tip(), "ada")
    assert (update.tasks[0].old, update.ready) == (None, (update.tasks[0].id,))


def test_it_tells_what_became_ready_though_it_is_taken_by_now(ada: Ledger, grace: Ledger) -> None:
    schema = ada.add("Schema")
    api = ada.add("API", blocked_by=[schema.id])
    page = ada.add("Page", blocked_by=[schema.id, api.id])
    other = ada.add("Other", blocked_by=[schema.id])
    updates = ada.watch()
    grace.start(schema.id)
    grace.done(schema.id)
    grace.edit(api.id, blocked_by=[])
    grace.claim(other.id)
    grace.start(api.id)
    grace.done(api.id)
    told = [next(updates) for _ in range(6)]
    assert [update.unblocked for update in told] == [
        *((), (api.id, other.id), (), (), ()),
        (page.id,),
    ]


def test_what_changed_is_told_field_by_field(ada: Ledger) -> None:
    task = ada.add("Schema")
    updates = ada.watch()
    ada.edit(task.id, priority="P1")
    (change, *_) = next(updates).tasks[0].changes
    assert (change.field, change.old, change.new) == ("priority", "P2", "P1")


def test_a_time_out_ends_it(ada: Ledger) -> None:
    assert rest(ada.watch(timeout=0)) == []


def test_who_is_asked_to_stop_stops(ada: Ledger) -> None:
    stop = threading.Event()
    updates = ada.watch(stop=stop.is_set)
    ada.add("Schema")
    assert take(updates, 1) == ["add Schema"]
    stop.set()
    assert rest(updates) == []


@pytest.mark.parametrize("since", ["now~2", "commit", "time"])
def test_it_begins_with_what_came_since_and_misses_nothing(
    ada: Ledger, grace: Ledger, since: str
) -> None:
    ada.add("Before")
    commit = ada.tip() or ""
    ada.add("Schema")
    ada.add("Page")
    time = NEW_YEAR + timedelta(seconds=1)
    where = time if since == "time" else commit if since == "commit" else since
    updates = ada.watch(since=where)
    grace.add("Later")
    assert take(updates, 3) == ["add Schema", "add Page", "add Later"]


def test_since_a_time_before_the_list_it_tells_all(ada: Ledger) -> None:
    ada.add("Schema")
    assert rest(ada.watch(since="2020-01-01", timeout=0)) == ["add Schema"]


@pytest.mark.parametrize(("word", "kind"), [("never", InvalidInput), ("abcd", NotFound)])
def test_a_beginning_that_is_none_is_refused(ada: Ledger, word: str, kind: type[Exception]) -> None:
    with pytest.raises(kind, match=word):
        ada.watch(since=word)


def test_a_query_means_a_task_before_after_and_unblocked(ada: Ledger) -> None:
    context = QueryContext(me="ada", now=NEW_YEAR, resolve=lambda name: ada.task(name).id)
    query = parse_query(["label:api"], context)
    schema = ada.add("Schema")
    api = ada.add("API", labels=["api"], blocked_by=[schema.id])
    updates = ada.watch(query, timeout=0)
    ada.add("Other")
    ada.edit(api.id, priority="P1")
    ada.start(schema.id)
    ada.done(schema.id)
    ada.edit(api.id, remove_labels=["api"])
    ada.edit(api.id, priority="P2")
    assert rest(updates) == ["edit API", "done Schema", "edit API"]


def test_operations_that_change_no_task_are_told_without_a_query(ada: Ledger) -> None:
    updates = ada.watch()
    ada.tell("all", "Hello")
    update = next(updates)
    assert (update.operation.name, update.tasks) == ("tell", ())


def test_a_handoff_is_told_with_whom_it_is_for(ada: Ledger) -> None:
    task = ada.add("Schema", claim=True)
    updates = ada.watch()
    ada.handoff(task.id, to="role:tester", text="Yours")
    assert next(updates).entry.to == "role:tester"


# -- what becomes of the ref ---------------------------------------------------------------------


def test_it_goes_on_through_gc_and_packed_refs(ada: Ledger, grace: Ledger, git: RunGit) -> None:
    updates = ada.watch()
    for number, words in enumerate((["pack-refs", "--all"], ["gc", "--quiet"])):
        grace.add(f"Before {number}")
        git(place(ada), *words)
        grace.add(f"After {number}")
        assert take(updates, 2) == [f"add Before {number}", f"add After {number}"]


def test_what_a_sync_writes_anew_is_told_once(team: Team) -> None:
    team.ada.add("Published")
    team.ada.sync()
    updates = team.grace.watch()
    team.grace.start(team.task.id)
    with team.grace.transaction("twice") as both:
        both.note(team.other.id, "Hello")
    assert take(updates, 2) == ["start Schema", "twice Page"]
    before = team.grace.tip()
    team.grace.note(team.other.id, "Unseen as yet")
    team.grace.sync()
    assert team.git(place(team.grace), "merge-base", MAIN, before or "") != before
    team.grace.note(team.other.id, "After")
    assert take(updates, 3) == ["add Published", "note Page", "note Page"]
    assert rest(team.grace.watch(since=team.grace.tip(), timeout=0)) == []


def test_who_goes_on_from_an_operation_that_a_sync_wrote_anew_is_told_what_is_new(
    team: Team,
) -> None:
    team.ada.add("Published")
    team.ada.sync()
    team.grace.start(team.task.id)
    last = team.grace.tip()
    team.grace.sync()
    assert rest(team.grace.watch(since=last, timeout=0)) == ["add Published"]


def test_a_task_that_gets_another_id_in_a_sync_is_not_told_again(
    make_repo: MakeRepo, bare: Path, git: RunGit
) -> None:
    from tests.ledgers import clone

    ada = clone(make_repo, bare, "ada", random_bytes=numbered())
    grace = clone(make_repo, bare, "grace", random_bytes=numbered())
    ada.add("Schema")
    ada.sync()
    updates = grace.watch()
    grace.add("Page")
    assert take(updates, 1) == ["add Page"]
    assert grace.sync().renamed
    grace.add("Last")
    assert take(updates, 2) == ["add Schema", "add Last"]


def test_a_ref_that_goes_back_and_on_again_tells_nothing_twice(ada: Ledger) -> None:
    before = ada.tip() or ""
    told = Told(ada.repository.store, before)
    ada.add("Schema")
    after = ada.tip() or ""
    assert [commit.id for commit in told.go_on(after)] == [after]
    assert told.go_on(before) == []
    assert told.go_on(after) == []
    told.go_on(before)
    ada.add("Page")
    assert [commit.id for commit in told.go_on(ada.tip() or "")] == [ada.tip()]


@pytest.mark.parametrize("became", ["archived", "deleted"])
def test_a_list_that_goes_away_is_waited_for(ada: Ledger, git: RunGit, became: str) -> None:
    told: list[str] = []
    updates = ada.watch(told=told.append, timeout=60)
    ada.add("Schema")
    assert take(updates, 1) == ["add Schema"]
    tip = ada.tip() or ""
    away = ada.archive_list if became == "archived" else ada.delete_list

    def come_back(line: str) -> None:
        told.append(line)
        if "waiting" in line:
            git(place(ada), "update-ref", lists.ref("main"), tip)
            ledger_at(place(ada), "grace", random_bytes=numbered(50)).add("Back")

    updates.close()  # type: ignore[attr-defined]  # it is a generator
    updates = ada.watch(told=come_back, timeout=60)
    away("main")
    assert take(updates, 1) == ["add Back"]
    assert told == [
        f"the list 'main' was {became}; waiting for it to come back",
        "the list 'main' is back",
    ]


def test_a_list_that_is_deleted_is_not_called_archived_after_an_older_one(ada: Ledger) -> None:
    told: list[str] = []
    ada.archive_list("main")
    ledger = ledger_at(place(ada), random_bytes=numbered(20))
    updates = ledger.watch(told=told.append, timeout=0)
    ledger.delete_list("main")
    assert rest(updates) == []
    assert told == ["the list 'main' was deleted; waiting for it to come back"]


def test_a_list_that_is_made_anew_is_told_from_its_first_operation(ada: Ledger) -> None:
    told: list[str] = []

    def make_anew(line: str) -> None:
        told.append(line)
        if "waiting" in line:
            ledger_at(place(ada), "grace", random_bytes=numbered(50)).add("New")

    ada.add("Old")
    updates = ada.watch(told=make_anew, timeout=60)
    ada.delete_list("main")
    assert take(updates, 1) == ["add New"]


# -- signs of life, threads ----------------------------------------------------------------------


def test_who_watches_is_alive(ada: Ledger) -> None:
    ledger = ada.as_session("linus")
    with closing(ledger.watch(timeout=60)) as updates:  # type: ignore[type-var]  # it is a generator
        ada.add("Schema")
        next(updates)
        later = NEW_YEAR + timedelta(days=1)
        assert ada.heartbeats.last("linus", later) == later


def test_an_event_loop_is_told_the_same_without_a_thread(ada: Ledger, grace: Ledger) -> None:
    async def play() -> list[str]:
        updates, told = ada.watch_async(), []
        threads = threading.active_count()
        first = asyncio.ensure_future(anext(updates))
        await asyncio.sleep(0)
        grace.add("Schema")
        told.append(done(await first))
        grace.add("Page")
        told.append(done(await anext(updates)))
        assert threading.active_count() == threads
        return told

    assert asyncio.run(play()) == ["add Schema", "add Page"]


def test_a_task_of_an_event_loop_is_cancelled_while_it_watches(ada: Ledger) -> None:
    async def play() -> bool:
        async def watch() -> None:
            async for _ in ada.watch_async():
                pass

        task = asyncio.create_task(watch())
        await asyncio.sleep(0)
        task.cancel()
        done, _ = await asyncio.wait([task])
        return done.pop().cancelled()

    assert asyncio.run(play())


def test_a_watch_of_an_event_loop_ends_in_time(ada: Ledger) -> None:
    async def play() -> list[str]:
        return [done(update) async for update in ada.watch_async(since="now~1", timeout=0)]

    ada.add("Schema")
    assert asyncio.run(play()) == ["add Schema"]


# -- syncing in the background -------------------------------------------------------------------


def test_it_syncs_and_tells_what_came_and_which_claims_are_lost(team: Team) -> None:
    team.ada.claim(team.task.id)
    team.ada.sync()
    team.grace.claim(team.task.id)
    told: list[str] = []
    lost = threading.Event()

    def tell(line: str) -> None:
        told.append(line)
        lost.set()

    came: list[str] = []
    # Which of the two comes first is up to the thread that syncs.
    both = lambda: bool(came) and lost.is_set()  # noqa: E731  # read where it is used
    for update in team.grace.watch(sync=3600, stop=both, told=tell, timeout=60):
        came.append(done(update))
    assert came[:1] == ["claim Schema"]
    short = team.grace.short(team.task.id)
    assert told[0] == f"claim lost: {short} Schema: ada has it, not grace"


def test_a_failure_is_told_once_and_it_goes_on(team: Team) -> None:
    told: list[str] = []
    away = team.bare.rename(team.bare.with_name("away.git"))

    def tell(line: str) -> None:
        told.append(line)
        if "failed" in line:
            away.rename(team.bare)

    stop = lambda: len(told) == 2  # noqa: E731  # read where it is used
    assert rest(team.grace.watch(sync=0.01, stop=stop, told=tell, timeout=60)) == []
    assert told[0].startswith("the sync failed, and goes on trying: ")
    assert told[1] == "the sync with 'origin' works again"


def test_without_a_remote_there_is_nothing_to_sync_with(ada: Ledger) -> None:
    with pytest.raises(NotFound, match="no remote"):
        ada.watch(sync=30)
