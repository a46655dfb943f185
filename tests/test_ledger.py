"""The ledger in a repository: opened anywhere in it, written beside everything else there."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gitledger.errors import (
    InvalidInput,
    NewerFormat,
    NoLedger,
    NoRepository,
    NoSuchList,
    NoSuchTask,
    StoreFailed,
)
from gitledger.ledger import Ledger
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import MAIN, commit_by_hand, interrupt, ledger_at, numbered

ROOT_COMMIT = "c084590eaaed08b0d93b6dabff32cbff9c7fcae2"


# -- making and opening ------------------------------------------------------------------------


def test_init_makes_the_list_once(repo: Path) -> None:
    first, made = Ledger.init(repo)
    again, made_again = Ledger.init(repo)

    assert (made, made_again) == (True, False)
    assert first.tip() == again.tip()


def test_the_root_commit_is_the_same_whoever_makes_it_and_whenever(
    make_repo: MakeRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, _ = Ledger.init(make_repo("one"), session="ada")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Grace")
    monkeypatch.setenv("GIT_COMMITTER_DATE", "2001-01-01T00:00:00Z")
    other, _ = Ledger.init(make_repo("other"), clock=lambda: datetime(2030, 1, 1, tzinfo=UTC))

    assert one.tip() == other.tip() == ROOT_COMMIT


def test_of_two_inits_at_the_same_time_one_makes_the_list(repo: Path) -> None:
    ledger = Ledger(ledger_at(repo, list="elsewhere").repository, list="main", session="ada")
    interrupt(ledger, lambda: Ledger.init(repo))

    assert ledger._create() is False
    assert ledger.tip() == ROOT_COMMIT


def test_worktrees_and_subdirectories_open_the_same_list(repo: Path, git: RunGit) -> None:
    git(repo, "worktree", "add", "-q", "../linked")
    (repo / "deep" / "down").mkdir(parents=True)
    task = ledger_at(repo).add("Write the docs")

    for path in (repo.parent / "linked", repo / "deep" / "down", repo / ".git"):
        assert Ledger.open(path).task(task.id) == task


def test_a_bare_repository_keeps_a_ledger(bare: Path, git: RunGit) -> None:
    ledger = ledger_at(bare)
    ledger.add("Write the docs")

    assert [task.title for task in Ledger.open(bare).tasks()] == ["Write the docs"]
    assert git(bare, "rev-parse", MAIN) == ledger.tip()


def test_a_repository_without_any_commit_keeps_a_ledger(tmp_path: Path, git: RunGit) -> None:
    git(tmp_path, "init", "-q", "fresh")
    ledger_at(tmp_path / "fresh").add("Begin")

    assert [task.title for task in Ledger.open(tmp_path / "fresh").tasks()] == ["Begin"]
    assert git(tmp_path / "fresh", "status", "--porcelain", "--branch").startswith("## No commits")


def test_a_submodule_has_a_ledger_of_its_own(make_repo: MakeRepo, git: RunGit) -> None:
    outer, inner = make_repo("outer"), make_repo("inner")
    git(outer, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(inner), "sub")
    ledger_at(outer).add("Outside")
    ledger_at(outer / "sub").add("Inside")

    assert [task.title for task in Ledger.open(outer).tasks()] == ["Outside"]
    assert [task.title for task in Ledger.open(outer / "sub").tasks()] == ["Inside"]


def test_outside_of_a_repository_there_is_nothing_to_open(tmp_path: Path) -> None:
    with pytest.raises(NoRepository) as error:
        Ledger.open(tmp_path)
    assert error.value.exit_code == 5


def test_a_repository_without_a_ledger_says_how_to_make_one(repo: Path) -> None:
    with pytest.raises(NoLedger) as error:
        Ledger.open(repo)
    assert error.value.exit_code == 5
    assert error.value.hint == "make one: git ledger init"


def test_a_list_with_a_typing_error_is_not_made_but_named(repo: Path) -> None:
    ledger_at(repo, list="release")

    with pytest.raises(NoSuchList) as error:
        Ledger.open(repo, list="relaese")
    assert error.value.hint == "did you mean 'release'?"
    assert Ledger.open(repo, list="release").lists() == ("release",)


def test_a_list_that_is_deleted_meanwhile_is_gone_and_not_made_again(repo: Path) -> None:
    ledger = ledger_at(repo)
    Ledger.open(repo).delete_list("main")

    with pytest.raises(NoLedger, match="gone"):
        ledger.tasks()
    with pytest.raises(NoLedger, match="gone"):
        ledger.add("Too late")
    assert ledger.tip() is None


# -- what is written ---------------------------------------------------------------------------


def test_a_task_is_one_file_in_a_tree_that_fans_out(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo, random_bytes=numbered())
    ledger.add("Write the docs", priority="P1", labels=["web", "api"])

    listed = git(repo, "ls-tree", "-r", MAIN).splitlines()
    assert [line.partition("\t")[2] for line in listed] == [
        "format.toml",
        "tasks/0/0/0000000001.toml",
    ]
    assert {line.partition(" ")[0] for line in listed} == {"100644"}
    assert git(repo, "show", f"{MAIN}:format.toml") == "version = 1"
    text = git(repo, "show", f"{MAIN}:tasks/0/0/0000000001.toml")
    assert text.splitlines()[:4] == [
        'title = "Write the docs"',
        'status = "pending"',
        'priority = "P1"',
        'type = "task"',
    ]


def test_the_message_tells_the_operation_the_task_and_the_session(
    repo: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLAUDE_CODE_SESSION_ID", "0f9c2d1e-77aa")
    ledger_at(repo, random_bytes=numbered()).add("Write the docs")

    assert git(repo, "log", "-1", "--format=%B", MAIN) == (
        "add 0000000001: Write the docs\n"
        "\n"
        "Ledger-Op: add\n"
        "Ledger-Task: 0000000001\n"
        "Ledger-Session: ada\n"
        "Ledger-Agent: claude-code 0f9c2d1e-77aa\n"
    )
    assert git(repo, "log", "-1", "--format=%(trailers:only,keyonly,separator=%x20)", MAIN) == (
        "Ledger-Op Ledger-Task Ledger-Session Ledger-Agent"
    )


def test_a_batch_names_all_its_tasks(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo, random_bytes=numbered())
    with ledger.transaction("split") as transaction:
        transaction.add("One")
        transaction.add("Two")

    assert git(repo, "log", "-1", "--format=%B", MAIN) == (
        "split 2 tasks\n"
        "\n"
        "Ledger-Op: split\n"
        "Ledger-Task: 0000000001\n"
        "Ledger-Task: 0000000002\n"
        "Ledger-Session: ada\n"
    )


def test_the_author_is_the_git_identity_with_the_environment_first(
    repo: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger_at(repo).add("As configured")
    monkeypatch.setenv("GIT_AUTHOR_NAME", "Grace")
    monkeypatch.setenv("GIT_AUTHOR_EMAIL", "grace@example.com")
    monkeypatch.setenv("GIT_COMMITTER_NAME", "CI")
    monkeypatch.setenv("GIT_AUTHOR_DATE", "2001-01-01T00:00:00Z")
    ledger_at(repo).add("As the environment says")

    log = git(repo, "log", "-2", "--format=%an <%ae> %cn <%ce> %aI", MAIN).splitlines()
    assert log == [
        "Grace <grace@example.com> CI <ada@example.com> 2026-01-01T00:00:01+00:00",
        "Ada <ada@example.com> Ada <ada@example.com> 2026-01-01T00:00:01+00:00",
    ]


def test_without_an_identity_the_login_name_stands_in(repo: Path, git: RunGit, home: Path) -> None:
    (home / ".gitconfig").write_text("")
    environ = {**os.environ, "LOGNAME": "lovelace"}
    Ledger.init(repo, environ=environ)[0].add("Write the docs")

    assert git(repo, "log", "-1", "--format=%an <%ae>", MAIN) == "lovelace <lovelace@localhost>"


def test_nothing_of_the_users_is_touched(repo: Path, git: RunGit) -> None:
    (repo / "hello.txt").write_text("stashed\n")
    git(repo, "stash")
    (repo / "staged.txt").write_text("staged\n")
    git(repo, "add", "staged.txt")
    (repo / "hello.txt").write_text("changed\n")
    before = everything(repo, git)

    ledger = ledger_at(repo)
    task = ledger.add("Write the docs")
    ledger.start(task.id)
    with ledger.transaction("finish") as transaction:
        transaction.note(task.id, "Nearly there")
        transaction.done(task.id)
    ledger.archive_list("main")

    assert everything(repo, git) == before


def everything(repo: Path, git: RunGit) -> dict[str, bytes]:
    """Return all files of a repository and its git directory that are not the ledger's own."""
    own = ("objects", "refs/gitledger", "refs/gitledger-archive", "logs/refs/gitledger")
    own += ("gitledger",)
    ours = tuple(str(repo / ".git" / name) for name in own)
    files = (path for path in repo.rglob("*") if path.is_file())
    return {str(path): path.read_bytes() for path in files if not str(path).startswith(ours)}


