"""The program: `git ledger`, `gitledger`, `python -m gitledger`."""

from __future__ import annotations

import gc
import sys

from gitledger.errors import Interrupted


def main() -> None:
    """Run the command line of this process and exit."""
    # What a command leaves goes with its process; looking for it takes a tenth of the time.
    gc.disable()
    try:
        from gitledger.cli.main import main as run

        sys.exit(run())
    except KeyboardInterrupt:  # before the command line could take care of it
        sys.exit(Interrupted.exit_code)


if __name__ == "__main__":
    main()
