"""The hook files: plain shell, beside what is there, gone without a trace."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from gitledger import hookfiles
from gitledger.errors import LedgerError, StoreFailed
from gitledger.hookfiles import HOOKS
from gitledger.ledger import Ledger
from gitledger.repository import Repository
from tests.conftest import RunGit
from tests.ledgers import ledger_at

SHIM = Path(hookfiles.__file__).parent.parent / "hooks" / "post-commit"


@pytest.fixture
def ledger(repo: Path) -> Ledger:
    ledger = ledger_at(repo)
    ledger.add("Schema")
    return ledger


def commit(repo: Path, git: RunGit, *args: str, message: str = "Work") -> str:
    """Commit something and return the commit's id."""
    git(repo, "commit", "-q", "--allow-empty", "-m", message, *args)
    return git(repo, "rev-parse", "HEAD")


# -- the shim ----------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["sh", "dash", "bash"])
def test_the_shim_is_plain_shell(shell: str) -> None:
    for shim in SHIM.parent.iterdir():
        done = subprocess.run([shell, "-n", str(shim)], capture_output=True, check=False)
        assert (done.returncode, done.stderr) == (0, b"")


@pytest.fixture
def recorded(repo: Path) -> Path:
    """Install the shim with a program that only records that it was started, and return where."""
    record = repo.parent / "it's a record"
    program = repo.parent / "a 'program'"
    program.write_text(f'#!/bin/sh\necho "$*" >> "{record}"\nexit 7\n')
    program.chmod(0o755)
    install(repo, str(program))
    return record


