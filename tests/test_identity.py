"""A commit has an author, whatever is or is not configured."""

from __future__ import annotations

import os
import pwd
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gitledger import identity
from gitledger.configuration import Configuration

USER = {"user.name": "Ada", "user.email": "ada@example.com"}


def configured(values: Mapping[str, str]) -> Configuration:
    return Configuration(list(values.items()))


@pytest.mark.parametrize(
    ("values", "environ", "author"),
    [
        (USER, {}, ("Ada", "ada@example.com")),
        (USER, {"GIT_AUTHOR_NAME": "Grace"}, ("Grace", "ada@example.com")),
        (USER, {"GIT_AUTHOR_EMAIL": "g@example.com"}, ("Ada", "g@example.com")),
        (USER | {"author.name": "Writer"}, {}, ("Writer", "ada@example.com")),
        (USER | {"author.email": "w@example.com"}, {}, ("Ada", "w@example.com")),
        (
            USER | {"committer.name": "Nobody"},
            {"GIT_COMMITTER_NAME": "None"},
            ("Ada", "ada@example.com"),
        ),
        (USER, {"EMAIL": "other@example.com"}, ("Ada", "ada@example.com")),
        ({"user.name": "Ada"}, {"EMAIL": "other@example.com"}, ("Ada", "other@example.com")),
        (USER | {"user.name": "  Ada L. "}, {}, ("Ada L", "ada@example.com")),
        (USER, {"GIT_AUTHOR_NAME": "A\nd<a>", "GIT_AUTHOR_EMAIL": "<a@b>"}, ("Ada", "a@b")),
    ],
)
def test_the_author_is_the_one_that_git_takes(
    values: dict[str, str], environ: dict[str, str], author: tuple[str, str], tmp_path: Path
) -> None:
    assert identity.author(configured(values), environ) == author

    options = [part for name, value in values.items() for part in ("-c", f"{name}={value}")]
    asked = subprocess.run(
        ["git", *options, "var", "GIT_AUTHOR_IDENT"],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CONFIG_GLOBAL": os.devnull,
        }
        | environ,
        capture_output=True,
        check=True,
    )
    assert asked.stdout.decode().startswith("{} <{}> ".format(*author))


def test_the_committer_has_a_name_of_its_own() -> None:
    configuration = configured(USER | {"author.name": "Writer", "committer.name": "Keeper"})

    assert identity.committer(configuration, {}) == ("Keeper", "ada@example.com")
    assert identity.committer(configuration, {"GIT_COMMITTER_NAME": "Now"})[0] == "Now"


def test_without_an_identity_the_login_name_stands_in_and_no_host(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert identity.author(configured({}), {"LOGNAME": "joan"}) == ("joan", "joan@localhost")
    assert identity.author(configured({}), {"USER": "joan"}) == ("joan", "joan@localhost")
    own = pwd.getpwuid(os.getuid()).pw_name
    assert identity.author(configured({}), {}) == (own, f"{own}@localhost")

    def nobody(_: int) -> NoReturn:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    assert identity.author(configured({}), {}) == ("unknown", "unknown@localhost")


def test_an_empty_name_counts_as_none() -> None:
    configuration = configured({"author.name": "", "user.name": "Ada", "user.email": " <> "})

    assert identity.author(configuration, {"GIT_AUTHOR_NAME": " ", "USER": "joan"}) == (
        "Ada",
        "joan@localhost",
    )


_text = st.none() | st.text(st.characters(exclude_categories=()), max_size=6)


@settings(max_examples=50, deadline=None)
@given(_text, _text, _text, _text)
def test_a_name_can_always_be_written_into_a_commit(
    name: str | None, email: str | None, variable: str | None, user: str | None
) -> None:
    values = {"user.name": name, "user.email": email}
    environ = {"GIT_AUTHOR_NAME": variable, "USER": user}

    found = identity.author(
        configured({key: value for key, value in values.items() if value is not None}),
        {key: value for key, value in environ.items() if value is not None},
    )
    for text in found:
        assert text
        assert text == text.strip(" ")
        assert not set(text) & set("<>\n\r\0")
        assert text.encode().decode() == text
