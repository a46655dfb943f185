"""A remote that does not have any more what it had: refused, accepted only when told to."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from unittest.mock import patch

import pytest

from gitledger.errors import Damaged, RemoteFailed, RemoteReplaced
from gitledger.ledger import Ledger
from gitledger.remote import Fetched, Remote
from tests.conftest import MakeRepo
from tests.crashes import Crash, crashing
from tests.ledgers import MAIN, Team, clone, commit_by_hand, ledger_at, place, team_fixture

TRACKING = "refs/gitledger-remotes/origin/main"
STRANGE = {"code branch": "HEAD", "tag": "v1", "blob": "HEAD:hello.txt", "tree": "HEAD^{tree}"}
"""What may stand at a ref in the place of a ledger."""


def shared(team: Team) -> None:
    """Ada and Grace have the same; what Ada has published last, the remote is about to lose."""
    team.ada.note(team.task.id, "published")
    team.ada.claim(team.other.id)
    for ledger in (team.ada, team.grace):
        ledger.sync()


team = team_fixture(shared)


def rewind(team: Team) -> None:
    """Let the remote go back by the last two operations."""
    team.git(team.bare, "update-ref", MAIN, f"{MAIN}~2")


def rewrite(team: Team) -> None:
    """Let the remote have another operation in the place of the last two."""
    rewind(team)
    commit_by_hand(team.git, team.bare, "100644 theirs\tby-hand.txt")


def replace(team: Team) -> None:
    """Let the remote have a ledger that began elsewhere, of another format's first commit."""
    tree = team.git(team.bare, "rev-parse", f"{MAIN}~2^{{tree}}")
    new = team.git(team.bare, "commit-tree", tree, "-m", "begun elsewhere")
    team.git(team.bare, "update-ref", MAIN, new)


Change = Callable[[Team], None]

CHANGES: dict[Change, str] = {
    rewind: "went back: 2 operations that it had are gone there",
    rewrite: "was rewritten: 2 operations that it had are gone there",
    replace: "was replaced by one that shares no history with it",
}
changed = pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)


def everything(team: Team, ledger: Ledger) -> str:
    return team.git(place(ledger), "for-each-ref")


# -- refused -----------------------------------------------------------------------------------


@changed
def test_what_has_lost_operations_is_refused_and_all_stays(team: Team, change: Change) -> None:
    team.grace.note(team.task.id, "mine")
    change(team)
    before, there = everything(team, team.grace), team.published()

    for _ in range(2):
        with pytest.raises(RemoteReplaced) as error:
            team.grace.sync()
        assert (error.value.exit_code, error.value.code) == (6, "remote-replaced")
        assert error.value.message == (
            f"the ledger on remote 'origin' {CHANGES[change]}; 1 operation unpublished"
        )
        assert error.value.published == team.ada.tip()
        assert "git ledger sync --accept-remote" in (error.value.hint or "")
    assert everything(team, team.grace) == before
    assert team.published() == there


@changed
def test_the_hint_says_how_to_put_it_back(team: Team, change: Change) -> None:
    change(team)
    with pytest.raises(RemoteReplaced) as error:
        team.grace.sync()
    command = (error.value.hint or "").rpartition("put it back: git ")[2]
    team.git(place(team.grace), *command.split())
    team.grace.note(team.task.id, "mine")
    team.meet()
    assert [note.text for note in team.now().notes] == ["published", "mine"]


def test_what_is_gone_there_is_published_again(team: Team) -> None:
    team.git(team.bare, "update-ref", "-d", MAIN)
    team.grace.note(team.task.id, "mine")
    report = team.grace.sync()
    assert (report.restored, report.pushed, report.backup) == (True, 5, None)
    assert team.grace.tip() == team.published()
    report = team.ada.sync()
    assert (report.restored, report.pulled) == (False, 1)


def test_a_new_list_is_no_lost_one(make_repo: MakeRepo, bare: Path) -> None:
    ada = clone(make_repo, bare, "ada")
    ada.add("Schema")
    assert ada.sync().restored is False


