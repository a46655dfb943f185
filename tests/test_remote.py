"""One list on one remote: what git says of it, and that nothing else is touched."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger.diagnosis import Behind
from gitledger.errors import InvalidInput, RemoteFailed
from gitledger.git import Git
from gitledger.remote import Fetched, Remote
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import MAIN, clone, install_hook, ledger_at, place

# -- where the list stands there ---------------------------------------------------------------


def configured(ledger_path: Path, git: RunGit, namespace: str) -> Remote:
    git(ledger_path, "config", "gitledger.origin.namespace", namespace)
    return Remote.configured("origin", "main", Git(ledger_path, {"PATH": "/usr/bin:/bin"}))


def test_a_namespace_is_configured_for_hosts_that_take_branches_only(
    repo: Path, git: RunGit
) -> None:
    assert configured(repo, git, "refs/heads/gitledger").ref == "refs/heads/gitledger/main"
    assert configured(repo, git, "refs/heads/gitledger/").ref == "refs/heads/gitledger/main"
    assert configured(repo, git, "refs/heads/x").tracking == "refs/gitledger-remotes/origin/main"


def test_a_namespace_outside_of_refs_is_refused(repo: Path, git: RunGit) -> None:
    with pytest.raises(InvalidInput) as error:
        configured(repo, git, "gitledger")
    assert error.value.hint == "as in: git config gitledger.origin.namespace refs/heads/gitledger"


# -- fetch and push ----------------------------------------------------------------------------


@pytest.fixture
def ada(make_repo: MakeRepo, bare: Path) -> Path:
    """A clone with a task that is unpublished."""
    ledger = clone(make_repo, bare, "ada")
    ledger.add("Write the docs")
    return place(ledger)


def remote_of(path: Path, name: str = "origin", timeout: float | None = None) -> Remote:
    return Remote.configured(name, "main", ledger_at(path).repository.git, timeout=timeout)


def test_a_list_goes_there_and_comes_back(
    ada: Path, bare: Path, make_repo: MakeRepo, git: RunGit
) -> None:
    tip = git(ada, "rev-parse", MAIN)
    assert remote_of(ada).fetch() is Fetched.ABSENT
    remote_of(ada).push(tip)
    assert git(bare, "rev-parse", MAIN) == tip

    grace = place(clone(make_repo, bare, "grace"))
    assert remote_of(grace).fetch() is Fetched.DONE
    assert git(grace, "rev-parse", "refs/gitledger-remotes/origin/main") == tip


def test_a_push_behind_the_remote_is_told_from_a_refusal(
    ada: Path, bare: Path, make_repo: MakeRepo, git: RunGit
) -> None:
    grace = clone(make_repo, bare, "grace")
    grace.add("Theirs")
    remote_of(place(grace)).push(grace.tip() or "")

    for fetched in (False, True):  # without and with what the remote has: two messages of git's
        if fetched:
            remote_of(ada).fetch()
        with pytest.raises(Behind):
            remote_of(ada).push(git(ada, "rev-parse", MAIN))
    assert git(bare, "rev-parse", MAIN) == grace.tip()


HOOK = """echo 'you should fetch first: non-fast-forward, stale info' >&2
printf 'not \\033[31mtoday\\n' >&2
exit 1
"""


def test_a_hook_on_the_server_that_declines_is_a_refusal_whatever_it_says(
    ada: Path, bare: Path, git: RunGit
) -> None:
    install_hook(bare, "pre-receive", HOOK)

    with pytest.raises(RemoteFailed) as error:
        remote_of(ada).push(git(ada, "rev-parse", MAIN))
    assert not isinstance(error.value, Behind)
    assert error.value.message == "remote 'origin': a hook on the server declined the push"
    assert error.value.exit_code == 6
    assert "not \\x1b[31mtoday" in error.value.detail
    assert "git ledger sync -v" in (error.value.hint or "")  # another try would change nothing


def test_a_server_that_hides_the_namespace_is_named_as_such(
    ada: Path, bare: Path, git: RunGit
) -> None:
    git(bare, "config", "receive.hideRefs", "refs/gitledger")
    with pytest.raises(RemoteFailed, match="does not accept refs of the ledger's name space") as no:
        remote_of(ada).push(git(ada, "rev-parse", MAIN))

    git(ada, *(no.value.hint or "").partition("? git ")[2].split())
    remote_of(ada).push(git(ada, "rev-parse", MAIN))
    assert git(bare, "rev-parse", "refs/heads/gitledger/main") == git(ada, "rev-parse", MAIN)


def test_a_server_that_hides_branches_too_is_asked_for_its_words(
    ada: Path, bare: Path, git: RunGit
) -> None:
    git(bare, "config", "receive.hideRefs", "refs/heads/gitledger")
    git(ada, "config", "gitledger.origin.namespace", "refs/heads/gitledger")
    with pytest.raises(RemoteFailed) as no:
        remote_of(ada).push(git(ada, "rev-parse", MAIN))
    assert no.value.hint == "your work is kept here; to see what git says: git ledger sync -v"


def test_a_server_whose_ref_is_locked_by_another_push_means_once_more(
    ada: Path, bare: Path, git: RunGit
) -> None:
    remote_of(ada).push(git(ada, "rev-parse", f"{MAIN}~1"))
    (bare / f"{MAIN}.lock").touch()
    with pytest.raises(Behind):
        remote_of(ada).push(git(ada, "rev-parse", MAIN))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("../gone.git", "there is no git repository at its address"),
        ("file:///gone.git", "there is no git repository at its address"),
        ("http://127.0.0.1:1/x.git", "its host refuses the connection"),
        ("nonsense://x", "git does not know how to reach its address"),
    ],
)
def test_a_remote_out_of_reach_is_said_in_a_sentence(
    ada: Path, git: RunGit, url: str, said: str
) -> None:
    git(ada, "config", "remote.origin.url", url)
    with pytest.raises(RemoteFailed) as error:
        remote_of(ada).fetch()
    assert error.value.message == f"remote 'origin': {said}"
    assert error.value.hint == "your work is kept here; try again: git ledger sync"
    assert error.value.detail
    with pytest.raises(RemoteFailed):
        remote_of(ada).push(git(ada, "rev-parse", MAIN))


def test_a_remote_that_does_not_answer_is_given_up(ada: Path, bare: Path, git: RunGit) -> None:
    upload = bare.parent / "sleepy"
    upload.write_text("#!/bin/sh\nexec sleep 60\n")
    upload.chmod(0o755)
    git(ada, "config", "remote.origin.uploadpack", str(upload))
    with pytest.raises(RemoteFailed, match="it did not answer in time"):
        remote_of(ada, timeout=0.2).fetch()


def test_another_sync_that_moves_the_tracking_ref_does_not_make_ours_fail(
    ada: Path, bare: Path, git: RunGit
) -> None:
    remote_of(ada).push(git(ada, "rev-parse", MAIN))
    # git's own hook for it runs when the new value of the ref is prepared: only the first time
    # another process has been faster.
    install_hook(
        ada / ".git",
        "reference-transaction",
        f"""grep -q gitledger-remotes || exit 0
