"""The configured remotes: which one it is, and which are dangerous."""

from __future__ import annotations

import pytest

from gitledger import remotes
from gitledger.configuration import Configuration
from gitledger.errors import InvalidInput, NotFound


def configuration(*remotes: str, **settings: str) -> Configuration:
    urls = [(f"remote.{name}.url", "somewhere") for name in remotes]
    return Configuration([*urls, *((f"gitledger.{key}", value) for key, value in settings.items())])


# -- which one ---------------------------------------------------------------------------------


def test_a_remote_is_asked_for_configured_origin_or_the_only_one() -> None:
    assert remotes.choose("b", configuration("a", "b", "origin", remote="a")) == "b"
    assert remotes.choose(None, configuration("a", "b", "origin", remote="a")) == "a"
    assert remotes.choose(None, configuration("a", "b", "origin")) == "origin"
    assert remotes.choose(None, configuration("a")) == "a"
    assert remotes.choose(None, configuration("a", "b")) is None
    assert remotes.choose(None, configuration()) is None


def test_a_remote_that_is_misspelt_is_an_error_that_names_the_nearest() -> None:
    with pytest.raises(NotFound) as error:
        remotes.choose("orgin", configuration("origin", "upstream"))
    assert error.value.hint == "did you mean 'origin'?"


@pytest.mark.parametrize("name", ["-x", "--upload-pack=touch /tmp/x", "-"])
def test_a_name_that_git_would_take_for_an_option_is_refused(name: str) -> None:
    with pytest.raises(InvalidInput):
        remotes.choose(name, configuration("origin"))
    with pytest.raises(InvalidInput):
        remotes.choose(None, configuration(name, remote=name))


@pytest.mark.parametrize(
    "name", ["https://example.com/x.git", "git@example.com:x.git", "ext::sh -c x", "../x", "a b"]
)
def test_an_address_is_no_name(name: str) -> None:
    with pytest.raises(NotFound) as error:
        remotes.choose(name, configuration("origin"))
    assert error.value.hint == "a remote is named, not addressed: git remote add NAME URL"


def test_without_an_obvious_remote_the_error_says_what_to_do() -> None:
    with pytest.raises(NotFound) as none:
        remotes.require(None, configuration())
    assert none.value.hint == "add it: git remote add origin URL"
    with pytest.raises(NotFound) as several:
        remotes.require(None, configuration("a", "b"))
    assert several.value.message == "which remote: a, b?"
    assert several.value.hint == "say it once and for all: git config gitledger.remote a"
