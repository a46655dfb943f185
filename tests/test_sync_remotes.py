"""Two remotes that share a ledger over a clone that syncs with both: a bridge."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gitledger.core.plan import parse_plan
from gitledger.errors import RemoteFailed
from gitledger.ledger import Ledger
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import MAIN, clone, install_hook, numbered, place, subjects, ticking


class Bridged:
    """Remotes A and B with a clone each, `ada` and `bob`, and bridges that sync with both.

    Args:
        bridges: how many.
    """

    def __init__(self, make_repo: MakeRepo, git: RunGit, folder: str = "", bridges: int = 1):
        self.git = git
        self._clock, self._bytes = ticking(), numbered()
        self._published: dict[str, list[str]] = {"A": [], "B": []}
        self.remotes: dict[str, Path] = {}
        for name in "AB":
            path = make_repo(f"{folder}{name}")
            git(path, "config", "core.bare", "true")
            self.remotes[name] = path / ".git"

        def member(name: str, home: str) -> Ledger:
            return clone(
                make_repo,
                self.remotes[home],
                name,
                f"{folder}{name}",
                clock=self._clock,
                random_bytes=self._bytes,
            )

        self.ada, self.bob = member("ada", "A"), member("bob", "B")
        self.bridges = [member(f"bridge{n}", "A") for n in range(bridges)]
        for bridge in self.bridges:
            git(place(bridge), "remote", "add", "other", str(self.remotes["B"]))
        self.bridge = self.reopened(self.bridges[0])
        self.bridges = [self.reopened(bridge) for bridge in self.bridges]
        self.bridge = self.bridges[0]
        self.task = self.ada.add("Schema")
        self.sync("ada", "A", "B", "bob")
        for n in range(bridges):
            self.sync(f"A{n}", f"B{n}")

    def reopened(self, ledger: Ledger) -> Ledger:
        return Ledger.open(
            place(ledger), session=ledger.session, clock=self._clock, random_bytes=self._bytes
        )

    def sync(self, *steps: str) -> int:
        """Sync `ada`, `bob`, the first bridge with `A` or `B`, or the n-th one with `An`, `Bn`.

        Returns:
            How many conflicts were told of.
        """
        told = 0
        for step in steps:
            if step in ("ada", "bob"):
                report = getattr(self, step).sync()
            else:
                bridge = self.bridges[int(step[1:] or 0)]
                report = bridge.sync("origin" if step[0] == "A" else "other")
            told += len(report.conflicts)
            self.check()
        return told

    def check(self) -> None:
        """What was published on a remote is an ancestor of what it has now."""
        for name, seen in self._published.items():
            tip = self.published(name)
            if tip and (not seen or seen[-1] != tip):
                if seen:
                    self.git(self.remotes[name], "merge-base", "--is-ancestor", seen[-1], tip)
                seen.append(tip)

    def tips(self) -> set[str]:
        """Return the tips that there are, of all clones and remotes."""
        clones = {ledger.tip() or "" for ledger in (self.ada, self.bob, *self.bridges)}
        return clones | {self.published(name) for name in self.remotes}

    def published(self, name: str) -> str:
        """Return what a remote has; "": nothing yet."""
        ref = self.remotes[name] / MAIN  # no git runs in the remotes that would pack it
        return ref.read_text().strip() if ref.exists() else ""

    def settle(self) -> int:
        """Let everybody sync until all have the same, and return how many conflicts were told."""
        told = 0
        for _ in range(2):
            told += self.sync("ada", "bob")
            for n in range(len(self.bridges)):
                told += self.sync(f"A{n}", f"B{n}")
            for n in range(len(self.bridges)):
                told += self.sync(f"A{n}")
        told += self.sync("ada", "bob")
        assert len(self.tips()) == 1
        return told

    def joins(self) -> int:
        """Return how many commits join two histories."""
        return len(self.git(place(self.bridge), "rev-list", "--merges", MAIN).splitlines())


@pytest.fixture
def bridged(make_repo: MakeRepo, git: RunGit) -> Bridged:
    return Bridged(make_repo, git)


# -- one bridge --------------------------------------------------------------------------------


def test_what_both_remotes_published_is_joined_and_never_rewritten(bridged: Bridged) -> None:
    for number in range(3):
        bridged.ada.note(bridged.task.id, f"ada {number}")
        bridged.bob.note(bridged.task.id, f"bob {number}")
        bridged.sync("ada", "bob")
        bridged.bridge.note(bridged.task.id, f"bridge {number}")
        bridged.settle()
        assert bridged.joins() == number + 1

    notes = {note.text for note in bridged.ada.task(bridged.task.id).notes}
    assert notes == {f"{who} {n}" for who in ("ada", "bob", "bridge") for n in range(3)}
    assert bridged.git(place(bridged.bridge), "fsck", "--strict", "--no-dangling") == ""


def test_when_nothing_is_new_nothing_is_joined(bridged: Bridged) -> None:
    bridged.ada.note(bridged.task.id, "ada")
    bridged.bob.note(bridged.task.id, "bob")
    bridged.settle()
    tips, joins = bridged.tips(), bridged.joins()
    bridged.settle()
    assert (bridged.tips(), bridged.joins()) == (tips, joins)


def test_unpublished_work_goes_on_top_of_the_join_as_it_is(bridged: Bridged) -> None:
    bridged.ada.note(bridged.task.id, "ada")
    bridged.bob.note(bridged.task.id, "bob")
    bridged.sync("ada", "bob", "B")
    bridged.bridge.edit(bridged.task.id, title="Model")
    bridged.bridge.edit(bridged.task.id, priority="P0")
    bridged.sync("A")

    path, task = place(bridged.bridge), bridged.task.id
    assert subjects(bridged.git, bridged.bridge)[:3] == [
        f"edit {task}: Model",
        f"edit {task}: Model",
        f"merge {task}: Schema",
    ]
    parents = bridged.git(path, "log", "-1", "--format=%p", f"{MAIN}~2").split()
    assert len(parents) == 2
    assert bridged.git(path, "log", "-1", "--format=%s", parents[1]) == f"note {task}: Schema"
    names = [
        (entry.operation.name, entry.operation.session) for entry in islice(bridged.bridge.log(), 3)
    ]
    assert names == [("edit", "bridge0"), ("edit", "bridge0"), ("merge", "bridge0")]


def test_the_history_of_a_task_leads_over_the_join(bridged: Bridged) -> None:
    bridged.ada.note(bridged.task.id, "ada")
    other = bridged.bob.add("Page")
    bridged.settle()
    for ledger in (bridged.ada, bridged.bob, bridged.bridge):
        names = [entry.operation.name for entry in ledger.log(bridged.task.id)]
        assert names[-1] == "add"
        assert set(names) <= {"add", "note", "merge"}
        (page,) = ledger.views([other.id], revisions=True)
        assert page.revision is not None


def test_a_conflict_between_the_remotes_is_told_once_and_kept_once(bridged: Bridged) -> None:
    bridged.ada.edit(bridged.task.id, title="From A")
    bridged.bob.edit(bridged.task.id, title="From B")
    told = bridged.settle() + bridged.settle()
    task = bridged.bob.task(bridged.task.id)
    kept = [note.dropped for note in task.notes if note.kind == "conflict"]
    assert told == len(kept) == 1
    assert {task.title, *kept} == {"From A", "From B"}


def test_a_join_that_one_remote_does_not_take_is_made_again_later(bridged: Bridged) -> None:
    bridged.ada.edit(bridged.task.id, title="From A")
    bridged.bob.edit(bridged.task.id, title="From B")
    bridged.sync("ada", "bob", "B")
    install_hook(bridged.remotes["A"], "pre-receive", "exit 1")
    with pytest.raises(RemoteFailed):
        bridged.sync("A")
    bridged.bob.note(bridged.task.id, "more")
    bridged.sync("bob", "B")
    install_hook(bridged.remotes["A"], "pre-receive", "exit 0")
    bridged.settle()
    task = bridged.bob.task(bridged.task.id)
    kept = {note.dropped for note in task.notes if note.kind == "conflict"}
    assert {task.title, *kept} == {"From A", "From B"}


def test_one_plan_imported_on_both_sides_is_no_mass_of_deletions(bridged: Bridged) -> None:
    text = "".join(f"- [ ] Step {number}\n" for number in range(8))
    for ledger in (bridged.ada, bridged.bob):
        plan = parse_plan(text, name="plan.md")
        ledger.import_plan(plan, name="plan.md", parse_due=lambda words: None)
    bridged.settle()
    assert len(bridged.bob.tasks()) == 9


def test_a_mirror_of_the_other_remote_never_causes_a_join(bridged: Bridged) -> None:
    for number in range(3):
        bridged.ada.note(bridged.task.id, f"ada {number}")
        bridged.sync("ada")
        bridged.bridge.note(bridged.task.id, f"bridge {number}")
        bridged.sync("A", "B", "ada")
    assert bridged.joins() == 0


def test_a_remote_that_went_back_gets_from_the_other_what_it_had(bridged: Bridged) -> None:
    bridged.ada.note(bridged.task.id, "lost on A")
    bridged.sync("ada", "A", "B")
    bridged.git(bridged.remotes["A"], "update-ref", MAIN, f"{MAIN}~1")
    bridged._published["A"].clear()
    bridged.bridge.note(bridged.task.id, "mine")
    bridged.bridge.sync("origin", accept_remote=True)
    assert bridged.joins() == 0
    assert [note.text for note in bridged.bridge.task(bridged.task.id).notes] == ["mine"]
    bridged.ada.sync(accept_remote=True)
    bridged.settle()
    notes = {note.text for note in bridged.bob.task(bridged.task.id).notes}
    assert notes == {"lost on A", "mine"}


# -- two bridges -------------------------------------------------------------------------------


def test_two_bridges_come_to_one_tip(make_repo: MakeRepo, git: RunGit) -> None:
    bridged = Bridged(make_repo, git, bridges=2)
    for number in range(2):
        bridged.ada.edit(bridged.task.id, title=f"From A {number}")
        bridged.bob.edit(bridged.task.id, description=f"From B {number}\n")
        bridged.sync("ada", "bob")
        # Both join at the same time: each has published on another side.
        for bridge, remote in zip(bridged.bridges, ("other", "origin"), strict=True):
            bridge.note(bridged.task.id, f"{bridge.session} {number}")
            bridge.join(remote)
        bridged.sync("A0", "B1", "B0", "A1")
        bridged.settle()
    task = bridged.bob.task(bridged.task.id)
    assert (task.title, task.description) == ("From A 1", "From B 1\n")
    texts = [note.text for note in task.notes]
    assert sorted(texts) == sorted(f"bridge{b} {n}" for b in range(2) for n in range(2))
    tips, joins = bridged.tips(), bridged.joins()
    bridged.settle()
    assert (bridged.tips(), bridged.joins()) == (tips, joins)


# -- the law -----------------------------------------------------------------------------------

_STEPS = ("ada", "bob", "A0", "B0", "A1", "B1")
_acts = st.one_of(
    st.tuples(st.just("sync"), st.sampled_from(_STEPS)),
    st.tuples(st.just("note"), st.integers(0, 3)),
    st.tuples(st.just("title"), st.integers(0, 3)),
    st.tuples(st.just("add"), st.integers(0, 3)),
)


@pytest.fixture
def folders() -> Iterator[str]:
    """Yield names of folders, each for one example."""
    return (f"law{number}/" for number in count())


@settings(
    max_examples=2, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(_acts, min_size=6, max_size=10))
def test_whatever_is_done_published_stays_and_all_come_to_one_tip(
    make_repo: MakeRepo, git: RunGit, folders: Iterator[str], acts: list[tuple[str, object]]
) -> None:
    bridged = Bridged(make_repo, git, next(folders), bridges=2)
    everybody = (bridged.ada, bridged.bob, *bridged.bridges)
    notes, titles = set(), set()
    for number, (act, who) in enumerate(acts):
        if act == "sync":
            bridged.sync(str(who))  # checks the ancestors
            continue
        ledger = everybody[int(str(who))]
        if act == "note":
            ledger.note(bridged.task.id, f"note {number}")
            notes.add(f"note {number}")
        elif act == "title":
            ledger.edit(bridged.task.id, title=f"title {number}")
            titles.add(f"title {number}")
        else:
            ledger.add(f"task {number}")
            titles.add(f"task {number}")
    bridged.settle()

    task = bridged.ada.task(bridged.task.id)
    assert notes <= {note.text for note in task.notes}
    there = {each.title for each in bridged.ada.tasks()}
    kept = {note.dropped for note in task.notes if note.kind == "conflict"}
    # A title is there, was set aside, or was written over by who had seen it.
    log = {entry.operation.title for entry in bridged.ada.log()} | there | kept
    assert {title for title in titles if title.startswith("task")} <= there
    assert titles - log <= {title for title in titles if title.startswith("title")}
    before = bridged.tips()
    bridged.settle()
    assert bridged.tips() == before
