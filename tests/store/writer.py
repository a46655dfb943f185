"""A program that writes to a store as it is told on its standard input: one writer among many.

Started with the opener's name (`module:class`) and the repository. It says `ready`, and then what
came of each line: `create REF COMMIT` or `count REF TIMES`.
"""

from __future__ import annotations

import os
import pkgutil
import sys
from pathlib import Path

from gitledger.store.base import Store
from tests.store.opening import ADA, open_at


def count(store: Store, ref: str, times: int) -> None:
    """Add one to the file `counter` so many times, by compare-and-swap alone."""
    me = ADA.replace(name=f"writer {os.getpid()}")
    for _ in range(times):
        while True:
            tip = store.tip(ref)
            assert tip is not None
            entry = store.entry(tip, "counter")
            seen = int(store.read(entry.oid, 100) or 0) if entry else 0
            commit = store.write(tip, {"counter": b"%d" % (seen + 1)}, "count\n", me, me)
            if store.move(ref, tip, commit, "count"):
                break
            os.sched_yield()  # it is the others' turn


def say(what: object) -> None:
    """Answer with one line."""
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def main(opener: str, path: str) -> None:
    """Do what the lines say."""
    store = open_at(pkgutil.resolve_name(opener), Path(path))
    say("ready")
    for line in sys.stdin:
        verb, ref, argument = line.split()
        if verb == "create":
            say(store.move(ref, None, argument, "race"))
        else:
            count(store, ref, int(argument))
            say("done")


if __name__ == "__main__":
    main(*sys.argv[1:])
