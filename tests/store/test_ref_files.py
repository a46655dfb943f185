"""The files of refs: their names, and what is in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger.store.ref_files import has_garbage, is_ref_name, ref_names
from tests.conftest import RunGit


def test_names_of_refs_come_from_files_and_from_packed_refs(tmp_path: Path) -> None:
    lists = tmp_path / "refs" / "gitledger"
    lists.mkdir(parents=True)
    for name in ("main", "main.lock", "work"):
        (lists / name).touch()
    (tmp_path / "packed-refs").write_text(
        "# pack-refs with: peeled fully-peeled sorted \n"
        f"{'1' * 40} refs/gitledger/main\n"
        f"{'1' * 40} refs/gitledger/packed\n"
        f"{'1' * 40} refs/heads/main\n"
        f"^{'2' * 40}\n"
    )

    assert ref_names(tmp_path, "refs/gitledger/") == {
        "refs/gitledger/main",
        "refs/gitledger/packed",
        "refs/gitledger/work",
    }
    assert ref_names(tmp_path, "refs/gitledger/w") == {"refs/gitledger/work"}
    assert ref_names(tmp_path / "nowhere", "refs/") == set()


@pytest.mark.parametrize(
    ("content", "garbage"),
    [
        (f"# pack-refs with: peeled\n{'1' * 40} refs/a\n^{'2' * 40}\n", False),
        (f"{'1' * 64} refs/a\n", False),
        ("", False),
        ("garbage\n", True),
        (f"{'1' * 40}\n", True),
        (f"{'1' * 39} refs/a\n", True),
        (f"^{'1' * 40} refs/a\n", True),
    ],
)
def test_what_is_no_line_of_packed_refs_is_seen(
    tmp_path: Path, content: str, garbage: bool
) -> None:
    (tmp_path / "packed-refs").write_text(content)
    assert has_garbage(str(tmp_path)) == garbage


NAMES = ["refs/a", "a", "/refs/a", "refs/a/", "refs//a", "refs/.a", "refs/a.", "refs/a.lock"]
NAMES += ["refs/a.lock/b", "refs/a..b", "refs/@", "refs/a@{b", "refs/a b", "refs/a~", "refs/a\\b"]
NAMES += ["refs/ä", "refs/a*", "refs/a\x7f", "refs/-a", "refs/{}", ""]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_one_of_a_ref_where_git_takes_it_for_one(
    name: str, tmp_path: Path, git: RunGit
) -> None:
    try:
        git(tmp_path, "check-ref-format", name)
    except AssertionError:
        assert not is_ref_name(name)
    else:
        assert is_ref_name(name)
