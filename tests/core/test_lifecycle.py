"""The life of a task (contract, section 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger.core import audit, editing, lifecycle, review
from gitledger.core.dataclass import dataclass, replace
from gitledger.core.draft import Draft
from gitledger.core.policy import Policy
from gitledger.core.task import STATUSES, Note, Task
from gitledger.errors import (
    AlreadyClaimed,
    InvalidInput,
    LedgerError,
    Lost,
    NothingToTake,
    NotOwner,
    OwnWork,
    TaskBlocked,
    TaskFinished,
)
from tests.core.fakes import NOON, FakeTasks, fields_that_differ, later, task_id, texts_of

bounded = settings(max_examples=100, deadline=None)

Verb = Callable[[Draft, str], Task]

ONE, TWO, THREE = (task_id(number) for number in (1, 2, 3))
QUESTION = Note(id="0000000009", at=NOON, by="ben", kind="question", text="which?")


def task_in(status: str, owner: str | None = None, **values: Any) -> Task:
    """Return a coherent task of a status, on which a question was asked once."""
    begun = status in ("in_progress", "waiting", "in_review", "completed")
    task = Task(
        id=ONE,
        title="Add login",
        status=status,
        owner=owner,
        claimed_at=NOON if owner else None,
        started_at=NOON if owner and begun else None,
        completed_at=NOON if status in ("completed", "cancelled") else None,
        notes=(QUESTION,),
    )
    return replace(task, **values)


def blocked(**values: Any) -> FakeTasks:
    """Return a list whose first task waits for the second."""
    task = replace(task_in("pending"), blocked_by=(TWO,), **values)
    return FakeTasks(task, Task(id=TWO, title="Fix login"))


# -- every verb on every kind of task -------------------------------------------------------------

_ERRORS = {
    "claimed": AlreadyClaimed,
    "owner": NotOwner,
    "finished": TaskFinished,
    "own": OwnWork,
    "invalid": InvalidInput,
}
_OWNERS = {"nobody": None, "me": "ana", "other": "ben"}

# What becomes of a task: its status and owner, `=` where nothing is written, or the error.
# Columns:  pending, in_progress, waiting, in_review, completed, cancelled
_TABLES = """
claim
  nobody  pending/me      -               waiting/me      in_review/me    finished  finished
  me      =               =               =               =               finished  finished
  other   claimed         claimed         claimed         claimed         finished  finished
claim --force
  other   claimed         claimed         claimed         claimed         finished  finished
start
  nobody  in_progress/me  -               in_progress/me  in_progress/me  finished  finished
  me      in_progress/me  =               in_progress/me  in_progress/me  finished  finished
  other   claimed         claimed         claimed         claimed         finished  finished
start --force
  other   in_progress/me  in_progress/me  in_progress/me  in_progress/me  finished  finished
release
  nobody  =               -               =               =               =         =
  me      pending/nobody  pending/nobody  waiting/nobody  invalid         =         =
  other   owner           owner           owner           owner           =         =
release --force
  other   pending/nobody  pending/nobody  waiting/nobody  invalid         =         =
progress
  nobody  in_progress/me  -               waiting/me      in_review/me    finished  finished
  me      in_progress/me  in_progress/me  waiting/me      in_review/me    finished  finished
  other   owner           owner           owner           owner           owner     owner
progress --force
  other   in_progress/other in_progress/other waiting/other in_review/other finished finished
done
  nobody  completed/me    -               completed/me    completed/me    =         finished
  me      completed/me    completed/me    completed/me    completed/me    =         finished
  other   owner           owner           owner           owner           owner     owner
done --force
  other   completed/other completed/other completed/other completed/other finished  finished
done with review
  nobody  in_review/me    -               in_review/me    in_review/me    =         finished
  me      in_review/me    in_review/me    in_review/me    =               =         finished
  other   owner           owner           owner           owner           owner     owner
cancel
  nobody  cancelled/nobody -              cancelled/nobody cancelled/nobody finished =
  me      cancelled/me    cancelled/me    cancelled/me    cancelled/me    finished  =
  other   owner           owner           owner           owner           finished  =
cancel --force
  other   cancelled/other cancelled/other cancelled/other cancelled/other finished  =
