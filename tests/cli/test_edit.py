"""`edit` in the user's editor. What it accepts and refuses is in `transcripts/edit_*.txt`."""

from __future__ import annotations

import shlex
import sys
import tempfile
from pathlib import Path

import pytest

from tests.cli.conftest import SOURCE
from tests.cli.program import Program
from tests.conftest import RunGit


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory of temporary files, which is the test's own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.fixture
def task_id(ledger: Program) -> str:
    return ledger.add("Write the schema", "-l", "db")


@pytest.mark.parametrize("editor", ["true", "sed -i s/schema/model/", "false"])
def test_no_file_is_left_behind(
    ledger: Program, task_id: str, temporary: Path, editor: str
) -> None:
    ledger("edit", task_id, GIT_EDITOR=editor)
    assert list(temporary.iterdir()) == []


SPOIL_AND_FAIL = """sh -c 'sed -i s/schema/model/ "$1"; exit 1' sh"""


@pytest.mark.parametrize("editor", ["sed -i s/title/tilte/", SPOIL_AND_FAIL])
def test_a_text_that_was_not_taken_over_is_kept(
    ledger: Program, task_id: str, temporary: Path, editor: str
) -> None:
    result = ledger("edit", task_id, GIT_EDITOR=editor)
    assert result.code == 1
    (kept,) = temporary.iterdir()
    assert f"hint: your text is kept in {kept}" in result.stderr
    assert kept.stat().st_mode & 0o777 == 0o600
    assert ledger.ok("list").stdout.endswith("Write the schema  #db\n")


def test_what_others_write_meanwhile_is_kept(ledger: Program, task_id: str) -> None:
    other = shlex.join(
        ["env", f"PYTHONPATH={SOURCE['PYTHONPATH']}", sys.executable, "-m", "gitledger"]
    )
    meanwhile = f"{other} note {task_id} Meanwhile; {other} edit {task_id} -p P0 -l sql"
    editor = f"({meanwhile}) >/dev/null; sed -i s/schema/model/"
    task = ledger.ok("edit", task_id, "--json", GIT_EDITOR=editor).json["task"]
    assert (task["title"], task["priority"]) == ("Write the model", "P0")
    assert task["labels"] == ["db", "sql"]
    assert [note["text"] for note in task["notes"]] == ["Meanwhile"]


def test_no_editor_is_opened_without_a_terminal(ledger: Program) -> None:
    task_id = ledger.add("Write the schema")
    result = ledger("edit", task_id, EDITOR="")
    assert result.code == 1
    assert "error: there is no terminal to open an editor in" in result.stderr


def test_the_editor_is_chosen_as_git_chooses_it(
    ledger: Program, git: RunGit, tmp_path: Path
) -> None:
    task_id = ledger.add("Write the schema")

    def editor(name: str) -> str:
        return f"touch {tmp_path}/{name};:"

    ledger.ok("edit", task_id, EDITOR=editor("editor"))
    ledger.ok("edit", task_id, EDITOR="false", VISUAL=editor("visual"))
    git(ledger.cwd, "config", "core.editor", editor("core"))
    ledger.ok("edit", task_id, EDITOR="false", VISUAL="false")
    ledger.ok("edit", task_id, EDITOR="false", VISUAL="false", GIT_EDITOR=editor("git"))
    made = {path.name for path in tmp_path.iterdir()}
    assert {"editor", "visual", "core", "git"} <= made
