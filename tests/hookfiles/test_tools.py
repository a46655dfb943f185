"""Other tools that put hooks in place: before ours or after, and taken away before or after."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger import hookfiles
from tests.conftest import RunGit
from tests.hookfiles.places import (
    HOOKS,
    Recorder,
    commit,
    everything,
    install,
    opened,
    script,
    states,
    uninstall,
)
from tests.hookfiles.stand_ins import Lefthook, PreCommit, husky

NAME = "post-commit"
NAMED = "Work\n\nTask: 7f3k"


@pytest.fixture
def ran(repo: Path) -> Path:
    """Return the file in which other hooks write down that they ran."""
    (repo / ".git/hooks").mkdir()
    return repo.parent / "ran"


class Ran:
    """Commits, and tells what ran."""

    def __init__(self, repo: Path, recorder: Recorder, record: Path) -> None:
        self.repo, self.recorder, self.record = repo, recorder, record

    def __call__(self) -> set[str]:
        self.recorder.forget()
        self.record.write_text("")
        assert commit(self.repo, NAMED) == (0, "")
        others = self.record.read_text().split()
        ours = ["ours" for start in self.recorder.starts if start == NAME]
        assert len(others + ours) == len({*others, *ours}), "each runs once"
        return {*others, *ours}


@pytest.fixture
def running(repo: Path, recorder: Recorder, ran: Path) -> Ran:
    return Ran(repo, recorder, ran)


def own(repo: Path, record: Path) -> None:
    script(repo / ".git/hooks" / NAME, f'echo own >>"{record}"')


@pytest.mark.parametrize("with_own", [False, True])
@pytest.mark.parametrize("first", ["ours", "pre-commit"])
@pytest.mark.parametrize("gone", ["ours", "pre-commit"])
def test_pre_commit_and_ours_run_in_every_order(
    repo: Path, ran: Path, running: Ran, with_own: bool, first: str, gone: str
) -> None:
    if with_own:
        own(repo, ran)
    before = everything(repo / ".git/hooks")
    others = {"own"} if with_own else set()
    tool = PreCommit(repo, ran)
    for step in (first, "pre-commit", "ours", "pre-commit"):
        if step == "ours":
            assert install(repo)[NAME] == "installed"
        else:
            tool.install(NAME)
    assert states(repo)[NAME] == "installed"
    assert running() == {"ours", "pre-commit"} | others
    if gone == "ours":
        uninstall(repo)
        assert running() == {"pre-commit"} | others
        tool.uninstall(NAME)
    else:
        tool.uninstall(NAME)
        assert states(repo)[NAME] == "installed"
        assert running() == {"ours"} | others
        uninstall(repo)
    assert everything(repo / ".git/hooks") == before
    assert not (repo / ".git/hooks.gitledger-kept").exists()


def test_after_pre_commit_has_thrown_the_legacy_hook_away_ours_is_put_back(
    repo: Path, ran: Path, running: Ran
) -> None:
    own(repo, ran)
    install(repo)
    PreCommit(repo, ran).install(NAME)
    (repo / f".git/hooks/{NAME}.legacy").unlink()  # pre-commit install -f
    assert states(repo)[NAME] == "displaced"
    assert install(repo)[NAME] == "installed"
    assert running() == {"ours", "pre-commit", "own"}


@pytest.mark.parametrize("gone", ["ours", "lefthook"])
@pytest.mark.parametrize("first", ["ours", "lefthook"])
def test_lefthook_and_ours_run_once_ours_is_installed_behind_it(
    repo: Path, ran: Path, running: Ran, first: str, gone: str
) -> None:
    before = everything(repo / ".git/hooks")
    tool = Lefthook(repo, ran)
    if first == "ours":
        install(repo)
    tool.install(NAME)
    assert states(repo)[NAME] == ("displaced" if first == "ours" else "another hook")
    assert install(repo)[NAME] == "installed"
    assert running() == {"ours", "lefthook"}
    if gone == "ours":
        uninstall(repo)
        assert running() == {"lefthook"}
        tool.uninstall(NAME)
    else:
        tool.uninstall(NAME)
        assert running() == {"ours"}
        uninstall(repo)
    assert everything(repo / ".git/hooks") == before
    assert not (repo / ".git/hooks.gitledger-kept").exists()


def test_lefthook_in_the_place_of_ours_makes_way_at_its_uninstallation(
    repo: Path, ran: Path, running: Ran
) -> None:
    install(repo)
    tool = Lefthook(repo, ran)
    tool.install(NAME)
    assert running() == {"lefthook"}
    tool.uninstall(NAME)
    assert states(repo)[NAME] == "installed"
    assert running() == {"ours"}


def test_lefthook_that_renews_its_hooks_can_do_so_again_and_again(
    repo: Path, ran: Path, running: Ran
) -> None:
    own(repo, ran)
    install(repo)
    tool = Lefthook(repo, ran)
    tool.install(NAME)
    assert install(repo)[NAME] == "installed"
    assert (repo / f".git/hooks/{NAME}.old").exists()  # where lefthook would have put it
    (repo / f".git/hooks/{NAME}.old").unlink()
    for _ in range(2):
        tool.install(NAME)
        assert install(repo)[NAME] == "installed"
        assert running() == {"ours", "lefthook"}


@pytest.mark.parametrize("file", ["lefthook.yml", "lefthook-local.yml"])
def test_a_hook_that_lefthook_calls_needs_nothing_more(
    repo: Path, ran: Path, recorder: Recorder, file: str
) -> None:
    Lefthook(repo, ran).install(NAME)
    (repo / file).write_text(f"{NAME}:\n  jobs:\n    - run: git-ledger hook {NAME}\n")
    before = (repo / ".git/hooks" / NAME).read_bytes()
    assert install(repo)[NAME] == "chained"
    assert (repo / ".git/hooks" / NAME).read_bytes() == before


def test_a_hook_that_pre_commit_calls_needs_nothing_more(
    repo: Path, ran: Path, recorder: Recorder
) -> None:
    PreCommit(repo, ran).install(NAME)
    (repo / ".pre-commit-config.yaml").write_text(f"repos:\n- hooks:\n  - id: gitledger-{NAME}\n")
    assert install(repo)[NAME] == "chained"


def test_husky_is_not_touched_and_the_file_and_line_to_add_are_said(
    repo: Path, git: RunGit, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(repo, "config", "core.hooksPath", ".husky/_")
    husky(repo, HOOKS)
    before = everything(repo)
    hooks = {each.name: each for each in hookfiles.install(opened(repo)).states}
    assert everything(repo) == before
    told = hooks[NAME]
    assert (told.state, told.file) == ("to add", repo / ".husky" / NAME)
    assert told.file is not None

    told.file.write_text(f"echo own\n{told.line}\n")
    assert states(repo)[NAME] == "chained"
    path = f"{recorder.folder}:/usr/bin:/bin"
    assert commit(repo, NAMED, PATH=path) == (0, "own\n")
    assert recorder.starts == [NAME]
    husky(repo, HOOKS)
    assert states(repo)[NAME] == "chained"


def test_ours_that_husky_has_switched_off_are_taken_away_too(
    repo: Path, git: RunGit, recorder: Recorder
) -> None:
    before = everything(repo / ".git")
    install(repo)
    husky(repo, HOOKS)
    git(repo, "config", "core.hooksPath", ".husky/_")
    assert set(states(repo).values()) == {"to add"}
    uninstall(repo)
    git(repo, "config", "--unset", "core.hooksPath")
    assert everything(repo / ".git") == before


def test_what_else_runs_is_told(repo: Path, ran: Path, recorder: Recorder) -> None:
    own(repo, ran)
    install(repo)
    PreCommit(repo, ran).install(NAME)
    hooks = {each.name: each for each in hookfiles.status(opened(repo)).states}
    folder = repo / ".git"
    assert hooks[NAME].path == folder / f"hooks/{NAME}.legacy"
    assert hooks[NAME].others == (
        f"{folder / 'hooks' / NAME} (pre-commit)",
        f"{folder / 'hooks.gitledger-kept' / NAME}",
    )