reopen
  nobody  =               -               =               =               pending/nobody pending/nobody
  me      =               =               =               =               pending/nobody pending/nobody
  other   =               =               =               =               owner     owner
reopen --force
  other   =               =               =               =               pending/nobody pending/nobody
ask
  nobody  waiting/nobody  -               waiting/nobody  waiting/nobody  finished  finished
  me      waiting/me      waiting/me      waiting/me      waiting/me      finished  finished
  other   waiting/other   waiting/other   waiting/other   waiting/other   finished  finished
answer
  nobody  pending/nobody  -               pending/nobody  in_review/nobody completed/nobody cancelled/nobody
  me      pending/me      in_progress/me  in_progress/me  in_review/me    completed/me cancelled/me
  other   pending/other   in_progress/other in_progress/other in_review/other completed/other cancelled/other
approve
  nobody  invalid         -               invalid         completed/nobody invalid  invalid
  me      invalid         invalid         invalid         own             invalid   invalid
  other   invalid         invalid         invalid         completed/other invalid   invalid
reject
  nobody  invalid         -               invalid         pending/nobody  invalid   invalid
  me      invalid         invalid         invalid         own             invalid   invalid
  other   invalid         invalid         invalid         in_progress/other invalid invalid
note
  nobody  pending/nobody  -               waiting/nobody  in_review/nobody completed/nobody cancelled/nobody
  me      pending/me      in_progress/me  waiting/me      in_review/me    completed/me cancelled/me
  other   pending/other   in_progress/other waiting/other in_review/other completed/other cancelled/other
