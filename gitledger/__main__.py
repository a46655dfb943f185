"""The program: `git ledger`, `gitledger`, `python -m gitledger`."""

from __future__ import annotations

import sys

from gitledger.cli.main import main as run


def main() -> None:
    """Run the command line of this process and exit."""
    sys.exit(run())


if __name__ == "__main__":
    main()
