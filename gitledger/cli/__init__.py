"""The command line: one module of `commands` a noun, everything around them here."""
