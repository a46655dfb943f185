"""Fixtures for the hooks' tests."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RunGit
from tests.hooks.scene import Scene


@pytest.fixture
def scene(repo: Path, git: RunGit) -> Scene:
    """Return a repository with an empty ledger, whose hooks are run by hand."""
    return Scene(repo, git)


@pytest.fixture
def hooked(scene: Scene) -> Scene:
    """Return the same with the hooks in place."""
    scene.install()
    return scene
