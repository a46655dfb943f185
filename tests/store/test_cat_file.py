"""Packed objects come from one git, which answers until nobody needs it any more."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from gitledger.errors import GitFailed
from gitledger.git import Git
from gitledger.store import cat_file
from gitledger.store.cat_file import CatFile
from gitledger.store.failures import Unreadable
from tests.conftest import RunGit
from tests.forking import forked
from tests.store.damages import replaced

HELLO = b"hello\n"


@pytest.fixture
def packed(repo: Path, git: RunGit) -> str:
    """Pack everything in the repository, and return the blob of its file."""
    git(repo, "repack", "-a", "-d", "--quiet")
    return git(repo, "rev-parse", "HEAD:hello.txt")


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    return tmp_path / "trace"


@pytest.fixture
def objects(repo: Path, trace: Path) -> CatFile:
    return CatFile(Git(repo, os.environ | {"GIT_TRACE2_EVENT": str(trace)}))


def starts(trace: Path) -> int:
    """Return how often git was started, as it says itself."""
    events = [json.loads(line) for line in trace.read_text().splitlines()]
    return sum(event["event"] == "start" for event in events)


def test_one_git_answers_all_questions(
    objects: CatFile, packed: str, repo: Path, git: RunGit, trace: Path
) -> None:
    for name, kind in (("HEAD", "commit"), ("HEAD^{tree}", "tree"), ("HEAD:hello.txt", "blob")):
        oid = git(repo, "rev-parse", name)
        assert objects.packed(oid, None).kind == kind
    found = objects.packed(packed, 6)

    assert (found.kind, found.size, found.content) == ("blob", 6, HELLO)
    assert starts(trace) == 1


@pytest.mark.parametrize("skipped", [100, 1])
def test_a_large_object_is_left_unread_and_the_next_question_answered(
    objects: CatFile, packed: str, monkeypatch: pytest.MonkeyPatch, skipped: int
) -> None:
    monkeypatch.setattr(cat_file, "_SKIPPED", skipped)

    large = objects.packed(packed, 5)
    assert (large.kind, large.size, large.content) == ("blob", 6, None)
    assert objects.packed(packed, None).content == HELLO


def test_many_are_asked_for_together_and_what_cannot_be_read_is_left_out(
    objects: CatFile, packed: str, repo: Path, git: RunGit, trace: Path
) -> None:
    commit = git(repo, "rev-parse", "HEAD")
    found = objects.packed_many([packed, "1" * 40, "HEAD", commit, *[packed] * 100], 1 << 20)

    assert {oid: each.kind for oid, each in found.items()} == {packed: "blob", commit: "commit"}
    assert found[packed].content == HELLO
    assert starts(trace) == 1


def test_many_go_on_after_one_that_is_too_large_to_be_skipped(
    objects: CatFile, packed: str, repo: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cat_file, "_SKIPPED", 1)
    commit = git(repo, "rev-parse", "HEAD")
    found = objects.packed_many([packed, commit], 5)

    assert [(oid, each.content) for oid, each in found.items()] == [(packed, None)]
    assert objects.packed(packed, None).content == HELLO


@pytest.mark.parametrize("name", ["HEAD", "main", "", "1" * 40, "1" * 64, "a" * 39 + "g"])
def test_what_is_no_id_or_no_object_is_not_there(objects: CatFile, packed: str, name: str) -> None:
    with pytest.raises(KeyError):
        objects.packed(name, None)
    assert objects.packed(packed, None).content == HELLO


def test_an_object_is_itself_whatever_it_was_replaced_by(
    objects: CatFile, packed: str, repo: Path, git: RunGit
) -> None:
    other = git(repo, "hash-object", "-w", "--stdin", stdin="another")
    git(repo, "replace", packed, other)

    assert objects.packed(packed, None).content == HELLO


def test_another_is_started_where_one_has_ended(objects: CatFile, packed: str, trace: Path) -> None:
    objects.packed(packed, None)
    talk = objects._talk
    assert talk
    os.kill(talk._pid, 9)

    assert objects.packed(packed, None).content == HELLO
    assert starts(trace) == 2


def test_a_damaged_object_is_told_and_the_others_are_read_all_the_same(
    objects: CatFile, packed: str, repo: Path, git: RunGit
) -> None:
    spoilt = git(repo, "hash-object", "-w", "--stdin", stdin="0123456789" * 100)
    path = repo / ".git" / "objects" / spoilt[:2] / spoilt[2:]
    replaced(path, path.read_bytes()[:-10])

    for _ in range(2):
        with pytest.raises(Unreadable):
            objects.packed(spoilt, None)
        assert objects.packed(packed, None).content == HELLO


def test_an_interrupted_answer_is_not_taken_for_the_next(
    objects: CatFile, packed: str, repo: Path, git: RunGit, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = cat_file._answer

    def interrupted(*args: object) -> None:
        objects._talk.ask(f"{packed}\n".encode())  # type: ignore[union-attr]  # it is there
        raise KeyboardInterrupt

    monkeypatch.setattr(cat_file, "_answer", interrupted)
    with pytest.raises(KeyboardInterrupt):
        objects.packed(packed, None)
    monkeypatch.setattr(cat_file, "_answer", answer)
    assert objects.packed(git(repo, "rev-parse", "HEAD"), None).kind == "commit"


def test_a_git_that_does_not_work_here_says_why(objects: CatFile, packed: str, repo: Path) -> None:
    (repo / ".git" / "config").write_text("[core\n")
    with pytest.raises(GitFailed, match="config"):
        objects.packed(packed, None)


def test_git_ends_with_who_asked_it(objects: CatFile, repo: Path, packed: str) -> None:
    another = CatFile(Git(repo, os.environ))
    another.packed(packed, None)
    assert another._talk is not None
    pid = another._talk._pid
    del another

    with pytest.raises(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def test_a_forked_child_asks_a_git_of_its_own_and_leaves_its_parent_the_other(
    objects: CatFile, packed: str, repo: Path, git: RunGit, trace: Path
) -> None:
    commit = git(repo, "rev-parse", "HEAD")
    assert objects.packed(packed, None).content == HELLO

    def ask() -> None:
        assert objects.packed(commit, None).kind == "commit"
        assert objects.packed_many([packed], 6)[packed].content == HELLO
        objects._talk = None

    # The parent has asked, and not heard the answer yet: nobody else may hear it.
    assert objects._talk is not None
    objects._talk.ask(f"{packed}\n".encode())
    forked(ask)
    found = cat_file._answer(objects._talk, None)
    assert found is not None
    assert found.content == HELLO
    assert objects.packed(commit, None).kind == "commit"
    assert starts(trace) == 2


def test_a_forked_child_that_begins_with_many_asks_a_git_of_its_own(
    objects: CatFile, packed: str, trace: Path
) -> None:
    objects.packed(packed, None)
    forked(lambda: objects.packed_many([packed], 6)[packed])
    assert objects.packed(packed, None).content == HELLO
    assert starts(trace) == 2
