"""The demo plays the main job with the real program, and fails loudly when a step fails."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from gitledger.cli.commands import demo
from gitledger.cli.commands.demo import Step
from tests.cli.conftest import SOURCE
from tests.cli.program import Program


@pytest.fixture
def stage(cli: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Return the program, whose temporary directories are in the test's own."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    cli.environ = {**cli.environ, **SOURCE}
    return cli


def left_over(tmp_path: Path) -> list[Path]:
    return list((tmp_path / "temporary").iterdir())


def test_the_story_is_played_to_its_end(stage: Program, tmp_path: Path) -> None:
    steps = stage.ok("demo", "--json").json["steps"]
    told = [step for step in demo.STORY if isinstance(step, Step)]
    assert [step["exit_code"] for step in steps] == [step.exits for step in told]
    assert "Traceback" not in "".join(step["output"] for step in steps)
    assert any("claim lost" in step["output"] for step in steps)
    assert left_over(tmp_path) == []


def test_a_step_that_fails_is_shown_and_named(
    stage: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(demo, "STORY", ("It begins", Step("ada", "echo so far; exit 3")))
    result = stage("demo")
    assert result.code == 1
    assert result.stdout == "\n# It begins\nada $ echo so far; exit 3\nso far\n"
    assert result.stderr == "error: 'echo so far; exit 3' in ada exited with 3, not 0\n"
    assert left_over(tmp_path) == []


def test_clones_that_differ_at_the_end_are_a_failure(
    stage: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = (Step("ada", "git ledger init"), Step("grace", "git ledger init --list other"))
    monkeypatch.setattr(demo, "STORY", story)
    result = stage("demo")
    assert result.code == 1
    assert result.stderr.startswith("error: 'git rev-parse refs/gitledger/main' exited with 128: ")


def test_the_directory_can_be_kept(
    stage: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = (Step("ada", "git ledger init"), Step("grace", "git ledger init"))
    monkeypatch.setattr(demo, "STORY", story)
    (folder,) = [stage.ok("demo", "--keep").stdout.splitlines()[-1].partition(": ")[2]]
    assert left_over(tmp_path) == [Path(folder)]
    assert (Path(folder) / "grace" / ".git").is_dir()


def test_the_demo_looks_the_same_for_everybody(
    stage: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        demo, "STORY", (Step("ada", "git ledger init"), Step("grace", "git ledger init"))
    )
    plain = stage.ok("demo").stdout
    mine = {"GITLEDGER_SESSION": "me", "GITLEDGER_LIST": "mine", "GIT_AUTHOR_NAME": "Me"}
    assert stage.ok("demo", **mine).stdout == plain
