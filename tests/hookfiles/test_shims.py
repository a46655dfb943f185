"""The shims: plain shell that starts the program only where there is something to do."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from gitledger.core.trailers import mentions
from gitledger.hookfiles.shims import HOOKS, shim
from tests.conftest import RunGit
from tests.hookfiles.places import Recorder, commit, install, run, script

SHELLS = [
    pytest.param(
        shell,
        marks=[]
        if shutil.which(shell.split()[0])
        else [pytest.mark.skip(f"{shell.split()[0]} is not installed")],
    )
    for shell in ("sh", "dash", "bash", "bash --posix", "busybox sh")
]
TASK = "7f3k2m9q0d"


@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize("name", HOOKS)
def test_the_shim_is_plain_shell(shell: str, name: str) -> None:
    done = subprocess.run(
        [*shell.split(), "-n"], input=shim(name), text=True, capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "@" not in shim(name).replace('"$@"', "").replace(";@!", "")


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
@pytest.mark.parametrize("name", HOOKS)
def test_shellcheck_finds_nothing(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(shim(name))
    done = subprocess.run(["shellcheck", str(path)], capture_output=True, text=True, check=False)
    assert done.stdout == ""


SILENT = [
    "Mend the login\n\nMore of it.",
    "Task force",
    "Fixes the bug: at last",
    "Say 'completes: all' in the middle",
    "[core] Mend the login",
    "Work\n\nFixes: #12",
    "Work\n\nFixes: the login",
    "Work\n\nTask: 7f",
    "Work\n\nSigned-off-by: Ada <ada@example.com>",
    "Work\n\n\tindented: text\nand: more",
    "Back\\slash\n\n$(touch evil) `touch evil` *",
    "W\u00f6rter\n\nl\u00f6st: nichts",
]
NAMING = [
    "Fixes: 7f3k",
    f"Work\n\nTask: {TASK}",
    "Work\n\n  completes : 7f3k",
    "CLOSES:7f3k",
    "Work\n\nProgress: 7f3k 60%",
    "Work\n\nProgress: 7f3k: 60 %",
    "Work\n\nStarts: #12; 7f3k",
    "Work\n\nTasks: 7f3k and 8hqm",
    "Work\n\nRefs: 7f3k (the schema), #12",
    "Mend [7f3k] it",
    "Mend [7F3K, 8hqm]",
    f"Squashed commit of the following:\n\ncommit {'1' * 40}\n\n    Mend [7f3k]",
    f"Revert 'x'\n\nThis reverts commit {'1' * 40}.",
    "Work\n\nTask: 7f3k\r",
]


@pytest.mark.parametrize("message", SILENT)
def test_a_commit_that_names_no_task_starts_no_program(
    repo: Path, recorder: Recorder, message: str
) -> None:
    install(repo)
    assert commit(repo, message) == (0, "")
    assert recorder.starts == []


@pytest.mark.parametrize("message", NAMING)
def test_a_commit_that_names_one_starts_it_once(
    repo: Path, recorder: Recorder, message: str
) -> None:
    install(repo)
    assert commit(repo, message) == (0, "")
    assert recorder.starts == ["post-commit"]


def test_what_the_program_finds_is_never_missed() -> None:
    assert all(mentions(message) for message in NAMING if "reverts" not in message)
    assert not any(mentions(message) for message in SILENT)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_shell_decides_alike(repo: Path, recorder: Recorder, shell: str) -> None:
    install(repo)
    for name in HOOKS:
        path = repo / ".git/hooks" / name
        text = path.read_text().replace("#!/bin/sh", f"#!/usr/bin/env -S {shell}")
        path.write_text(text)
    for message in SILENT:
        assert commit(repo, message) == (0, "")
    assert recorder.starts == []
    for message in NAMING:
        assert commit(repo, message) == (0, "")
    assert len(recorder.starts) == len(NAMING)


def test_a_teams_own_words_count(repo: Path, git: RunGit, recorder: Recorder) -> None:
    git(repo, "config", "gitledger.completeWords", "l\u00f6st, ends")
    install(repo)
    commit(repo, "Work\n\nL\u00f6st: 7f3k")
    commit(repo, "Work\n\nENDS: 7f3k")
    commit(repo, "Work\n\nbends: 7f3k")
    assert recorder.starts == ["post-commit"] * 2


def test_a_template_and_the_diff_below_the_scissors_name_no_task(
    repo: Path, git: RunGit, recorder: Recorder
) -> None:
    install(repo)
    (repo / "hello.txt").write_text("Task: 7f3k\n")
    editor = script(repo.parent / "editor", 'sed -i "1s/^/Work/" "$1"')
    assert run(repo, "commit", "-q", "-a", "-v", GIT_EDITOR=str(editor)) == (0, "")
    assert git(repo, "log", "-1", "--format=%B") == "Work\n"
    assert recorder.starts == []


def test_without_prepare_commit_msg_the_commit_itself_is_read(
    repo: Path, git: RunGit, recorder: Recorder
) -> None:
    install(repo)
    git(repo, "checkout", "-q", "-b", "other")
    (repo / "page").touch()
    git(repo, "add", ".")
    commit(repo, "Page\n\nTask: 7f3k")
    git(repo, "checkout", "-q", "main")
    commit(repo, "Else")
    (repo / ".git/hooks/prepare-commit-msg").unlink()
    recorder.forget()
    git(repo, "cherry-pick", "other")
    assert recorder.starts == ["post-commit"]


@pytest.mark.parametrize("how", ["cherry-pick", "revert", "merge", "amend", "no-verify"])
def test_every_way_to_a_commit_starts_it(
    repo: Path, git: RunGit, recorder: Recorder, how: str
) -> None:
    install(repo)
    git(repo, "checkout", "-q", "-b", "other")
    (repo / "page").touch()
    git(repo, "add", ".")
    commit(repo, "Page\n\nTask: 7f3k")
    git(repo, "checkout", "-q", "main")
    commit(repo, "Else")
    recorder.forget()
    if how == "amend":
        git(repo, "commit", "-q", "--amend", "-m", "Else\n\nTask: 7f3k", "--allow-empty")
    elif how == "no-verify":
        commit(repo, "More\n\nTask: 7f3k", "--no-verify")
    elif how == "merge":
        git(repo, "merge", "-q", "--no-ff", "-m", "Join\n\nTask: 7f3k", "other")
    elif how == "revert":
        git(repo, "cherry-pick", "other")
        recorder.forget()
        git(repo, "revert", "--no-edit", "HEAD")
    else:
        git(repo, "cherry-pick", "other")
    assert recorder.starts == ["post-merge 0" if how == "merge" else "post-commit"]


def test_a_merge_after_conflicts_is_looked_at_where_merges_close(
    repo: Path, git: RunGit, recorder: Recorder
) -> None:
    install(repo)
    git(repo, "checkout", "-q", "-b", "other")
    (repo / "hello.txt").write_text("other\n")
    commit(repo, "Other", "-a")
    git(repo, "checkout", "-q", "main")
    (repo / "hello.txt").write_text("main\n")
    commit(repo, "Main", "-a")
    git(repo, "config", "gitledger.closeOn", "merge")
    assert run(repo, "merge", "-q", "other")[0] == 1
    git(repo, "add", ".")
    git(repo, "commit", "-q", "--no-edit")
    assert recorder.starts == ["post-commit"]


# -- a rebase, am ------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["--merge", "--apply"])
def test_a_rebase_starts_the_program_once_with_all_commits(
    repo: Path, git: RunGit, recorder: Recorder, backend: str
) -> None:
    git(repo, "checkout", "-q", "-b", "work")
    for number in range(5):
        (repo / f"{number}").touch()
        git(repo, "add", ".")
        commit(repo, f"Part {number}\n\nTask: 7f3k")
    old = git(repo, "rev-list", "main..work").splitlines()
    git(repo, "checkout", "-q", "main")
    commit(repo, "Else")
    install(repo)
    (repo / ".git/gitledger").mkdir(exist_ok=True)
    (repo / ".git/gitledger/current").write_text(f"ENV |||\nada r:p {'0' * 40} {TASK} -\n")
    git(repo, "rebase", "-q", backend, "main", "work")

    new = git(repo, "rev-list", "main..work").splitlines()
    assert recorder.starts[-1:] == ["post-rewrite rebase"]
    assert [each for each in recorder.starts if not each.startswith("post-checkout")] == [
        "post-rewrite rebase"
    ]
    told = [line.split()[:2] for line in recorder.input.splitlines()]
    assert told == [list(pair) for pair in zip(old[::-1], new[::-1], strict=True)]


def test_an_amend_that_drops_the_tasks_name_is_told_of(
    repo: Path, git: RunGit, recorder: Recorder
) -> None:
    install(repo)
    commit(repo, "Work\n\nTask: 7f3k")
    old = git(repo, "rev-parse", "HEAD")
    recorder.forget()
    git(repo, "commit", "-q", "--amend", "--allow-empty", "-m", "Work")
    assert recorder.starts == ["post-rewrite amend"]
    assert recorder.input.split() == [old, git(repo, "rev-parse", "HEAD")]


def test_an_amend_without_any_task_is_not(repo: Path, git: RunGit, recorder: Recorder) -> None:
    install(repo)
    commit(repo, "Work")
    git(repo, "commit", "-q", "--amend", "--allow-empty", "-m", "Other work")
    assert recorder.starts == []


def test_commits_of_am_are_looked_at(repo: Path, git: RunGit, recorder: Recorder) -> None:
    install(repo)
    git(repo, "checkout", "-q", "-b", "work")
    for number, message in enumerate(("One", "Two\n\nTask: 7f3k")):
        (repo / f"{number}").touch()
        git(repo, "add", ".")
        commit(repo, message)
    patches = git(repo, "format-patch", "--stdout", "main..work")
    git(repo, "checkout", "-q", "main")
    recorder.forget()
    git(repo, "am", "-q", stdin=f"{patches}\n")
    assert git(repo, "log", "-1", "--format=%s") == "Two"
    assert recorder.starts == ["post-applypatch"]


# -- checkout, push ----------------------------------------------------------------------------


@pytest.mark.parametrize(("branch", "started"), [("-", 1), ("main", 0), (None, 0)])
def test_a_checkout_starts_it_only_where_the_branch_is_not_known(
    repo: Path, git: RunGit, recorder: Recorder, branch: str | None, started: int
) -> None:
    install(repo)
    if branch:
        (repo / ".git/gitledger").mkdir(exist_ok=True)
        (repo / ".git/gitledger/current").write_text(f"ENV |||\nada r:p 0 {TASK} {branch}\n")
    git(repo, "checkout", "-q", "-b", "work")
    git(repo, "checkout", "-q", "--", "hello.txt")
    assert len(recorder.starts) == started


def test_a_push_starts_it_where_the_ledger_was_shared_with_that_remote(
    repo: Path, git: RunGit, bare: Path, recorder: Recorder
) -> None:
    install(repo)
    git(repo, "remote", "add", "origin", str(bare))
    commit(repo)
    git(repo, "push", "-q", "origin", "main")
    assert recorder.starts == []
    git(repo, "update-ref", "refs/gitledger-remotes/origin/main", "HEAD")
    commit(repo)
    git(repo, "push", "-q", "origin", "main")
    assert recorder.starts == [f"pre-push origin {bare}"]
    assert recorder.input.split()[:2] == ["refs/heads/main", git(repo, "rev-parse", "main")]


# -- in nobody's way ---------------------------------------------------------------------------


@pytest.fixture
def shared(repo: Path, git: RunGit, bare: Path) -> Path:
    """Return a repository whose pushes start the program, too."""
    git(repo, "remote", "add", "origin", str(bare))
    git(repo, "update-ref", "refs/gitledger-remotes/origin/main", "HEAD")
    return repo


@pytest.mark.parametrize(
    ("script_", "said"),
    [
        ("exit 1", "failed: "),
        ("kill -9 $$", "took too long"),
        ("echo Traceback >&2; echo '  in x' >&2; echo 'ImportError: no' >&2; exit 1",
         "failed: ImportError: no"),
        ("exit 3", ""),
        ("kill -11 $$", "failed: code 139"),
    ],
)  # fmt: skip
def test_a_program_that_fails_stops_neither_commit_nor_push(
    shared: Path, recorder: Recorder, script_: str, said: str
) -> None:
    install(shared)
    recorder.does(script_)
    for code, told in (
        commit(shared, "Work\n\nTask: 7f3k"),
        run(shared, "push", "-q", "origin", "main"),
    ):
        assert code == 0
        assert len(told.splitlines()) == bool(said)
        assert said in told
    assert len(recorder.starts) == 2


def test_what_the_program_says_is_shown(repo: Path, recorder: Recorder) -> None:
    install(repo)
    recorder.does("echo one >&2; echo two >&2")
    assert commit(repo, "Task: 7f3k") == (0, "one\ntwo\n")


def test_a_program_that_is_gone_is_in_nobodys_way(repo: Path, recorder: Recorder) -> None:
    install(repo)
    recorder.path.unlink()
    path = {"PATH": "/usr/bin:/bin"}
    assert commit(repo, "Task: 7f3k", **path) == (0, "")


def test_a_program_that_moved_is_found_in_the_path(repo: Path, recorder: Recorder) -> None:
    install(repo)
    moved = recorder.path.parent.parent / "bin"
    recorder.path.parent.rename(moved)
    assert commit(repo, "Task: 7f3k", PATH=f"{moved}:{os.environ['PATH']}") == (0, "")
    assert (moved / "starts").read_text() == "hook post-commit\n"


def test_a_program_that_hangs_is_ended_where_there_is_a_timeout(
    repo: Path, recorder: Recorder
) -> None:
    install(repo)
    folder = repo.parent / "bin"
    # What GNU's does to a program that is late.
    script(folder / "timeout", '[ "$4" = true ] && exit 0; echo "$1 $2 $3" >&2; exit 124')
    assert commit(repo, "Task: 7f3k", PATH=f"{folder}:{os.environ['PATH']}") == (
        0,
        "gitledger: the hook post-commit took too long and was ended\n",
    )


def test_all_that_a_hook_has_started_is_ended_and_a_push_may_ask_for_a_password(
    shared: Path, recorder: Recorder
) -> None:
    """In a group of its own nothing can be typed, in the terminal's a grandchild lives on."""
    install(shared)
    folder = shared.parent / "bin"
    script(folder / "timeout", f'echo "$1" >>"{folder}/options"')
    path = {"PATH": f"{folder}:{os.environ['PATH']}"}
    commit(shared, "Task: 7f3k", **path)
    assert set((folder / "options").read_text().split()) == {"-k"}
    (folder / "options").unlink()
    run(shared, "push", "-q", "origin", "main", **path)
    assert set((folder / "options").read_text().split()) == {"--foreground"}