"""  # noqa: E501


def done_for_review(draft: Draft, name: str) -> Task:
    draft.policy = Policy(review=True)
    return lifecycle.done(draft, name)


_VERBS: dict[str, Verb] = {
    "claim": lifecycle.claim,
    "claim --force": lambda draft, name: lifecycle.claim(draft, name, force=True),
    "start": lifecycle.start,
    "start --force": lambda draft, name: lifecycle.start(draft, name, force=True),
    "release": lifecycle.release,
    "release --force": lambda draft, name: lifecycle.release(draft, name, force=True),
    "progress": lambda draft, name: lifecycle.progress(draft, name, 50),
    "progress --force": lambda draft, name: lifecycle.progress(draft, name, 50, force=True),
    "done": lifecycle.done,
    "done --force": lambda draft, name: lifecycle.done(draft, name, force=True),
    "done with review": done_for_review,
    "cancel": lifecycle.cancel,
    "cancel --force": lambda draft, name: lifecycle.cancel(draft, name, force=True),
    "reopen": lifecycle.reopen,
    "reopen --force": lambda draft, name: lifecycle.reopen(draft, name, force=True),
    "ask": lambda draft, name: lifecycle.ask(draft, name, "why?"),
    "answer": lambda draft, name: lifecycle.answer(draft, name, "because"),
    "approve": review.approve,
    "reject": lambda draft, name: review.reject(draft, name, "tests fail"),
    "note": lambda draft, name: editing.note(draft, name, "hello"),
}


_CLAIM = {"owner", "claimed_at"}
_START = {"status", "started_at"}
_CHANGES = {
    "claim": _CLAIM,
    "start": _CLAIM | _START,
    "release": _CLAIM | {"status"},
    "progress": _CLAIM | _START | {"progress"},
    "done": _CLAIM | {"status", "completed_at"},
    "cancel": {"status", "completed_at"},
    "reopen": _CLAIM | _START | {"completed_at", "progress"},
    "ask": {"status", "notes"},
    "answer": {"status", "notes"},
    "approve": {"status", "completed_at", "notes"},
    "reject": _START | {"notes"},
    "note": {"notes"},
}
"""The fields that each verb may change; by force also the notes."""


@dataclass(frozen=True)
class Case:
    verb: str
    status: str
    owner: str
    outcome: str

    def __str__(self) -> str:
        return f"{self.verb}-{self.status}-{self.owner}"


def _cases() -> Iterator[Case]:
    verb = ""
    for line in _TABLES.strip().splitlines():
        if not line.startswith(" "):
            verb = line
            continue
        owner, *outcomes = line.split()
        for status, outcome in zip(STATUSES, outcomes, strict=True):
            if outcome != "-":
                yield Case(verb, status, owner, outcome)


_CASES = list(_cases())
_FORCED = [case for case in _CASES if "--force" in case.verb and "/" in case.outcome]


@pytest.mark.parametrize("case", _CASES, ids=str)
def test_what_a_verb_does_to_a_task(case: Case) -> None:
    before = task_in(case.status, _OWNERS[case.owner])
    draft = FakeTasks(before).draft("ana", later(1))
    if case.outcome in _ERRORS:
        with pytest.raises(_ERRORS[case.outcome]) as refused:
            _VERBS[case.verb](draft, ONE)
        assert type(refused.value) is _ERRORS[case.outcome]
        assert draft.changed == {}
        return
    task = _VERBS[case.verb](draft, ONE)
    if case.outcome == "=":
        assert task is before
        assert draft.changed == {}
        return
    status, _, owner = case.outcome.partition("/")
    assert (task.status, task.owner) == (status, _OWNERS[owner])
    assert draft.changed == {ONE: task}
    assert coherent(task)
    may_change = _CHANGES[case.verb.split()[0]] | {"updated_at", "updated_by"}
    may_change |= {"notes"} if "--force" in case.verb else set()
    assert fields_that_differ(before, task).keys() <= may_change


@pytest.mark.parametrize("case", _FORCED, ids=str)
def test_what_is_forced_on_another_sessions_task_leaves_a_note(case: Case) -> None:
    draft = FakeTasks(task_in(case.status, "ben")).draft("ana", later(1))
    task = _VERBS[case.verb](draft, ONE)
    note = task.notes[-1]
    assert (len(task.notes), note.kind, note.by, note.at) == (2, "note", "ana", later(1))
    assert "--force" in note.text
    assert "ben" in note.text


@pytest.mark.parametrize("verb", [verb for verb in _VERBS if "--force" in verb])
def test_force_that_is_not_needed_leaves_no_note(verb: str) -> None:
    for status in STATUSES:
        for owner in (None, "ana"):
            results: list[Task | str] = []
            for each in (verb, verb.removesuffix(" --force")):
                draft = FakeTasks(task_in(status, owner)).draft()
                try:
                    results.append(_VERBS[each](draft, ONE))
                except LedgerError as refused:
                    results.append(refused.message)
            assert results[0] == results[1]


def coherent(task: Task) -> bool:
    """Tell whether the fields that go with status and owner agree with them."""
    return (
        (task.completed_at is not None) == task.finished
        and (task.claimed_at is not None) == (task.owner is not None)
        and (task.status != "in_progress" or None not in (task.owner, task.started_at))
    )


# -- claim ----------------------------------------------------------------------------------------


def test_the_first_claim_wins_and_the_second_is_told_who_holds_the_task() -> None:
    tasks = FakeTasks(task_in("pending"))
    assert tasks.do_as("ben", lifecycle.claim, ONE).owner == "ben"
    with pytest.raises(AlreadyClaimed) as refused:
        tasks.do_as("ana", lifecycle.claim, ONE)
    assert refused.value.message == "0001 'Add login' is claimed by ben"
    assert (refused.value.task, refused.value.owner, refused.value.exit_code) == (ONE, "ben", 4)


def test_a_claim_says_since_when() -> None:
    draft = FakeTasks(task_in("pending")).draft("ana", later(3))
    assert lifecycle.claim(draft, "0001").claimed_at == later(3)


def test_a_blocked_task_is_not_claimable() -> None:
    with pytest.raises(TaskBlocked) as refused:
        blocked().do(lifecycle.claim, ONE)
    assert refused.value.message == "0001 'Add login' waits for 0002 'Fix login'"
    assert refused.value.blockers == (TWO,)
    assert (refused.value.exit_code, refused.value.task) == (4, ONE)


@pytest.mark.parametrize("verb", ["start", "progress", "done", "done with review"])
def test_what_takes_a_task_goes_by_the_rules_of_claim(verb: str) -> None:
    with pytest.raises(TaskBlocked):
        _VERBS[verb](blocked().draft(), ONE)


@pytest.mark.parametrize("verb", ["claim", "start", "progress", "done"])
def test_a_blocked_task_is_taken_by_force_and_a_note_says_so(verb: str) -> None:
    task = _VERBS[f"{verb} --force"](blocked().draft(), ONE)
    assert task.owner == "ana"
    assert texts_of(task) == ["claimed with --force while blocked"]


def test_a_task_that_waits_for_a_missing_one_is_blocked() -> None:
    tasks = FakeTasks(task_in("pending", blocked_by=(THREE,)))
    with pytest.raises(TaskBlocked, match=rf"waits for {THREE} \(missing\)"):
        tasks.do(lifecycle.claim, ONE)


@pytest.mark.parametrize("verb", ["done", "cancel"])
def test_a_task_is_claimable_once_all_that_it_waits_for_is_finished(verb: str) -> None:
    tasks = blocked()
    tasks.do_as("ben", _VERBS[verb], TWO)
    assert tasks.do(lifecycle.claim, ONE).owner == "ana"


def test_only_unfinished_blockers_are_named() -> None:
    task = task_in("pending", blocked_by=(TWO, THREE))
    tasks = FakeTasks(task, Task(id=TWO, title="T"), replace(task_in("cancelled"), id=THREE))
    with pytest.raises(TaskBlocked) as refused:
        tasks.do(lifecycle.claim, ONE)
    assert refused.value.blockers == (TWO,)


def test_force_does_not_claim_what_another_session_holds() -> None:
    with pytest.raises(AlreadyClaimed):
        lifecycle.claim(blocked(owner="ben").draft(), ONE, force=True)


def test_who_holds_a_blocked_task_may_work_on_it() -> None:
    for verb in ("claim", "start", "progress", "done"):
        task = _VERBS[verb](blocked(owner="ana", claimed_at=NOON).draft(), ONE)
        assert task.owner == "ana"


def test_a_claim_that_was_taken_over_says_since_when() -> None:
    draft = FakeTasks(task_in("in_progress", "ana")).draft("ben", later(3))
    task = lifecycle.start(draft, ONE, force=True)
    assert (task.claimed_at, task.started_at) == (later(3), NOON)


def test_a_session_whose_claim_was_taken_over_cannot_complete_the_task() -> None:
    tasks = FakeTasks(task_in("in_progress", "ana"))
    taken = tasks.do_as("ben", _VERBS["start --force"], ONE)
    assert texts_of(taken) == ["taken over from ana with --force"]
    for verb in ("done", "progress", "release", "cancel"):
        with pytest.raises(NotOwner) as refused:
            tasks.do_as("ana", _VERBS[verb], ONE)
        assert (refused.value.owner, refused.value.exit_code) == ("ben", 4)
        assert str(refused.value.hint).startswith("it is not yours any more")
        with pytest.raises(NotOwner) as refused:
            tasks.do_as("cat", _VERBS[verb], ONE)
        assert refused.value.hint == "--force does it all the same and leaves a note"


def test_a_session_that_lost_its_claim_in_a_sync_is_not_told_to_use_force() -> None:
    lost = Note(
        id="n", at=NOON, by="ana", kind="conflict", field="owner", kept="ben", dropped="ana"
    )
    tasks = FakeTasks(task_in("in_progress", "ben", notes=(lost,)))
    with pytest.raises(NotOwner) as refused:
        tasks.do_as("ana", lifecycle.done, ONE)
    assert str(refused.value.hint).startswith("it is not yours any more")


# -- the way of a task ----------------------------------------------------------------------------


def test_the_time_of_the_first_start_is_kept() -> None:
    tasks = FakeTasks(task_in("pending"))
    tasks.do(lifecycle.start, ONE)
    tasks.do(lifecycle.release, ONE)
    again = lifecycle.start(tasks.draft("ben", later(5)), ONE)
    assert (again.started_at, again.claimed_at) == (NOON, later(5))


@pytest.mark.parametrize("percent", [-1, 101])
def test_progress_goes_from_0_to_100(percent: int) -> None:
    draft = FakeTasks(task_in("pending")).draft()
    with pytest.raises(InvalidInput):
        lifecycle.progress(draft, ONE, percent)
    assert draft.changed == {}


def test_progress_that_is_there_already_is_no_change() -> None:
    draft = FakeTasks(task_in("in_progress", "ana", progress=50)).draft()
    lifecycle.progress(draft, ONE, 50)
    assert draft.changed == {}


def test_a_completed_task_says_when() -> None:
    draft = FakeTasks(task_in("in_progress", "ana")).draft("ana", later(2))
    assert lifecycle.done(draft, ONE).completed_at == later(2)


def test_a_reopened_task_begins_anew() -> None:
    task = FakeTasks(task_in("completed", "ana", progress=100)).do(lifecycle.reopen, ONE)
    assert (task.progress, task.started_at, task.claimed_at) == (None, None, None)
    assert task.notes == (QUESTION,)


def test_a_finished_task_says_how_to_go_on() -> None:
    with pytest.raises(TaskFinished) as refused:
        FakeTasks(task_in("cancelled")).do(lifecycle.start, ONE)
    assert refused.value.message == "0001 'Add login' is cancelled"
    assert (refused.value.status, refused.value.exit_code) == ("cancelled", 4)
    assert refused.value.hint == "to go on with it: git ledger reopen 0001"


# -- questions ------------------------------------------------------------------------------------


def test_a_question_and_its_answer_are_kept_on_the_task() -> None:
    tasks = FakeTasks(task_in("in_progress", "ana"))
    tasks.do(lifecycle.ask, ONE, "which one?")
    task = tasks.do_as("ben", lifecycle.answer, ONE, "the second")
    assert texts_of(task, "question") == ["which?", "which one?"]
    assert texts_of(task, "answer") == ["the second"]
    assert (task.status, task.owner, task.notes[-1].by) == ("in_progress", "ana", "ben")


@pytest.mark.parametrize(("owner", "started_at"), [("ana", None), (None, NOON)])
def test_a_task_that_nobody_works_on_is_pending_after_the_answer(
    owner: str | None, started_at: datetime | None
) -> None:
    task = task_in("waiting", owner, started_at=started_at)
    assert FakeTasks(task).do_as("ben", lifecycle.answer, ONE, "yes").status == "pending"


def test_a_task_without_a_question_cannot_be_answered() -> None:
    with pytest.raises(InvalidInput) as refused:
        FakeTasks(task_in("pending", notes=())).do(lifecycle.answer, ONE, "yes")
    assert refused.value.message == "0001 'Add login' has no question"


@pytest.mark.parametrize("text", ["", " \n", "\0", "\ud800"])
def test_words_that_are_none_are_refused(text: str) -> None:
    verbs: list[Callable[[Draft, str, str], Task]] = [
        lifecycle.ask,
        lifecycle.answer,
        review.reject,
        editing.note,
    ]
    for verb in verbs:
        with pytest.raises(InvalidInput):
            FakeTasks(task_in("in_review", "ben")).do(verb, ONE, text)


# -- review ---------------------------------------------------------------------------------------


def test_a_task_that_asks_for_review_is_completed_by_another_session() -> None:
    tasks = FakeTasks(task_in("in_progress", "ana", review=True))
    assert tasks.do(lifecycle.done, ONE).status == "in_review"
    with pytest.raises(OwnWork) as refused:
        tasks.do(review.approve, ONE)
    assert refused.value.exit_code == 4
    task = tasks.do_as("ben", review.approve, ONE, "well done")
    assert (task.status, task.owner) == ("completed", "ana")
    assert texts_of(task, "review") == ["approved: well done"]


def test_a_rejected_task_goes_back_to_its_owner_with_the_words() -> None:
    tasks = FakeTasks(task_in("pending", review=True))
    tasks.do(lifecycle.done, ONE)
    task = tasks.do_as("ben", review.reject, ONE, "tests fail")
    assert (task.status, task.owner) == ("in_progress", "ana")
    assert texts_of(task, "review") == ["tests fail"]
    assert coherent(task)


def test_what_is_in_review_can_be_reviewed_by_all_who_did_not_work_on_it() -> None:
    tasks = FakeTasks(
        replace(task_in("in_review", "ana"), id=task_id(1)),
        replace(task_in("in_review", "ben", priority="P0"), id=task_id(2)),
        replace(task_in("in_progress", "ana"), id=task_id(3)),
    )
    found = {name: audit.reviewable(tasks.all(), name) for name in ("ana", "ben", "cat")}
    assert {name: [task.id for task in each] for name, each in found.items()} == {
        "ana": [task_id(2)],
        "ben": [task_id(1)],
        "cat": [task_id(2), task_id(1)],
    }


def test_an_approval_needs_no_words_but_no_empty_ones_either() -> None:
    task = FakeTasks(task_in("in_review", "ben")).do(review.approve, ONE)
    assert texts_of(task, "review") == ["approved"]
    with pytest.raises(InvalidInput):
        FakeTasks(task_in("in_review", "ben")).do(review.approve, ONE, "\0")


def test_work_in_review_is_not_released_lest_its_owner_reviews_it() -> None:
    with pytest.raises(InvalidInput) as refused:
        FakeTasks(task_in("in_review", "ana")).do(lifecycle.release, ONE)
    assert refused.value.message == "0001 'Add login' is in review"
    assert "git ledger start" in str(refused.value.hint)


def test_by_force_a_task_in_review_is_not_completed_either() -> None:
    draft = FakeTasks(task_in("in_review", "ana", review=True)).draft("ana")
    assert lifecycle.done(draft, ONE, force=True).status == "in_review"


# -- what to do next ------------------------------------------------------------------------------


def waiting_list(*tasks: dict[str, Any]) -> FakeTasks:
    """Return tasks numbered from 1, each a minute younger than the one before."""
    return FakeTasks(
        *(
            Task(id=task_id(number), title=f"T{number}", created_at=later(number / 60), **values)
            for number, values in enumerate(tasks, 1)
        )
    )


@pytest.mark.parametrize(
    ("tasks", "number"),
    [
        ([{}, {}], 1),
        ([{}, {"priority": "P1"}], 2),
        ([{"priority": "P0"}, {"owner": "ana"}], 2),
        ([{"priority": "P0", "owner": "ben"}, {}], 2),
        ([{"status": "waiting"}, {"status": "in_review"}, {}], 3),
        ([{"status": "in_progress", "owner": "ana"}, {}], 2),
        ([{"blocked_by": (TWO,), "priority": "P0"}, {}], 2),
        ([{"blocked_by": (TWO,), "owner": "ana"}, {}], 2),
        ([{"role": "tester", "priority": "P0"}, {}, {"role": "builder", "priority": "P1"}], 3),
    ],
)
def test_the_next_task_is_the_first_that_can_be_done(
    tasks: list[dict[str, Any]], number: int
) -> None:
    draft = waiting_list(*tasks).draft()
    assert lifecycle.next_task(draft, role="builder").id == task_id(number)
    assert draft.changed == {}


def test_without_a_role_every_task_can_be_done() -> None:
    tasks = waiting_list({"role": "tester"})
    assert tasks.do(lifecycle.next_task).id == ONE


def test_where_nothing_is_ready_it_says_so() -> None:
    with pytest.raises(NothingToTake) as refused:
        waiting_list({"owner": "ben"}, {"role": "tester"}).do(lifecycle.next_task, role="builder")
    assert (refused.value.message, refused.value.exit_code) == ("nothing is ready", 3)


# -- what holds of every way ----------------------------------------------------------------------

_UNFORCED = sorted(verb for verb in _VERBS if "--force" not in verb)
_steps = st.lists(
    st.tuples(
        st.sampled_from(("ana", "ben", "cat")),
        st.sampled_from(_UNFORCED),
        st.sampled_from((ONE, TWO, THREE)),
    ),
    max_size=25,
)


@bounded
@given(_steps)
def test_no_way_of_a_task_breaks_the_rules_of_claims_and_reviews(
    steps: list[tuple[str, str, str]],
) -> None:
    tasks = FakeTasks(
        Task(id=ONE, title="One"),
        Task(id=TWO, title="Two", blocked_by=(ONE,)),
        Task(id=THREE, title="Three", review=True),
    )
    for session, verb, name in steps:
        before = tasks[name]
        try:
            after = tasks.do_as(session, _VERBS[verb], name)
        except (Lost, InvalidInput):
            assert tasks[name] == before
            continue
        assert coherent(after)
        assert after.status != "in_review" or after.owner
        assert before.owner in (None, session) or after.owner == before.owner
        assert after.owner in (None, before.owner, session)
        if after.status != before.status and verb not in ("ask", "answer", "approve", "reject"):
            assert before.owner in (None, session)
        if verb in ("approve", "reject"):
            assert before.owner != session
        if name == THREE and after.status == "completed" != before.status:
            assert verb == "approve"
        if name == TWO and after.owner not in (None, before.owner):
            assert tasks[ONE].finished