def test_git_keeps_a_reflog_and_finds_no_fault(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Write the docs", description="Wörter\n\n" * 50)
    ledger.start(task.id)
    ledger.cancel(task.id)

    reflog = git(repo, "reflog", "show", "--format=%gs", MAIN).splitlines()
    assert [line.partition(" ")[0] for line in reflog] == ["cancel", "start", "add", "init"]
    assert git(repo, "fsck", "--strict", "--no-dangling") == ""


def test_what_changes_nothing_writes_nothing(repo: Path) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Write the docs", claim=True)
    tip = ledger.tip()

    assert ledger.claim(task.id) == task
    assert ledger.edit(task.id, title="Write the docs") == task
    assert ledger.tip() == tip


def test_a_read_only_repository_fails_in_one_line_and_can_be_read(repo: Path) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Write the docs")
    (repo / ".git/gitledger/main.lock").unlink()
    (repo / ".git/gitledger").rmdir()
    (repo / ".git/gitledger").write_text("in the way")

    with pytest.raises(StoreFailed) as error:
        ledger.note(task.id, "Hello")
    assert error.value.hint
    assert Ledger.open(repo).tasks() == (task,)


# -- what others wrote -------------------------------------------------------------------------


def test_a_newer_format_is_read_but_not_written(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Write the docs")
    tip = commit_by_hand(git, repo, "100644 version = 2\n\tformat.toml")

    assert ledger.task(task.id[:4]) == task
    with pytest.raises(NewerFormat) as error:
        ledger.done(task.id)
    assert error.value.hint == "upgrade gitledger; reading goes on working"
    assert ledger.tip() == tip


@pytest.mark.parametrize("content", ["nonsense", "", "version = '1'\n"])
def test_a_format_that_cannot_be_read_counts_as_newer(
    repo: Path, git: RunGit, content: str
) -> None:
    ledger = ledger_at(repo)
    commit_by_hand(git, repo, f"100644 {content}\tformat.toml")

    with pytest.raises(NewerFormat):
        ledger.add("Write the docs")


def test_unknown_keys_and_comments_of_a_hand_edit_survive_every_verb(
    repo: Path, git: RunGit
) -> None:
    ledger = ledger_at(repo, random_bytes=numbered())
    task = ledger.add("Write the docs")
    path = "tasks/0/0/0000000001.toml"
    text = git(repo, "show", f"{MAIN}:{path}")
    by_hand = f"# ask Grace first\n{text}\nsprint = 7  # the next one\n"
    commit_by_hand(git, repo, f"100644 {by_hand}\t{path}")

    ledger.start(task.id)
    ledger.note(task.id, "Asked")
    ledger.edit(task.id, labels=["docs"])
    ledger.done(task.id)

    after = git(repo, "show", f"{MAIN}:{path}")
    assert after.startswith("# ask Grace first\n")
    assert "sprint = 7  # the next one" in after
    assert ledger.task(task.id).extra == {"sprint": 7}
    assert ledger.task(task.id).status == "completed"


def test_bad_entries_leave_every_other_task_usable(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo, random_bytes=numbered())
    task = ledger.add("Write the docs")
    link = git(repo, "rev-parse", "HEAD")
    commit_by_hand(
        git,
        repo,
        "120000 /etc/passwd\ttasks/0/0/00000000aa.toml",
        f"160000 {link}\ttasks/0/0/00000000bb.toml",
        "100644 title = \ttasks/0/0/00000000cc.toml",
        f'100644 title = "x"\ndescription = "{"y" * 70_000}"\ttasks/0/0/00000000dd.toml',
        '100644 title = "x"\ttasks/0/0/NOTANID.toml',
        '100644 title = "x"\ttasks/1/1/00000000ee.toml',
        '100644 title = "x"\ttasks/stray.toml',
        '100644 status = "paused"\ntitle = "x"\ttasks/0/0/00000000ff.toml',
    )
    before = git(repo, "ls-tree", "-r", MAIN).splitlines()

    assert [bad.path for bad in ledger.quarantined()] == [
        "tasks/0/0/00000000aa.toml",
        "tasks/0/0/00000000bb.toml",
        "tasks/0/0/00000000cc.toml",
        "tasks/0/0/00000000dd.toml",
        "tasks/0/0/00000000ff.toml",
        "tasks/0/0/NOTANID.toml",
        "tasks/1/1/00000000ee.toml",
        "tasks/stray.toml",
    ]
    assert ledger.tasks() == (task,)
    fresh = Ledger.open(repo)
    assert fresh.done("0000000001").status == "completed"
    fresh.add("Another")
    after = set(git(repo, "ls-tree", "-r", MAIN).splitlines())
    assert [line for line in before if line not in after and "0000000001" not in line] == []


def test_a_bad_entry_that_is_named_says_what_is_wrong_with_it(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo)
    commit_by_hand(git, repo, "120000 /etc/passwd\ttasks/0/0/00000000aa.toml")

    for reader in (ledger, Ledger.open(repo)):
        with pytest.raises(NoSuchTask) as error:
            reader.task("00000")
        assert error.value.message == "'00000' is no valid task: not a plain file"
        reader.tasks()  # all at once, after which the rest is the same
        with pytest.raises(NoSuchTask, match="not a plain file"):
            reader.task("00000")


def test_a_bad_entry_does_not_make_the_prefix_of_a_task_ambiguous(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo, random_bytes=numbered())
    task = ledger.add("Write the docs")
    commit_by_hand(git, repo, "100644 title = \ttasks/0/0/00000000aa.toml")

    assert Ledger.open(repo).task("000") == task


# -- the price of a command --------------------------------------------------------------------


@pytest.mark.parametrize(
    "module",
    ["sync", "remote", "replay", "history", "core.merge", "core.plan", "core.query", "core.dates"],
)
def test_opening_and_writing_a_task_imports_only_what_it_takes(module: str) -> None:
    code = f"import sys, gitledger.ledger; sys.exit('gitledger.{module}' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_a_transaction_has_a_name_of_one_word(repo: Path) -> None:
    ledger = ledger_at(repo)
    with pytest.raises(InvalidInput), ledger.transaction("split\n\nLedger-Op: forged"):
        raise AssertionError("not reached")
