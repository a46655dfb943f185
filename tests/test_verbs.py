"""Each verb is one operation, under its name; what the verbs decide is tested in `core`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from gitledger.core.plan import parse_plan
from gitledger.core.task import Task
from gitledger.errors import AlreadyClaimed, InvalidInput, NothingToTake, NotOwner, TaskBlocked
from gitledger.ledger import Ledger
from tests.conftest import RunGit
from tests.ledgers import interrupt, ledger_at, subjects

COMMIT = "a1" * 20

VERBS: dict[str, Callable[[Ledger, Task], Task]] = {
    "edit": lambda ledger, task: ledger.edit(task.id, priority="P0"),
    "note": lambda ledger, task: ledger.note(task.id, "Hello"),
    "link": lambda ledger, task: ledger.link(task.id, COMMIT),
    "claim": lambda ledger, task: ledger.claim(task.id),
    "start": lambda ledger, task: ledger.start(task.id),
    "progress": lambda ledger, task: ledger.progress(task.id, 30),
    "done": lambda ledger, task: ledger.done(task.id),
    "cancel": lambda ledger, task: ledger.cancel(task.id),
    "ask": lambda ledger, task: ledger.ask(task.id, "Which one?"),
}


@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_is_one_operation_and_returns_the_task_as_it_then_is(
    repo: Path, git: RunGit, verb: str
) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Write the docs")

    changed = VERBS[verb](ledger, task)

    assert changed != task
    assert changed == Ledger.open(repo).task(task.id)
    assert subjects(git, ledger)[0] == f"{verb} {task.id}: Write the docs"
    assert len(subjects(git, ledger)) == 2


def test_a_task_lives_from_question_to_approval(repo: Path, git: RunGit) -> None:
    ada, grace = ledger_at(repo, "ada"), ledger_at(repo, "grace")
    task = ada.add("Write the docs", review=True)
    ada.start(task.id)
    ada.ask(task.id, "Which tone?")
    grace.answer(task.id, "Plain")
    ada.done(task.id)
    grace.reject(task.id, "Too short")
    ada.done(task.id)
    assert grace.approve(task.id).status == "completed"
    assert grace.inbox().questions == ()
    with pytest.raises(NotOwner):
        grace.reopen(task.id)
    ada.reopen(task.id)
    assert ada.release(task.id).owner is None

    names = [subject.partition(" ")[0] for subject in reversed(subjects(git, ada))]
    assert " ".join(names) == "add start ask answer done reject done approve reopen"


def test_adding_and_claiming_is_one_operation(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Write the docs", claim=True)

    assert task.owner == "ada"
    assert len(subjects(git, ledger)) == 1


def test_what_is_blocked_is_not_even_added_when_it_is_to_be_claimed(
    repo: Path, git: RunGit
) -> None:
    ledger = ledger_at(repo)
    first = ledger.add("First")
    with pytest.raises(TaskBlocked):
        ledger.add("Second", blocked_by=[first.id], claim=True)

    assert ledger.tasks() == (first,)


def test_the_loser_of_a_claim_is_told_who_has_the_task(repo: Path) -> None:
    task = ledger_at(repo, "ada").add("Write the docs", claim=True)

    with pytest.raises(AlreadyClaimed) as error:
        ledger_at(repo, "grace").claim(task.id)
    assert error.value.owner == "ada"
    assert error.value.exit_code == 4


def test_the_next_task_is_claimed_by_priority_until_none_is_left(repo: Path) -> None:
    ledger = ledger_at(repo)
    ledger.add("Later", priority="P3")
    ledger.add("Now", priority="P0")
    ledger.add("For a tester", role="tester")

    assert ledger.next(role="builder").title == "Now"
    assert ledger.claim_next(role="builder").title == "Now"
    grace = ledger_at(repo, "grace")
    later = grace.claim_next(role="builder")
    assert later.title == "Later"
    assert grace.claim_next(role="builder") == later, "what one holds and has not begun comes first"
    grace.start(later.id)
    with pytest.raises(NothingToTake):
        grace.claim_next(role="builder")


def test_a_plan_is_imported_in_one_operation_and_updated_by_the_next(
    repo: Path, git: RunGit
) -> None:
    ledger = ledger_at(repo)
    text = "- [ ] Schema\n- [ ] Page [blockedBy: 1]\n"

    def imported(text: str) -> tuple[int, int]:
        plan = parse_plan(text, name="plan.md")
        done = ledger.import_plan(plan, name="plan.md", parse_due=date.fromisoformat)
        return len(done.created), len(done.updated)

    assert imported(text) == (2, 0)
    assert imported(text) == (0, 0)
    assert imported(text + "- [ ] Docs\n") == (1, 0)
    docs = next(task.id for task in ledger.tasks() if task.title == "Docs")
    assert subjects(git, ledger) == [f"import {docs}: Docs", "import 2 tasks"]


def test_a_task_that_would_outgrow_its_file_is_refused_and_stays(repo: Path) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Write the docs", description="x" * 60_000)

    with pytest.raises(InvalidInput, match="65536"):
        ledger.note(task.id, "y" * 6_000)
    assert ledger.tasks() == (task,)


def test_values_that_can_be_read_only_once_survive_a_second_decision(repo: Path) -> None:
    ledger, other = ledger_at(repo), ledger_at(repo, "grace")

    interrupt(ledger, lambda: other.add("In between"))
    task = ledger.add("Write the docs", labels=(label for label in ("web", "api")))
    assert task.labels == ("api", "web")

    interrupt(ledger, lambda: other.add("Once more"))
    assert ledger.edit(task.id, add_labels=iter(["x"])).labels == ("api", "web", "x")
