"""Laws of undo and redo, of any history."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import fields, replace
from itertools import count
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitledger.core.task import Task
from gitledger.errors import InvalidInput, Lost, NotFound
from gitledger.ledger import Ledger
from tests.convergence.changes import CHANGES, Change
from tests.ledgers import ledger_at, numbered

SESSIONS: Final = ("ada", "grace")
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
    "archive": lambda ledger, task, word: ledger.archive(),
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
        return _LIFE[verb](ledger, ids[pick % len(ids)], word) if ids else None

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
_notes = st.builds(_living, st.just("note"), _picks)
STEPS = st.one_of(
    _makes,
    _edits,
    st.builds(_living, st.sampled_from(sorted(_LIFE)), _picks),
    st.lists(_makes | _edits | _notes, min_size=2, max_size=3).map(_batch),
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
    before: dict[str, tuple[Task, bool]] = {}
    for ledger, operation in play(repo, history):
        now = said(ledger)
        shown = ledger.undo(operation, force=True, dry_run=True)
        if not shown.empty:
            ledger.undo(operation, force=True)
            assert said(ledger) == before
            ledger.redo(force=True)
        assert said(ledger) == now
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
    now, tip = said(ledger), ledger.tip()
    undone = ledger.undo(operation, force=True)
    assert undone.empty == (ledger.tip() == tip)
    if undone.empty:
        return
    ledger.redo(force=True)
    assert said(ledger) == now


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