test "$1" = prepared && test ! -e '{ada}/faster' || exit 0
touch '{ada}/faster'
echo "error: cannot lock ref 'refs/gitledger-remotes/origin/main'" >&2
exit 1
""",
    )
    assert remote_of(ada).fetch() is Fetched.DONE
    assert (ada / "faster").exists()


def test_the_users_own_settings_for_fetch_and_push_do_not_matter(
    ada: Path, bare: Path, git: RunGit
) -> None:
    git(bare, "tag", "theirs", "main")
    git(bare, "branch", "feature", "main")
    git(ada, "commit", "-q", "--allow-empty", "-m", "unpublished")
    git(ada, "tag", "-a", "mine", "-m", "mine")
    for name, value in {
        "fetch.prune": "true",
        "fetch.pruneTags": "true",
        "remote.origin.tagOpt": "--tags",
        "push.followTags": "true",
        "push.gpgSign": "if-asked",
        "push.default": "matching",
        "remote.origin.push": "refs/heads/*:refs/heads/*",
        "remote.origin.mirror": "true",
    }.items():
        git(ada, "config", name, value)
    install_hook(ada / ".git", "pre-push", "exit 1")
    (ada / ".git/FETCH_HEAD").write_text("the user's\n")
    here, there = refs(ada, git), refs(bare, git)
    tip = git(ada, "rev-parse", MAIN)

    remote_of(ada).push(tip)
    remote_of(ada).fetch()

    assert refs(bare, git) == there | {MAIN: tip}
    assert refs(ada, git) == here | {"refs/gitledger-remotes/origin/main": tip}
    assert (ada / ".git/FETCH_HEAD").read_text() == "the user's\n"


def refs(path: Path, git: RunGit) -> dict[str, str]:
    lines = git(path, "for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return dict(line.split(" ") for line in lines)


@pytest.mark.parametrize("name", ["with=sign", "team/fork", "ümlaut"])
def test_a_remote_of_an_odd_name_works(ada: Path, bare: Path, git: RunGit, name: str) -> None:
    git(ada, "config", f"remote.{name}.url", str(bare))
    remote_of(ada, name).push(git(ada, "rev-parse", MAIN))
    assert remote_of(ada, name).fetch() is Fetched.DONE
