"""The life of a session."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core import claims, handoff, lifecycle, messages, sessions
from gitledger.core.dataclass import replace
from gitledger.core.draft import Draft
from gitledger.core.session import Session
from gitledger.core.task import Task
from gitledger.errors import (
    AlreadyClaimed,
    HoldsTasks,
    InvalidInput,
    NoSuchSession,
    TaskFinished,
    TooManyClaims,
)
from tests.core.fakes import NOON, FakeTasks, later, task_id, texts_of

ONE, TWO, THREE = (task_id(number) for number in (1, 2, 3))
MONTH = timedelta(days=30)


def started(*names: str) -> FakeTasks:
    tasks = FakeTasks(*(Task(id=each, title=f"T{each[3]}") for each in (ONE, TWO, THREE)))
    for name in names:
        tasks.do(sessions.start, name)
    return tasks


def test_a_session_is_registered_with_what_it_says_of_itself() -> None:
    session = started().do(sessions.start, "api", role="builder", lease="2H", by_person="Ada")
    assert (session.role, session.lease, session.started_by) == ("builder", "2h", "Ada")
    assert session.started_at == NOON


def test_a_name_is_taken_until_its_session_has_ended() -> None:
    tasks = FakeTasks()
    first = tasks.do(sessions.start, "api", worktree="web", host="box")
    with pytest.raises(InvalidInput) as refused:
        tasks.do(sessions.start, "api")
    assert refused.value.message == (
        "the session 'api' was started in the worktree web on box and has not ended"
    )
    assert "git ledger session resume api" in str(refused.value.hint)
    tasks.do(sessions.end, "api")
    assert tasks.do(sessions.start, "api").id != first.id


def test_an_unknown_session_is_refused_with_the_nearest() -> None:
    tasks = started("frontend")
    for verb in (sessions.resume, sessions.end):
        with pytest.raises(NoSuchSession) as refused:
            tasks.do(verb, "fronted")
        assert refused.value.hint == "did you mean 'frontend'?"


def test_an_ended_session_resumes_in_another_place() -> None:
    tasks = started("api")
    tasks.do(sessions.end, "api")
    session = tasks.do(sessions.resume, "api", worktree="web2")
    assert (session.ended, session.worktree, session.started_at) == (False, "web2", NOON)


def test_a_fork_knows_its_origin_and_has_its_role() -> None:
    tasks = FakeTasks()
    tasks.do(sessions.start, "api", role="builder", lease="4h")
    fork = tasks.do(sessions.fork, "api", "api2", role=None, branch="b")
    assert (fork.origin, fork.role, fork.lease, fork.branch) == ("api", "builder", "4h", "b")


def test_renaming_carries_claims_handoffs_and_unread_messages() -> None:
    tasks = started("ana", "api")
    tasks.do(handoff.handoff, ONE, "api", "yours")
    told = tasks.do(messages.tell, "api", "hello")
    before = tasks.registered["api"]
    after = tasks.do_as("api", sessions.rename, "api", "web")
    assert after == replace(before, name="web")
    assert set(tasks.registered) == {"ana", "web"}
    assert (tasks[ONE].owner, tasks[ONE].notes[-1].to) == ("web", "web")
    assert tasks.told[told.id].to == "web"


def test_no_session_is_called_all_which_means_every_one() -> None:
    tasks = FakeTasks()
    tasks.do(sessions.start, "api")
    for verb, names in ((sessions.start, ["all"]), (sessions.rename, ["api", "all"])):
        with pytest.raises(InvalidInput, match="'all' means every session"):
            tasks.do(verb, *names)
    with pytest.raises(InvalidInput, match="'all' means every session"):
        tasks.do(sessions.fork, "api", "all")


def test_a_name_that_is_taken_or_holds_tasks_is_no_new_name() -> None:
    tasks = started("api", "web")
    tasks.do_as("zoe", lifecycle.claim, ONE)
    for new in ("web", "zoe"):
        with pytest.raises(InvalidInput):
            tasks.do(sessions.rename, "api", new)


_STEPS = st.lists(
    st.tuples(
        st.sampled_from(("claim", "start", "done", "to api", "to ana")),
        st.sampled_from(("ana", "api")),
        st.sampled_from((ONE, TWO, THREE)),
    ),
    max_size=8,
)


def _play(tasks: FakeTasks, steps: list[tuple[str, str, str]]) -> None:
    for verb, by, name in steps:
        try:
            if verb.startswith("to "):
                tasks.do_as(by, handoff.handoff, name, verb[3:], "x")
            else:
                tasks.do_as(by, getattr(lifecycle, verb), name)
        except (AlreadyClaimed, InvalidInput, TaskFinished):
            continue


@settings(max_examples=60, deadline=None)
@given(_STEPS)
def test_renaming_there_and_back_changes_no_task(steps: list[tuple[str, str, str]]) -> None:
    tasks = started("ana", "api")
    _play(tasks, steps)
    before = [replace(task, updated_by=None, updated_at=None) for task in tasks.all()]
    tasks.do(sessions.rename, "api", "web")
    tasks.do(sessions.rename, "web", "api")
    assert [replace(task, updated_by=None, updated_at=None) for task in tasks.all()] == before


# -- the end --------------------------------------------------------------------------------------


def holding() -> FakeTasks:
    tasks = started("api", "ana")
    tasks.do_as("api", lifecycle.start, ONE)
    return tasks


def test_a_session_that_holds_tasks_does_not_end_by_itself() -> None:
    tasks = holding()
    with pytest.raises(HoldsTasks) as refused:
        tasks.do(sessions.end, "api")
    assert (refused.value.held, refused.value.message) == (
        (ONE,),
        "the session 'api' holds 0001 'T1'",
    )


def test_what_an_ended_session_held_is_released_handed_off_or_kept() -> None:
    released = holding()
    assert released.do(sessions.end, "api", release=True).ended_at == NOON
    assert (released[ONE].owner, released[ONE].status) == (None, "pending")
    assert texts_of(released[ONE]) == ["released from api, which has ended"]
    handed = holding()
    handed.do_as("api", sessions.end, "api", to="ana", text="go on")
    assert (handed[ONE].owner, texts_of(handed[ONE], "handoff")) == ("ana", ["go on"])
    kept = holding()
    kept.do(sessions.end, "api", keep=True)
    assert (kept[ONE].owner, kept[ONE].status) == ("api", "in_progress")
    with pytest.raises(InvalidInput):
        holding().do(sessions.end, "api", keep=True, release=True)


# -- tidying --------------------------------------------------------------------------------------


def test_a_session_that_is_silent_for_too_long_goes_with_what_it_leaves() -> None:
    tasks = holding()
    tasks.do(messages.tell, "api", "hello")
    draft = tasks.draft("ana", later(31 * 24))
    silent = {"api": timedelta(days=31), "ana": timedelta(hours=3)}
    done = sessions.prune(draft, retention=MONTH, silent=silent)
    assert (done.sessions, [task.id for task in done.tasks], done.messages) == (("api",), [ONE], 1)
    tasks.apply(draft)
    assert set(tasks.registered) == {"ana"}
    assert texts_of(tasks[ONE]) == ["released from api, silent for 31d"]
    assert tasks.told == {}


def test_old_messages_stay_until_all_who_are_there_have_read_them() -> None:
    tasks = started("api", "web", "ana")
    told = tasks.do(messages.tell, "all", "hello")
    tasks.do_as("api", messages.read)

    def prune(draft: Draft) -> int:
        return sessions.prune(draft, retention=MONTH, silent={}).messages

    assert prune(tasks.draft("ana", later(31 * 24))) == 0
    tasks.do_as("web", messages.read)
    assert tasks.told[told.id].read == ("api", "web")
    assert prune(tasks.draft("ana", later(24))) == 0
    assert prune(tasks.draft("ana", later(31 * 24))) == 1


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.sampled_from(("ana", "api", "web")), st.integers(0, 60)),
    st.sets(st.sampled_from(("ana", "api", "web"))),
)
def test_pruning_frees_no_task_of_a_session_that_is_alive(
    silent: dict[str, int], ended: set[str]
) -> None:
    tasks = started("ana", "api", "web")
    for name, each in zip(("ana", "api", "web"), (ONE, TWO, THREE), strict=True):
        tasks.do_as(name, lifecycle.start, each)
        if name in ended:
            tasks.do(sessions.end, name, keep=True)
    draft = tasks.draft("zoe", later(40 * 24))
    spans = {name: timedelta(days=days) for name, days in silent.items()}
    freed = sessions.prune(draft, retention=MONTH, silent=spans).tasks
    for task in freed:
        owner = str(tasks[task.id].owner)
        assert owner in silent
        assert owner in ended or silent[owner] > 30
    assert {t.id for t in draft.all() if t.owner is None} == {t.id for t in freed}


# -- stale claims and limits ----------------------------------------------------------------------


def test_a_stale_claim_is_taken_over_with_a_note() -> None:
    tasks = holding()
    silent = {"api": timedelta(hours=3, minutes=20)}
    with pytest.raises(AlreadyClaimed):
        tasks.do(lifecycle.claim, ONE, silent=silent)
    with pytest.raises(AlreadyClaimed, match="who last touched it 1s ago"):
        tasks.do(lifecycle.claim, ONE, take_over=True)
    task = tasks.do(lifecycle.claim, ONE, take_over=True, silent=silent)
    assert (task.owner, task.status) == ("ana", "pending")
    assert texts_of(task) == ["taken over from api, silent for 3h"]


def test_who_finds_a_claim_that_was_not_touched_for_long_learns_of_the_take_over() -> None:
    with pytest.raises(AlreadyClaimed) as refused:
        lifecycle.claim(holding().draft("ana", later(5)), ONE)
    assert refused.value.message == "0001 'T1' is claimed by api, who last touched it 5h ago"
    assert refused.value.hint == "if api is stale: git ledger claim --take-over 0001"


def test_all_stale_claims_are_released_at_once() -> None:
    tasks = holding()
    tasks.do(lifecycle.claim, TWO)
    freed = tasks.do(claims.release_stale, {"api": timedelta(minutes=130)})
    assert [task.id for task in freed] == [ONE]
    assert texts_of(tasks[ONE]) == ["released from api, silent for 2h"]
    assert tasks[TWO].owner == "ana"


def test_a_session_may_not_hold_more_than_its_limit() -> None:
    tasks = started("ana", "ben")
    tasks.do(lifecycle.claim, ONE)
    for verb in (lifecycle.claim, lifecycle.start, lifecycle.done):
        draft = tasks.draft("ana")
        draft.policy = replace(draft.policy, max_claims=1)
        with pytest.raises(TooManyClaims, match="may hold 1 task and holds 0001 'T1'") as refused:
            verb(draft, TWO)
        assert refused.value.held == (ONE,)
    assert tasks.do_as("ben", handoff.handoff, TWO, "ana", "x").owner == "ana"


def test_the_registered_role_limits_what_is_next_unless_another_is_asked_for() -> None:
    tasks = FakeTasks(
        Task(id=ONE, title="T", role="tester", priority="P0"), Task(id=TWO, title="T")
    )
    tasks.registered["ana"] = Session(name="ana", id="a", role="builder")
    assert tasks.do(lifecycle.next_task).id == TWO
    assert tasks.do(lifecycle.next_task, role="tester").id == ONE


def test_next_takes_stale_claims_into_account() -> None:
    tasks = holding()
    tasks.by_id[ONE] = replace(tasks[ONE], priority="P0")
    assert tasks.do(lifecycle.next_task).id == TWO
    assert tasks.do(lifecycle.next_task, silent={"api": MONTH}).id == ONE
