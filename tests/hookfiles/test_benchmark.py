"""The benchmark of the hooks runs; what it measures is for people to read."""

from __future__ import annotations

import subprocess
import sys

from tests.scenery import ROOT


def test_the_hooks_are_measured() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.hooks", "--rounds", "1", "--rebased", "3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.endswith("rebase of 3 commits: 1 start of the program (post-rewrite)\n")
    assert done.stdout.count(" ms") == 6
