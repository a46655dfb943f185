"""Git's hooks: what they do with the ledger, and that they never get in a commit's way."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from gitledger.hook import post_commit
from gitledger.ledger import Ledger
from tests.conftest import MakeRepo, RunGit
from tests.ledgers import MAIN, ledger_at, numbered, subjects


@pytest.fixture
def ledger(repo: Path) -> Ledger:
    ledger = ledger_at(repo)
    ledger.add("Schema")
    return ledger


def commit(repo: Path, git: RunGit, *args: str, message: str = "Work") -> str:
    """Commit something and return the commit's id."""
    git(repo, "commit", "-q", "--allow-empty", "-m", message, *args)
    return git(repo, "rev-parse", "HEAD")


def run(repo: Path, **environ: str) -> list[str]:
    """Do what the post-commit hook does, in the environment that git makes for it."""
    return post_commit(repo, {**os.environ, "GIT_INDEX_FILE": ".git/index", **environ})


def the_only(ledger: Ledger) -> str:
    (task,) = ledger.tasks()
    return task.id


# -- what a commit does ------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["Completes", "Closes", "Fixes", "fixes"])
def test_a_commit_completes_the_task_that_it_names(
    repo: Path, git: RunGit, ledger: Ledger, key: str
) -> None:
    task_id = the_only(ledger)
    made = commit(repo, git, message=f"Add the schema\n\n{key}: {task_id[:4]}")

    assert run(repo) == [f"gitledger: completed {task_id[:4]} Schema"]
    task = ledger.task(task_id)
    assert (task.status, task.commits, task.owner) == ("completed", (made,), "ada")
    assert subjects(git, ledger)[0] == f"commit {task_id}: Schema"


def test_a_commit_is_linked_to_the_task_that_it_names(
    repo: Path, git: RunGit, ledger: Ledger
) -> None:
    made = commit(repo, git, message=f"Begin\n\nTask: {the_only(ledger)}")
    assert run(repo) == [f"gitledger: linked {the_only(ledger)[:4]} Schema"]
    task = ledger.task(the_only(ledger))
    assert (task.status, task.commits) == ("pending", (made,))


def test_several_tasks_get_a_line_each_and_one_that_is_named_twice_gets_one(
    repo: Path, git: RunGit
) -> None:
    ledger = ledger_at(repo)
    one, two, three = (ledger.add(title) for title in ("One", "Two", "Three"))
    commit(
        repo,
        git,
        message=f"Both\n\nTask: {one.id}\nCompletes: {one.id[:5]}, {two.id}\nTask: {three.id}",
    )
    lines = run(repo)
    assert [line.split()[1] for line in lines] == ["completed", "completed", "linked"]
    assert [ledger.task(task.id).status for task in (one, two, three)] == [
        "completed",
        "completed",
        "pending",
    ]


