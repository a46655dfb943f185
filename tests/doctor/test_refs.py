"""Refs that are broken, lost, symbolic or locked: found, and put back."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gitledger.doctor.ref_state import Kind, look, replace
from gitledger.errors import Damaged, LedgerError, StoreFailed
from gitledger.ledger import Ledger
from gitledger.store import reflog
from tests.conftest import MakeRepo, RunGit
from tests.doctor.damage import (
    TITLES,
    codes,
    common_dir,
    cut,
    examine,
    filled,
    is_healthy,
    mend,
    object_file,
    ref_file,
    titles,
)
from tests.ledgers import MAIN, clone, ledger_at, place

TRACKING = "refs/gitledger-remotes/origin/main"
BROKEN = {
    "empty": b"",
    "zeros": b"\0" * 41,
    "garbage": b"garbage\n",
    "short": b"c0845\n",
    "no commit's id": b"0" * 40 + b"\n",
}


def forget(ledger: Ledger) -> None:
    """Remove the reflog."""
    reflog.path(common_dir(ledger), MAIN).unlink()


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN)
@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed before"])
def test_a_broken_ref_is_put_back_from_its_reflog(
    repo: Path, git: RunGit, content: bytes, packed: bool
) -> None:
    ledger = filled(repo)
    if packed:
        git(repo, "pack-refs", "--all")
        ledger.note(ledger.tasks()[0].id, "after")
    tip = ledger.tip()
    ref_file(ledger).write_bytes(content)

    with pytest.raises(StoreFailed):
        Ledger.open(repo).tasks()
    mend(ledger, "broken-ref")

    assert ledger_at(repo).tip() == tip
    assert is_healthy(git, ledger)
    assert (common_dir(ledger) / "gitledger/damaged" / MAIN).read_bytes() == content
    ledger_at(repo).add("Five")
    assert titles(ledger) == sorted([*TITLES, "Five"])


def test_a_reflog_that_a_crash_has_torn_serves_as_far_as_it_goes(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    before = git(repo, "rev-parse", f"{MAIN}~1")
    log = reflog.path(common_dir(ledger), MAIN)
    log.write_bytes(log.read_bytes().rstrip(b"\n")[:-60])
    ref_file(ledger).write_bytes(b"")

    mend(ledger, "broken-ref")

    assert ledger_at(repo).tip() == before
    assert is_healthy(git, ledger)


def test_without_a_reflog_the_tracking_ref_serves_and_it_is_told_what_may_be_lost(
    make_repo: MakeRepo, bare: Path, git: RunGit
) -> None:
    ledger = clone(make_repo, bare, "ada")
    ledger.add("Published")
    ledger.sync()
    ledger.add("Unpublished")
    forget(ledger)
    ref_file(ledger).write_bytes(b"")

    assert (
        mend(ledger, "broken-ref")
        .partition(" now, ")[2]
        .startswith(f"from {TRACKING}; lost: what was never synced; ")
    )
    assert titles(ledger) == ["Published"]
    assert is_healthy(git, ledger)


def test_the_tracking_ref_serves_where_it_is_further_than_the_reflog(
    make_repo: MakeRepo, bare: Path, git: RunGit
) -> None:
    ledger = clone(make_repo, bare, "ada")
    log = reflog.path(common_dir(ledger), MAIN)
    old = log.read_bytes()
    ledger.add("Published")
    ledger.sync()
    log.write_bytes(old)
    ref_file(ledger).write_bytes(b"")

    mend(ledger, "broken-ref")
    assert titles(ledger) == ["Published"]


def test_what_was_deleted_under_the_name_is_the_last_resort(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    ledger.delete_list("main")
    ref_file(ledger).write_bytes(b"")

    mend(ledger, "broken-ref")
    assert titles(ledger) == sorted(TITLES)
    assert is_healthy(git, ledger)


def test_a_broken_ref_with_nothing_left_is_said_to_be_that(repo: Path) -> None:
    ledger = filled(repo)
    forget(ledger)
    ref_file(ledger).write_bytes(b"garbage\n")

    (finding,) = examine(ledger)
    assert (finding.code, finding.mend, finding.severity) == ("broken-ref", None, "error")
    assert "its file says 'garbage'" in finding.problem
    assert "another clone" in finding.advice


def test_a_ref_that_is_gone_although_nobody_deleted_it_is_put_back(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    ref_file(ledger).unlink()
    for begin in (Ledger.open, Ledger.init):
        with pytest.raises(Damaged, match="was here, and its ref is gone"):
            begin(repo)

    mend(ledger, "lost-ref")
    assert titles(ledger) == sorted(TITLES)
    assert is_healthy(git, ledger)


@pytest.mark.parametrize("put_away", [Ledger.delete_list, Ledger.archive_list])
def test_a_list_that_was_put_away_is_no_finding(repo: Path, put_away: object) -> None:
    ledger = filled(repo)
    assert callable(put_away)
    put_away(ledger, "main")
    assert examine(ledger) == []


def test_a_symbolic_ref_to_a_ledger_becomes_a_ref_of_its_own(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    tip = ledger.tip() or ""
    git(repo, "update-ref", "refs/heads/tasks", tip)
    git(repo, "symbolic-ref", MAIN, "refs/heads/tasks")
    with pytest.raises(StoreFailed):
        Ledger.open(repo)

    mend(ledger, "symbolic-ref")

    assert ref_file(ledger).read_text() == f"{tip}\n"
    assert git(repo, "rev-parse", "refs/heads/tasks") == tip
    assert is_healthy(git, ledger)


@pytest.mark.parametrize("target", ["refs/heads/main", "refs/heads/unborn"])
def test_a_symbolic_ref_to_anything_else_is_put_back(repo: Path, git: RunGit, target: str) -> None:
    ledger = filled(repo)
    tip = ledger.tip()
    git(repo, "symbolic-ref", MAIN, target)

    mend(ledger, "symbolic-ref")
    assert ledger_at(repo).tip() == tip
    assert is_healthy(git, ledger)


def test_a_link_in_the_file_system_is_a_symbolic_ref_too(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    ref_file(ledger).unlink()
    ref_file(ledger).symlink_to("refs/heads/main")

    mend(ledger, "symbolic-ref")
    assert not ref_file(ledger).is_symlink()
    assert titles(ledger) == sorted(TITLES)


def test_a_commit_of_the_project_in_the_place_of_a_ledger_is_replaced(
    repo: Path, git: RunGit
) -> None:
    ledger = filled(repo)
    tip = ledger.tip()
    git(repo, "update-ref", MAIN, "HEAD")

    for begin in (Ledger.open, Ledger.init):
        with pytest.raises(Damaged, match=f"{MAIN} names no commit of a ledger"):
            begin(repo)
    # Somebody who has had it open for long notices it, too.
    for act in (ledger.tasks, lambda: ledger.add("On top of the project")):
        with pytest.raises(Damaged, match=f"{MAIN} names no commit of a ledger"):
            act()

    mend(ledger, "foreign-ref")
    assert ledger_at(repo).tip() == tip
    assert is_healthy(git, ledger)


def test_a_broken_ref_is_found_from_a_linked_worktree(repo: Path, git: RunGit) -> None:
    filled(repo)
    git(repo, "worktree", "add", "--quiet", "../linked")
    ledger = ledger_at(repo.parent / "linked")
    ref_file(ledger).write_bytes(b"")

    mend(ledger, "broken-ref")
    assert titles(ledger) == sorted(TITLES)


def test_each_list_is_looked_at_by_itself(repo: Path, git: RunGit) -> None:
    ledger, other = filled(repo), ledger_at(repo, list="other")
    other.add("Elsewhere")
    ref_file(ledger).write_bytes(b"")
    ref_file(ledger, "refs/gitledger/other").write_bytes(b"")

    found = examine(ledger)
    assert [finding.subject for finding in found] == [MAIN, "refs/gitledger/other"]
    for finding in found:
        assert finding.mend
        finding.mend.do()
    assert is_healthy(git, ledger)
    assert [task.title for task in Ledger.open(repo, list="other").tasks()] == ["Elsewhere"]


# -- while others write ------------------------------------------------------------------------


def test_a_ref_that_is_whole_again_meanwhile_is_left_alone(repo: Path) -> None:
    ledger = filled(repo)
    whole = ref_file(ledger).read_bytes()
    ref_file(ledger).write_bytes(b"")
    (finding,) = examine(ledger)
    ref_file(ledger).write_bytes(whole)

    assert finding.mend
    with pytest.raises(StoreFailed, match="meanwhile"):
        finding.mend.do()
    assert ref_file(ledger).read_bytes() == whole
    assert codes(ledger) == []


def test_a_ref_that_somebody_is_just_writing_is_left_alone(repo: Path) -> None:
    ledger = filled(repo)
    ref_file(ledger).write_bytes(b"")
    (finding,) = examine(ledger)
    lock = ref_file(ledger, f"{MAIN}.lock")
    lock.touch()

    assert finding.mend
    with pytest.raises(StoreFailed, match="somebody is writing"):
        finding.mend.do()
    assert lock.exists()
    assert ref_file(ledger).read_bytes() == b""


def test_a_value_that_cannot_be_put_in_place_leaves_everything(repo: Path) -> None:
    ledger = filled(repo)
    found = look(ledger.repository, MAIN)
    assert found.kind is Kind.DIRECT

    def fail(moves: list[reflog.Move]) -> list[reflog.Move]:
        raise StoreFailed("no")

    with pytest.raises(StoreFailed):
        replace(ledger.repository, found, "1" * 40, fail)
    assert look(ledger.repository, MAIN) == found
    assert not ref_file(ledger, f"{MAIN}.lock").exists()


# -- lock files --------------------------------------------------------------------------------


@pytest.mark.parametrize("ref", [MAIN, TRACKING])
def test_a_lock_file_of_a_dead_writer_is_removed(
    make_repo: MakeRepo, bare: Path, git: RunGit, ref: str
) -> None:
    ledger = clone(make_repo, bare, "ada")
    ledger.sync()
    lock = ref_file(ledger, f"{ref}.lock")
    lock.touch()
    os.utime(lock, (1, 1))

    (finding,) = examine(ledger)
    assert (finding.code, finding.subject, finding.severity) == ("stale-lock", ref, "error")
    mend(ledger, "stale-lock")
    assert not lock.exists()
    assert is_healthy(git, ledger)


def test_a_lock_file_of_a_writer_at_work_is_no_finding(repo: Path) -> None:
    ledger = filled(repo)
    ref_file(ledger, f"{MAIN}.lock").touch()
    assert examine(ledger) == []


def test_another_writers_lock_file_is_not_removed(repo: Path) -> None:
    ledger = filled(repo)
    lock = ref_file(ledger, f"{MAIN}.lock")
    lock.touch()
    os.utime(lock, (1, 1))
    (finding,) = examine(ledger)
    os.utime(lock)

    assert finding.mend
    finding.mend.do()
    assert lock.exists()


# -- reflogs and tracking refs -----------------------------------------------------------------


def test_a_list_without_a_reflog_gets_one(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    forget(ledger)

    assert [finding.severity for finding in examine(ledger)] == ["warning"]
    mend(ledger, "no-reflog")
    ledger.add("Five")
    assert len(reflog.read(common_dir(ledger), MAIN)) == 1
    assert is_healthy(git, ledger)


@pytest.mark.parametrize("content", [b"", b"garbage\n", b"ref: refs/heads/main\n"])
@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed before"])
def test_a_broken_tracking_ref_is_removed_and_the_next_sync_brings_it_back(
    make_repo: MakeRepo, bare: Path, git: RunGit, content: bytes, packed: bool
) -> None:
    ledger = clone(make_repo, bare, "ada")
    ledger.add("Published")
    ledger.sync()
    if packed:
        git(place(ledger), "pack-refs", "--all")
    ledger.add("Unpublished")
    ref_file(ledger, TRACKING).parent.mkdir(parents=True, exist_ok=True)
    ref_file(ledger, TRACKING).write_bytes(content)
    with pytest.raises(LedgerError):
        ledger_at(place(ledger)).sync()

    mend(ledger, "broken-tracking-ref")

    assert is_healthy(git, ledger)
    ledger_at(place(ledger)).sync()
    assert git(place(ledger), "rev-parse", TRACKING) == git(bare, "rev-parse", MAIN)
    assert titles(ledger) == ["Published", "Unpublished"]


@pytest.mark.parametrize("packed", [False, True], ids=["loose", "packed"])
def test_a_tracking_ref_that_names_what_is_not_here_is_removed(
    make_repo: MakeRepo, bare: Path, git: RunGit, packed: bool
) -> None:
    ledger = clone(make_repo, bare, "ada")
    ledger.add("Published")
    ledger.sync()
    claimed = ledger.add("Unpublished")
    ledger.claim(claimed.id)
    ref_file(ledger, TRACKING).parent.mkdir(parents=True, exist_ok=True)
    if packed:
        ref_file(ledger, TRACKING).unlink()
        (common_dir(ledger) / "packed-refs").write_text(f"{'5' * 40} {TRACKING}\n")
    else:
        ref_file(ledger, TRACKING).write_text(f"{'5' * 40}\n")
    view = ledger_at(place(ledger)).view(claimed.id)
    assert view.claim
    assert view.claim.state == "tentative"

    mend(ledger, "broken-tracking-ref")

    assert is_healthy(git, ledger)
    ledger_at(place(ledger)).sync()
    assert git(place(ledger), "rev-parse", TRACKING) == git(bare, "rev-parse", MAIN)
    assert titles(ledger) == ["Published", "Unpublished"]


def test_a_tracking_ref_that_names_what_is_not_here_does_not_keep_the_list_from_being_mended(
    make_repo: MakeRepo, bare: Path, git: RunGit
) -> None:
    ledger = clone(make_repo, bare, "ada")
    ledger.add("Published")
    ledger.sync()
    ledger.add("Unpublished")
    cut(object_file(ledger, ledger.tip() or ""))
    ref_file(ledger, TRACKING).write_text(f"{'5' * 40}\n")

    for _ in range(2):
        for finding in examine(ledger):
            assert finding.mend
            finding.mend.do()
    assert titles(ledger) == ["Published"]
    assert is_healthy(git, ledger)


# -- packed refs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "number"),
    [
        (b"\xff\xfe garbage\n", 1),
        (b"# pack-refs with: peeled fully-peeled sorted \n\0\0\0\0", 2),
        (b"5" * 40 + b" refs/heads/a\n" + b"5" * 40, 2),
        (b"5" * 40 + b" refs/heads/a\n" + b"5" * 40 + b" refs/heads/b", 2),
    ],
    ids=["garbage", "zeros", "cut", "without its end"],
)
def test_damaged_packed_refs_are_told_with_their_line_and_left_alone(
    repo: Path, content: bytes, number: int
) -> None:
    ledger = filled(repo)
    packed = common_dir(ledger) / "packed-refs"
    packed.write_bytes(content)

    (finding,) = examine(ledger)
    assert (finding.code, finding.subject) == ("damaged-packed-refs", str(packed))
    assert (finding.severity, finding.mend) == ("error", None)
    assert finding.problem.startswith(f"line {number} is no ref, and git reads none of them")
    assert f"take out line {number}" in finding.advice
    assert packed.read_bytes() == content


def test_packed_refs_as_git_writes_them_are_no_finding(repo: Path, git: RunGit) -> None:
    ledger = filled(repo)
    git(repo, "tag", "--annotate", "--message", "v1", "v1")
    git(repo, "pack-refs", "--all")
    assert is_healthy(git, ledger)


def test_a_bare_repository_is_put_back_from_what_it_has_fetched(bare: Path, git: RunGit) -> None:
    ledger = filled(bare)
    git(bare, "update-ref", TRACKING, MAIN)
    ref_file(ledger).write_bytes(b"")

    mend(ledger, "broken-ref")
    assert titles(ledger) == sorted(TITLES)
    assert is_healthy(git, ledger)


def test_a_list_that_another_process_is_just_making_is_not_lost(repo: Path) -> None:
    ledger = Ledger.init(repo)[0]
    ref_file(ledger).unlink()  # its reflog has the first value already
    assert Ledger.init(repo)[1] is True
    assert Ledger.open(repo).tasks() == ()
