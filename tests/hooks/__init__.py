"""What git's hooks do with the ledger."""
