"""Plays: sessions in real worktrees and clones, at work together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from pathlib import Path

import pytest

from gitledger import lists
from gitledger.core.handoff import chain
from gitledger.core.plan import parse_plan
from gitledger.errors import AlreadyClaimed, NothingToTake, OwnWork
from gitledger.ledger import Ledger
from gitledger.waiting import RefWatch, wait_for
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import MAIN, NEW_YEAR, Team, claim_state, ledger_at, place

PROJECT = Path(__file__).parent.parent
HOUR = timedelta(hours=1)
PATIENCE = 60
"""Seconds after which what should have come is not waited for any more."""

PLAN = """\
- [ ] Write the schema #ask
- [ ] Build the API #test [blockedBy: 1]
- [ ] Build the page #test [blockedBy: 1]
- [ ] Build the importer [blockedBy: 1]
- [ ] Choose the colours #ask
- [ ] Join all of it [blockedBy: 2, 3, 4, 5]
- [ ] Write the docs [blockedBy: 6]
- [ ] Try it as a user would [blockedBy: 6]
"""


def enlist(ledger: Ledger, name: str, role: str) -> Ledger:
    """Start a session in a worktree of its own, and return the ledger as seen from there."""
    began = ledger.sessions.start(name, role=role, worktree=True)
    assert began.worktree
    there = Ledger.open(began.worktree)
    assert there.session == name
    return there


class Worker:
    """A session's process, at work by itself."""

    def __init__(self, ledger: Ledger) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.session_worker", str(ledger.standing.location.worktree)],
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
        )

    def said(self) -> list[list[str]]:
        """Return its deeds, each with the title of a task, once it has come to its end."""
        out, _ = self.process.communicate(timeout=PATIENCE)
        assert self.process.returncode == 0
        return [line.split(" ", 1) for line in out.splitlines()]


@pytest.fixture
def team(make_repo: MakeRepo, bare: Path, git: RunGit) -> Team:
    return Team(make_repo, bare, git)


@pytest.fixture
def mortal() -> Iterator[list[subprocess.Popen[str]]]:
    """Return a list for processes that must not outlive the test."""
    processes: list[subprocess.Popen[str]] = []
    yield processes
    for process in processes:
        process.kill()
        process.communicate()


def test_a_developer_and_a_reviewer(repo: Path, git: RunGit) -> None:
    git(repo, "config", "gitledger.review", "always")
    planner = Ledger.init(repo, session="ada")[0]
    task = planner.add("Build the API")
    developer = enlist(planner, "dev", "builder")
    reviewer = enlist(planner, "rev", "reviewer")

    assert developer.claim_next().id == task.id
    developer.start(task.id)
    assert developer.done(task.id).status == "in_review"
    with pytest.raises(OwnWork):
        developer.approve(task.id)

    assert reviewer.reject(task.id, "The errors are missing").owner == "dev"
    (reply,) = developer.inbox().replies
    assert (reply.note.by, reply.note.text) == ("rev", "The errors are missing")
    assert developer.done(task.id).status == "in_review"
    assert developer.inbox().replies == ()

    assert reviewer.approve(task.id, "Well done").status == "completed"
    with pytest.raises(NothingToTake):
        developer.claim_next()


def test_a_team_works_on_a_plan_until_everything_is_complete(
    repo: Path, git: RunGit, mortal: list[subprocess.Popen[str]]
) -> None:
    planner = Ledger.init(repo, session="planner")[0]
    planner.import_plan(parse_plan(PLAN, "plan.md"), name="plan.md", parse_due=lambda text: None)
    builders = [enlist(planner, f"builder-{number}", "builder") for number in (1, 2, 3)]
    tester = enlist(planner, "tester-1", "tester")
    workers = {each.session: Worker(each) for each in (*builders, tester)}
    mortal += [worker.process for worker in workers.values()]

    for _ in range(2):
        answer_one(planner)
    deeds = {name: worker.said() for name, worker in workers.items()}

    assert {task.status for task in planner.tasks()} == {"completed"}
    done = [title for said in deeds.values() for deed, title in said if deed == "done"]
    assert sorted(done) == sorted(task.title for task in planner.tasks())  # each by one alone
    handed = [title for said in deeds.values() for deed, title in said if deed == "handoff"]
    assert sorted(handed) == ["Build the API", "Build the page"]
    for task in planner.tasks():
        if task.title in handed:
            assert task.owner == "tester-1"
            assert chain(task)[1:] == ("role:tester",)
    assert_in_order(planner)

    whole = git(repo, "log", "-p", MAIN, "--")
    assert str(repo.parent) not in whole
    for worker in workers.values():
        assert f"{worker.process.pid}" not in {*whole.replace('"', " ").split()}


def answer_one(planner: Ledger) -> None:
    """Wait for a question that is open, and answer it."""
    common_dir = planner.repository.location.common_dir

    def look() -> str:
        for item in planner.inbox().questions:
            return item.task.id
        raise NothingToTake("no question")

    watch = RefWatch(common_dir, lists.ref(planner.list))
    planner.answer(wait_for(look, watch, end=watch.now() + PATIENCE), "As you like")


