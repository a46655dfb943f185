"""prepare-commit-msg: the task at hand, put into the message without a start of the program."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunGit
from tests.hookfiles.places import Recorder, commit, install, run, script

TASK = "7f3k2m9q0d"


@pytest.fixture
def at_work(repo: Path, git: RunGit, recorder: Recorder) -> Path:
    """Return a repository whose session works on one task."""
    return working(repo, git, repo / ".git")


def working(repo: Path, git: RunGit, git_dir: Path, environment: str = "|||") -> Path:
    install(repo)
    blob = git(repo, "rev-parse", "HEAD:hello.txt")
    (git_dir / "gitledger").mkdir(exist_ok=True)
    state = f"ENV {environment}\nada HEAD:hello.txt {blob} {TASK} main\n"
    (git_dir / "gitledger/current").write_text(state)
    return repo


def message(repo: Path, git: RunGit) -> str:
    return git(repo, "log", "-1", "--format=%B").rstrip("\n")


def test_the_task_is_added_and_linked_in_one_start(
    at_work: Path, git: RunGit, recorder: Recorder
) -> None:
    assert commit(at_work, "Work") == (0, "")
    assert message(at_work, git) == f"Work\n\nTask: {TASK}"
    assert recorder.starts == ["post-commit"]


def test_it_joins_the_trailers_that_are_there(at_work: Path, git: RunGit) -> None:
    commit(at_work, "Work\n\nMore of it.", "--signoff")
    assert message(at_work, git) == (
        f"Work\n\nMore of it.\n\nSigned-off-by: Ada <ada@example.com>\nTask: {TASK}"
    )


@pytest.mark.parametrize(
    "text", [f"Work\n\nTask: {TASK}", "Work\n\nCompletes: 8hqm", "Work [8hqm]", "fixup! Work"]
)
def test_a_message_that_names_a_task_or_is_to_be_melted_stays(
    at_work: Path, git: RunGit, text: str
) -> None:
    commit(at_work, text)
    assert message(at_work, git) == text


def test_in_the_editor_the_first_line_is_left_for_the_subject(at_work: Path, git: RunGit) -> None:
    editor = script(at_work.parent / "editor", 'sed -i "1s/^/Typed/" "$1"')
    assert run(at_work, "commit", "-q", "--allow-empty", GIT_EDITOR=str(editor)) == (0, "")
    assert message(at_work, git) == f"Typed\n\nTask: {TASK}"


@pytest.mark.parametrize("options", [[], ["-v"], ["-s"], ["-t", "form"], ["-s", "-t", "guide"]])
def test_who_leaves_the_editor_without_a_message_makes_no_commit(
    at_work: Path, git: RunGit, options: list[str]
) -> None:
    (at_work / "form").write_text("Why:\n\nWhat was tried?\n")
    (at_work / "guide").write_text("# Say why.\n")
    before = git(at_work, "rev-parse", "HEAD")
    code, said = run(at_work, "commit", "--allow-empty", *options, GIT_EDITOR="true")
    assert code == 1
    assert "empty commit message" in said
    assert git(at_work, "rev-parse", "HEAD") == before


def test_who_fills_in_a_template_makes_a_commit(at_work: Path, git: RunGit) -> None:
    (at_work / "form").write_text("Why:\n\nWhat was tried?\n")
    editor = script(at_work.parent / "editor", 'sed -i "1s/$/ so/" "$1"')
    command = ("commit", "-q", "--allow-empty", "-t", "form")
    assert run(at_work, *command, GIT_EDITOR=str(editor)) == (0, "")
    assert message(at_work, git) == f"Why: so\n\nWhat was tried?\n\nTask: {TASK}"
    # What somebody says on the command line is a message, be it the template's text.
    assert commit(at_work, "Why:\n\nWhat was tried?") == (0, "")


def test_a_commit_whose_whole_message_is_a_task_can_be_made(at_work: Path, git: RunGit) -> None:
    assert commit(at_work, f"Task: {TASK}") == (0, "")
    assert message(at_work, git) == f"Task: {TASK}"


def test_an_amend_a_merge_and_a_pick_keep_their_messages(at_work: Path, git: RunGit) -> None:
    current = at_work / ".git/gitledger/current"
    kept = current.read_text()
    current.unlink()
    git(at_work, "checkout", "-q", "-b", "other")
    (at_work / "page").touch()
    git(at_work, "add", ".")
    commit(at_work, "Page")
    git(at_work, "checkout", "-q", "main")
    commit(at_work, "Else")
    current.write_text(kept)

    git(at_work, "commit", "-q", "--amend", "--no-edit", "--allow-empty")
    assert message(at_work, git) == "Else"
    git(at_work, "cherry-pick", "other")
    assert message(at_work, git) == "Page"
    git(at_work, "reset", "-q", "--hard", "HEAD~")
    git(at_work, "merge", "-q", "--no-edit", "other")
    assert message(at_work, git) == "Merge branch 'other'"


@pytest.mark.parametrize("what", ["task changed", "several tasks", "another environment"])
def test_where_the_task_may_be_another_one_the_program_decides(
    at_work: Path, git: RunGit, recorder: Recorder, what: str
) -> None:
    current = at_work / ".git/gitledger/current"
    environ = {}
    if what == "task changed":
        current.write_text(current.read_text().replace(" HEAD:", " HEAD:not-"))
    elif what == "several tasks":
        current.write_text(f"{current.read_text()}{current.read_text().splitlines()[1]}\n")
    else:
        environ = {"GITLEDGER_SESSION": "grace"}
    assert commit(at_work, "Work", **environ) == (0, "")
    assert recorder.starts == ["prepare-commit-msg .git/COMMIT_EDITMSG message"]
    assert message(at_work, git) == "Work"


def test_the_environment_is_compared_whole(repo: Path, git: RunGit, recorder: Recorder) -> None:
    working(repo, git, repo / ".git", "grace|main||1 2")
    given = {
        "GITLEDGER_SESSION": "grace",
        "GITLEDGER_LIST": "main",
        "CLAUDE_CODE_SESSION_ID": "1 2",
    }
    assert commit(repo, "Work", **given) == (0, "")
    assert recorder.starts == ["post-commit"]


def test_each_worktree_has_its_own_task(repo: Path, git: RunGit, recorder: Recorder) -> None:
    git(repo, "worktree", "add", "-q", "../linked")
    linked = repo.parent / "linked"
    working(linked, git, repo / ".git/worktrees/linked")
    commit(repo, "Work")
    commit(linked, "Work")
    (linked / "below").mkdir()
    commit(linked / "below", "More")
    assert message(repo, git) == "Work"
    assert git(linked, "log", "-2", "--format=%(trailers:key=Task,valueonly)").split() == [TASK] * 2
    assert recorder.starts == ["post-commit"] * 2
