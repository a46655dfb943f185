"""With `gitledger.durability = full` an update that was acknowledged is on the disk."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gitledger.configuration import Configuration
from gitledger.errors import InvalidInput
from gitledger.git import Git
from gitledger.repository import Repository
from gitledger.store import durability
from tests.conftest import RunGit
from tests.store.opening import REF, write


def traced(repo: Path, trace: Path) -> Repository:
    """Open a repository whose git writes down what it does."""
    return Repository.open(repo, os.environ | {"GIT_TRACE2_EVENT": str(trace)})


def waits(trace: Path) -> int:
    """Return how often git has waited for the disk, as it says itself."""
    events = [json.loads(line) for line in trace.read_text().splitlines()]
    told = [event for event in events if "fsync" in json.dumps(event.get("name", ""))]
    told += [event for event in events if event.get("category") == "fsync"]
    told += [event for event in events if str(event.get("key", "")).startswith("fsync")]
    return sum(int(event.get("count", event.get("value", 0))) for event in told)


def test_by_default_nobody_waits(repo: Path, tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    store = traced(repo, trace).store
    store.move(REF, None, write(store, {"a": b"1"}), "init")

    git_version = traced(repo, trace).git.run("version").stdout
    assert git_version.startswith(b"git version")
    assert waits(trace) == 0


def test_in_full_git_writes_objects_and_refs_and_waits_for_them(
    repo: Path, tmp_path: Path, git: RunGit
) -> None:
    git(repo, "config", "gitledger.durability", "full")
    trace = tmp_path / "trace"
    repository = traced(repo, trace)
    store = repository.store
    root = write(store, {"a": b"1"})
    objects = waits(trace)
    store.move(REF, None, root, "init")
    created = waits(trace)
    following = write(store, {"a": b"2"}, root)
    written = waits(trace)
    store.move(REF, root, following, "next")

    assert 3 <= objects < created < written < waits(trace)
    assert b"warning" not in repository.git.run("rev-parse", REF).stderr.encode()


def test_what_was_read_of_the_configuration_is_read_once(
    repo: Path, tmp_path: Path, git: RunGit
) -> None:
    git(repo, "config", "gitledger.durability", "full")
    trace = tmp_path / "trace"
    repository = traced(repo, trace)
    assert repository.store
    assert repository.git.configuration() is repository.configuration

    events = [json.loads(line) for line in trace.read_text().splitlines()]
    started = [event["argv"][3:] for event in events if event["event"] == "start"]
    assert started == [["config", "--list", "-z"], ["version"]]


@pytest.mark.parametrize(("value", "hint"), [("ful", "did you mean 'full'?"), ("yes", "config")])
def test_a_value_that_there_is_not_is_refused(value: str, hint: str) -> None:
    with pytest.raises(InvalidInput, match=value) as error:
        durability.is_full(Configuration([("gitledger.durability", value)]))
    assert hint in str(error.value.hint)


@pytest.mark.parametrize(
    ("version", "settings"),
    [
        ("2.31.0", ("core.fsyncObjectFiles=true",)),
        ("2.36.0", ("core.fsync=all", "core.fsyncMethod=fsync")),
        ("3.0.1", ("core.fsync=all", "core.fsyncMethod=fsync")),
    ],
)
def test_each_git_is_told_in_its_own_words(
    tmp_path: Path, version: str, settings: tuple[str, ...]
) -> None:
    program = tmp_path / "git"
    program.write_text(f"#!/bin/sh\necho git version {version}\n")
    program.chmod(0o755)
    environ = os.environ | {"PATH": f"{tmp_path}:{os.environ['PATH']}"}

    assert durability.settings(Git(tmp_path, environ)) == settings