def install(repo: Path, program: str) -> None:
    """Install the shims with a program of another name."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(hookfiles, "_program", lambda: program)
        hookfiles.install(Repository.open(repo, os.environ), HOOKS)


@pytest.mark.parametrize(
    "message",
    [
        "Fix the login\n\nMore of it.",
        "Task force",
        "Fixes the bug: at last",
        "Say 'completes: all' in the middle",
    ],
)
def test_a_commit_that_names_no_task_starts_no_program(
    repo: Path, git: RunGit, recorded: Path, message: str
) -> None:
    commit(repo, git, message=message)
    assert not recorded.exists()


@pytest.mark.parametrize(
    "message", ["Fixes: 7f3k", "Work\n\nTask: 7f3k", "Work\n\n  completes : 7f3k", "CLOSES:7f3k"]
)
def test_a_commit_that_names_one_does_and_is_made_whatever_becomes_of_it(
    repo: Path, git: RunGit, recorded: Path, message: str
) -> None:
    commit(repo, git, message=message)
    assert recorded.read_text() == "hook post-commit\n"


def test_a_program_that_is_gone_is_in_nobodys_way(repo: Path, git: RunGit) -> None:
    install(repo, "/gone/git-ledger")
    path = {"PATH": "/usr/bin:/bin", "HOME": os.environ["HOME"]}
    done = subprocess.run(
        ["git", "commit", "-q", "--allow-empty", "-m", "Task: 7f3k"],
        cwd=repo, env=path, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_program_that_moved_is_found_in_the_path(
    repo: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = repo.parent / "bin"
    folder.mkdir()
    (folder / "git-ledger").write_text(f"#!/bin/sh\ntouch '{folder}/started'\n")
    (folder / "git-ledger").chmod(0o755)
    install(repo, "/gone/git-ledger")
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    commit(repo, git, message="Task: 7f3k")
    assert (folder / "started").exists()


def test_installed_hooks_work_in_main_and_linked_worktrees(
    repo: Path, git: RunGit, ledger: Ledger
) -> None:
    hookfiles.install(Repository.open(repo, os.environ), HOOKS)
    other = ledger.add("Page")
    git(repo, "worktree", "add", "-q", "../linked")

    git(repo, "commit", "-q", "--allow-empty", "--author=Bob <bob@example.com>",
        "-m", f"Work\n\nCompletes: {ledger.tasks()[0].id}")  # fmt: skip
    commit(repo.parent / "linked", git, message=f"Work\n\nCompletes: {ledger.tasks()[1].id}")

    assert {task.status for task in ledger.tasks()} == {"completed"}
    assert {task.owner for task in ledger.tasks()} == {"ada", "ada-linked"}
    assert git(repo, "status", "--porcelain") == ""
    assert ledger.task(other.id).commits


# -- hook files --------------------------------------------------------------------------------


def states(repo: Path) -> dict[str, str]:
    return hookfiles.status(Repository.open(repo, os.environ), HOOKS)


def everything(repo: Path) -> dict[str, bytes | None]:
    return {str(p): p.read_bytes() if p.is_file() else None for p in repo.rglob("*")}


@pytest.mark.parametrize("folder", [False, True])
def test_what_is_installed_is_taken_away_without_a_trace(repo: Path, folder: bool) -> None:
    if folder:
        (repo / ".git/hooks").mkdir()
        (repo / ".git/hooks/post-commit.sample").write_text("sample")
    before = everything(repo)
    repository = Repository.open(repo, os.environ)

    assert hookfiles.install(repository, HOOKS) == {"post-commit": "installed"}
    assert os.access(repo / ".git/hooks/post-commit", os.X_OK)
    assert hookfiles.install(repository, HOOKS) == {"post-commit": "installed"}
    assert hookfiles.uninstall(repository, HOOKS) == {"post-commit": "absent"}
    assert hookfiles.uninstall(repository, HOOKS) == {"post-commit": "absent"}
    assert everything(repo) == before


FOREIGN = "#!/bin/sh\necho mine\n# gitledger: is great\n"


@pytest.mark.parametrize("kind", ["file", "link", "broken link"])
def test_a_hook_of_somebody_elses_is_left_and_the_line_to_add_is_named(
    repo: Path, kind: str
) -> None:
    path = repo / ".git/hooks/post-commit"
    path.parent.mkdir()
    if kind == "file":
        path.write_text(FOREIGN)
    else:
        path.symlink_to(repo / "my-hook")
    if kind == "link":
        (repo / "my-hook").write_text("#!/bin/sh\n# gitledger: a copy of its shim\n")
    before = everything(repo)
    repository = Repository.open(repo, os.environ)

    with pytest.raises(LedgerError) as error:
        hookfiles.install(repository, HOOKS)
    assert str(path) in error.value.message
    assert error.value.hint == "add this line to it: git-ledger hook post-commit || :"
    assert states(repo) == {"post-commit": "another hook"}
    hookfiles.uninstall(repository, HOOKS)
    assert everything(repo) == before


def test_a_hook_of_somebody_elses_that_has_the_line_is_all_it_takes(repo: Path) -> None:
    path = repo / ".git/hooks/post-commit"
    path.parent.mkdir()
    path.write_text(f"{FOREIGN}git-ledger hook post-commit || :\n")
    before = everything(repo)
    repository = Repository.open(repo, os.environ)
    assert hookfiles.install(repository, HOOKS) == {"post-commit": "chained"}
    assert hookfiles.uninstall(repository, HOOKS) == {"post-commit": "chained"}
    assert everything(repo) == before


@pytest.mark.parametrize("where", ["relative", "absolute"])
def test_hooks_go_where_the_users_setting_says(repo: Path, git: RunGit, where: str) -> None:
    folder = repo / ".githooks"
    git(repo, "config", "core.hooksPath", ".githooks" if where == "relative" else str(folder))
    hookfiles.install(Repository.open(repo, os.environ), HOOKS)
    assert (folder / "post-commit").exists()
    assert not (repo / ".git/hooks").exists()
    git(repo, "worktree", "add", "-q", "../linked")
    hookfiles.uninstall(Repository.open(repo, os.environ), HOOKS)
    assert not folder.exists()


def test_hooks_that_are_switched_off_cannot_be_installed(repo: Path, git: RunGit) -> None:
    git(repo, "config", "core.hooksPath", "/dev/null")
    with pytest.raises(StoreFailed):
        hookfiles.install(Repository.open(repo, os.environ), HOOKS)
    assert states(repo) == {"post-commit": "absent"}


def test_hooks_of_a_linked_worktree_are_those_of_all(repo: Path, git: RunGit) -> None:
    git(repo, "worktree", "add", "-q", "../linked")
    hookfiles.install(Repository.open(repo.parent / "linked", os.environ), HOOKS)
    assert states(repo) == {"post-commit": "installed"}


def test_the_shim_starts_the_program_that_installed_it(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = repo.parent / "bin" / "git-ledger"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    monkeypatch.setattr(sys, "argv", [str(program), "hooks", "install"])
    hookfiles.install(Repository.open(repo, os.environ), HOOKS)
    assert f"program={program}\n" in (repo / ".git/hooks/post-commit").read_text()
