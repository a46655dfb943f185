"""Who holds a task after a merge, and what has become of its status."""

from __future__ import annotations

from typing import Any

import pytest

from gitledger.core.conflict import Conflict
from gitledger.core.dataclass import replace
from gitledger.core.merge import LostClaim, Merged
from tests.core.merging import BASE, ID, NOON, OTHER, finished, later, merge, merge_values, note

# -- claims ------------------------------------------------------------------------------------


def claimed(by: str, hours: int = 0, status: str = "pending") -> dict[str, Any]:
    return {"owner": by, "claimed_at": later(hours), "status": status}


def started(by: str, hours: int = 0) -> dict[str, Any]:
    branch = f"{by}/login"
    return {**claimed(by, hours, "in_progress"), "started_at": later(hours), "branch": branch}


def test_the_claim_that_was_published_first_wins_and_the_other_is_lost() -> None:
    published = replace(BASE, **claimed("ben", 1))
    merged = merge(BASE, published, replace(BASE, **claimed("ana", 0)))
    assert merged.task is not None
    assert replace(merged.task, notes=()) == published
    assert merged.conflicts == (Conflict(ID, "owner", "ben", "ana"),)
    assert merged.lost_claim == LostClaim(ID, session="ana", owner="ben", at=later(1))


def test_a_claim_and_the_work_under_it_stand_where_published_changed_other_things() -> None:
    task, conflicts = merge_values({}, {"title": "Fix login"}, started("ana"), by="ana")
    assert task == replace(BASE, **started("ana"), title="Fix login")
    assert conflicts == []


def test_work_under_a_lost_claim_follows_the_published_side() -> None:
    published = replace(BASE, **claimed("ben"))
    merged = merge(BASE, published, replace(BASE, **started("ana")))
    assert merged.task is not None
    assert replace(merged.task, notes=()) == published
    assert [conflict.field for conflict in merged.conflicts] == ["owner"]


def test_a_finish_stays_though_the_claim_is_lost() -> None:
    done = {**claimed("ana", 0, "completed"), "completed_at": later(3)}
    task, conflicts = merge_values({}, started("ben"), done)
    assert (task.status, task.completed_at) == ("completed", later(3))
    assert (task.owner, task.branch) == ("ben", "ben/login")
    assert conflicts == [("status", "completed", "in_progress"), ("owner", "ben", "ana")]


def test_notes_and_progress_made_under_a_lost_claim_stay() -> None:
    work = {**started("ana"), "notes": (note(OTHER),), "progress": 40}
    task, _ = merge_values({}, claimed("ben"), work)
    assert (task.notes[0], task.progress) == (note(OTHER), 40)


def test_work_after_a_claim_was_lost_is_set_aside_as_conflicts() -> None:
    task, conflicts = merge_values(claimed("ana"), claimed("ben"), started("ana"), by="ana")
    assert (task.status, task.owner, task.started_at, task.branch) == ("pending", "ben", None, None)
    assert conflicts == [("status", "pending", "in_progress"), ("branch", None, "ana/login")]


@pytest.mark.parametrize("status", ["in_progress", "waiting"])
def test_of_work_after_a_claim_was_lost_only_what_differs_is_a_conflict(status: str) -> None:
    taken_over = {**started("ben"), "status": "waiting"}
    work = {**started("ana"), "status": status, "progress": 40}
    task, conflicts = merge_values(started("ana"), taken_over, work, by="ana")
    assert task == replace(BASE, **taken_over, progress=40)
    assert conflicts == []


def test_a_reopening_by_an_owner_who_is_not_any_more_is_set_aside() -> None:
    taken_over = {**claimed("ben"), **finished()}
    task, conflicts = merge_values(
        {**claimed("ana"), **finished()}, taken_over, claimed("ana"), by="ana"
    )
    assert replace(task, notes=()) == replace(BASE, **taken_over)
    assert conflicts == [("status", "completed", "pending")]


def test_a_finish_after_the_task_was_taken_over_stays() -> None:
    done = {**started("ana"), "status": "completed", "completed_at": later(3)}
    task, conflicts = merge_values(started("ana"), {**started("ana"), "owner": "ben"}, done)
    assert (task.status, task.completed_at, task.owner) == ("completed", later(3), "ben")
    assert conflicts == []


def test_what_others_do_to_a_task_that_changed_hands_stays() -> None:
    asked = {**started("ana"), "status": "waiting"}
    taken_over = {**started("ana"), "owner": "ben"}
    task, conflicts = merge_values(started("ana"), taken_over, asked, by="cleo")
    assert (task.status, task.owner) == ("waiting", "ben")
    assert conflicts == []


