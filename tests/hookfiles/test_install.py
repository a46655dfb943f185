"""Installing beside what is there: it goes on running, and comes back byte for byte."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from gitledger import hookfiles
from gitledger.errors import LedgerError, StoreFailed
from gitledger.hookfiles.shims import is_ours
from tests.conftest import RunGit
from tests.hookfiles.places import (
    HOOKS,
    Recorder,
    commit,
    everything,
    install,
    opened,
    run,
    script,
    states,
    uninstall,
)

ALL_INSTALLED = dict.fromkeys(HOOKS, "installed")
ALL_ABSENT = dict.fromkeys(HOOKS, "absent")
NAMED = "Work\n\nTask: 7f3k"


@pytest.mark.parametrize("folder", ["absent", "empty", "with samples"])
def test_what_is_installed_is_taken_away_without_a_trace(
    repo: Path, recorder: Recorder, folder: str
) -> None:
    if folder != "absent":
        (repo / ".git/hooks").mkdir()
    if folder == "with samples":
        script(repo / ".git/hooks/post-commit.sample", "exit 1")
    before = everything(repo)

    assert install(repo) == ALL_INSTALLED
    installed = everything(repo)
    assert all(os.access(repo / ".git/hooks" / name, os.X_OK) for name in HOOKS)
    assert install(repo) == ALL_INSTALLED
    assert everything(repo) == installed
    assert uninstall(repo) == ALL_ABSENT
    assert everything(repo) == before
    assert uninstall(repo) == ALL_ABSENT
    assert everything(repo) == before


def existing(repo: Path, kind: str) -> None:
    """Put a hook of somebody's in place, which writes down that it ran, its words and its name."""
    hooks = repo / ".git/hooks"
    text = f'echo "$(basename "$0") $*" >>"{repo}/../ran"'
    if kind == "script":
        script(hooks / "post-commit", text)
    elif kind == "without a first line":
        (hooks / "post-commit").parent.mkdir()
        (hooks / "post-commit").write_text(f"{text}\n")
        (hooks / "post-commit").chmod(0o750)
    elif kind == "relative link":
        hooks.mkdir()
        script(repo / "tools" / "dispatch", text)
        (hooks / "post-commit").symlink_to("../../tools/dispatch")
    elif kind == "absolute link":
        hooks.mkdir()
        script(repo / "tools" / "dispatch", text)
        (hooks / "post-commit").symlink_to(repo / "tools" / "dispatch")
    elif kind == "with a file beside":
        script(hooks / "_lib", text)
        script(hooks / "post-commit", '. "$(dirname "$0")/_lib"')
    elif kind == "with a path upwards":
        script(repo / "tools" / "note", text)
        script(hooks / "post-commit", '. "$(dirname "$0")/../../tools/note"')
    elif kind == "program":
        hooks.mkdir()
        shutil.copy("/bin/sh", hooks / "post-commit")


RUNNING = [
    "script",
    "without a first line",
    "relative link",
    "absolute link",
    "with a file beside",
    "with a path upwards",
]
DORMANT = ["program", "not executable", "broken link"]


@pytest.mark.parametrize("kind", RUNNING)
def test_an_existing_hook_goes_on_running_under_its_name(
    repo: Path, recorder: Recorder, kind: str
) -> None:
    existing(repo, kind)
    assert commit(repo, NAMED) == (0, "")
    ran = (repo.parent / "ran").read_text()
    assert ran == "post-commit \n"
    install(repo)
    assert commit(repo, NAMED) == (0, "")
    assert (repo.parent / "ran").read_text() == ran * 2
    assert recorder.starts == ["post-commit"]


