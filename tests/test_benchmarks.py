"""The benchmarks run; what they measure is for people to read."""

from __future__ import annotations

import pytest

from benchmarks import replay


def test_the_replay_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    replay.main(operations=8, tasks=20)
    printed = capsys.readouterr().out
    assert printed.startswith("20 tasks, 8 unpublished over 8 published operations\n")
    assert printed.count("budget") == 2
