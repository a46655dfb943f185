"""The laws of the memory can be broken: what is lost, made up or brought back is seen."""

from __future__ import annotations

from typing import Any

import pytest

from gitledger.core.dataclass import replace
from gitledger.core.task import Note, Task
from tests.convergence.memory import Memory
from tests.ledgers import NEW_YEAR

TASK = Task(id="0000000001", title="Schema")


class Two:
    """A memory of two clones that both know a task."""

    def __init__(self) -> None:
        self.memory = Memory()
        self.at = {"ada": TASK, "grace": TASK}
        self.memory.record("ada", "ada", {}, {TASK.id: TASK})
        self.publish("ada")
        self.pull("grace")

    def edit(self, name: str, **changes: Any) -> None:
        before, after = self.at[name], replace(self.at[name], **changes)
        self.memory.record(name, name, {TASK.id: before}, {TASK.id: after})
        self.at[name] = after

    def publish(self, name: str) -> None:
        self.memory.publish(name, "tip")

    def pull(self, name: str) -> None:
        self.memory.learn(name, "tip")

    def check(self, *notes: Note, **final: Any) -> None:
        self.memory.check({TASK.id: replace(TASK, notes=notes, **final)})


@pytest.fixture
def two() -> Two:
    two = Two()
    two.edit("ada", priority="P1", labels=("web",))
    return two


def set_aside(field: str, dropped: Any) -> Note:
    return Note(id="n", at=NEW_YEAR, by="ada", kind="conflict", field=field, dropped=dropped)


def test_a_value_that_is_there_or_kept_is_not_lost(two: Two) -> None:
    two.edit("grace", priority="P3")
    two.check(set_aside("priority", "P1"), priority="P3", labels=("web",))
    two.check(set_aside("priority", "P3"), priority="P1", labels=("web",))


def test_a_value_that_nobody_keeps_is_lost(two: Two) -> None:
    two.edit("grace", priority="P3")
    with pytest.raises(AssertionError, match="P1"):
        two.check(priority="P3", labels=("web",))


def test_a_value_that_somebody_saw_and_replaced_may_go(two: Two) -> None:
    two.publish("ada")
    two.pull("grace")
    two.at["grace"] = two.at["ada"]
    two.edit("grace", priority="P3", labels=())
    two.check(priority="P3")


def test_a_value_that_was_replaced_does_not_come_back(two: Two) -> None:
    two.edit("ada", priority="P3")
    with pytest.raises(AssertionError, match="priority"):
        two.check(priority="P1", labels=("web",))


def test_an_item_that_was_removed_does_not_come_back(two: Two) -> None:
    two.edit("ada", labels=())
    with pytest.raises(AssertionError, match="labels"):
        two.check(priority="P1", labels=("web",))


def test_a_value_that_nobody_wrote_is_made_up(two: Two) -> None:
    with pytest.raises(AssertionError, match="'priority', 'P4'"):
        two.check(set_aside("priority", "P1"), priority="P4", labels=("web",))
    with pytest.raises(AssertionError, match="type"):
        two.check(priority="P1", labels=("web",), type="bug")


def test_what_is_finished_stays_finished(two: Two) -> None:
    two.edit("grace", status="completed")
    with pytest.raises(AssertionError):
        two.check(set_aside("status", "completed"), priority="P1", labels=("web",))
    two.check(status="completed", priority="P1", labels=("web",))
