"""Laws of undo and redo, of any history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitledger.core.dataclass import fields, replace
from gitledger.core.plan import parse_plan
from gitledger.core.task import Task
from gitledger.errors import InvalidInput, Lost, NotFound
from gitledger.ledger import Ledger
from tests.convergence.changes import CHANGES, Change
from tests.ledgers import ledger_at, numbered

SESSIONS: Final = ("ada", "grace")
PLAN: Final = "- [ ] Schema\n- [ ] Page [blockedBy: 1]\n"
NOBODYS: Final = ("updated_at", "updated_by")
"""Who changed a task last, and when: an undo is a change, too."""
FORCED: Final = "undone with --force"
"""How the note begins that says over whose head something was undone."""
ONE_VALUE: Final = tuple(
    each.name
    for each in fields(Task)
    if each.name not in (*NOBODYS, "id", "notes", "metadata", "source", "extra")
    and each.name not in ("labels", "blocked_by", "commits", "description")
)

_LIFE: Final[dict[str, Callable[[Ledger, str, str], object]]] = {
    "claim": lambda ledger, task, word: ledger.claim(task),
    "start": lambda ledger, task, word: ledger.start(task),
    "start by force": lambda ledger, task, word: ledger.start(task, force=True),
    "release": lambda ledger, task, word: ledger.release(task, force=True),
    "progress": lambda ledger, task, word: ledger.progress(task, 40, force=True),
    "done": lambda ledger, task, word: ledger.done(task, force=True),
    "cancel": lambda ledger, task, word: ledger.cancel(task, force=True),
    "reopen": lambda ledger, task, word: ledger.reopen(task, force=True),
    "ask": lambda ledger, task, word: ledger.ask(task, word),
    "answer": lambda ledger, task, word: ledger.answer(task, word),
    "note": lambda ledger, task, word: ledger.note(task, word),
    "hand off": lambda ledger, task, word: ledger.handoff(task, "role:tester", word, force=True),
    "hand over": lambda ledger, task, word: ledger.handoff(task, "grace", word, force=True),
    "accept": lambda ledger, task, word: ledger.accept(task, word),
    "decline": lambda ledger, task, word: ledger.decline(task, word),
    "approve": lambda ledger, task, word: ledger.approve(task, word),
    "reject": lambda ledger, task, word: ledger.reject(task, word),
    "link": lambda ledger, task, word: ledger.link(task, f"{1:040x}"),
    "archive": lambda ledger, task, word: ledger.archive(),
    "import": lambda ledger, task, word: ledger.import_plan(
        parse_plan(PLAN, name="plan.md"), name="plan.md", parse_due=lambda words: None
    ),
    "tell": lambda ledger, task, word: ledger.tell("all", word),
    "read": lambda ledger, task, word: ledger.read_inbox(),
    "begin": lambda ledger, task, word: ledger.start_session("helper", role="tester"),
    "rename": lambda ledger, task, word: ledger.rename_session("helper", "mason"),
    "rename back": lambda ledger, task, word: ledger.rename_session("mason", "helper"),
    "rename oneself": lambda ledger, task, word: ledger.rename_session("ada", "ada-too"),
}
# What is an operation by itself, and no part of a batch.
_ALONE: Final[dict[str, Callable[[Ledger, str, str], object]]] = {
    "end": lambda ledger, task, word: ledger.sessions.end("helper", release=True),
    "end for another": lambda ledger, task, word: ledger.sessions.end("mason", to="ada", text=word),
    "undo": lambda ledger, task, word: ledger.undo(force=True),
    "undo two": lambda ledger, task, word: ledger.undo_last(2, force=True),
    "redo": lambda ledger, task, word: ledger.redo(force=True),
}
Step = Callable[[Ledger, list[str], str], object]


def _making(claim: bool, blocked_by: int | None, parent: int | None) -> Step:
    def step(ledger: Ledger, ids: list[str], word: str) -> object:
        waits = [ids[blocked_by % len(ids)]] if ids and blocked_by is not None else []
        within = ids[parent % len(ids)] if ids and parent is not None else None
        return ledger.add(word, claim=claim, blocked_by=waits, parent=within)

    return step


def _living(verb: str, pick: int) -> Step:
    def step(ledger: Ledger, ids: list[str], word: str) -> object:
        return (_LIFE | _ALONE)[verb](ledger, ids[pick % len(ids)], word) if ids else None

    return step


def _changing(change: Change, pick: int) -> Step:
    def step(ledger: Ledger, ids: list[str], word: str) -> object:
        if not ids:
            return None
        task = ledger.task(ids[pick % len(ids)])
        return ledger.edit(task.id, **change(task, ids, word))

    return step


def _batch(steps: list[Step]) -> Step:
    def step(ledger: Ledger, ids: list[str], word: str) -> object:
        with ledger.transaction("batch") as together:
            return [each(together, ids, f"{word}{n}") for n, each in enumerate(steps)]  # type: ignore[arg-type]  # it has the same verbs

    return step


_picks = st.integers(0, 3)
_makes = st.builds(_making, st.booleans(), st.none() | _picks, st.none() | _picks)
_edits = st.builds(_changing, CHANGES, _picks)
_lives = st.builds(_living, st.sampled_from(sorted(_LIFE)), _picks)
STEPS = st.one_of(
    _makes,
    _edits,
    _lives,
    st.builds(_living, st.sampled_from(sorted(_ALONE)), _picks),
    st.lists(_makes | _edits | _lives, min_size=2, max_size=3).map(_batch),
)
HISTORIES = st.lists(st.tuples(st.sampled_from(SESSIONS), STEPS), min_size=1, max_size=9)

_runs = count()


def play(path: Path, history: list[tuple[str, Step]]) -> Iterator[tuple[Ledger, str]]:
    """Yield a ledger after each operation that a history makes, and the operation's commit."""
    name = f"run-{next(_runs)}"
    ada = ledger_at(path, list=name, random_bytes=numbered())
    ledgers = {session: ada.as_session(session) for session in SESSIONS}
    ada.start_session("tester", role="tester")
    for number, (session, step) in enumerate(history):
        before = ada.tip()
        with suppress(Lost, InvalidInput, NotFound):
            step(ledgers[session], [task.id for task in everything(ada)], f"word {number}")
        if ada.tip() != before:
            yield ada, commit(ada)