def assert_in_order(ledger: Ledger) -> None:
    """Check that nothing was begun before what it waits for was completed."""
    finished: set[str] = set()
    for entry in reversed(list(ledger.log())):
        for task_id in entry.operation.tasks:
            if entry.operation.name in ("claim", "start"):
                assert finished.issuperset(ledger.task(task_id).blocked_by)
            if entry.operation.name == "done":
                finished.add(task_id)
    assert len(finished) == len(ledger.tasks())


# -- somebody falls silent ----------------------------------------------------------------------

MORTAL = """
import sys
from datetime import UTC, datetime
from gitledger.ledger import Ledger

ledger = Ledger.open(sys.argv[1], clock=lambda: datetime(2026, 1, 1, tzinfo=UTC))
task = ledger.claim_next()
ledger.start(task.id)
ledger.progress(task.id, 40)
ledger.heartbeats.beat(ledger.session, ledger.now(), waits=True)
print(task.id, flush=True)
sys.stdin.read()
"""


def test_a_builder_is_killed_and_its_task_taken_over_after_the_lease(
    repo: Path, mortal: list[subprocess.Popen[str]]
) -> None:
    planner = ledger_at(repo, "planner")
    task = planner.add("Build the API")
    first = enlist(planner, "builder-1", "builder")
    second = enlist(planner, "builder-2", "builder")
    process = subprocess.Popen(
        [sys.executable, "-c", MORTAL, str(first.standing.location.worktree)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    )
    mortal.append(process)
    assert process.stdout
    assert process.stdout.readline().strip() == task.id

    def second_after(span: timedelta) -> Ledger:
        return Ledger.open(place(second), session="builder-2", clock=lambda: NEW_YEAR + span)

    # As long as the process runs, it is its own sign of life.
    with pytest.raises(NothingToTake):
        second_after(9 * HOUR).claim_next(take_over=True)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with pytest.raises(NothingToTake):
        second_after(1 * HOUR).claim_next(take_over=True)
    late = second_after(3.5 * HOUR)
    assert late.views()[0].stale
    with pytest.raises(NothingToTake):
        late.claim_next()
    with pytest.raises(AlreadyClaimed):
        late.claim(task.id)

    taken = late.claim_next(take_over=True)
    assert (taken.id, taken.owner, taken.status, taken.progress) == (
        task.id,
        "builder-2",
        "pending",
        40,
    )
    assert taken.notes[-1].text == "taken over from builder-1, silent for 3h"
    with pytest.raises(AlreadyClaimed):
        first.done(task.id)
    assert late.done(task.id).status == "completed"


def test_many_take_over_and_one_gets_it(repo: Path) -> None:
    planner = ledger_at(repo, "planner")
    planner.add("Build the API", claim=True)
    names = [f"builder-{number}" for number in range(4)]
    late = [ledger_at(repo, name, clock=lambda: NEW_YEAR + 3 * HOUR) for name in names]
    won = []
    for ledger in late:
        try:
            won.append(ledger.claim_next(take_over=True).owner)
        except NothingToTake:
            continue
    assert won == ["builder-0"]


# -- from one machine to another ----------------------------------------------------------------


def test_a_handoff_goes_from_one_machine_to_another_by_push_and_pull(
    team: Team, git: RunGit
) -> None:
    ada, grace, task = team.ada, team.grace, team.task
    grace.note(team.other.id, "I am here")
    grace.sync()
    ada.sync()
    urgent = ada.add("Urgent", priority="P0")
    ada.start(task.id)
    commit = git(place(ada), "rev-parse", "HEAD")
    ada.link(task.id, commit)
    ada.edit(task.id, branch="api")
    ada.handoff(task.id, "grace", "Half done; see the branch")
    assert grace.inbox().handoffs == ()

    ada.sync()
    grace.sync()
    (item,) = grace.inbox().handoffs
    assert (item.note.by, item.note.text) == ("ada", "Half done; see the branch")
    assert (item.task.branch, item.task.commits) == ("api", (commit,))
    assert grace.next().id == task.id != urgent.id
    assert claim_state(grace, task) == ("grace", "confirmed")

    assert grace.accept(task.id, "On it").status == "in_progress"
    assert grace.inbox().handoffs == ()
    grace.done(task.id)
    team.meet()
    assert (team.now().status, chain(team.now())) == ("completed", ("ada", "grace"))
    names = [entry.operation.name for entry in islice(ada.log(task.id), 3)]
    assert names == ["done", "accept", "handoff"]


def test_a_message_goes_from_one_machine_to_another_and_is_read_once(
    team: Team,
) -> None:
    ada, grace = team.ada, team.grace
    ada.tell("all", "Freeze at noon")
    ada.sync()
    grace.sync()
    assert [message.text for message in grace.inbox().messages] == ["Freeze at noon"]
    assert len(grace.read_inbox()) == 1
    tip = grace.tip()
    assert grace.read_inbox() == ()
    assert grace.tip() == tip
    team.meet()
    assert ada.inbox().messages == ()
    assert ada.snapshot().messages().popitem()[1].read == ("grace",)
