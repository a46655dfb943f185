"""Fixtures of the whole suite: a sealed environment, and git repositories to work in."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import Protocol

import pytest
from hypothesis import settings

# The same examples in every run: what fails, fails again. `search` looks for new ones.
settings.register_profile("suite", derandomize=True, database=None, deadline=None)
settings.register_profile("search", deadline=None, print_blob=True)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))

REMOVED = ("GIT_", "GITLEDGER_", "CLAUDE_CODE_", "XDG_", "LC_", "LANG", "EMAIL", "VISUAL")
_GITCONFIG = """\
[user]
\tname = Ada
\temail = ada@example.com
[init]
\tdefaultBranch = main
"""
_FIRST_COMMIT = "2026-01-01T00:00:00Z"


class RunGit(Protocol):
    """Runs git in a directory and returns its output without the last newline."""

    def __call__(self, path: Path, *args: str, stdin: str = "") -> str: ...


class MakeRepo(Protocol):
    """Makes a repository with one commit, of that name, in the test's directory."""

    def __call__(self, name: str) -> Path: ...


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep machine and user out of the test; its home directory holds a `.gitconfig` alone."""
    home = tmp_path_factory.getbasetemp() / "home"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    for name in [name for name in os.environ if name.startswith(REMOVED)]:
        monkeypatch.delenv(name)
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in sealed(home).items():
        monkeypatch.setenv(name, value)
    time.tzset()
    return home


def sealed(home: Path) -> dict[str, str]:
    """Return the environment variables that shut machine and user out."""
    (home / ".gitconfig").write_text(_GITCONFIG)
    return {
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / ".config"),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": str(home / ".gitconfig"),
        "LOGNAME": "ada",
        "USER": "ada",
        "TZ": "UTC",
        "LC_ALL": "C.UTF-8",
        "PAGER": "cat",
        "EDITOR": "false",
    }


@pytest.fixture
def git() -> RunGit:
    """Return a function that runs git and raises with what it said when it fails."""
    return _git


def _git(path: Path, *args: str, stdin: str = "") -> str:
    given = stdin.encode(errors="surrogateescape")
    done = subprocess.run(["git", *args], cwd=path, input=given, capture_output=True, check=False)
    if done.returncode:
        raise AssertionError(f"git {' '.join(args)}: {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode(errors="surrogateescape").removesuffix("\n")


@pytest.fixture(scope="session")
def _templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make each kind of repository once; a copy of a directory is cheaper than `git init`."""
    templates = tmp_path_factory.mktemp("templates")
    with pytest.MonkeyPatch.context() as monkeypatch:
        dates = {"GIT_AUTHOR_DATE": _FIRST_COMMIT, "GIT_COMMITTER_DATE": _FIRST_COMMIT}
        for name, value in (sealed(templates) | dates).items():
            monkeypatch.setenv(name, value)
        _git(templates, "init", "--quiet", "--template=", "repo")
        (templates / "repo" / "hello.txt").write_text("hello\n")
        _git(templates / "repo", "add", "hello.txt")
        _git(templates / "repo", "commit", "--quiet", "--message=first")
        _git(templates, "clone", "--quiet", "--bare", "--template=", "repo", "bare")
        _git(templates / "bare", "remote", "remove", "origin")
    return templates


@pytest.fixture
def make_repo(tmp_path: Path, _templates: Path, _sealed_libgit2: None) -> MakeRepo:
    """Return a function that makes repositories with one commit on `main`."""

    def make(name: str) -> Path:
        return shutil.copytree(_templates / "repo", tmp_path / name)

    return make


@pytest.fixture
def repo(make_repo: MakeRepo) -> Path:
    """Return a repository with one commit on `main`."""
    return make_repo("repo")


@pytest.fixture
def bare(tmp_path: Path, _templates: Path, _sealed_libgit2: None) -> Path:
    """Return a bare repository with the same commit, to be used as a remote."""
    return shutil.copytree(_templates / "bare", tmp_path / "bare.git")


@pytest.fixture
def _sealed_libgit2(home: Path) -> None:
    """Shut machine and user out of libgit2, too, which does not know git's variables for that."""
    import pygit2
    from pygit2.enums import ConfigLevel

    empty = home / "nothing"
    pygit2.settings.search_path[ConfigLevel.GLOBAL] = str(home)
    pygit2.settings.search_path[ConfigLevel.XDG] = str(empty)
    pygit2.settings.search_path[ConfigLevel.SYSTEM] = str(empty)
