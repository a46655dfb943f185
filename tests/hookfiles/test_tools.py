"""Other tools that put hooks in place: before ours or after, and taken away before or after."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from gitledger import hookfiles
from gitledger.cli.main import main
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
from tests.ledgers import ledger_at

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

    def others(self) -> list[str]:
        """Commit, and return what of others ran."""
        self.record.write_text("")
        assert commit(self.repo, NAMED) == (0, "")
        return self.record.read_text().split()


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
    for _ in range(2):
        tool.install(NAME)
        assert states(repo)[NAME] == "displaced"
        assert install(repo)[NAME] == "installed"
        assert running() == {"ours", "lefthook"}
    uninstall(repo)
    assert running() == {"lefthook"}
    tool.uninstall(NAME)
    assert running() == {"own"}


LEFTHOOKS = ("commit-msg", NAME)


@pytest.fixture
def restoring(recorder: Recorder, repo: Path) -> Recorder:
    """Return the recorder, which does what a shim asks for that finds others of ours replaced."""
    start = "import sys; sys.argv.pop(0); from gitledger.__main__ import main; main()"
    recorder.does(f"case $2 in restore) exec '{sys.executable}' -c '{start}' \"$0\" \"$@\" ;; esac")
    return recorder


def hooks(repo: Path) -> dict[str, bool]:
    """Return the files among the hooks, and whether each is ours."""
    folder = repo / ".git/hooks"
    return {path.name: b"# gitledger: " in path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("gone", ["ours", "lefthook"])
@pytest.mark.parametrize("with_own", [False, True])
def test_what_lefthook_replaces_comes_back_by_itself(
    repo: Path, ran: Path, running: Ran, restoring: Recorder, with_own: bool, gone: str
) -> None:
    if with_own:
        own(repo, ran)
    before = everything(repo / ".git/hooks")
    install(repo)
    tool = Lefthook(repo, ran)
    for _ in range(3):
        tool.install(*LEFTHOOKS)
        assert states(repo)[NAME] == "displaced"
        commit(repo)  # prepare-commit-msg is still ours
        assert states(repo)[NAME] == "installed"
        assert hooks(repo) == {**dict.fromkeys(HOOKS, True)} | (
            {f"{NAME}.old": False} if with_own else {}
        )
        ran.write_text("")
        restoring.forget()
        commit(repo, NAMED)
        assert ran.read_text().split() == ["lefthook"] * 2
        assert restoring.starts == [NAME]
    if gone == "ours":
        uninstall(repo)
        assert running.others() == ["lefthook"] * 2
        tool.uninstall(*LEFTHOOKS)
    else:
        tool.uninstall(*LEFTHOOKS)
        commit(repo)
        assert running() == ({"ours", "own"} if with_own else {"ours"})
        uninstall(repo)
    assert everything(repo / ".git/hooks") == before
    assert not (repo / ".git/hooks.gitledger-kept").exists()


def test_lefthook_that_replaces_hooks_while_one_of_ours_runs_it_changes_nothing(
    repo: Path, ran: Path, restoring: Recorder
) -> None:
    """As `lefthook run` does where its settings have changed, here with a command for each hook."""
    tool = Lefthook(repo, ran)
    tool.install(*HOOKS)
    install(repo)
    again = f'for name in {" ".join(HOOKS)}; do mv "$name" "$name.old"; cp ../kept "$name"; done'
    kept = repo / ".git/hooks.gitledger-kept/post-commit"
    (repo / ".git/kept").write_bytes(kept.read_bytes())
    (repo / ".git/kept").chmod(0o755)
    kept.write_text(kept.read_text().replace("echo lefthook", f"(cd .git/hooks && {again}) #"))
    assert commit(repo) == (0, "")
    assert hooks(repo) == dict.fromkeys(HOOKS, True)
    assert kept.read_bytes() == (repo / ".git/kept").read_bytes()


def test_lefthooks_own_prepare_commit_msg_makes_room_too(
    repo: Path, ran: Path, restoring: Recorder
) -> None:
    """Its version 1 writes one over ours, and keeps nothing."""
    install(repo)
    tool = Lefthook(repo, ran)
    tool.install("pre-commit")
    tool.write("prepare-commit-msg")
    commit(repo)
    assert states(repo)["prepare-commit-msg"] == "installed"
    restoring.forget()
    commit(repo)
    assert ran.read_text().split() == ["lefthook"] * 4
    assert restoring.starts == []


def test_a_hook_of_a_persons_in_the_place_of_ours_is_left(
    repo: Path, ran: Path, restoring: Recorder
) -> None:
    install(repo)
    Lefthook(repo, ran).install("commit-msg")
    commit(repo)
    path = repo / ".git/hooks/pre-push"
    path.replace(repo / ".git/hooks/pre-push.old")
    script(path, "echo mine")
    restoring.forget()
    commit(repo)
    assert restoring.starts == []
    assert hooks(repo)["pre-push.old"]
    assert path.read_text() == "#!/bin/sh\necho mine\n"


def test_a_hook_that_lefthook_calls_ours_from_is_looked_for_once(
    repo: Path, ran: Path, restoring: Recorder
) -> None:
    install(repo)
    Lefthook(repo, ran).install("commit-msg")
    (repo / "lefthook.yml").write_text("commit-msg:\n  jobs: [{run: git-ledger hook commit-msg}]\n")
    commit(repo)
    assert restoring.starts == ["restore commit-msg"]
    assert states(repo)["commit-msg"] == "chained"
    commit(repo)
    assert restoring.starts == ["restore commit-msg"]


def test_a_hook_that_was_kept_for_one_of_ours_that_is_lost_is_put_aside(
    repo: Path, ran: Path, running: Ran, restoring: Recorder
) -> None:
    own(repo, ran)
    install(repo)
    tool = Lefthook(repo, ran)
    tool.install(NAME)
    (repo / f".git/hooks/{NAME}.old").unlink()
    commit(repo)
    assert running() == {"ours", "lefthook"}
    tool.uninstall(NAME)
    commit(repo)
    assert running() == {"ours", "own"}


def test_what_cannot_be_put_back_is_told_and_stops_nothing(
    repo: Path, ran: Path, recorder: Recorder
) -> None:
    install(repo)
    Lefthook(repo, ran).install(NAME)
    recorder.does("case $2 in restore) echo broken >&2; exit 1 ;; esac")
    assert commit(repo) == (0, "gitledger: the hook restore failed: broken\n")
    Lefthook(repo, ran).install("commit-msg")
    assert commit(repo) == (0, "gitledger: the hook restore failed: broken\n")


def test_inside_of_a_hook_of_ours_nothing_is_put_back(
    repo: Path, ran: Path, restoring: Recorder
) -> None:
    install(repo)
    Lefthook(repo, ran).install(NAME)
    commit(repo, GITLEDGER_IN_HOOK="1")
    assert states(repo)[NAME] == "displaced"
    assert restoring.starts == []


@pytest.fixture
def all_lost(
    repo: Path, ran: Path, recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> Lefthook:
    """Return lefthook, which has put a hook of its own in the place of each of ours."""
    ledger_at(repo)
    monkeypatch.chdir(repo)
    install(repo)
    tool = Lefthook(repo, ran)
    tool.install(*HOOKS)
    return tool


def test_where_none_of_ours_is_left_the_next_command_that_writes_puts_them_back(
    repo: Path, all_lost: Lefthook, ran: Path
) -> None:
    assert set(states(repo).values()) == {"displaced"}
    main(["add", "Schema"])
    assert set(states(repo).values()) == {"installed"}
    commit(repo)
    assert ran.read_text().split() == ["lefthook"] * 3
    all_lost.install(*HOOKS)
    main(["add", "Schema"])
    assert set(states(repo).values()) == {"installed"}
    uninstall(repo)
    all_lost.uninstall(*HOOKS)
    assert hooks(repo) == {}
    assert not (repo / ".git/gitledger/lefthook").exists()


def test_where_lefthook_stands_alone_a_command_that_writes_leaves_it_so(
    repo: Path, all_lost: Lefthook
) -> None:
    uninstall(repo)
    all_lost.install(*HOOKS)
    before = hooks(repo)
    main(["add", "Schema"])
    assert hooks(repo) == before
    assert not any(before.values())


def test_what_a_command_cannot_put_back_is_tried_once(repo: Path, all_lost: Lefthook) -> None:
    (repo / ".git/hooks.gitledger-kept").write_text("in the way")
    main(["add", "Schema"])
    before = hooks(repo)
    seen = (repo / ".git/gitledger/lefthook").stat().st_mtime_ns
    main(["add", "Schema"])
    assert hooks(repo) == before
    assert (repo / ".git/gitledger/lefthook").stat().st_mtime_ns == seen


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