@pytest.mark.parametrize("kind", [*RUNNING, *DORMANT])
def test_an_existing_hook_comes_back_byte_for_byte(
    repo: Path, recorder: Recorder, kind: str
) -> None:
    if kind == "not executable":
        script(repo / ".git/hooks/post-commit", "exit 1", mode=0o644)
    elif kind == "broken link":
        (repo / ".git/hooks").mkdir()
        (repo / ".git/hooks/post-commit").symlink_to("nowhere")
    else:
        existing(repo, kind)
    before = everything(repo)
    assert install(repo) == ALL_INSTALLED
    installed = everything(repo)
    assert install(repo) == ALL_INSTALLED
    assert everything(repo) == installed
    assert commit(repo, NAMED) == (0, "")
    assert recorder.starts == ["post-commit"]
    git_dir = repo / ".git"
    kept = {key: value for key, value in before.items() if key.startswith(".git/hooks")}
    uninstall(repo)
    assert {k: v for k, v in everything(repo).items() if k.startswith(".git/hooks")} == kept
    assert not (git_dir / "hooks.gitledger-kept").exists()


def test_arguments_input_environment_and_directory_are_handed_on(
    repo: Path, git: RunGit, bare: Path, recorder: Recorder
) -> None:
    git(repo, "remote", "add", "origin", str(bare))
    git(repo, "update-ref", "refs/gitledger-remotes/origin/main", "HEAD")
    said = "{ pwd; echo \"$@\"; cat; env | grep ^GIT_ | sort; } >>'../said'"
    script(repo / ".git/hooks/pre-push", said)
    script(repo / ".git/hooks/commit-msg", said)
    commit(repo)
    git(repo, "push", "-q", "origin", "main")
    alone = (repo.parent / "said").read_text()
    (repo.parent / "said").unlink()
    git(repo, "reset", "-q", "--hard", "HEAD~")
    git(bare, "update-ref", "refs/heads/main", git(repo, "rev-parse", "HEAD"))

    install(repo)
    commit(repo)
    git(repo, "push", "-q", "origin", "main")

    def plain(text: str) -> list[str]:
        dated = ("GIT_AUTHOR_DATE", "refs/heads/main ")
        return [line for line in text.splitlines() if not line.startswith(dated)]

    assert plain((repo.parent / "said").read_text()) == plain(alone)
    assert "refs/heads/main " in (repo.parent / "said").read_text()
    assert recorder.starts == [f"pre-push origin {bare}"]
    assert recorder.input.startswith("refs/heads/main ")


@pytest.mark.parametrize("name", ["prepare-commit-msg", "commit-msg", "pre-push"])
def test_an_existing_hook_still_stops_the_command(
    repo: Path, git: RunGit, bare: Path, recorder: Recorder, name: str
) -> None:
    git(repo, "remote", "add", "origin", str(bare))
    git(repo, "update-ref", "refs/gitledger-remotes/origin/main", "HEAD")
    script(repo / ".git/hooks" / name, "echo no >&2; exit 5")
    install(repo)
    code, said = (
        run(repo, "push", "origin", "main:x") if name == "pre-push" else commit(repo, NAMED)
    )
    assert code != 0
    assert said.startswith("no\n")
    assert recorder.starts == []


def test_the_status_of_an_existing_post_checkout_counts_as_before(
    repo: Path, recorder: Recorder
) -> None:
    script(repo / ".git/hooks/post-checkout", "exit 5")
    alone = run(repo, "checkout", "-q", "-b", "one")[0]
    install(repo)
    assert run(repo, "checkout", "-q", "-b", "two")[0] == alone != 0


def test_a_hook_that_reads_no_input_is_no_trouble(
    repo: Path, git: RunGit, bare: Path, recorder: Recorder
) -> None:
    git(repo, "remote", "add", "origin", str(bare))
    script(repo / ".git/hooks/pre-push", "exit 0")
    install(repo)
    refs = [f"main:refs/heads/{number:04}" for number in range(1000)]
    assert run(repo, "push", "-q", "origin", *refs) == (0, "")


def test_a_hook_that_has_the_line_is_all_it_takes(repo: Path, recorder: Recorder) -> None:
    script(repo / ".git/hooks/post-commit", "git-ledger hook post-commit || :")
    script(repo / ".git/hooks/commit-msg", "# git-ledger hook commit-msg")
    before = (repo / ".git/hooks/post-commit").read_bytes()
    assert install(repo) == {**ALL_INSTALLED, "post-commit": "chained"}
    assert uninstall(repo) == {
        **ALL_ABSENT, "post-commit": "chained", "commit-msg": "another hook"
    }  # fmt: skip
    assert (repo / ".git/hooks/post-commit").read_bytes() == before


