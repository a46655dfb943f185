"""Fixtures: a program that only records its starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from gitledger import hookfiles
from gitledger.hookfiles import place, shims, state
from tests.hookfiles.places import Recorder


@pytest.fixture
def recorder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """Return the program that hooks installed by this test start."""
    recorder = Recorder(tmp_path)
    for module in (shims, state, hookfiles):
        monkeypatch.setattr(module, "program", lambda: str(recorder.path))
    return recorder


@pytest.fixture(autouse=True)
def _files(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let hooks be files, however new the git of this machine is."""
    if request.module.__name__.rpartition(".")[2] != "test_configured":
        monkeypatch.setattr(place, "_CONFIGURED", (99, 0))