# -- accepted ----------------------------------------------------------------------------------


@changed
def test_accepted_ours_goes_on_top_and_a_backup_keeps_the_rest(team: Team, change: Change) -> None:
    team.grace.note(team.task.id, "mine")
    before = team.grace.tip()
    change(team)
    there = team.published()

    report = team.grace.sync(accept_remote=True)

    assert report.pushed == 1
    assert [note.text for note in team.grace.task(team.task.id).notes] == ["mine"]
    assert team.git(place(team.grace), "rev-parse", f"{report.tip}~1") == there
    assert report.backup is not None
    assert report.backup.startswith("refs/gitledger-backup/main/")
    assert team.git(place(team.grace), "rev-parse", report.backup) == before
    assert team.grace.tip() == team.published() == report.tip
    team.ada.sync(accept_remote=True)
    team.meet()


@changed
def test_claims_that_are_lost_by_accepting_are_told(team: Team, change: Change) -> None:
    change(team)
    (lost,) = team.ada.sync(accept_remote=True).claims_lost
    assert (lost.task, lost.session, lost.owner) == (team.other.id, "ada", "")


def test_a_claim_that_another_holds_there_now_is_told_with_its_owner(team: Team) -> None:
    rewind(team)
    linus = team.join("linus")
    linus.claim(team.other.id)
    linus.sync()
    (lost,) = team.ada.sync(accept_remote=True).claims_lost
    assert (lost.session, lost.owner, lost.at) == ("ada", "linus", team.now(team.other).claimed_at)


@changed
def test_all_clones_that_accept_come_to_one_tip(team: Team, change: Change) -> None:
    linus = team.join("linus")
    everybody = (team.ada, team.grace, linus)
    for ledger in everybody:
        ledger.note(team.task.id, f"by {ledger.session}")
    change(team)
    for ledger in everybody:
        ledger.sync(accept_remote=True)
    for _ in range(2):
        for ledger in everybody:
            assert ledger.sync().backup is None
    assert len({ledger.tip() for ledger in everybody} | {team.published()}) == 1
    assert [note.text for note in team.now().notes] == [f"by {s.session}" for s in everybody]


def test_when_nothing_is_wrong_accepting_does_nothing_special(team: Team) -> None:
    team.grace.note(team.task.id, "mine")
    team.ada.note(team.task.id, "theirs")
    team.ada.sync()
    report = team.grace.sync(accept_remote=True)
    assert (report.backup, report.pulled, report.pushed) == (None, 1, 1)
    assert "gitledger-backup" not in everything(team, team.grace)
    team.meet()


@changed
def test_what_was_dropped_can_be_brought_back_from_the_backup(team: Team, change: Change) -> None:
    team.grace.note(team.task.id, "mine")
    team.grace.claim(team.task.id)
    change(team)
    backup = team.grace.sync(accept_remote=True).backup or ""
    team.grace.note(team.task.id, "later")
    team.grace.sync()

    team.git(place(team.grace), "update-ref", MAIN, backup)
    report = ledger_at(place(team.grace), "grace").sync(accept_remote=change is replace)

    assert (report.conflicts, report.claims_lost) == ([], [])
    team.ada.sync(accept_remote=True)
    team.meet()
    notes = [note.text for note in team.now().notes]
    assert sorted(notes) == ["later", "mine", "published"]
    assert (team.now().owner, team.now(team.other).owner) == ("grace", "ada")


@pytest.mark.parametrize("unpublished", [True, False])
@changed
def test_accepting_may_die_at_any_step(team: Team, change: Change, unpublished: bool) -> None:
    if unpublished:
        team.grace.note(team.task.id, "mine")
    change(team)
    died = True
    step = 0
    while died:
        died = _dies(team, step, unpublished)
        step += 1
    assert step > 8


