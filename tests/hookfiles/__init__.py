"""The hook files: the shims, where they go, and what else is there."""
