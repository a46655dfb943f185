"""Sync with and from repositories of every kind, and by every kind of address."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

import pytest

from gitledger import remotes
from gitledger.errors import LedgerError, RemoteFailed
from gitledger.ledger import Ledger
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import MAIN, Team, clone, install_hook, ledger_at, place, team_fixture

team = team_fixture()


def exchanged(team: Team, ledger: Ledger, remote: str | None = None) -> None:
    """Let operations go both ways between the team and another clone."""
    ledger.sync(remote)
    team.ada.note(team.task.id, "from ada")
    ledger.note(team.task.id, "from here")
    team.ada.sync()
    ledger.sync(remote)
    team.ada.sync()
    assert team.ada.tip() == ledger.tip() == team.published()
    assert [note.text for note in team.now().notes] == ["from ada", "from here"]
    assert team.git(place(ledger), "fsck", "--no-dangling") == ""


# -- what the remote is ------------------------------------------------------------------------


def test_a_remote_without_any_commit_gets_the_list(
    make_repo: MakeRepo, tmp_path: Path, git: RunGit
) -> None:
    git(tmp_path, "init", "-q", "--bare", "empty.git")
    ada = clone(make_repo, tmp_path / "empty.git", "ada")
    task = ada.add("Schema")
    assert ada.join() is None
    assert ada.sync().pushed == 1
    grace = clone(make_repo, tmp_path / "empty.git", "grace")
    grace.sync()
    assert list(grace.tasks()) == [task]


@pytest.mark.parametrize("kind", ["worktree", "alternate", "with a working tree"])
def test_a_remote_may_be_any_repository(
    team: Team, kind: str, tmp_path: Path, make_repo: MakeRepo, git: RunGit
) -> None:
    there = tmp_path / "there"
    if kind == "worktree":
        git(team.bare, "worktree", "add", "-q", str(there), "main")
    elif kind == "alternate":
        git(tmp_path, "clone", "-q", "--bare", "--shared", str(team.bare), "there")
        git(there, "fetch", "-q", "origin", f"{MAIN}:{MAIN}")
    else:
        git(tmp_path, "clone", "-q", str(team.bare), "there")
    linus = clone(make_repo, there, "linus")
    linus.sync()
    linus.note((linus.add("Mine")).id, "mine")
    linus.sync()
    assert git(there, "rev-parse", MAIN) == linus.tip()


def test_a_shallow_remote_is_named_as_such(
    team: Team, tmp_path: Path, make_repo: MakeRepo, git: RunGit
) -> None:
    there = tmp_path / "there.git"
    git(tmp_path, "init", "-q", "--bare", "there.git")
    git(there, "fetch", "-q", "--depth=1", f"file://{team.bare}", f"{MAIN}:{MAIN}")
    linus = clone(make_repo, there, "linus")
    with pytest.raises(RemoteFailed, match="it is a shallow clone, which lacks the history"):
        linus.sync()


# -- what the clone is -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "option", ["--depth=1", "--shallow-since=2025-01-01", "--filter=blob:none", "--filter=tree:0"]
)
def test_a_clone_may_be_shallow_or_partial(
    team: Team, option: str, tmp_path: Path, git: RunGit
) -> None:
    git(team.bare, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", option, f"file://{team.bare}", "part")
    part = ledger_at(tmp_path / "part", "part")
    exchanged(team, part)
    again = Ledger.open(tmp_path / "part", session="part")
    assert len(list(again.tasks())) == 2


def test_a_list_that_was_fetched_without_its_history_is_shared_all_the_same(
    team: Team, tmp_path: Path, git: RunGit
) -> None:
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{team.bare}", "part")
    git(tmp_path / "part", "fetch", "-q", "--depth=1", "origin", f"{MAIN}:{MAIN}")
    exchanged(team, ledger_at(tmp_path / "part", "part"))


@pytest.mark.parametrize("option", ["--filter=blob:none", "--filter=tree:0"])
def test_a_list_that_was_fetched_without_its_files_says_how_to_get_them(
    team: Team, option: str, tmp_path: Path, git: RunGit
) -> None:
    git(team.bare, "config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", option, f"file://{team.bare}", "part")
    git(tmp_path / "part", "fetch", "-q", "origin", f"{MAIN}:{MAIN}")
    # The fetch that is advised ends with a `git gc`, which is not to go on beside the test.
    git(tmp_path / "part", "config", "gc.autoDetach", "false")
    with pytest.raises(LedgerError) as error:
        ledger_at(tmp_path / "part", "part").note(team.task.id, "mine")
    assert "is missing" in error.value.message
    git(tmp_path / "part", *shlex.split((error.value.hint or "").partition(": git ")[2]))
    exchanged(team, Ledger.open(tmp_path / "part", session="part"))


def test_a_mirror_clone_works_and_is_warned_of(team: Team, tmp_path: Path, git: RunGit) -> None:
    git(tmp_path, "clone", "-q", "--mirror", str(team.bare), "mirror.git")
    mirror = tmp_path / "mirror.git"
    ledger = ledger_at(mirror, "mirror")
    ledger.note(team.task.id, "from the mirror")
    ledger.sync()
    assert team.published() == ledger.tip()

    found = remotes.dangers(ledger.repository.configuration)
    assert [danger.remote for danger in found] == ["origin", "origin"]
    for danger in found:
        git(mirror, *danger.advice.partition(": git ")[2].replace("'", "").split())
    ledger = Ledger.open(mirror, session="mirror")
    assert remotes.dangers(ledger.repository.configuration) == ()
    ledger.note(team.task.id, "unpublished")
    Ledger.init(mirror, list="own")
    before = git(mirror, "for-each-ref", "refs/gitledger*")
    git(team.bare, "branch", "news", "main")
    for words in (("fetch", "-q"), ("fetch", "-q", "--prune")):
        git(mirror, *words)
        assert git(mirror, "for-each-ref", "refs/gitledger*") == before
    assert git(mirror, "rev-parse", "news")


# -- addresses ---------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["relative", "file", "insteadOf", "pushurl", "pushInsteadOf"])
def test_an_address_may_have_any_form(team: Team, form: str, git: RunGit, home: Path) -> None:
    url = {"relative": "../bare.git", "file": f"file://{team.bare}"}.get(form, "x:bare.git")
    git(place(team.grace), "config", "remote.origin.url", url)
    if form == "insteadOf":
        git(place(team.grace), "config", f"url.{team.bare.parent}/.insteadOf", "x:")
    elif form in ("pushurl", "pushInsteadOf"):
        git(place(team.grace), "config", "remote.origin.url", f"{team.bare}")
        if form == "pushurl":
            git(place(team.grace), "config", "remote.origin.pushurl", f"file://{team.bare}")
        else:
            key = f"url.file://{team.bare}.pushInsteadOf"
            git(place(team.grace), "config", key, str(team.bare))
    exchanged(team, Ledger.open(place(team.grace), session="grace"))


def test_several_addresses_to_push_to_all_get_it(team: Team, tmp_path: Path, git: RunGit) -> None:
    shutil.copytree(team.bare, tmp_path / "second.git")
    for url in (team.bare, tmp_path / "second.git"):
        git(place(team.grace), "config", "--add", "remote.origin.pushurl", str(url))
    grace = Ledger.open(place(team.grace), session="grace")
    grace.note(team.task.id, "mine")
    grace.sync()
    assert team.published() == grace.tip() == git(tmp_path / "second.git", "rev-parse", MAIN)


# -- a namespace -------------------------------------------------------------------------------


def test_a_host_that_takes_branches_only_is_used_from_the_first_push_on(
    make_repo: MakeRepo, bare: Path, git: RunGit
) -> None:
    install_hook(bare, "update", 'case "$1" in refs/heads/*) ;; *) exit 1 ;; esac')

    def joined(name: str) -> Ledger:
        ledger = clone(make_repo, bare, name)
        git(place(ledger), "config", "gitledger.origin.namespace", "refs/heads/gitledger")
        return Ledger.open(place(ledger), session=name)

    ada = joined("ada")
    task = ada.add("Schema", claim=True)
    assert ada.sync().pushed == 1
    grace = joined("grace")
    assert grace.join() == "origin"
    grace.note(task.id, "from grace")
    ada.note(task.id, "from ada")
    for ledger in (grace, ada, grace):
        ledger.sync()
    assert ada.tip() == grace.tip() == git(bare, "rev-parse", "refs/heads/gitledger/main")
    assert git(bare, "for-each-ref", "refs/gitledger*") == ""
    assert [note.text for note in grace.task(task.id).notes] == ["from grace", "from ada"]