def _dies(team: Team, step: int, unpublished: bool) -> bool:
    """Accept with a crash at a step, in repositories as they are now; tell whether it came."""
    kept = everything(team, team.grace)
    there, before = team.published(), team.grace.tip()
    old = team.git(place(team.grace), "rev-parse", TRACKING)
    grace = ledger_at(place(team.grace), "grace")
    died = False
    try:
        with crashing(grace, step):
            grace.sync(accept_remote=True)
    except Crash:
        died = True
    grace = ledger_at(place(team.grace), "grace")
    known = team.git(place(grace), "rev-parse", TRACKING)
    report = grace.sync(accept_remote=True)
    notes = [note.text for note in grace.task(team.task.id).notes]
    assert notes == (["mine"] if unpublished else [])
    assert grace.tip() == team.published()
    backups = team.git(place(grace), "for-each-ref", "refs/gitledger-backup").split()
    assert before in backups
    if known == old:  # else the sync that died had done all that accepting is
        assert report.backup in backups
    assert grace.sync().pushed == 0
    # Back to where it began, for the next step.
    refs = [line.split("\t")[1] for line in everything(team, grace).splitlines()]
    gone = [f"delete {ref}\n" for ref in refs if "refs/gitledger" in ref and ref not in kept]
    was = (line.replace(" ", "\t").split("\t") for line in kept.splitlines())
    back = [f"update {ref} {oid}\n" for oid, _, ref in was]
    team.git(place(grace), "update-ref", "--stdin", stdin="".join(gone + back))
    team.git(team.bare, "update-ref", MAIN, there)
    return died


# -- no ledger ---------------------------------------------------------------------------------


@pytest.mark.parametrize("accept", [True, False])
@pytest.mark.parametrize("what", STRANGE)
def test_what_is_no_ledger_is_not_accepted(team: Team, what: str, accept: bool) -> None:
    team.grace.note(team.task.id, "mine")
    before, good = everything(team, team.grace), team.published()
    put(team, what)

    for _ in range(2):
        with pytest.raises(RemoteFailed) as error:
            team.grace.sync(accept_remote=accept)
        assert error.value.message == (
            "what remote 'origin' has at refs/gitledger/main is no ledger; 1 operation unpublished"
        )
        team.git(place(team.grace), *(error.value.hint or "").partition(": git ")[2].split())
    assert everything(team, team.grace) == before
    team.git(team.bare, "update-ref", MAIN, good)
    team.meet()


@pytest.mark.parametrize("what", STRANGE)
def test_what_is_no_ledger_is_not_joined(team: Team, what: str, make_repo: MakeRepo) -> None:
    good = team.published()
    put(team, what)
    linus = clone(make_repo, team.bare, "linus")
    linus.add("Mine")
    before = everything(team, linus)
    for join in (linus.join, linus.sync, lambda: linus.sync(accept_remote=True)):
        with pytest.raises(RemoteFailed, match="is no ledger"):
            join()
        assert everything(team, linus) == before
    team.git(team.bare, "update-ref", MAIN, good)
    linus.sync()
    team.meet()


def test_a_sync_that_died_with_no_ledger_in_the_tracking_ref_is_no_harm(team: Team) -> None:
    blob = team.git(place(team.grace), "rev-parse", "HEAD:hello.txt")
    team.git(place(team.grace), "update-ref", TRACKING, blob)
    team.grace.note(team.task.id, "mine")
    team.meet()


def test_damage_of_the_tracking_ref_is_named(team: Team) -> None:
    (place(team.grace) / ".git" / TRACKING).write_text("broken\n")
    with pytest.raises(Damaged):
        team.grace.sync()


def put(team: Team, what: str) -> None:
    """Let something else stand in the ledger's place."""
    team.git(team.bare, "tag", "-m", "a release", "v1", "HEAD")
    team.git(team.bare, "update-ref", MAIN, team.git(team.bare, "rev-parse", STRANGE[what]))


# -- first contact -----------------------------------------------------------------------------


@pytest.fixture
def stranger(make_repo: MakeRepo, team: Team) -> Ledger:
    """A clone whose ledger began with another commit than the remote's."""
    linus = clone(make_repo, team.bare, "linus")
    tree = team.git(place(linus), "rev-parse", f"{MAIN}^{{tree}}")
    root = team.git(place(linus), "commit-tree", tree, "-m", "begun elsewhere")
    team.git(place(linus), "update-ref", MAIN, root)
    linus.add("Mine")
    return linus