def test_a_timeout_of_another_make_is_left_away(repo: Path, recorder: Recorder) -> None:
    install(repo)
    folder = repo.parent / "bin"
    script(folder / "timeout", "echo usage >&2; exit 1")
    assert commit(repo, "Task: 7f3k", PATH=f"{folder}:{os.environ['PATH']}") == (0, "")
    assert recorder.starts == ["post-commit"]


def test_git_that_the_program_runs_does_not_start_it_again(repo: Path, recorder: Recorder) -> None:
    install(repo)
    recorder.does("git commit -q --allow-empty -m 'Task: 7f3k'")
    assert commit(repo, "Task: 7f3k") == (0, "")
    assert recorder.starts == ["post-commit"]
    assert (recorder.folder / "inside").read_text() == "1"


def test_a_commit_in_another_hook_is_one_like_any_other(
    repo: Path, git: RunGit, recorder: Recorder
) -> None:
    other = repo.parent / "other"
    git(repo, "worktree", "add", "-q", "../other")
    script(
        repo / ".git/hooks/post-merge",
        f"unset $(git rev-parse --local-env-vars); cd '{other}' && "
        "git commit -q --allow-empty -m 'Task: 7f3k'",
    )
    install(repo)
    git(repo, "checkout", "-q", "-b", "work")
    commit(repo)
    git(repo, "checkout", "-q", "main")
    git(repo, "merge", "-q", "work")
    assert recorder.starts == ["post-commit"]


