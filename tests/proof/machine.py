"""Faults of the machine, inflicted upon a program: `python -m tests.proof.machine FAULT …`.

    full BYTES WORDS           every file ends after so many bytes (a full disk); then git ledger
    readonly WORDS             permissions bind, also root; then git ledger
    filling PLACE VERB BYTES…  a verb of the ledger on one full disk after the other
    writing PLACE TIMES        notes on the first task by one process, which reads what it wrote

The program runs in the place and the environment of this one.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, NoReturn

from gitledger.errors import LedgerError
from gitledger.ledger import Ledger

_CAPBSET_DROP: Final = 24
_BEYOND_PERMISSIONS: Final = (1, 2)
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, as linux/capability.h numbers them."""

VERBS: Final[dict[str, Callable[[Ledger], object]]] = {
    "note": lambda ledger: ledger.note(ledger.tasks()[0].id, "on a full disk"),
    "add": lambda ledger: ledger.add("On a full disk"),
    "sync": lambda ledger: ledger.sync(),
}


def fill(size: int) -> None:
    """Let every file of this process and its children end after so many bytes.

    Writing on is then an error and no signal: `EFBIG`, where a full disk says `ENOSPC`.
    """
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))


def bind() -> None:
    """Let permissions bind the next program that this process becomes, even if it is root's."""
    if os.geteuid() != 0:
        return
    libc = ctypes.CDLL(None, use_errno=True)
    for capability in _BEYOND_PERMISSIONS:
        if libc.prctl(_CAPBSET_DROP, capability, 0, 0, 0):
            raise OSError(ctypes.get_errno(), "cannot give up what root may do")


def become(words: list[str]) -> NoReturn:
    """Go on as git ledger with these words."""
    os.execv(sys.executable, [sys.executable, "-m", "gitledger", *words])


def attempt(place: Path, verb: str, size: int) -> dict[str, object]:
    """Let a process of its own do the verb on a disk that is full, and return what came of it."""
    result, tell = os.pipe()
    if (child := os.fork()) == 0:
        ledger = Ledger.open(place)
        ledger.repository.author(ledger.now())  # asks git, before there is no space for the answer
        fill(size)
        try:
            VERBS[verb](ledger)
            said: dict[str, object] = {"error": None}
        except LedgerError as error:
            said = {"error": error.message, "hint": error.hint}
        except Exception as error:  # a fault, whatever it is
            said = {"fault": repr(error)}
        os.write(tell, json.dumps(said).encode())
        os._exit(0)
    os.close(tell)
    with os.fdopen(result) as answer:
        said = json.load(answer)
    os.waitpid(child, 0)
    return {"size": size, **said}


def filling(place: Path, verb: str, sizes: list[int]) -> None:
    """Try the verb on disks that are full after so many bytes, one after the other.

    Prints one JSON object a line for every attempt.
    """
    sys.stdout.writelines(f"{json.dumps(attempt(place, verb, size))}\n" for size in sizes)


def writing(place: Path, times: int) -> None:
    """Write notes from one process that stays, reading every task after each."""
    ledger = Ledger.open(place)
    task = ledger.tasks()[0].id
    for number in range(times):
        text = f"{ledger.session} {number}"
        ledger.note(task, text)
        assert any(note.text == text for each in ledger.tasks() for note in each.notes)


def main(fault: str, *words: str) -> None:
    """Inflict the fault."""
    if fault == "full":
        fill(int(words[0]))
        become(list(words[1:]))
    elif fault == "readonly":
        bind()
        become(list(words))
    elif fault == "filling":
        filling(Path(words[0]), words[1], [int(word) for word in words[2:]])
    else:
        writing(Path(words[0]), int(words[1]))


if __name__ == "__main__":
    main(*sys.argv[1:])
