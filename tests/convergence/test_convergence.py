"""Whatever sessions do in three clones: all come to the same tip, and nothing is missing there.

A longer run, with other examples each time (examples x steps):

    HYPOTHESIS_PROFILE=search GITLEDGER_CONVERGENCE=200x40 pytest tests/convergence
"""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.conftest import MakeRepo
from tests.convergence.machine import Clones

EXAMPLES, STEPS = map(int, os.environ.get("GITLEDGER_CONVERGENCE", "15x12").split("x"))


def test_clones_converge_and_lose_nothing(make_repo: MakeRepo, bare: Path) -> None:
    run_state_machine_as_test(
        partial(Clones, make_repo, bare),
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
