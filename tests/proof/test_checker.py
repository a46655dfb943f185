"""The checker of the race can fail: a small true story, doctored in each way that it knows."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import MakeRepo, RunGit
from tests.ledgers import MAIN, clone, commit_by_hand
from tests.proof import attempts
from tests.proof.attempts import Record, Worker
from tests.proof.checker import Evidence, absorbed_operations, violations
from tests.proof.history import commits

Doctor = Callable[[Evidence], None]
"""Falsifies what is known of a race."""


class Story:
    """Ada and Grace claim, start and name the same two tasks before they know of each other.

    Attributes:
        bare: their remote.
        schema, page: the ids of the tasks.
    """

    def __init__(self, folder: Path, git: RunGit) -> None:
        self._git, self._folder = git, folder
        self.bare = folder / "bare.git"
        self.schema, self.page = commits(self.bare, MAIN)[1].tasks

    def evidence(self) -> Evidence:
        """Return what is known now."""
        clones = [self._folder / name for name in ("ada", "grace")]
        return Evidence.gather(attempts.read(self._folder / "logs"), self.bare, clones)

    def commit(self, task: str, old: str, new: str, message: str = "by hand") -> None:
        """Change the text of a task on the remote by hand."""
        path = f"tasks/{task[0]}/{task[1]}/{task}.toml"
        text = self._git(self.bare, "show", f"{MAIN}:{path}")
        assert old in text
        entry = f"100644 {text.replace(old, new)}\n\t{path}"
        commit_by_hand(self._git, self.bare, entry, message=message)


def play(make_repo: MakeRepo, bare: Path, git: RunGit) -> None:
    """Let it happen, in the directory of the bare repository."""
    git(bare, "config", "core.logAllRefUpdates", "always")
    logs = bare.parent / "logs"
    logs.mkdir()
    ada, grace = (Worker(clone(make_repo, bare, name), logs / name) for name in ("ada", "grace"))
    with ada.ledger.transaction("plan") as transaction:
        schema, page = (transaction.add(name).id for name in ("Schema", "Page"))

    def do(worker: Worker, verb: str, task: str, **given: str) -> None:
        act = partial(getattr(worker.ledger, verb), task, **given)
        values = [("notes" if key == "text" else key, value) for key, value in given.items()]
        worker.attempt(verb, act, on=worker.ledger.task(task), values=values)

    def meet() -> None:
        for worker in (ada, grace, ada):
            worker.sync()

    meet()
    for worker in (ada, grace):
        do(worker, "claim", schema)
        do(worker, "start", schema)
        do(worker, "start", page)
        do(worker, "edit", page, title=f"Page of {worker.session}")
    do(grace, "note", page, text="seen")
    meet()
    do(grace, "release", schema)
    do(ada, "release", page)
    do(ada, "done", schema)
    meet()
    for worker in (ada, grace):
        worker.end()


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the story is kept; a copy of a directory is cheaper than to play it again."""
    return tmp_path_factory.mktemp("told") / "story"


@pytest.fixture
def story(told: Path, make_repo: MakeRepo, bare: Path, git: RunGit) -> Story:
    if not told.exists():
        play(make_repo, bare, git)
        shutil.copytree(bare.parent, told)
    return Story(shutil.copytree(told, bare.parent / "story"), git)


@pytest.fixture(scope="module")
def gathered() -> list[Evidence]:
    """What is known of the story, once a test has read it."""
    return []


@pytest.fixture
def evidence(gathered: list[Evidence], request: pytest.FixtureRequest) -> Evidence:
    """Return what is known of the story as it was played, to be falsified at will."""
    if not gathered:
        gathered.append(request.getfixturevalue("story").evidence())
    return deepcopy(gathered[0])


def found(evidence: Evidence) -> set[str]:
    """Return the kinds of violations that are found."""
    return {line.partition(":")[0] for line in violations(evidence)}


