"""Kill writers and syncs at random moments: `python -m tests.proof.kill [--kills N] [--seed N]`.

Two clones share a bare remote; one of them has a linked worktree. Again and again two workers do
one operation after another, in two of the three places, and each is killed by SIGKILL at a random
moment: half of the time with every git that it has started, half of the time git goes on alone.
After each pair of kills, with nobody's help, the next command has to work, what was acknowledged
has to be there, and what was in flight as a whole or not at all. The repositories are made anew
after some hundred kills; before that, both clones have to come to the same tip with everything in
it, and git has to find no fault with any of the three repositories.

It prints what it found and exits with 1 where something was not as it should be. The same seed
makes the same choices; where exactly a kill hits is up to the machine.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random
from typing import Final

from tests.conftest import REMOVED, sealed
from tests.proof.world import Tally, World

KILLS_A_WORLD: Final = 200


@contextmanager
def scratch() -> Iterator[Path]:
    """Yield a directory of our own, in a process that knows nothing of this machine's settings."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        home = Path(name) / "home"
        home.mkdir()
        for variable in [each for each in os.environ if each.startswith(REMOVED)]:
            del os.environ[variable]
        os.environ |= sealed(home)
        yield Path(name)


def run(kills: int, seed: int) -> Tally:
    """Kill that many times, and return what came of it."""
    random, tally = Random(seed), Tally()
    with scratch() as path:
        while tally.counts["kills"] < kills:
            folder = path / "world"
            folder.mkdir()
            world = World(folder, random, tally)
            left = min(KILLS_A_WORLD, kills - tally.counts["kills"])
            for _ in range(0, left, 2):
                world.kill_two()
            world.finish()
            shutil.rmtree(folder)
    return tally


def main() -> int:
    """Run the command, and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof.kill")
    parser.add_argument("--kills", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    began = time.monotonic()
    tally = run(given.kills, given.seed)
    rows = {**dict(sorted(tally.counts.items())), "seed": given.seed}
    rows["slowest next command, s"] = f"{tally.slowest:.1f}"
    rows["seconds"] = f"{time.monotonic() - began:.0f}"
    rows["verdict"] = f"{len(tally.wrong)} wrong" if tally.wrong else "all kept"
    sys.stdout.writelines(f"{name:40}{value:>12}\n" for name, value in rows.items())
    sys.stderr.writelines(f"wrong: {line}\n" for line in tally.wrong)
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
