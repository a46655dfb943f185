"""How soon `watch` tells of an update, and what it costs while nothing happens.

python -m benchmarks.watch

A watcher, which is a process of its own, and this process, which writes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median, quantiles
from threading import Thread
from typing import IO, Final

from gitledger import Ledger

UPDATES: Final = 1000
IDLE: Final = 10.0
"""Seconds for which nothing happens."""
PAUSE: Final = 0.03
"""Seconds between two updates of the first part: no multiple of the watcher's ticks."""
BURST: Final = 5
"""One part of the updates comes without any pause."""

_LATENCY: Final = 0.1
_SHARE: Final = 0.005


def main(updates: int = UPDATES, idle: float = IDLE, pause: float = PAUSE) -> None:
    """Measure, and print what came out.

    Args:
        updates: how many are made.
        idle: seconds for which nothing happens.
        pause: seconds between two updates.
    """
    with tempfile.TemporaryDirectory() as folder:
        _measure(Path(folder), updates, idle, pause)


def _measure(place: Path, updates: int, idle: float, pause: float) -> None:
    subprocess.run(["git", "init", "--quiet", place], check=True)
    ledger = Ledger.init(place, session="writer")[0]
    task = ledger.add("Measured")
    watcher = subprocess.Popen(
        [sys.executable, "-m", "gitledger", "watch", "--json", "--since", "now~1"],
        cwd=place,
        env={**os.environ, "GITLEDGER_SESSION": "watcher", "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
    )
    try:
        assert watcher.stdout
        watcher.stdout.readline()  # what came before: now it watches
        arrived: list[tuple[str, float]] = []
        reader = Thread(target=_read, args=(watcher.stdout, updates, arrived))
        reader.start()
        made: dict[str, float] = {}
        for number in range(updates):
            ledger.edit(task.id, title=f"Measured {number}")
            made[ledger.tip() or ""] = time.perf_counter()
            if number < updates - updates // BURST:
                time.sleep(pause)
        reader.join(60)
        before = _seconds(watcher.pid)
        time.sleep(idle)
        share = (_seconds(watcher.pid) - before) / idle
    finally:
        watcher.kill()
        watcher.communicate()
    told = [commit for commit, _ in arrived]
    late = sorted(at - made[commit] for commit, at in arrived)
    missed, twice = len(made.keys() - set(told)), len(told) - len(set(told))
    order = "in order" if told == [each for each in made if each in told] else "OUT OF ORDER"
    print(f"{len(made)} updates: {missed} missed, {twice} told twice, {order}")
    high = quantiles(late, n=20)[-1]
    print(f"latency: median {1000 * median(late):.0f} ms, 95 % within {1000 * high:.0f} ms")
    print(f"budget of the median {1000 * _LATENCY:.0f} ms")
    print(f"idle: {100 * share:.2f} % of a core, budget {100 * _SHARE} %")


def _read(lines: IO[bytes], count: int, arrived: list[tuple[str, float]]) -> None:
    while len(arrived) < count and (line := lines.readline()):
        at = time.perf_counter()
        arrived.append((json.loads(line)["commit"], at))


def _seconds(pid: int) -> float:
    """Return how much of a core's time a process has taken (proc(5): fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    main()