def test_an_earlier_shim_is_replaced(repo: Path, recorder: Recorder) -> None:
    script(
        repo / ".git/hooks/post-commit",
        '# gitledger: links\n"$program" hook post-commit || :\nexit 0',
    )
    install(repo)
    assert not (repo / ".git/hooks.gitledger-kept").exists()
    assert uninstall(repo) == ALL_ABSENT


def test_a_shim_that_was_deleted_is_put_back_and_so_is_what_it_kept(
    repo: Path, recorder: Recorder
) -> None:
    existing(repo, "script")
    before = everything(repo)
    install(repo)
    (repo / ".git/hooks/post-commit").unlink()
    assert states(repo)["post-commit"] == "displaced"
    assert uninstall(repo) == {**ALL_ABSENT, "post-commit": "another hook"}
    assert everything(repo) == before


def test_a_hook_put_in_the_place_of_ours_is_left_and_nothing_is_lost(
    repo: Path, recorder: Recorder
) -> None:
    existing(repo, "script")
    earlier = (repo / ".git/hooks/post-commit").read_bytes()
    install(repo)
    (repo / ".git/hooks/post-commit").unlink()
    script(repo / ".git/hooks/post-commit", "echo newer")
    newer = (repo / ".git/hooks/post-commit").read_bytes()
    assert states(repo)["post-commit"] == "displaced"
    with pytest.raises(LedgerError, match="two earlier hooks"):
        install(repo)
    uninstall(repo)
    assert (repo / ".git/hooks/post-commit").read_bytes() == newer
    assert (repo / ".git/hooks.gitledger-kept/post-commit").read_bytes() == earlier


def test_a_directory_that_cannot_be_written_is_said(
    repo: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: object) -> None:
        raise PermissionError(13, "Permission denied", "hooks")

    monkeypatch.setattr("gitledger.hookfiles.files.write", refuse)
    existing(repo, "script")
    before = (repo / ".git/hooks/post-commit").read_bytes()
    with pytest.raises(StoreFailed, match="cannot write the hooks: Permission denied"):
        install(repo)
    assert (repo / ".git/hooks/post-commit").read_bytes() == before


def test_an_installation_that_was_killed_is_finished_by_the_next(
    repo: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    existing(repo, "script")
    before = everything(repo)
    with monkeypatch.context() as patch:
        patch.setattr("gitledger.hookfiles.files.write", lambda *args: sys.exit(9))
        with pytest.raises(SystemExit):
            hookfiles.install(opened(repo), ["post-commit"])
    assert commit(repo) == (0, "")
    assert (repo.parent / "ran").read_text() == "post-commit \n"
    assert install(repo) == ALL_INSTALLED
    uninstall(repo)
    hooks = {key: value for key, value in everything(repo).items() if "/hooks" in key}
    assert hooks == {key: value for key, value in before.items() if "/hooks" in key}


def test_the_shim_starts_the_program_that_installed_it(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = script(repo.parent / "bin" / "git-ledger", "exit 0")
    monkeypatch.setattr(sys, "argv", [str(program), "hooks", "install"])
    hooks = hookfiles.install(opened(repo))
    assert f"program={program}\n" in (repo / ".git/hooks/post-commit").read_text()
    assert hooks.program == str(program)


def test_a_program_that_is_gone_is_told(
    repo: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(repo)
    recorder.path.unlink()
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert hookfiles.status(opened(repo)).program is None


def test_shims_of_other_settings_are_told_until_they_are_renewed(
    repo: Path, git: RunGit, recorder: Recorder
) -> None:
    def outdated() -> bool:
        return hookfiles.is_outdated(opened(repo), hookfiles.status(opened(repo)))

    existing(repo, "script")
    install(repo)
    assert not outdated()
    git(repo, "config", "gitledger.linkWords", "see")
    assert outdated()
    install(repo)
    assert not outdated()
    assert is_ours(repo / ".git/hooks/post-commit", "post-commit")
    assert not is_ours(repo / ".git/hooks/post-commit", "post-rewrite")
