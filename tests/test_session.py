"""Under which name somebody works."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gitledger import session
from gitledger.core.names import check_session
from gitledger.errors import InvalidInput
from gitledger.ledger import Ledger
from tests.conftest import RunGit
from tests.ledgers import ledger_at

AI = "CLAUDE_CODE_SESSION_ID"


def chosen(
    user: str = "Ada Lovelace", worktree: str | None = None, asked: str | None = None, **env: str
) -> str:
    return session.choose(asked, env, user=lambda: user, worktree=worktree)


def test_a_name_is_asked_for_or_in_the_environment() -> None:
    assert chosen(asked="build-1", GITLEDGER_SESSION="env") == "build-1"
    assert chosen(GITLEDGER_SESSION="env") == "env"


@pytest.mark.parametrize("name", ["two words", "-x", "a/b", "a\n", "x" * 65])
def test_a_name_that_is_asked_for_and_is_none_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        chosen(asked=name)
    with pytest.raises(InvalidInput):
        chosen(GITLEDGER_SESSION=name)


def test_the_default_is_made_of_user_worktree_and_ai_session() -> None:
    assert chosen() == "ada-lovelace"
    assert chosen(worktree="tests") == "ada-lovelace-tests"
    assert chosen(worktree="tests", **{AI: "0f9c2d1e-77aa-4b"}) == "ada-lovelace-tests-0f9c2d1e"
    assert chosen("Jürgen K.") == "jürgen-k"
    assert chosen("!!!") == "unknown"


@given(st.text(), st.none() | st.text(), st.text())
def test_the_default_is_always_a_session_name(user: str, worktree: str | None, ai: str) -> None:
    name = chosen(user, worktree, **{AI: ai})
    assert check_session(name) == name


def test_long_names_that_differ_at_their_end_stay_different() -> None:
    names = {chosen("a" * 60, worktree=f"{'w' * 60}-{number}") for number in range(10)}
    assert len(names) == 10
    assert {len(name) for name in names} == {64}


def test_two_worktrees_of_one_person_are_two_sessions(repo: Path, git: RunGit) -> None:
    ledger_at(repo)
    git(repo, "worktree", "add", "-q", "../tests")
    assert Ledger.open(repo).session == "ada"
    assert Ledger.open(repo.parent / "tests").session == "ada-tests"


def test_the_agent_is_what_the_environment_announces() -> None:
    assert session.agent(None, {}) is None
    assert session.agent(None, {AI: "0f9c"}) == "claude-code 0f9c"
    both = {"GITLEDGER_AGENT": "robot 2", AI: "0f9c"}
    assert session.agent(None, both) == "robot 2"
    assert session.agent("robot 3", both) == "robot 3"