def one(evidence: Evidence, session: str, verb: str, answer: str = "acknowledged") -> Record:
    """Return the first record of a session's that fits; of syncs, one that told of lost claims."""
    return next(
        record
        for log in evidence.logs
        for record in log
        if (record.session, record.verb, record.answer) == (session, verb, answer)
        and (verb != "sync" or record.lost)
    )


def test_the_story_itself_holds(story: Story) -> None:
    evidence = story.evidence()

    assert violations(evidence) == []
    assert [it.verb for it in evidence.records if it.answer == "refused"] == ["release"]
    assert {*one(evidence, "grace", "sync").lost} == {
        (story.schema, "grace"),
        (story.page, "grace"),
    }


def test_an_operation_that_changes_nothing_any_more_is_no_loss(story: Story) -> None:
    evidence = story.evidence()
    absorbed = absorbed_operations(evidence)

    assert absorbed == [one(evidence, "grace", "start")]
    assert absorbed[0].key not in evidence.places


# -- doctored logs -----------------------------------------------------------------------------


def doctored(who: str, verb: str, /, was: str = "acknowledged", **given: Any) -> Doctor:
    """Return what changes one record."""

    def doctor(evidence: Evidence) -> None:
        record = one(evidence, who, verb, was)
        for name, value in given.items():
            setattr(record, name, value)

    return doctor


def invented(**given: Any) -> Doctor:
    """Return what adds a record like that of Ada's edit, of which the history knows nothing."""

    def doctor(evidence: Evidence) -> None:
        log = evidence.logs[0]
        log.insert(-1, replace(one(evidence, "ada", "edit"), key="invented", **given))

    return doctor


def forgotten(session: str, verb: str) -> Doctor:
    """Return what takes one record away."""

    def doctor(evidence: Evidence) -> None:
        record = one(evidence, session, verb)
        for log in evidence.logs:
            if record in log:
                log.remove(record)

    return doctor


def turned(evidence: Evidence) -> None:
    """Let Ada have written in another order."""
    log = evidence.logs[0]
    first, second = (log.index(one(evidence, "ada", verb)) for verb in ("claim", "start"))
    log[first], log[second] = log[second], log[first]


def told_twice(evidence: Evidence) -> None:
    """Let a sync tell of the same lost claim again."""
    evidence.logs[1].insert(-1, one(evidence, "grace", "sync"))


@pytest.mark.parametrize(
    ("doctor", "kinds"),
    [
        pytest.param(invented(values=[]), {"lost"}, id="an operation that is not there"),
        pytest.param(
            invented(verb="done", values=[]), {"lost", "undone"}, id="a completion not there"
        ),
        pytest.param(
            doctored("ada", "claim", answer="refused"),
            {"refused, but there", "no owner"},
            id="a refused operation that is there",
        ),
        pytest.param(
            doctored("grace", "note", answer="unchanged"), {"unchanged, but there"},
            id="an operation that said that it changed nothing",
        ),
        pytest.param(
            doctored("grace", "note", answer="refused"), {"refused, but there"},
            id="a refused value that is there",
        ),
        pytest.param(forgotten("grace", "note"), {"unasked"}, id="an operation of nobody"),
        pytest.param(doctored("grace", "note", at=0), {"altered"}, id="another author date"),
        pytest.param(
            doctored("grace", "note", session="ada"), {"altered"}, id="another session"
        ),
        pytest.param(
            doctored("grace", "note", tasks=[]), {"altered", "too much"}, id="another task"
        ),
        pytest.param(
            doctored("ada", "claim", verb="release"),
            {"altered", "not given back"},
            id="a release after which its session has the task",
        ),
        pytest.param(
            invented(answer="refused", values=[(None, "title", "Page of ada", None)]),
            {"refused, but there"},
            id="a refused title that is there",
        ),
        pytest.param(turned, {"out of order"}, id="another order"),
        pytest.param(doctored("grace", "sync", lost=[]), {"untold"}, id="a lost claim untold"),
        pytest.param(told_twice, {"untold"}, id="a lost claim told twice"),
        pytest.param(
            doctored("grace", "release", "refused", owner="linus"), {"no owner"},
            id="a refusal for somebody who never claimed",
        ),
        pytest.param(
            doctored("grace", "sync", answer="refused"), {"no sync"}, id="a refused sync"
        ),
        pytest.param(forgotten("ada", "end"), {"stopped"}, id="a worker that stopped"),
    ],
)  # fmt: skip
def test_a_doctored_log_is_found_out(evidence: Evidence, doctor: Doctor, kinds: set[str]) -> None:
    doctor(evidence)

    assert found(evidence) == kinds


