"""The race, and its verdict: `python -m tests.proof.race`.

Many processes claim the same tasks in the worktrees of one repository at the same moment, once as
they do and once without the lock behind which they take turns. Then clones of one remote do this
and that and sync all the time. The checker reads what they were told, and what git has
(`tests/proof/checker.py`). Exit code 1 and a line for each violation when something does not hold.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.proof.checker import absorbed_operations
from tests.proof.ground import Ground, Outcome, Race


def races(ground: Ground, asked: argparse.Namespace) -> Iterator[Race]:
    """Make ready, one after the other, the races that are asked for."""
    for name, options in ("worktrees", []), ("no lock", ["--unlocked"]):
        # Of fifty workers ten want each task, on the whole.
        worktrees = ground.worktrees(name, asked.worktrees, tasks=5 * asked.claims)
        places = [worktrees[number % len(worktrees)] for number in range(asked.processes)]
        yield Race(name, "claim", asked.claims, places, worktrees[0], options=options)
    bare, clones = ground.clones("clones", asked.clones, tasks=2 * asked.clones)
    yield Race("clones", "mix", asked.operations, clones, bare, clones, ["--settle"])


def row(race: Race, outcome: Outcome) -> str:
    """Return the table's line about a race."""
    evidence = outcome.evidence
    answers = [record.answer for record in evidence.records]
    retries = [record.retries for log in evidence.logs for record in log]
    return _line(
        race.name,
        len(race.places),
        answers.count("acknowledged"),
        answers.count("refused"),
        answers.count("unchanged"),
        len(absorbed_operations(evidence)),
        sum(len(record.lost) for log in evidence.logs for record in log),
        f"{outcome.seconds:.1f}",
        f"{answers.count('acknowledged') / outcome.seconds:.0f}",
        f"{max(record.seconds for log in evidence.logs for record in log):.2f}",
        sum(beaten for beaten, _ in retries),
        sum(behind for _, behind in retries),
    )


def _line(name: str, *columns: object) -> str:
    return f"{name:<10}" + "".join(f"{column!s:>14}" for column in columns)


_HEAD = _line(
    "race", "processes", "acknowledged", "refused", "unchanged", "absorbed", "claims lost",
    "seconds", "operations/s", "longest (s)", "swaps lost", "pushes behind",
)  # fmt: skip


def main(argv: Sequence[str]) -> int:
    """Run all races; 1 when something does not hold."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof.race")
    parser.add_argument("--processes", type=int, default=50, help="that claim in worktrees")
    parser.add_argument("--claims", type=int, default=20, help="that each of them tries")
    parser.add_argument("--worktrees", type=int, default=8)
    parser.add_argument("--clones", type=int, default=8, help="of one remote, a process in each")
    parser.add_argument("--operations", type=int, default=50, help="that each of these tries")
    asked = parser.parse_args(argv)
    wrong = []
    with TemporaryDirectory(prefix="gitledger-race-") as folder:
        ground = Ground(Path(folder))
        sys.stdout.write(f"{_HEAD}\n")
        for race in races(ground, asked):
            outcome = ground.run(race)
            sys.stdout.write(f"{row(race, outcome)}\n")
            sys.stdout.flush()
            wrong += [f"{race.name}: {line}" for line in outcome.violations]
    verdict = f"{len(wrong)} violations" if wrong else "every acknowledged operation once, no other"
    sys.stdout.write("".join(f"{line}\n" for line in (*wrong, verdict)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
