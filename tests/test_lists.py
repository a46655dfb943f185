"""Task lists: names, choice, and lists that are put away."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from gitledger import lists, shelf
from gitledger.errors import InvalidInput, NoSuchList
from gitledger.ledger import Ledger
from tests.conftest import RunGit
from tests.ledgers import Interrupted, ledger_at

# -- names -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["main", "v1.2", "pr-17", "A_b", "x", "0", "a" * 64])
def test_a_name_is_one_component_of_a_ref(name: str, repo: Path, git: RunGit) -> None:
    assert lists.check_name(name) == name
    git(repo, "check-ref-format", lists.ref(name))


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        "a..b",
        "a/b",
        "-x",
        ".x",
        "x.",
        "x.lock",
        "a b",
        "größe",
        "a\n",
        "@{",
        "a" * 65,
    ],
)
def test_anything_else_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        lists.check_name(name)


@pytest.mark.parametrize("made", ["init", "open"])
def test_a_bad_name_is_refused_wherever_it_comes_from(repo: Path, made: str) -> None:
    with pytest.raises(InvalidInput):
        getattr(Ledger, made)(repo, list="../heads/main")


# -- which one ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "environ", "configured", "chosen"),
    [
        ("asked", {"GITLEDGER_LIST": "env"}, "config", "asked"),
        (None, {"GITLEDGER_LIST": "env"}, "config", "env"),
        (None, {"CLAUDE_CODE_TASK_LIST_ID": "there"}, "config", "config"),
        (None, {"CLAUDE_CODE_TASK_LIST_ID": "there"}, None, "there"),
        (None, {"CLAUDE_CODE_TASK_LIST_ID": "elsewhere"}, None, "main"),
        (None, {"GITLEDGER_LIST": ""}, None, "main"),
        (None, {}, None, "main"),
    ],
)
def test_a_list_is_chosen_by_request_environment_and_configuration(
    asked: str | None, environ: dict[str, str], configured: str | None, chosen: str
) -> None:
    assert lists.choose(asked, environ, configured, lambda: {"main", "there"}) == chosen


def test_the_configuration_of_the_repository_names_the_list(repo: Path, git: RunGit) -> None:
    ledger_at(repo, list="release")
    git(repo, "config", "gitledger.list", "release")
    assert Ledger.open(repo).list == "release"


def test_lists_have_nothing_to_do_with_each_other(repo: Path) -> None:
    ledger_at(repo).add("Here")
    release = ledger_at(repo, list="release")
    assert release.tasks() == ()
    assert release.lists() == ("main", "release")


def test_a_ref_that_no_list_can_have_is_no_list(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo)
    git(repo, "update-ref", "refs/gitledger/a/b", ledger.tip() or "")
    assert ledger.lists() == ("main",)


# -- put away ----------------------------------------------------------------------------------


def test_an_archived_list_is_out_of_the_way_with_its_history(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo)
    release = ledger_at(repo, list="release")
    release.add("Ship it")
    tip = release.tip()

    assert ledger.archive_list("release") == "refs/gitledger-archive/release"
    assert ledger.lists() == ("main",)
    assert ledger.archived_lists() == ("release",)
    assert git(repo, "rev-parse", "refs/gitledger-archive/release") == tip


def test_a_second_archive_of_one_name_does_not_replace_the_first(repo: Path) -> None:
    ledger = ledger_at(repo)
    ledger_at(repo, list="release").add("First")
    ledger.archive_list("release")
    ledger_at(repo, list="release").add("Second")

    with pytest.raises(InvalidInput):
        ledger.archive_list("release")
    assert ledger.lists() == ("main", "release")


def test_a_deleted_list_is_kept_under_a_backup(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo)
    release = ledger_at(repo, list="release")
    release.add("Ship it")
    tip = release.tip() or ""

    backup = ledger.delete_list("release")
    assert backup == f"refs/gitledger-backup/release/{tip[:12]}"
    assert git(repo, "rev-parse", backup) == tip
    assert ledger.lists() == ("main",)


@pytest.mark.parametrize("put_away", [shelf.archive, shelf.delete])
def test_what_does_not_exist_cannot_be_put_away(repo: Path, put_away: Any) -> None:
    ledger = ledger_at(repo)
    with pytest.raises(NoSuchList) as error:
        put_away(ledger.repository, "mian")
    assert error.value.hint == "did you mean 'main'?"


@pytest.mark.parametrize("put_away", [shelf.archive, shelf.delete])
def test_what_is_added_while_a_list_is_put_away_is_kept_with_it(
    repo: Path, git: RunGit, put_away: Any
) -> None:
    ledger = ledger_at(repo)
    ledger.add("Before")
    repository: Any = ledger_at(repo).repository
    repository.store = Interrupted(repository.store, lambda: ledger.add("Meanwhile"))

    kept = put_away(repository, "main")

    assert git(repo, "log", "--format=%s", kept).count("add ") == 2
    assert repository.lists() == {}
