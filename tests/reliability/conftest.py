"""The repositories on which faults are tried, made once, and who plays the commands there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.reliability.actor import Actor
    from tests.reliability.scene import Scene

# Before they are imported: what fails in there is to be told as in a test.
for _module in ("scene", "trees", "damage", "remotes", "machine", "typed"):
    pytest.register_assert_rewrite(f"tests.reliability.{_module}")


@pytest.fixture(scope="session")
def _actor() -> Iterator[Actor]:
    from tests.reliability.actor import Actor

    actor = Actor()
    yield actor
    actor.close()


@pytest.fixture(scope="session")
def _scenes() -> list[Scene]:
    return []


@pytest.fixture
def built(
    home: Path, _actor: Actor, _scenes: list[Scene], tmp_path_factory: pytest.TempPathFactory
) -> Scene:
    """Return the repositories; whoever changes them works on a copy."""
    from tests.reliability.scene import build

    if not _scenes:
        _scenes.append(build(tmp_path_factory.mktemp("scene"), _actor))
    return _scenes[0]