def test_a_task_that_asks_for_a_review_is_brought_there(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Schema", review=True)
    commit(repo, git, message=f"Add it\n\nCompletes: {task.id}")
    assert run(repo) == [f"gitledger: to be reviewed {task.id[:4]} Schema"]
    assert ledger.task(task.id).status == "in_review"


def test_a_task_of_somebody_else_is_linked_and_not_completed(
    repo: Path, git: RunGit, ledger: Ledger
) -> None:
    task = ledger_at(repo, "grace").claim(the_only(ledger))
    made = commit(repo, git, message=f"Add it\n\nCompletes: {task.id}")
    assert run(repo) == [
        f"gitledger: linked, not completed: {task.id[:4]} 'Schema' belongs to grace"
    ]
    after = ledger.task(task.id)
    assert (after.owner, after.status, after.commits) == ("grace", "pending", (made,))


def test_an_ambiguous_prefix_is_one_line_and_changes_nothing(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo, random_bytes=numbered())
    ledger.add("One")
    ledger.add("Two")
    tip = ledger.tip()
    commit(repo, git, message="Work\n\nCompletes: 000")
    assert run(repo) == ["gitledger: '000' names 2 tasks"]
    assert ledger.tip() == tip


@pytest.mark.parametrize("line", ["Fixes: #12", "Closes: the bug", "Task: zzzz", "Nothing here"])
def test_what_names_no_task_says_nothing(
    repo: Path, git: RunGit, ledger: Ledger, line: str
) -> None:
    tip = ledger.tip()
    commit(repo, git, message=f"Work\n\n{line}")
    assert run(repo) == []
    assert ledger.tip() == tip


def test_a_title_with_terminal_escapes_is_shown_escaped(repo: Path, git: RunGit) -> None:
    ledger = ledger_at(repo)
    task = ledger.add("Schema \u202egnihsif")
    commit(repo, git, message=f"Work\n\nTask: {task.id}")
    assert run(repo) == [f"gitledger: linked {task.id[:4]} Schema \\u202egnihsif"]


@pytest.mark.parametrize("setting", [("log.showSignature", "true"), ("color.ui", "always")])
def test_settings_of_git_log_do_not_matter(
    repo: Path, git: RunGit, ledger: Ledger, setting: tuple[str, str]
) -> None:
    git(repo, "config", *setting)
    made = commit(repo, git, message=f"Work\n\nTask: {the_only(ledger)}")
    run(repo)
    assert ledger.task(the_only(ledger)).commits == (made,)


def test_a_message_that_is_not_utf_8_is_read(repo: Path, git: RunGit, ledger: Ledger) -> None:
    message = repo.parent / "message"
    message.write_bytes(f"W\xf6rter\n\nTask: {the_only(ledger)}\n".encode("latin-1"))
    git(repo, "-c", "i18n.commitEncoding=ISO-8859-1", "commit", "-q", "--allow-empty", "-F",
        str(message))  # fmt: skip
    assert len(run(repo)) == 1


# -- who acts, and when ------------------------------------------------------------------------


def test_the_user_acts_whoever_the_commits_author_is(
    repo: Path, git: RunGit, ledger: Ledger
) -> None:
    task = ledger.claim(the_only(ledger))
    date = "2001-02-03T04:05:06Z"
    author = {"GIT_AUTHOR_NAME": "Bob", "GIT_AUTHOR_EMAIL": "bob@example.com"}
    commit(repo, git, "--author=Bob <bob@example.com>", f"--date={date}",
           message=f"Work of Bob\n\nCompletes: {task.id}")  # fmt: skip

    assert run(repo, **author, GIT_AUTHOR_DATE="@981173106 +0000") == [
        f"gitledger: completed {task.id[:4]} Schema"
    ]
    who, at = git(repo, "log", "-1", "--format=%an <%ae> %cn%n%at", MAIN).splitlines()
    assert who == "Ada <ada@example.com> Ada"
    assert int(at) > 1_700_000_000
    assert ledger.task(task.id).updated_by == "ada"


def test_a_commit_in_a_linked_worktree_is_made_by_its_session(
    repo: Path, git: RunGit, ledger: Ledger
) -> None:
    git(repo, "worktree", "add", "-q", "../linked")
    linked = repo.parent / "linked"
    made = commit(linked, git, message=f"Work\n\nCompletes: {the_only(ledger)}")
    git_dir = repo / ".git/worktrees/linked"

    run(linked, GIT_DIR=str(git_dir), GIT_INDEX_FILE=str(git_dir / "index"))

    task = ledger.task(the_only(ledger))
    assert (task.owner, task.commits) == ("ada-linked", (made,))


def test_a_commit_is_linked_in_the_ledger_of_another_repository(
    make_repo: MakeRepo, git: RunGit
) -> None:
    code, tasks = make_repo("code"), ledger_at(make_repo("tasks"))
    task = tasks.add("Schema")
    git(code, "config", "gitledger.repo", "../tasks")
    git(code, "worktree", "add", "-q", "../elsewhere/linked")
    linked = code.parent / "elsewhere/linked"
    made = commit(linked, git, message=f"Work\n\nTask: {task.id}")
    run(linked, GIT_DIR=str(code / ".git/worktrees/linked"))
    assert tasks.task(task.id).commits == (made,)


# -- what goes wrong ---------------------------------------------------------------------------


def test_a_repository_without_a_ledger_is_one_line(repo: Path, git: RunGit) -> None:
    commit(repo, git, message="Work\n\nCompletes: 7f3k")
    assert run(repo) == ["gitledger: this repository has no ledger"]


def test_a_broken_ledger_is_one_line(repo: Path, git: RunGit, ledger: Ledger) -> None:
    commit(repo, git, message="Work\n\nCompletes: 7f3k")
    (repo / ".git" / MAIN).write_text("garbage\n")
    (line,) = run(repo)
    assert line.startswith("gitledger: ")


def test_a_hook_that_hangs_is_ended(repo: Path, git: RunGit, ledger: Ledger) -> None:
    commit(repo, git, message=f"Work\n\nTask: {the_only(ledger)}")
    code = """
import os, gitledger.hook as hook
hook._PATIENCE = 1
hook.Ledger.open = lambda *args, **options: [None for _ in iter(int, 1)]
hook.post_commit(hook.Path.cwd(), os.environ)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=repo, check=False, timeout=30)
    assert done.returncode == -signal.SIGALRM
