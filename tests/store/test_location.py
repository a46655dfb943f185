"""A repository is found where git finds it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from gitledger.errors import NoRepository
from gitledger.store.location import Location, locate
from tests.conftest import RunGit

Place = tuple[Path, dict[str, str]]
"""A directory to look from, and what the environment says beside the ordinary."""
Scene = Callable[[Path, Path, RunGit], Place]


def _top(repo: Path, tmp: Path, git: RunGit) -> Place:
    return repo, {}


def _below(repo: Path, tmp: Path, git: RunGit) -> Place:
    (repo / "a" / "b").mkdir(parents=True)
    return repo / "a" / "b", {}


def _through_a_symbolic_link(repo: Path, tmp: Path, git: RunGit) -> Place:
    (tmp / "link").symlink_to(_below(repo, tmp, git)[0])
    return tmp / "link", {}


def _inside_dot_git(repo: Path, tmp: Path, git: RunGit) -> Place:
    return repo / ".git" / "refs", {}


def _bare(repo: Path, tmp: Path, git: RunGit) -> Place:
    git(tmp, "clone", "--quiet", "--bare", str(repo), "bare.git")
    return tmp / "bare.git" / "objects", {}


def _linked(repo: Path, tmp: Path, git: RunGit) -> Place:
    git(repo, "worktree", "add", "--quiet", str(tmp / "linked"))
    (tmp / "linked" / "sub").mkdir()
    return tmp / "linked" / "sub", {}


def _inside_the_git_dir_of_a_linked_one(repo: Path, tmp: Path, git: RunGit) -> Place:
    _linked(repo, tmp, git)
    return repo / ".git" / "worktrees" / "linked", {}


def _linked_of_a_bare_one(repo: Path, tmp: Path, git: RunGit) -> Place:
    bare = _bare(repo, tmp, git)[0].parent
    git(bare, "worktree", "add", "--quiet", str(tmp / "of-bare"))
    return tmp / "of-bare", {}


def _dot_git_file_to_a_bare_one(repo: Path, tmp: Path, git: RunGit) -> Place:
    (tmp / "outer").mkdir()
    _bare(repo, tmp, git)[0].parent.rename(tmp / "outer" / ".bare")
    (tmp / "outer" / ".git").write_text("gitdir: ./.bare\n")
    return tmp / "outer", {}


def _submodule(repo: Path, tmp: Path, git: RunGit) -> Place:
    allow = ("-c", "protocol.file.allow=always")
    git(repo, *allow, "submodule", "--quiet", "add", str(repo), "sub module #1")
    return repo / "sub module #1", {}


def _inside_the_git_dir_of_a_submodule(repo: Path, tmp: Path, git: RunGit) -> Place:
    _submodule(repo, tmp, git)
    return repo / ".git" / "modules" / "sub module #1" / "objects", {}


def _separate_git_dir(repo: Path, tmp: Path, git: RunGit) -> Place:
    git(repo, "init", "--quiet", f"--separate-git-dir={tmp / 'elsewhere'}")
    return repo, {}


def _configured_worktree(repo: Path, tmp: Path, git: RunGit) -> Place:
    (tmp / "tree; or not").mkdir()
    git(repo, "config", "core.worktree", "../../tree; or not")
    return repo, {}


def _worktree_of_the_worktree_configuration(repo: Path, tmp: Path, git: RunGit) -> Place:
    (tmp / "tree").mkdir()
    git(repo, "config", "extensions.worktreeConfig", "true")
    git(repo, "config", "--worktree", "core.worktree", str(tmp / "tree"))
    return repo, {}


def _git_dir_named(repo: Path, tmp: Path, git: RunGit) -> Place:
    (tmp / "outside").mkdir()
    return tmp / "outside", {"GIT_DIR": str(repo / ".git")}


def _git_dir_named_relatively(repo: Path, tmp: Path, git: RunGit) -> Place:
    return repo, {"GIT_DIR": ".git"}


def _git_dir_named_by_a_file(repo: Path, tmp: Path, git: RunGit) -> Place:
    git(repo, "init", "--quiet", f"--separate-git-dir={tmp / 'elsewhere'}")
    return tmp, {"GIT_DIR": "repo/.git"}


def _git_dir_of_a_linked_one_as_hooks_have_it(repo: Path, tmp: Path, git: RunGit) -> Place:
    _linked(repo, tmp, git)
    return tmp / "linked", {"GIT_DIR": str(repo / ".git" / "worktrees" / "linked")}


def _git_dir_and_worktree_named(repo: Path, tmp: Path, git: RunGit) -> Place:
    (tmp / "tree").mkdir()
    return tmp, {"GIT_DIR": "repo/.git", "GIT_WORK_TREE": "tree"}


def _worktree_named(repo: Path, tmp: Path, git: RunGit) -> Place:
    (tmp / "tree").mkdir()
    return repo, {"GIT_WORK_TREE": str(tmp / "tree")}


def _bare_git_dir_named(repo: Path, tmp: Path, git: RunGit) -> Place:
    return tmp, {"GIT_DIR": str(_bare(repo, tmp, git)[0].parent)}


def _bare_by_option(repo: Path, tmp: Path, git: RunGit) -> Place:
    return repo, {"GIT_DIR": ".git", "GIT_IMPLICIT_WORK_TREE": "0"}


def _common_dir_named(repo: Path, tmp: Path, git: RunGit) -> Place:
    (tmp / "own").mkdir()
    (tmp / "own" / "HEAD").write_text("ref: refs/heads/main\n")
    return tmp, {"GIT_DIR": "own", "GIT_COMMON_DIR": "repo/.git", "GIT_WORK_TREE": "."}


def _ceiling_that_is_too_high(repo: Path, tmp: Path, git: RunGit) -> Place:
    return _below(repo, tmp, git)[0], {"GIT_CEILING_DIRECTORIES": f"relative:{repo.parent}"}


def _ceiling_where_we_stand(repo: Path, tmp: Path, git: RunGit) -> Place:
    return repo, {"GIT_CEILING_DIRECTORIES": str(repo)}


def _empty_dot_git_on_the_way(repo: Path, tmp: Path, git: RunGit) -> Place:
    place = _below(repo, tmp, git)[0]
    (place / ".git").mkdir()
    return place, {}


@pytest.mark.parametrize(
    "scene",
    [
        _top,
        _below,
        _through_a_symbolic_link,
        _inside_dot_git,
        _bare,
        _linked,
        _inside_the_git_dir_of_a_linked_one,
        _linked_of_a_bare_one,
        _dot_git_file_to_a_bare_one,
        _submodule,
        _inside_the_git_dir_of_a_submodule,
        _separate_git_dir,
        _configured_worktree,
        _worktree_of_the_worktree_configuration,
        _git_dir_named,
        _git_dir_named_relatively,
        _git_dir_named_by_a_file,
        _git_dir_of_a_linked_one_as_hooks_have_it,
        _git_dir_and_worktree_named,
        _worktree_named,
        _bare_git_dir_named,
        _bare_by_option,
        _common_dir_named,
        _ceiling_that_is_too_high,
        _ceiling_where_we_stand,
        _empty_dot_git_on_the_way,
    ],
)
def test_a_repository_is_found_where_git_finds_it(
    scene: Scene, repo: Path, tmp_path: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, environ = scene(repo, tmp_path, git)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    found = locate(place, os.environ)

    def asked(option: str) -> Path:
        return (place / git(place, "rev-parse", option)).resolve()

    assert found.git_dir == asked("--git-dir")
    assert found.common_dir == asked("--git-common-dir")
    assert found.linked == (found.git_dir != found.common_dir)
    if found.worktree:
        assert found.worktree == asked("--show-toplevel")
    else:
        with pytest.raises(AssertionError, match="must be run in a work tree"):
            asked("--show-toplevel")
    if found.start:
        for name in environ.keys() & {"GIT_DIR", "GIT_WORK_TREE"}:
            monkeypatch.delenv(name)
        assert (found.start / git(found.start, "rev-parse", "--git-dir")).resolve() == found.git_dir


def _ceiling(repo: Path, tmp: Path, git: RunGit) -> Place:
    return _below(repo, tmp, git)[0], {"GIT_CEILING_DIRECTORIES": f"/nowhere:{repo}"}


def _ceiling_through_a_link(repo: Path, tmp: Path, git: RunGit) -> Place:
    (tmp / "link").symlink_to(repo)
    return _below(repo, tmp, git)[0], {"GIT_CEILING_DIRECTORIES": str(tmp / "link")}


def _nothing_anywhere(repo: Path, tmp: Path, git: RunGit) -> Place:
    return tmp, {"GIT_CEILING_DIRECTORIES": str(tmp.parent)}


def _dot_git_file_into_the_void(repo: Path, tmp: Path, git: RunGit) -> Place:
    place = _below(repo, tmp, git)[0]
    (place / ".git").write_text("gitdir: /nowhere\n")
    return place, {}


def _dot_git_file_of_another_kind(repo: Path, tmp: Path, git: RunGit) -> Place:
    place = _below(repo, tmp, git)[0]
    (place / ".git").write_text("something else\n")
    return place, {}


def _git_dir_named_that_is_none(repo: Path, tmp: Path, git: RunGit) -> Place:
    return repo, {"GIT_DIR": "a"}


def _git_dir_named_that_is_a_worktree(repo: Path, tmp: Path, git: RunGit) -> Place:
    return repo, {"GIT_DIR": "."}


def _head_that_is_none(repo: Path, tmp: Path, git: RunGit) -> Place:
    (repo / ".git" / "HEAD").write_text("nothing of git's\n")
    return repo, {"GIT_CEILING_DIRECTORIES": str(tmp)}


@pytest.mark.parametrize(
    "scene",
    [
        _ceiling,
        _ceiling_through_a_link,
        _nothing_anywhere,
        _dot_git_file_into_the_void,
        _dot_git_file_of_another_kind,
        _git_dir_named_that_is_none,
        _git_dir_named_that_is_a_worktree,
        _head_that_is_none,
    ],
)
def test_where_git_finds_no_repository_there_is_none(
    scene: Scene, repo: Path, tmp_path: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    place, environ = scene(repo, tmp_path, git)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)

    with pytest.raises(AssertionError, match=r"not a git repository|invalid gitfile"):
        git(place, "rev-parse", "--git-dir")
    with pytest.raises(NoRepository, match=r"not (in )?a git repository"):
        locate(place, os.environ)


def test_a_place_outside_is_named_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(NoRepository) as outside:
        locate(tmp_path, {"GIT_CEILING_DIRECTORIES": str(tmp_path.parent)})

    assert outside.value.message == f"not in a git repository: {tmp_path}"
    assert outside.value.hint == "make one: git init"


def test_a_path_that_is_no_directory_is_in_no_repository(repo: Path) -> None:
    for path in (repo / "hello.txt", repo / "missing", repo / "hello.txt" / "below"):
        with pytest.raises(NoRepository, match="not in a git repository") as outside:
            locate(path, {})
        assert outside.value.hint


def test_a_relative_path_begins_at_the_current_directory(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(repo.parent)

    git_dir = repo / ".git"
    assert locate(Path("repo"), {}) == Location(git_dir, git_dir, repo, start=repo)


def test_another_file_system_is_a_border_unless_it_may_be_crossed(
    repo: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = repo / "mounted"
    inside.mkdir()
    device = inside.stat().st_dev
    stat = os.stat

    class Elsewhere:
        st_dev = device + 1

    def mounted(path: str, **given: bool) -> object:
        return Elsewhere if path == str(inside) and not given else stat(path, **given)

    found = locate(inside, {})
    monkeypatch.setattr(os, "stat", mounted)
    monkeypatch.setattr(os.path, "isdir", lambda path: Path(path).is_dir() or path == str(inside))
    with pytest.raises(NoRepository):
        locate(inside, {})
    assert locate(inside, {"GIT_DISCOVERY_ACROSS_FILESYSTEM": "1"}) == found
