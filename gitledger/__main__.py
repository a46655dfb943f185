"""The program: `git ledger`, `gitledger`, `python -m gitledger`."""

from __future__ import annotations

import gc
import os
import sys

from gitledger.errors import Interrupted

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import NoReturn


def main() -> None:
    """Run the command line of this process and end it."""
    # What a command leaves goes with its process; looking for it takes a tenth of the time.
    gc.disable()
    try:
        from gitledger.cli.main import answer, here

        context = here()  # held to the end: what nobody uses any more need not be taken apart
        _end(answer(sys.argv[1:], context))
    except KeyboardInterrupt:  # before the command line could take care of it
        sys.exit(Interrupted.exit_code)


def _end(code: int) -> NoReturn:
    """End the process, whose command has written what it says and closed what it had open.

    Python would first take apart all that it holds: a sixth of the time of a short command.
    """
    try:
        sys.stderr.flush()
    except OSError:
        pass  # nobody hears it
    os._exit(code)


if __name__ == "__main__":
    main()
