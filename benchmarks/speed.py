"""How fast gitledger is, against its budgets and against others: whole processes and calls.

    python -m benchmarks.speed [--sizes 1k,10k,100k] [--runs N] [--peers] [--ledgers DIRECTORY]

Every figure is the median of several runs, with the middle half of them. Budgets are ratios within
one run: the bare interpreter, `python -c pass`, runs before every command. The tables are printed
and written into `benchmarks/README.md`. Ledgers are made anew, which takes some minutes for 100k,
unless a directory is named that keeps them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from subprocess import DEVNULL
from tempfile import TemporaryDirectory
from typing import Final

from benchmarks import report
from benchmarks.commands import BUDGETS, PROGRAM, Commands
from benchmarks.peers import PEERS
from benchmarks.report import Cells
from benchmarks.tables import Named, call_table, peer_table, process_table
from benchmarks.timing import Series, alternate

SIZES: Final = {"1k": 1000, "10k": 10_000, "100k": 100_000}
PEER_SIZES: Final = ("1k", "10k")
"""At 100,000 tasks a single command of theirs takes minutes."""
_ROOT: Final = Path(__file__).parent.parent
_CONFIG: Final = "[user]\n\tname = Ada\n\temail = ada@example.com\n[init]\n\tdefaultBranch = main\n"
_REMOVED: Final = ("GIT_", "GITLEDGER_", "CLAUDE_CODE_", "XDG_", "PYTHONDONTWRITEBYTECODE")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print and write the tables; return 1 when a budget is exceeded."""
    options = _options(arguments)
    with TemporaryDirectory(prefix="gitledger-speed-") as folder:
        cells = Cells()
        lines = list(Speed(Path(folder), options).lines(cells))
    print(*lines, sep="\n")
    if options.write:
        report.write("speed", lines, report.README)
    return int(cells.exceeded)


def _options(arguments: Sequence[str] | None) -> Namespace:
    parser = ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("--sizes", default=",".join(SIZES), type=lambda text: text.split(","))
    parser.add_argument("--runs", default=15, type=int, help="of each command; slow ones get less")
    parser.add_argument("--cpu", action="store_true", help="processor time: for a busy machine")
    parser.add_argument("--peers", action="store_true", help="measure other programs, too")
    parser.add_argument("--ledgers", type=Path, help="a directory that keeps the ledgers")
    parser.add_argument("--no-write", dest="write", action="store_false", help="print only")
    return parser.parse_args(arguments)


class Speed:
    """One run of everything, in a scratch directory."""

    def __init__(self, scratch: Path, options: Namespace) -> None:
        self._scratch = scratch
        self._sizes: list[str] = options.sizes
        self._runs: int = options.runs
        self._with_peers: bool = options.peers
        self._cpu: bool = options.cpu
        self._kept: Path = (options.ledgers or scratch / "ledgers").absolute()
        self._command = " ".join(["python -m benchmarks.speed", *_shown(options)])
        self._environ = _sealed(scratch)

    def lines(self, cells: Cells) -> Iterator[str]:
        """Measure, and yield the lines of the report."""
        yield from report.machine(self._command)
        processes: dict[str, dict[str, Series]] = {}
        calls: dict[str, dict[str, list[float]]] = {}
        peers: dict[str, dict[Named, Series]] = {}
        for size in self._sizes:
            ledger = self._ledger(size)
            commands = Commands(self._copy(ledger, size), self._environ, self._runs)
            _say(f"{size}: processes")
            processes[size] = alternate(commands.lines, self._runs, cpu=self._cpu)
            _say(f"{size}: calls")
            calls[size] = self._calls(ledger, size)
            if self._with_peers and size in PEER_SIZES:
                _say(f"{size}: peers")
                # Apart: the tasks that they are given stay in the memory of who gives them, which
                # would count as that of what it starts.
                with ProcessPoolExecutor(max_workers=1) as apart:
                    peers[size] = apart.submit(self._peers, size).result()
        yield from process_table(cells, processes, BUDGETS)
        yield from call_table(cells, calls)
        if peers:
            yield from peer_table(cells, peers)
        if self._with_peers and (missing := [kind.name for kind in PEERS if not kind.found()]):
            yield from ("", f"Not installed, and left out: {', '.join(missing)}.")

    def _ledger(self, size: str) -> Path:
        path = self._kept / size
        if not path.exists():
            _say(f"{size}: making the ledger")
            self._kept.mkdir(parents=True, exist_ok=True)
            made = self._kept / f"{size}.part"
            shutil.rmtree(made, ignore_errors=True)
            self._python("benchmarks.ledgers", str(SIZES[size]), str(made))
            made.rename(path)
        _say(f"{size}: completing its index")
        # As upkeep does it in the background, which is off here.
        subprocess.run([PROGRAM, "stats"], cwd=path, env=self._environ, check=True, stdout=DEVNULL)
        return path

    def _copy(self, ledger: Path, name: str) -> Path:
        self._python("benchmarks.ledgers", "--copy", str(ledger), str(self._scratch / name))
        os.sync()  # else the disk is still at work when something is measured
        return self._scratch / name

    def _calls(self, ledger: Path, size: str) -> dict[str, list[float]]:
        scratch = self._scratch / f"{size}-calls"
        clock = "cpu" if self._cpu else "wall"
        printed = self._python(
            "benchmarks.inprocess", str(ledger), str(scratch), str(5 * self._runs), clock
        )
        found: dict[str, list[float]] = json.loads(printed)
        return found

    def _python(self, module: str, *words: str) -> str:
        # Not in this process: what it has in memory would count as the commands' own.
        return subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=_ROOT,
            env=self._environ,
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout

    def _peers(self, size: str) -> dict[Named, Series]:
        # On a copy of their own: all begin with the same tasks, of which none is done.
        same = self._copy(self._kept / size, f"{size}-same")
        ours = Commands(same, self._environ, self._runs)
        commands = {("gitledger", verb): command for verb, command in ours.compared().items()}
        tasks = ours.all()
        for kind in PEERS:
            if kind.found():
                folder = self._scratch / f"{size}-{kind.program}"
                folder.mkdir()
                peer = kind(folder, self._environ)
                peer.make(tasks)
                name = f"{kind.name} {peer.version}"
                compared = peer.commands(ours.ready).items()
                commands |= {(name, verb): command for verb, command in compared}
        os.sync()
        return alternate(commands, self._runs, cpu=self._cpu)


def _shown(options: Namespace) -> list[str]:
    """Return the options that the figures depend on, as they are given."""
    flags = [f"--{name}" for name in ("cpu", "peers") if getattr(options, name)]
    return ["--sizes", ",".join(options.sizes), "--runs", str(options.runs), *flags]


def _sealed(home: Path) -> dict[str, str]:
    """Return an environment that shuts the machine's and the user's git configuration out."""
    (home / ".gitconfig").write_text(_CONFIG)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_REMOVED)}
    return kept | {
        "HOME": str(home),
        "GIT_CONFIG_NOSYSTEM": "1",
        "USER": "ada",
        "LOGNAME": "ada",
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
    }


def _say(text: str) -> None:
    print(f"… {text}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