def test_a_take_over_of_a_claim_that_published_left_alone_stands() -> None:
    taken_over = {**claimed("ben"), **claimed("ana", 5)}
    merged = merge(
        replace(BASE, **claimed("ben")),
        replace(BASE, **claimed("ben"), title="Fix login"),
        replace(BASE, **taken_over),
    )
    assert merged == Merged(replace(BASE, **taken_over, title="Fix login"))


def test_a_take_over_of_a_claim_that_was_renewed_is_lost() -> None:
    merged = merge(
        replace(BASE, **claimed("ben", 0)),
        replace(BASE, **claimed("ben", 4)),
        replace(BASE, **claimed("ana", 3)),
    )
    assert merged.task is not None
    assert (merged.task.owner, merged.task.claimed_at) == ("ben", later(4))
    assert merged.lost_claim == LostClaim(ID, session="ana", owner="ben", at=later(4))


def test_a_claim_of_what_published_only_released_stands() -> None:
    merged = merge(replace(BASE, **claimed("ben")), BASE, replace(BASE, **claimed("ana", 5)))
    assert merged.task is not None
    assert (merged.task.owner, merged.task.claimed_at) == ("ana", later(5))
    assert merged.conflicts == (Conflict(ID, "owner", "ana", None),)
    assert merged.lost_claim is None


def test_a_release_of_what_published_passed_on_is_a_conflict_and_no_lost_claim() -> None:
    merged = merge(replace(BASE, **claimed("ana")), replace(BASE, **claimed("ben")), BASE)
    assert merged.task is not None
    assert merged.task.owner == "ben"
    assert merged.conflicts == (Conflict(ID, "owner", "ben", None),)
    assert merged.lost_claim is None


def test_of_two_claims_by_one_session_the_published_time_stays_silently() -> None:
    published = replace(BASE, **claimed("ana", 1))
    assert merge(BASE, published, replace(BASE, **claimed("ana", 0))) == Merged(published)


# -- status ------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", ["completed", "cancelled"])
def test_a_finished_status_beats_an_unfinished_one_on_either_side(status: str) -> None:
    done, waiting = finished(status), {"status": "waiting"}
    for published, mine in ((done, waiting), (waiting, done)):
        task, conflicts = merge_values({}, published, mine)
        assert (task.status, task.completed_at) == (status, NOON)
        assert conflicts == [("status", status, "waiting")]


def test_of_two_finished_statuses_the_published_one_wins_with_its_time() -> None:
    task, conflicts = merge_values({}, finished("cancelled", 2), finished("completed", 1))
    assert (task.status, task.completed_at) == ("cancelled", later(2))
    assert conflicts == [("status", "cancelled", "completed")]


def test_of_two_unfinished_statuses_the_published_one_wins() -> None:
    task, conflicts = merge_values({}, {"status": "in_review"}, {"status": "waiting"})
    assert task.status == "in_review"
    assert conflicts == [("status", "in_review", "waiting")]


def test_a_task_finished_on_both_sides_keeps_the_published_time_silently() -> None:
    task, conflicts = merge_values({}, finished(hours=2), finished(hours=1))
    assert (task.status, task.completed_at) == ("completed", later(2))
    assert conflicts == []


def test_a_reopening_alone_reopens() -> None:
    task, conflicts = merge_values(finished(), {**finished(), "priority": "P0"}, {})
    assert (task.status, task.completed_at) == ("pending", None)
    assert conflicts == []


@pytest.mark.parametrize("again", [finished("cancelled", 5), finished("completed", 5)])
def test_between_a_reopening_and_another_finish_published_wins(again: dict[str, Any]) -> None:
    task, conflicts = merge_values(finished(), {}, again)
    assert (task.status, task.completed_at) == ("pending", None)
    assert conflicts == [("status", "pending", again["status"])]

    task, conflicts = merge_values(finished(), again, {})
    assert (task.status, task.completed_at) == (again["status"], later(5))
    assert conflicts == [("status", again["status"], "pending")]


def test_a_release_gives_way_to_an_owner_who_went_to_work() -> None:
    task, conflicts = merge_values(claimed("ben"), started("ben"), {}, by="ana")
    assert (task.status, task.owner, task.claimed_at) == ("in_progress", "ben", NOON)
    assert conflicts == [("owner", "ben", None)]


def test_what_was_released_is_pending_though_another_put_it_in_progress() -> None:
    waiting, answered = claimed("ben", status="waiting"), claimed("ben", status="in_progress")
    task, conflicts = merge_values(waiting, {"status": "waiting"}, answered, by="ana")
    assert (task.status, task.owner) == ("pending", None)
    assert conflicts == [("status", "pending", "in_progress")]


def test_a_task_in_progress_without_owner_in_all_versions_is_left_as_it_is() -> None:
    odd = {"status": "in_progress"}
    task, conflicts = merge_values(odd, {**odd, "priority": "P0"}, {**odd, "role": "tester"})
    assert (task.status, task.owner) == ("in_progress", None)
    assert conflicts == []
