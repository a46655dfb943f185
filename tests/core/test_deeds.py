"""What a commit does to a task: every part by the rules, each by itself."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitledger.core.deeds import Deed, carry_out
from gitledger.core.task import STATUSES, Task
from gitledger.errors import NoSuchTask
from tests.core.fakes import NOON, FakeTasks, task_id

ONE, TWO = "1" * 40, "2" * 40


def deed(**values: Any) -> Deed:
    made = Deed(task_id(1))
    for name, value in values.items():
        setattr(made, name, value)
    return made


def tasks(**values: Any) -> FakeTasks:
    return FakeTasks(Task(id=task_id(1), title="Schema", **values))


def done(found: FakeTasks, todo: Deed, by: str = "ana") -> tuple[str, str] | None:
    """Carry a deed out, apply it, and return the words and the reason."""
    draft = found.draft(by)
    told = carry_out(draft, todo)
    found.apply(draft)
    return (told.did, told.why) if told else None


def test_the_last_of_what_was_done_is_told() -> None:
    found = tasks()
    assert done(found, deed(links={ONE}, starts=True, percent=60)) == ("60%", "")
    after = found[task_id(1)]
    assert (after.status, after.progress, after.commits) == ("in_progress", 60, (ONE,))


def test_what_was_replaced_is_not_linked_any_more() -> None:
    found = tasks(commits=(ONE,))
    assert done(found, deed(links={TWO}, unlinks={ONE})) == ("linked", "")
    assert found[task_id(1)].commits == (TWO,)


def test_a_part_that_cannot_be_leaves_what_went_before() -> None:
    found = tasks(owner="bob", status="in_progress", claimed_at=NOON, started_at=NOON)
    did, why = done(found, deed(links={ONE}, completes=True)) or ("", "")
    assert did == "linked, not completed"
    assert "belongs to bob" in why
    assert (found[task_id(1)].status, found[task_id(1)].commits) == ("in_progress", (ONE,))


def test_with_force_it_is_done_for_its_owner() -> None:
    found = tasks(owner="bob", status="in_progress", claimed_at=NOON, started_at=NOON)
    assert done(found, deed(completes=True, force=True)) == ("completed", "")
    assert found[task_id(1)].owner == "bob"


def test_a_task_in_review_that_is_reverted_goes_on() -> None:
    found = tasks(owner="ana", status="in_review", claimed_at=NOON, started_at=NOON, commits=(ONE,))
    assert done(found, deed(links={TWO}, reopens=True, reverts={ONE})) == ("reopened", "")
    assert found[task_id(1)].status == "in_progress"


def test_a_branch_is_only_learnt_once_and_only_for_ones_own() -> None:
    found = tasks(owner="ana", status="in_progress", claimed_at=NOON)
    assert done(found, deed(branch="feature")) == ("changed", "")
    assert done(found, deed(branch="other")) is None
    assert found[task_id(1)].branch == "feature"
    assert done(tasks(owner="bob"), deed(branch="feature")) is None


def test_a_task_that_is_gone_is_an_error() -> None:
    with pytest.raises(NoSuchTask):
        carry_out(FakeTasks().draft(), deed(links={ONE}))


@given(
    status=st.sampled_from(STATUSES),
    owner=st.sampled_from([None, "ana", "bob"]),
    links=st.sets(st.sampled_from([ONE, TWO])),
    unlinks=st.sets(st.sampled_from([ONE, TWO])),
    starts=st.booleans(),
    percent=st.sampled_from([None, 0, 60]),
    completes=st.booleans(),
    force=st.booleans(),
)
def test_links_are_always_set_and_a_second_time_changes_nothing(
    status: str, owner: str | None, links: set[str], unlinks: set[str], **asked: Any
) -> None:
    found = tasks(status=status, owner=owner, commits=(ONE,))
    todo = deed(links=links, unlinks=unlinks, **asked)
    done(found, todo)
    once = found[task_id(1)]
    assert set(once.commits) == ({ONE} - (unlinks - links)) | links
    draft = found.draft()
    assert carry_out(draft, todo) is None
    assert draft.changed == {}
