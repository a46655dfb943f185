"""The repository's own file is read as git reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger.store.settings import is_true, read_settings
from tests.conftest import RunGit


@pytest.mark.parametrize(
    "value",
    ["plain", " outer blanks ", "a;b #c", 'with "quotes"', "back\\slash", "tab\there", "a  b", ""],
)
def test_a_value_that_git_wrote_is_read_back(value: str, tmp_path: Path, git: RunGit) -> None:
    file = tmp_path / "config"
    git(tmp_path, "config", "--file", str(file), "core.workTree", value)

    assert read_settings(file) == {"core.worktree": value}


@pytest.mark.parametrize(
    "text",
    [
        "[core]\n\tbare = true\n",
        "[CORE] Bare = true ; not a comment of its own",
        "[core]\nbare\n",
        '# first\n\n[core]\n  bare=true # said so\n[remote "core"]\n bare = false\n',
        "[core]\nbare = false\nbare = \\\n  true\n",
        '[core]\nbare = t"ru"e\n',
    ],
)
def test_what_git_reads_as_bare_is_bare(text: str, tmp_path: Path, git: RunGit) -> None:
    file = tmp_path / "config"
    file.write_text(text)

    assert git(tmp_path, "config", "--file", str(file), "--type=bool", "core.bare") == "true"
    assert is_true(read_settings(file).get("core.bare"))


def test_a_file_that_does_not_exist_sets_nothing(tmp_path: Path) -> None:
    assert read_settings(tmp_path / "config") == {}
