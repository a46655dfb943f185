"""One module a noun; each describes its commands in `COMMANDS` (see `gitledger.cli.spec`)."""
