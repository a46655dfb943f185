"""How long processes take: many runs, each right after one of the bare interpreter."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median, quantiles
from tempfile import TemporaryFile
from time import perf_counter
from typing import Final, NamedTuple, TypeVar

N = TypeVar("N")

BARE: Final = (sys.executable, "-c", "pass")
_ENOUGH: Final = 20.0
"""Seconds after which a command is measured no more often than `_AT_LEAST`."""
_AT_LEAST: Final = 3

Words = Callable[[], Sequence[str]]
"""Returns a command line; each run asks again, so that each can have a task of its own."""


class Command(NamedTuple):
    """A command line, and where it is run."""

    words: Words
    place: Path
    environ: Mapping[str, str]


def used_up(names: Iterable[str]) -> Iterator[str]:
    """Yield names, one for each run that needs one; end the program when there are no more."""
    yield from names
    raise SystemExit("no ready task is left to work on: take fewer --runs")


class Run(NamedTuple):
    """One process: the seconds that it took, and the most memory that it had, in MB."""

    seconds: float
    megabytes: float


class Series:
    """The runs of one command, and those of the bare interpreter beside them."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.bare: list[Run] = []

    @property
    def seconds(self) -> float:
        """The median of its times."""
        return median(run.seconds for run in self.runs)

    @property
    def ratio(self) -> float:
        """How many times the bare interpreter's time it takes, median against median."""
        return self.seconds / median(run.seconds for run in self.bare)

    @property
    def megabytes(self) -> float:
        """The most memory that one of the runs had."""
        return max(run.megabytes for run in self.runs)

    @property
    def enough(self) -> bool:
        """Whether it is slow, and was measured a few times."""
        return len(self.runs) >= _AT_LEAST and sum(r.seconds for r in self.runs) > _ENOUGH

    def __str__(self) -> str:
        return spread([run.seconds for run in self.runs])


def alternate(commands: Mapping[N, Command], runs: int, *, cpu: bool = False) -> dict[N, Series]:
    """Run commands in turn, `runs` times each, and return their series by name.

    The interpreter alone is run before each of them: what slows the machine down for a while
    slows down both.

    Args:
        commands: the commands by name.
        runs: how often; slow ones are run less.
        cpu: count the processor's time, of each process and its children, not the clock's.
    """
    series = {name: Series() for name in commands}
    for _ in range(runs):
        for name, (words, place, environ) in commands.items():
            if not series[name].enough:
                series[name].bare.append(timed(BARE, place, environ, cpu=cpu))
                series[name].runs.append(timed(words(), place, environ, cpu=cpu))
    return series


def timed(
    words: Sequence[str], place: Path, environ: Mapping[str, str], *, cpu: bool = False
) -> Run:
    """Run a command to its end.

    What a child had in memory before it became the command counts as its own: whoever measures
    memory has to be small.

    Raises:
        SystemExit: it fails.
    """
    with TemporaryFile() as said:
        begin = perf_counter()
        process = subprocess.Popen(
            words,
            cwd=place,
            env=environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        _, status, usage = os.wait4(process.pid, 0)
        seconds = perf_counter() - begin
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise SystemExit(f"{' '.join(words)}: {process.returncode}: {said.read().decode()}")
    return Run(usage.ru_utime + usage.ru_stime if cpu else seconds, usage.ru_maxrss / 1024)


def spread(seconds: Sequence[float]) -> str:
    """Return the median and the middle half of some times, as `44 ms (42-47)`."""
    low, middle, high = quantiles(
        seconds if seconds[1:] else [*seconds, *seconds], n=4, method="inclusive"
    )
    if middle >= 10:
        return f"{middle:.1f} s ({low:.1f}-{high:.1f})"
    digits = 0 if middle >= 0.01 else 2
    return f"{1000 * middle:.{digits}f} ms ({1000 * low:.{digits}f}-{1000 * high:.{digits}f})"
