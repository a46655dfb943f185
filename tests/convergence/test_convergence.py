"""Whatever sessions do in several clones: all come to the same tip, and nothing is missing there.

A longer run, with other examples each time (examples x steps):

    HYPOTHESIS_PROFILE=search GITLEDGER_CONVERGENCE=200x40 pytest tests/convergence
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import MakeRepo
from tests.convergence.machine import Clones
from tests.convergence.two_remotes import TwoRemotes

LONG = os.environ.get("GITLEDGER_CONVERGENCE")


def _run(machine: Any, bounds: str) -> None:
    examples, steps = map(int, (LONG or bounds).split("x"))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def test_clones_converge_and_lose_nothing(make_repo: MakeRepo, bare: Path) -> None:
    _run(lambda: Clones(make_repo, bare), "20x10")


def test_clones_of_two_remotes_converge_and_rewrite_nothing(
    make_repo: MakeRepo, bare: Path
) -> None:
    _run(lambda: TwoRemotes(make_repo, bare), "8x10")
