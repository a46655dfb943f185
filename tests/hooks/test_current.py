"""The small file that says what a worktree's session has begun; the shims read it, too."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitledger import begun, binding, current
from gitledger.current import Entry
from gitledger.ledger import Ledger
from tests.hooks.scene import Scene
from tests.ledgers import MAIN, ledger_at


def file(scene: Scene) -> Path:
    return scene.path / ".git/gitledger/current"


def test_it_is_there_from_the_start_of_a_task_to_its_end(scene: Scene) -> None:
    task = scene.add()
    scene.ledger.claim(task)
    assert not file(scene).exists()
    scene.ledger.start(task)
    place = f"{MAIN}:tasks/{task[0]}/{task[1]}/{task}.toml"
    blob = scene.git(scene.path, "rev-parse", place)
    assert file(scene).read_text() == f"ENV |||\nada {place} {blob} {task} -\n"
    scene.ledger.edit(task, branch="feature")
    blob = scene.git(scene.path, "rev-parse", place)
    assert file(scene).read_text() == f"ENV |||\nada {place} {blob} {task} +\n"
    scene.ledger.done(task)
    assert not file(scene).exists()


def test_each_task_has_a_line(scene: Scene) -> None:
    tasks = sorted(scene.ledger.start(scene.add(title)).id for title in ("One", "Two"))
    assert [line.split()[3] for line in file(scene).read_text().splitlines()[1:]] == tasks
    assert [task.id for task in begun.at_hand(scene.ledger)] == tasks


def test_what_is_begun_for_another_session_is_not_in_it(scene: Scene) -> None:
    ledger_at(scene.path, "grace").start(scene.add())
    assert not file(scene).exists()


def test_what_is_begun_in_another_list_is_not_in_it(scene: Scene) -> None:
    other, _ = Ledger.init(scene.path, list="other", session="ada")
    other.start(other.add("Else").id)
    assert not file(scene).exists()


def test_it_names_the_environment_that_it_holds_for(scene: Scene) -> None:
    environ = {**os.environ, "GITLEDGER_SESSION": "grace", "CLAUDE_CODE_SESSION_ID": "1234"}
    grace = Ledger.open(scene.path, environ=environ)
    task = grace.start(scene.add())
    assert file(scene).read_text().startswith("ENV grace|||1234\ngrace ")
    assert begun.at_hand(scene.ledger) == []
    assert begun.at_hand(Ledger.open(scene.path, environ=environ)) == [task]


def test_two_sessions_in_one_worktree_do_not_take_each_others_word(scene: Scene) -> None:
    environ = {**os.environ, "GITLEDGER_SESSION": "grace"}
    task = Ledger.open(scene.path, environ=environ).start(scene.add())
    mine = scene.ledger.start(scene.add("Mine"))
    assert file(scene).read_text() == "ENV ?\n? - - - -\n"
    assert begun.at_hand(scene.ledger) == [mine]
    assert begun.at_hand(Ledger.open(scene.path, environ=environ)) == [task]


def test_a_worktree_of_another_session_from_now_on_is_looked_up(scene: Scene) -> None:
    task = scene.ledger.start(scene.add()).id
    binding.bind(scene.path / ".git", "grace")
    assert file(scene).read_text() == "ENV ?\n? - - - -\n"
    assert begun.at_hand(Ledger.open(scene.path)) == []
    binding.unbind(scene.path / ".git")
    assert [found.id for found in begun.at_hand(Ledger.open(scene.path))] == [task]
    assert task in file(scene).read_text()


def test_where_it_cannot_be_written_the_ledger_does_without(scene: Scene) -> None:
    task = scene.add()
    file(scene).parent.mkdir(exist_ok=True)
    file(scene).mkdir()
    assert scene.ledger.start(task).status == "in_progress"
    assert [found.id for found in begun.at_hand(scene.ledger)] == [task]
    assert list(file(scene).parent.glob("current.*")) == []


@pytest.mark.parametrize(
    "text", ["", "ENV |||", "garbage", "ENV |||\na b c\n", "ENV |||\n? - - - -\n", "\udcff\n"]
)
def test_a_file_that_says_nothing_of_use_is_as_none(scene: Scene, text: str) -> None:
    file(scene).parent.mkdir(exist_ok=True)
    file(scene).write_text(text, errors="surrogateescape")
    found = current.read(scene.path / ".git", os.environ)
    assert not found


def test_an_environment_that_is_no_line_is_never_the_same(tmp_path: Path) -> None:
    environ = {"GITLEDGER_SESSION": "a\nb"}
    assert current.environment(environ) == "?"
    current.write(tmp_path, environ, [Entry("a", "b", "c", "d", branch=False)])
    assert (tmp_path / "gitledger/current").read_text() == "ENV ?\na b c d -\n"
