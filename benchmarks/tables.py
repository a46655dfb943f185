"""The tables of `benchmarks.speed`: figures, each beside its budget."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from statistics import median
from typing import Final

from benchmarks.report import Cells
from benchmarks.timing import Series, spread

Sizes = Mapping[str, Mapping[str, float]]
Named = tuple[str, str]
"""A program and a verb."""

VERBS: Final = ("add", "done", "next", "list")
"""What programs are compared in."""
LONG: Final = ("list", "list --at PAST", "list --all --json")
"""Commands whose answers are as long as the ledger is large."""
MEMORY: Final = {"10k": 60.0, "100k": 120.0}
"""Megabytes that they may take at their peak."""
READY: Final = {"10k": 5.0, "100k": 25.0}
"""Milliseconds that `ready` may take in a process that has the ledger open, after an update."""
UPDATE: Final = {"10k": 1.3, "100k": 1.3}
"""How many times the bare loop an update may take."""
FLAT: Final = {"100k": 2.5}
"""How many times its time at 1,000 tasks an update may take."""
INDEX: Final = {"10k": 3.0, "100k": 3.0}
"""How many times as long as reading all blobs it may take to make the index anew."""
PEERS: Final = {
    ("1k", "Taskwarrior"): 4.0,
    ("1k", "Backlog.md"): 0.1,
    ("10k", "Taskwarrior"): 1.0,
    ("10k", "Backlog.md"): 1.0,
}
"""How many times as long as another program gitledger may take, by size."""


def process_table(
    cells: Cells, processes: Mapping[str, Mapping[str, Series]], budgets: Sizes
) -> Iterator[str]:
    """Yield the table of whole processes, against the bare interpreter.

    Args:
        cells: makes the cells, and remembers what exceeds its budget.
        processes: the runs of each command, by size and by the command's name.
        budgets: the budgets of each command by size.
    """
    everything = [series for found in processes.values() for series in found.values()]
    bare = [run.seconds for series in everything for run in series.bare]
    yield from ("", f"Whole processes. Bare is `python -c pass`: {spread(bare)}.", "")
    yield from cells.head("command", processes)
    for name, budget in budgets.items():
        yield cells.row(
            f"`{name}`",
            *(
                cells.figure(found[name].ratio, "x", budget.get(size), str(found[name]))
                for size, found in processes.items()
            ),
        )
    for name in LONG:
        yield cells.row(
            f"peak memory of `{name}`",
            *(
                cells.figure(found[name].megabytes, "MB", MEMORY.get(size))
                for size, found in processes.items()
            ),
        )


def call_table(cells: Cells, calls: Mapping[str, Mapping[str, list[float]]]) -> Iterator[str]:
    """Yield the table of calls in a process that has the ledger open.

    Args:
        cells: makes the cells.
        calls: the seconds of each kind of call of `benchmarks.inprocess`, by size.
    """
    middle = {
        size: {name: median(times) for name, times in found.items()}
        for size, found in calls.items()
    }
    yield from ("", "Calls in a process that has the ledger open.", "")
    yield from cells.head("call", calls)
    yield cells.row(
        "an update, against the bare pygit2 loop that writes the same objects",
        *(
            cells.figure(
                found["update"] / found["bare update"],
                "x",
                UPDATE.get(size),
                f"{spread(calls[size]['update'])} to {spread(calls[size]['bare update'])}",
            )
            for size, found in middle.items()
        ),
    )
    if "1k" in middle:
        first = middle["1k"]["update"]
        ratios = {size: found["update"] / first for size, found in middle.items()}
        flat = (cells.figure(ratio, "x", FLAT.get(size)) for size, ratio in ratios.items())
        yield cells.row("an update, against the same at 1k", *flat)
    yield cells.row(
        "`ready` right after another's update",
        *(
            cells.figure(1000 * found["ready"], "ms", READY.get(size), spread(calls[size]["ready"]))
            for size, found in middle.items()
        ),
    )
    yield cells.row(
        "the index made anew, against reading all blobs",
        *(
            cells.figure(
                found["index"] / found["blobs"],
                "x",
                INDEX.get(size),
                f"{spread(calls[size]['index'])} to {spread(calls[size]['blobs'])}",
            )
            for size, found in middle.items()
        ),
    )


def peer_table(cells: Cells, peers: Mapping[str, Mapping[Named, Series]]) -> Iterator[str]:
    """Yield the table of other programs; the ratio is how many times theirs ours takes.

    Args:
        cells: makes the cells.
        peers: the runs of each program's verbs by size; the first program is gitledger.
    """
    yield from ("", "The same tasks in other programs, side by side in the same run.", "")
    yield from cells.head("program", [f"{size} `{verb}`" for size in peers for verb in VERBS])
    programs = list(dict.fromkeys(name for found in peers.values() for name, _ in found))
    for name in programs:
        row = []
        for size, found in peers.items():
            limit = PEERS.get((size, name.partition(" ")[0]))
            for verb in VERBS:
                series = found[name, verb]
                ratio = found[programs[0], verb].seconds / series.seconds
                text = str(series)
                row.append(text if name == programs[0] else cells.figure(ratio, "x", limit, text))
        yield cells.row(name, *row)
