"""Objects that are missing or damaged: found, fetched once more, or gone round."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from gitledger.doctor.soundness import ROOT_COMMITS, newest_sound
from gitledger.errors import RemoteFailed, StoreFailed
from gitledger.ledger import Ledger
from gitledger.store import reflog
from tests.conftest import MakeRepo, RunGit
from tests.doctor.damage import (
    HARMS,
    TITLES,
    change,
    codes,
    common_dir,
    cut,
    examine,
    filled,
    is_healthy,
    mend,
    object_file,
    ref_file,
    task_object,
    titles,
)
from tests.ledgers import MAIN, clone, ledger_at, place

harms = pytest.mark.parametrize("harm", HARMS.values(), ids=HARMS)

TIP = {
    "commit": MAIN,
    "root of the tree": f"{MAIN}^{{tree}}",
    "folder": f"{MAIN}:tasks",
    "format": f"{MAIN}:format.toml",
}
OLD = {"commit": f"{MAIN}~2", "root of the tree": f"{MAIN}~2^{{tree}}"}


def one(ledger: Ledger) -> str:
    """Return the id of the task that was made first and edited last."""
    return next(task.id for task in ledger.tasks() if task.title == "One")


def test_a_new_ledger_begins_with_the_root_that_the_doctor_knows(repo: Path) -> None:
    assert ledger_at(repo).tip() in ROOT_COMMITS


@pytest.mark.parametrize("tidy", [False, True], ids=["loose", "packed"])
def test_a_long_healthy_history_has_no_findings(repo: Path, git: RunGit, tidy: bool) -> None:
    ledger = filled(repo)
    for number in range(60):
        ledger.note(one(ledger), f"note {number}")
    if tidy:
        git(repo, "gc", "--quiet")
    assert is_healthy(git, ledger)


def test_a_shallow_history_has_no_findings(
    make_repo: MakeRepo, bare: Path, git: RunGit, tmp_path: Path
) -> None:
    ledger = clone(make_repo, bare, "ada")
    ledger.add("One")
    ledger.add("Two")
    ledger.sync()
    shallow = tmp_path / "shallow"
    git(tmp_path, "init", "--quiet", str(shallow))
    git(shallow, "fetch", "--quiet", "--depth=1", f"file://{bare}", f"{MAIN}:{MAIN}")
    ledger_at(shallow).repository.store.enable_reflog(MAIN)
    assert examine(ledger_at(shallow)) == []


# -- unpublished: gone round -------------------------------------------------------------------


@harms
@pytest.mark.parametrize("what", TIP.values(), ids=TIP)
def test_without_what_the_tip_needs_the_ref_goes_back_to_what_is_whole(
    repo: Path, git: RunGit, harm: Callable[[Path], None], what: str
) -> None:
    ledger = filled(repo)
    ledger.add("Five")  # the last operation; only its own objects are harmed
    before = git(repo, "rev-parse", f"{MAIN}~1")
    oid = git(repo, "rev-parse", what)
    shared = oid == git(repo, "rev-parse", what.replace(MAIN, f"{MAIN}~1"))
    harm(object_file(ledger, oid))
    if shared:  # the format's file, without which no commit is whole
        assert [(finding.code, finding.mend) for finding in examine(ledger)] == [
            ("damaged-objects", None)
        ]
        return

    with pytest.raises(StoreFailed):
        Ledger.open(repo).tasks()
    said = mend(ledger, "damaged-objects")

    assert ledger_at(repo).tip() == before
    assert "lost: 'add " in said
    assert titles(ledger) == sorted(TITLES)
    assert is_healthy(git, ledger)


@harms
def test_of_one_unreadable_file_only_that_version_is_lost(
    repo: Path, git: RunGit, harm: Callable[[Path], None]
) -> None:
    ledger = filled(repo)
    for number in range(5):
        ledger.add(f"Later {number}")
    log = git(repo, "log", "--format=%an %ad %s", MAIN).splitlines()
    harm(object_file(ledger, task_object(git, ledger, ledger.task(one(ledger)))))

    (finding,) = examine(ledger)
    assert finding.mend
    assert "make 5 later operations again (lost: 'edit " in finding.mend.deed
    finding.mend.do()

    assert titles(ledger) == sorted([*TITLES, *(f"Later {number}" for number in range(5))])
    assert Ledger.open(repo).task(one(ledger)).description is None
    kept = git(repo, "log", "--format=%an %ad %s", MAIN).splitlines()
    assert kept == [line for line in log if "edit" not in line]
    assert is_healthy(git, ledger)


@pytest.mark.parametrize("later", [0, 2])
def test_a_file_with_the_bytes_of_another_is_not_believed(
    repo: Path, git: RunGit, later: int
) -> None:
    ledger = filled(repo)
    path = object_file(ledger, task_object(git, ledger, ledger.task(one(ledger))))
    for number in range(later):
        ledger.note(one(ledger), f"note {number}")
    change(path)
    assert [finding.code for finding in examine(ledger)] == [
        "damaged-history" if later else "damaged-objects"
    ]

    mend(ledger, examine(ledger)[0].code)
    assert Ledger.open(repo).task(one(ledger)).description == ("More of it.\n" if later else None)
    assert len(Ledger.open(repo).task(one(ledger)).notes) == later
    assert is_healthy(git, ledger)


@harms
def test_of_one_unreadable_version_of_the_past_nothing_is_lost_but_that(
    repo: Path, git: RunGit, harm: Callable[[Path], None]
) -> None:
    ledger = filled(repo)
    tasks = ledger.tasks()
    harm(object_file(ledger, task_object(git, ledger, ledger.task(one(ledger)), f"{MAIN}~1")))
    assert Ledger.open(repo).tasks() == tasks

    mend(ledger, "damaged-history")
    assert Ledger.open(repo).tasks() == tasks
    assert is_healthy(git, ledger)


@harms
@pytest.mark.parametrize("what", OLD.values(), ids=OLD)
def test_what_an_unreadable_operation_did_comes_back_with_the_next_one(
    repo: Path, git: RunGit, harm: Callable[[Path], None], what: str
) -> None:
    ledger = filled(repo)
    tasks = ledger.tasks()
    harm(object_file(ledger, git(repo, "rev-parse", what)))

    mend(ledger, "damaged-history")
    assert Ledger.open(repo).tasks() == tasks
    assert is_healthy(git, ledger)


def test_the_reflog_keeps_what_is_whole_and_what_was_there_is_put_aside(
    repo: Path, git: RunGit
) -> None:
    ledger = filled(repo)
    tip = ledger.tip() or ""
    log = reflog.path(common_dir(ledger), MAIN)
    before, values = log.read_bytes(), reflog.read(common_dir(ledger), MAIN)
    content = object_file(ledger, tip).read_bytes()[:20]
    cut(object_file(ledger, tip))

    mend(ledger, "damaged-objects")

    aside = common_dir(ledger) / "gitledger/damaged"
    assert (aside / MAIN).read_text() == f"{tip}\n"
    assert (aside / "logs" / MAIN).read_bytes() == before
    assert (aside / "objects" / tip[:2] / tip[2:]).read_bytes() == content
    *kept, last = reflog.read(common_dir(ledger), MAIN)
    assert kept == values[:-1]
    assert (last.old, last.new) == (kept[-1].new, kept[-1].new)


def test_damage_is_put_aside_again_under_another_name(repo: Path) -> None:
    ledger = filled(repo)
    for content in (b"", b"garbage"):
        ref_file(ledger).write_bytes(content)
        mend(ledger, "broken-ref")
    aside = common_dir(ledger) / "gitledger/damaged" / MAIN
    assert [path.read_bytes() for path in (aside, aside.with_name("main.2"))] == [b"", b"garbage"]


def test_a_damaged_object_of_the_project_is_not_touched(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    (repo / "big.txt").write_text("something\n" * 50)
    blob = git(repo, "hash-object", "-w", "big.txt")
    path = object_file(ledger, blob)
    cut(path)
    assert examine(ledger) == []


def test_the_newest_sound_commit_is_found_wherever_it_is(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    for number in range(20):
        ledger.note(one(ledger), f"{number}")
    commits = git(repo, "rev-list", MAIN).splitlines()
    for place_ in (22, 17, 8, 3, 0):
        object_file(ledger, commits[place_]).rename(repo / "kept")
        assert newest_sound(ledger.repository, commits) == commits[place_ + 1]
        (repo / "kept").rename(object_file(ledger, commits[place_]))
    assert newest_sound(ledger.repository, commits) == commits[0]
    assert newest_sound(ledger.repository, ["1" * 40, "2" * 40]) is None


# -- published: fetched once more --------------------------------------------------------------


@pytest.fixture
def shared(make_repo: MakeRepo, bare: Path) -> Ledger:
    """Return a ledger whose five operations are published, and a sixth that is not."""
    ledger = clone(make_repo, bare, "grace")
    tasks = [ledger.add(title) for title in TITLES]
    ledger.edit(tasks[0].id, description="More of it.\n")
    ledger.sync()
    ledger.add("Unpublished")
    return ledger


PUBLISHED = {
    "file": "",
    "file of the past": "~1",
    "commit": f"{MAIN}~1",
    "root of the tree": f"{MAIN}~1^{{tree}}",
    "old commit": f"{MAIN}~4",
    "format": f"{MAIN}:format.toml",
}


@harms
@pytest.mark.parametrize("what", PUBLISHED.values(), ids=PUBLISHED)
def test_what_the_remote_has_is_fetched_once_more(
    shared: Ledger, git: RunGit, harm: Callable[[Path], None], what: str
) -> None:
    repo, tip, tasks = place(shared), shared.tip(), shared.tasks()
    oid = (
        git(repo, "rev-parse", what)
        if what.startswith("refs/")
        else task_object(git, shared, shared.task(one(shared)), f"{MAIN}~1{what}")
    )
    harm(object_file(shared, oid))

    (finding,) = examine(shared)
    assert finding.mend
    finding.mend.do()

    assert Ledger.open(repo).tip() == tip
    assert Ledger.open(repo).tasks() == tasks
    assert is_healthy(git, shared)


@pytest.mark.parametrize("what", PUBLISHED.values(), ids=PUBLISHED)
def test_bytes_of_another_are_replaced_by_what_the_remote_has(
    shared: Ledger, git: RunGit, what: str
) -> None:
    repo, tasks = place(shared), shared.tasks()
    oid = (
        git(repo, "rev-parse", what)
        if what.startswith("refs/")
        else task_object(git, shared, shared.task(one(shared)), f"{MAIN}~1{what}")
    )
    change(object_file(shared, oid))

    mend(shared, examine(shared)[0].code)
    assert Ledger.open(repo).tasks() == tasks
    assert is_healthy(git, shared)


def test_a_damaged_folder_hides_damage_below_it_which_is_found_in_its_turn(
    shared: Ledger, git: RunGit
) -> None:
    repo, tasks = place(shared), shared.tasks()
    commit, root, folder = git(
        repo, "rev-parse", f"{MAIN}~1", f"{MAIN}~1^{{tree}}", f"{MAIN}~1:tasks"
    ).split()
    for oid in (commit, root, folder):
        cut(object_file(shared, oid))

    mend(shared, "damaged-history")
    assert Ledger.open(repo).tasks() == tasks
    assert is_healthy(git, shared)


def test_damage_on_both_sides_is_fetched_first_and_gone_round_then(
    shared: Ledger, git: RunGit
) -> None:
    old = task_object(git, shared, shared.task(one(shared)))
    cut(object_file(shared, old))
    cut(object_file(shared, shared.tip() or ""))

    mend(shared, "damaged-objects")
    mend(shared, "damaged-objects")
    assert titles(shared) == sorted(TITLES)
    assert is_healthy(git, shared)


def test_a_broken_ref_and_damage_that_a_remote_has_are_mended_one_after_the_other(
    shared: Ledger, git: RunGit
) -> None:
    tip = shared.tip()
    cut(object_file(shared, task_object(git, shared, shared.task(one(shared)))))
    ref_file(shared).write_bytes(b"")

    broken, damaged = examine(shared)
    assert (broken.code, damaged.code) == ("broken-ref", "damaged-objects")
    assert broken.mend
    broken.mend.do()
    mend(shared, "damaged-objects")
    assert ledger_at(place(shared)).tip() == tip
    assert is_healthy(git, shared)


def test_a_remote_that_cannot_be_reached_is_said_and_nothing_is_lost(
    shared: Ledger, bare: Path, git: RunGit
) -> None:
    tip = shared.tip()
    cut(object_file(shared, task_object(git, shared, shared.task(one(shared)))))
    bare.rename(bare.with_name("away.git"))

    with pytest.raises(RemoteFailed):
        mend(shared, "damaged-objects")
    assert shared.tip() == tip
    bare.with_name("away.git").rename(bare)
    mend(shared, "damaged-objects")
    assert is_healthy(git, shared)


def test_a_remote_that_has_dropped_the_list_is_of_no_use(
    shared: Ledger, bare: Path, git: RunGit
) -> None:
    cut(object_file(shared, task_object(git, shared, shared.task(one(shared)))))
    git(bare, "update-ref", "-d", MAIN)

    with pytest.raises(StoreFailed, match="does not have what is missing"):
        mend(shared, "damaged-objects")
    assert codes(shared) == ["damaged-objects"]
