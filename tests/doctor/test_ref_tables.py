"""The doctor where refs are kept in a reftable: he sees the lists, and puts back what is broken."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger.errors import StoreFailed
from gitledger.ledger import Ledger
from tests.conftest import RunGit
from tests.doctor.damage import (
    TITLES,
    codes,
    examine,
    filled,
    is_healthy,
    mend,
    object_file,
    titles,
)
from tests.ledgers import MAIN
from tests.store.opening import is_known

TRACKING = "refs/gitledger-remotes/origin/main"

pytestmark = pytest.mark.skipif(not is_known(), reason="reftables need git 2.45 or later")


@pytest.fixture
def ledger(tmp_path: Path, git: RunGit) -> Ledger:
    git(tmp_path, "init", "--quiet", "--ref-format=reftable", "repo")
    return filled(tmp_path / "repo")


def test_a_sound_list_is_seen_and_nothing_is_wrong(ledger: Ledger, git: RunGit) -> None:
    assert is_healthy(git, ledger)
    object_file(ledger, ledger.tip() or "").unlink()
    assert codes(ledger) == ["damaged-objects"]


def test_a_symbolic_ref_to_a_ledger_becomes_a_ref_of_its_own(
    ledger: Ledger, tmp_path: Path, git: RunGit
) -> None:
    repo, tip = tmp_path / "repo", ledger.tip() or ""
    git(repo, "update-ref", "refs/heads/tasks", tip)
    git(repo, "update-ref", "-d", MAIN)
    git(repo, "symbolic-ref", MAIN, "refs/heads/tasks")
    with pytest.raises(StoreFailed):
        Ledger.open(repo)

    mend(ledger, "symbolic-ref")

    assert git(repo, "for-each-ref", "--format=%(objectname)%(symref)", MAIN) == tip
    assert git(repo, "rev-parse", "refs/heads/tasks") == tip
    assert is_healthy(git, ledger)


def test_a_list_whose_tip_is_lost_is_put_back_to_what_was_synced(
    ledger: Ledger, tmp_path: Path, git: RunGit
) -> None:
    repo, tip = tmp_path / "repo", ledger.tip() or ""
    git(repo, "update-ref", TRACKING, f"{tip}~1")
    object_file(ledger, tip).unlink()

    mend(ledger, "damaged-objects")

    assert git(repo, "rev-parse", MAIN) == git(repo, "rev-parse", TRACKING)
    assert titles(ledger) == sorted(TITLES)


def test_a_tracking_ref_that_is_of_no_use_is_removed(
    ledger: Ledger, tmp_path: Path, git: RunGit
) -> None:
    git(tmp_path / "repo", "symbolic-ref", TRACKING, MAIN)

    mend(ledger, "broken-tracking-ref")

    assert examine(ledger) == []
    assert git(tmp_path / "repo", "for-each-ref", "refs/gitledger-remotes") == ""