def everything(ledger: Ledger) -> tuple[Task, ...]:
    """Return all tasks, archived ones too, ordered by id."""
    snapshot = ledger.snapshot()
    return tuple(sorted((*snapshot.all(), *snapshot.archived()), key=lambda task: task.id))


def said(ledger: Ledger) -> dict[str, tuple[Task, bool]]:
    """Return all tasks, and whether they are archived, without what says only who undid what."""
    snapshot = ledger.snapshot()
    nobody: dict[str, Any] = dict.fromkeys(NOBODYS)
    return {
        task.id: (
            replace(task, notes=tuple(n for n in task.notes if FORCED not in n.text), **nobody),
            snapshot.is_archived(task.id),
        )
        for task in everything(ledger)
    }


def records(ledger: Ledger) -> tuple[object, ...]:
    """Return all that a list holds: the tasks as `said` has them, sessions and messages."""
    snapshot = ledger.snapshot()
    return said(ledger), dict(snapshot.sessions()), dict(snapshot.messages())


def commit(ledger: Ledger) -> str:
    found = ledger.tip()
    assert found is not None
    return found


_some = settings(
    max_examples=settings().max_examples // 5,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@_some
@given(HISTORIES)
def test_what_is_undone_at_once_never_was(repo: Path, history: list[tuple[str, Step]]) -> None:
    before: tuple[object, ...] | None = None
    for ledger, operation in play(repo, history):
        now = records(ledger)
        shown = ledger.undo(operation, force=True, dry_run=True)
        if not shown.empty:
            ledger.undo(operation, force=True)
            assert records(ledger) == before if before else said(ledger) == {}
            ledger.redo(force=True)
        assert records(ledger) == now
        assert shown.left == ()
        before = now


@_some
@given(HISTORIES, st.integers(0, 8))
def test_undo_of_any_operation_and_redo_give_the_same_tasks(
    repo: Path, history: list[tuple[str, Step]], pick: int
) -> None:
    played = list(play(repo, history))
    if not played:
        return
    ledger, operation = played[pick % len(played)]
    now, tip = records(ledger), ledger.tip()
    undone = ledger.undo(operation, force=True)
    assert undone.empty == (ledger.tip() == tip)
    if undone.empty:
        return
    ledger.redo(force=True)
    assert records(ledger) == now


@_some
@given(HISTORIES, st.integers(0, 8))
def test_an_undo_loses_nobodys_later_work(
    repo: Path, history: list[tuple[str, Step]], pick: int
) -> None:
    played = [(operation, said(ledger), ledger) for ledger, operation in play(repo, history)]
    if not played:
        return
    operation, after, ledger = played[pick % len(played)]
    now = said(ledger)
    undone = ledger.undo(operation, force=True)
    then = said(ledger)
    for task_id, (task, _) in now.items():
        old = after[task_id][0] if task_id in after else None
        new = then[task_id][0] if task_id in then else None
        if new is None:
            assert task == old
            continue
        for name in ONE_VALUE:
            if old is None or getattr(task, name) != getattr(old, name):
                assert getattr(new, name) == getattr(task, name), name
        for note in task.notes:
            assert note in new.notes or (old and note in old.notes)
    assert len(undone.left) == len({(left.task, left.field) for left in undone.left})
    for task, _ in then.values():
        assert then.keys() >= {*task.blocked_by, *filter(None, [task.parent])}


@_some
@given(HISTORIES)
def test_all_operations_together_come_to_nothing(
    repo: Path, history: list[tuple[str, Step]]
) -> None:
    played = list(play(repo, history))
    if not played:
        return
    ledger = played[0][0]
    undone = ledger.undo(*(operation for _, operation in played), force=True)
    assert said(ledger) == {}
    assert undone.left == ()
