"""How the tests open and fill a store; free of pytest, for the processes that write."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from gitledger.git import Git
from gitledger.store.base import Signature, Store
from gitledger.store.location import Location, locate

Opener: TypeAlias = Callable[[Location, Git], Store]

REF = "refs/gitledger/main"
ADA = Signature("Ada", "ada@example.com", 1767225600, 60)


def open_at(opener: Opener, path: Path) -> Store:
    """Open the store of the repository that the path is in."""
    location = locate(path, os.environ)
    return opener(location, Git.at(location, os.environ))


def write(
    store: Store,
    files: Mapping[str, bytes | None],
    parent: str | None = None,
    *,
    message: str = "change\n",
    by: Signature = ADA,
    merged: Sequence[str] = (),
) -> str:
    """Write a commit of which only some things matter, and return its id."""
    return store.write(parent, files, message, by, by, merged=merged)


def contents(store: Store, commit: str) -> dict[str, bytes | None]:
    """Return the files of a commit."""
    return {entry.path: store.read(entry.oid, 1 << 20) for entry in store.entries(commit, "")}


def is_known() -> bool:
    """Tell whether the installed git keeps refs in reftables: 2.45 and later do."""
    said = subprocess.run(["git", "init", "-h"], capture_output=True, check=False).stdout
    return b"--ref-format" in said or b"--[no-]ref-format" in said