@pytest.mark.parametrize("own", ["--amend", "--allow-empty"])
def test_a_commit_is_told_of_before_another_post_commit_makes_one(
    repo: Path, recorder: Recorder, own: str
) -> None:
    script(
        repo / ".git/hooks/post-commit",
        f"[ -z \"$AGAIN\" ] || exit 0\nAGAIN=1 git commit -q {own} -m 'Mine'; exit 1",
    )
    install(repo)
    recorder.does("git log -1 --format=%s >&2")
    code, said = commit(repo, "Work [7f3k]")
    assert (code, said.split("\n")[0]) == (0, "Work [7f3k]")


def test_a_commit_is_told_of_before_another_post_merge_makes_one(
    repo: Path, git: RunGit, recorder: Recorder
) -> None:
    script(repo / ".git/hooks/post-merge", "git commit -q --allow-empty -m Mine")
    git(repo, "switch", "-q", "-c", "work")
    commit(repo)
    git(repo, "switch", "-q", "main")
    install(repo)
    recorder.does("git log -1 --format=%s >&2")
    assert run(repo, "merge", "-q", "--no-ff", "-m", "Join [7f3k]", "work")[1] == "Join [7f3k]\n"


# -- commit-msg --------------------------------------------------------------------------------


@pytest.mark.parametrize(("strict", "code", "made"), [
    ("true", 3, False), ("true", 1, True), ("true", 0, True), ("true", 142, True),
    ("false", 3, True), (None, 3, True),
])  # fmt: skip
def test_only_strict_mode_and_the_programs_word_stop_a_commit(
    repo: Path, git: RunGit, recorder: Recorder, strict: str | None, code: int, made: bool
) -> None:
    install(repo)
    recorder.does(f'[ "$2" != commit-msg ] || exit {code}')
    if strict:
        git(repo, "config", "gitledger.strictCommits", strict)
    assert (commit(repo, "Task: 7f3k")[0] == 0) == made
    checked = ["commit-msg .git/COMMIT_EDITMSG"] if strict == "true" else []
    assert recorder.starts == checked + ["post-commit"] * made


def test_strict_mode_lets_a_commit_be_that_names_no_task(
    repo: Path, git: RunGit, recorder: Recorder
) -> None:
    install(repo)
    recorder.does("exit 3")
    git(repo, "config", "gitledger.strictCommits", "true")
    assert commit(repo, "Work") == (0, "")
    assert recorder.starts == []