def test_a_ledger_of_other_beginnings_is_refused(team: Team, stranger: Ledger) -> None:
    tip = stranger.tip()
    for _ in range(2):
        with pytest.raises(RemoteReplaced) as error:
            stranger.sync()
        assert "shares no history with this one" in error.value.message
        assert "on top of it" in (error.value.hint or "")
    assert stranger.tip() == tip


def test_it_can_be_accepted_with_ours_on_top(team: Team, stranger: Ledger) -> None:
    tip = stranger.tip()
    report = stranger.sync(accept_remote=True)
    assert report.backup
    assert team.git(place(stranger), "rev-parse", report.backup) == tip
    assert {task.title for task in stranger.tasks()} == {"Schema", "Page", "Mine"}
    team.meet()
    assert stranger.sync().pulled == 0


# -- what only looks like it -------------------------------------------------------------------


def between(act: Callable[[], object]) -> AbstractContextManager[object]:
    """Let something happen right after a fetch has found that the ref was replaced."""
    fetch, acts = Remote.fetch, [act]

    def slower(remote: Remote) -> Fetched:
        result = fetch(remote)
        if acts and result is Fetched.REPLACED:
            acts.pop()()
        return result

    return patch.object(Remote, "fetch", slower)


def test_a_tracking_ref_that_another_process_has_moved_on_is_no_rewind(team: Team) -> None:
    """Our fetch asked the remote, and before it moves the ref another sync of ours has pushed."""
    other = Ledger.open(place(team.grace), session="grace-2")
    team.ada.note(team.task.id, "theirs")
    team.ada.sync()
    fetch, first = Remote._fetch, [True]

    def slow(remote: Remote) -> object:
        if remote.git is not team.grace.repository.git or not first:
            return fetch(remote)
        first.clear()
        old = team.published()
        other.note(team.task.id, "faster")
        other.sync()
        # What our git would have learnt before the other one pushed.
        new = team.published()
        team.git(team.bare, "update-ref", MAIN, old)
        try:
            return fetch(remote)
        finally:
            team.git(team.bare, "update-ref", MAIN, new)

    with patch.object(Remote, "_fetch", slow):
        report = team.grace.sync()
    assert not first
    assert report.backup is None
    assert [note.text for note in team.grace.task(team.task.id).notes] == [
        "published",
        "theirs",
        "faster",
    ]


def test_a_remote_that_moves_again_while_it_is_asked_is_asked_again(team: Team) -> None:
    good = team.published()
    rewind(team)

    def put_back_and_on() -> None:
        team.git(team.bare, "update-ref", MAIN, good)
        team.ada.note(team.task.id, "more")
        team.ada.sync()

    with between(put_back_and_on):
        report = team.grace.sync()
    assert (report.pulled, report.backup) == (1, None)


def test_a_remote_that_is_put_back_while_it_is_asked_is_not_refused(team: Team) -> None:
    good = team.published()
    rewind(team)
    with between(lambda: team.git(team.bare, "update-ref", MAIN, good)):
        report = team.grace.sync()
    assert (report.pulled, report.pushed, report.backup) == (0, 0, None)
    assert team.grace.tip() == good


def test_what_another_process_accepts_meanwhile_is_not_refused(team: Team) -> None:
    other = Ledger.open(place(team.grace), session="grace-2")
    rewrite(team)
    with between(lambda: other.sync(accept_remote=True)):
        report = team.grace.sync()
    assert (report.pulled, report.pushed, report.backup) == (0, 0, None)
    assert team.grace.tip() == team.published()


def test_a_list_that_is_deleted_while_it_is_asked_for_is_published_again(team: Team) -> None:
    rewind(team)
    with between(lambda: team.git(team.bare, "update-ref", "-d", MAIN)):
        assert team.grace.sync().restored
    assert team.published() == team.grace.tip()