def test_a_value_that_its_operation_did_not_bring_is_found_out(story: Story) -> None:
    evidence = story.evidence()
    one(evidence, "ada", "edit").values = [(story.page, "title", "Never", None)]

    assert found(evidence) == {"empty", "gone"}


def test_a_lost_claim_without_a_note_is_found_out(story: Story) -> None:
    evidence = story.evidence()
    one(evidence, "grace", "note").claims = [story.page]

    assert found(evidence) == {"no note", "untold"}


# -- doctored repositories ---------------------------------------------------------------------


def test_an_operation_that_is_there_twice_is_found_out(story: Story, git: RunGit) -> None:
    note = one(story.evidence(), "grace", "note")
    message = git(story.bare, "log", "-1", "--format=%B", f"--grep={note.key}$", MAIN)
    story.commit(story.page, 'priority = "P2"', 'priority = "P0"', message)

    assert found(story.evidence()) >= {"doubled"}


@pytest.mark.parametrize(
    ("task", "old", "new", "kind"),
    [
        ("schema", 'owner = "ada"', 'owner = "grace"', "two owners"),
        ("schema", 'status = "completed"', 'status = "pending"', "undone"),
        ("page", 'title = "Page of ada"', 'title = "Page"', "gone"),
        ("page", 'dropped = "Page of grace"', 'dropped = "Page"', "gone"),
        ("page", 'text = "seen"', 'text = "read"', "gone"),
    ],
)
def test_what_an_operation_of_nobody_destroys_is_found_out(
    story: Story, task: str, old: str, new: str, kind: str
) -> None:
    story.commit(getattr(story, task), old, new)

    assert found(story.evidence()) == {"unasked", kind, "apart"}


def test_a_merge_is_found_out(story: Story, git: RunGit) -> None:
    both = ("-p", MAIN, "-p", f"{MAIN}~1", "-m", "merge")
    git(story.bare, "update-ref", MAIN, git(story.bare, "commit-tree", f"{MAIN}^{{tree}}", *both))

    assert found(story.evidence()) == {"unasked", "not straight", "apart"}


def test_a_published_operation_that_is_gone_is_found_out(story: Story, git: RunGit) -> None:
    git(story.bare, "update-ref", MAIN, f"{MAIN}~1")

    assert found(story.evidence()) == {"lost", "undone", "rewritten", "apart"}


def test_a_shared_ref_that_went_back_for_a_while_is_found_out(story: Story, git: RunGit) -> None:
    tip = git(story.bare, "rev-parse", MAIN)
    git(story.bare, "update-ref", MAIN, f"{tip}~1")
    git(story.bare, "update-ref", MAIN, tip)

    assert found(story.evidence()) == {"rewound"}


def test_a_shared_ref_that_nobody_watched_is_found_out(story: Story) -> None:
    (story.bare / "logs" / MAIN).unlink()

    assert found(story.evidence()) == {"unwatched"}


def test_a_clone_that_stays_behind_is_found_out(story: Story, git: RunGit) -> None:
    git(story.bare.parent / "grace", "update-ref", MAIN, f"{MAIN}~1")

    assert found(story.evidence()) == {"apart"}


def test_a_damaged_object_is_found_out(story: Story, git: RunGit) -> None:
    clone = story.bare.parent / "grace"
    tree = git(clone, "rev-parse", f"{MAIN}^{{tree}}")
    path = clone / ".git/objects" / tree[:2] / tree[2:]
    path.chmod(0o644)
    path.write_bytes(b"damage")

    assert found(story.evidence()) == {"fsck"}
